/**
 * Forms that were submitted twice, by a double click say. The first renews the secret that pages are bound to, so that the second, from
 * the same page, would be refused, and the visitor shown that, though all went well. It is led to where the first one was.
 */

/** A path may be as long as a request's head: longer ones are not kept. */
const longest = 1024
/** For so many ms. */
const kept = 30_000
const most = 1000

interface Led {
  readonly at: number
  readonly location: string
}

export class Resubmissions {
  readonly #led = new Map<string, Led>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** The form of that visitor, path and token led to `location`. */
  remember(key: string, location: string): void {
    if (key.length > longest) return
    this.#led.set(key, { at: this.#now(), location })
    if (this.#led.size > most) this.#led.delete(this.#led.keys().next().value!)
  }

  find(key: string): string | undefined {
    const led = this.#led.get(key)
    return led !== undefined && this.#now() - led.at < kept ? led.location : undefined
  }
}
