import { describe, LiveError } from '../errors.ts'
import { isAcceptPattern } from './accept.ts'
import { browserDefaults, type BrowserLimits, type BrowserOptions, resolveBrowserOptions } from './browser-options.ts'
import { checkDefaults, type CheckOptions, type CheckLimits, resolveChecks } from './check-options.ts'
import type { UploadEntry } from './entry.ts'
import type { ExternalFactory } from './external.ts'
import type { Keep } from './keeping.ts'
import type { TempFileMeta, UploadWriterFactory } from './writer.ts'

/** What `allowUpload` takes. `Socket` is the view's own socket. */
export interface UploadConfigOptions<Socket = unknown, Meta = TempFileMeta>
  extends CheckOptions<Socket, Meta>, BrowserOptions {
  /**
   * The accepted types: extensions (`.png`), MIME types (`image/png`) or wildcards (`image/*`). Checked against what the browser
   * claims; with `sniff` against the bytes, too. @default [] (everything)
   */
  readonly accept?: readonly string[] | undefined
  /** How many files at once, at most. @default 1 */
  readonly maxEntries?: number | undefined
  /** What `maxEntries` counts: the files chosen now, or those consumed before as well. @default 'selected' */
  readonly maxEntriesMode?: 'selected' | 'total' | undefined
  /** Bytes of one file, at most. @default 10485760 (10 MiB) */
  readonly maxFileSize?: number | undefined
  /**
   * Bytes of one file, at least; up to `maxFileSize`. With 0 empty files are taken as well, which our client module alone sends. @default 1
   */
  readonly minFileSize?: number | undefined
  /**
   * Have the browser prove each part of a file that travels over HTTP: what was changed on the way is sent again. Finished entries have
   * their `sha256`. @default false
   */
  readonly verify?: boolean | undefined
  /** Begin to send as soon as files are chosen, not with the form. @default false */
  readonly autoUpload?: boolean | undefined
  /** Bytes of one chunk. @default 1 % of the largest file, from 64 KiB to 1 MiB, less when many files are sent at once */
  readonly chunkSize?: number | undefined
  /** How long a chunk may take, in ms, before the upload fails. @default 60000 */
  readonly chunkTimeout?: number | undefined
  /**
   * Who has the files beside the page that sends them. `'visitor'`: after a reload, those that are done are listed again, and those that are not
   * go on when they are chosen again; in the same view, at the same path, in the upload of this name. With a `key` of yours instead: wherever
   * an upload of the visitor has the same. Needs our client module.
   *
   * @default nobody: they outlive a lost connection and a restart of the server, and go with the page
   */
  readonly keep?: 'visitor' | { readonly key: string } | undefined
  /**
   * Where the bytes of an entry go: called when its first byte is there, outside of the view's mailbox. What it throws fails the entry with
   * `writer_failure`. What is written elsewhere is no file of ours: it outlives a restart of the server where its writer keeps a note (`WriterTools`). With `keep`
   * such files are listed again when they are done; others begin anew.
   *
   * @default a private temporary file, whose path the consume is given
   */
  readonly writer?: UploadWriterFactory<Socket> | undefined
  /**
   * Says where the browser sends an entry itself, past this server: called in the view's mailbox when the browser asks for leave to send it.
   * What it throws refuses the entry with `external_metadata_failure`. Nobody here counts what the browser sends: whatever takes it has to. Not
   * together with `writer` or `verify`. Such files end with their view, unless something is noted of them.
   *
   * @default the browser sends its files here
   */
  readonly external?: ExternalFactory<Socket> | undefined
  /**
   * Called in the view's mailbox when the browser reports progress, or when it does not for a second or two though bytes came.
   * `entry.progress` counts the bytes written. With `entry.done` it is called once.
   */
  readonly progress?: ((socket: Socket, entry: UploadEntry) => void | Promise<void>) | undefined
}

/** The options of one upload, all present. */
export interface UploadLimits extends CheckLimits, BrowserLimits {
  readonly accept: readonly string[]
  readonly maxEntries: number
  readonly maxEntriesMode: 'selected' | 'total'
  readonly maxFileSize: number
  readonly minFileSize: number
  readonly verify: boolean
  readonly autoUpload: boolean
  /** `undefined`: chosen at each preflight. */
  readonly chunkSize: number | undefined
  readonly chunkTimeout: number
  readonly keep: Keep
  readonly writer: UploadWriterFactory<never> | undefined
  readonly external: ExternalFactory<never> | undefined
  readonly progress: ((socket: never, entry: UploadEntry) => void | Promise<void>) | undefined
}

/** What the connection allows, whatever a view asks for. */
export interface UploadCeilings {
  /** Bytes of one frame. */
  readonly maxMessageSize: number
  /** Upload channels of one connection. */
  readonly maxUploadChannels: number
  /** Files of one visitor that are kept: as many may travel over HTTP. */
  readonly maxFiles: number
  /** Bytes that one visitor may store. @default Infinity */
  readonly maxStored?: number | undefined
}

/** What a chunk's frame needs beside the chunk: its header, whose four strings have at most 255 bytes each. */
export const chunkOverhead = 1300

