import type { UploadEntry } from './entry.ts'

/** What the browser's uploader is given; `uploader` is its name. Phoenix' metadata, so that its JavaScript uploaders work, too. */
export interface ExternalMeta {
  readonly uploader: string
  readonly [key: string]: unknown
}

/** One file that the browser sends elsewhere. */
export interface ExternalFile<Meta = unknown> {
  readonly meta: ExternalMeta
  /** What has to be remembered to go on after a restart; plain JSON, at most 4 KiB. */
  readonly note?: unknown
  /** The browser's uploader asks something of a file on its way: more parts to be signed, what is there already, to complete. From the browser: check it. */
  answer?(question: unknown): unknown
  /** Awaited between the browser's 100 and `done`; what it resolves to is what the consume is handed. Rejecting fails the entry. */
  confirm?(): Meta | Promise<Meta>
  /** Called exactly once, last: deletes or aborts what must not stay. */
  dispose?(outcome: 'consumed' | 'dropped'): void | Promise<void>
}

/** `note`: what an earlier process remembered of the same file. */
export interface ExternalTools {
  readonly note: unknown
}

export type ExternalFactory<Socket = unknown> = (
  socket: Socket,
  entry: UploadEntry,
  tools: ExternalTools,
) => ExternalFile | ExternalMeta | Promise<ExternalFile | ExternalMeta>
