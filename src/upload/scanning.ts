/** What happens to a file between its last byte and its being consumable: the view's scan, and a second look at what came back of a view before. */
import { LiveError } from '../errors.ts'
import type { FoundEntry } from './book.ts'
import { readVerdict } from './checks.ts'
import type { EntryRun } from './entry-run.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { UploadHost } from './host.ts'
import { Receiver } from './receiver.ts'

/** `undefined`: nobody needs to know any more. */
export type Scanned = 'passed' | UploadError | undefined

/** Call it when all of the file is there; aborting `run.scan` ends it. Never rejects. */
export async function scanFile(
  host: Pick<UploadHost, 'scans' | 'socket' | 'startTimer' | 'report'>,
  { entry, state }: FoundEntry,
  run: EntryRun,
): Promise<Scanned> {
  run.scan?.abort()
  const stop = (run.scan = new AbortController())
  const { signal } = stop
  const { receiver } = run
  if (!(receiver instanceof Receiver)) return 'passed'
  const { scan, scanTimeout } = state.limits
  const late = new LiveError(
    'ERR_UPLOAD_CHECK',
    `scan of allowUpload('${state.name}') took more than ${scanTimeout} ms`,
  )
  try {
    const refused = await receiver.reopen()
    if (signal.aborted) return undefined
    if (refused !== undefined || scan === undefined) return refused ?? 'passed'
    return await host.scans.run(async () => {
      const timer = host.startTimer(scanTimeout, () => stop.abort(late))
      try {
        const tools = { signal, socket: host.socket as never }
        const verdict = await orAborted(signal, async () => scan(entry, receiver.meta() as never, tools))
        return readVerdict('scan', verdict) ?? 'passed'
      } finally {
        timer.cancel()
      }
    }, signal)
  } catch (error) {
    if (signal.aborted && error !== late) return undefined
    // Another process has the file, and scans it.
    if (!(await receiver.isOurs().catch(() => true))) return undefined
    host.report(error)
    return uploadError('scan_failure', {})
  }
}

/** Work that does not heed the signal keeps nobody waiting. */
function orAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopped = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', stopped)
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stopped))
  })
}
