/** Files that wait to be chosen again. */
import type { FileClaim } from '../protocol/payloads.ts'
import type { WaitingEntry } from './entry.ts'

/** Which of those that wait for their file a chosen one is, by all that the browser says of it. */
export function awaitedBy(
  waiting: readonly WaitingEntry[],
  { name, size, lastModified }: FileClaim,
): WaitingEntry | undefined {
  return waiting.find(
    (one) => one.clientName === name && one.clientSize === size && one.clientLastModified === lastModified,
  )
}
