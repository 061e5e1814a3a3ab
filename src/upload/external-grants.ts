/** Has the application say where the browser sends the entries that it may: a few at a time, and not for ever. */
import { messageOf } from '../errors.ts'
import type { UploadEntry } from './entry.ts'
import type { EntryRun } from './entry-run.ts'
import type { EntryRuns } from './entry-runs.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { ExternalSource } from './external-source.ts'
import { ExternalTransfer } from './external-transfer.ts'
import type { UploadHost } from './host.ts'
import type { UploadState } from './state.ts'

/** So many are asked for at once. */
const atOnce = 8
/** How long all of one choice may take together, in ms: the browser waits for its answer meanwhile. */
export const grantFor = 15_000

export interface ExternalGrantsParts {
  readonly runs: EntryRuns
  /** Who says where an entry goes. */
  sourceOf(upload: string, entry: UploadEntry, run: EntryRun): ExternalSource
  /** It was said, and the entry begins. */
  begin(upload: string, entry: UploadEntry, run: EntryRun, source: ExternalSource): void
  hasEnded(): boolean
}

export class ExternalGrants {
  readonly #host: UploadHost
  readonly #parts: ExternalGrantsParts

  constructor(host: UploadHost, parts: ExternalGrantsParts) {
    this.#host = host
    this.#parts = parts
  }

  /** Those of which nobody could say it, by their refs, and why. */
  *answer(
    { name, limits }: UploadState,
    granted: readonly UploadEntry[],
  ): Generator<Promise<unknown>, ReadonlyMap<string, UploadError>, unknown> {
    const left = new Map(granted.map((entry) => [entry.ref, entry]))
    const failed = new Map<string, UploadError>()
    if (limits.external === undefined) return failed
    const time = { isOver: false }
    let end = (): void => {}
    const over = new Promise<void>((resolve) => (end = resolve))
    const timer = this.#host.startTimer(grantFor, () => {
      time.isOver = true
      end()
    })
    const ask = async (entry: UploadEntry): Promise<void> => {
      const isWanted = (): boolean => !time.isOver && left.has(entry.ref)
      const error = await this.#ask(name, entry, isWanted)
      if (!isWanted()) return
      left.delete(entry.ref)
      if (error !== undefined) failed.set(entry.ref, uploadError('external_metadata_failure', { reason: error }))
    }
    for (let at = 0; at < granted.length && !time.isOver; at += atOnce) {
      if (at > 0) yield new Promise<void>((resolve) => this.#host.nextTurn(resolve))
      yield Promise.race([Promise.all(granted.slice(at, at + atOnce).map(ask)), over])
    }
    timer.cancel()
    if (left.size === 0) return failed
    const reason = `it took more than ${grantFor / 1000} s to say where the files of this choice go`
    for (const ref of left.keys()) failed.set(ref, uploadError('external_metadata_failure', { reason }))
    this.#host.report(new Error(`allowUpload('${name}'): external: ${reason}`))
    return failed
  }

  /** Why it cannot be sent. */
  async #ask(name: string, entry: UploadEntry, isWanted: () => boolean): Promise<string | undefined> {
    const { runs, hasEnded, sourceOf, begin } = this.#parts
    const run = runs.of(entry)
    try {
      const source = sourceOf(name, entry, run)
      await source.open()
      if (!hasEnded() && isWanted() && runs.get(entry.uuid) === run) begin(name, entry, run, source)
      else void runs.inBackground(source.pause())
      return undefined
    } catch (error) {
      this.#host.report(error)
      return messageOf(error)
    }
  }

  /** The browser was not told of them after all. */
  takeBack(entries: readonly UploadEntry[]): void {
    const { runs } = this.#parts
    for (const { uuid } of entries) {
      const run = runs.get(uuid)
      if (!(run?.receiver instanceof ExternalTransfer) || !run.receiver.live) continue
      run.receiver.close()
      runs.takeBack(run, run.receiver)
    }
  }
}
