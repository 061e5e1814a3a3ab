/**
 * The rules of an upload over plain data: which files are taken, refused, allowed to send, done, failed and gone. No socket, no
 * clock, no bytes. Each function gives the next state.
 */
import { ownText } from '../protocol/own-text.ts'
import type { LostFile } from '../protocol/lost-files.ts'
import type { FileClaim, UnreadFile } from '../protocol/payloads.ts'
import { mostRefused } from '../protocol/upload-choice.ts'
import { isAccepted } from './accept.ts'
import type { ClaimedEntry, UploadConfig, UploadEntry, UploadEntryState, WaitingEntry } from './entry.ts'
import type { UploadWords } from '../texts/texts.ts'
import { inWords, type UploadError, uploadError } from './errors.ts'
import { extensionFor, plainType } from './file-types.ts'
import { type Pace, still } from './flow.ts'
import type { ImageFacts } from './image-header.ts'
import type { UploadLimits } from './options.ts'
import { awaitedBy } from './waiting.ts'

export interface UploadState {
  readonly name: string
  readonly ref: string
  readonly limits: UploadLimits
  /** What its errors are said in. @default English */
  readonly words?: UploadWords | undefined
  readonly entries: readonly UploadEntry[]
  /** Of other pages, until they are chosen again. */
  readonly waiting: readonly WaitingEntry[]
  /** How many were consumed so far; counts in mode `total`. */
  readonly consumed: number
  /** Bytes of those. */
  readonly consumedSize: number
  /** The latest entries that left. A change that the browser sent before it learned of that may still list them. */
  readonly gone: readonly string[]
  /** Chosen files that went with the view before. */
  readonly lost: readonly LostFile[]
  /** The id of the live component that it belongs to. */
  readonly component: string | number | undefined
  /** What the browser keeps its handles of the files under. */
  readonly keptAs: string | undefined
}

const maxNameLength = 1024
const maxPathLength = 4096
const maxTypeLength = 255
const mostGoneKept = 1000

export function createUploadState(
  name: string,
  ref: string,
  limits: UploadLimits,
  { lost = [], component, words, keptAs }: Partial<Pick<UploadState, 'lost' | 'component' | 'words' | 'keptAs'>> = {},
): UploadState {
  const counts = { consumed: 0, consumedSize: 0 }
  return { name, ref, limits, words, entries: [], waiting: [], ...counts, gone: [], lost, component, keptAs }
}

/** How many entries the upload has room for. */
export function roomOf(state: UploadState): number {
  const { maxEntries, maxEntriesMode } = state.limits
  return maxEntriesMode === 'total' ? Math.max(0, maxEntries - state.consumed) : maxEntries
}

/**
 * Takes in the files that the browser lists. Known entries stay as they are, also those it does not list. With `maxEntries` 1 a
 * single new file replaces what was there: `replaced` are the entries to end. Files far beyond the limit are not recorded, and not even
 * looked at. `leftOut`: what could not be read.
 */
export function selectFiles(
  state: UploadState,
  files: Iterable<FileClaim | UnreadFile>,
  uuid: () => string,
): { readonly state: UploadState; readonly replaced: readonly UploadEntry[]; readonly leftOut: ReadonlySet<string> } {
  const known = new Set([...state.gone, ...state.entries.map((entry) => entry.ref)])
  const before = known.size
  const isNew = (ref: string): boolean => !known.has(ref)
  const only = state.limits.maxEntries === 1 ? onlyOne(files) : undefined
  const replaces = only !== undefined && isNew(only.ref)
  const replaced = replaces ? state.entries : []
  const entries = replaces ? [] : [...state.entries]
  let { waiting } = state
  const most = roomOf(state) + mostRefused(state.limits.maxEntries)
  const leftOut = new Set<string>()
  for (const file of files) {
    if (entries.length >= most) break
    if (file.leftOut !== undefined) leftOut.add(file.leftOut)
    if (file.ref === undefined || !isNew(file.ref)) continue
    known.add(file.ref)
    const awaited = awaitedBy(waiting, file)
    waiting = waiting.filter((one) => one !== awaited)
    entries.push(toEntry(state, file, awaited?.uuid ?? uuid()))
  }
  const gone = [...state.gone, ...replaced.map((entry) => entry.ref)].slice(-mostGoneKept)
  // Who chooses again knows.
  const lost = known.size > before ? [] : state.lost
  return { state: { ...state, entries, waiting, gone, lost }, replaced, leftOut }
}

