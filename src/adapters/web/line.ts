/**
 * A WebSocket of a runtime as a connection's peer. Such a socket cannot be paused: what comes while it should be is kept, in order and up
 * to `maxPendingBytes`; whoever sends more than that is cut off.
 */
import { encodePush } from '../../protocol/codec.ts'
import { aliveQuestion, heartbeatTopic } from '../../protocol/message.ts'
import type { Admission, Connection, Peer } from '../../server/connection.ts'
import type { RunningServer } from '../../server/running-server.ts'

/** What a runtime's socket can do. */
export interface Line {
  send(text: string): void
  close(code: number, reason: string): void
  /** Ends it without a goodbye. */
  terminate(): void
  /** Absent where the runtime has none. */
  ping?(): void
  /** Bytes that were sent but have not left the process. */
  readonly unsentBytes: number
}

/** What the runtime tells of it. */
export interface LineEvents {
  message(data: string | ArrayBuffer | Uint8Array): void
  pong(): void
  closed(code: number, reason: string): void
}

interface Frame {
  readonly bytes: Uint8Array
  readonly isText: boolean
}

const encoder = new TextEncoder()
const question = encodePush(null, null, heartbeatTopic, aliveQuestion, '{}')
/** What a frame that is kept takes beside its bytes. */
const frameOverhead = 256

/** Has a connection on a socket that has opened. */
export function connectLine(running: RunningServer, line: Line, admission: Admission): LineEvents {
  const peer = new LinePeer(line, running.limits.maxPendingBytes)
  const connection = running.connect(peer, admission)
  peer.connection = connection
  return {
    message: (data) => peer.receive(data),
    pong: () => peer.answered(),
    closed(code, reason) {
      // The runtime has closed it by itself.
      if (code === 1009) connection.tooLarge()
      running.disconnect(connection, isLost(code, reason))
    },
  }
}

/** A page that closes says so; a network that goes does not, and a client that has not been answered says why it gives up. */
function isLost(code: number, reason: string): boolean {
  return code === 1006 || (code === 1000 && reason === 'heartbeat timeout')
}

class LinePeer implements Peer {
  readonly #line: Line
  readonly #most: number
  connection: Connection | undefined
  #paused = false
  readonly #kept: Frame[] = []
  #keptBytes = 0
  #draining = false
  #sent = 0
  #asked: (() => void) | undefined
  #closed = false

  constructor(line: Line, most: number) {
    this.#line = line
    this.#most = most
  }

  send(text: string): void {
    this.#sent += text.length
    this.#line.send(text)
  }

  close(code: number, reason: string): void {
    this.#end()
    this.#line.close(code, reason)
  }

  terminate(): void {
    this.#end()
    this.#line.terminate()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#drainSoon()
  }

  probe(): void {
    this.#line.ping?.()
  }

  readonly endsSilently: boolean = false

  /** Where there are no pings, any frame answers, and the client that is served sends one. */
  ask(answered: () => void): void {
    this.#asked = answered
    if (this.#line.ping === undefined) this.send(question)
    else this.#line.ping()
  }

  answered(): void {
    const answered = this.#asked
    this.#asked = undefined
    answered?.()
    // It costs its time, as any frame does.
    this.connection?.control(6)
  }

  get unsentBytes(): number {
    return this.#line.unsentBytes
  }

  get flushMark(): number {
    return this.#sent - this.#line.unsentBytes
  }

  receive(data: string | ArrayBuffer | Uint8Array): void {
    if (this.#closed) return
    if (this.#asked !== undefined) this.answered()
    const isText = typeof data === 'string'
    const bytes = isText ? encoder.encode(data) : data instanceof Uint8Array ? data : new Uint8Array(data)
    if (!this.#paused && this.#kept.length === 0) this.#hand({ bytes, isText })
    else this.#keep({ bytes, isText })
  }

  #hand({ bytes, isText }: Frame): void {
    const { connection } = this
    if (isText) connection!.text(bytes)
    else connection!.binary(bytes)
  }

  #keep(frame: Frame): void {
    const held = frame.bytes.length + frameOverhead
    this.#kept.push(frame)
    this.#keptBytes += held
    this.connection!.begun(held)
    if (this.#keptBytes <= this.#most) return
    const { connection } = this
    connection!.reached('maxPendingBytes')
    this.close(1008, 'too much waits')
    connection!.closed('maxPendingBytes')
  }

  /** In a turn of its own: whoever has it go on is in the middle of something. */
  #drainSoon(): void {
    if (this.#draining || this.#kept.length === 0) return
    this.#draining = true
    setImmediate(() => {
      this.#draining = false
      let at = 0
      while (!this.#paused && !this.#closed && at < this.#kept.length) {
        const frame = this.#kept[at++]!
        this.#letGo(frame.bytes.length + frameOverhead)
        this.#hand(frame)
      }
      this.#kept.splice(0, at)
    })
  }

  #letGo(bytes: number): void {
    this.#keptBytes -= bytes
    this.connection!.begun(-bytes)
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#letGo(this.#keptBytes)
    this.#kept.length = 0
  }
}
