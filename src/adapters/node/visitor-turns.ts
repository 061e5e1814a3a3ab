/** Has what is done for one visitor be done one after the other: two that look whether there is room at the same moment would both find it. */
export class VisitorTurns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(visitor: string, run: () => Promise<T>): Promise<T> {
    const ran = (this.#last.get(visitor) ?? Promise.resolve()).then(run)
    const over = ran
      .catch(() => {})
      .then(() => {
        if (this.#last.get(visitor) === over) this.#last.delete(visitor)
      })
    this.#last.set(visitor, over)
    return ran
  }

  /** Resolves when nothing is being done. */
  async over(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values())
  }
}
