import { describe, LiveError } from '../errors.ts'
import type { UploadEntry } from './entry.ts'
import type { ExternalFile, ExternalMeta } from './external.ts'

/**
 * Where the bytes of one entry go. Implement it to stream an upload elsewhere, and name it by the option `writer` of `allowUpload`.
 *
 * What it throws, or rejects with, fails its entry with `writer_failure`; `onError` is told with the stage `upload`.
 */
export interface UploadWriter<Meta = unknown> {
  /**
   * Chunks arrive in order, of whatever size. The browser sends the next only after this settles, so awaiting is backpressure. The memory of a
   * chunk is used again afterwards: who keeps it copies it.
   */
  write(chunk: Uint8Array): void | Promise<void>
  /** Called exactly once, when no more chunks will come, and never while a write runs. */
  close(reason: 'done' | 'cancel' | { readonly error: unknown }): void | Promise<void>
  /** Called exactly once, last, also when the view ends; deletes what must not stay. */
  dispose(outcome: 'consumed' | 'dropped'): void | Promise<void>
  /** Handed to the view when it consumes the entry, after `close('done')`. */
  meta(): Meta
  /**
   * Of one that goes on from a note (`note` of {@link WriterTools}): bytes that it has already. What is written first comes behind them.
   *
   * @default 0: the file begins anew
   */
  readonly offset?: number | undefined
  /**
   * Called instead of `close` and `dispose` where the view ends and the file stays, for a writer of the next view that is given the last
   * note: lets go of what this process has of it. Never while a write runs.
   *
   * @default the file ends with the view
   */
  pause?(): void | Promise<void>
}

/** What the default writer hands to the view: where the file lies until it is consumed. */
export interface TempFileMeta {
  readonly path: string
}

/**
 * What the view is handed when the entry is consumed: of a writer, or of a function that opens one; of what `external` returns, or of a function
 * that does.
 */
export type MetaOf<Source> = Source extends (...args: never) => infer Opened
  ? MetaOf<Awaited<Opened>>
  : Source extends UploadWriter<infer Meta>
    ? Meta
    : Source extends ExternalFile<infer Meta>
      ? unknown extends Meta
        ? Source['meta']
        : Meta
      : Source extends ExternalMeta
        ? Source
        : never

/** What whoever opens a writer is given beside the entry. */
export interface WriterTools {
  /** Opens what an upload without the option `writer` is written to: a private temporary file, gone when the entry is. */
  tempFile(): Promise<UploadWriter<TempFileMeta>>
  /**
   * What the writer that had the file before gave to `keep` last: the server was started anew, or the page loaded. Go on from there, and say by
   * `offset` how far that is; where it cannot be, begin anew. Of a file that is done (`entry.done`) `close` was called before.
   * `undefined` for a file that begins.
   */
  readonly note: unknown
  /**
   * Has a note kept until the entry is consumed or cancelled: what another writer needs to go on, up to 4 KiB of JSON. The last one counts. Resolves
   * when it would outlive the process. Of files that travel over the socket, and of those with `verify`, nothing is
   * kept: then it does nothing.
   */
  keep(note: unknown): Promise<void>
}

/** Opens the writer of an entry, when its first byte is there. `Socket` is the view's own. */
export type UploadWriterFactory<Socket = unknown> = (
  socket: Socket,
  entry: UploadEntry,
  tools: WriterTools,
) => UploadWriter | Promise<UploadWriter>

/** Opens the default writer for an entry. */
export type OpenWriter = (entry: UploadEntry) => Promise<UploadWriter<TempFileMeta>>

const calls = ['write', 'close', 'dispose', 'meta'] as const

/** @throws {LiveError} `ERR_UPLOAD_WRITER` for what an option `writer` has made that is none. */
export function assertWriter(name: string, made: unknown): UploadWriter {
  if (hasCalls(made, calls)) return made as UploadWriter
  throw new LiveError(
    'ERR_UPLOAD_WRITER',
    `allowUpload('${name}'): writer must return an object with ${calls.join(', ')}, got ${describe(made)}`,
  )
}

/** Whether it is an object with these functions: what is expected by its shape. */
export function hasCalls(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function')
}

/** Files of the application that an upload is saved to. */
export interface FileStore {
  /** One name for each file, however the path to it was written. */
  resolve(dest: string): string
  /**
   * Appends the file `src` to `dest`, which is made when it is missing, with its folders. Appends to one file follow one another.
   * One that fails leaves `dest` as it was; a file that is made appears when it is whole.
   */
  append(dest: string, src: string): Promise<void>
}
