/** A whole server below a prefix, by one option: for a proxy that keeps the prefix, and for one that takes it away. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLiveServer, createLiveView, html, live_navigate, live_patch, type LiveServerOptions } from 'liveloom'
import { js } from 'liveloom/js'
import { createHandler, type LiveHandler, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPage, RawClient, upgradeHeaders } from '../support/raw-client.ts'

/** Made before any server is known. */
const everywhere = html`<nav>${live_navigate('Home', { to: '/' })}</nav>`
const away = js.navigate('/photos').setAttribute('data-cancel', js.patch('/nested'))

const home = createLiveView<{ id: string }, { type: string; by?: string }>({
  mount: (socket) => socket.assign({ id: '' }),
  handleParams: (socket, url, params) => socket.assign({ id: `${url.pathname}${url.search} ${String(params['id'])}` }),
  handleEvent: (socket, { by }) => {
    socket.putFlash('info', 'on the way')
    if (by === 'patch') socket.pushPatch('/albums/2?a=1')
    if (by === 'navigate') socket.pushNavigate('/photos', { replace: true })
    if (by === 'redirect') socket.redirect('/photos')
    if (by === 'outside') socket.redirect({ external: '/login?next=1' })
    if (by === 'external') socket.redirect({ external: 'https://other.test/acme/x' })
    if (by === 'js') socket.pushJs(away)
  },
  render: ({ id }, meta) =>
    html`${everywhere}<p>${id}</p>
      ${live_patch('Next', { to: '/albums/3' })}<img src="${meta.path('/logo.svg')}" /><i>${meta.url.href}</i>
      <b phx-click="${away}"></b>`,
})
const photos = createLiveView({ render: (_, { path }) => html`<form action="${path('/login')}"></form>` })

const options: LiveServerOptions = {
  secret: 'a secret of the tests, long enough',
  basePath: '/acme',
  routes: {
    '/': home,
    '/albums/:id': home,
    '/photos': photos,
    '/elsewhere': createLiveView({ mount: (socket) => socket.redirect('/photos?x=1'), render: () => html`` }),
    '/far': createLiveView({
      mount: (socket) => socket.redirect({ external: 'https://other.test/x' }),
      render: () => html``,
    }),
    '/outside': createLiveView({ mount: (socket) => socket.redirect({ external: '/login' }), render: () => html`` }),
  },
  errorPage: ({ status, path }) => html`<a href="${path('/')}">${status}</a>${live_navigate('Home', { to: '/' })}`,
  onError() {},
}

const running: { close(): unknown }[] = []
const clients: RawClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  for (const one of running.splice(0)) await one.close()
})

/** What a proxy before the server makes of the path. */
type Proxy = 'keeps the prefix' | 'takes the prefix away'

function arrives(request: IncomingMessage, proxy: Proxy): void {
  if (proxy === 'takes the prefix away') request.url = request.url!.replace(/^\/acme(?=\/|$)\/?/, '/')
}

/** The address of the prefix, as a browser has it. */
async function start(proxy: Proxy, more: Partial<LiveServerOptions> = {}): Promise<string> {
  const live = createHandler(createLiveServer({ ...options, ...more }), { development: false })
  const server = createServer((request, response) => {
    arrives(request, proxy)
    live.middleware(request, response, () => live.notFound(request, response))
  })
  server.on('upgrade', (request, socket, head) => {
    arrives(request, proxy)
    if (!live.upgrade(request, socket, head)) socket.destroy()
  })
  return `${await listen(server, live)}/acme`
}

async function listen(server: Server, ...handlers: LiveHandler[]): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, resolve))
  running.push(...handlers, { close: () => server.closeAllConnections() }, server)
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

