/** The WebSockets of Deno: such as browsers have, made of a request. They have no pings that a program may send. */
import type { Line, LineEvents } from './line.ts'

interface DenoClose {
  /** 0 where the line was cut; 1001 where Deno's own ping has had no answer. */
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

interface DenoSocket {
  binaryType: string
  readonly bufferedAmount: number
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open', listen: () => void): void
  addEventListener(type: 'message', listen: (event: { readonly data: string | ArrayBuffer }) => void): void
  addEventListener(type: 'close', listen: (event: DenoClose) => void): void
  addEventListener(type: 'error', listen: () => void): void
}

/** What the others say of a line that is lost. */
const lost = 1006

interface DenoLike {
  upgradeWebSocket(request: Request): { readonly socket: DenoSocket; readonly response: Response }
}

/** `undefined` where there is no Deno. */
export function upgradeDeno(request: Request, opened: (line: Line) => LineEvents): Response | undefined {
  const { Deno: deno } = globalThis as { readonly Deno?: DenoLike }
  if (deno === undefined) return undefined
  const { socket, response } = deno.upgradeWebSocket(request)
  socket.binaryType = 'arraybuffer'
  let events: LineEvents | undefined
  socket.addEventListener('open', () => void (events = opened(toLine(socket))))
  socket.addEventListener('message', ({ data }) => events?.message(data))
  // Its end is told by `close`.
  socket.addEventListener('error', () => {})
  socket.addEventListener('close', ({ code, reason, wasClean }) => events?.closed(wasClean ? code : lost, reason))
  return response
}

function toLine(socket: DenoSocket): Line {
  return {
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
    // There is no other end.
    terminate: () => socket.close(),
    get unsentBytes() {
      return socket.bufferedAmount
    },
  }
}
