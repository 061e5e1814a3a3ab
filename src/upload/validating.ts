/** Asks the view of each chosen file, once, before a byte of it is sent: at once, or while others of its messages have their turn. */
import { LiveError } from '../errors.ts'
import type { UploadBook } from './book.ts'
import { readVerdict, type Verdict } from './checks.ts'
import type { UploadEntry } from './entry.ts'
import type { EntryRuns } from './entry-runs.ts'
import { uploadError } from './errors.ts'
import type { UploadHost } from './host.ts'
import { inTime } from '../time/in-time.ts'
import { isInProgress, refused } from './state.ts'

/** How long it may take, in ms: the browser waits for leave to send, and gives up at 30 s. */
export const validateWithin = 15_000

export class Validating {
  readonly #host: UploadHost
  readonly #book: UploadBook
  readonly #runs: EntryRuns

  constructor(host: UploadHost, book: UploadBook, runs: EntryRuns) {
    this.#host = host
    this.#book = book
    this.#runs = runs
  }

  /** Asks of those entries of an upload that it was not asked of. */
  begin(name: string): void {
    const { limits, entries } = this.#book.get(name)!
    const { validate } = limits
    if (validate === undefined) return
    for (const entry of entries) {
      if (entry.preflighted || !isInProgress(entry)) continue
      const run = this.#runs.of(entry)
      if (run.validation !== undefined) continue
      run.validation = 'over'
      const asked = this.#ask(entry, () => validate(entry, this.#host.socket as never))
      if (asked === undefined) continue
      run.validation = asked.finally(() => (run.validation = 'over'))
    }
  }

  /** Resolves when all of the entries that the view was asked of is known; `undefined` when it is. Others, chosen since, keep nobody waiting. */
  pending(entries: readonly UploadEntry[]): Promise<unknown> | undefined {
    const waits = entries
      .map((entry) => this.#runs.get(entry.uuid)?.validation)
      .filter((validation) => typeof validation === 'object')
    return waits.length === 0 ? undefined : Promise.all(waits)
  }

  /** The promise never rejects. */
  #ask(entry: UploadEntry, validate: () => Verdict | Promise<Verdict>): Promise<void> | undefined {
    let verdict: Verdict | Promise<Verdict>
    try {
      verdict = validate()
      if (!isPromise(verdict)) {
        this.#decide(entry, verdict)
        return undefined
      }
    } catch (error) {
      this.#failed(entry, error)
      return undefined
    }
    const late = (): LiveError =>
      new LiveError('ERR_UPLOAD_CHECK', `validate of allowUpload took more than ${validateWithin} ms`)
    const startTimer: UploadHost['startTimer'] = (ms, fire) => this.#host.startTimer(ms, fire)
    return inTime(verdict, validateWithin, startTimer, late).then(
      (said) => {
        try {
          this.#decide(entry, said)
        } catch (error) {
          this.#failed(entry, error)
        }
        this.#host.changed()
      },
      (error: unknown) => {
        this.#failed(entry, error)
        this.#host.changed()
      },
    )
  }

  #decide({ uuid }: UploadEntry, verdict: Verdict): void {
    const error = readVerdict('validate', verdict)
    if (error !== undefined) this.#refuse(uuid, error)
  }

  /** What was thrown is for whoever watches the server, and not for the page. */
  #failed({ uuid }: UploadEntry, error: unknown): void {
    this.#host.report(error)
    this.#refuse(uuid, uploadError('rejected', { reason: '' }))
  }

  #refuse(uuid: string, error: ReturnType<typeof readVerdict> & object): void {
    const found = this.#book.locate(uuid)
    if (found !== undefined) this.#book.set(refused(found.state, new Set([found.entry.ref]), error))
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { readonly then?: unknown } | undefined)?.then === 'function'
}
