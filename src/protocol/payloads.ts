/**
 * Reads what the browser sends on a view's channel. What does not have the shape of the protocol is `undefined`: whoever asked answers with
 * an error. A part that can be done without is left out, and `leftOut` says so.
 */
import type { ExternalQuestion } from './external-uploads.ts'
import { readNote } from './file-notes.ts'
import { readHttpUploads } from './http-uploads.ts'
import { filesBackParam, type LostFiles, readLostFiles } from './lost-files.ts'
import { ownText } from './own-text.ts'
import { readStash } from './stash.ts'
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
  /** The files that were chosen on the page and went with the view before. */
  readonly lostFiles: readonly LostFiles[]
  /** Our client module gives the page's files back to their inputs when a view that was kept goes on. */
  readonly filesBack: boolean
  /** Our client module sends files over HTTP, where the preflight says so: the refs of those on their way. */
  readonly httpUploads: ReadonlySet<string> | undefined
  /** What the view before had the page keep, sealed. */
  readonly stash: string | undefined
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
  readonly uploads: ReadonlyMap<string, Iterable<FileClaim | UnreadFile>>
  readonly leftOut: string | undefined
}

/** A file as the browser describes it. */
export interface FileClaim {
  readonly ref: string
  /** `undefined` when it has none: a `Blob` that a script has made. */
  readonly name: string | undefined
  readonly relativePath: string
  /** `undefined` when what it says is no size. */
  readonly size: number | undefined
  /** Our client module says that it is a folder, which was dropped. */
  readonly folder?: boolean | undefined
  /** Our client module says that what the page has its files go through failed for it, and why: nothing of it is sent. */
  readonly spoiled?: string | undefined
  readonly type: string
  readonly lastModified: number
  readonly meta: unknown
  readonly leftOut?: string | undefined
}

/** A file that cannot even be spoken of: it has no ref, or one that does not go into the input's attributes. */
export interface UnreadFile {
  readonly ref?: undefined
  readonly leftOut: string
}

