/**
 * What an upload's files are remembered by, so that the view after the next one has them: a page's files after a restart, a visitor's also
 * after a reload. What `UploadLedger` keeps as text is made and read here.
 */
import type { ClaimedEntry } from './entry.ts'
import type { Full, KeptFile } from './ledger.ts'

/** Who else than its page has a file: nobody, or the visitor, in this place or under a key of the application's. */
export type Keep = 'page' | 'visitor' | { readonly key: string }

/** Whose notes are kept of a file whose bytes are elsewhere. */
export type NotedBy = 'writer' | 'external'

interface Elsewhere {
  readonly writer: unknown
  readonly external: unknown
}

/** `undefined`: its bytes are here. */
export function notedBy({ writer, external }: Elsewhere): NotedBy | undefined {
  if (external !== undefined) return 'external'
  return writer === undefined ? undefined : 'writer'
}

/** Whether the files of an upload outlive their view: what lies elsewhere is not read again, as `verify` would have to. */
export function isKept(by: Elsewhere & { readonly verify: boolean }): boolean {
  return notedBy(by) === undefined || !by.verify
}

interface KeptBy extends Elsewhere {
  readonly keep: Keep
}

/** Whether what is kept by one is what the other has. */
export function isSameKeep(one: KeptBy, other: KeptBy): boolean {
  if (notedBy(one) !== notedBy(other)) return false
  const [keep, otherKeep] = [one.keep, other.keep]
  return typeof keep === 'object' && typeof otherKeep === 'object' ? keep.key === otherKeep.key : keep === otherKeep
}

/** A file of the view before. */
export interface Restored {
  readonly facts: KeptFacts
  readonly file: KeptFile<unknown>
  /** This page is sending it, or has it and asks for leave to; or it is of another page, which took it along. */
  readonly from: 'sending' | 'asks' | 'elsewhere'
  /** The view is told by itself that it is done: not when that was what the view before has failed at. */
  readonly tells: boolean
}

/** As the ledger has it: of one that is noted, the notes. */
export interface RestoredFile extends Restored {
  readonly file: KeptFile
  readonly note: unknown
}

/** What the view before knew of a file. What begins with `client` is the browser's claim. */
export interface KeptFacts extends ClaimedEntry {
  /** Under which it is found over HTTP. */
  readonly id: string
  /** Its bytes are elsewhere: what is kept of it are notes. */
  readonly noted?: NotedBy | undefined
}

/** What outlives the views of one part. */
export interface UploadKeeping {
  /** The ref of an upload's input: the same for all views of one page, so that the page gives them its files. */
  inputRef(upload: string): string
  /** What browsers keep their handles of its files under, and for how long: `keepAttribute` of `protocol/file-handles.ts`. */
  handlesOf(upload: string, keep: Keep): string
  /** Its files from the view before, oldest first. They belong to the caller from now on. `noted`: those of which notes are kept. */
  restore(upload: string, keep: Keep, noted: NotedBy | undefined): readonly RestoredFile[]
  /** What is noted of the file, as one text that only we can make. */
  signNote(entryUuid: string, note: unknown): string
  /** Remembers files that may be sent. `undefined` when that is not possible: they are sent all the same. */
  grant(upload: string, keep: Keep, files: readonly KeptFacts[]): Promise<readonly KeptFile[] | Full | undefined>
}

/** What was granted together. */
export interface GrantRecord {
  /** Of which page. */
  readonly page: string
  /** Of which upload, in which place. */
  readonly place: string
  readonly files: readonly KeptFacts[]
}

export function factsOf(entry: ClaimedEntry, id: string, noted?: NotedBy): KeptFacts {
  const facts = { ...claimedOf(entry), id }
  return noted === undefined ? facts : { ...facts, noted }
}

export function claimedOf(entry: ClaimedEntry): ClaimedEntry {
  const { ref, uuid, clientName, clientType, clientSize, clientRelativePath, clientLastModified, clientMeta } = entry
  return { ref, uuid, clientName, clientType, clientSize, clientRelativePath, clientLastModified, clientMeta }
}

/** What is noted of a file: of no other. */
export interface SignedNote {
  readonly noteOf: string
  readonly note: unknown
}

/** Reads what was signed by us: an older version of us may have written something else. */
export function readGrantRecord(data: unknown): GrantRecord | undefined {
  const { page, place, files } = (data ?? {}) as Partial<GrantRecord>
  if (typeof page !== 'string' || typeof place !== 'string' || !Array.isArray(files)) return undefined
  return { page, place, files: files.filter(isFacts) }
}

function isFacts(value: unknown): value is KeptFacts {
  if (typeof value !== 'object' || value === null) return false
  const facts = value as Readonly<Record<string, unknown>>
  const texts = ['ref', 'uuid', 'clientName', 'clientType', 'clientRelativePath', 'id']
  return texts.every((key) => typeof facts[key] === 'string') && Number.isSafeInteger(facts['clientSize'])
}

/** What a file is called on another page than its own: the refs of pages begin at 0 again with each, and would claim another's bytes. */
export function refElsewhere(uuid: string): string {
  return `k-${uuid}`
}

export function isElsewhere(ref: string): boolean {
  return ref.startsWith('k-')
}
