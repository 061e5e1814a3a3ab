/**
 * The server's side of one long-poll session: keeps the frames for the client until it has them, and the one poll that waits for
 * more. A client that asks again shows by the number it repeats which answer it has. So an answer that was lost on its way is
 * given again, and no frame is lost or doubled. The session ends when nobody polls.
 */
import { createGate, type Gate } from '../session/gate.ts'
import type { Timer } from '../time/timer.ts'
import type { Peer } from './connection.ts'

/** What a poll is answered with. `nothing`: ask again. `gone`: there is no such session any more. */
export type PollAnswer =
  | { readonly kind: 'frames'; readonly number: number; readonly frames: readonly string[] }
  | { readonly kind: 'nothing'; readonly number: number }
  | { readonly kind: 'gone' }

/** What a session needs of the machine, and whom it tells of its end. */
export interface LongPollHost {
  startTimer(ms: number, fire: () => void): Timer
  /** The transport has ended, by either side: what it carried ends too. Called once. */
  closed(): void
  /** Nothing is left to deliver. Called once, after `closed`. */
  forgotten(): void
}

/** How long a poll waits, in ms; the client gives up after 20 s. */
const pollWindow = 10_000
/** How long nobody may poll, in ms. */
const inactivity = 15_000
/** Past so many bytes the rest waits for the next poll: each has its own 20 s to arrive, also on a slow network. */
const answerSize = 256 * 1024

/** Bytes that a frame takes beside its own. */
const frameOverhead = 256
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export class LongPollPeer implements Peer {
  readonly #host: LongPollHost
  /**
   * Not known to have arrived. The first of them, as many as are in flight, were in the last answer with frames. As bytes: a text that
   * was put together of pieces holds all of them, and takes a multiple of its length.
   */
  readonly #frames: Uint8Array[] = []
  #inFlight = 0
  #unsent = 0
  #flushes = 0
  /** The number of the last answer with frames. */
  #number = 0
  #waiting: ((answer: PollAnswer) => void) | undefined
  /** Ends the poll that waits, or else the session. */
  #timer: Timer
  #room: Gate | undefined
  #asked: (() => void) | undefined
  #closed = false
  #forgotten = false

  constructor(host: LongPollHost) {
    this.#host = host
    this.#timer = this.#startInactivity()
  }

  get ended(): boolean {
    return this.#closed
  }

  get unsentBytes(): number {
    return this.#unsent
  }

  get flushMark(): number {
    return this.#flushes
  }

  send(text: string): void {
    if (this.#closed) return
    const bytes = encoder.encode(text)
    this.#frames.push(bytes)
    this.#unsent += sizeOf(bytes)
    // What is sent in one go should arrive in one answer.
    if (this.#waiting !== undefined && this.#frames.length === 1) queueMicrotask(() => this.#answerWaiting())
  }

  /** Takes in no more of what is posted until {@link resume}. */
  pause(): void {
    if (this.#room !== undefined || this.#closed) return
    this.#room = createGate()
  }

  resume(): void {
    this.#room?.open()
    this.#room = undefined
  }

  /** Resolves when more may be taken in; `undefined` when it may at once. */
  get room(): Promise<void> | undefined {
    return this.#room?.opened
  }

  /** The client learns nothing of the code: it gets the frames that are left, then `gone`, and starts a new session. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.resume()
    this.#host.closed()
    this.#answerWaiting()
  }

  terminate(): void {
    this.#drop(this.#frames.length)
    this.close()
    this.#forget()
  }

  /** Whoever does not poll has gone. */
  probe(): void {}

  readonly endsSilently: boolean = true

  /** A client that is there polls again at once. */
  ask(answered: () => void): void {
    this.#asked = answered
    if (this.#waiting !== undefined) this.#settle({ kind: 'nothing', number: this.#number })
  }

  /** A poll of a client that has the answer `number`. `answer` is called once, at once or later. */
  poll(number: number, answer: (answer: PollAnswer) => void): void {
    if (number === this.#number) this.#drop(this.#inFlight)
    else if (number === this.#number - 1 && this.#inFlight > 0) return this.#answerAgain(answer)
    // An old request that went astray: nobody waits for its answer.
    else return answer({ kind: 'gone' })
    this.#asked?.()
    this.#asked = undefined
    this.#waiting?.({ kind: 'nothing', number: this.#number })
    this.#timer.cancel()
    this.#waiting = answer
    this.#timer = this.#host.startTimer(pollWindow, () => this.#settle({ kind: 'nothing', number: this.#number }))
    this.#answerWaiting()
  }

  /** The client of a poll has gone before the answer. */
  abandon(answer: (answer: PollAnswer) => void): void {
    if (this.#waiting === answer) this.#settle({ kind: 'nothing', number: this.#number })
  }

  #answerWaiting(): void {
    if (this.#waiting === undefined) return
    if (this.#frames.length > 0) this.#handOver()
    else if (this.#closed) this.#settle({ kind: 'gone' })
  }

  #handOver(): void {
    let size = 0
    while (this.#inFlight < this.#frames.length && size < answerSize) size += sizeOf(this.#frames[this.#inFlight++]!)
    this.#number++
    this.#flushes++
    this.#settle(this.#lastAnswer())
  }

  #answerAgain(answer: (answer: PollAnswer) => void): void {
    this.#timer.cancel()
    this.#timer = this.#startInactivity()
    answer(this.#lastAnswer())
  }

  #lastAnswer(): PollAnswer {
    const frames = this.#frames.slice(0, this.#inFlight).map((frame) => decoder.decode(frame))
    return { kind: 'frames', number: this.#number, frames }
  }

  #settle(answer: PollAnswer): void {
    const waiting = this.#waiting!
    this.#waiting = undefined
    this.#timer.cancel()
    if (answer.kind === 'gone') this.#forget()
    else this.#timer = this.#startInactivity()
    waiting(answer)
  }

  /** Lets go of the first frames: the client has them, or will not get them. */
  #drop(count: number): void {
    for (const frame of this.#frames.splice(0, count)) this.#unsent -= sizeOf(frame)
    this.#inFlight = 0
    this.#flushes++
  }

  #startInactivity(): Timer {
    return this.#host.startTimer(inactivity, () => this.terminate())
  }

  #forget(): void {
    if (this.#forgotten) return
    this.#forgotten = true
    this.#timer.cancel()
    this.#host.forgotten()
  }
}

function sizeOf(frame: Uint8Array): number {
  return frame.length + frameOverhead
}
