import type { UploadEntry } from './entry.ts'

/** Where the bytes of one entry go. */
export interface UploadWriter<Meta = unknown> {
  /** Chunks arrive in order. The browser sends the next only after this settles, so awaiting is backpressure. */
  write(chunk: Uint8Array): void | Promise<void>
  /** Called exactly once, when no more chunks will come, and never while a write runs. */
  close(reason: 'done' | 'cancel' | { readonly error: unknown }): void | Promise<void>
  /** Called exactly once, last, also when the view ends; deletes what must not stay. */
  dispose(outcome: 'consumed' | 'dropped'): void | Promise<void>
  /** Handed to the view when it consumes the entry. */
  meta(): Meta
}

/** What the default writer hands to the view: where the file lies until it is consumed. */
export interface TempFileMeta {
  readonly path: string
}

/** Opens the default writer for an entry. */
export type OpenWriter = (entry: UploadEntry) => Promise<UploadWriter<TempFileMeta>>

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
