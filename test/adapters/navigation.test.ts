/** Where views send the browser, over HTTP and over the socket, and what comes along: messages, the session, who may see what. */
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  html,
  live_title,
  type LiveServerOptions,
  type LiveView,
  type LiveViewSocket,
  type OnMount,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPage, joinPayload, type Json, type Page, RawClient, type RawView } from '../support/raw-client.ts'

/** Shows a name, its flash, its URL, and who is there. `go` leads elsewhere. */
function pageOf(name: string, more: { mount?: (socket: LiveViewSocket<{ who: string }>) => void } = {}): LiveView {
  return createLiveView<{ who: string }, { type: string; by?: string; to?: string }>({
    mount: (socket, session) => {
      socket.assign({ who: JSON.stringify(session) })
      more.mount?.(socket)
    },
    handleEvent: (socket, { type, by, to = '/' }) => {
      socket.putFlash('info', `from ${name}`)
      if (type !== 'go') return
      if (by === 'navigate') socket.pushNavigate(to)
      else if (by === 'redirect') socket.redirect(to)
      else socket.pushPatch(to)
    },
    handleParams: () => {},
    render: ({ who }, { flash, url }) =>
      html`<h1>${name}</h1>
        <p>${JSON.stringify(flash)}</p>
        <i>${url.pathname}${url.search}</i>
        <b>${who}</b>`,
  })
}

const onlyAda: OnMount = (socket, session) => {
  if (session['who'] === 'Ada') return 'continue'
  socket.putFlash('error', 'Ada alone')
  socket.redirect('/')
  return 'halt'
}

const kid = createLiveView({ mount: (socket) => socket.pushNavigate('/two'), render: () => html`` })
const leaver = createLiveComponent({ mount: (socket) => socket.redirect('/two'), render: () => html`<b></b>` })
const both = pageOf('both')

const options: LiveServerOptions = {
  secret: 'a secret of the tests, long enough',
  onError() {},
  page: { title: 'None', titlePrefix: '<A> ', titleSuffix: ' · S' },
  routes: {
    '/': pageOf('home'),
    '/two': pageOf('two'),
    '/two/:id': pageOf('never both'),
    '/both': both,
    '/both/:id': both,
    '/patched': createLiveView({ mount: (socket) => socket.pushPatch('/two?a=1'), render: () => html`` }),
    '/parent': createLiveView({ render: (_, { live_view }) => html`${live_view(kid, { id: 'kid' })}` }),
    '/component': createLiveView({ render: (_, { live_component }) => html`${live_component(leaver, { id: 1 })}` }),
    '/on': pageOf('on', {
      mount: (socket) => {
        if (!socket.connected) socket.redirect('/two')
      },
    }),
    '/titled': pageOf('titled', { mount: (socket) => socket.pageTitle('T & t') }),
    '/untitled': pageOf('untitled', { mount: (socket) => socket.pageTitle(' ') }),
  },
  liveSessions: {
    admin: {
      routes: { '/admin': pageOf('admin'), '/admin/users': pageOf('users') },
      onMount: [onlyAda],
      session: ({ url }) => ({ area: `admin${new URL(url).search}` }),
    },
  },
}

let server: NodeServer | undefined
const clients: RawClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  await server?.close()
  server = undefined
})

async function start(): Promise<string> {
  const answer = (request: IncomingMessage, response: ServerResponse): boolean => {
    const url = new URL(request.url!, 'http://own')
    if (url.pathname === '/login') response.setHeader('set-cookie', server!.sessionCookie(request, { who: 'Ada' }))
    else if (url.pathname === '/bye')
      response.setHeader('set-cookie', server!.flashCookie(request, { info: 'Bye; come again' }))
    else if (url.pathname === '/csrf')
      response.write(String(server!.isCsrfToken(request, url.searchParams.get('token'))))
    else return false
    return true
  }
  server = await serve(createLiveServer(options), {
    port: 0,
    signals: false,
    use: [(request, response, next) => (answer(request, response) ? void response.end() : next())],
  })
  return server.url
}

