/** What a view hears of its files on their way: who says it, how soon, and that one is done once. */
import type { ProgressPayload } from '../protocol/payloads.ts'
import type { UploadBook } from './book.ts'
import type { UploadEntry } from './entry.ts'
import type { EntryRun } from './entry-run.ts'
import type { EntryRuns } from './entry-runs.ts'
import type { UploadHost } from './host.ts'
import { Reports } from './reports.ts'
import { UploadResource } from './resource.ts'
import type { Timer } from '../time/timer.ts'

/** How soon the view hears of bytes that came over HTTP, and twice as late at most; in ms. */
const quickly = 50
/** Of so many entries it hears as quickly; of more, in proportion later: each time the page is rendered. */
const fewEntries = 50

export class News {
  readonly #book: UploadBook
  readonly #runs: EntryRuns
  readonly #reports: Reports
  /** Of what travels over HTTP, where the server alone tells the view how far it is. */
  readonly #quickReports: Reports

  constructor(book: UploadBook, runs: EntryRuns, host: Pick<UploadHost, 'startTimer' | 'reportDue'>) {
    this.#book = book
    this.#runs = runs
    const reportsHost = {
      startTimer: (ms: number, fire: () => void): Timer => host.startTimer(ms, fire),
      report: (entryUuid: string): void => {
        const run = runs.get(entryUuid)
        if (run === undefined || run.reportWaits) return
        run.reportWaits = true
        host.reportDue(entryUuid)
      },
    }
    this.#reports = new Reports(reportsHost)
    this.#quickReports = new Reports(reportsHost, () => quickly * Math.max(1, runs.size / fewEntries))
  }

  /** Bytes of the entry were written, or the last of them. */
  written(entryUuid: string, { carrier }: EntryRun): void {
    const reports = carrier instanceof UploadResource ? this.#quickReports : this.#reports
    reports.written(entryUuid)
  }

  /** Somebody has said it, or it concerns nobody any more. */
  said(entryUuid: string): void {
    this.#reports.said(entryUuid)
    this.#quickReports.said(entryUuid)
  }

  /** The browser's report of the entry has come. */
  heard({ uuid, done }: UploadEntry, progress: ProgressPayload['progress']): void {
    // What it says of a file on its way does not tell the view that the file is there.
    if (!done || progress === 100) this.said(uuid)
  }

  /** Tells the view of an entry, as a report of it asks for: that it is done, once. */
  report(entryUuid: string, socket: unknown): void | Promise<void> {
    const found = this.#book.locate(entryUuid)
    if (found === undefined) return
    const { entry, state } = found
    const run = this.#runs.of(entry)
    run.reportWaits = false
    if (entry.done) {
      if (run.toldDone) return
      run.toldDone = true
    }
    return state.limits.progress?.(socket as never, entry)
  }

  /** The page reports an entry. Our client module speaks by one of them for all that it has sent meanwhile. */
  *reportAll({ uuid }: UploadEntry, socket: unknown): Generator<void | Promise<void>, void, unknown> {
    yield this.report(uuid, socket)
    if (!(this.#runs.get(uuid)?.carrier instanceof UploadResource)) return
    for (const entry of this.#book.locate(uuid)?.state.entries ?? []) {
      const run = this.#runs.get(entry.uuid)
      if (!entry.done || run === undefined || run.toldDone) continue
      this.said(entry.uuid)
      yield this.report(entry.uuid, socket)
    }
  }

  end(): void {
    this.#reports.end()
    this.#quickReports.end()
  }
}
