/** Has what is done under one key, for a visitor or to a path say, be done one after the other. */
export class KeyedTurns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(key: string, run: () => Promise<T>): Promise<T> {
    const ran = (this.#last.get(key) ?? Promise.resolve()).then(run)
    const over = ran
      .catch(() => {})
      .then(() => {
        if (this.#last.get(key) === over) this.#last.delete(key)
      })
    this.#last.set(key, over)
    return ran
  }

  /** Resolves when nothing is being done. */
  async over(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values())
  }
}