interface Answer {
  readonly status: number
  readonly location: string | null
  /** The cookies that it sets, by name; '' for one that it takes away. */
  readonly cookies: Readonly<Record<string, string>>
  readonly text: string
}

async function get(url: string, cookie = ''): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
  const cookies = response.headers.getSetCookie().map((set) => set.split(';', 1)[0]!.split('=') as [string, string])
  return {
    status: response.status,
    location: response.headers.get('location'),
    cookies: Object.fromEntries(cookies),
    text: (await response.text()).replaceAll('&quot;', '"'),
  }
}

async function loginCookie(url: string): Promise<string> {
  return `_liveloom=${(await get(`${url}/login`)).cookies['_liveloom']}`
}

const flashName = '__phoenix_flash__'

async function open(page: Page): Promise<RawClient> {
  const client = await RawClient.open(page)
  clients.push(client)
  return client
}

async function visit(url: string, cookie?: string): Promise<{ page: Page; client: RawClient; view: RawView }> {
  const page = await fetchPage(url, cookie)
  const client = await open(page)
  return { page, client, view: await client.joinView(page) }
}

/** Joins as the page does that navigates to `path`, after its old view left. */
async function navigate(client: RawClient, page: Page, path: string, more: Json = {}): Promise<Json> {
  const payload = { ...joinPayload(page, { redirect: new URL(path, page.url).href, ...more }), url: undefined }
  const { status, response } = await client.join(`lv:${page.id}`, payload).reply
  return status === 'ok' ? { ok: JSON.stringify(response['rendered']) } : response
}

describe('over HTTP', () => {
  it.each([
    { from: '/admin', to: '/', name: 'a hook of the live session' },
    { from: '/on', to: '/two', name: 'mount' },
    { from: '/patched', to: '/two?a=1', name: 'a patch in mount' },
    { from: '/parent', to: '/two', name: 'a nested view' },
    { from: '/component', to: '/two', name: 'a live component' },
  ])('$name leads elsewhere with a 302 and no page', async ({ from, to }) => {
    const { status, location, text } = await get((await start()) + from)
    expect([status, location, text]).toEqual([302, to, ''])
  })

  it('a message is shown by the page behind the redirect, once', async () => {
    const url = await start()
    const { cookies } = await get(`${url}/admin`)
    const carried = `${flashName}=${cookies[flashName]}`
    const shown = await get(url, carried)
    expect(shown.text).toContain('<p>{"error":"Ada alone"}</p>')
    expect(shown.cookies[flashName]).toBe('')
    expect((await get(url)).text).toContain('<p>{}</p>')
  })

  it('a message outlives a redirect on the way', async () => {
    const url = await start()
    const { cookies } = await get(`${url}/bye`)
    const { location, cookies: carried } = await get(`${url}/on`, `${flashName}=${cookies[flashName]}`)
    expect(location).toBe('/two')
    expect((await get(`${url}/two`, `${flashName}=${carried[flashName]}`)).text).toContain(
      '<p>{"info":"Bye; come again"}</p>',
    )
  })

  it('a route of yours gives a session and asks for the page’s CSRF token', async () => {
    const url = await start()
    const cookie = await loginCookie(url)
    expect((await get(`${url}/admin?x=1`, cookie)).text).toContain('<b>{"who":"Ada","area":"admin?x=1"}</b>')
    const { csrfToken } = await fetchPage(url, cookie)
    const other = await fetchPage(url)
    const fits = async (token: string, cookies = cookie): Promise<string> =>
      (await get(`${url}/csrf?token=${token}`, cookies)).text
    expect(await fits(csrfToken)).toBe('true')
    expect(await fits(other.csrfToken)).toBe('false')
    expect(await fits('')).toBe('false')
    expect(await fits(csrfToken, '')).toBe('false')
    expect(await fits(other.csrfToken, other.cookie)).toBe('true')
  })
})

