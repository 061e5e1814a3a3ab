/** What the server has for files that outlive their views. */
import type { Keep } from '../upload/keeping.ts'
import type { UploadLedger } from '../upload/ledger.ts'
import type { SessionData } from './definitions.ts'

export interface KeepingHost {
  readonly ledger: UploadLedger
  /** Who a visitor is to them. */
  readonly ownerOf: (session: SessionData) => unknown
  /** How long a visitor's files stay when no page has them, in ms. */
  readonly keepFor: number
  readonly failures: Failures
  /** Which views of this process have files of a visitor, by the shelf that these lie on. */
  readonly holders: Map<string, Set<FileHolder>>
  /** Which uploads of a view keep files for the visitor, as far as one has been mounted: by what the view is called. */
  readonly keepers: Map<string, Map<string, KeptUpload>>
}

/** An upload that keeps files for the visitor. */
export interface KeptUpload {
  readonly component: string | number | undefined
  readonly upload: string
  readonly keep: Keep
}

/** A view that has files of a visitor. */
export interface FileHolder {
  /** Where it has, or may have, some. */
  readonly places: Set<string>
  /** Whether its page is there. */
  isAlive(): Promise<boolean>
  /** Its page is gone, and another one asks for the files. */
  giveUp(): void
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
