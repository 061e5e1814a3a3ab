/** Counts by key, for a visitor say: what is at 0 is not kept. */
export class Tally<Key> {
  readonly #counts = new Map<Key, number>()

  of(key: Key): number {
    return this.#counts.get(key) ?? 0
  }

  /** `count` may be less than 0: what was added before goes again. */
  add(key: Key, count: number): void {
    const now = this.of(key) + count
    if (now > 0) this.#counts.set(key, now)
    else this.#counts.delete(key)
  }
}