export const uploadDefaults: UploadLimits = {
  accept: [],
  maxEntries: 1,
  maxEntriesMode: 'selected',
  maxFileSize: 10 * 1024 * 1024,
  minFileSize: 1,
  verify: false,
  autoUpload: false,
  chunkSize: undefined,
  chunkTimeout: 60_000,
  keep: 'page',
  writer: undefined,
  external: undefined,
  progress: undefined,
  ...checkDefaults,
  ...browserDefaults,
}

export function resolveUploadOptions(
  name: string,
  options: UploadConfigOptions<never, never>,
  ceilings: UploadCeilings,
): UploadLimits {
  const where = `allowUpload('${name}')`
  const fail = (message: string): never => {
    throw new LiveError('ERR_UPLOAD_OPTIONS', `${where}: ${message}`)
  }
  if (typeof options !== 'object' || options === null) fail(`the options must be an object, got ${describe(options)}`)
  for (const option of Object.keys(options)) {
    if (!Object.hasOwn(uploadDefaults, option)) {
      fail(`unknown option ${describe(option)}; known are ${Object.keys(uploadDefaults).join(', ')}`)
    }
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const limits = { ...uploadDefaults, ...given } as UploadLimits
  const positive = (option: 'maxEntries' | 'maxFileSize' | 'chunkSize' | 'chunkTimeout'): void => {
    const value: unknown = limits[option]
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      fail(`${option} must be a positive integer, got ${describe(value)}`)
  }
  const oneOf = (option: 'maxEntriesMode' | 'autoUpload' | 'verify', values: readonly unknown[]): void => {
    const value = limits[option]
    if (!values.includes(value)) fail(`${option} must be ${values.map(describe).join(' or ')}, got ${describe(value)}`)
  }

  positive('maxEntries')
  positive('maxFileSize')
  if (!Number.isSafeInteger(limits.minFileSize) || limits.minFileSize < 0)
    fail(`minFileSize must be 0 or a positive integer, got ${describe(limits.minFileSize)}`)
  if (limits.minFileSize > limits.maxFileSize)
    fail(`minFileSize must be at most maxFileSize (${limits.maxFileSize}), got ${limits.minFileSize}`)
  positive('chunkTimeout')
  oneOf('maxEntriesMode', ['selected', 'total'])
  oneOf('autoUpload', [true, false])
  oneOf('verify', [true, false])
  const { keep } = limits
  if (keep !== 'page' && keep !== 'visitor' && !isKeepKey(keep)) {
    fail(`keep must be 'visitor' or { key: '…' } with a text of 1 to 255 characters, got ${describe(keep)}`)
  }
  for (const option of ['progress', 'writer', 'external'] as const) {
    const given: unknown = limits[option]
    if (given !== undefined && typeof given !== 'function') fail(`${option} must be a function, got ${describe(given)}`)
  }
  if (limits.external !== undefined) {
    const { writer, verify, sniff, image, scan } = limits
    const [other] =
      Object.entries({ writer, verify, sniff, image, scan }).find(
        ([, given]) => given !== undefined && given !== false,
      ) ?? []
    if (other !== undefined)
      fail(`external and ${other} do not go together: what the browser sends elsewhere is not seen here`)
  }
  // A timer of a longer time would fire at once.
  if (limits.chunkTimeout > 2 ** 31 - 1)
    fail(`chunkTimeout must be at most ${2 ** 31 - 1} ms, got ${limits.chunkTimeout}`)
  if (limits.chunkSize !== undefined) {
    positive('chunkSize')
    const most = ceilings.maxMessageSize - chunkOverhead
    if (limits.chunkSize > most) {
      fail(`chunkSize must be at most ${most} (maxMessageSize - ${chunkOverhead}), got ${limits.chunkSize}`)
    }
  }
  const { maxUploadChannels, maxFiles } = ceilings
  // Over channels fewer may be sent at once: that is seen when the browser asks.
  if (limits.maxEntries > Math.max(maxUploadChannels, maxFiles)) {
    const most =
      maxFiles >= maxUploadChannels ? `${maxFiles} (uploads.maxFiles)` : `${maxUploadChannels} (maxUploadChannels)`
    fail(`maxEntries must be at most ${most}, got ${limits.maxEntries}`)
  }
  const accept = resolveAccept(limits.accept, fail)
  return { ...limits, ...resolveChecks(limits, fail), ...resolveBrowserOptions(limits, accept, fail), accept }
}

function isKeepKey(keep: unknown): boolean {
  const { key } = (keep ?? {}) as { readonly key?: unknown }
  return typeof key === 'string' && key.length > 0 && key.length <= 255
}

function resolveAccept(accept: unknown, fail: (message: string) => never): readonly string[] {
  if (!Array.isArray(accept)) return fail(`accept must be an array like ['.png', 'image/*'], got ${describe(accept)}`)
  return accept.map((pattern: unknown) => {
    if (typeof pattern === 'string' && isAcceptPattern(pattern.toLowerCase())) return pattern.toLowerCase()
    return fail(
      `accept takes extensions ('.png'), types ('image/png') and wildcards ('image/*'), got ${describe(pattern)}`,
    )
  })
}
