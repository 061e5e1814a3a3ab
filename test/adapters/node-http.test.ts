/** What a browser is answered before there is a socket. */
import { createHandler } from 'liveloom/node'
import { createLiveServer, createLiveView, html, type LiveServerOptions } from 'liveloom'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'

class NotHere extends Error {
  readonly status = 404
}

const routes: LiveServerOptions['routes'] = {
  '/': createLiveView<{ who: unknown }>({
    mount: (socket, session) => {
      socket.assign({ who: session['who'] ?? 'nobody' })
      socket.pageTitle('Hello & welcome')
    },
    render: ({ who }, { connected, csrfToken }) => html`<p id="who">${who} ${connected} ${csrfToken.length > 20}</p>`,
  }),
  '/people/:name': createLiveView<{ text: string }>({
    handleParams: (socket, url, params) => socket.assign({ text: `${JSON.stringify(params)} at ${url.pathname}` }),
    render: ({ text }) => html`<p>${text}</p>`,
  }),
  '/old': createLiveView({ mount: (socket) => socket.redirect('/né?a=b c', { status: 301 }), render: () => html`` }),
  '/gone': createLiveView({
    mount: () => {
      throw new NotHere('no such album')
    },
    render: () => html``,
  }),
  '/broken': createLiveView({ render: () => html`<p>${Promise.resolve(1) as unknown}</p>` }),
}

let server: Server | undefined

async function start(options: Partial<LiveServerOptions> = {}, development = false): Promise<string> {
  const live = createHandler(
    createLiveServer({ secret: 'a secret of the tests, long enough', routes, onError() {}, ...options }),
    { development },
  )
  server = createServer((request, response) => {
    if (request.url === '/login') {
      response.setHeader('set-cookie', live.sessionCookie(request, { who: 'Ada' }))
      response.end()
    } else if (request.url?.startsWith('/token?') === true) {
      response.end(String(live.isCsrfToken(request, new URL(request.url, 'http://localhost').searchParams.get('is'))))
    } else live.middleware(request, response, () => live.notFound(request, response))
  })
  server.on('close', () => void live.close())
  server.listen(0, 'localhost')
  await once(server, 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** What a client's script is fetched from. */
async function clientOf(url: string): Promise<string> {
  return url + /<script defer [^>]*src="([^"]+)"/.exec(await (await fetch(url)).text())![1]!
}

describe('a session of your own', () => {
  it.each([
    ['Authorization', 'Bearer of news'],
    ['authorization', 'Bearer of news'],
    ['X-Missing', null],
    ['constructor', null],
  ])('is asked with the header %s as %j', async (name, expected) => {
    let seen: unknown
    const session: LiveServerOptions['session'] = ({ headers }) => {
      seen = headers.get(name)
      return {}
    }
    await fetch(await start({ session }), { headers: { authorization: 'Bearer of news' } })
    expect(seen).toBe(expected)
  })
})

describe('a page', () => {
  it('holds the view, its tokens, its title and the client', async () => {
    const response = await fetch(await start())
    const page = await response.text()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(page).toContain('>Hello &amp; welcome</title>')
    expect(page).toContain('<p id="who">nobody  true</p>')
    expect(page).toMatch(/<meta name="csrf-token" content="[\w-]+\.[\w-]+"/)
    expect(page).toMatch(/id="phx-[\w-]+"\s+data-phx-main\s+data-phx-session="[\w.-]+"\s+data-phx-static="[\w.-]+"/)
  })

  it('is given the parameters of its path and query, those of the path winning', async () => {
    const url = await start()
    const page = await (await fetch(`${url}/people/Ada%20L?name=Eve&tags[]=a&tags[]=b`)).text()
    expect(page).toContain(
      '{&quot;name&quot;:&quot;Ada L&quot;,&quot;tags&quot;:[&quot;a&quot;,&quot;b&quot;]} at /people/Ada%20L',
    )
  })

  it('redirects with the status that the view chose, to an address of ASCII', async () => {
    const response = await fetch(`${await start()}/old`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([301, '/n%C3%A9?a=b%20c'])
  })

  it.each([
    { path: '/gone', status: 404, shows: 'Page not found' },
    { path: '/missing', status: 404, shows: 'Page not found' },
    { path: '/broken', status: 500, shows: 'Something went wrong' },
    { path: '/people/%ff', status: 400, shows: 'Bad request' },
    { path: '/?a=%', status: 400, shows: 'Bad request' },
  ])('is an error page at $path', async ({ path, status, shows }) => {
    const response = await fetch((await start()) + path)
    const page = await response.text()
    expect([response.status, page]).toEqual([status, expect.stringContaining(shows)])
    expect(page).not.toContain('cannot be rendered')
  })

  it('shows in development what was thrown', async () => {
    const page = await (await fetch(`${await start({}, true)}/broken`)).text()
    expect(page).toContain('a Promise cannot be rendered: await it before the render')
  })

  it('shows an error page of yours', async () => {
    const url = await start({ errorPage: ({ status }) => html`<h1>Lost ${status}</h1>` })
    expect(await (await fetch(`${url}/missing`)).text()).toBe('<h1>Lost 404</h1>')
  })

  it('answers a page of errors that fails itself with a plain line', async () => {
    const url = await start({
      errorPage: () => {
        throw new Error('this too')
      },
    })
    const response = await fetch(`${url}/broken`)
    expect([response.status, await response.text()]).toEqual([500, 'Error 500'])
  })

  it('takes a layout of yours', async () => {
    const url = await start({ layout: ({ title, content }) => html`<title>${title}</title>${content}` })
    expect(await (await fetch(url)).text()).toMatch(/^<title>Hello &amp; welcome<\/title><div\s+id="phx-/)
  })

  it('answers HEAD without a body, and hands other methods on', async () => {
    const url = await start()
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await fetch(url, { method: 'POST' })).status).toBe(404)
  })
})

