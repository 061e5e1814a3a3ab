/**
 * Notices a proxy that breaks bodies off at some size and does not say so: it answers 502, or that is lost as it closes the connection. What asks for
 * the offset comes through then, and parts do not.
 */
export class BrokenParts {
  /** Where those in a row began. */
  #began: number[] = []
  /** How much of one came through, at most. */
  #came = 0

  /** One that began at `at` got no answer, or one that the server does not give. */
  broke(at: number): void {
    this.#began.push(at)
  }

  /** One came through whole. */
  passed(): void {
    this.#began = []
    this.#came = 0
  }

  /** The server was asked where it stands. Returns how much of a part comes through, at most, when two in a row have shown it. */
  stands(at: number): number | undefined {
    const began = this.#began.at(-1)
    if (began === undefined) return undefined
    this.#came = Math.max(this.#came, at - began)
    if (this.#began.length < 2) return undefined
    const came = this.#came
    this.passed()
    return came
  }
}
