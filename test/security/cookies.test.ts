/** The visitor's cookie: what a login changes, what others on the same host can plant, and what two applications share. */
import { createLiveServer, createLiveView, html, LiveError, type LiveServerOptions, type SessionData } from 'liveloom'
import { type Middleware, type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { mostCookieBytes } from '../../src/token/cookie-size.ts'
import { CookieJar } from '../support/cookie-jar.ts'
import { LongPollClient } from '../support/long-poll-client.ts'
import { fetchPage, joinPayload, type Page, RawClient, RawUpload } from '../support/raw-client.ts'
import { entriesOf, type TargetOptions, withTarget } from './target.ts'

const stale = { status: 'error', response: { reason: 'stale' } }
const secret = 'a secret that two applications share'
const flashName = '__phoenix_flash__'
const hour = 60 * 60 * 1000

const shows = createLiveView<{ session: SessionData }>({
  mount: (socket, session) => socket.assign({ session }),
  render: ({ session }, { flash }) => html`<p>${JSON.stringify({ session, flash })}</p>`,
})

/** What it shows of `values`. */
const printed = (values: object): string => JSON.stringify(values).slice(1, -1).replaceAll('"', '&quot;')

/** Routes that log in, log out, ask for a CSRF token, and say goodbye; the paths end so. */
const routes =
  (server: () => NodeServer): Middleware =>
  (request, response, next) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://own')
    const who = searchParams.get('who')
    if (pathname.endsWith('/login')) response.setHeader('set-cookie', server().sessionCookie(request, { who }))
    else if (pathname.endsWith('/logout')) response.setHeader('set-cookie', server().sessionCookie(request, {}))
    else if (pathname.endsWith('/bye')) response.setHeader('set-cookie', server().flashCookie(request, { info: 'Bye' }))
    else if (pathname.endsWith('/csrf'))
      response.write(String(server().isCsrfToken(request, searchParams.get('token'))))
    else return next()
    response.end()
  }

const options: TargetOptions = { routes: { '/shows': shows }, use: routes }

/** The first cookie that an address sets, and its header. */
async function set(url: string, cookie = '', headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, { redirect: 'manual', headers: { cookie, ...headers } })
  const [header = ''] = response.headers.getSetCookie()
  return { header, cookie: header.split(';', 1)[0]! }
}

/** What a cookie says; it is signed, not encrypted. */
function read(cookie: string): { readonly id: string; readonly csrfSecret: string; readonly session: SessionData } {
  const body = cookie.slice(cookie.indexOf('=') + 1).split('.', 1)[0]!
  const [, , data] = JSON.parse(Buffer.from(body, 'base64url').toString()) as [number, number, [string, string, object]]
  const [id, csrfSecret, session] = data
  return { id, csrfSecret, session: session as SessionData }
}

async function fits(url: string, token: string, cookie: string): Promise<string> {
  return (await fetch(`${url}/csrf?token=${token}`, { headers: { cookie } })).text()
}