describe('the session', () => {
  it('lives in a signed cookie that scripts cannot read', async () => {
    const url = await start()
    const cookie = (await fetch(url)).headers.get('set-cookie')!
    expect(cookie).toMatch(/^_liveloom=[\w.-]+; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Lax$/)
    const again = await fetch(url, { headers: { cookie: cookie.split(';')[0]! } })
    expect(again.headers.get('set-cookie')).toBeNull()
  })

  it('carries what sessionCookie put into it', async () => {
    const url = await start()
    const [cookie] = (await fetch(`${url}/login`)).headers.get('set-cookie')!.split(';')
    expect(await (await fetch(url, { headers: { cookie: cookie! } })).text()).toContain('Ada')
  })

  it('tells forms of its own pages from others', async () => {
    const url = await start()
    const page = await fetch(url)
    const [cookie] = page.headers.get('set-cookie')!.split(';')
    const token = /<meta name="csrf-token" content="([^"]+)"/.exec(await page.text())![1]!
    const [stranger] = (await fetch(url)).headers.get('set-cookie')!.split(';')
    const isOurs = async (is: string, cookie?: string): Promise<string> =>
      (await fetch(`${url}/token?${is}`, { headers: cookie === undefined ? {} : { cookie } })).text()
    expect(await isOurs(`is=${token}`, cookie)).toBe('true')
    expect(await isOurs(`is=${token}`, stranger)).toBe('false')
    expect(await isOurs(`is=${token}`)).toBe('false')
    expect(await isOurs(`is=${token}`, '_liveloom=made.up')).toBe('false')
    for (const is of ['is=', 'is=made.up', 'no']) expect(await isOurs(is, cookie)).toBe('false')
  })

  it('comes from a function of yours, if there is one', async () => {
    const url = await start({ session: async ({ headers }) => ({ who: headers.get('x-user') }) })
    expect(await (await fetch(url, { headers: { 'x-user': 'Grace' } })).text()).toContain('Grace')
  })

  it('is only taken over https when the page came so', async () => {
    const live = createHandler(createLiveServer({ secret: 'a secret of the tests, long enough', routes }), {
      development: false,
      trustProxy: true,
    })
    server = createServer((request, response) => live.middleware(request, response, () => response.end()))
    server.on('close', () => void live.close())
    server.listen(0, 'localhost')
    await once(server, 'listening')
    const url = `http://localhost:${(server.address() as AddressInfo).port}`
    const response = await fetch(url, { headers: { 'x-forwarded-proto': 'https' } })
    expect(response.headers.get('set-cookie')).toContain('; Secure')
  })
})

describe("the client's script", () => {
  it('is kept for ever under the hash of its content', async () => {
    const response = await fetch(await clientOf(await start()))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(await response.text()).toContain('phx-')
  })

  it('is asked for anew under its plain name, and not sent again', async () => {
    const plain = `${await start()}/live/client.js`
    const first = await fetch(plain)
    expect(first.headers.get('cache-control')).toBe('no-cache')
    const again = await fetch(plain, { headers: { 'if-none-match': `W/${first.headers.get('etag')!}` } })
    expect([again.status, await again.text(), again.headers.get('content-length')]).toEqual([304, '', null])
  })

  it('is not there under the hash of another build', async () => {
    expect((await fetch(`${await start()}/live/client-0000.js`)).status).toBe(404)
  })
})
