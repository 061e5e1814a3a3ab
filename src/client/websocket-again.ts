/**
 * Which way a page is connected. The official client polls as soon as its first WebSocket fails, whatever for, and then for as long as its
 * tab lives. Where the network lets no WebSocket through that is right; where the server was just being replaced, or had no room for a moment,
 * it is not. And once a page had one that worked it should never poll.
 */
import type { Socket } from 'phoenix'
import type { LiveSocket } from 'phoenix_live_view'
import { channelEvents, heartbeatTopic } from '../protocol/message.ts'
import { isWebSocket } from './line.ts'

/** Ms from a poll that was opened until a WebSocket is tried, and between tries; the last goes on. */
const pauses = [10_000, 60_000, 600_000]
/** Ms in which one has to be open and to answer. */
const patience = 10_000

/** What of phoenix is not in its types. */
interface Inside {
  longPollFallbackMs: unknown
  transport: unknown
  readonly conn: unknown
  readonly sessionStore: Storage
  endPointURL(): string
  transportName(transport: unknown): string
}

/**
 * The official client falls back on every error before a WebSocket opens, and never returns: after a restart of the server each
 * page would poll for the rest of its life. Once a WebSocket has brought a frame, what fails later is the server, not the network.
 */
export function keepWebSocket(liveSocket: LiveSocket): void {
  // Where a browser has none, phoenix polls from the start.
  if (typeof WebSocket !== 'function') return
  const socket = liveSocket.getSocket() as Socket & Inside
  const ref = socket.onMessage(() => {
    if (!isWebSocket(socket.conn)) return
    socket.off([ref])
    socket.longPollFallbackMs = false
  })
  // What a page was told to use instead it keeps.
  if (socket.transport === WebSocket) lookForOne(socket)
}

/** While a page polls it tries now and then whether a WebSocket works. It has one then with its next connection, and so has the next page. */
function lookForOne(socket: Socket & Inside): void {
  let tries = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const arm = (): void => {
    clearTimeout(timer)
    if (isWebSocket(socket.conn) || socket.longPollFallbackMs === false) return
    timer = setTimeout(() => void look(), pauses[Math.min(tries, pauses.length - 1)])
  }
  const look = async (): Promise<void> => {
    if (!socket.isConnected() || document.hidden) return arm()
    tries++
    if (!(await works(socket.endPointURL()))) return arm()
    // Of a poll that was opened meanwhile.
    clearTimeout(timer)
    socket.sessionStore.removeItem(`phx:fallback:${socket.transportName(socket.transport)}`)
    socket.longPollFallbackMs = false
    socket.transport = WebSocket
  }
  socket.onOpen(arm)
}

/** Some proxies take a WebSocket and swallow what it carries: it has to answer. */
function works(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = new WebSocket(address)
    const end = (found: boolean): void => {
      clearTimeout(timer)
      probe.close()
      resolve(found)
    }
    const timer = setTimeout(() => end(false), patience)
    probe.addEventListener('open', () => {
      probe.send(JSON.stringify([null, '1', heartbeatTopic, channelEvents.heartbeat, {}]))
    })
    probe.addEventListener('message', () => end(true))
    for (const failed of ['error', 'close']) probe.addEventListener(failed, () => end(false))
  })
}
