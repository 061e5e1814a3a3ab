/** What `socket.download` is given, and what is made of it: where the bytes come from, and how they are handed over. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import { isExternalUrl } from '../protocol/addresses.ts'
import { isMediaType } from '../upload/file-types.ts'

/** Bytes that are there, or come. A piece of text is sent as UTF-8. */
export type DownloadBytes = Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>

/** A file on the server. */
export interface DownloadFile {
  /** Absolute, or below `root`. */
  readonly path: string
  /**
   * A folder. Given one, nothing outside of it is sent, by whatever path or link, and nothing hidden: then `path` may come from the
   * browser. @default none: then the path is yours, and absolute
   */
  readonly root?: string
}

/** Another address, which the browser is sent on to. Not one that a visitor chooses. */
export interface DownloadLink {
  /** A full `http(s)` URL. */
  readonly url: string | URL
}

/**
 * Where a download comes from. Text is the absolute path of a file on the server, and never a URL: that is a `URL`, or `{ url }`.
 * Best is a function: it is called when the browser asks, once, so that nothing is open if it never does. Its signal aborts when the
 * browser has gone.
 */
export type DownloadSource =
  | string
  | DownloadFile
  | URL
  | DownloadLink
  | DownloadBytes
  | ((signal: AbortSignal) => DownloadBytes | Promise<DownloadBytes>)

/**
 * What became of a download. `sent`: the server has sent all of it, and the browser has it, or is about to. `aborted`: the browser has
 * begun, and left it. `expired`: it never came. `missing`: there is no such file (any more). `failed`: it could not be read to its end.
 */
export type DownloadOutcome = 'sent' | 'aborted' | 'expired' | 'missing' | 'failed'

/** What `onEnd` of a download is told. */
export interface DownloadEnd {
  readonly outcome: DownloadOutcome
  /** What of it was sent, in bytes, with what was sent twice. 0 for another address. */
  readonly bytes: number
  /** Why it failed; absent when it did not. */
  readonly error?: unknown
}

/** What `socket.download` takes beside the source. */
export interface DownloadOptions {
  /**
   * What the file is called when it is saved. It may be anything: of a path its last part counts, and what no file can be called is left
   * out. @default the last part of a path, the name of a `File`; for other bytes it has to be given
   */
  readonly name?: string | undefined
  /** The `Content-Type`. Never guessed from the bytes. @default by the extension of the path or the name, else `application/octet-stream` */
  readonly type?: string | undefined
  /**
   * Show it in a window of its own, where the browser can: it runs nothing there. Without a click just before, browsers block such
   * windows. @default false: it is saved
   */
  readonly inline?: boolean | undefined
  /** How many bytes a stream will give, so that the browser can show how far it is. One that gives more or fewer fails. @default unknown */
  readonly size?: number | undefined
  /** How long it waits for the browser to ask, in ms. @default 60000 */
  readonly expiresIn?: number | undefined
  /**
   * Called once, when it is over, in the order of the view's messages; not after the view has ended. A file that the browser has begun and
   * left may still be resumed: of that one it is told when its time is over.
   */
  readonly onEnd?: ((end: DownloadEnd) => void | Promise<void>) | undefined
}

/** Where the bytes of a download come from, once it is clear. */
export type DownloadContent =
  | { readonly kind: 'path'; readonly path: string; readonly root: string | undefined }
  | { readonly kind: 'url'; readonly url: string }
  | {
      readonly kind: 'bytes'
      /** Called once at most. */
      open(signal: AbortSignal): DownloadBytes | Promise<DownloadBytes>
      /** Nobody will ask for them any more: closes what is open. */
      discard(): void
    }

/** A download whose options have been looked at. */
export interface Download {
  readonly content: DownloadContent
  /** As it was given. Of a path there may be none. */
  readonly name: string | undefined
  readonly type: string | undefined
  readonly inline: boolean
  readonly size: number | undefined
  readonly expiresIn: number
}

/** A download that waits for its browser, as whoever serves it is given it. */
export interface OfferedDownload extends Download {
  /** Told once. */
  ended(end: DownloadEnd): void
}

/** Where downloads are found by their addresses. */
export interface DownloadShelf {
  /** Puts one there for a visitor alone. Returns its path, as the browser has it. */
  offer(download: OfferedDownload, visitorId: string): string
}

const known = ['name', 'type', 'inline', 'size', 'expiresIn', 'onEnd']
const defaultExpiry = 60_000
/** Timers take no more, in ms. */
const longestExpiry = 2 ** 31 - 1

/** @throws {LiveError} `ERR_DOWNLOAD` for what is no source, or a wrong option. */
export function resolveDownload(source: unknown, options: DownloadOptions = {}): Download {
  checkOptions(options)
  const { type, inline = false, expiresIn = defaultExpiry } = options
  const content = contentOf(source)
  const own = sizeOf(source)
  if (options.size !== undefined && (content.kind !== 'bytes' || own !== undefined)) {
    throw fail('size is for streams alone')
  }
  const name = options.name ?? nameOf(source)
  if (content.kind === 'bytes' && name === undefined) {
    throw fail('name must say what the file is called when it is saved, got undefined')
  }
  return { content, name, type: type ?? typeOf(source), inline, size: own ?? options.size, expiresIn }
}

