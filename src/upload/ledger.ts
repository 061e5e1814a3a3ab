/**
 * What remembers the files of uploads beyond their views: what was granted, how far it has come, and who has it now. The contract; the
 * default on disk is `adapters/node/disk-ledger.ts`.
 */
import type { TempFileMeta, UploadWriter } from './writer.ts'

/** Where files are found again. Both names are digests: texts of letters, digits, `-` and `_`. */
export interface Shelf {
  /** Whose it is: what this one stores is counted together. */
  readonly visitor: string
  readonly name: string
  /** A page's files stay for a quarter of an hour when nobody has them, a visitor's for `keepFor`. */
  readonly owner: 'page' | 'visitor'
}

/** How long a page's files stay when nobody has them, in ms; and how long one that is being sent waits for its next byte. */
export const resumeFor: number = 15 * 60 * 1000

/** What the system says of a disk, or of what somebody may have of it. */
const fullDisk: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/** Whether something failed for want of room: there may be some later. */
export function isFullDisk(error: unknown): boolean {
  return fullDisk.has((error as { readonly code?: unknown } | null)?.code)
}

/** A file that may be sent. */
export interface GrantedFile {
  /** Unique among all uploads, fit to be part of a file name. */
  readonly uuid: string
  /** Its whole, in bytes, as the browser declared it. That much is reserved. */
  readonly size: number
}

/** What was granted together, as far as it is still there and nobody has it. */
export interface KeptRecord {
  /** What {@link UploadLedger.grant} was given, or what somebody made of it: it has to be verified. */
  readonly text: string
  readonly files: readonly KeptFile[]
}

/** `visitor`: the visitor stores too much; `all`: all visitors together do. */
export type Full = 'visitor' | 'all'

export interface UploadLedger {
  /**
   * Remembers files before their first byte, in one record. They belong to the caller, until each is left or disposed of; in order. Resolves
   * when that would be found after the process was killed.
   */
  grant(shelf: Shelf, text: string, files: readonly GrantedFile[]): Promise<readonly KeptFile[] | Full>
  /**
   * What is on a shelf, oldest first: what was left, and what processes had that are gone. `takesOver`: what living ones have, too, unless
   * it is being consumed, since its page has come here.
   */
  list(shelf: Shelf, takesOver: boolean): Promise<readonly KeptRecord[]>
}

/** What became of a file that is let go of. */
export type Outcome = 'consumed' | 'cancel' | { readonly error: unknown }

/** One file that is remembered. `Meta`: what its writer hands to the view. */
export interface KeptFile<Meta = TempFileMeta> {
  readonly uuid: string
  /** Its bytes are elsewhere, and are not read again. @default false */
  readonly isElsewhere?: boolean
  /** Bytes that are there, at most the declared ones. */
  readonly received: number
  /** All bytes are there, and were said to be. */
  readonly done: boolean
  /** How many consumes their processes did not survive. */
  readonly tries: number
  /** Makes it the caller's: nobody else is given it until it is left. False when somebody else was faster, or it has gone since it was listed. */
  take(): boolean
  /** All that is there of it, without making it the caller's: call it for small ones. */
  peek(): Promise<Uint8Array>
  /** Opens it from `received` on; a done one to be consumed. Rejects when another process was faster. Call it once. */
  open(): Promise<KeptWriter<Meta>>
  /** Leaves it for whoever lists it next, when `before` has settled. Resolves when it can be listed. */
  leave(before?: Promise<unknown>): Promise<void>
  /** Deletes it, opened or not; what it had reserved is free again. */
  remove(outcome?: Outcome): Promise<void>
}

/** Writes to a kept file. `close('done')` has it written through first; `dispose` deletes it. */
export interface KeptWriter<Meta = TempFileMeta> extends Omit<UploadWriter<Meta>, 'offset' | 'pause'> {
  /** Writes pieces that have come together, in order, as `write` would one after the other. @default that */
  writeAll?(pieces: readonly Uint8Array[]): Promise<void>
  /** Whether it is the caller's still: a process that was frozen may have lost it. Asked before each part. */
  isOurs(): Promise<boolean>
  /** Has it stay where it is while it is consumed: nobody takes it over meanwhile. False when somebody has. */
  beginConsume(): Promise<boolean>
  /** It was not consumed after all. */
  endConsume(): Promise<void>
  /** The bytes from `from` to `to`, which are there. */
  read(from: number, to: number): Promise<Uint8Array>
  /** Cuts off what is behind so many bytes. With 0 it begins anew: a process that has lost it cannot write into what comes then. */
  cutBack(received: number): Promise<void>
  /** Closes it as it is. */
  pause(): Promise<void>
}
