/** What a client can keep open: a socket that is refused, one that is never decided on, a page that it does not read. */
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createLiveServer, createLiveView, html, type LiveServerOptions } from 'liveloom'
import { createHandler, serve } from 'liveloom/node'
import { describe, expect, it, vi } from 'vitest'
import { upgradeHeaders } from '../support/raw-client.ts'
import { openSocket, readAnswer, requestText } from '../support/raw-http.ts'

const secret = 'an attacker knows everything but this'
const small = createLiveView({ render: () => html`<p>small</p>` })
const home = createLiveView({ render: () => html`<p>${'x'.repeat(8 * 1024 * 1024)}</p>` })

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })

const upgradeText = (target: string, headers: Readonly<Record<string, string>> = {}): string => {
  const all = Object.entries({ host: 'localhost', ...upgradeHeaders, ...headers })
  return requestText(
    target,
    all.map(([name, value]) => `${name}: ${value}`),
  )
}

interface Attack {
  readonly url: string
  readonly server: Server
  /** Opens a connection that this side never ends, also when the other has. */
  open(): Promise<Socket>
  /** Of the server; once. */
  close(): Promise<void>
  readonly reports: readonly unknown[]
}

async function withServer(
  options: Partial<LiveServerOptions>,
  attack: (target: Attack) => Promise<void>,
): Promise<void> {
  const reports: unknown[] = []
  const live = createLiveServer({ secret, routes: { '/': home }, onError: (error) => reports.push(error), ...options })
  const { url, server, close } = await serve(live, { port: 0, signals: false, development: false })
  const sockets: Socket[] = []
  const open = async (): Promise<Socket> => {
    const socket = await openSocket(url)
    sockets.push(socket)
    return socket
  }
  try {
    await attack({ url, server, open, close, reports })
  } finally {
    for (const socket of sockets) socket.destroy()
    await close()
  }
}

describe('a socket that is refused', () => {
  const socket = '/live/websocket?vsn=2.0.0'
  const refusals: readonly (readonly [string, string, number])[] = [
    ['of another origin', upgradeText(socket, { origin: 'https://evil.example' }), 403],
    ['of another serializer', upgradeText('/live/websocket?vsn=1.0.0'), 403],
    ['of a host that is none', upgradeText(socket, { host: 'x/admin?' }), 400],
    ['of another path', upgradeText('/elsewhere'), 404],
    ['without a key', upgradeText(socket, { 'sec-websocket-key': 'x' }), 400],
    ['of another version', upgradeText(socket, { 'sec-websocket-version': '5' }), 400],
    ['of a protocol that is none', upgradeText(socket, { 'sec-websocket-protocol': ';;;' }), 400],
    ['by another method', upgradeText(socket).replace('GET', 'POST'), 400],
  ]

  it('leaves nothing open, as often as it is asked for, though its client never closes', () =>
    withServer({}, async ({ server, open }) => {
      for (let round = 0; round < 200 / refusals.length; round++) {
        await Promise.all(
          refusals.map(async ([name, text, status]) => {
            const client = await open()
            client.write(text)
            expect([name, (await readAnswer(client)).status]).toEqual([name, status])
          }),
        )
      }
      await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0))
    }))

  it('leaves nothing open when its client reads nothing', () =>
    withServer({}, async ({ server, open }) => {
      for (const [, text] of refusals) (await open()).pause().write(text)
      await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0))
    }))

  it('of a server that is not ours alone is left to the others, and refused when there are none', async () => {
    const live = createHandler(createLiveServer({ secret, routes: { '/': home } }), { development: false })
    const server = createServer((_, response) => response.end())
    live.attach(server)
    server.listen(0, 'localhost')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const ask = async (): Promise<number> => {
      const client = connect({ host: 'localhost', port, allowHalfOpen: true })
      client.write(upgradeText('/elsewhere'))
      const { status } = await readAnswer(client)
      await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0))
      client.destroy()
      return status
    }
    expect(await ask()).toBe(404)
    // Two applications on one server, each of which leaves it to the other.
    const second = createHandler(createLiveServer({ secret, name: 'second', routes: {} }), { development: false })
    second.attach(server)
    second.attach(server)
    expect(await ask()).toBe(404)
    server.on('upgrade', (_, socket) => void socket.end('HTTP/1.1 418 Mine\r\n\r\n', () => socket.destroy()))
    expect(await ask()).toBe(418)
    server.close()
    await Promise.all([live.close(), second.close()])
  })
})

