/** Visitors who come back by themselves when their lines are lost, at the pace of the official client. */
import { setTimeout as pause } from 'node:timers/promises'
import { now } from './clock.ts'
import { NotIn, type Visitor } from './visitor.ts'

/** After so many ms the official client tries again, for the first time, the second, and so on; then each 5 s. All do so in step. */
const delays = [10, 50, 100, 150, 200, 250, 500, 1000, 2000]
const lastDelay = 5000

export interface CameBack {
  /** When each was back, by the clock of all processes. */
  readonly at: readonly number[]
  /** How long the connection and the join took that brought it back, in ms. */
  readonly joins: readonly number[]
  /** How often one tried while nobody listened, or was cut off while it tried. */
  readonly failed: number
  /** What the server has refused, in its words, and how often. */
  readonly refused: Readonly<Record<string, number>>
}

export class ComeBacks {
  readonly #to: string
  readonly #awaited: number
  readonly #at: number[] = []
  readonly #joins: number[] = []
  readonly #refused: Record<string, number> = {}
  #failed = 0
  #ended = false
  #allAreBack = (): void => {}

  /** `to`: where the balancer sends them. */
  constructor(visitors: readonly Visitor[], to: string) {
    this.#to = to
    this.#awaited = visitors.length
    for (const visitor of visitors) {
      let coming = false
      visitor.onLost = () => {
        // An attempt that fails is lost as well.
        if (coming) return
        coming = true
        void this.#comeBack(visitor).then(() => (coming = false))
      }
    }
  }

  /** Resolves when all are back. */
  async all(): Promise<CameBack> {
    if (this.#at.length < this.#awaited) await new Promise<void>((resolve) => (this.#allAreBack = resolve))
    return { at: this.#at, joins: this.#joins, failed: this.#failed, refused: this.#refused }
  }

  end(): void {
    this.#ended = true
  }

  async #comeBack(visitor: Visitor): Promise<void> {
    for (let tries = 0; !this.#ended; tries++) {
      await pause(delays[tries] ?? lastDelay)
      const begun = now()
      try {
        await visitor.join(this.#to)
        this.#joins.push(now() - begun)
        this.#at.push(now())
        if (this.#at.length === this.#awaited) this.#allAreBack()
        return
      } catch (error) {
        if (!(error instanceof NotIn)) throw error
        if (error.refused) this.#refused[error.message] = (this.#refused[error.message] ?? 0) + 1
        else this.#failed++
      }
    }
  }
}
