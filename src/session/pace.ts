/**
 * How often a view may render by itself: with no push to answer, because of infos, timers and loading values. A few renders go at
 * once; of a flood, each waits for its share of the time, and takes along what came meanwhile. See decision 9.
 */

/** Renders that go at once, however close they come. */
const atOnce = 10
/** Ms for each one after them: as long as a browser shows one picture. */
const every = 16

export class Pace {
  /** When the last render is paid for, at one per `every` ms. */
  #paidBy = 0

  /** How many ms the next render has to wait: 0 to `every`. */
  wait(now: number): number {
    // A clock that is set back must not hold a page up.
    const ahead = Math.min(this.#paidBy - now, atOnce * every)
    return Math.max(0, ahead - (atOnce - 1) * every)
  }

  rendered(now: number): void {
    const ahead = Math.min(Math.max(0, this.#paidBy - now), (atOnce - 1) * every)
    this.#paidBy = now + ahead + every
  }
}
