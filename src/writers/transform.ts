import { describe, LiveError } from '../errors.ts'
import { hasCalls, type UploadWriter } from '../upload/writer.ts'
import { untilFailure } from './until-failure.ts'
import { type NodeWritableLike, type Sink, toSink } from './sink.ts'

/** A `Duplex` or `Transform` of Node: `zlib.createGzip()`, `sharp()`, a cipher. */
export interface NodeTransformLike extends NodeWritableLike {
  [Symbol.asyncIterator](): AsyncIterator<unknown>
}

/** A pair of streams, as `TransformStream` and `CompressionStream` are. */
export interface WebTransformLike {
  readonly writable: WritableStream<Uint8Array>
  readonly readable: ReadableStream<Uint8Array>
}

/**
 * A writer that has the bytes changed on their way to another one: compressed, encrypted, made smaller. The browser waits for both.
 *
 * @param through Takes the bytes, and gives others: of the web, or of Node. Used once.
 * @param into Takes what comes out of it. Its `meta` is handed over.
 * @throws {LiveError} `ERR_UPLOAD_WRITER` for what is no such stream.
 * @example
 * import { createGzip } from 'node:zlib'
 * import { transform } from 'liveloom/uploads'
 * import type { UploadWriterFactory } from 'liveloom'
 *
 * export const writer: UploadWriterFactory = async (socket, entry, { tempFile }) => transform(createGzip(), await tempFile())
 */
export function transform<Meta>(
  through: WebTransformLike | NodeTransformLike,
  into: UploadWriter<Meta>,
): UploadWriter<Meta> {
  const { sink, chunks } = open(through)
  /** What `into` has failed with: the streams only say that they were stopped. */
  let refused: { readonly error: unknown } | undefined
  const carrying = carry(chunks, async (chunk) => {
    try {
      await into.write(chunk)
    } catch (error) {
      refused = { error }
      throw error
    }
  })
  // Once nothing takes what comes out, nothing goes in any more.
  const whileCarried = untilFailure(carrying)
  return {
    write: (chunk) => put(() => sink.write(chunk)),
    async close(reason) {
      if (reason !== 'done') return end(reason)
      try {
        await put(() => sink.end())
        await carrying
      } catch (error) {
        await end({ error })
        throw error
      }
      await into.close('done')
    },
    dispose: (outcome) => into.dispose(outcome),
    meta: () => into.meta(),
  }

  async function put(step: () => Promise<void>): Promise<void> {
    try {
      await whileCarried(step)
    } catch (error) {
      throw refused === undefined ? error : refused.error
    }
  }

  async function end(reason: 'cancel' | { readonly error: unknown }): Promise<void> {
    await sink.abort(reason === 'cancel' ? undefined : reason.error).catch(() => {})
    // No write runs while it is closed.
    await carrying.catch(() => {})
    await into.close(reason)
  }
}

function open(through: WebTransformLike | NodeTransformLike): {
  readonly sink: Sink
  readonly chunks: AsyncIterable<unknown>
} {
  if (hasCalls(through, ['write', 'end', 'destroy', 'on'])) {
    const stream = through as NodeTransformLike
    return { sink: toSink('transform', stream), chunks: stream }
  }
  const { writable, readable } = (through ?? {}) as Partial<WebTransformLike>
  if (hasCalls(writable, ['getWriter']) && hasCalls(readable, ['getReader'])) {
    return { sink: toSink('transform', writable!), chunks: readable as unknown as AsyncIterable<unknown> }
  }
  throw new LiveError(
    'ERR_UPLOAD_WRITER',
    `transform: expected a TransformStream, or a Transform of Node, got ${describe(through)}`,
  )
}

async function carry(chunks: AsyncIterable<unknown>, write: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) {
      throw new LiveError('ERR_UPLOAD_WRITER', `transform: expected bytes to come out of it, got ${describe(chunk)}`)
    }
    await write(chunk)
  }
}
