/** The rules of what comes back over plain data: which files of the view before an upload lists, and as what. */
import type { UploadEntry, WaitingEntry } from './entry.ts'
import { claimedOf, type Restored } from './keeping.ts'
import { newEntry, percentOf, refusalOf, settlesLater, type UploadState } from './state.ts'

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
  const { clientSize, clientType, clientName } = facts
  const error = refusalOf(limits, { size: clientSize, type: clientType }, clientName)
  const entry = newEntry(claimedOf(facts), error, words)
  const progress = percentOf(file.received, clientSize)
  const preflighted = file.done || from === 'sending'
  if (error !== undefined) return { ...entry, progress, preflighted }
  // What the view before came to nobody knows, nor whether it asked for as much.
  if (file.done && settlesLater(limits)) return { ...entry, progress, preflighted, state: 'scanning' }
  if (file.done) return { ...entry, progress, preflighted, done: true, state: 'done', remaining: 0 }
  return { ...entry, progress, preflighted, state: preflighted ? 'queued' : 'waiting' }
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