describe.each<Proxy>(['keeps the prefix', 'takes the prefix away'])(
  'below a prefix, behind a proxy that %s',
  (proxy) => {
    it('prints every address of its own with the prefix, and tells views those without', async () => {
      const base = await start(proxy)
      const page = await (await fetch(`${base}/albums/1?q=2`)).text()
      expect(page).toContain('<p>/albums/1?q=2 1</p>')
      expect(page).toContain('<nav><a href="/acme/"')
      expect(page).toContain('<a href="/acme/albums/3" data-phx-link="patch"')
      expect(page).toContain('<img src="/acme/logo.svg" />')
      expect(page).toContain(`<i>${base.replace('/acme', '')}/albums/1?q=2</i>`)
      expect(page).toMatch(/src="\/acme\/live\/client-[\w-]+\.js"/)
      const commands = /phx-click="([^"]*)"/.exec(page)![1]!.replaceAll('&quot;', '"')
      expect(JSON.parse(commands)).toEqual([
        ['navigate', { href: '/acme/photos' }],
        ['set_attr', { attr: ['data-cancel', '[["patch",{"href":"/acme/nested"}]]'] }],
      ])
    })

    it.each(['', '/', '?a=1'])('is there at the prefix itself%s', async (end) => {
      const response = await fetch((await start(proxy)) + end)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('<p>/')
    })

    it('serves the script that its pages name', async () => {
      const base = await start(proxy)
      const src = /src="([^"]*client-[^"]*)"/.exec(await (await fetch(`${base}/photos`)).text())![1]!
      expect((await fetch(new URL(src, base))).status).toBe(200)
      expect((await fetch(`${base}/live/client.js`)).status).toBe(200)
    })

    it('sets its cookie for the prefix alone', async () => {
      const { headers } = await fetch(await start(proxy))
      expect(headers.getSetCookie()[0]).toContain('; Path=/acme;')
    })

    it.each([
      ['/elsewhere', '/acme/photos?x=1'],
      ['/far', 'https://other.test/x'],
      ['/outside', '/login'],
    ])('redirects %s over HTTP to %s', async (from, to) => {
      const response = await fetch((await start(proxy)) + from, { redirect: 'manual' })
      expect(response.headers.get('location')).toBe(to)
    })

    it('shows its error page with the prefix', async () => {
      const response = await fetch(`${await start(proxy)}/nothing`)
      expect(response.status).toBe(404)
      expect(await response.text()).toMatch(/^<a href="\/acme\/">404<\/a><a href="\/acme\/"/)
    })

    it('joins, patches and leaves over its socket', async () => {
      const base = await start(proxy)
      const page = await fetchPage(`${base}/albums/1`)
      const client = await RawClient.open(page, { path: '/acme/live' })
      clients.push(client)
      const view = await client.joinView(page)
      expect(view.html).toContain('<p>/albums/1 1</p>')
      expect(view.html).toContain('<a href="/acme/albums/3"')
      // The client has gone to a link of live_patch.
      await client.request(view.topic, 'live_patch', { url: `${base}/albums/3` }, view.joinRef)
      await view.event('go', { by: 'patch' })
      expect((await client.next(({ event }) => event === 'live_patch')).payload).toEqual({
        to: '/acme/albums/2?a=1',
        kind: 'push',
      })
      expect(view.html).toContain('<p>/albums/2?a=1 2</p>')
      const { response } = await view.event('go', { by: 'js' })
      expect(JSON.stringify(response)).toContain(String.raw`\"href\":\"/acme/photos\"`)
      const left = await view.event('go', { by: 'navigate' })
      expect(left.response).toMatchObject({ live_redirect: { to: '/acme/photos', kind: 'replace' } })
    })

    it.each([
      ['redirect', '/acme/photos'],
      ['external', 'https://other.test/acme/x'],
      ['outside', '/login?next=1'],
    ])('leaves by %s to %s', async (by, to) => {
      const page = await fetchPage(`${await start(proxy)}/`)
      const client = await RawClient.open(page, { path: '/acme/live' })
      clients.push(client)
      const view = await client.joinView(page)
      expect((await view.event('go', { by })).response).toMatchObject({ redirect: { to } })
    })

    it('polls', async () => {
      const base = await start(proxy)
      const { csrfToken, cookie } = await fetchPage(base)
      const query = new URLSearchParams({ _csrf_token: csrfToken, vsn: '2.0.0' })
      const response = await fetch(`${base}/live/longpoll?${query}`, { headers: { cookie } })
      expect(await response.json()).toMatchObject({ status: 410, token: expect.any(String) as string })
    })
  },
)