function onlyOne(files: Iterable<FileClaim | UnreadFile>): FileClaim | undefined {
  let only: FileClaim | undefined
  for (const file of files) {
    if (file.ref === undefined) continue
    if (only !== undefined) return undefined
    only = file
  }
  return only
}

function toEntry({ limits, words }: UploadState, file: FileClaim, uuid: string): UploadEntry {
  const name = file.name ?? unnamed(file.type)
  const claimed = {
    ref: file.ref,
    uuid,
    clientName: ownText(name, maxNameLength),
    clientType: ownText(file.type, maxTypeLength),
    clientSize: file.size ?? 0,
    clientRelativePath: ownText(file.relativePath, maxPathLength),
    clientLastModified: file.lastModified,
    clientMeta: file.meta,
  }
  return newEntry(claimed, refusalOf(limits, file, name), words)
}

/** Nothing of it has come; `error`: nothing is to come, for that reason. */
export function newEntry(
  claimed: ClaimedEntry,
  error: UploadError | undefined,
  words: UploadWords | undefined,
): UploadEntry {
  return {
    ...claimed,
    state: error === undefined ? 'waiting' : 'refused',
    progress: 0,
    processed: undefined,
    ...still,
    place: undefined,
    retries: 0,
    preflighted: false,
    done: false,
    sha256: undefined,
    image: undefined,
    failed: false,
    cancelled: false,
    valid: error === undefined,
    errors: error === undefined ? [] : [inWords(error, words)],
  }
}

/** What a `Blob` is called that has no name: as in a form, but with the extension of its type. */
function unnamed(clientType: string): string {
  const extension = extensionFor(plainType(clientType))
  return extension === '' ? 'blob' : `blob.${extension}`
}

export function refusalOf(
  limits: UploadLimits,
  file: Pick<FileClaim, 'size' | 'type' | 'folder' | 'spoiled'>,
  name: string,
): UploadError | undefined {
  const { accept, maxFileSize, minFileSize } = limits
  if (file.folder === true) return uploadError('is_folder', {})
  if (file.spoiled !== undefined) return uploadError('transform_failure', { reason: file.spoiled })
  if (file.size === undefined) return uploadError('upload_failed', { reason: 'the browser did not say its size' })
  if (file.size === 0 && minFileSize > 0) return uploadError('empty_file', {})
  if (file.size < minFileSize) return uploadError('too_small', { clientSize: file.size, minFileSize })
  if (file.size > maxFileSize) return uploadError('too_large', { clientSize: file.size, maxFileSize })
  if (!isAccepted(accept, name, file.type)) {
    const clientName = ownText(name, maxNameLength)
    return uploadError('not_accepted', { clientName, clientType: ownText(file.type, maxTypeLength), accept })
  }
  return undefined
}

/** What is wrong with the choice as a whole. */
export function configErrors(state: UploadState): readonly UploadError[] {
  const { entries, limits, words } = state
  const count = entries.length
  const { maxEntries, maxTotalSize } = limits
  const totalSize = sizeBefore(state) + entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
  return [
    ...(count > roomOf(state) ? [uploadError('too_many_files', { maxEntries, count }, words)] : []),
    ...(totalSize > maxTotalSize ? [uploadError('total_too_large', { totalSize, maxTotalSize }, words)] : []),
  ]
}

/** What counts beside the entries. */
function sizeBefore({ limits, consumedSize }: UploadState): number {
  return limits.maxEntriesMode === 'total' ? consumedSize : 0
}

/** What an entry counts for. */
function sizeOf({ valid, failed, clientSize }: UploadEntry): number {
  return valid && !failed ? clientSize : 0
}

/** The answer to the browser's wish to send the entries `refs`. */
export type Preflight =
  /** Nothing may be sent: `[ref, code]` for each reason. */
  | { readonly ok: false; readonly refused: readonly (readonly [ref: string, code: string])[] }
  | {
      readonly ok: true
      readonly state: UploadState
      /** Those that may be sent, in entry order. */
      readonly granted: readonly UploadEntry[]
      readonly errors: Readonly<Record<string, readonly string[]>>
    }

/**
 * Decides which of the entries may be sent. Sent with the form, any error refuses all of them; with `autoUpload` each stands for
 * itself, and those past the limit are left out.
 */
