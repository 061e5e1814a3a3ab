import type { LostFile } from '../protocol/lost-files.ts'
import type { OfView } from '../telemetry/events.ts'
import type { NotAdmitted } from '../upload/admission.ts'
import type { UploadAdmission } from '../upload/host.ts'
import type { Full } from '../upload/ledger.ts'
import type { UploadKeeping } from '../upload/keeping.ts'
import type { ResourceShelf, UploadResource } from '../upload/resource.ts'
import type { LiveComponent } from './definitions.ts'
import type { OfferedDownload } from './download.ts'
import type { Effects } from './effects.ts'
import type { LiveHost, Stage } from './host.ts'

/** Which part of a page it is. */
export interface PartPlace {
  /** The id of a live component; `undefined` for a view. */
  readonly componentId: string | number | undefined
}

/** What a part needs of the page it is on. */
export interface PartOwner {
  readonly host: LiveHost
  /** Whose steps telemetry tells of. */
  readonly place: OfView
  readonly connected: boolean
  /** The page's language. */
  readonly lang: string
  readonly effects: Effects
  /** Something is to be sent or rendered. Called inside callbacks and outside. */
  changed(): void
  /**
   * Begins what needs a connection as soon as there is one. Absent where there is one, and where there will be none: then nothing of it
   * begins.
   */
  later?: ((begin: () => void) => void) | undefined
  /** `socket.connected` was asked. */
  connectedRead?: (() => void) | undefined
  /** Runs something in the order of the view's messages. Dropped while not connected. */
  call(stage: Stage, run: () => void | Promise<void>, of?: PartPlace): void
  sendInfo(info: unknown): void
  sendUpdate(component: LiveComponent<never>, props: Readonly<Record<string, unknown>>): void
  /** A timer that ends with the view. */
  startTimer(ms: number, fire: () => void): { cancel(): void }
  /** What uploads need beyond the host: the token that admits an entry's channel, and how busy the connection is. */
  uploadToken(configRef: string, entryUuid: string): string
  /** Puts an upload where HTTP finds it; absent where the page sends all over channels. */
  shelve?: ((resource: UploadResource, id: string) => ReturnType<ResourceShelf['add']>) | undefined
  /** What outlives the views of a part; absent where nothing does. */
  keeping?: ((componentId: string | number | undefined) => UploadKeeping | undefined) | undefined
  /** Puts a download where its visitor's browser finds it, and says where; absent over HTTP, where nobody would fetch it. */
  offer?: ((download: OfferedDownload) => string) | undefined
  /** What decides which files may be sent; absent where all may. */
  admission?: UploadAdmission | undefined
  sending(): number
  uploadFailed(): void
  /** A choice of files was refused, since the connection sends as many as it may. */
  tooManyFiles(): void
  /** A choice of files was refused, since too much is stored already: for the visitor, or for all. */
  storageFull(whose: Full): void
  /** A choice of files was refused for what its visitor has sent, or for want of free disk. */
  notAdmitted?(why: NotAdmitted): void
  /** The files of an upload that went with the view before. */
  lostFiles(upload: string, component: string | number | undefined, configRef: string): readonly LostFile[]
  /** What went wrong beside the callbacks: nothing ends by it. */
  report(error: unknown, stage: Stage, of: PartPlace): void
}