describe('several servers of one process', () => {
  it('have each its own socket, in whatever order they are attached', async () => {
    const { basePath: _, ...root } = options
    const handlers = [createLiveServer(options), createLiveServer({ ...root, name: 'root' })].map((live) =>
      createHandler(live, { development: false }),
    )
    const [acme, plain] = handlers as [LiveHandler, LiveHandler]
    const server = createServer((request, response) => {
      const one = request.url!.startsWith('/acme') ? acme : plain
      one.middleware(request, response, () => one.notFound(request, response))
    })
    acme.attach(server)
    plain.attach(server)
    const url = await listen(server, ...handlers)
    for (const [path, base] of [
      ['/live', ''],
      ['/acme/live', '/acme'],
    ] as const) {
      const page = await fetchPage(`${url}${base}/photos`)
      const client = await RawClient.open(page, { path })
      clients.push(client)
      expect((await client.joinView(page)).html).toContain(`<form action="${base}/login">`)
    }
    expect(
      (await fetch(`${url}/acme/other`, { headers: upgradeHeaders }).catch(() => ({ status: 0 }))).status,
    ).not.toBe(101)
  })
})

describe('a server that listens', () => {
  it('says where it is with the prefix', async () => {
    const server = await serve(createLiveServer(options), { port: 0, signals: false })
    running.push(server)
    expect(server.url).toMatch(/^http:\/\/localhost:\d+\/acme$/)
    expect((await fetch(server.url)).status).toBe(200)
  })

  it('loads what development has from below the prefix', async () => {
    const server = await serve(createLiveServer(options), { port: 0, signals: false, development: true })
    running.push(server)
    const page = await (await fetch(server.url)).text()
    expect(page).toContain('src="/acme/live/development.js"')
    expect((await fetch(`${server.url}/live/development.js`)).status).toBe(200)
    expect((await fetch(`${server.url}/live/development`)).status).toBe(200)
  })
})

describe('the option basePath', () => {
  it.each(['acme', '/acme/', '//acme', '/a b', '/a/../b', '/a?b', 7, null])('refuses %j', (basePath) => {
    expect(() => createLiveServer({ routes: {}, basePath: basePath as string })).toThrow(
      /basePath must be like '\/acme'/,
    )
  })

  it.each(['', '/', undefined])('is none for %j', (basePath) => {
    expect(createLiveServer({ routes: {}, basePath }).settings.basePath).toBe('')
  })

  it.each(['/acme', '/my-app/v1.2', '/~ada'])('takes %s', (basePath) => {
    expect(createLiveServer({ routes: {}, basePath }).settings.basePath).toBe(basePath)
  })

  it('tells a route that is written with it', () => {
    expect(() => createLiveServer({ basePath: '/acme', routes: { '/acme/photos': photos } })).toThrow(
      /the route \/acme\/photos lies under basePath/,
    )
  })

  it.each([
    [{}, '/acme'],
    [{ path: '/' }, '/'],
    [{ name: '__Host-session' }, '/'],
  ])('gives the cookie %j the path %s', (cookie, path) => {
    expect(createLiveServer({ routes: {}, basePath: '/acme', cookie }).settings.cookie.path).toBe(path)
  })

  it('needs a cookie that reaches it', () => {
    expect(() => createLiveServer({ routes: {}, basePath: '/acme', cookie: { path: '/live' } })).toThrow(
      /cookie.path must cover \/acme\/live/,
    )
  })
})

describe('a middleware that is mounted', () => {
  it.each([
    [undefined, '/acme', 1],
    ['/other', '/acme', 1],
    ['/acme', '/acme', 0],
    ['/far/acme', '/acme', 0],
    ['/acme', '', 0],
  ])('with basePath %s under %j tells its developer %i times', async (basePath, mount, times) => {
    const told: unknown[] = []
    const onError = (error: unknown): void => void told.push(error)
    const live = createHandler(createLiveServer({ ...options, basePath, onError }), { development: true })
    const server = createServer((request, response) => {
      Object.assign(request, { baseUrl: mount })
      live.middleware(request, response, () => live.notFound(request, response))
    })
    const url = await listen(server, live)
    await fetch(`${url}/photos`)
    await fetch(`${url}/photos`)
    expect(told).toHaveLength(times)
    if (times > 0) expect(String(told[0])).toContain(`Give it basePath: '${mount}'`)
  })
})
