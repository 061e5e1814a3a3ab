/** Clients that offer another protocol beside a plain request, as `curl --http2` and the JVM's own do: they are served all the same. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createLiveServer, createLiveView, html } from 'liveloom'
import { createHandler, serve } from 'liveloom/node'
import { describe, expect, it, vi } from 'vitest'
import { openSocket, readAnswer, requestText } from '../support/raw-http.ts'

const live = () =>
  createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/': createLiveView({ render: () => html`<h1>Hello</h1>` }) },
    onError() {},
  })

const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA']
const host = 'Host: localhost'

/** Answers with what it was sent. */
function echo(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (request.method !== 'POST') return next()
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const { connection = '', upgrade = 'none' } = request.headers
    response.end(`${upgrade} (${connection}) ${Buffer.concat(pieces).toString()}`)
  })
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((_, count) => resolve(count)))

type Start = () => Promise<{ readonly url: string; readonly server: Server; close(): Promise<void> }>

const served: Start = () => serve(live(), { port: 0, signals: false, development: false, use: [echo] })

const attached: Start = async () => {
  const handler = createHandler(live(), { development: false })
  const server = createServer((request, response) =>
    echo(request, response, () => {
      handler.middleware(request, response, () => handler.notFound(request, response))
    }),
  )
  handler.attach(server)
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await handler.close()
  }
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, server, close }
}

describe.for([
  ['serve', served],
  ['attach', attached],
] as const)('%s', ([, start]) => {
  async function withConnection(use: (socket: Socket, server: Server) => Promise<void>): Promise<void> {
    const { url, server, close } = await start()
    const socket = await openSocket(url)
    try {
      await use(socket, server)
    } finally {
      socket.destroy()
      await close()
    }
  }

  it('serves the page, and the connection goes on', () =>
    withConnection(async (socket) => {
      for (const headers of [h2c, [], h2c, ['Connection: Upgrade', 'Upgrade: TLS/1.0']]) {
        socket.write(requestText('/', [host, ...headers]))
        const { status, body, headers: answered } = await readAnswer(socket)
        expect([status, answered['connection']]).toEqual([200, 'keep-alive'])
        expect(body).toContain('<h1>Hello</h1>')
      }
    }))

  it('reads the body, whether it comes with the request or after it', () =>
    withConnection(async (socket, server) => {
      const post = (...headers: readonly string[]): string =>
        requestText('/', [host, ...h2c, ...headers]).replace('GET', 'POST')
      socket.write(`${post('Content-Length: 10')}hello `)
      await once(server, 'request')
      socket.write('body')
      expect((await readAnswer(socket)).body).toBe('none () hello body')
      socket.write(`${post('Transfer-Encoding: chunked', 'Connection: keep-alive')}5\r\nhello\r\n0\r\n\r\n`)
      expect((await readAnswer(socket)).body).toBe('none (keep-alive) hello')
      socket.write(requestText('/', [host]))
      expect((await readAnswer(socket)).status).toBe(200)
    }))

  it('takes no body for a request whose length is told behind more headers than Node shows', () =>
    withConnection(async (socket, server) => {
      const seen: string[] = []
      server.on('request', ({ url }) => seen.push(url!))
      const hidden = requestText('/hidden', [host])
      const many = Array.from({ length: 1100 }, () => 'a: b')
      const lines = [host, ...h2c, ...many, `Content-Length: ${hidden.length}`]
      socket.write(requestText('/', lines).replace('GET', 'POST') + hidden)
      const { status, body } = await readAnswer(socket)
      if (status === 431) {
        await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0))
        return expect(seen).toEqual([])
      }
      expect(body).toBe(`none () ${hidden}`)
      socket.write(requestText('/last', [host]))
      await readAnswer(socket)
      expect(seen).toEqual(['/', '/last'])
    }))

  it('closes the connection of one who wants it closed', () =>
    withConnection(async (socket) => {
      socket.write(requestText('/', [host, 'Connection: Upgrade, close', 'Upgrade: h2c']))
      const { headers } = await readAnswer(socket)
      expect(headers['connection']).toBe('close')
      await once(socket.resume(), 'end')
    }))

  it('answers at the path of the socket that there is no page', () =>
    withConnection(async (socket) => {
      socket.write(requestText('/live/websocket?vsn=2.0.0', [host, ...h2c]))
      expect((await readAnswer(socket)).status).toBe(404)
    }))

  it('leaves no listener on a connection that asks again and again', () =>
    withConnection(async (socket, server) => {
      let counts: readonly number[] = []
      const count = (connection: Socket): readonly number[] =>
        ['data', 'end', 'close', 'error', 'drain', 'timeout'].map((name) => connection.listenerCount(name))
      const ask = async (): Promise<readonly number[]> => {
        server.once('request', (request) => (counts = count(request.socket)))
        socket.write(requestText('/', [host, ...h2c]))
        await readAnswer(socket)
        return counts
      }
      await ask()
      const first = await ask()
      for (let round = 0; round < 10; round++) await ask()
      expect(await ask()).toEqual(first)
    }))

  it('does not hang on one who asks before the last answer came', () =>
    withConnection(async (socket, server) => {
      socket.write(requestText('/', [host]) + requestText('/', [host, ...h2c]))
      socket.resume()
      await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0))
    }))

  it('answers none before the request that came before it', () =>
    withConnection(async (socket, server) => {
      const waiting = `${requestText('/', [host, 'Expect: 100-continue', 'Content-Length: 1']).replace('GET', 'POST')}x`
      server.once('checkContinue', () => {})
      const many = Array.from({ length: 1100 }, () => 'a: b')
      let answers = ''
      socket.on('data', (piece) => (answers += String(piece)))
      socket.write(waiting + requestText('/', [host, ...h2c, ...many]))
      await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0))
      expect(answers).toBe('')
    }))
})

describe('a server with other listeners', () => {
  it('leaves what they may speak to them, and serves h2c once', async () => {
    const { url, server, close } = await attached()
    const second = createHandler(live(), { development: false })
    second.attach(server)
    server.on('upgrade', (request, socket) => {
      if (request.headers.upgrade === 'mine') socket.end('HTTP/1.1 101 Mine\r\n\r\n')
    })
    const seen: (string | undefined)[] = []
    server.on('request', ({ url: target }) => seen.push(target))
    const ask = async (headers: readonly string[]): Promise<number> => {
      const socket = await openSocket(url)
      socket.write(requestText('/', [host, ...headers]))
      const { status } = await readAnswer(socket)
      socket.destroy()
      return status
    }
    try {
      expect(await ask(['Connection: Upgrade', 'Upgrade: mine'])).toBe(101)
      expect(await ask(h2c)).toBe(200)
      expect(seen).toEqual(['/'])
    } finally {
      await second.close()
      await close()
    }
  })
})
