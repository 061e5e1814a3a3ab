/** Ms between two waits for a turn that still belong together. */
const together = 100
/** Ms after which a view that always has more to do than its part of a turn is no busy view any more, but a loop. */
const tooLong = 2000

/** Tells a view that sends itself one message for each that it handles from one that has much to do for a moment. */
export class Restless {
  #since = -Infinity
  #last = -Infinity

  /** The view has to wait for its turn once more. True when it has done nothing else for seconds. */
  waits(now: number): boolean {
    if (now - this.#last > together) this.#since = now
    this.#last = now
    return now - this.#since >= tooLong
  }
}