describe('a login', () => {
  it('makes void what pages from before know, and they are loaded anew', () =>
    withTarget(options, async ({ url, open }) => {
      const before = await fetchPage(`${url}/shows`)
      expect(await fits(url, before.csrfToken, before.cookie)).toBe('true')
      const { cookie } = await set(`${url}/login?who=Ada`, before.cookie)
      expect(await fits(url, before.csrfToken, cookie)).toBe('false')
      const client = await open({ ...before, cookie })
      // The client answers this by loading the page.
      expect(await client.join(`lv:${before.id}`, joinPayload(before)).reply).toEqual(stale)

      const after = await fetchPage(`${url}/shows`, cookie)
      expect(await fits(url, after.csrfToken, cookie)).toBe('true')
      const view = await (await open(after)).joinView(after)
      expect(view.html).toContain(printed({ session: { who: 'Ada' } }))
    }))

  it('renews the secret each time, and leaves the visitor’s id as it is, also when they log out', () =>
    withTarget(options, async ({ url }) => {
      let { cookie } = await set(`${url}/shows`)
      const seen = [read(cookie)]
      for (const path of ['/login?who=Ada', '/login?who=Ada', '/logout', '/login?who=Eve']) {
        cookie = (await set(url + path, cookie)).cookie
        seen.push(read(cookie))
      }
      expect(new Set(seen.map(({ id }) => id)).size).toBe(1)
      expect(new Set(seen.map(({ csrfSecret }) => csrfSecret)).size).toBe(seen.length)
      expect(seen.map(({ session }) => session['who'])).toEqual([undefined, 'Ada', 'Ada', undefined, 'Eve'])
      // Who comes without a cookie is another visitor.
      expect(read((await set(`${url}/login?who=Ada`)).cookie).id).not.toBe(seen[0]!.id)
    }))

  it('ends neither the socket nor the upload of another tab', () =>
    withTarget(options, async (target) => {
      const { page, client, view } = await target.visit()
      const { token } = await view.prepare('photos', { ref: '0', name: 'a.png', size: 1000 })
      const upload = await RawUpload.join(client, '0', token)
      await upload.chunk(new Uint8Array(400))
      await set(`${target.url}/login?who=Ada`, page.cookie)
      expect(await upload.chunk(new Uint8Array(600))).toEqual({ status: 'ok', response: {} })
      expect(await entriesOf(view)).toMatchObject([{ done: true }])
      expect((await view.submit('save')).status).toBe('ok')
      expect(await target.saved()).toHaveLength(1)
    }))

  it('ends no long poll of another tab, which goes on with the new cookie', () =>
    withTarget(options, async (target) => {
      const page = await fetchPage(target.url)
      const before = await LongPollClient.open(page)
      const join = JSON.stringify(['1', '1', `lv:${page.id}`, 'phx_join', joinPayload(page)])
      expect(await before.post(join)).toEqual({ status: 200 })
      const { cookie } = await set(`${target.url}/login?who=Ada`, page.cookie)
      const after = new LongPollClient({ ...page, cookie })
      after.token = before.token
      expect((await after.poll()).messages).toHaveLength(1)
      expect(await after.post('[null,"2","phoenix","heartbeat",{}]')).toEqual({ status: 200 })
      // A new session of the same page finds that it was there before the login.
      const anew = await LongPollClient.open({ ...page, cookie })
      await anew.post(join)
      expect((await anew.poll()).messages).toEqual([expect.stringContaining('"stale"')])
    }))
})

describe('cookies that a subdomain beside this one planted hide nothing:', () => {
  const forged: readonly (readonly [string, (name: string) => string])[] = [
    ['junk', (name) => `${name}=x`],
    ['nothing', (name) => `${name}=`],
    ['quotes and escapes', (name) => `${name}="%ff%"; ${name}=%00`],
    ['a name that begins alike', (name) => `${name}x=1; ${name} =2`],
    ['one that is too large', (name) => `${name}=${'e'.repeat(5000)}`],
    [
      'one that is well formed',
      (name) => `${name}=${Buffer.from('[1,0,["a","b",{"who":"Eve"}]]').toString('base64url')}.x`,
    ],
    ['31 of them', (name) => Array.from({ length: 31 }, (_, at) => `${name}=${at}.${at}`).join('; ')],
  ]

  it.for(forged)('%s', ([, make]) =>
    withTarget(options, async ({ url, open, signer }) => {
      const { cookie } = await set(`${url}/login?who=Ada`)
      const both = `${make('_liveloom')}; ${cookie}`
      const page = await fetchPage(`${url}/shows`, both)
      const view = await (await open(page)).joinView(page)
      expect(view.html).toContain(printed({ session: { who: 'Ada' } }))
      // A new one would take the place of the real one.
      expect((await set(`${url}/shows`, both)).header).toBe('')

      const flash = `${make(flashName)}; ${(await set(`${url}/bye`)).cookie}`
      expect(await (await fetch(`${url}/shows`, { headers: { cookie: flash } })).text()).toContain('Bye')
      const reloadName = '__phoenix_reload_status__'
      const reload = `${make(reloadName)}; ${reloadName}=${signer().sign('reload', 404)}`
      expect((await fetch(`${url}/shows`, { headers: { cookie: reload } })).status).toBe(404)
    }),
  )

  it('a status that no mount gave is none: the page is served', () =>
    withTarget(options, async ({ url, signer }) => {
      const old = signer(Date.now() - hour).sign('reload', 404)
      for (const value of ['forged', old]) {
        const response = await fetch(`${url}/shows`, { headers: { cookie: `__phoenix_reload_status__=${value}` } })
        expect([value, response.status]).toEqual([value, 200])
      }
    }))

  it('and a message that was kept is not shown for ever', () =>
    withTarget(options, async ({ url, signer }) => {
      const kept = `${flashName}=${signer(Date.now() - hour).sign('flash', { info: 'Kept' })}`
      expect(await (await fetch(`${url}/shows`, { headers: { cookie: kept } })).text()).not.toContain('Kept')
    }))

  it('but of a flood no more than 32 are looked at', () =>
    withTarget(options, async ({ url }) => {
      const { cookie } = await set(`${url}/login?who=Ada`)
      const flood = '_liveloom=x; '.repeat(32)
      expect(await (await fetch(`${url}/shows`, { headers: { cookie: flood + cookie } })).text()).not.toContain('Ada')
    }))
})

