/** The WebSockets of Deno: such as browsers have, made of a request. They have no pings that a program may send. */
import type { Line, LineEvents } from './line.ts'

interface DenoSocket {
  binaryType: string
  readonly bufferedAmount: number
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open', listen: () => void): void
  addEventListener(type: 'message', listen: (event: { readonly data: string | ArrayBuffer }) => void): void
  addEventListener(type: 'close', listen: (event: { readonly code: number; readonly reason: string }) => void): void
  addEventListener(type: 'error', listen: () => void): void
}

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
  socket.addEventListener('close', ({ code, reason }) => events?.closed(code, reason))
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
