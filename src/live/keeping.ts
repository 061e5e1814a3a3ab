/** What the server has for files that outlive their views. */
import type { UploadLedger } from '../upload/ledger.ts'
import type { SessionData } from './definitions.ts'

export interface KeepingHost {
  readonly ledger: UploadLedger
  /** Who a visitor is to them. */
  readonly ownerOf: (session: SessionData) => unknown
  readonly failures: Failures
}

const mostKept = 10_000

/** How often views of a page have failed. */
export class Failures {
  readonly #times = new Map<string, number>()

  of(id: string, nonce: string): number {
    return this.#times.get(id + nonce) ?? 0
  }

  note(id: string, nonce: string): void {
    this.#times.set(id + nonce, this.of(id, nonce) + 1)
    const [oldest] = this.#times.keys()
    if (this.#times.size > mostKept) this.#times.delete(oldest!)
  }
}