export interface PreflightPayload {
  readonly ref: string
  readonly cid: number | undefined
  readonly entries: readonly FileClaim[]
  readonly leftOut: string | undefined
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
    mounts: isCount(mounts) ? mounts : 0,
    attempts: typeof attempts === 'number' ? attempts : 0,
    trackedStatic: Array.isArray(tracked) ? tracked.slice(0, mostTracked).filter(isAssetUrl) : [],
    lostFiles: readLostFiles(given),
    filesBack: given[filesBackParam] === true,
    httpUploads: readHttpUploads(given),
    stash: readStash(given),
    params: ownParams(given, maxParams),
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
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

/** The component that a push is for; `undefined` for none, and null for what is no number: it must not reach the view instead. */
function readCid({ cid }: Json): number | undefined | null {
  if (cid === undefined || cid === null) return undefined
  return Number.isSafeInteger(cid) ? (cid as number) : null
}

export function readEvent(payload: unknown): EventPayload | undefined {
  if (!isObject(payload) || typeof payload['event'] !== 'string') return undefined
  const { type, event, value, meta, uploads } = payload
  const cid = readCid(payload)
  if (cid === null || (type === 'form' && typeof value !== 'string')) return undefined
  const left = [...leftOutOf('type', type, typeof type === 'string'), ...leftOutOf('meta', meta, isObject(meta))]
  left.push(...leftOutOf('uploads', uploads, isObject(uploads)))
  return {
    type: typeof type === 'string' ? type : null,
    event,
    value,
    meta: isObject(meta) ? meta : noMeta,
    cid,
    uploads: isObject(uploads) ? readUploads(uploads) : noUploads,
    leftOut: listed(left),
  }
}

/** A field that may be missing, but not be something else. */
function leftOutOf(name: string, value: unknown, fits: boolean): readonly string[] {
  return fits || value === undefined || value === null ? [] : [`its ${name}`]
}

function listed(left: readonly string[]): string | undefined {
  return left.length === 0 ? undefined : left.join(' and ')
}

/** Whether somebody waits for what answers the event: a hook's `pushEvent`, or a script's `js().push`. */
export function awaitsAnswer({ type }: EventPayload): boolean {
  return type === 'hook' || type === 'js'
}

export function readPreflight(payload: unknown): PreflightPayload | undefined {
  if (!isObject(payload)) return undefined
  const { ref, entries } = payload
  const cid = readCid(payload)
  if (cid === null || typeof ref !== 'string' || !Array.isArray(entries)) return undefined
  const files = [...readFiles(entries)]
  const unread = files.find((file) => file.ref === undefined)
  return { ref, cid, entries: files.filter((file) => file.ref !== undefined), leftOut: unread?.leftOut }
}

/** What the browser's uploader asks: of which entry, and whatever it is. */
export function readQuestion(payload: unknown): ExternalQuestion | undefined {
  if (!isObject(payload)) return undefined
  const { ref, entry_ref: entryRef, question } = payload
  const cid = readCid(payload)
  if (cid === null || typeof entryRef !== 'string' || (ref !== null && typeof ref !== 'string')) return undefined
  return { ref, entryRef, cid, question }
}

export function readProgress(payload: unknown): ProgressPayload | undefined {
  if (!isObject(payload)) return undefined
  const { ref, entry_ref: entryRef, progress } = payload
  if (typeof entryRef !== 'string' || (ref !== null && typeof ref !== 'string')) return undefined
  const cid = readCid(payload)
  if (cid === null) return undefined
  if (typeof progress === 'number' && progress >= 0 && progress <= 100) return { ref, entryRef, cid, progress }
  // An error that JSON cannot say, a function or `undefined`, leaves an object with nothing in it.
  return isObject(progress) ? { ref, entryRef, cid, progress: { error: toReason(progress['error']) } } : undefined
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

function readUploads(uploads: Json): ReadonlyMap<string, Iterable<FileClaim | UnreadFile>> {
  const read = new Map<string, Iterable<FileClaim | UnreadFile>>()
  for (const [ref, files] of Object.entries(uploads)) {
    if (Array.isArray(files)) read.set(ref, { [Symbol.iterator]: () => readFiles(files) })
    else read.set(ref, [{ leftOut: 'what is no list of files' }])
  }
  return read
}

function* readFiles(files: readonly unknown[]): Generator<FileClaim | UnreadFile> {
  for (const file of files) yield readFile(file)
}

function readFile(file: unknown): FileClaim | UnreadFile {
  if (!isObject(file)) return { leftOut: 'a file that is not described' }
  const { ref, relative_path: relativePath, size, type, last_modified: lastModified, meta } = file
  // Refs are joined by commas in the input's attributes.
  if (typeof ref !== 'string' || !/^[^\s,]{1,64}$/.test(ref)) return { leftOut: 'a file without a ref' }
  const note = readNote(meta)
  const heavy = isHeavier(note.meta, maxMetaWeight)
  return {
    ref,
    name: nameOf(file, ref),
    relativePath: typeof relativePath === 'string' ? relativePath : '',
    size: note.empty === true ? 0 : sizeOf(size),
    folder: note.folder === true,
    spoiled: note.spoiled === undefined ? undefined : ownText(note.spoiled, maxReasonLength),
    type: typeof type === 'string' ? type : '',
    lastModified: typeof lastModified === 'number' && Number.isFinite(lastModified) ? lastModified : 0,
    meta: heavy ? undefined : note.meta,
    leftOut: heavy ? `the meta of a file, which weighs more than ${maxMetaWeight / 1024} KiB` : undefined,
  }
}

function sizeOf(size: unknown): number | undefined {
  return Number.isSafeInteger(size) && (size as number) >= 0 ? (size as number) : undefined
}

/** The client calls a file without a name by its ref when it is chosen. That is a file's own name where it says what only files have. */
function nameOf({ name, relative_path: path, last_modified: lastModified }: Json, ref: string): string | undefined {
  if (typeof name !== 'string' || name === '') return undefined
  return name === ref && path === undefined && lastModified === undefined ? undefined : name
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
