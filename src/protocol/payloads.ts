/** Reads what the browser sends on a view's channel. What does not have the shape of the protocol is `undefined`. */
import { readNote } from './file-notes.ts'
import { ownText } from './own-text.ts'
import { isHeavier } from './weight.ts'

export interface JoinPayload {
  readonly session: string
  readonly static: string | null
  /** Where the page is; of a live navigation, where it goes. Nested views say nothing. */
  readonly url: string | undefined
  readonly redirected: boolean
  readonly sticky: boolean
  /** The token of the messages that came along with a navigation. */
  readonly flash: string | undefined
  /** How often this view was joined before, by this page. */
  readonly mounts: number
  /** How often the page has tried to join this view since it last did. */
  readonly attempts: number
  /** The URLs of the scripts and styles that the page tracks. */
  readonly trackedStatic: readonly string[]
  /** What the page's own script passes along; `undefined` when that is too much. */
  readonly params: Readonly<Record<string, unknown>> | undefined
}

/** A `phx-*` event. `value` is a form as text for type `form`, and JSON for the others. */
export interface EventPayload {
  readonly type: string | null
  readonly event: string
  readonly value: unknown
  readonly meta: Readonly<Record<string, unknown>>
  /** The component that it is meant for. */
  readonly cid: number | undefined
  /** By input. Each file is read when its turn comes: of many more than may be uploaded nobody reads the rest. */
  readonly uploads: ReadonlyMap<string, Iterable<FileClaim>>
}

/** A file as the browser describes it. */
export interface FileClaim {
  readonly ref: string
  readonly name: string
  readonly relativePath: string
  readonly size: number
  /** Our client module says that it is a folder, which was dropped. */
  readonly folder?: boolean | undefined
  readonly type: string
  readonly lastModified: number
  readonly meta: unknown
}

export interface PreflightPayload {
  readonly ref: string
  readonly cid: number | undefined
  readonly entries: readonly FileClaim[]
}

export interface ProgressPayload {
  /** Null when the client has lost the input. */
  readonly ref: string | null
  readonly entryRef: string
  readonly cid: number | undefined
  /** Whole percent, or why the browser gave up. */
  readonly progress: number | { readonly error: string }
}

type Json = Readonly<Record<string, unknown>>

/** `maxParams`: what the script's own params may weigh, in bytes of memory. */
export function readJoin(payload: unknown, maxParams: number): JoinPayload | undefined {
  if (!isObject(payload)) return undefined
  const { session, static: staticToken, url, redirect, flash, sticky } = payload
  if (typeof session !== 'string') return undefined
  if (staticToken !== null && staticToken !== undefined && typeof staticToken !== 'string') return undefined
  const where = redirect ?? url
  const given = isObject(payload['params']) ? payload['params'] : noMeta
  const { _mounts: mounts, _mount_attempts: attempts, _track_static: tracked } = given
  return {
    session,
    static: staticToken ?? null,
    url: isWebAddress(where) ? where : undefined,
    redirected: redirect !== undefined,
    sticky: sticky === true,
    flash: typeof flash === 'string' ? flash : undefined,
    mounts: typeof mounts === 'number' ? mounts : 0,
    attempts: typeof attempts === 'number' ? attempts : 0,
    trackedStatic: Array.isArray(tracked) ? tracked.slice(0, mostTracked).filter(isAssetUrl) : [],
    params: ownParams(given, maxParams),
  }
}

const mostTracked = 100
const maxAssetUrl = 2048

function isAssetUrl(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxAssetUrl
}

/** Those of the framework are told apart by their names, and are not kept. */
function ownParams(given: Json, maxWeight: number): Json | undefined {
  const own = Object.entries(given).filter(
    ([name]) => !reservedParams.has(name) && !name.startsWith(reservedParamPrefix),
  )
  const params = Object.fromEntries(own)
  return isHeavier(params, maxWeight) ? undefined : params
}

const reservedParams: ReadonlySet<string> = new Set(
  '_csrf_token _mounts _mount_attempts _track_static _live_referer'.split(' '),
)
/** Names that our own client module has for itself. */
const reservedParamPrefix = 'liveloom'

