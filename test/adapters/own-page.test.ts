/** Pages of one's own, which no route leads to: in the layout and the shell of a live session, for whatever sends responses. */
import { createLiveServer, createLiveView, html, type LayoutPage, live_head, live_navigate, type Shell } from 'liveloom'
import { type Middleware, type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPage, RawClient } from '../support/raw-client.ts'

const view = createLiveView({
  mount: (socket) => {
    if (!socket.connected) socket.putFlash('info', 'Come in')
  },
  render: () => html`<h1>View</h1>`,
})
const player = createLiveView({ sticky: 'own-page-player', render: () => html`<audio></audio>` })
const layout =
  (name: string) =>
  (page: LayoutPage): ReturnType<Shell> =>
    html`<!doctype html>
      <html class="${name}">
        <head>
          ${live_head(page)}
        </head>
        <body class=${page.bodyClass}>${page.content}</body>
      </html>`
const shell: Shell = (content, { flash, url, live_view }) =>
  html`<nav>${url.pathname}</nav>
    <i>${flash['info']}</i>
    ${live_view(player, { id: 'player', sticky: true })}
    <main>${content}</main>`

const live = createLiveServer({
  secret: 'a secret of the tests, long enough',
  onError() {},
  routes: { '/': view },
  layout: layout('site'),
  headers: { 'x-own': 'yes' },
  contentSecurityPolicy: (nonce) => `script-src 'nonce-${nonce}'`,
  session: async () => ({ user: 'Ada' }),
  liveSessions: {
    admin: { routes: { '/admin': view }, layout: layout('admin'), shell, page: { title: 'Desk', titleSuffix: ' · A' } },
    empty: { routes: {}, layout: layout('empty') },
  },
})

let server: NodeServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(answer: (of: NodeServer) => Middleware): Promise<string> {
  server = await serve(live, {
    port: 0,
    signals: false,
    use: [(request, response, next) => answer(server!)(request, response, next)],
  })
  return server.url
}

const send =
  (make: (...[of, request]: [NodeServer, Parameters<Middleware>[0]]) => ReturnType<NodeServer['page']>) =>
  (of: NodeServer): Middleware =>
  async (request, response, next) => {
    if (request.url === '/') return next()
    const page = await make(of, request)
    response.writeHead(page.status, page.headers).end(page.body)
  }

const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ')

