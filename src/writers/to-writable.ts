import type { UploadWriter } from '../upload/writer.ts'
import { type NodeWritableLike, toSink } from './sink.ts'
import { untilFailure } from './until-failure.ts'

/** What {@link toWritable} takes beside the stream. */
export interface ToWritableOptions<Meta> {
  /** What the consume is given, or what makes it once all is stored. @default {} */
  readonly meta?: Meta | (() => Meta) | undefined
  /** Settles when what was written is stored, where that is later than the stream's end; when it rejects the entry fails at once. */
  readonly stored?: PromiseLike<unknown> | undefined
  /** Deletes what must not stay. @default nothing is deleted */
  readonly dispose?: ((outcome: 'consumed' | 'dropped') => void | Promise<void>) | undefined
}

/**
 * A writer that writes to a stream: of the web, or of Node. The browser waits for the stream. When the entry is cancelled, or fails, the stream is
 * aborted (`abort`, in Node `destroy`).
 *
 * @throws {LiveError} `ERR_UPLOAD_WRITER` for what is no writable stream.
 * @example
 * import { createWriteStream } from 'node:fs'
 * import { rm } from 'node:fs/promises'
 * import { toWritable } from 'liveloom/uploads'
 * import type { UploadWriterFactory } from 'liveloom'
 *
 * export const writer: UploadWriterFactory = (socket, entry) => {
 *   const path = `/srv/photos/${entry.uuid}`
 *   return toWritable(createWriteStream(path), {
 *     meta: { path },
 *     dispose: (outcome) => (outcome === 'dropped' ? rm(path, { force: true }) : undefined),
 *   })
 * }
 */
export function toWritable<Meta extends object = object>(
  stream: WritableStream<Uint8Array> | NodeWritableLike,
  { meta, stored, dispose }: ToWritableOptions<Meta> = {},
): UploadWriter<Meta> {
  const sink = toSink('toWritable', stream)
  const storing = Promise.resolve(stored)
  // Whoever stores may have stopped reading: then no write would ever be through.
  const whileStored = untilFailure(storing)
  return {
    write: (chunk) => whileStored(() => sink.write(chunk)),
    async close(reason) {
      if (reason !== 'done') return sink.abort(reason === 'cancel' ? undefined : reason.error)
      await whileStored(() => sink.end())
      await storing
    },
    dispose: (outcome) => dispose?.(outcome),
    meta: () => (typeof meta === 'function' ? (meta as () => Meta)() : (meta ?? ({} as Meta))),
  }
}