const servers: NodeServer[] = []
const clients: RawClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** An application with a secret that others have too, and pages below `base`. */
async function startApp(own: Partial<LiveServerOptions>, base = ''): Promise<string> {
  const live = createLiveServer({ secret, routes: { [`${base}/shows`]: shows }, path: `${base}/live`, ...own })
  const server: NodeServer = await serve(live, {
    port: 0,
    signals: false,
    development: false,
    use: [routes(() => server)],
  })
  servers.push(server)
  return server.url + base
}

async function open(page: Page, path?: string): Promise<RawClient> {
  const client = await RawClient.open(page, path === undefined ? {} : { path })
  clients.push(client)
  return client
}

describe('two applications on one host', () => {
  const apps: readonly (readonly [string, () => Promise<readonly [one: string, other: string]>])[] = [
    ['with names of their own', async () => [await startApp({ name: 'one' }), await startApp({ name: 'other' })]],
    [
      'with cookies of their own',
      async () => [await startApp({ cookie: { name: 'one' } }), await startApp({ cookie: { name: 'other' } })],
    ],
    [
      'under paths of their own',
      async () => [
        await startApp({ name: 'one', cookie: { name: 'same', path: '/a' } }, '/a'),
        await startApp({ name: 'other', cookie: { name: 'same', path: '/b' } }, '/b'),
      ],
    ],
    [
      'one of them under a path',
      async () => [
        await startApp({ name: 'one', cookie: { name: 'same' } }),
        await startApp({ name: 'other', cookie: { name: 'same', path: '/b' } }, '/b'),
      ],
    ],
  ]
  it.for(apps)('%s do not log each other’s visitors out', async ([, start]) => {
    const [one, other] = await start()
    const jar = new CookieJar()
    await jar.load(`${one}/login?who=Ada`)
    await jar.load(`${other}/shows`)
    await jar.load(`${other}/login?who=Grace`)
    for (const [url, who] of [
      [one, 'Ada'],
      [other, 'Grace'],
    ] as const) {
      const page = await fetchPage(`${url}/shows`, jar.header(`${url}/shows`))
      const client = await open(page, `${new URL(url).pathname.replace(/\/$/, '')}/live`)
      expect((await client.joinView(page)).html).toContain(printed({ session: { who } }))
    }
  })

  it('and with one secret do not take each other’s tokens, whatever they are for', async () => {
    const cookie = { name: 'same' }
    const one = await startApp({ name: 'one', cookie })
    const other = await startApp({ name: 'other', cookie })
    const login = (await set(`${one}/login?who=Ada`)).cookie
    const theirs = async (path: string, cookie: string): Promise<string> =>
      (await fetch(other + path, { headers: { cookie } })).text()
    expect(await theirs('/shows', login)).not.toContain('Ada')
    expect(await theirs('/shows', (await set(`${one}/bye`)).cookie)).not.toContain('Bye')
    const visitor = (await set(`${other}/login?who=Grace`)).cookie
    const own = await fetchPage(`${other}/shows`, visitor)
    const foreign = await fetchPage(`${one}/shows`, login)
    expect(await fits(other, foreign.csrfToken, visitor)).toBe('false')
    expect(await fits(other, own.csrfToken, visitor)).toBe('true')
    const client = await open(own)
    const { id, session, static: rendered } = foreign
    expect(await client.join(`lv:${id}`, joinPayload(own, { session, static: rendered })).reply).toEqual(stale)
    await client.joinView(own)
  })
})

