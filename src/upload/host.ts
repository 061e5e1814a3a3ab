/** What the uploads of a part need of the part, its page and the machine: the one thing that they know of whoever has them. */
import type { LiveError } from '../errors.ts'
import type { LostFile } from '../protocol/lost-files.ts'
import type { OfPart } from '../telemetry/events.ts'
import type { UploadWords } from '../texts/texts.ts'
import type { NotAdmitted, Wanted } from './admission.ts'
import type { Timer } from '../time/timer.ts'
import type { EntryPass, PassOptions } from './entry-pass.ts'
import type { UploadKeeping } from './keeping.ts'
import type { Full } from './ledger.ts'
import type { UploadCeilings } from './options.ts'
import type { ResourceShelf, UploadResource } from './resource.ts'
import type { Slots } from './slots.ts'
import type { Sniffing } from './sniffing.ts'
import type { FileStore, OpenWriter } from './writer.ts'

/** What a view's uploads need of the view and of the machine. */
export interface UploadHost {
  /** Whose uploads they are, for telemetry. */
  readonly place: OfPart
  readonly ceilings: UploadCeilings
  /** What errors are said in. @default English */
  readonly words?: UploadWords | undefined
  readonly files: FileStore
  readonly openWriter: OpenWriter
  /** What the scans of all views share. */
  readonly scans: Slots
  /** What knows types by their first bytes; absent where nothing does. */
  readonly sniffing?: Sniffing | undefined
  /** What a view's own functions are called with. */
  readonly socket: unknown
  uuid(): string
  /** A DOM id that no other element of the page has. */
  domId(): string
  token(configRef: string, entryUuid: string): string
  /** Puts an entry's resource where HTTP finds it; absent where files go over channels. */
  readonly shelve?: ((resource: UploadResource, id: string) => ReturnType<ResourceShelf['add']>) | undefined
  /** What outlives the view; absent where nothing does. */
  readonly keeping?: UploadKeeping | undefined
  /** What decides who may send; absent where all may. */
  readonly admission?: UploadAdmission | undefined
  /** Under which a resource is found: unguessable. */
  newId(): string
  /** How many files are being sent on the connection now, by whatever view. */
  sending(): number
  /** The files of an upload that went with the view before. */
  lostFiles(name: string, configRef: string): readonly LostFile[]
  /** Milliseconds of a clock that only goes forward. */
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Calls `run` when whatever else of the process was due has had its turn. */
  nextTurn(run: () => void): void
  /** An entry failed while it ran: the page has to be told. */
  failed(): void
  /** Nobody has said what was written of an entry: its {@link Uploads.report} is due, in the order of the view's messages. */
  reportDue(entryUuid: string): void
  /** A choice was refused, since the connection sends as many files as it may: the page has to be told. */
  tooManyFiles(): void
  /** A choice was refused, since too much is stored: the page has to be told. */
  full(whose: Full): void
  /** A choice was refused for what the visitor has sent, or for want of free disk: the page has to be told. */
  notAdmitted?(why: NotAdmitted): void
  /** Work that outlives the call; shutdown waits for it. */
  background(work: Promise<void>): void
  report(error: unknown): void
  /** What the page said of its files could not be used, and nothing else tells of it. */
  suspect(what: string): void
  /** An entry moves otherwise than the page shows, and no report says so. */
  changed(): void
  /** What the view asked for has no effect. */
  warn(error: LiveError): void
}

/** The process's admission, to one view. */
export interface UploadAdmission {
  /** Whether so much may be sent. `take`: called when it may, to make the passes. */
  admit(wanted: Omit<Wanted, 'visitorId'>, take: () => void): Promise<NotAdmitted | undefined>
  pass(options: Omit<PassOptions, 'visitorId' | 'view'>): EntryPass
  /** So many bytes of a file more have gone elsewhere, as its browser says. */
  sentElsewhere(bytes: number): void
}
