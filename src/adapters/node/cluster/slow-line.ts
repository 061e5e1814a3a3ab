/**
 * What goes to a worker. One that takes nothing for some seconds is not waited for any more: what comes for it is lost until it has taken what
 * is on its way, and then it is told so.
 */

/** How long nothing may be taken, in ms. */
const patience = 2000

export class SlowLine {
  readonly #send: (payload: string, taken: () => void) => void
  readonly #gap: () => void
  readonly #waiting = new Set<() => void>()
  #unsent = 0
  #lost = false
  #timer: NodeJS.Timeout | undefined

  constructor(send: (payload: string, taken: () => void) => void, gap: () => void) {
    this.#send = send
    this.#gap = gap
  }

  hear(payload: string): Promise<void> | undefined {
    if (this.#timer === undefined && this.#unsent > 0) {
      this.#lost = true
      return undefined
    }
    this.#unsent++
    if (this.#unsent === 1) this.#watch()
    return new Promise((resolve) => {
      this.#waiting.add(resolve)
      this.#send(payload, () => {
        this.#waiting.delete(resolve)
        resolve()
        this.#unsent--
        this.#taken()
      })
    })
  }

  /** Nobody waits for it any more. */
  end(): void {
    clearTimeout(this.#timer)
    this.#release()
  }

  #watch(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#release()
    }, patience).unref()
  }

  #taken(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    if (this.#unsent > 0) {
      if (this.#timer !== undefined) this.#watch()
      return
    }
    this.#timer = undefined
    if (!this.#lost) return
    this.#lost = false
    this.#gap()
  }

  #release(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
