/**
 * Notices a connection that only seems to live: after a change of networks the browser may go on believing in a dead one for a minute. A
 * small question every few seconds, while the page is seen and nothing else comes; where no answer comes, the connection is closed the way
 * the official client closes one whose heartbeat timed out, and opened anew.
 */
import type { Socket } from 'phoenix'
import type { LiveSocket } from 'phoenix_live_view'
import { channelEvents, heartbeatTopic } from '../protocol/message.ts'
import { onPush, type WireMessage } from './pushes.ts'

/** Ms between two looks, and that an answer may take. */
const patience = 5000
/** The same while much is on its way before the question: a chunk of a file, a large form. */
const longPatience = 30_000
const largePush = 16 * 1024
/** A push that takes so long makes the official client disconnect and load the page anew some seconds later. */
const clientGivesUp = 29_000

/** What of phoenix is not in its types. */
type Inside = Socket & {
  readonly conn: unknown
  readonly closeWasClean: boolean
  pendingHeartbeatRef: string | null
  readonly reconnectTimer: { reset(): void }
  heartbeatTimeout(): void
  teardownAndReconnect(reconnect: () => void): void
  makeRef(): string
}

/** Keeps the connection honest. */
export function watchConnection(liveSocket: LiveSocket): void {
  const socket = liveSocket.getSocket() as Inside
  const line = new Line(socket)
  onPush(liveSocket, (push) => line.sent(push))
  socket.onMessage((message: unknown) => line.heard(message as WireMessage))
  socket.onOpen(() => line.opened())
  socket.onClose(() => {
    if (line.closed()) setTimeout(() => liveSocket.connect(), 500 + Math.random() * 2000)
  })
  setInterval(() => line.look(), patience)
  addEventListener('online', () => line.online())
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) line.ask()
  })
}

class Line {
  readonly #socket: Inside
  #heardAt = 0
  #askedAt = 0
  #asks = false
  /** Pushes without an answer, by when they were sent; those of much are told apart. */
  readonly #sent = new Map<string, { readonly at: number; readonly large: boolean }>()

  constructor(socket: Inside) {
    this.#socket = socket
  }

  sent({ ref, payload, event }: WireMessage): void {
    if (typeof ref !== 'string' || event === channelEvents.join) return
    this.#sent.set(ref, { at: now(), large: isLarge(payload) })
  }

  heard({ ref }: WireMessage): void {
    this.#heardAt = now()
    this.#asks = false
    if (typeof ref === 'string') this.#sent.delete(ref)
  }

  opened(): void {
    this.#heardAt = now()
    this.#asks = false
  }

  /** True when the official client has given up, and may be asked to go on. */
  closed(): boolean {
    const [oldest] = this.#sent.values()
    this.#sent.clear()
    this.#asks = false
    return this.#socket.closeWasClean && oldest !== undefined && now() - oldest.at > clientGivesUp && !document.hidden
  }

  /** Looks whether something has come since. */
  look(): void {
    if (!this.#isWatched()) return
    if (!this.#asks) {
      // Timers come late, and one look may just miss the other.
      if (now() - this.#heardAt > patience / 2) this.ask()
      return
    }
    const waits = [...this.#sent.values()].some(({ large }) => large) ? longPatience : patience
    if (now() - this.#askedAt >= waits - patience / 10) this.#giveUp()
  }

  ask(): void {
    if (!this.#isWatched() || this.#asks) return
    this.#asks = true
    this.#askedAt = now()
    const ref = this.#socket.makeRef()
    this.#socket.push({ topic: heartbeatTopic, event: channelEvents.heartbeat, payload: {}, ref } as never)
  }

  /** The browser has found a network. */
  online(): void {
    const socket = this.#socket
    if (socket.isConnected()) return this.ask()
    if (socket.closeWasClean || document.hidden) return
    socket.reconnectTimer.reset()
    socket.teardownAndReconnect(() => socket.connect())
  }

  /** Polls have a time of their own, and a hidden page sleeps. */
  #isWatched(): boolean {
    const { conn } = this.#socket
    return (
      this.#socket.isConnected() && !document.hidden && typeof WebSocket === 'function' && conn instanceof WebSocket
    )
  }

  #giveUp(): void {
    this.#asks = false
    // What it waits for then is of the old connection.
    this.#socket.pendingHeartbeatRef ??= this.#socket.makeRef()
    this.#socket.heartbeatTimeout()
  }
}

/** A clock that goes on while the machine sleeps would find every answer late. */
function now(): number {
  return performance.now()
}

function isLarge(payload: unknown): boolean {
  if (payload instanceof ArrayBuffer) return true
  const { value } = (typeof payload === 'object' && payload !== null ? payload : {}) as { readonly value?: unknown }
  return typeof value === 'string' && value.length > largePush
}
