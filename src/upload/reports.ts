/**
 * The browser reports what was written of a file, and each report renders the page and calls `progress`. Where no report comes, the
 * server reports itself: an input that has left the page sends on and says nothing, and a slow line says it late. The usual way costs
 * two sets and no message.
 */
import type { Timer } from '../time/timer.ts'

export interface ReportsHost {
  startTimer(ms: number, fire: () => void): Timer
  /** Nobody has said for a while what was written of the entry. */
  report(entryUuid: string): void
}

/** What is said by nobody for this long, and twice as long at most, the server says. In ms. */
export const silence = 1000

export class Reports {
  readonly #host: ReportsHost
  readonly #silence: () => number
  /** Written to since the last tick of the clock, and not reported since. */
  #fresh = new Set<string>()
  /** The same before that tick. */
  #due = new Set<string>()
  #timer: Timer | undefined

  /** `silenceMs`: asked anew each time. */
  constructor(host: ReportsHost, silenceMs: () => number = () => silence) {
    this.#host = host
    this.#silence = silenceMs
  }

  /** Bytes of the entry were written, or the last of them. */
  written(entryUuid: string): void {
    if (!this.#due.has(entryUuid)) this.#fresh.add(entryUuid)
    this.#timer ??= this.#host.startTimer(this.#silence(), () => this.#tick())
  }

  /** Somebody has said it, or it concerns nobody any more. */
  said(entryUuid: string): void {
    this.#fresh.delete(entryUuid)
    this.#due.delete(entryUuid)
  }

  end(): void {
    this.#timer?.cancel()
    this.#fresh.clear()
    this.#due.clear()
  }

  #tick(): void {
    const silent = this.#due
    this.#due = this.#fresh
    this.#fresh = new Set()
    this.#timer = this.#due.size === 0 ? undefined : this.#host.startTimer(this.#silence(), () => this.#tick())
    for (const entryUuid of silent) this.#host.report(entryUuid)
  }
}
