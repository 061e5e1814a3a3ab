/** What the server needs of its runtime to take files out of a form: a reader of the format, and somewhere to put bytes meanwhile. */

/** A file of a form. All but its bytes is the browser's claim. */
export interface MultipartFile {
  /** Of the input. */
  readonly field: string
  /** As the browser sent it: with the folders of a folder that was chosen. Empty where nothing was. */
  readonly fileName: string
  readonly type: string
  /** Ends by throwing when the form ends in the middle of it, or is given up. */
  readonly bytes: AsyncIterable<Uint8Array>
}

export interface MultipartSink {
  field(name: string, value: string): void
  /** The parts behind it come when this has settled. What it leaves of the bytes is thrown away. */
  file(file: MultipartFile): Promise<void>
}

export interface MultipartLimits {
  /** Parts of all kinds. */
  readonly maxParts: number
  /** Bytes of one field. */
  readonly maxFieldSize: number
}

/** `too_large`: more parts, or a longer field, than may be. */
export type MultipartEnd = 'complete' | 'broken' | 'too_large'

/** Reads a form as it comes, holding a few parts of it at a time. Rejects with what the sink or the body throws. */
export type ReadMultipart = (
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  limits: MultipartLimits,
  sink: MultipartSink,
) => Promise<MultipartEnd>

/** Bytes that are put aside, for nobody but who has put them there. */
export interface Spool {
  write(chunk: Uint8Array): Promise<void>
  /** What was written, in pieces of at most `size` bytes. Nothing is written any more. */
  read(size: number): AsyncIterable<Uint8Array>
  /** Call it once, last. */
  remove(): Promise<void>
}
