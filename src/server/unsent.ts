/** What a connection was sent and has not taken: counted for the process, and held to its limits. */
import type { CoarseClock } from '../time/coarse-clock.ts'
import type { ServerLimits } from './limits.ts'
import { freeBytes, type ProcessBudget } from './process-budget.ts'

export interface UnsentServer {
  readonly limits: Pick<ServerLimits, 'maxUnsentBytes' | 'unsentTimeout'>
  readonly budget: Pick<ProcessBudget, 'add' | 'isOver'>
  readonly clock: CoarseClock
}

/** The transport, as far as it says what has left. */
export interface Sink {
  /** Bytes that were sent but have not left the process. */
  readonly unsentBytes: number
  /** Grows, or at least differs, whenever some of them leave. */
  readonly flushMark: number
}

export class Unsent {
  readonly #server: UnsentServer
  readonly #sink: Sink
  /** What the process counts of them. */
  #counted = 0
  #flushMark = 0
  #flushedAt: number

  constructor(server: UnsentServer, sink: Sink) {
    this.#server = server
    this.#sink = sink
    this.#flushedAt = server.clock.now
  }

  /** Something was just sent. Says what that was too much for. */
  sent(): 'maxUnsentBytes' | 'maxProcessBytes' | undefined {
    const { unsentBytes } = this.#sink
    this.#count(unsentBytes)
    const { limits, budget } = this.#server
    if (unsentBytes > limits.maxUnsentBytes) return 'maxUnsentBytes'
    return budget.isOver(this.#counted) ? 'maxProcessBytes' : undefined
  }

  /** Looks whether the other side reads. Called now and then. */
  check(): 'unsentTimeout' | undefined {
    const { unsentBytes, flushMark } = this.#sink
    const { clock, limits } = this.#server
    this.#count(unsentBytes)
    if (unsentBytes === 0 || flushMark !== this.#flushMark) {
      this.#flushMark = flushMark
      this.#flushedAt = clock.now
      return undefined
    }
    return clock.now - this.#flushedAt > limits.unsentTimeout ? 'unsentTimeout' : undefined
  }

  end(): void {
    this.#count(0)
  }

  /** What has just been written is on its way in a moment: little is counted as nothing. */
  #count(bytes: number): void {
    const counted = bytes > freeBytes ? bytes : 0
    if (counted === this.#counted) return
    this.#server.budget.add(counted - this.#counted)
    this.#counted = counted
  }
}
