/**
 * Work that a caller may await or leave alone. What it fails with goes to who awaits it; when nobody does it is reported, where
 * another promise would end the process.
 */
export class Work<T> extends Promise<T> {
  #awaited = false

  /** `report` gets the error that nobody awaits. */
  constructor(work: Promise<T>, report: (error: unknown) => void) {
    super((resolve, reject) => void work.then(resolve, reject))
    super.then(undefined, (error: unknown) => {
      // Who awaits it says so a moment after they got it.
      queueMicrotask(() => this.#awaited || report(error))
    })
  }

  // What follows on it is a promise as any other.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  // oxlint-disable-next-line unicorn/no-thenable -- A promise has one; this one only looks who calls it.
  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#awaited = true
    return super.then(fulfilled, rejected)
  }
}
