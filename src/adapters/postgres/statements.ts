interface Waiting {
  readonly parts: readonly string[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Parts of one payload may be more; nothing is put to them then. */
const maxCharacters = 1024 * 1024
/** No part has this character: between two of them stands one. */
const separator = '\u001E'
const notify = `SELECT pg_notify($1, part) FROM unnest(string_to_array($2, chr(30))) AS part`

/** Statements that notify, one after another; what is given meanwhile goes together in the next. */
export class Statements {
  readonly #channel: string
  readonly #run: (text: string, values: string[]) => PromiseLike<unknown>
  #waiting: Waiting[] = []
  #running = false

  constructor(channel: string, run: (text: string, values: string[]) => PromiseLike<unknown>) {
    this.#channel = channel
    this.#run = run
  }

  /** Resolves when the server has all of the parts. */
  notify(parts: readonly string[]): Promise<void> {
    const done = new Promise<void>((resolve, reject) => this.#waiting.push({ parts, resolve, reject }))
    if (!this.#running) {
      this.#running = true
      // What is given in one go goes together.
      queueMicrotask(() => void this.#work())
    }
    return done
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const taken = this.#take()
      try {
        await this.#run(notify, [this.#channel, taken.flatMap(({ parts }) => parts).join(separator)])
        for (const { resolve } of taken) resolve()
      } catch (error) {
        for (const { reject } of taken) reject(error)
      }
    }
    this.#running = false
  }

  #take(): readonly Waiting[] {
    let characters = 0
    const beyond = this.#waiting.findIndex(({ parts }) => {
      characters += parts.reduce((sum, part) => sum + part.length, 0)
      return characters > maxCharacters
    })
    return this.#waiting.splice(0, beyond < 0 ? this.#waiting.length : Math.max(beyond, 1))
  }
}