describe('the title', () => {
  it.each([
    { path: '/titled', title: '>&lt;A&gt; T &amp; t · S</title>' },
    { path: '/', title: '>&lt;A&gt; None · S</title>' },
    { path: '/untitled', title: '>&lt;A&gt; None · S</title>' },
  ])('of $path stands between prefix and suffix', async ({ path, title }) => {
    const { text } = await get((await start()) + path)
    expect(text).toContain(title)
    expect(text).toContain('data-prefix="&lt;A&gt; " data-suffix=" · S" data-default="None"')
  })

  it('of a layout of yours is what the client would make of it', () => {
    const print = (...args: Parameters<typeof live_title>): unknown => live_title(...args).values
    expect(print('A', { prefix: 'P' })).toEqual(expect.arrayContaining(['P', 'A']))
    expect(print('', { default: 'D' })).toEqual(expect.arrayContaining(['D']))
    expect(print('')).not.toContain('D')
  })

  it('comes with the join and with a live navigation', async () => {
    const { client, page } = await visit(await start())
    expect((await navigate(client, page, '/titled'))['ok']).toContain('"t":"T & t"')
    expect((await navigate(client, page, '/two'))['ok']).not.toContain('"t":')
  })
})

describe('messages of the first page', () => {
  const withFlash = async (): Promise<Page> => {
    const url = await start()
    const { cookies } = await get(`${url}/bye`)
    const visitor = await fetchPage(url)
    const page = await fetchPage(url, `${visitor.cookie}; ${flashName}=${cookies[flashName]}`)
    return { ...page, cookie: visitor.cookie }
  }

  it('are shown when it connects, and not when it connects again', async () => {
    const page = await withFlash()
    const client = await open(page)
    expect((await client.joinView(page)).html).toContain('Bye; come again')
    expect((await client.joinView(page, { params: { _mounts: 1 } })).html).toContain('<p>{}</p>')
  })

  it('are not shown by the next page of the same container', async () => {
    const page = await withFlash()
    const client = await open(page)
    await client.joinView(page)
    expect((await navigate(client, page, '/two'))['ok']).toContain('{}')
  })
})

describe('live navigation', () => {
  it('mounts the view of the route in the same container, with the message that came along', async () => {
    const { client, page, view } = await visit(await start())
    const { response } = await view.event('go', { by: 'navigate', to: '/two' })
    const { to, kind, flash } = response['live_redirect'] as Json
    expect([to, kind]).toEqual(['/two', 'push'])
    await client.next(({ topic, event }) => topic === view.topic && event === 'phx_close')
    const joined = await navigate(client, page, '/two', { flash })
    expect(joined['ok']).toContain('"0":"two"')
    expect(joined['ok']).toContain('from home')
  })

  it('lets the old view of the container end and the new one answer', async () => {
    const { client, page, view } = await visit(await start())
    await client.request(view.topic, 'phx_leave', {}, view.joinRef)
    const { joinRef, reply } = client.join(
      view.topic,
      joinPayload(page, { url: undefined, redirect: `${page.url}/both` }),
    )
    expect((await reply).status).toBe('ok')
    const patched = await client.request(view.topic, 'live_patch', { url: `${page.url}/both/7?a=b` }, joinRef)
    expect(JSON.stringify(patched.response)).toContain('"2":"/both/7","3":"?a=b"')
  })

  it.each([
    { name: 'into a live session', from: '/', to: '/admin', login: true },
    { name: 'out of a live session', from: '/admin', to: '/', login: true },
    { name: 'into a live session that the visitor may not see', from: '/', to: '/admin', login: false },
    { name: 'to what is no view', from: '/', to: '/nowhere', login: false },
    { name: 'to an address that cannot be read', from: '/', to: '/?a=%', login: false },
  ])('$name is refused: the page is loaded', async ({ from, to, login }) => {
    const url = await start()
    const { client, page } = await visit(url + from, login ? await loginCookie(url) : undefined)
    expect(await navigate(client, page, to)).toEqual({ reason: 'unauthorized' })
  })

  it('within a live session asks its hooks again, and keeps its session', async () => {
    const url = await start()
    const { client, page } = await visit(`${url}/admin?x=1`, await loginCookie(url))
    const joined = (await navigate(client, page, '/admin/users?x=2'))['ok'] as string
    expect(joined).toContain('"0":"users"')
    expect(joined.replaceAll('&quot;', '')).toContain('{who:Ada,area:admin?x=1}')
  })

  it('within a live session leaves when its hooks say so', async () => {
    const url = await start()
    const { page } = await visit(`${url}/admin`, await loginCookie(url))
    // The same page after the login was taken back: the cookie that the browser has by now is another one.
    const visitor = await fetchPage(url)
    const client = await open({ ...page, cookie: visitor.cookie, csrfToken: visitor.csrfToken })
    const refused = await navigate(client, page, '/admin/users')
    expect(refused).toEqual({ redirect: { to: '/', flash: expect.stringMatching(/^[\w.-]+$/) }, events: [] })
    const { flash } = refused['redirect'] as { flash: string }
    expect((await get(url, `${flashName}=${flash}`)).text).toContain('Ada alone')
  })
})

