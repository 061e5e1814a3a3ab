/** A connection that holds no more than this is never slowed down for what others hold, in bytes. */
export const freeBytes: number = 64 * 1024
/** Of the budget: below that, those who wait go on. */
const roomAgain = 0.9

/** What all connections of the process hold together: what came and is not handled, and what was sent and not taken. */
export class ProcessBudget {
  readonly #max: number
  #held = 0
  readonly #waiting = new Set<() => void>()

  /** `max`: in bytes. */
  constructor(max: number) {
    this.#max = max
  }

  get held(): number {
    return this.#held
  }

  /** Whether somebody who holds so many bytes has to wait, or to go. */
  isOver(own: number): boolean {
    return own > freeBytes && this.#held > this.#max
  }

  /** `bytes` more; less when it is negative. */
  add(bytes: number): void {
    this.#held += bytes
    if (bytes > 0 || this.#waiting.size === 0 || this.#held > this.#max * roomAgain) return
    for (const look of [...this.#waiting]) look()
  }

  /** Calls `look` each time that there is room again, until {@link forget}. */
  watch(look: () => void): void {
    this.#waiting.add(look)
  }

  forget(look: () => void): void {
    this.#waiting.delete(look)
  }
}
