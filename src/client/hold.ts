/** Whether a file may be sent, as the user says who can pause it: what is being sent ends, and its turn goes to the next. */
export class Hold {
  /** Ends it for good. */
  readonly #stop: AbortSignal
  #isHeld = false
  #run: AbortController | undefined
  #goOn = (): void => {}

  constructor(stop: AbortSignal) {
    this.#stop = stop
    stop.addEventListener('abort', () => {
      this.#run?.abort()
      this.#goOn()
    })
  }

  put(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    if (isHeld) this.#run?.abort()
    else this.#goOn()
  }

  /** Resolves when it may go on, or is over. */
  async over(): Promise<void> {
    while (this.#isHeld && !this.#stop.aborted) await new Promise<void>((resolve) => (this.#goOn = resolve))
  }

  /** Runs `send` with what ends it. `undefined`: it was held meanwhile, or is over. */
  async run<T>(send: (stop: AbortSignal) => Promise<T>): Promise<T | undefined> {
    if (this.#isHeld || this.#stop.aborted) return undefined
    const run = (this.#run = new AbortController())
    try {
      return await send(run.signal)
    } finally {
      this.#run = undefined
    }
  }
}
