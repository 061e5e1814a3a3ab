/** Who may open the socket, and who may join a view on it. */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { LongPollClient } from '../support/long-poll-client.ts'
import { fetchPage, joinPayload, type Json, type Page, socketUrl, upgradeHeaders } from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

const day = 24 * 60 * 60 * 1000
const refused = (reason: string) => ({ status: 'error', response: { reason } })

/** The status that answers an upgrade request. */
async function upgradeStatus(url: string, headers: Readonly<Record<string, string>>, method = 'GET'): Promise<number> {
  const asked = request(url.replace(/^ws/, 'http'), { method, headers: { ...upgradeHeaders, ...headers } })
  asked.end()
  return new Promise((resolve, reject) => {
    asked.on('error', reject)
    asked.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode ?? 0)
    })
  })
}

describe('a CSRF token that does not fit the cookie: the socket opens, and no view can be joined', () => {
  const cases: readonly (readonly [string, (page: Page, other: Page, target: Target) => Partial<Page>])[] = [
    ['an empty token', () => ({ csrfToken: '' })],
    ['a token without a salt', () => ({ csrfToken: 'x' })],
    ['a token of dots', () => ({ csrfToken: '...' })],
    ['a token with another end', (page) => ({ csrfToken: `${page.csrfToken.slice(0, -2)}AA` })],
    ['a token with another salt', (page) => ({ csrfToken: `x${page.csrfToken}` })],
    ['a token of another visitor', (_, other) => ({ csrfToken: other.csrfToken })],
    ['a token of 10 kB', () => ({ csrfToken: 'x.'.repeat(5000) })],
    ['a cookie of another visitor', (_, other) => ({ cookie: other.cookie })],
    ['no cookie', () => ({ cookie: '' })],
    ['a cookie that is changed', (page) => ({ cookie: page.cookie.replace('=', '=x') })],
    ['a cookie whose signature is changed', (page) => ({ cookie: `${page.cookie.slice(0, -2)}AA` })],
    ['a cookie that is cut short', (page) => ({ cookie: page.cookie.slice(0, -5) })],
    ['a cookie that is no token', () => ({ cookie: '_liveloom=%%%; _liveloom=.; =;;' })],
    [
      'a cookie signed for another purpose',
      (_, __, { signer }) => ({ cookie: `_liveloom=${signer().sign('view', ['id', 'secret', {}])}` }),
    ],
    [
      'a cookie that is expired',
      (_, __, { signer }) => ({
        cookie: `_liveloom=${signer(Date.now() - 15 * day).sign('cookie', ['id', 'secret', {}])}`,
      }),
    ],
  ]
  it.for(cases)('%s', ([, change]) =>
    withTarget({}, async (target) => {
      const page = await fetchPage(target.url)
      const attack = { ...page, ...change(page, await fetchPage(target.url), target) }
      const client = await target.open(attack)
      expect((await client.heartbeat()).status).toBe('ok')
      expect(await client.join(`lv:${page.id}`, joinPayload(page)).reply).toEqual(refused('stale'))
    }),
  )
})

describe('the upgrade', () => {
  const origins = (own: string): readonly (readonly [string, number])[] => [
    ['https://evil.example', 403],
    [own.replace('localhost', 'localhost.evil.example'), 403],
    [own.replace(/:\d+$/, ':1'), 403],
    ['null', 403],
    ['', 403],
    ['not an origin', 403],
    ['file://', 403],
    [`${own}, https://evil.example`, 403],
    [own, 101],
  ]
  it('of another origin is refused', () =>
    withTarget({}, async ({ url }) => {
      const page = await fetchPage(url)
      for (const [origin, status] of origins(url)) {
        expect([origin, await upgradeStatus(socketUrl(page), { cookie: page.cookie, origin })]).toEqual([
          origin,
          status,
        ])
      }
    }))

  it.for([
    ['1.0.0', 403],
    ['2.0.1', 403],
    ['2', 403],
    ['', 403],
    ['2.0.0 ', 403],
    ['2.0.0', 101],
  ] as const)('of serializer %j is answered %i', ([vsn, status]) =>
    withTarget({}, async ({ url }) => {
      expect(await upgradeStatus(socketUrl(await fetchPage(url), { vsn }), {})).toBe(status)
    }),
  )

  it.for([
    ['without a serializer', '/live/websocket', {}, 403],
    ['of a page', '/?vsn=2.0.0', {}, 404],
    ['of another path', '/live/websocket/x?vsn=2.0.0', {}, 404],
    ['of a path that climbs', '/live/../live/websocket?vsn=2.0.0', {}, 404],
    ['without a key', '/live/websocket?vsn=2.0.0', { 'sec-websocket-key': '' }, 400],
    ['with a bad key', '/live/websocket?vsn=2.0.0', { 'sec-websocket-key': 'x' }, 400],
    ['of an old protocol', '/live/websocket?vsn=2.0.0', { 'sec-websocket-version': '5' }, 400],
    ['of another protocol', '/live/websocket?vsn=2.0.0', { upgrade: 'h2c' }, 404],
    ['with a bad extension', '/live/websocket?vsn=2.0.0', { 'sec-websocket-extensions': ';;;' }, 101],
    ['with a host that is none', '/live/websocket?vsn=2.0.0', { host: 'a b' }, 400],
    ['with a query of junk', '/live/websocket?%&=&__proto__=1&vsn[]=2.0.0', {}, 403],
  ] as const)('%s is answered', ([, path, headers, status]) =>
    withTarget({}, async ({ server }) => {
      const { port } = new URL(server.url)
      const socket = connect(Number(port), 'localhost')
      const lines = Object.entries({ host: `localhost:${port}`, ...upgradeHeaders, ...headers })
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()
      expect(answer.toString().split(' ')[1]).toBe(String(status))
    }),
  )

  it('that is begun and never finished holds nobody up, and ends with the server', () =>
    withTarget({}, async ({ server, endsWithServer }) => {
      const { port } = new URL(server.url)
      const halves = Array.from({ length: 200 }, () => {
        const socket = connect(Number(port), 'localhost')
        socket.on('error', () => {})
        socket.write(`GET /live/websocket?vsn=2.0.0 HTTP/1.1\r\nhost: localhost\r\nupgrade: websock`)
        endsWithServer(once(socket, 'close'))
        return socket
      })
      await Promise.all(halves.map((socket) => once(socket, 'connect')))
      // Node ends each of them by itself after this time.
      expect(server.server.headersTimeout).toBeGreaterThan(0)
    }))
})