export function preflight(state: UploadState, refs: readonly string[]): Preflight {
  if (!state.limits.autoUpload) {
    const refused = refusalsOf(state)
    if (refused.length > 0) return { ok: false, refused }
    // Cancelled while the browser asked for it. It would give up the others too, so it has to ask anew.
    const known = new Set(state.entries.map((entry) => entry.ref))
    if (!refs.every((ref) => known.has(ref))) return { ok: false, refused: [[state.ref, 'cancelled']] }
  }
  const room = roomOf(state)
  const asked = new Set(refs)
  const granted: UploadEntry[] = []
  const errors: Record<string, readonly string[]> = {}
  const sizes = state.entries.map((entry) => (entry.preflighted ? sizeOf(entry) : 0))
  let size = sizes.reduce((sum, one) => sum + one, sizeBefore(state))
  const entries = state.entries.map((entry, index) => {
    if (!asked.has(entry.ref) || entry.preflighted || index >= room) return entry
    if (size + sizeOf(entry) > state.limits.maxTotalSize) return entry
    size += sizeOf(entry)
    const goes = entry.valid && !entry.failed
    const allowed: UploadEntry = { ...entry, preflighted: true, state: goes ? 'queued' : entry.state }
    if (goes) granted.push(allowed)
    else errors[entry.ref] = entry.errors.map((error) => error.code)
    return allowed
  })
  return { ok: true, state: { ...state, entries }, granted, errors }
}

/** The entries `refs` may not be sent, for that reason. */
export function refused(state: UploadState, refs: ReadonlySet<string>, error: UploadError): UploadState {
  const said = inWords(error, state.words)
  const entries = state.entries.map((entry) =>
    refs.has(entry.ref) && isInProgress(entry)
      ? ({ ...entry, ...still, valid: false, state: 'refused', errors: [...entry.errors, said] } as const)
      : entry,
  )
  return { ...state, entries }
}

function refusalsOf(state: UploadState): readonly (readonly [string, string])[] {
  return [
    ...configErrors(state).map((error) => [state.ref, error.code] as const),
    ...state.entries.flatMap((entry) => entry.errors.map((error) => [entry.ref, error.code] as const)),
  ]
}

/** The browser has to ask anew before it sends the entry. */
export function asksAgain(state: UploadState, ref: string): UploadState {
  return update(state, ref, (entry) => ({ ...entry, ...still, preflighted: false, progress: 0, state: 'waiting' }))
}

/** How an entry stands that may be sent, as whoever carries its bytes says. */
export function moves(
  state: UploadState,
  ref: string,
  how: Extract<UploadEntryState, 'queued' | 'sending' | 'paused' | 'stalled'>,
): UploadState {
  const entry = state.entries.find((candidate) => candidate.ref === ref)
  if (entry === undefined || entry.state === how || !entry.preflighted || !isInProgress(entry)) return state
  // Nothing more of it is to come.
  if (entry.state === 'scanning') return state
  return update(state, ref, () => ({ ...entry, ...still, state: how }))
}

/** It waits for its turn, so many being before it and itself. */
export function placed(state: UploadState, ref: string, place: number | undefined): UploadState {
  return update(state, ref, (entry) => ({ ...entry, place }))
}

export function percentOf(received: number, size: number): number {
  return size === 0 ? 100 : Math.floor((received / size) * 100)
}

/** So much of a file is there that came back: nothing of it is on its way. */
export function stands(state: UploadState, entryUuid: string, received: number): UploadState {
  const entry = state.entries.find(({ uuid }) => uuid === entryUuid)
  const progressOf = ({ clientSize }: { readonly clientSize: number }): number => percentOf(received, clientSize)
  if (entry !== undefined) return update(state, entry.ref, () => ({ ...entry, progress: progressOf(entry) }))
  if (!state.waiting.some(({ uuid }) => uuid === entryUuid)) return state
  const waiting = state.waiting.map((one) => (one.uuid === entryUuid ? { ...one, progress: progressOf(one) } : one))
  return { ...state, waiting }
}

/** `received` bytes of the entry are written. */
export function progressed(state: UploadState, ref: string, received: number, pace: Pace = still): UploadState {
  return update(state, ref, (entry) => {
    const progress = percentOf(received, entry.clientSize)
    // The write that ran when it was paused.
    return entry.state === 'paused' ? { ...entry, progress } : { ...entry, ...pace, progress, state: 'sending' }
  })
}

/** The header of the image has come. */
export function measured(state: UploadState, ref: string, image: ImageFacts): UploadState {
  return update(state, ref, (entry) => ({ ...entry, image }))
}

