/**
 * Notices a connection that only seems to live: after a change of networks the browser may go on believing in a dead one for a minute. A
 * small question when nothing has come for a while and the page is seen; where no answer comes, the connection is closed the way the
 * official client closes one whose heartbeat timed out, and opened anew.
 */
import type { Socket } from 'phoenix'
import type { LiveSocket } from 'phoenix_live_view'
import { aliveQuestion, channelEvents } from '../protocol/message.ts'
import { onLost, type WireMessage } from './pushes.ts'

/** Ms without a word before the line is asked, and that its answer may take. */
const patience = 5000
/** The same while much is on its way, and the answer stands behind it: a chunk of a file, a large form, a whole view. */
const longPatience = 30_000
/** Bytes of a frame that is much. */
const much = 16 * 1024
/** A connection that is not open by then is tried anew: the first packets may have gone nowhere. */
const opensWithin = 10_000
/** A timer that comes so late was held up together with the answer. */
const heldUp = 1000
/** Who gives up again and again within this time may be wrong: the server is busy, or the line slow. */
const doubtsFor = 300_000

/** What of phoenix is not in its types. */
interface Inside {
  readonly conn: unknown
  readonly closeWasClean: boolean
  pendingHeartbeatRef: string | null
  readonly reconnectTimer: { reset(): void }
  encode(message: WireMessage, done: (frame: string | ArrayBuffer) => void): void
  heartbeatTimeout(): void
  makeRef(): string
  ping(answered: () => void): boolean
  teardownAndReconnect(reconnect: () => void): void
}

/** A clock of its own: the one on the wall may jump. */
const now = (): number => performance.now()

export class Line {
  readonly #socket: Socket & Inside
  #timer: ReturnType<typeof setTimeout> | undefined
  #dueAt = 0
  #heardAt = 0
  /** When the question was put that has no answer yet. */
  #askedAt: number | undefined
  /** Pushes of much that have no answer yet. */
  readonly #heavy = new Set<string>()
  #opening: { readonly conn: unknown; readonly since: number } | undefined
  #isGivenUp = false
  #gaveUpAt = -Infinity
  #doubts = 0

  constructor(liveSocket: LiveSocket) {
    const socket = (this.#socket = liveSocket.getSocket() as Socket & Inside)
    const encode = socket.encode.bind(socket)
    socket.encode = (message, done) =>
      encode(message, (frame) => {
        this.#sent(message, typeof frame === 'string' ? frame.length : frame.byteLength)
        done(frame)
      })
    socket.onMessage((message: unknown) => this.#heard(message as WireMessage))
    socket.onOpen(() => {
      this.#isGivenUp = false
      this.#heardAt = now()
      this.#arm(patience)
    })
    onLost(liveSocket, (givenUp) => {
      this.#isGivenUp ||= givenUp
      this.#askedAt = undefined
      this.#heavy.clear()
    })
    this.#arm(patience)
    addEventListener('offline', () => this.#ask())
    addEventListener('online', () => this.#online())
    // From one network to another, which is neither.
    ;(navigator as { readonly connection?: EventTarget }).connection?.addEventListener('change', () => this.#ask())
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#ask()
    })
  }

  /** The connection was closed for want of an answer, and there is no new one yet. */
  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  /** Nothing has come for longer than an answer takes. */
  get isSilent(): boolean {
    return now() - this.#heardAt > patience * 1.5
  }

  /** Closes the connection, whatever it says of itself. The client connects again, and joins its views. */
  giveUp(): void {
    this.#doubts = now() - this.#gaveUpAt < doubtsFor ? this.#doubts + 1 : 0
    this.#gaveUpAt = now()
    // The client closes only for a heartbeat that it waits for.
    this.#socket.pendingHeartbeatRef ??= this.#socket.makeRef()
    this.#socket.heartbeatTimeout()
  }

  #sent({ ref, event }: WireMessage, size: number): void {
    if (typeof ref === 'string' && (size > much || event === channelEvents.join)) this.#heavy.add(ref)
  }

  #heard({ event, ref }: WireMessage): void {
    this.#heardAt = now()
    this.#askedAt = undefined
    if (event === aliveQuestion) this.#socket.ping(() => {})
    if (typeof ref === 'string') this.#heavy.delete(ref)
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer)
    this.#dueAt = now() + ms
    this.#timer = setTimeout(() => this.#look(), ms)
  }

  #look(): void {
    const late = now() - this.#dueAt
    if (!this.#isWatched()) {
      this.#lookAtOpening()
      return this.#arm(patience)
    }
    if (this.#askedAt === undefined) {
      const left = this.#heardAt + patience - now()
      return left > 0 ? this.#arm(left) : this.#ask()
    }
    const left = this.#askedAt + this.#patience() - now()
    if (left > 0) return this.#arm(Math.min(left, patience))
    if (late > heldUp) return this.#arm(heldUp)
    this.giveUp()
    this.#arm(patience)
  }

  #patience(): number {
    if (this.#heavy.size > 0) return longPatience
    const doubts = now() - this.#gaveUpAt < doubtsFor ? this.#doubts : 0
    return Math.min(longPatience, patience * 2 ** doubts)
  }

  #ask(): void {
    if (!this.#isWatched()) return
    this.#askedAt = now()
    this.#socket.ping(() => {})
    this.#arm(this.#patience())
  }

  #online(): void {
    if (this.#socket.isConnected()) return this.#ask()
    // Not where somebody wants it closed.
    if (!this.#socket.closeWasClean && !document.hidden) this.#connectNow()
  }

  #lookAtOpening(): void {
    const { conn } = this.#socket
    const isOpening = isWebSocket(conn) && conn.readyState === WebSocket.CONNECTING && !document.hidden
    if (!isOpening) this.#opening = undefined
    else if (this.#opening?.conn !== conn) this.#opening = { conn, since: now() }
    else if (now() - this.#opening.since >= opensWithin) this.#connectNow()
  }

  #connectNow(): void {
    const socket = this.#socket
    socket.reconnectTimer.reset()
    socket.teardownAndReconnect(() => socket.connect())
  }

  /** Polls have a time of their own, and a hidden page sleeps. */
  #isWatched(): boolean {
    return this.#socket.isConnected() && !document.hidden && isWebSocket(this.#socket.conn)
  }
}

export function isWebSocket(transport: unknown): transport is WebSocket {
  return typeof WebSocket === 'function' && transport instanceof WebSocket
}