describe('a join that is not the page that the server rendered', () => {
  type Change = (page: Page, target: Target, other: Page) => Json
  const cases: readonly (readonly [string, string, Change])[] = [
    ['no session', 'invalid join', () => ({ session: undefined })],
    ['a session that is a number', 'invalid join', () => ({ session: 7 })],
    ['an empty session', 'stale', () => ({ session: '' })],
    ['a forged session', 'stale', ({ session }) => ({ session: `${session.slice(0, -2)}AA` })],
    [
      'an expired session',
      'stale',
      ({ id }, { signer }) => ({
        session: signer(Date.now() - 15 * day).sign('view', { kind: 'route', id, nonce: '', route: '/', session: {} }),
      }),
    ],
    ['a session of another page', 'stale', (_, __, other) => ({ session: other.session })],
    ['a session that is the static token', 'stale', (page) => ({ session: page.static })],
    ['a session of another purpose', 'stale', ({ id }, { signer }) => ({ session: signer().sign('upload', { id }) })],
    ['a static token that is a number', 'invalid join', () => ({ static: 7 })],
    ['a forged static token', 'stale', () => ({ static: 'x.y' })],
    ['a static token of another page', 'stale', (_, __, other) => ({ static: other.static })],
    ['no address', 'stale', () => ({ url: undefined })],
    ['an address that is a number', 'stale', () => ({ url: 7 })],
    ['an address that is none', 'stale', () => ({ url: 'nowhere' })],
    ['an address without a host', 'stale', () => ({ url: 'javascript:/' })],
    ['the address of another view', 'unauthorized', ({ url }) => ({ url: `${url}other` })],
    ['the address of no view', 'unauthorized', ({ url }) => ({ url: `${url}nothing/here` })],
    ['an address with a bad query', 'unauthorized', ({ url }) => ({ url: `${url}?a=%ff` })],
    ['a redirect to no view', 'unauthorized', ({ url }) => ({ redirect: `${url}nothing/here` })],
    ['a redirect that is an object', 'stale', () => ({ redirect: {} })],
  ]
  it.for(cases)('%s', ([, reason, change]) =>
    withTarget({ routes: {} }, async (target) => {
      const page = await fetchPage(`${target.url}/`)
      const other = await fetchPage(`${target.url}/`, page.cookie)
      const client = await target.open(page)
      expect(await client.join(`lv:${page.id}`, joinPayload(page, change(page, target, other))).reply).toEqual(
        refused(reason),
      )
      // Nothing stands in the way of the page itself.
      await client.joinView(page)
    }),
  )

  it.for([
    ['text', 'x'],
    ['null', null],
    ['a list', [1]],
    ['of prototypes', JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as unknown],
  ] as const)('connect params that are %s change nothing', ([, params]) =>
    withTarget({}, async ({ url, open }) => {
      const page = await fetchPage(url)
      const client = await open(page)
      await client.joinView(page, { params })
      expect(({} as Json)['polluted']).toBeUndefined()
    }),
  )
})

it('sockets past maxConnections are refused, long-poll sessions count too, and those that end make room', () =>
  withTarget({ limits: { maxConnections: 3 } }, async ({ url, open, sockets }) => {
    const page = await fetchPage(url)
    const first = await open(page)
    await open(page)
    await LongPollClient.open(page)
    await expect(open(page)).rejects.toThrow('Unexpected server response: 503')
    expect(await new LongPollClient(page).get()).toMatchObject({ status: 500 })
    await first.leave()
    await expect.poll(() => sockets.size).toBe(1)
    await (await open(page)).leave()
  }))
