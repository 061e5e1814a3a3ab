/**
 * The uploads of one view: applies the rules of `state.ts`, gives leave to send, and lets the view consume what arrived. Knows its host only
 * as {@link UploadHost}.
 */
import { describe, LiveError } from '../errors.ts'
import type { ExternalReply } from '../protocol/external-uploads.ts'
import type { FileClaim, ProgressPayload, UnreadFile } from '../protocol/payloads.ts'
import type { PreflightAnswer } from '../protocol/replies.ts'
import type { UploadStep } from '../telemetry/events.ts'
import { publish } from '../telemetry/measure.ts'
import { UploadBook } from './book.ts'
import type { UploadChannel, UploadOutlet } from './channel.ts'
import { Comeback } from './comeback.ts'
import type { ConsumeFunction, ConsumeUploadedEntriesMeta } from './consume.ts'
import { Consuming } from './consuming.ts'
import type { UploadConfig, UploadEntry } from './entry.ts'
import type { EntryRun } from './entry-run.ts'
import { EntryRuns } from './entry-runs.ts'
import { EntryTimes } from './entry-times.ts'
import { EntryWriters } from './entry-writers.ts'
import { type UploadError, uploadError } from './errors.ts'
import { ExternalTransfer } from './external-transfer.ts'
import { Granting } from './granting.ts'
import type { UploadHost } from './host.ts'
import { isKept, isSameKeep } from './keeping.ts'
import { News } from './news.ts'
import { resolveUploadOptions, type UploadConfigOptions, type UploadLimits } from './options.ts'
import * as rules from './state.ts'
import { Transfers } from './transfers.ts'
import { Validating } from './validating.ts'

/** `left`: the entry was granted and has left since, which the browser did not know when it asked. */
export type JoinRefusal = 'disallowed' | 'already_registered' | 'left'

const mostLeftKept = 1000
/** Questions that are answered at once. */
const mostAsked = 64

export class Uploads {
  readonly #host: UploadHost
  readonly #times: EntryTimes
  readonly #book: UploadBook
  readonly #runs: EntryRuns
  readonly #news: News
  readonly #transfers: Transfers
  readonly #granting: Granting
  readonly #validating: Validating
  readonly #consuming: Consuming
  readonly #comeback: Comeback
  /** The latest entries that were cancelled or replaced, by uuid. */
  readonly #left = new Set<string>()
  /** Questions of browsers' uploaders that are being answered. */
  #asked = 0
  #ended = false

