/** Views that pages of the application's own hold, from what it is given for its template to what its socket joins. */
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createLiveServer, createLiveView, html, type LiveServerOptions, type RenderOptions } from 'liveloom'
import { createHandler, type LiveHandler } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { joinPayload, type Page, RawClient } from '../support/raw-client.ts'

const counter = createLiveView<{ count: number; from: unknown; path: string }, { type: 'inc' }>({
  mount: (socket, { from }) => socket.assign({ count: 0, from, path: '' }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count, from }, { url }) => html`<b>${from} ${count}</b><i>${url.pathname}</i>`,
})
const leaving = createLiveView({ mount: (socket) => socket.redirect('/login'), render: () => html`` })
const failing = createLiveView({
  mount() {
    throw new RangeError('no such album')
  },
  render: () => html``,
})

const open: { server: Server; live: LiveHandler }[] = []

afterEach(async () => {
  for (const { server, live } of open.splice(0)) {
    server.close()
    await live.close()
    server.closeAllConnections()
  }
})

/** A page of the application's own at `/shop`, with the views that are asked for. */
async function start(
  views: readonly (readonly [name: string, options?: RenderOptions])[],
  options: Partial<LiveServerOptions> = {},
  development = false,
): Promise<string> {
  const secret = 'a secret of the tests, long enough'
  const served = createLiveServer({
    secret,
    routes: {},
    views: { counter, leaving, failing },
    onError() {},
    ...options,
  })
  const live = createHandler(served, { development })
  const server = createServer((request, response) =>
    live.middleware(request, response, () => {
      const all = async (): Promise<void> => {
        const shown = await Promise.all(views.map(([name, more]) => live.render(request, name, more)))
        response.setHeader('set-cookie', [...(shown[0]?.cookies ?? [])])
        response.end(JSON.stringify(shown))
      }
      all().catch((error: unknown) => {
        response.statusCode = 500
        response.end(String(error))
      })
    }),
  )
  live.attach(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push({ server, live })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function pageOf(url: string, at = 0): Promise<{ page: Page; html: string; head: string; cookies: string[] }> {
  const response = await fetch(`${url}/shop?by=name`)
  const text = await response.text()
  if (response.status !== 200) throw new Error(text)
  const shown = (JSON.parse(text) as { html: string; head: string; csrfToken: string; cookies: string[] }[])[at]!
  const part = (pattern: RegExp): string => pattern.exec(shown.html)![1]!
  const page = {
    url: response.url,
    cookie: response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '',
    csrfToken: shown.csrfToken,
    id: part(/ id="([^"]+)"/),
    session: part(/data-phx-session="([^"]+)"/),
    static: part(/data-phx-static="([^"]+)"/),
  }
  return { page, ...shown }
}

async function join(page: Page): Promise<Awaited<ReturnType<RawClient['joinView']>>> {
  const client = await RawClient.open(page, { path: new URL(page.url).pathname.replace('shop', 'live') })
  return client.joinView(page)
}

