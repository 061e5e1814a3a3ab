/** What waits for a view: handled strictly one after another, also when a handler is async. */
export class Mailbox<Message> {
  readonly #handle: (message: Message) => void | Promise<void>
  readonly #onThrow: (error: unknown, message: Message) => void
  #running: Message | undefined
  #waiting: Message[] | undefined
  #closed = false

  /** `onThrow` gets what a handler threw, before the next message is handled. */
  constructor(handle: (message: Message) => void | Promise<void>, onThrow: (error: unknown, message: Message) => void) {
    this.#handle = handle
    this.#onThrow = onThrow
  }

  get running(): Message | undefined {
    return this.#running
  }

  get waiting(): readonly Message[] {
    return this.#waiting ?? []
  }

  post(message: Message): void {
    if (this.#closed) return
    if (this.#running !== undefined) {
      this.#waiting ??= []
      this.#waiting.push(message)
      return
    }
    let next: Message | undefined = message
    while (next !== undefined && !this.#run(next)) next = this.#closed ? undefined : this.#waiting?.shift()
  }

  /** Takes a waiting message out. */
  remove(message: Message): void {
    const at = this.#waiting?.indexOf(message) ?? -1
    if (at >= 0) this.#waiting!.splice(at, 1)
  }

  /** Drops what waits, and whatever is posted from now on. */
  close(): void {
    this.#closed = true
    this.#waiting = undefined
  }

  /** True when the handler goes on asynchronously. */
  #run(message: Message): boolean {
    this.#running = message
    let work: void | Promise<void> = undefined
    try {
      work = this.#handle(message)
    } catch (error) {
      this.#onThrow(error, message)
    }
    if (!isPromise(work)) {
      this.#running = undefined
      return false
    }
    void Promise.resolve(work)
      .catch((error: unknown) => this.#onThrow(error, message))
      .then(() => {
        this.#running = undefined
        const next = this.#waiting?.shift()
        if (next !== undefined) this.post(next)
      })
    return true
  }
}

/** True for anything that can be awaited: a handler may return a promise of another kind than ours. */
export function isPromise(value: unknown): value is Promise<void> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
