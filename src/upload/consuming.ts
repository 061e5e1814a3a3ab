/** Hands files that are done to the view's function, one after the other, and keeps whoever else wants them away meanwhile. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import type { UploadBook } from './book.ts'
import { type ConsumeFunction, type ConsumeUploadedEntriesMeta, isPostponed, runConsume } from './consume.ts'
import type { UploadEntry } from './entry.ts'
import type { EntryRun, Holder } from './entry-run.ts'
import { isInProgress, processedNot, processing, type UploadState } from './state.ts'

export interface ConsumingHost {
  hasEnded(): boolean
  /** The page shows something else of its entries. */
  changed(): void
  runOf(entry: UploadEntry): EntryRun
  /** The function has taken it. */
  consumed(entry: UploadEntry, run: EntryRun): Promise<void>
}

export class Consuming {
  readonly #book: UploadBook
  readonly #host: ConsumingHost

  constructor(book: UploadBook, host: ConsumingHost) {
    this.#book = book
    this.#host = host
  }

  async all<T, Meta = ConsumeUploadedEntriesMeta>(name: string, fn: ConsumeFunction<T, Meta>): Promise<T[]> {
    this.#assertLiving()
    const { entries } = this.#book.byName('consumeUploadedEntries', name)
    const running = entries.filter(isInProgress)
    if (running.length > 0) {
      const names = running.map((entry) => describeClaim(entry.clientName)).join(', ')
      // The event that consumes is often that of another form, where the input has left the page.
      const why = 'only a submit of the form that the file input stands in waits for its files'
      throw new LiveError(
        'ERR_UPLOAD_IN_PROGRESS',
        `consumeUploadedEntries('${name}'): still in progress: ${names} (${why})`,
      )
    }
    // What is being consumed already is somebody's.
    const done = entries.filter((entry) => entry.done && this.#host.runOf(entry).claim === undefined)
    const runs = done.map((entry) => this.#host.runOf(entry))
    // All of them at once: a consume that runs finishes, also when the view ends meanwhile.
    return this.#whileClaimed(done, runs, async () => {
      const results: T[] = []
      for (const [index, entry] of done.entries()) {
        const run = runs[index]!
        if (!run.cancelled) results.push(await this.#consume(entry, run, fn))
      }
      return results
    })
  }

  async one<T, Meta = ConsumeUploadedEntriesMeta>(entry: UploadEntry, fn: ConsumeFunction<T, Meta>): Promise<T> {
    this.#assertLiving()
    const found = this.#book.locate(entry.uuid)
    const name = describeClaim(entry.clientName)
    if (found === undefined) throw new LiveError('ERR_UPLOAD_ENTRY', `${name} is no entry of this view any more`)
    if (!found.entry.done) throw new LiveError('ERR_UPLOAD_IN_PROGRESS', `${name} is not done and cannot be consumed`)
    const run = this.#host.runOf(entry)
    if (run.claim !== undefined) throw new LiveError('ERR_UPLOAD_CLAIMED', `${name} is being consumed already`)
    return this.#whileClaimed([found.entry], [run], () => this.#consume(found.entry, run, fn))
  }

  async #consume<T, Meta>(entry: UploadEntry, run: EntryRun, fn: ConsumeFunction<T, Meta>): Promise<T> {
    const receiver = run.receiver!
    const { signal } = (run.stop = new AbortController())
    const result = await whileConsumed(receiver, entry, () =>
      runConsume(receiver.meta(), run.saved, (meta) =>
        // Of a file that was done before the server was started it is known only now.
        // What the view takes it for: only it knows which writer it has named.
        fn(
          meta as Parameters<typeof fn>[0],
          entry.sha256 === receiver.sha256 ? entry : { ...entry, sha256: receiver.sha256 },
          { progress: (percent) => this.#progressed(entry, percent, () => run.stop?.signal === signal), signal },
        ),
      ),
    )
    if (isPostponed(result)) return result.value
    await this.#host.consumed(entry, run)
    return result
  }

  #assertLiving(): void {
    if (this.#host.hasEnded()) throw new LiveError('ERR_VIEW_ENDED', 'the view ended before its uploads were consumed')
  }

  /** `isAtIt`: another consume of it may run by now. */
  #progressed({ uuid, clientName }: UploadEntry, percent: number, isAtIt: () => boolean): void {
    if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) {
      const name = describeClaim(clientName)
      throw new LiveError('ERR_UPLOAD_ENTRY', `progress of ${name}: expected 0 to 100, got ${describe(percent)}`)
    }
    if (isAtIt() && this.#book.locate(uuid)?.entry.state === 'processing')
      this.#change([uuid], (state, ref) => processing(state, ref, Math.floor(percent)))
  }

  /** Keeps the files while `work` is under way, and other consumes away from them. */
  async #whileClaimed<T>(
    entries: readonly UploadEntry[],
    runs: readonly EntryRun[],
    work: () => Promise<T>,
  ): Promise<T> {
    let release = (): void => {}
    const claim = new Promise<void>((resolve) => (release = resolve))
    for (const run of runs) run.claim = claim
    const uuids = entries.map(({ uuid }) => uuid)
    this.#change(uuids, processing)
    try {
      return await work()
    } finally {
      for (const run of runs) run.claim = undefined
      this.#change(uuids, processedNot)
      release()
    }
  }

  /** Of those that are listed still. */
  #change(uuids: readonly string[], rule: (state: UploadState, ref: string) => UploadState): void {
    let changed = false
    for (const uuid of uuids) {
      const found = this.#book.locate(uuid)
      if (found === undefined) continue
      this.#book.set(rule(found.state, found.entry.ref))
      changed = true
    }
    if (changed) this.#host.changed()
  }
}

/** Nobody takes its file over meanwhile: neither another process nor another page of the visitor. */
async function whileConsumed<T>(receiver: Holder, { clientName }: UploadEntry, work: () => Promise<T>): Promise<T> {
  if (!(await receiver.beginConsume())) {
    const name = describeClaim(clientName)
    throw new LiveError('ERR_UPLOAD_ENTRY', `${name} was taken over by another process, where its page is now`)
  }
  let consumed = false
  try {
    const result = await work()
    consumed = !isPostponed(result)
    return result
  } finally {
    if (!consumed) await receiver.endConsume()
  }
}
