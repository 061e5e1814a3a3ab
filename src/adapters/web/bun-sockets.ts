/** What `Bun.serve` has of its own: a clock for each request, and WebSockets whose events come to one object for all of them. */
import type { ServerLimits } from '../../server/limits.ts'
import type { WebRuntime } from './handler.ts'
import type { Line, LineEvents } from './line.ts'

/** What is asked of the server of Bun, which `fetch` is given. */
export interface BunServerLike {
  upgrade(request: Request, options: { data: BunSocketData }): boolean
  /** Has a request end when nothing goes for so many seconds; 0: never. */
  timeout(request: Request, seconds: number): void
}

/** What a socket of Bun leads to. */
export interface BunSocketData {
  opened(line: Line): LineEvents
  events?: LineEvents | undefined
}

/** What is asked of a socket of Bun. */
export interface BunSocketLike {
  readonly data: BunSocketData
  send(text: string): number
  ping(): number
  close(code: number, reason: string): void
  terminate(): void
  getBufferedAmount(): number
}

/** The option `websocket` of `Bun.serve`. */
export interface BunWebSocketHandler {
  readonly maxPayloadLength: number
  readonly backpressureLimit: number
  readonly perMessageDeflate: false
  open(socket: BunSocketLike): void
  message(socket: BunSocketLike, data: string | Uint8Array): void
  pong(socket: BunSocketLike): void
  close(socket: BunSocketLike, code: number, reason: string): void
}

export interface BunSockets extends Required<WebRuntime<BunServerLike>> {
  readonly websocket: BunWebSocketHandler
}

export function createBunSockets({ maxMessageSize, maxUnsentBytes }: ServerLimits): BunSockets {
  return {
    websocket: {
      maxPayloadLength: maxMessageSize,
      // Past this Bun would drop what is sent; the connection is cut before.
      backpressureLimit: maxUnsentBytes * 2,
      perMessageDeflate: false,
      open(socket) {
        socket.data.events = socket.data.opened(toLine(socket))
      },
      message: (socket, data) => socket.data.events?.message(data),
      pong: (socket) => socket.data.events?.pong(),
      close: (socket, code, reason) => socket.data.events?.closed(code, reason),
    },
    upgrade: (request, server, opened) =>
      // What is answered then goes nowhere.
      server.upgrade(request, { data: { opened } }) ? new Response(null) : undefined,
    // By itself Bun ends what is silent for 8 to 12 s: polls, and uploads whose writer takes its time.
    leaveTime: (request, server) => server.timeout(request, 0),
  }
}

function toLine(socket: BunSocketLike): Line {
  return {
    send(text) {
      // 0: it was dropped, and the page would miss it.
      if (socket.send(text) === 0) socket.terminate()
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    ping: () => void socket.ping(),
    get unsentBytes() {
      return socket.getBufferedAmount()
    },
  }
}
