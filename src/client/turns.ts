/** How many files are sent at once: a browser has six connections for a site, and whoever takes them all keeps it from its next page. */

const most = 3
const lockName = 'liveloom:upload'
/** Its place is the only one where a page polls, which has two requests of its own. */
const first = 0

export class Turns {
  readonly #free: number[]
  readonly #waiting: ((place: number) => void)[] = []

  readonly #isPolling: () => boolean
  /** Those of a page that polls, where there are no locks. */
  #line: Promise<unknown> = Promise.resolve()

  /** `isPolling`: whether the page has no WebSocket: then it sends one at once. */
  constructor(isPolling: () => boolean) {
    this.#isPolling = isPolling
    this.#free = Array.from({ length: most }, (_, place) => place)
  }

  /** Runs `send` when its turn comes, in the order of the calls; it is handed what holds its place over all tabs of the site. */
  async take<Sent>(send: (inTurn: <T>(run: () => Promise<T>) => Promise<T>) => Promise<Sent>): Promise<Sent> {
    const place = this.#free.shift() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)))
    try {
      return await send((run) => this.#inTurn(this.#isPolling() ? first : place, run))
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(place)
      else next(place)
    }
  }

  #inTurn<T>(place: number, run: () => Promise<T>): Promise<T> {
    // Of an insecure page there are none.
    const { locks } = navigator as { readonly locks?: LockManager }
    if (locks !== undefined) return locks.request(`${lockName}:${place}`, run)
    if (!this.#isPolling()) return run()
    const ran = this.#line.then(run)
    this.#line = ran.catch(() => {})
    return ran
  }
}