describe('a cookie that browsers would drop', () => {
  /** A session cookie of so many bytes is made, for what comes to sizes that base64 can have. */
  const sizes = Array.from({ length: 12 }, (_, more) => 2900 + more)

  it('throws, and says how large it is and what to do', () =>
    withTarget(options, async ({ server }) => {
      const { url } = server
      const [request] = await requests(server, () => fetch(`${url}/shows`))
      const roles = Array.from({ length: 600 }, (_, at) => `role ${at}`)
      const login = (): string => server.sessionCookie(request!, { roles })
      expect(login).toThrow(expect.objectContaining({ code: 'ERR_COOKIE' }))
      expect(login).toThrow(
        /^sessionCookie: expected a cookie of at most 4096 bytes, .* got \d{4,} bytes\. Put an id into/,
      )
      const flash = (): string => server.flashCookie(request!, { info: 'x'.repeat(4000) })
      expect(flash).toThrow(expect.objectContaining({ code: 'ERR_COOKIE' }))
      expect(flash).toThrow(
        /^flashCookie: expected a cookie of at most 4096 bytes, .* got \d{4,} bytes\. Make the messages/,
      )
    }))

  it.each([undefined, null, [], 'Ada', 7])('is not made for a session that is %j', (data) =>
    withTarget(options, async ({ server }) => {
      const [request] = await requests(server, () => fetch(`${server.url}/shows`))
      expect(() => server.sessionCookie(request!, data as never)).toThrow(/^sessionCookie: expected an object, {} for/)
    }),
  )

  it('is taken up to the last byte', () =>
    withTarget(options, async ({ server }) => {
      const [request] = await requests(server, () => fetch(`${server.url}/shows`))
      const results = sizes.map((length) => {
        try {
          return server.sessionCookie(request!, { text: 'x'.repeat(length) }).length
        } catch (error) {
          return (error as LiveError).code
        }
      })
      const made = results.filter((result): result is number => typeof result === 'number')
      // Three bytes of data are four letters.
      expect(Math.max(...made)).toBeGreaterThan(mostCookieBytes - 4)
      expect(Math.max(...made)).toBeLessThanOrEqual(mostCookieBytes)
      expect(results.slice(made.length).length).toBeGreaterThan(0)
      expect(new Set(results.slice(made.length))).toEqual(new Set(['ERR_COOKIE']))
    }))

  const message = 'x'.repeat(4000)
  const leaves = createLiveView<object, { type: 'redirect' | 'navigate' }>({
    handleEvent(socket, { type }) {
      socket.putFlash('info', message)
      if (type === 'redirect') socket.redirect('/shows')
      else socket.pushNavigate('/shows')
    },
    render: () => html`<p>leaves</p>`,
  })
  const leavesAtOnce = createLiveView({
    mount(socket) {
      socket.putFlash('info', message)
      socket.redirect('/shows')
    },
    render: () => html``,
  })
  const leaving: TargetOptions = {
    ...options,
    routes: { '/shows': shows, '/leaves': leaves, '/at-once': leavesAtOnce },
  }
  const error = expect.objectContaining({ code: 'ERR_COOKIE' }) as unknown

  it('does not keep a first page from leading on: its messages are lost, and that is reported', () =>
    withTarget(leaving, async ({ url, reports }) => {
      const { cookie } = await set(`${url}/shows`)
      const response = await fetch(`${url}/at-once`, { redirect: 'manual', headers: { cookie } })
      expect([response.status, response.headers.get('location')]).toEqual([302, '/shows'])
      expect(response.headers.getSetCookie()).toEqual([])
      expect(reports).toEqual([{ error, context: { stage: 'http', view: '/at-once' } }])
    }))

  it('nor a page that is open from being loaded elsewhere', () =>
    withTarget(leaving, async (target) => {
      const { view } = await target.visit('/leaves')
      expect(await view.event('redirect')).toEqual({ status: 'ok', response: { redirect: { to: '/shows' } } })
      expect(target.reports).toEqual([{ error, context: { stage: 'event', view: '/leaves' } }])
    }))

  it('and is no matter where messages go in a frame', () =>
    withTarget(leaving, async (target) => {
      const { view } = await target.visit('/leaves')
      const { response } = await view.event('navigate')
      expect((response['live_redirect'] as { flash: string }).flash.length).toBeGreaterThan(message.length)
      expect(target.reports).toEqual([])
    }))
})