describe('a join of a page at another address', () => {
  it.each([
    { name: 'of another view', path: '/two' },
    { name: 'of a live session', path: '/admin' },
    { name: 'of no view', path: '/nowhere' },
  ])('$name is refused: the page is loaded', async ({ path }) => {
    const page = await fetchPage(await start())
    const client = await open(page)
    const url = new URL(path, page.url).href
    expect(await client.join(`lv:${page.id}`, joinPayload(page, { url })).reply).toEqual({
      status: 'error',
      response: { reason: 'unauthorized' },
    })
  })

  it('of the same view is one of it: the URL was patched before the connection was lost', async () => {
    const page = await fetchPage(`${await start()}/both`)
    const client = await open(page)
    expect((await client.joinView(page, { url: `${page.url}/7` })).html).toContain('<i>/both/7</i>')
  })
})

describe('a patch of the page', () => {
  it.each([
    { name: 'another view', path: '/two' },
    { name: 'a live session', path: '/admin' },
    { name: 'no view', path: '/nowhere' },
    { name: 'an address that cannot be read', path: '/both/%ff' },
  ])('to $name becomes a navigation', async ({ path }) => {
    const { page, view } = await visit(`${await start()}/both`)
    expect(await view.request('live_patch', { url: new URL(path, page.url).href })).toEqual({
      status: 'ok',
      response: { link_redirect: true },
    })
  })
})

describe('connections that are cut', () => {
  it('are those whose session fits; their pages come back and are asked again', async () => {
    const url = await start()
    const ada = await visit(`${url}/admin`, await loginCookie(url))
    const nobody = await visit(url)
    expect(server!.disconnect(({ who }) => who === 'Ada')).toBe(1)
    // Not 1000, on which the client would load the page.
    expect(await ada.client.waitForClose()).toEqual({ code: 1012, reason: 'disconnected' })
    expect((await nobody.client.heartbeat()).status).toBe('ok')
    expect(server!.disconnect(({ who }) => who === 'Ada')).toBe(0)
    expect((await (await open(ada.page)).joinView(ada.page, { params: { _mounts: 1 } })).html).toContain('admin')
  })

  it('are none of those that are not trusted', async () => {
    const url = await start()
    const page = await fetchPage(url)
    const client = await open({ ...page, csrfToken: 'wrong' })
    expect(server!.disconnect(() => true)).toBe(0)
    expect((await client.heartbeat()).status).toBe('ok')
  })
})
