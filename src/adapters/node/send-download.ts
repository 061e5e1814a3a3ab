/** Sends what `socket.download` has started, to the browser that asks for it: a file of the disk, or bytes while they come. */
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { describe, LiveError } from '../../errors.ts'
import type { DownloadBytes } from '../../live/download.ts'
import type { Handover, HandoverEnd } from '../../server/http.ts'
import { fileName } from './file-name.ts'
import { findAt, findIn, type Found, isOver, refuse, setFileHeaders, transfer } from './send-file.ts'
import { type Served, servedAs } from './served-types.ts'

/** Nothing on the way keeps it, nor packs it: of what is packed no part can be asked for. */
const cacheControl = 'private, no-store, no-transform'
/** How long a browser may take nothing of a stream, in ms: who pauses it cannot have the rest of it later. */
const stalledTimeout = 10 * 60_000

/** Answers by itself, whatever happens, and tells `ended` of it. Never rejects. */
export async function sendDownload(
  request: IncomingMessage,
  response: ServerResponse,
  handover: Handover,
  defaults: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const [name, value] of Object.entries(defaults)) if (!response.hasHeader(name)) response.setHeader(name, value)
  let end: HandoverEnd
  try {
    end = await send(request, response, handover)
  } catch (error) {
    await answerFailed(request, response)
    end = { what: 'failed', bytes: 0, error }
  }
  handover.ended(end)
}

function send(request: IncomingMessage, response: ServerResponse, handover: Handover): Promise<HandoverEnd> {
  const { content } = handover
  return content.kind === 'path'
    ? sendFile(request, response, handover, content)
    : sendBytes(request, response, handover, (signal) => content.open(signal))
}

async function answerFailed(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (response.headersSent) response.destroy()
  else await refuse(request, response, 500)
}

/** What it is served as, and what it is called there. `path`: that of a file. */
function setHeaders(response: ServerResponse, { name = '', type, inline }: Handover, path = ''): void {
  const served: Served = servedAs([basename(path), name], type, inline ? 'inline' : 'attachment')
  const called = fileName(name) || fileName(basename(path)) || 'download'
  setFileHeaders(response, served, called, cacheControl)
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  handover: Handover,
  { path, root }: { readonly path: string; readonly root: string | undefined },
): Promise<HandoverEnd> {
  const found = root === undefined ? await findAt(path) : await findIn(root, path)
  const etag = found && (await etagOf(found))
  let isMissing = found === undefined || etag === undefined
  const missing = (): Promise<void> => {
    isMissing = true
    return refuse(request, response, 404)
  }
  if (found === undefined || etag === undefined) {
    await missing()
    return { what: 'missing', bytes: 0 }
  }
  if (isOver(response)) return { what: 'part', bytes: 0 }
  setHeaders(response, handover, path)
  // A browser resumes by a strong one alone.
  response.setHeader('etag', etag)
  const { bytes, from, toItsEnd } = await transfer(request, response, found, missing)
  if (isMissing) return { what: 'missing', bytes: 0 }
  return { what: toItsEnd ? 'whole' : 'part', bytes, from }
}

/** `undefined` when it has gone. */
async function etagOf({ path }: Found): Promise<string | undefined> {
  try {
    const { size, mtimeNs } = await stat(path, { bigint: true })
    return `"${size.toString(36)}-${mtimeNs.toString(36)}"`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  handover: Handover,
  open: (signal: AbortSignal) => DownloadBytes | Promise<DownloadBytes>,
): Promise<HandoverEnd> {
  const { size } = handover
  setHeaders(response, handover)
  response.setHeader('accept-ranges', 'none')
  if (size !== undefined) response.setHeader('content-length', String(size))
  if (request.method === 'HEAD') {
    response.end()
    return { what: 'part', bytes: 0 }
  }
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  if (isOver(response)) gone.abort()
  let source: Readable
  try {
    source = toReadable(await open(gone.signal))
  } catch (error) {
    if (gone.signal.aborted) return { what: 'part', bytes: 0 }
    throw error
  }
  const counted = new Counted(size)
  // The pipeline may close the response before whoever reads the source hears of it.
  source.once('error', (error) => counted.failed(error, gone.signal))
  // While a stream gives nothing, the pipeline does not notice that nobody is left.
  gone.signal.addEventListener('abort', () => source.destroy())
  // The browser shows that it has begun, however long the first byte takes.
  if (gone.signal.aborted) source.destroy()
  else response.flushHeaders()
  limitStalled(response)
  try {
    await pipeline(source, (chunks) => counted.through(chunks as AsyncIterable<unknown>, gone.signal), response)
    return { what: 'whole', bytes: counted.bytes }
  } catch (error) {
    if (counted.failure !== undefined) return { what: 'failed', bytes: counted.bytes, error: counted.failure.error }
    if (gone.signal.aborted) return { what: 'part', bytes: counted.bytes }
    return { what: 'failed', bytes: counted.bytes, error }
  }
}

/** Counts what goes through, and sees to it that it is what was announced. */
class Counted {
  /** Those that were handed on. */
  bytes = 0
  /** What the source failed with, while somebody was there to read it. */
  failure: { readonly error: unknown } | undefined
  readonly #size: number | undefined

  constructor(size: number | undefined) {
    this.#size = size
  }

  async *through(chunks: AsyncIterable<unknown>, gone: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#size === undefined ? toBytes(chunks) : this.#ofSize(this.#size, chunks)) {
        this.bytes += chunk.byteLength
        yield chunk
      }
    } catch (error) {
      this.failed(error, gone)
      throw error
    }
  }

  failed(error: unknown, gone: AbortSignal): void {
    if (!gone.aborted) this.failure ??= { error }
  }

  /** A browser that has as many bytes as were announced takes them for whole: the last ones wait until nothing follows. */
  async *#ofSize(size: number, chunks: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
    let came = 0
    let last: Uint8Array | undefined
    for await (const chunk of toBytes(chunks)) {
      came += chunk.byteLength
      if (came > size) throw this.#wrongSize('more')
      if (last !== undefined) yield last
      last = chunk
    }
    if (came < size) throw this.#wrongSize(`${came}`)
    if (last !== undefined) yield last
  }

  #wrongSize(came: string): LiveError {
    return fail(`the stream was to give ${this.#size} bytes, and gave ${came}`)
  }
}

async function* toBytes(chunks: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (!(bytes instanceof Uint8Array)) throw fail(`a stream must give bytes or text, got ${describe(chunk)}`)
    // An empty one could stand for the last.
    if (bytes.byteLength > 0) yield bytes
  }
}

function fail(message: string): LiveError {
  return new LiveError('ERR_DOWNLOAD', `download: ${message}`)
}

function toReadable(source: DownloadBytes): Readable {
  if (source instanceof Readable) return source
  if (source instanceof Uint8Array) return Readable.from([source])
  if (source instanceof Blob) return Readable.fromWeb(source.stream() as ReadableStream)
  if (typeof source === 'object' && source !== null) {
    if ('getReader' in source) return Readable.fromWeb(source as ReadableStream)
    if (Symbol.asyncIterator in source) return Readable.from(source)
  }
  throw fail(`the function must give bytes or a stream, got ${describe(source)}`)
}

/** Who takes nothing for long is cut off. A stream that gives nothing meanwhile may take its time. */
function limitStalled(response: ServerResponse): void {
  response.setTimeout(stalledTimeout, () => {
    if ((response.socket?.writableLength ?? 0) > 0) response.destroy()
  })
}