/** Whether an entry whose bytes are all there may not be consumed by that alone, where it comes back of a view before. */
export function settlesLater({ scan, sniff, image }: UploadLimits): boolean {
  return scan !== undefined || sniff || image !== undefined
}

/** All bytes are written and closed, and the view's scan looks at them. */
export function scanning(state: UploadState, ref: string, sha256?: string): UploadState {
  return update(state, ref, (entry) => ({ ...entry, ...still, progress: 100, state: 'scanning', sha256 }))
}

/** The browser says that it has sent so much of the entry elsewhere. All of it is another's word. */
export function claimed(state: UploadState, ref: string, percent: number, pace: Pace): UploadState {
  const progress = Math.min(99, Math.floor(percent))
  return update(state, ref, (entry) => ({ ...entry, ...pace, progress, state: 'sending' }))
}

/** All bytes are written and closed, and nothing more is to be asked of them. */
export function completed(state: UploadState, ref: string, sha256?: string): UploadState {
  return update(state, ref, (entry) => ({
    ...entry,
    rate: 0,
    remaining: 0,
    progress: 100,
    done: true,
    state: 'done',
    sha256,
  }))
}

/** A done entry is being consumed, and so much of that is through. */
export function processing(state: UploadState, ref: string, processed?: number): UploadState {
  return update(state, ref, (entry) => ({ ...entry, processed, state: 'processing' }))
}

/** It was not consumed after all. */
export function processedNot(state: UploadState, ref: string): UploadState {
  return update(state, ref, (entry) => ({ ...entry, processed: undefined, state: 'done' }))
}

export function failed(state: UploadState, ref: string, error: UploadError): UploadState {
  const said = inWords(error, state.words)
  return update(state, ref, (entry) => ({
    ...entry,
    ...still,
    failed: true,
    done: false,
    state: 'failed',
    errors: [...entry.errors, said],
  }))
}

/** It failed, and begins anew: with the leave that it has, or the browser asks for it. */
export function retried(state: UploadState, ref: string): UploadState {
  return update(state, ref, (entry) => ({
    ...entry,
    failed: false,
    errors: [],
    progress: 0,
    retries: entry.retries + 1,
    sha256: undefined,
    image: undefined,
    state: entry.preflighted ? 'queued' : 'waiting',
  }))
}

export function removed(state: UploadState, ref: string, consumed: boolean): UploadState {
  const { entries } = state
  return {
    ...state,
    entries: entries.filter((entry) => entry.ref !== ref),
    consumed: state.consumed + (consumed ? 1 : 0),
    consumedSize: state.consumedSize + (consumed ? (entries.find((entry) => entry.ref === ref)?.clientSize ?? 0) : 0),
    gone: [...state.gone, ref].slice(-mostGoneKept),
  }
}

export function isInProgress(entry: UploadEntry): boolean {
  return entry.valid && !entry.failed && !entry.done
}

/** What a render and the view's code see. */
export function toConfig(state: UploadState): UploadConfig {
  const { accept, maxEntries, maxFileSize, minFileSize, maxTotalSize, autoUpload, maxEntriesMode } = state.limits
  const { resize, transform, capture } = state.limits
  return Object.freeze({
    name: state.name,
    ref: state.ref,
    accept,
    maxEntries,
    maxFileSize,
    minFileSize,
    maxTotalSize,
    autoUpload,
    maxEntriesMode,
    resize,
    transform,
    capture,
    entries: state.entries,
    waiting: state.waiting,
    progress: progressOf(state.entries),
    lost: state.lost,
    component: state.component,
    keptAs: state.keptAs,
    errors: configErrors(state),
  })
}

/** Of all that count, by their sizes. */
function progressOf(entries: readonly UploadEntry[]): number {
  let [count, all, there] = [0, 0, 0]
  let done = true
  for (const entry of entries) {
    if (!entry.valid || entry.failed) continue
    count++
    all += entry.clientSize
    there += entry.clientSize * entry.progress
    done &&= entry.done
  }
  if (count > 0 && done) return 100
  return all === 0 ? 0 : Math.min(99, Math.floor(there / all))
}

function update(state: UploadState, ref: string, change: (entry: UploadEntry) => UploadEntry): UploadState {
  const at = state.entries.findIndex((entry) => entry.ref === ref)
  // With each chunk of each of a thousand files: no callback for all the others.
  return at < 0 ? state : { ...state, entries: state.entries.with(at, change(state.entries[at]!)) }
}
