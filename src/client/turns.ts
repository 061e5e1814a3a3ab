/** How many files are sent at once: a browser has six connections for a site, and whoever takes them all keeps it from its next page. */

const most = 3
const lockName = 'liveloom:upload'

export class Turns {
  readonly #free: number[]
  readonly #waiting: ((place: number) => void)[] = []

  constructor() {
    this.#free = Array.from({ length: most }, (_, place) => place)
  }

  /** Runs `send` when its turn comes, in the order of the calls; it is handed what holds its place over all tabs of the site. */
  async take<Sent>(send: (inTurn: <T>(run: () => Promise<T>) => Promise<T>) => Promise<Sent>): Promise<Sent> {
    const place = this.#free.shift() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)))
    try {
      // Of an insecure page there are none.
      const { locks } = navigator as { readonly locks?: LockManager }
      return await send((run) => locks?.request(`${lockName}:${place}`, run) ?? run())
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(place)
      else next(place)
    }
  }
}