  constructor(host: UploadHost) {
    this.#host = host
    this.#times = new EntryTimes(() => host.place)
    const book = (this.#book = new UploadBook(this.#times))
    const runs = (this.#runs = new EntryRuns(host))
    this.#news = new News(book, runs, host)
    const writers = new EntryWriters(host, book, runs)
    this.#transfers = new Transfers(host, { book, runs, news: this.#news, writers, times: this.#times })
    this.#validating = new Validating(host, book, runs)
    this.#comeback = new Comeback(host, { book, runs, news: this.#news, transfers: this.#transfers, writers })
    this.#granting = new Granting(host, {
      book,
      runs,
      expose: (state, entry) => this.#transfers.expose(state, entry),
      admit: (state, entry) => void this.#transfers.passOf(state, entry, runs.of(entry)),
      keepIn: (file, upload, entry) => writers.keepIn(file, upload, entry),
      sourceOf: (upload, entry, run) => writers.sourceOf(upload, entry, run),
      begin: (upload, entry, run, source) => this.#transfers.sendElsewhere(upload, entry, run, source),
      hasEnded: () => this.#ended,
    })
    this.#consuming = new Consuming(book, {
      hasEnded: () => this.#ended,
      changed: () => host.changed(),
      runOf: (entry) => runs.of(entry),
      consumed: (entry, run) => this.#consumed(entry, run),
    })
  }

  /** The configs by name. Another object after each change, so that a render can tell. */
  get configs(): Readonly<Record<string, UploadConfig>> {
    return this.#book.configs
  }

  allow(name: string, options: UploadConfigOptions<never, never> = {}): void {
    if (typeof name !== 'string' || name === '') {
      throw new LiveError('ERR_UPLOAD_OPTIONS', `allowUpload: the name must be a string, got ${describe(name)}`)
    }
    const limits = resolveUploadOptions(name, options, this.#host.ceilings)
    if (limits.sniff) assertSniffs(name, this.#host)
    this.#checkRoom(name, limits)
    const before = this.#book.get(name)
    const isUnused = before !== undefined && this.#comeback.isUntouched(name)
    if ((before?.entries.length ?? 0) > 0 && !isUnused) {
      throw new LiveError('ERR_UPLOAD_ACTIVE', `allowUpload('${name}'): it has entries; cancel or consume them first`)
    }
    const { words, place, keeping } = this.#host
    const ref = isUnused ? before.ref : (before === undefined && keeping?.inputRef(name)) || this.#host.domId()
    const lost = before?.lost ?? this.#host.lostFiles(name, ref)
    this.#book.set(
      rules.createUploadState(name, ref, limits, {
        lost,
        component: place.component,
        words,
        keptAs: this.#keptAs(name, limits),
      }),
      'again',
    )
    if (before === undefined) this.#comeback.restore(name)
    else if (isKept(limits) && isSameKeep(before.limits, limits)) this.#comeback.again(before)
    else {
      for (const entry of [...before.entries, ...before.waiting]) this.#leaveOne(entry)
      this.#comeback.restore(name)
    }
  }

  /** Nobody can prove to have the file that a writer has put elsewhere; and of what the browser changed first, a handle finds it as it was. */
  #keptAs(name: string, { keep, writer, resize, transform }: UploadLimits): string | undefined {
    return keep === 'page' || [writer, resize, transform].some((given) => given !== undefined)
      ? undefined
      : this.#host.keeping?.handlesOf(name, keep)
  }

  #checkRoom(name: string, { maxFileSize, writer }: rules.UploadState['limits']): void {
    const { maxStored = Infinity } = this.#host.ceilings
    if (writer !== undefined || maxFileSize <= maxStored) return
    const message =
      `allowUpload('${name}'): maxFileSize (${maxFileSize}) is more than one visitor may store, uploads.maxStored.visitor of ` +
      `createLiveServer (${maxStored}): a file as large as that is always refused`
    this.#host.warn(new LiveError('ERR_UPLOAD_OPTIONS', message))
  }

  /** What was allowed before there was a page has its files now. */
  connected(): void {
    for (const state of this.#book.all()) {
      const ref = this.#host.keeping?.inputRef(state.name)
      if (ref === undefined || state.entries.length > 0) continue
      this.#book.set({ ...state, ref, keptAs: this.#keptAs(state.name, state.limits) })
      this.#comeback.restore(state.name)
    }
  }

  /** The options of an upload, all of them. */
  limitsOf(name: string): UploadLimits {
    return this.#book.byName('limitsOf', name).limits
  }

  /** Whether this input is one of these uploads. */
  knows(configRef: string): boolean {
    return this.#book.byRef(configRef) !== undefined
  }

  has(configRef: string, entryUuid: string): boolean {
    return this.#book.byRef(configRef)?.entries.some(({ uuid }) => uuid === entryUuid) === true
  }

  /** How many entries are allowed to send and are not through. */
  get sending(): number {
    let count = 0
    for (const state of this.#book.all()) {
      for (const entry of state.entries) if (entry.preflighted && rules.isInProgress(entry)) count++
    }
    return count
  }

  /** Bytes of the entries that have come. */
  get received(): number {
    return this.#runs.received
  }

  /**
   * Takes in the files that a form's change lists for the input `configRef`. An input that is not known is skipped. True when some of
   * them are new.
   */
  select(configRef: string, files: Iterable<FileClaim | UnreadFile>): boolean {
    const state = this.#book.byRef(configRef)
    if (state === undefined) return false
    this.#comeback.touched(state.name)
    const next = rules.selectFiles(state, files, this.#host.uuid)
    for (const what of next.leftOut)
      this.#host.suspect(
        `of the files that the page has for the upload '${state.name}', ${what} could not be read and was left out`,
      )
    if (next.replaced.length === 0 && next.state.entries.length === state.entries.length) return false
    this.#book.set(next.state, 'cancelled')
    this.#validating.begin(state.name)
    for (const entry of next.replaced) void this.#cancelled(entry)
    return true
  }

  /**
   * Takes in the files that the browser wishes to send. Resolves when the view has said of all of them whether they may be sent; `undefined` when
   * it has, or was not asked.
   */
  validated(configRef: string, files: readonly FileClaim[]): Promise<unknown> | undefined {
    if (this.#book.byRef(configRef)?.limits.validate === undefined) return undefined
    this.select(configRef, files)
    const state = this.#book.byRef(configRef)!
    const refs = refsOf(files)
    this.#times.asked(state, refs)
    // Those of a view before.
    this.#validating.begin(state.name)
    return this.#validating.pending(state.entries.filter(({ ref }) => refs.has(ref)))
  }

  /**
   * Answers the browser's wish to send, in steps that may wait. `undefined` when the input is not known. `isWanted`: false once the browser has
   * given up waiting for it.
   */
  *preflight(
    configRef: string,
    files: readonly FileClaim[],
    isWanted: () => boolean = () => true,
  ): Generator<Promise<unknown>, PreflightAnswer | undefined, unknown> {
    this.select(configRef, files)
    const state = this.#book.byRef(configRef)
    if (state === undefined) return undefined
    const refs = files.map((file) => file.ref)
    this.#times.asked(state, refsOf(files))
    const result = rules.preflight(state, refs)
    this.#tell(() => ({
      what: 'preflight',
      upload: state.name,
      granted: result.ok ? result.granted.length : 0,
      refused: result.ok ? undefined : result.refused[0]?.[1],
    }))
    if (!result.ok) {
      this.#times.waits(state, refsOf(files))
      return { ref: configRef, error: result.refused }
    }
    return yield* this.#granting.answer(state, refs, result.granted, isWanted)
  }

  /** Opens the channel of an entry whose token was good. */
  join(configRef: string, uuid: string, outlet: UploadOutlet): UploadChannel | JoinRefusal {
    const state = this.#book.byRef(configRef)
    const entry = state?.entries.find((candidate) => candidate.uuid === uuid)
    if (entry === undefined && this.#left.has(uuid)) return 'left'
    if (state === undefined || entry === undefined || !entry.preflighted || !entry.valid || entry.failed) {
      return 'disallowed'
    }
    if (state.limits.external !== undefined) return 'disallowed'
    return this.#transfers.openChannel({ state, entry }, outlet) ?? 'already_registered'
  }

  /** The entry that a `progress` message speaks of; the official client may have lost the input's ref. */
  find(configRef: string | null, entryRef: string): UploadEntry | undefined {
    return this.#book.find(configRef, entryRef)
  }

  /** The browser's report of the entry has come. */
  heard(entry: UploadEntry, progress: ProgressPayload['progress']): void {
    this.#news.heard(entry, progress)
  }

  /**
   * The browser says how far the entry is, in percent. Of one that it sends elsewhere nobody else does: at 100 resolves when that is known to be
   * true, or is not. `undefined` where nobody has to be asked.
   */
  reached(entry: UploadEntry, percent: number): Promise<boolean> | undefined {
    return this.#externalOf(entry)?.reached(percent)
  }

  /** The browser's uploader asks something of an entry that it sends elsewhere. Never rejects. */
  async ask(entry: UploadEntry, question: unknown): Promise<ExternalReply> {
    if (this.#asked >= mostAsked) return { error: 'busy' }
    this.#asked++
    try {
      return (await this.#externalOf(entry)?.ask(question)) ?? { error: 'gone' }
    } finally {
      this.#asked--
    }
  }

  #externalOf({ uuid }: UploadEntry): ExternalTransfer | undefined {
    const holder = this.#runs.get(uuid)?.receiver
    return holder instanceof ExternalTransfer ? holder : undefined
  }

  /** Tells the view of an entry, as a report of it asks for: that it is done, once. */
  report(entryUuid: string, socket: unknown): void | Promise<void> {
    return this.#news.report(entryUuid, socket)
  }

  /** The page reports an entry. Our client module speaks by one of them for all that it has sent meanwhile. */
  reportAll(entry: UploadEntry, socket: unknown): Generator<void | Promise<void>, void, unknown> {
    return this.#news.reportAll(entry, socket)
  }

  /** The browser says that the entry failed. */
  fail(entry: UploadEntry, reason: string): void {
    const isElsewhere = this.#externalOf(entry) !== undefined
    this.failWith(entry, uploadError(isElsewhere ? 'external_client_failure' : 'upload_failed', { reason }))
  }

  failWith(entry: UploadEntry, error: UploadError): void {
    const found = this.#book.locate(entry.uuid)
    // All of one that is being scanned is there.
    if (found === undefined || !rules.isInProgress(found.entry) || found.entry.state === 'scanning') return
    this.#transfers.failWith(found, error)
  }

  /** Takes the entry out at once; closing and deleting are awaited by the promise. */
  async cancel(name: string, ref: string): Promise<void> {
    // What a view that has ended still does concerns nobody.
    if (this.#ended) return
    const waits = this.#book.get(name)
    const waiting = waits?.waiting.find((candidate) => candidate.ref === ref)
    if (waits !== undefined && waiting !== undefined) {
      this.#book.set({ ...waits, waiting: waits.waiting.filter((other) => other !== waiting) })
      return this.#runs.inBackground(this.#runs.drop(waiting))
    }
    const { state, entry } = this.#book.named('cancelUpload', name, ref)
    this.#book.set(rules.removed(state, ref, false), 'cancelled')
    const bytes = this.#runs.get(entry.uuid)?.receiver?.received ?? 0
    this.#tell(() => ({ what: 'cancelled', upload: name, entry: entry.uuid, bytes }))
    await this.#cancelled(entry)
  }

  /** Takes no more bytes of the entry for now. One that is not on its way stays as it is. */
  pause(name: string, ref: string): void {
    if (!this.#ended) this.#transfers.pause(this.#book.named('pauseUpload', name, ref))
  }

  resume(name: string, ref: string): void {
    if (!this.#ended) this.#transfers.resume(this.#book.named('resumeUpload', name, ref))
  }

  /** Has an entry that has failed begin anew. */
  retry(name: string, ref: string): void {
    if (!this.#ended) this.#transfers.retry(this.#book.named('retryUpload', name, ref))
  }

  /** The connection that carries the bytes is lost: what was on its way over it cannot go on. */
  interrupt(): void {
    this.#transfers.interrupt()
  }

  /**
   * The page has come back. `filesBack`: its inputs have their files again, and those that wait go on waiting. Otherwise the client has
   * forgotten them: they would never be sent, and a form with them neither. `sending`: the refs of those that it sends over HTTP.
   */
  rejoined(filesBack: boolean, sending: ReadonlySet<string>): void {
    this.#transfers.rejoined(filesBack, sending)
  }

  /** Takes out all entries of an input that the page has emptied. */
  reset(configRef: string): void {
    const state = this.#book.byRef(configRef)
    if (state === undefined) return
    this.dismissLost(state.name)
    for (const { ref } of state.entries) void this.cancel(state.name, ref)
  }

  dismissLost(name: string): void {
    this.#book.set({ ...this.#book.byName('dismissLost', name), lost: [] })
  }

  entries(name: string): { completed: UploadEntry[]; inProgress: UploadEntry[] } {
    const { entries } = this.#book.byName('uploadedEntries', name)
    return { completed: entries.filter((entry) => entry.done), inProgress: entries.filter(rules.isInProgress) }
  }

  consumeAll<T, Meta = ConsumeUploadedEntriesMeta>(name: string, fn: ConsumeFunction<T, Meta>): Promise<T[]> {
    return this.#consuming.all(name, fn)
  }

  consume<T, Meta = ConsumeUploadedEntriesMeta>(entry: UploadEntry, fn: ConsumeFunction<T, Meta>): Promise<T> {
    return this.#consuming.one(entry, fn)
  }

  /** An entry that was consumed leaves. What was left, or cancelled, meanwhile lets go of itself behind the claim; it must not be found again. */
  async #consumed(entry: UploadEntry, run: EntryRun): Promise<void> {
    run.consumed = true
    const now = this.#book.locate(entry.uuid)
    if (now === undefined) {
      if (run.kept !== undefined) await this.#runs.inBackground(run.kept.remove('consumed'))
      return
    }
    this.#book.set(rules.removed(now.state, entry.ref, true), 'consumed')
    const released = this.#runs.consumed(entry, run)
    this.#tell(() => ({ what: 'consumed', upload: now.state.name, entry: entry.uuid, bytes: entry.clientSize }))
    this.#host.changed()
    await released
  }

  /** Leaves the files that outlive the view to the next one. What is left then ends with {@link end}. */
  leave(whose: 'page' | 'visitor'): void {
    for (const state of this.#book.all()) {
      if (whose === 'visitor' && state.limits.keep === 'page') continue
      this.#book.set({
        ...state,
        entries: state.entries.filter((entry) => !entry.valid || entry.failed || !this.#leaveOne(entry)),
        waiting: state.waiting.filter((entry) => !this.#leaveOne(entry)),
      })
    }
  }

  /** False when nothing is kept of it. */
  #leaveOne(entry: { readonly uuid: string }): boolean {
    if (!this.#runs.leave(entry)) return false
    this.#transfers.over(entry)
    return true
  }

  /** Ends every upload: the view is gone. */
  end(): void {
    this.leave('visitor')
    this.#ended = true
    this.#news.end()
    this.#transfers.end()
    const all = [...this.#book.all()].flatMap(({ entries, waiting }) => [entries, waiting].flat())
    for (const state of this.#book.all()) this.#book.set({ ...state, entries: [], waiting: [] })
    for (const entry of all) void this.#runs.inBackground(this.#runs.drop(entry))
  }

  /** An entry was taken out of the state by a cancel, or by the file that replaced it. */
  #cancelled(entry: UploadEntry): Promise<void> {
    const [oldest] = this.#left
    if (this.#left.size >= mostLeftKept) this.#left.delete(oldest!)
    this.#left.add(entry.uuid)
    this.#news.said(entry.uuid)
    this.#transfers.over(entry)
    const run = this.#runs.get(entry.uuid)
    if (run !== undefined) run.cancelled = true
    run?.stop?.abort()
    return this.#runs.inBackground(this.#runs.drop(entry))
  }

  #tell(step: () => UploadStep): void {
    publish('upload', () => ({ ...this.#host.place, ...step() }))
  }
}

function refsOf(files: readonly FileClaim[]): ReadonlySet<string> {
  return new Set(files.map(({ ref }) => ref))
}

function assertSniffs(name: string, { sniffing }: UploadHost): void {
  if (sniffing === undefined) {
    throw new LiveError('ERR_UPLOAD_SNIFF', `allowUpload('${name}'): nothing here knows files by their first bytes`)
  }
  sniffing.assertThere()
}
