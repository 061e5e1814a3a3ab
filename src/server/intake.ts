/**
 * What one connection takes in: how fast frames may come, and how much of what came may wait for views and writers. A client that
 * waits for answers never comes near either. One that does not is read more slowly: its transport is paused, and goes on when
 * there is room. So a flood loses nothing, costs what it may cost, and is felt by whoever sends it.
 */
import type { Timer } from '../time/timer.ts'
import { Allowance } from './allowance.ts'
import type { ServerLimits } from './limits.ts'
import type { ProcessBudget } from './process-budget.ts'

export interface IntakeHost {
  readonly limits: ServerLimits
  readonly budget: ProcessBudget
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  /** A limit makes its client wait. */
  reached(limit: 'maxFrameRate' | 'maxUploadJoins' | 'maxPendingBytes' | 'maxProcessBytes'): void
}

/** The transport, as far as it can be held back. */
export interface Tap {
  /** Reads no more; what is on its way may still come. */
  pause(): void
  resume(): void
}

/** Ms that a client who sends too fast is paused at least: a timer for each frame would cost more than the frame. */
const leastPause = 50
const minute = 60
/** A frame counts once, and once more for each so many bytes: reading it takes its time. */
const bytesOfOne = 2048
/** Bytes that a piece as it came takes beside its own, which may be a single one. */
const ofPiece = 1024
/** Less than that is no frame that has begun, but what came of its header. */
const header = 14

export class Intake {
  readonly #host: IntakeHost
  readonly #tap: Tap
  readonly #giveUp: () => void
  readonly #frames: Allowance
  #uploadJoins: Allowance | undefined
  #held = 0
  /** Bytes of a frame that has begun, and not come whole. */
  #arriving = 0
  /** What the pieces that they came in take. */
  #pieces = 0
  /** What is kept of other frames that are not whole, by who says so. */
  #begun = 0
  /** Runs while it is paused for its pace. */
  #slowed: Timer | undefined
  /** Runs while it is paused for its bytes. */
  #deadline: Timer | undefined
  #ended = false
  readonly #look = (): void => this.#lookAtBytes()

  /** `giveUp`: called when what waits has been too much for too long. */
  constructor(host: IntakeHost, tap: Tap, giveUp: () => void) {
    this.#host = host
    this.#tap = tap
    this.#giveUp = giveUp
    const { maxFrameBurst, maxFrameRate } = host.limits
    this.#frames = new Allowance(maxFrameBurst, maxFrameRate)
  }

  get paused(): boolean {
    return this.#slowed !== undefined || this.#deadline !== undefined
  }

  /** A piece of so many bytes has come, whatever they are part of: the transport keeps it until a frame is whole. */
  arriving(bytes: number): void {
    this.#arriving += bytes
    this.#pieces += ofPiece
    this.hold(bytes + ofPiece)
  }

  /** A frame is whole. */
  arrived(): void {
    const held = this.#arriving + this.#pieces
    this.#arriving = this.#pieces = 0
    if (held > 0) this.release(held)
  }

  /** A ping, or an answer to none, of so many bytes. What had begun before it is still not whole. */
  control(bytes: number): void {
    this.frame(0)
    if (this.#arriving - bytes < header) return this.arrived()
    this.#arriving -= bytes
    this.release(bytes)
  }

  /** So many bytes more, or less, are kept of what has begun, by a transport that knows when it lets go of them. */
  begun(bytes: number): void {
    this.#begun += bytes
    if (bytes > 0) this.hold(bytes)
    else this.release(-bytes)
  }

  /** A frame of so many bytes is read. */
  frame(bytes: number): void {
    this.#take(this.#frames, 1 + bytes / bytesOfOne)
  }

  /** An upload is joined, which opens a file. */
  uploadJoin(): void {
    const { maxUploadJoins } = this.#host.limits
    this.#take((this.#uploadJoins ??= new Allowance(maxUploadJoins, maxUploadJoins / minute)))
  }

  /** So many bytes wait, or are worked on. */
  hold(bytes: number): void {
    this.#held += bytes
    this.#host.budget.add(bytes)
    this.#lookAtBytes()
  }

  /** They do not any more; also called behind the end, by what still ran then. */
  release(bytes: number): void {
    this.#held -= bytes
    this.#host.budget.add(-bytes)
    if (this.#deadline !== undefined) this.#lookAtBytes()
  }

  end(): void {
    this.#ended = true
    this.arrived()
    this.#slowed?.cancel()
    this.#deadline?.cancel()
    this.#slowed = this.#deadline = undefined
    this.#host.budget.forget(this.#look)
  }

  #take(allowance: Allowance, count = 1): void {
    const now = this.#host.now()
    allowance.take(now, count)
    if (this.#slowed !== undefined || allowance.wait(now) === 0) return
    this.#host.reached(allowance === this.#frames ? 'maxFrameRate' : 'maxUploadJoins')
    this.#slowDown()
  }

  #slowDown(): void {
    if (this.#ended) return
    const now = this.#host.now()
    const wait = Math.max(this.#frames.wait(now), this.#uploadJoins?.wait(now) ?? 0)
    const wasPaused = this.paused
    this.#slowed = undefined
    if (wait > 0) this.#slowed = this.#host.startTimer(Math.max(wait, leastPause), () => this.#slowDown())
    this.#turnTap(wasPaused)
  }

  #lookAtBytes(): void {
    if (this.#ended) return
    const { limits, budget } = this.#host
    const wasPaused = this.paused
    // Once it is paused it goes on at half of it, not at each message that is handled.
    const most = this.#deadline === undefined ? limits.maxPendingBytes : limits.maxPendingBytes / 2
    // What is arriving is a part of one frame, and nobody could make room for the rest of it: that counts for the process alone.
    const unfinished = this.#arriving + this.#pieces + this.#begun
    const ownOver = this.#held - unfinished > most
    const over = ownOver || budget.isOver(this.#held)
    if (over === (this.#deadline !== undefined)) return
    if (over) {
      this.#host.reached(ownOver ? 'maxPendingBytes' : 'maxProcessBytes')
      this.#deadline = this.#host.startTimer(limits.pendingTimeout, this.#giveUp)
      budget.watch(this.#look)
    } else {
      this.#deadline!.cancel()
      this.#deadline = undefined
      budget.forget(this.#look)
    }
    this.#turnTap(wasPaused)
  }

  #turnTap(wasPaused: boolean): void {
    if (this.paused === wasPaused) return
    if (wasPaused) this.#tap.resume()
    else this.#tap.pause()
  }
}