describe('a view in a page of the application’s own', () => {
  it('is shown with its session and the page’s address, and lives when the page connects', async () => {
    const { page, html: shown, head } = await pageOf(await start([['counter', { session: { from: 'shop' } }]]))
    expect(shown).toContain('<b>shop 0</b><i>/shop</i>')
    expect(shown).not.toContain('data-phx-main')
    expect(head).toContain(`<meta name="csrf-token" content="${page.csrfToken}" />`)
    const view = await join(page)
    await view.event('inc')
    expect(view.html).toContain('<b>shop 1</b><i>/shop</i>')
    await view.client.leave()
  })

  it('is found by its name in another process', async () => {
    const { page } = await pageOf(await start([['counter', { session: { from: 'here' } }]]))
    const other = await start([])
    const view = await join({ ...page, url: page.url.replace(/^http:\/\/[^/]+/, other) })
    expect(view.html).toContain('<b>here 0</b>')
    await view.client.leave()
  })

  it('one that is not there any more has its page loaded anew', async () => {
    const { page } = await pageOf(await start([['counter']]))
    const other = await start([], { views: {} })
    const moved = { ...page, url: page.url.replace(/^http:\/\/[^/]+/, other) }
    const client = await RawClient.open(moved)
    const { reply } = client.join(`lv:${page.id}`, joinPayload(moved))
    expect(await reply).toEqual({ status: 'error', response: { reason: 'stale' } })
    await client.leave()
  })

  it('several belong to one visitor, who gets one cookie', async () => {
    const url = await start([['counter'], ['counter', { id: 'second' }]])
    const text = await (await fetch(`${url}/shop`)).text()
    const [first, second] = JSON.parse(text) as { csrfToken: string; cookies: string[]; html: string }[]
    expect(second!.csrfToken).toBe(first!.csrfToken)
    expect(first!.cookies).toEqual([expect.stringMatching(/^_?\w+=/)])
    expect(second!.cookies).toEqual(first!.cookies)
    expect(second!.html).toContain('id="second"')
  })

  it('has the element and the nonce that are asked for', async () => {
    const options = { container: { tag: 'section', class: 'wide' }, nonce: 'of-the-page' }
    const { html: shown, head } = await pageOf(await start([['counter', options]]))
    expect(shown).toMatch(/^<section\s.*class="wide"/)
    expect(head).toContain('nonce="of-the-page"')
  })

  it('is at home below a prefix', async () => {
    const { head } = await pageOf(await start([['counter']], { basePath: '/acme' }))
    expect(head).toContain('src="/acme/live/client-')
  })

  const outside = (path: string, page: string): string =>
    `render: the visitor's cookie is for ${path} alone, so each load of ${page} makes a new visitor; pages of yours outside of it ` +
    `need cookie: { path: '/' } of createLiveServer. Where a proxy takes the prefix away all is well`

  it.each([
    ['/acme', '/acme', outside('/acme', '/shop')],
    ['/sho', '/sho', outside('/sho', '/shop')],
    ['/shop', '/shop', undefined],
    ['/acme', '/', undefined],
  ])(
    'outside of the path of its cookie is told in development, once: below %s, for %s',
    async (basePath, path, told) => {
      for (const development of [true, false]) {
        const reports: unknown[] = []
        const onError = (error: unknown): unknown => reports.push((error as Error).message)
        const url = await start([['counter'], ['counter']], { basePath, cookie: { path }, onError }, development)
        for (let load = 0; load < 2; load++) await pageOf(url)
        expect(reports).toEqual(development && told !== undefined ? [told] : [])
      }
    },
  )

  it.each([
    [
      'nothing',
      {},
      "expected one of the views of createLiveServer({ views }), counter, leaving, failing; got 'nothing'",
    ],
    ['counter', { sesion: {} }, "unknown option 'sesion'"],
    ['counter', { id: 'a b' }, "id must be a text without spaces and quotes, got 'a b'"],
    ['counter', { session: 'Ada' }, "session must be an object, got 'Ada'"],
    ['counter', { container: { id: 'mine' } }, 'container.id belongs to the page'],
    ['leaving', {}, "render('leaving'): the view leads to /login"],
    ['failing', {}, 'RangeError: no such album'],
  ])('%s with %j is refused', async (name, options, why) => {
    await expect(pageOf(await start([[name, options as RenderOptions]]))).rejects.toThrow(why)
  })

  it.each([
    [{ 'a b': counter }, 'views: a name has 1 to 64 letters'],
    [{ counter: {} }, 'views.counter: expected a view of createLiveView'],
    ['counter', 'views must be an object of views'],
  ])('views: %j are refused', (views, why) => {
    expect(() => createLiveServer({ routes: {}, views: views as LiveServerOptions['views'] })).toThrow(why)
  })
})