describe('a socket that is not decided on', () => {
  const never = { session: () => new Promise<never>(() => {}), limits: { upgradeTimeout: 50 } }

  /** What a page has, got while `session` still answers. */
  async function withPage(
    options: Partial<LiveServerOptions>,
    attack: (target: Attack, text: string) => Promise<void>,
  ): Promise<void> {
    let asked = 0
    const session = (): object => (asked++ === 0 ? {} : options.session!({} as never))
    await withServer({ ...options, session: session as never, routes: { '/': small } }, async (target) => {
      const response = await fetch(target.url)
      const cookie = response.headers.getSetCookie()[0]!.split(';', 1)[0]!
      const token = /name="csrf-token" content="([^"]+)"/.exec(await response.text())![1]!
      await attack(target, upgradeText(`/live/websocket?vsn=2.0.0&_csrf_token=${token}`, { cookie }))
    })
  }

  it('is given up after upgradeTimeout, and reported', () =>
    withPage(never, async ({ server, open, reports }, text) => {
      const before = await connectionsOf(server)
      const client = await open()
      client.write(text)
      expect((await readAnswer(client)).status).toBe(503)
      await vi.waitFor(async () => expect(await connectionsOf(server)).toBeLessThanOrEqual(before))
      expect(reports).toEqual([expect.objectContaining({ message: expect.stringContaining('limits.upgradeTimeout') })])
    }))

  it('is refused when session fails, and leaves nothing open', () =>
    withPage({ session: () => Promise.reject(new Error('no database')) }, async ({ server, open, reports }, text) => {
      const before = await connectionsOf(server)
      const client = await open()
      client.write(text)
      expect((await readAnswer(client)).status).toBe(500)
      await vi.waitFor(async () => expect(await connectionsOf(server)).toBeLessThanOrEqual(before))
      expect(reports).toEqual([expect.objectContaining({ message: 'no database' })])
    }))

  it('is given up when the server closes', () =>
    withPage({ session: never.session }, async ({ server, open, close }, text) => {
      const client = await open()
      const taken = once(server, 'upgrade')
      client.write(text)
      await taken
      void close()
      expect((await readAnswer(client)).status).toBe(503)
    }))
})

describe('a page that its client does not read', () => {
  it.each([
    { name: 'a small one', routes: { '/': small } },
    { name: 'a large one', routes: undefined },
  ])('is the only thing that unsentTimeout ends: not the connection that brought $name', ({ routes }) =>
    // Long: a busy machine may take its time to read a large page.
    withServer({ limits: { unsentTimeout: 20_000 }, ...(routes && { routes }) }, async ({ server, open }) => {
      // An idle connection of this server is kept for ever.
      server.keepAliveTimeout = 0
      const client = await open()
      let timeout: number | undefined
      // Without a time from the start it has none.
      server.once('request', ({ socket }, response) => response.once('close', () => (timeout = socket.timeout ?? 0)))
      client.write(requestText('/', ['Host: localhost']))
      expect((await readAnswer(client)).status).toBe(200)
      await vi.waitFor(() => expect(timeout).toBe(0))
    }),
  )

  it('is given up after unsentTimeout', () =>
    withServer({ limits: { unsentTimeout: 50 } }, async ({ server, open }) => {
      const client = (await open()).pause()
      client.write(requestText('/', ['Host: localhost']))
      await once(server, 'request')
      await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0), { timeout: 5000 })
    }))
})
