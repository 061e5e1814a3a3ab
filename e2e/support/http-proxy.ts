/** An HTTP proxy before the server, with habits of those that are in use. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'

export interface Habits {
  /** Takes a whole body in before it asks the server, as nginx does by default. */
  readonly buffers?: boolean
  /** Passes so many bytes of a body on, and then breaks off and answers 502, as Caddy does with `max_size`. */
  readonly breaksAt?: number
}

export class HttpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** How many bytes the bodies had that it passed on whole, and that the server took. */
  readonly passed: number[] = []
  /** How many the bodies had that it broke off. */
  readonly broken: number[] = []

  private constructor(target: () => number, habits: Habits) {
    this.#server = createServer((asked, response) => {
      // The browser or the server may leave in the middle.
      this.#pass(asked, response, target(), habits).catch(() => response.destroy())
    })
    this.#server.on('connection', (socket) => this.#track(socket))
    this.#server.on('upgrade', (asked: IncomingMessage, near: Socket, head: Buffer) => {
      const far = connect(target(), 'localhost')
      this.#track(far)
      const { rawHeaders: raw } = asked
      const lines = raw.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${raw[at + 1]}`] : []))
      far.write([`GET ${asked.url} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
      far.write(head)
      near.pipe(far).pipe(near)
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
    })
  }

  /** `target`: the server's port. */
  static async open(target: () => number, habits: Habits): Promise<HttpProxy> {
    const proxy = new HttpProxy(target, habits)
    proxy.#server.listen(0, 'localhost')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://localhost:${this.port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #pass(asked: IncomingMessage, response: ServerResponse, port: number, habits: Habits): Promise<void> {
    const { buffers = false, breaksAt = Infinity } = habits
    const { method, headers, url: path } = asked
    // What it does not pass on it still reads: the browser sends it all.
    const whole = buffers ? [await readAll(asked)] : asked.iterator({ destroyOnReturn: false })
    const onward = request({ host: 'localhost', port, method, headers, path, agent: false })
    const answered = once(onward, 'response') as Promise<[IncomingMessage]>
    answered.catch(() => {})
    response.once('close', () => {
      if (!response.writableFinished) onward.destroy()
    })
    // The server may answer before it has all, and read no more.
    let isAnswered = false
    onward.once('response', () => (isAnswered = true))
    let sent = 0
    for await (const piece of whole as AsyncIterable<Buffer>) {
      const fits = piece.subarray(0, breaksAt - sent)
      if (isAnswered) continue
      if (fits.length > 0 && !onward.write(fits)) await Promise.race([once(onward, 'drain'), answered])
      sent += fits.length
      if (fits.length === piece.length) continue
      onward.destroy()
      asked.resume()
      this.broken.push(Number(headers['content-length']))
      return void response.writeHead(502, { connection: 'close' }).end()
    }
    onward.end()
    const [answer] = await answered
    if (sent > 0 && answer.statusCode! < 300) this.passed.push(sent)
    response.writeHead(answer.statusCode!, answer.headers)
    await pipeline(answer, response)
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

/** Rejects when it breaks off: then the server never hears of it. */
async function readAll(asked: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of asked as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
}
