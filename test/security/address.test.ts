/** Which page a request is for, and for whom the server answers: nothing that a header says leads around a guard. */
import { createLiveServer, createLiveView, html, type LiveServerOptions } from 'liveloom'
import { type HandlerOptions, type Middleware, type NodeServer, serve } from 'liveloom/node'
import { describe, expect, it } from 'vitest'
import { fetchPage, socketUrl, upgradeHeaders } from '../support/raw-client.ts'
import { ask, requestText } from '../support/raw-http.ts'

const page = (name: string) => createLiveView({ render: (_, { url }) => html`<h1>${name} at ${url.href}</h1>` })

/** As applications have it: whoever asks for `/admin` is turned away. */
const guardAdmin: Middleware = (request, response, next) => {
  if (request.url?.startsWith('/admin') !== true) return next()
  response.statusCode = 401
  response.end('guarded')
}

interface Served extends HandlerOptions {
  readonly server?: Partial<LiveServerOptions>
}

async function withServer(
  { server: options, ...handler }: Served,
  attack: (url: string, server: NodeServer) => Promise<void>,
): Promise<void> {
  const live = createLiveServer({
    secret: 'an attacker knows everything but this',
    routes: { '/': page('home'), '/admin': page('admin'), '/x/admin': page('below') },
    onError() {},
    ...options,
  })
  const server = await serve(live, { port: 0, signals: false, development: false, use: [guardAdmin], ...handler })
  try {
    await attack(server.url, server)
  } finally {
    await server.close()
  }
}

const hosts = ['x/admin?', 'x/admin#', 'x#', 'x@', 'x\\', 'x\\admin?', 'x:80/admin?', '/admin?', '?', 'a b', '']

