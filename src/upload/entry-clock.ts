/** How long an upload waits for more. Only bytes that are worth it have it wait anew: a byte now and then would hold it for ever. */
import type { Timer } from '../time/timer.ts'

export interface EntryClockOptions {
  /** How long it waits, in ms. */
  readonly lasts: number
  /** So many bytes more have it wait anew. */
  readonly worth: number
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  /** It has waited for long enough. False: it is not the peer whom it waits for, and it waits anew. */
  over(): boolean
}

export class EntryClock {
  readonly #options: EntryClockOptions
  #timer: Timer | undefined
  #stopped = false
  #lasts: number
  /** When it began to wait; `undefined` before that. */
  #since: number | undefined
  /** Where it stood then, in bytes. */
  #from = 0

  constructor(options: EntryClockOptions) {
    this.#options = options
    this.#lasts = options.lasts
  }

  /** What is left of its time, in ms. */
  get left(): number {
    return this.#since === undefined ? this.#lasts : Math.max(0, this.#since + this.#lasts - this.#options.now())
  }

  /** The first request has come, to a file of which so many bytes are there. Called again it changes nothing. */
  start(offset: number): void {
    if (this.#since !== undefined || this.#stopped) return
    this.#from = offset
    this.renew()
    this.#wait()
  }

  /** So many bytes of the whole are there. */
  reached(offset: number): void {
    if (offset - this.#from < this.#options.worth) return
    this.#from = offset
    this.renew()
  }

  /** It waits anew, whatever came. */
  renew(): void {
    this.#since = this.#options.now()
  }

  /** It waits anew, and for so long. */
  waitFor(lasts: number): void {
    this.#lasts = lasts
    if (this.#stopped || this.#since === undefined) return
    this.renew()
    this.#timer?.cancel()
    this.#wait()
  }

  /** Back to where it was before it was started. */
  rest(): void {
    this.#lasts = this.#options.lasts
    this.#since = undefined
    this.#timer?.cancel()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  #wait(): void {
    this.#timer = this.#options.startTimer(this.left, () => {
      if (this.left === 0) {
        if (this.#options.over()) return
        this.renew()
      }
      this.#wait()
    })
  }
}
