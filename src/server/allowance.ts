/** So many at once, and then so many a time: what comes faster is told how long it has to wait. A token bucket. */
export class Allowance {
  readonly #every: number
  readonly #burst: number
  /** When all that were taken are paid for. */
  #paidBy = -Infinity

  /** `burst`: how many at once. `perSecond`: how many come back. */
  constructor(burst: number, perSecond: number) {
    this.#every = 1000 / perSecond
    this.#burst = burst * this.#every
  }

  /** Takes so many, also when there are none left: then the next ones wait the longer. */
  take(now: number, count = 1): void {
    this.#paidBy = Math.max(this.#paidBy, now) + this.#every * count
  }

  /** Ms until one is left; 0 when there is. */
  wait(now: number): number {
    return Math.max(0, this.#paidBy - now - this.#burst)
  }
}