/** The components that the page is about to forget, or has forgotten. */
export function readCids(payload: unknown): readonly number[] | undefined {
  const cids = isObject(payload) ? payload['cids'] : undefined
  // What is named twice would be looked for twice.
  return Array.isArray(cids) && cids.every((cid) => Number.isSafeInteger(cid))
    ? [...new Set(cids as number[])]
    : undefined
}

function readCid({ cid }: Json): number | undefined {
  return Number.isSafeInteger(cid) ? (cid as number) : undefined
}

export function readEvent(payload: unknown): EventPayload | undefined {
  if (!isObject(payload) || typeof payload['event'] !== 'string') return undefined
  const { type, event, value, meta, uploads } = payload
  if (type === 'form' && typeof value !== 'string') return undefined
  return {
    type: typeof type === 'string' ? type : null,
    event,
    value,
    meta: isObject(meta) ? meta : noMeta,
    cid: readCid(payload),
    uploads: isObject(uploads) ? readUploads(uploads) : noUploads,
  }
}

/** Whether somebody waits for what answers the event: a hook's `pushEvent`, or a script's `js().push`. */
export function awaitsAnswer({ type }: EventPayload): boolean {
  return type === 'hook' || type === 'js'
}

export function readPreflight(payload: unknown): PreflightPayload | undefined {
  if (!isObject(payload)) return undefined
  const { ref, entries } = payload
  return typeof ref === 'string' && Array.isArray(entries)
    ? { ref, cid: readCid(payload), entries: [...readFiles(entries)] }
    : undefined
}

export function readProgress(payload: unknown): ProgressPayload | undefined {
  if (!isObject(payload)) return undefined
  const { ref, entry_ref: entryRef, progress } = payload
  if (typeof entryRef !== 'string' || (ref !== null && typeof ref !== 'string')) return undefined
  const cid = readCid(payload)
  if (typeof progress === 'number' && progress >= 0 && progress <= 100) return { ref, entryRef, cid, progress }
  if (!isObject(progress) || !('error' in progress)) return undefined
  return { ref, entryRef, cid, progress: { error: toReason(progress['error']) } }
}

/** As long as a request's may be: HTTP servers take no more. */
const maxUrl = 16 * 1024

/** A full `http(s)` URL. Other schemes have no host, and some are scripts. */
export function isWebAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxUrl && /^https?:\/\//i.test(value) && URL.canParse(value)
}

const maxReasonLength = 1024
/** What a file's meta may weigh, in bytes of memory; what is heavier is not kept. */
const maxMetaWeight = 16 * 1024

/** Why the browser gave up: text, or an object. */
function toReason(error: unknown): string {
  return ownText(typeof error === 'string' ? error : (printed(error) ?? 'failed'), maxReasonLength)
}

/** JSON can be nested too deep to be printed again. */
function printed(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

const noMeta: Json = Object.freeze({})
const noUploads: ReadonlyMap<string, Iterable<FileClaim>> = new Map()

function readUploads(uploads: Json): ReadonlyMap<string, Iterable<FileClaim>> {
  const read = new Map<string, Iterable<FileClaim>>()
  for (const [ref, files] of Object.entries(uploads)) {
    if (Array.isArray(files)) read.set(ref, { [Symbol.iterator]: () => readFiles(files) })
  }
  return read
}

/** A file that is not described as the client describes one is left out, and so never gets a place on the page. */
function* readFiles(files: readonly unknown[]): Generator<FileClaim> {
  for (const file of files) {
    const read = readFile(file)
    if (read !== undefined) yield read
  }
}

function readFile(file: unknown): FileClaim | undefined {
  if (!isObject(file)) return undefined
  const { ref, name, relative_path: relativePath, size, type, last_modified: lastModified, meta } = file
  // Refs are joined by commas in the input's attributes.
  if (typeof ref !== 'string' || !/^[^\s,]{1,64}$/.test(ref) || typeof name !== 'string') return undefined
  if (!Number.isSafeInteger(size) || (size as number) < 0) return undefined
  const note = readNote(meta)
  return {
    ref,
    name,
    relativePath: typeof relativePath === 'string' ? relativePath : '',
    size: note.empty === true ? 0 : (size as number),
    folder: note.folder === true,
    type: typeof type === 'string' ? type : '',
    lastModified: typeof lastModified === 'number' && Number.isFinite(lastModified) ? lastModified : 0,
    meta: isHeavier(note.meta, maxMetaWeight) ? undefined : note.meta,
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
