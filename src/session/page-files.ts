/** The files of a page: those of its view and of all its components, for whoever speaks of one by a ref alone. */
import type { FileFailure } from '../protocol/file-notes.ts'
import type { LostFile, LostFiles } from '../protocol/lost-files.ts'
import type { ProgressPayload } from '../protocol/payloads.ts'
import type { ViewInstance } from '../live/instance.ts'
import type { Part } from '../live/part.ts'
import type { UploadChannel, UploadOutlet } from '../upload/channel.ts'
import type { UploadEntry } from '../upload/entry.ts'
import { uploadError } from '../upload/errors.ts'
import type { JoinRefusal } from '../upload/uploads.ts'
import type { LivePage } from './page.ts'

export interface FoundEntry {
  readonly part: Part
  readonly entry: UploadEntry
}

export class PageFiles {
  readonly #instance: ViewInstance
  readonly #page: LivePage
  readonly #lost: readonly LostFiles[]

  /** `lost`: what went with the view before. */
  constructor(instance: ViewInstance, page: LivePage, lost: readonly LostFiles[]) {
    this.#instance = instance
    this.#page = page
    this.#lost = lost
  }

  *parts(): IterableIterator<Part> {
    yield this.#instance
    yield* this.#page.components.all()
  }

  /** How many of them are being sent. */
  get sending(): number {
    let count = 0
    for (const { uploads } of this.parts()) count += uploads?.sending ?? 0
    return count
  }

  /** Bytes of them that have come. */
  get received(): number {
    let bytes = 0
    for (const { uploads } of this.parts()) bytes += uploads?.received ?? 0
    return bytes
  }

  /** Opens the channel of an upload, without waiting for the mailbox. */
  join(configRef: string, entryUuid: string, outlet: UploadOutlet): UploadChannel | JoinRefusal {
    return this.#partOf(configRef)?.uploads!.join(configRef, entryUuid, outlet) ?? 'disallowed'
  }

  has(configRef: string, entryUuid: string): boolean {
    return this.#partOf(configRef)?.uploads!.has(configRef, entryUuid) === true
  }

  /** The entry that a report speaks of; the official client may have lost the input's ref. */
  entryOf({ ref, entryRef, cid }: Pick<ProgressPayload, 'ref' | 'entryRef' | 'cid'>): FoundEntry | undefined {
    const parts = cid === undefined && ref !== null ? [this.#instance] : this.parts()
    for (const part of parts) {
      const entry = part.uploads?.find(ref, entryRef)
      if (entry !== undefined) return { part, entry }
    }
    return undefined
  }

  /** The browser cannot read one. */
  failed({ ref, code }: FileFailure): void {
    for (const part of this.parts()) {
      const entry = part.uploads?.find(null, ref)
      if (entry !== undefined) return part.uploads!.failWith(entry, uploadError(code, {}))
    }
  }

  /** The choice of an input was emptied. */
  reset(configRef: string): void {
    const part = this.#partOf(configRef)
    if (part === undefined) return
    part.uploads!.reset(configRef)
    part.dirty = true
  }

  /** Those of an upload that went with the view before. */
  lostOf(upload: string, component: string | number | undefined, configRef: string): readonly LostFile[] {
    const id = component === undefined ? undefined : String(component)
    const lost = this.#lost.find((one) => one.upload === upload && one.component === id)
    // An input of the same ref gets those back that the page has.
    return (
      lost?.files
        .filter((file) => !(file.given && lost.ref === configRef))
        .map(({ clientName, clientSize }) => ({ clientName, clientSize })) ?? []
    )
  }

  #partOf(configRef: string): Part | undefined {
    for (const part of this.parts()) if (part.uploads?.knows(configRef) === true) return part
    return undefined
  }
}
