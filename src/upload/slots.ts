/** Has no more than so many works run at once; the others wait in order. */
export class Slots {
  readonly #most: number
  readonly #waiting = new Set<() => void>()
  #running = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Runs `work` when there is room. Aborted before that it is not run, and rejects with the signal's reason. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    if (this.#running >= this.#most) await this.#room(signal)
    else this.#running++
    try {
      return await work()
    } finally {
      const [next] = this.#waiting
      // Its place is handed on.
      if (next === undefined) this.#running--
      else next()
    }
  }

  #room(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(enter)
        signal.removeEventListener('abort', giveUp)
      }
      const enter = (): void => {
        leave()
        resolve()
      }
      const giveUp = (): void => {
        leave()
        reject(signal.reason as Error)
      }
      this.#waiting.add(enter)
      signal.addEventListener('abort', giveUp)
    })
  }
}
