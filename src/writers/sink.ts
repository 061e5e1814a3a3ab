/** Streams that bytes are written to, of the web and of Node: what is needed of them, by shape. */
import { describe, LiveError } from '../errors.ts'
import { hasCalls } from '../upload/writer.ts'

/** A writable stream of Node: `fs.createWriteStream`, a socket, a `PassThrough`. */
export interface NodeWritableLike {
  write(chunk: Uint8Array, written: (error?: Error | null) => void): unknown
  end(finished: (error?: Error | null) => void): unknown
  destroy(error?: Error): unknown
  on(event: 'error' | 'close', heard: (error: Error) => void): unknown
  /** Whether what it has open is closed; `undefined` where it does not say. */
  readonly closed?: boolean | undefined
  /** As Node has it: without it nobody is told when it is closed. */
  readonly _writableState?: { readonly emitClose?: boolean | undefined } | undefined
}

/** One that takes bytes, and says when it has taken them. */
export interface Sink {
  /** Settles when the chunk is not needed any more. */
  write(chunk: Uint8Array): Promise<void>
  /** All has come. Settles when all is through. */
  end(): Promise<void>
  /** Nothing more comes, and what has come is not wanted. `error`: why, where that is known. */
  abort(error?: unknown): Promise<void>
}

/** @throws {LiveError} `ERR_UPLOAD_WRITER` for what is no writable stream. */
export function toSink(where: string, stream: WritableStream<Uint8Array> | NodeWritableLike): Sink {
  if (hasCalls(stream, ['getWriter'])) return webSink(stream as WritableStream<Uint8Array>)
  if (hasCalls(stream, ['write', 'end', 'destroy', 'on'])) return nodeSink(stream as NodeWritableLike)
  throw new LiveError(
    'ERR_UPLOAD_WRITER',
    `${where}: expected a writable stream, of the web or of Node, got ${describe(stream)}`,
  )
}

function webSink(stream: WritableStream<Uint8Array>): Sink {
  const writer = stream.getWriter()
  // Whoever writes is told.
  writer.closed.catch(() => {})
  return {
    async write(chunk) {
      await writer.ready
      // A stream of the web may say that it has a chunk before it has read it, as those that Node makes of its own do.
      await writer.write(chunk.slice())
    },
    end: () => writer.close(),
    abort: (error) => writer.abort(error),
  }
}

function nodeSink(stream: NodeWritableLike): Sink {
  let failure: Error | undefined
  // Without a listener an error ends the process.
  stream.on('error', (error) => (failure ??= error))
  const call = (run: (done: (error?: Error | null) => void) => unknown): Promise<void> =>
    new Promise((resolve, reject) => {
      // A stream that has failed does not always say so again.
      if (failure !== undefined) return reject(failure)
      run((error) => (error ? reject(failure ?? error) : resolve()))
    })
  return {
    write: (chunk) => call((done) => stream.write(chunk, done)),
    end: () => call((done) => stream.end(done)),
    async abort(error) {
      // A file may be being opened still, and be there only after whoever deletes it has looked.
      const closed = new Promise<void>((resolve) => stream.on('close', () => resolve()))
      stream.destroy(error instanceof Error ? error : undefined)
      if (stream.closed === false && stream._writableState?.emitClose !== false) await closed
    },
  }
}