describe('a page of one’s own', () => {
  it('stands in the layout of the server’s own routes, with the headers of its pages', async () => {
    const url = await start(send((of, request) => of.page(request, html`<h1>Mine &amp; ${'<you>'}</h1>`)))
    const response = await fetch(`${url}/mine`)
    const text = squeezed(await response.text())
    expect(response.status).toBe(200)
    expect(text).toContain('<html class="site">')
    expect(text).toContain('<body><h1>Mine &amp; &lt;you&gt;</h1></body>')
    expect(text).toMatch(/<title[^>]*>Liveloom<\/title>/)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-own')).toBe('yes')
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'nonce-/)
    expect(text).not.toContain('data-phx-main')
  })

  it('has the layout, the shell and the title of the live session that it names, and sticky views in it', async () => {
    const url = await start(
      send((of, request) =>
        of.page(request, html`<form></form>`, {
          liveSession: 'admin',
          title: 'Log in',
          status: 422,
          flash: { info: 'Wrong' },
          head: { description: 'D', bodyClass: 'wide' },
        }),
      ),
    )
    const response = await fetch(`${url}/login`)
    const text = squeezed(await response.text())
    expect(response.status).toBe(422)
    expect(text).toContain('<html class="admin">')
    expect(text).toContain('<nav>/login</nav> <i>Wrong</i>')
    expect(text).toMatch(/<div id="player"[^>]*data-phx-sticky>/)
    expect(text).toContain('<main><form></form></main>')
    expect(text).toMatch(/<title[^>]*>Log in · A<\/title>/)
    expect(text).toContain('<meta name="description" content="D" />')
    expect(text).toContain('<body class="wide">')
  })

  it('leaves the shell out, or has another layout, when told so; and a live session needs no routes', async () => {
    const url = await start(
      send((of, request) =>
        of.page(
          request,
          html`<p></p>`,
          request.url === '/a'
            ? { liveSession: 'admin', shell: false, layout: layout('own') }
            : { liveSession: 'empty' },
        ),
      ),
    )
    expect(squeezed(await (await fetch(`${url}/a`)).text())).toMatch(/<html class="own">.*<body><p><\/p><\/body>/)
    expect(await (await fetch(`${url}/b`)).text()).toContain('<html class="empty">')
  })

  it('gives its content what a form needs: a token that fits the cookie it sets, the session, the URL, the nonce', async () => {
    const tokens: boolean[] = []
    const url = await start((of) => async (request, response) => {
      if (request.method === 'POST') {
        const token = new URL(request.url!, 'http://own').searchParams.get('t')
        tokens.push(of.isCsrfToken(request, token))
        return void response.end()
      }
      const page = await of.page(
        request,
        ({ csrfToken, session, url, nonce }) =>
          html`<b>${csrfToken}</b><i>${session['user'] as string} ${url.search} ${nonce.length > 9 && 'nonce'}</i>`,
      )
      response.writeHead(page.status, page.headers).end(page.body)
    })
    const response = await fetch(`${url}/login?next=/`)
    const text = await response.text()
    expect(text).toContain('<i>Ada ?next=/ nonce</i>')
    const token = /<b>([^<]+)<\/b>/.exec(text)![1]!
    const cookie = response.headers.getSetCookie()[0]!.split(';', 1)[0]!
    await fetch(`${url}/login?t=${encodeURIComponent(token)}`, { method: 'POST', headers: { cookie } })
    await fetch(`${url}/login?t=${encodeURIComponent(token)}`, { method: 'POST' })
    expect(tokens).toEqual([true, false])
  })

  it('shows what the page before has left, once', async () => {
    const url = await start((of) => async (request, response, next) => {
      if (request.url === '/') return next()
      if (request.url === '/leave') {
        return void response
          .writeHead(303, { location: '/mine', 'set-cookie': of.flashCookie(request, { info: 'Bye' }) })
          .end()
      }
      const page = await of.page(request, ({ flash }) => html`<p>${flash['info']}</p>`)
      response.writeHead(page.status, page.headers).end(page.body)
    })
    const left = (await fetch(`${url}/leave`, { redirect: 'manual' })).headers.getSetCookie()[0]!.split(';', 1)[0]!
    const shown = await fetch(`${url}/mine`, { headers: { cookie: left } })
    expect(await shown.text()).toContain('<p>Bye</p>')
    expect(shown.headers.getSetCookie().some((set) => /^__phoenix_flash__=;.*Max-Age=0/.test(set))).toBe(true)
    expect(await (await fetch(`${url}/mine`)).text()).toContain('<p></p>')
  })

  it('belongs to the visitor whose views it leads to', async () => {
    const url = await start(send((of, request) => of.page(request, html`${live_navigate('In', { to: '/' })}`)))
    const mine = await fetch(`${url}/mine`)
    expect(await mine.text()).toContain('<a href="/" data-phx-link="redirect"')
    const page = await fetchPage(url, mine.headers.getSetCookie()[0]!.split(';', 1)[0]!)
    const client = await RawClient.open(page)
    expect((await client.joinView(page)).html).toContain('View')
    client.socket.terminate()
  })

  it.each<[string, unknown, unknown, string]>([
    ['no template', 'text', {}, 'page: expected a template of html, got'],
    [
      'an unknown option',
      html``,
      { session: 'admin' },
      "page: unknown option 'session'; known are liveSession, status",
    ],
    [
      'an unknown live session',
      html``,
      { liveSession: 'x' },
      "page: liveSession must be one of default, admin, empty, got 'x'",
    ],
    ['a status that is none', html``, { status: 99 }, 'page: status must be an HTTP status of a page, got 99'],
    ['a title that is none', html``, { title: 1 }, 'page: title must be text, got 1'],
    ['a head that is none', html``, { head: { description: 1 } }, 'page: head: description must be text, got 1'],
    ['a shell that is none', html``, { shell: 1 }, 'page: shell must be a function or false, got 1'],
  ])('is not made of %s', async (_, content, options, message) => {
    let failure: unknown
    const url = await start(
      send(async (of, request) => {
        try {
          return await of.page(request, content as never, options as never)
        } catch (error) {
          failure = error
          return { status: 200, headers: {}, body: '' }
        }
      }),
    )
    await fetch(`${url}/mine`)
    expect(failure).toEqual(expect.objectContaining({ code: 'ERR_SERVER_OPTIONS' }))
    expect((failure as Error).message).toContain(message)
  })

  it('that fails is the page of 500, and is told', async () => {
    const url = await start(
      send((of, request) =>
        of.page(request, () => {
          throw new Error('broken')
        }),
      ),
    )
    expect((await fetch(`${url}/mine`)).status).toBe(500)
  })
})