function checkOptions(options: unknown): asserts options is DownloadOptions {
  if (typeof options !== 'object' || options === null)
    throw fail(`the options must be an object, got ${describe(options)}`)
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) throw fail(`unknown option ${describe(option)}; known are ${known.join(', ')}`)
  }
  const { name, type, inline, size, expiresIn, onEnd } = options as Readonly<Record<string, unknown>>
  if (name !== undefined && typeof name !== 'string') throw fail(`name must be text, got ${describe(name)}`)
  if (type !== undefined && (typeof type !== 'string' || !isMediaType(type))) {
    throw fail(`type must be like 'image/png', got ${describe(type)}`)
  }
  if (inline !== undefined && typeof inline !== 'boolean') {
    throw fail(`inline must be true or false, got ${describe(inline)}`)
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && (size as number) >= 0)) {
    throw fail(`size must be a number of bytes, got ${describe(size)}`)
  }
  const isTime = Number.isSafeInteger(expiresIn) && (expiresIn as number) > 0 && (expiresIn as number) <= longestExpiry
  if (expiresIn !== undefined && !isTime) {
    throw fail(`expiresIn must be a time in ms, from 1 to ${longestExpiry}, got ${describe(expiresIn)}`)
  }
  if (onEnd !== undefined && typeof onEnd !== 'function') throw fail(`onEnd must be a function, got ${describe(onEnd)}`)
}

function contentOf(source: unknown): DownloadContent {
  if (typeof source === 'string') return { kind: 'path', path: ownPath(source), root: undefined }
  if (typeof source === 'function') {
    return { kind: 'bytes', open: source as () => DownloadBytes, discard: () => {} }
  }
  if (isBytes(source)) return readyBytes(source)
  if (source instanceof URL) return { kind: 'url', url: webUrl(source.href) }
  if (typeof source === 'object' && source !== null) {
    const keys = Object.keys(source).toSorted().join()
    if (keys === 'path' || keys === 'path,root') return fileOf(source as DownloadFile)
    if (keys === 'url') return { kind: 'url', url: webUrl(String((source as DownloadLink).url)) }
  }
  throw fail(`expected a path, a URL, bytes, a stream or a function that opens one, got ${describe(source)}`)
}

function fileOf(file: DownloadFile): DownloadContent {
  const { path, root } = file
  // One that was forgotten to be set must not let a path of the browser's through.
  if (root === undefined && !('root' in file)) return { kind: 'path', path: ownPath(path), root }
  if (typeof path !== 'string') throw fail(`path must be text, got ${describe(path)}`)
  if (!isAbsolute(root)) throw fail(`root must be the absolute path of a folder, got ${describe(root)}`)
  return { kind: 'path', path, root }
}

/**
 * A path that the program has made by itself. A name from the browser in it may begin anew at the root or climb up: what climbs is
 * refused, and what may come from there is given with its root.
 */
function ownPath(path: unknown): string {
  if (typeof path === 'string' && /^[a-z][a-z\d+.-]+:/i.test(path)) {
    throw fail(`text is the path of a file, and ${describeClaim(path)} is a URL: give new URL(…) for another address`)
  }
  if (!isAbsolute(path)) {
    throw fail(`expected an absolute path like '/srv/reports/may.pdf', got ${describeClaim(path)}`)
  }
  if (path.includes('\0') || path.split(/[/\\]/).includes('..')) {
    const hint = 'give { path, root } for one that is put together of what a visitor says'
    throw fail(`${describeClaim(path)} leads up, or nowhere; ${hint}`)
  }
  return path
}

function isAbsolute(path: unknown): path is string {
  return typeof path === 'string' && /^(?:\/|[a-z]:[/\\]|\\\\)/i.test(path)
}

function webUrl(url: string): string {
  if (isExternalUrl(url) && /^https?:/i.test(url)) return new URL(url).href
  throw fail(`a URL must be a full http(s) URL, got ${describeClaim(url)}`)
}

function isBytes(source: unknown): source is DownloadBytes {
  if (typeof source !== 'object' || source === null) return false
  return source instanceof Uint8Array || source instanceof Blob || isWebStream(source) || Symbol.asyncIterator in source
}

function isWebStream(source: object): source is ReadableStream<Uint8Array> {
  return 'getReader' in source && typeof source.getReader === 'function'
}

function readyBytes(source: DownloadBytes): DownloadContent {
  // A stream of Node's that fails before anybody reads it would end the process. Whoever reads it is told.
  if ('on' in source && typeof source.on === 'function') source.on('error', () => {})
  return { kind: 'bytes', open: () => source, discard: () => discard(source) }
}

/** Closes what is open, by whatever way it has. */
function discard(source: DownloadBytes): void {
  if (source instanceof Uint8Array || source instanceof Blob) return
  if ('destroy' in source && typeof source.destroy === 'function') source.destroy()
  // One that somebody reads already cannot be cancelled: that is theirs.
  else if (isWebStream(source)) source.cancel().catch(() => {})
  else {
    // What is not a generator may have no `return`, and what was never begun runs nothing.
    Promise.resolve(source[Symbol.asyncIterator]().return?.()).catch(() => {})
  }
}

function sizeOf(source: unknown): number | undefined {
  if (source instanceof Uint8Array) return source.byteLength
  return source instanceof Blob ? source.size : undefined
}

function nameOf(source: unknown): string | undefined {
  const name = source instanceof Blob && 'name' in source ? source.name : undefined
  return typeof name === 'string' ? name : undefined
}

function typeOf(source: unknown): string | undefined {
  const type = source instanceof Blob ? source.type : ''
  return isMediaType(type) ? type : undefined
}

function fail(message: string): LiveError {
  return new LiveError('ERR_DOWNLOAD', `download: ${message}`)
}
