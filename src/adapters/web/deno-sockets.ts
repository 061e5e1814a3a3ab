/** The WebSockets of Deno: such as browsers have, made of a request. They have no pings that a program may send. */
import type { Line, LineEvents } from './line.ts'

interface DenoSocket {
  binaryType: string
  readonly bufferedAmount: number
  send(text: string): void
  close(code?: number, reason?: string): void
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: string | ArrayBuffer }) => void) | null
  onerror: (() => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
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
  socket.onopen = () => void (events = opened(toLine(socket)))
  socket.onmessage = ({ data }) => events?.message(data)
  // Its end is told by `onclose`.
  socket.onerror = () => {}
  socket.onclose = ({ code, reason }) => events?.closed(code, reason)
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
