/** The rules of what comes back over plain data: which files of the view before an upload lists, and as what. */
import type { FileClaim } from '../protocol/payloads.ts'
import type { UploadEntry, WaitingEntry } from './entry.ts'
import { inWords } from './errors.ts'
import { still } from './flow.ts'
import type { Restored } from './keeping.ts'
import { refusalOf, type UploadState } from './state.ts'

/** Takes in what came back: files that are done or on their way as entries; others that are not of this page wait for their file. */
export function restore(state: UploadState, restored: readonly Restored[]): UploadState {
  const entries: UploadEntry[] = []
  const waiting: WaitingEntry[] = []
  for (const one of restored) {
    if (one.from === 'elsewhere' && !one.file.done) waiting.push(toWaiting(one))
    else entries.push(toEntry(state, one))
  }
  return { ...state, entries: [...state.entries, ...entries], waiting: [...state.waiting, ...waiting] }
}

/** The limits are those of now. */
function toEntry({ limits, words }: UploadState, { facts, file, from }: Restored): UploadEntry {
  const { id: _, ...claimed } = facts
  const claim = {
    ref: facts.ref,
    size: facts.clientSize,
    type: facts.clientType,
    name: facts.clientName,
    relativePath: facts.clientRelativePath,
    lastModified: facts.clientLastModified,
    meta: facts.clientMeta,
  }
  const error = refusalOf(limits, claim as FileClaim, facts.clientName)
  const fits = file.done ? 'done' : from === 'sending' ? 'queued' : 'waiting'
  return {
    ...claimed,
    state: error === undefined ? fits : 'refused',
    progress: percentOf(file.received, facts.clientSize),
    ...still,
    ...(file.done && error === undefined && { remaining: 0 }),
    retries: 0,
    preflighted: file.done || from === 'sending',
    done: file.done && error === undefined,
    sha256: undefined,
    failed: false,
    cancelled: false,
    valid: error === undefined,
    errors: error === undefined ? [] : [inWords(error, words)],
  }
}

function toWaiting({ facts, file }: Restored): WaitingEntry {
  const { ref, uuid, clientName, clientType, clientSize, clientRelativePath, clientLastModified } = facts
  return {
    ref,
    uuid,
    clientName,
    clientType,
    clientSize,
    clientRelativePath,
    clientLastModified,
    progress: percentOf(file.received, clientSize),
  }
}

function percentOf(received: number, size: number): number {
  return size === 0 ? 100 : Math.floor((received / size) * 100)
}