describe('a page is the one of the request line', () => {
  it('whatever the Host header says', () =>
    withServer({}, async (url) => {
      expect((await ask(url, requestText('/admin', ['Host: x']))).status).toBe(401)
      for (const host of hosts) {
        const { status, body } = await ask(url, requestText('/', [`Host: ${host}`]))
        expect([host, status]).toEqual([host, 400])
        expect(body).not.toContain('admin')
      }
    }))

  it.each(['X-Forwarded-Host', 'X-Forwarded-Proto'])('whatever %s of a trusted proxy says', (name) =>
    withServer({ trustProxy: true }, async (url) => {
      const values = name === 'X-Forwarded-Proto' ? ['http://x/admin?', 'https://x/admin#', 'ftp', 'javascript'] : hosts
      for (const value of values.filter((text) => text !== '')) {
        const { status, body } = await ask(url, requestText('/', ['Host: x', `${name}: ${value}`]))
        expect([value, status]).toEqual([value, 400])
        expect(body).not.toContain('admin')
      }
    }),
  )

  it.each(['X-Forwarded-Host', 'X-Forwarded-Proto'])('and %s means nothing without one', (name) =>
    withServer({}, async (url) => {
      const { status, body } = await ask(url, requestText('/', ['Host: x', `${name}: x/admin?`]))
      expect([status, body]).toEqual([200, expect.stringContaining('home at http://x/')])
    }),
  )

  it.for([
    'http://x/admin',
    'HTTP://x/admin',
    '//x/../admin',
    '/x/../admin',
    '/x/%2e%2e/admin',
    '/./admin',
    '/x/..\\admin',
    '\\admin',
    '/\\admin',
    '*',
    '/#/admin',
    '/ad\tmin',
  ])('and its target %j leads to no page', (target) =>
    withServer({}, async (url) => {
      const { status, body } = await ask(url, requestText(target, ['Host: x']))
      expect([400, 404]).toContain(status)
      expect(body).not.toContain('admin at')
    }),
  )

  it('and a path that begins like a host is a path', () =>
    withServer({}, async (url) => {
      expect((await ask(url, requestText('//x/admin', ['Host: y']))).status).toBe(404)
    }))

  it('and one who asks to be connected elsewhere is not', () =>
    withServer({}, async (url) => {
      await expect(ask(url, 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n')).rejects.toThrow(
        'the connection ended after ""',
      )
    }))
})

describe('the host of a request', () => {
  it.for([
    ['1.0', [], 200, 'home at http://localhost/'],
    ['1.0', ['Host: old.example'], 200, 'home at http://old.example/'],
    ['1.1', [], 400, ''],
    ['1.1', ['Host: a.example', 'Host: b.example'], 400, ''],
    ['1.1', ['Host: [::1]:4000'], 200, 'home at http://[::1]:4000/'],
  ] as const)('of HTTP/%s with %j is answered %i', ([version, headers, status, shown]) =>
    withServer({}, async (url) => {
      const answer = await ask(url, requestText('/', headers, version))
      expect(answer.status).toBe(status)
      expect(answer.body).toContain(shown)
    }),
  )

  it.for([
    [true, ['X-Forwarded-Host: real.example'], 'http://real.example/'],
    [true, ['X-Forwarded-Host: spoofed.example, real.example'], 'http://real.example/'],
    [true, ['X-Forwarded-Host: spoofed.example', 'X-Forwarded-Host: real.example'], 'http://real.example/'],
    [2, ['X-Forwarded-Host: spoofed.example, real.example, inner.example'], 'http://real.example/'],
    [2, ['X-Forwarded-Host: real.example'], 'http://real.example/'],
    [1, ['X-Forwarded-Proto: http, https'], 'https://x/'],
    [2, ['X-Forwarded-Proto: https, http'], 'https://x/'],
    [1, ['X-Forwarded-Proto: wss'], 'https://x/'],
    [1, ['X-Forwarded-Proto: '], 'http://x/'],
  ] as const)('is with trustProxy %j and %j that of %s', ([trustProxy, headers, address]) =>
    withServer({ trustProxy }, async (url) => {
      const { body } = await ask(url, requestText('/', ['Host: x', ...headers]))
      expect(body).toContain(`home at ${address}`)
    }),
  )

  it.each([0, -1, 1.5, NaN, '1', 'loopback', null, {}])('trustProxy %j throws at once', async (trustProxy) => {
    await expect(withServer({ trustProxy: trustProxy as never }, async () => {})).rejects.toMatchObject({
      code: 'ERR_SERVER_OPTIONS',
      message: expect.stringContaining('trustProxy must be true, false, or how many proxies are trusted, got '),
    })
  })
})

describe('a name that a stranger had point at this machine', () => {
  /** Each thing that a server says: a page, what is no page, long polling, the client, and what the application's middleware says. */
  const targets = ['/', '/nothing', '/live/longpoll?vsn=2.0.0', '/live/client.js', '/live/development', '/admin']

  it('is answered nothing in development, and the page says which option allows it', () =>
    withServer({ development: true }, async (url) => {
      for (const target of targets) {
        const { status, body } = await ask(url, requestText(target, ['Host: evil.example:4000']))
        expect([target, status]).toEqual([target, 403])
        expect(body).toContain(`allow it with hosts: [&#39;evil.example:4000&#39;] of createLiveServer`)
      }
      for (const host of ['localhost:4000', 'album.localhost', '127.0.0.1', '192.168.1.20:4000', '[::1]:4000']) {
        expect([host, (await ask(url, requestText('/', [`Host: ${host}`]))).status]).toEqual([host, 200])
      }
    }))

  it('is answered nothing by a server that knows its own', () =>
    withServer({ server: { hosts: ['example.com', '.example.org:8080'] } }, async (url) => {
      const status = async (host: string, target = '/'): Promise<number> =>
        (await ask(url, requestText(target, [`Host: ${host}`]))).status
      for (const target of targets) expect([target, await status('evil.example', target)]).toEqual([target, 403])
      for (const host of ['localhost', '127.0.0.1', 'a.example.com', 'a.example.org']) {
        expect([host, await status(host)]).toEqual([host, 403])
      }
      for (const host of ['example.com', 'EXAMPLE.com.', 'example.com:81', 'a.example.org:8080']) {
        expect([host, await status(host)]).toEqual([host, 200])
      }
    }))

  it('opens no socket', () =>
    withServer({ server: { hosts: ['localhost'] } }, async (url) => {
      const { pathname, search } = new URL(socketUrl(await fetchPage(url)))
      const status = async (host: string): Promise<number> => {
        const headers = Object.entries({ host, ...upgradeHeaders }).map(([name, value]) => `${name}: ${value}`)
        return (await ask(url, requestText(pathname + search, headers))).status
      }
      expect(await status('localhost:4000')).toBe(101)
      expect(await status('evil.example')).toBe(403)
      expect(await status('localhost/live?')).toBe(400)
    }))

  it('is any name in production, unless the server says otherwise', () =>
    withServer({}, async (url) => {
      expect((await ask(url, requestText('/', ['Host: whatever.example']))).status).toBe(200)
    }))
})

describe('the origin of a socket', () => {
  const upgrade = async (url: string, headers: Readonly<Record<string, string>>): Promise<number> => {
    const lines = Object.entries({ host: 'x', ...upgradeHeaders, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    )
    return (await ask(url, requestText('/live/websocket?vsn=2.0.0', lines))).status
  }

  it.for([
    ['http://x', 'http', 101],
    ['https://x', 'https', 101],
    // A proxy that ends TLS and does not say so.
    ['https://x', 'http', 101],
    // A page that anyone on the way may have written.
    ['http://x', 'https', 403],
    ['ftp://x', 'http', 403],
    ['capacitor://x', 'http', 403],
  ] as const)('%s is answered on %s with %i', ([origin, proto, status]) =>
    withServer({ trustProxy: true }, async (url) => {
      expect(await upgrade(url, { origin, 'x-forwarded-proto': proto })).toBe(status)
    }),
  )

  it.for([
    // `Host: $host:$server_port` of a proxy that ends TLS.
    ['https://x', 'x:443', 101],
    ['https://x:8443', 'x:8443', 101],
    ['http://x', 'x:80', 101],
    ['http://x', 'x:443', 403],
    ['https://x:8443', 'x:443', 403],
    ['https://x', 'x:8443', 403],
    ['https://y', 'x:443', 403],
  ] as const)('%s is answered at the host %s with %i', ([origin, host, status]) =>
    withServer({}, async (url) => {
      expect(await upgrade(url, { origin, host })).toBe(status)
    }),
  )

  it('of another scheme is let in when the server names it', () =>
    withServer({ server: { origins: ['capacitor://x'] } }, async (url) => {
      expect(await upgrade(url, { origin: 'capacitor://x' })).toBe(101)
    }))
})