/** The requests that a server gets meanwhile, as its routes are handed them. */
async function requests(server: NodeServer, work: () => Promise<unknown>) {
  const seen: Parameters<NodeServer['isCsrfToken']>[0][] = []
  server.server.prependListener('request', (request) => seen.push(request))
  await work()
  return seen
}

describe('what a cookie says to the browser', () => {
  const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example.com' }
  const cases: readonly (readonly [string, TargetOptions['cookie'], object, RegExp, RegExp])[] = [
    [
      'by default, over http',
      undefined,
      {},
      /^_liveloom=[^;]+; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Lax$/,
      /; Max-Age=60; Path=\/; SameSite=Lax$/,
    ],
    [
      'by default, over https',
      undefined,
      https,
      /; HttpOnly; Secure; SameSite=Lax$/,
      /; Path=\/; Secure; SameSite=Lax$/,
    ],
    ['secure, also behind a proxy that does not tell', { secure: true }, {}, /; Secure;/, /; Secure;/],
    ['never secure', { secure: false }, https, /; HttpOnly; SameSite=Lax$/, /; Path=\/; SameSite=Lax$/],
    ['from frames on other sites', { sameSite: 'none' }, https, /; Secure; SameSite=None$/, /; Secure; SameSite=None$/],
    [
      'with a name that no subdomain can set',
      { name: '__Host-shop' },
      https,
      /^__Host-shop=[^;]+; Max-Age=1209600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      /; Secure;/,
    ],
    [
      'for all subdomains, for an hour',
      { domain: 'example.com', maxAge: hour },
      https,
      /; Max-Age=3600; Domain=example\.com; Path=\/;/,
      /; Path=\/;/,
    ],
  ]
  it.for(cases)('%s', ([, cookie, headers, session, flash]) =>
    withTarget({ ...options, cookie, trustProxy: true }, async ({ url, open }) => {
      const login = await set(`${url}/login?who=Ada`, '', headers as Record<string, string>)
      expect(login.header).toMatch(session)
      expect((await set(`${url}/bye`, '', headers as Record<string, string>)).header).toMatch(flash)
      const page = await fetchPage(`${url}/shows`, login.cookie)
      expect((await (await open(page)).joinView(page)).html).toContain('Ada')
    }),
  )

  it('its time is over when its age is, not before', () =>
    withTarget({ ...options, cookie: { maxAge: hour } }, async ({ url, signer }) => {
      const madeBefore = (ms: number): string =>
        `_liveloom=${signer(Date.now() - ms).sign('cookie', ['id', 'secret', { who: 'Ada' }])}`
      const page = async (cookie: string) => (await fetch(`${url}/shows`, { headers: { cookie } })).text()
      expect(await page(madeBefore(hour - 60_000))).toContain('Ada')
      expect(await page(madeBefore(hour + 60_000))).not.toContain('Ada')
    }))

  it('a strict one, which links of other sites do not bring, is not replaced by a new one', () =>
    withTarget({ ...options, cookie: { sameSite: 'strict' } }, async ({ url, open }) => {
      const from = (site: string) => set(`${url}/shows`, '', { 'sec-fetch-site': site })
      expect((await from('cross-site')).header).toBe('')
      for (const site of ['none', 'same-origin', 'same-site']) expect((await from(site)).header).toContain('Strict')
      // The page finds out when it connects, with the cookie, and loads itself.
      const { cookie } = await set(`${url}/login?who=Ada`)
      const page = { ...(await fetchPage(`${url}/shows`, '')), cookie }
      const client = await open(page)
      expect(await client.join(`lv:${page.id}`, joinPayload(page)).reply).toEqual(stale)
    }))
})

describe('a process whose clock is another', () => {
  it.for([
    ['an hour ahead', true, hour],
    ['an hour behind', true, -hour],
    ['two days ahead', false, 48 * hour],
  ] as const)('%s: its logins are known here: %s', ([, known, ahead]) =>
    withTarget(options, async ({ url, signer }) => {
      const cookie = `_liveloom=${signer(Date.now() + ahead).sign('cookie', ['id', 'secret', { who: 'Ada' }])}`
      const text = await (await fetch(`${url}/shows`, { headers: { cookie } })).text()
      expect(text.includes('Ada')).toBe(known)
    }),
  )
})
