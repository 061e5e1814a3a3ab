/**
 * The uploads of one view: applies the rules of `state.ts`, opens a channel for each entry that may send, and lets the view
 * consume what arrived. Knows its host only as {@link UploadHost}.
 */
import { describe, describeClaim, LiveError } from '../errors.ts'
import { type FileProof, httpUploader, type HttpGrant } from '../protocol/http-uploads.ts'
import type { LostFile } from '../protocol/lost-files.ts'
import type { FileClaim, ProgressPayload, UnreadFile } from '../protocol/payloads.ts'
import { type PreflightAnswer, refusedPreflight } from '../protocol/replies.ts'
import type { OfPart, UploadStep } from '../telemetry/events.ts'
import { clock, isObserved, publish, timeSince } from '../telemetry/measure.ts'
import type { UploadWords } from '../texts/texts.ts'
import { UploadBook } from './book.ts'
import { type Timer, UploadChannel, type UploadOutlet } from './channel.ts'
import { chunkSizeFor } from './chunk-size.ts'
import type { ConsumeFunction, ConsumeUploadedEntriesMeta } from './consume.ts'
import { Consuming } from './consuming.ts'
import type { UploadConfig, UploadEntry } from './entry.ts'
import { createRun, type EntryRun } from './entry-run.ts'
import { type UploadError, uploadError } from './errors.ts'
import { Flows } from './flow.ts'
import { resolveUploadOptions, type UploadCeilings, type UploadConfigOptions, chunkOverhead } from './options.ts'
import { factsOf, isSameKeep, type Restored, type UploadKeeping } from './keeping.ts'
import { type Full, type KeptFile, resumeFor } from './ledger.ts'
import { Receiver } from './receiver.ts'
import { restore } from './restore.ts'
import { Reports } from './reports.ts'
import { type ResourceShelf, UploadResource } from './resource.ts'
import * as rules from './state.ts'
import { assertWriter, type FileStore, type OpenWriter, type UploadWriter } from './writer.ts'

/** What a view's uploads need of the view and of the machine. */
export interface UploadHost {
  /** Whose uploads they are, for telemetry. */
  readonly place: OfPart
  readonly ceilings: UploadCeilings
  /** What errors are said in. @default English */
  readonly words?: UploadWords | undefined
  readonly files: FileStore
  readonly openWriter: OpenWriter
  /** What a view's own functions are called with. */
  readonly socket: unknown
  uuid(): string
  /** A DOM id that no other element of the page has. */
  domId(): string
  token(configRef: string, entryUuid: string): string
  /** Puts an entry's resource where HTTP finds it; absent where files go over channels. */
  readonly shelve?: ((resource: UploadResource, id: string) => ReturnType<ResourceShelf['add']>) | undefined
  /** What outlives the view; absent where nothing does. */
  readonly keeping?: UploadKeeping | undefined
  /** Under which a resource is found: unguessable. */
  newId(): string
  /** How many files are being sent on the connection now, by whatever view. */
  sending(): number
  /** The files of an upload that went with the view before. */
  lostFiles(name: string, configRef: string): readonly LostFile[]
  /** Milliseconds of a clock that only goes forward. */
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Calls `run` when whatever else of the process was due has had its turn. */
  nextTurn(run: () => void): void
  /** An entry failed while it ran: the page has to be told. */
  failed(): void
  /** Nobody has said what was written of an entry: its {@link Uploads.report} is due, in the order of the view's messages. */
  reportDue(entryUuid: string): void
  /** A choice was refused, since the connection sends as many files as it may: the page has to be told. */
  tooManyFiles(): void
  /** A choice was refused, since too much is stored: the page has to be told. */
  full(whose: Full): void
  /** Work that outlives the call; shutdown waits for it. */
  background(work: Promise<void>): void
  report(error: unknown): void
  /** What the page said of its files could not be used, and nothing else tells of it. */
  suspect(what: string): void
  /** An entry moves otherwise than the page shows, and no report says so. */
  changed(): void
  /** What the view asked for has no effect. */
  warn(error: LiveError): void
}

/** `left`: the entry was granted and has left since, which the browser did not know when it asked. */
export type JoinRefusal = 'disallowed' | 'already_registered' | 'left'

const mostLeftKept = 1000
/** How long an entry that is paused waits, in ms. */
const pausedFor = 24 * 60 * 60 * 1000
/** How soon the view hears of bytes that came over HTTP, and twice as late at most; in ms. */
const quickly = 50
/** Of so many entries it hears as quickly; of more, in proportion later: each time the page is rendered. */
const fewEntries = 50
/** How many bytes of a file that was chosen again are compared at most. */
const provenBytes = 1024 * 1024
/** Signing a thousand takes as long as many clicks, and others wait meanwhile. */
const tokensATurn = 100

export class Uploads {
  readonly #host: UploadHost
  readonly #book = new UploadBook()
  readonly #runs = new Map<string, EntryRun>()
  /** The latest entries that were cancelled or replaced, by uuid. */
  readonly #left = new Set<string>()
  readonly #reports: Reports
  /** Of what travels over HTTP, where the server alone tells the view how far it is. */
  readonly #quickReports: Reports
  readonly #flows: Flows
  readonly #consuming: Consuming
  /** What came back of uploads of which the page has said nothing since: they may be allowed once more. */
  readonly #restored = new Map<string, readonly Restored[]>()
  #ended = false

  constructor(host: UploadHost) {
    this.#host = host
    const reportsHost = {
      startTimer: (ms: number, fire: () => void): Timer => host.startTimer(ms, fire),
      report: (entryUuid: string): void => {
        const run = this.#runs.get(entryUuid)
        if (run === undefined || run.reportWaits) return
        run.reportWaits = true
        host.reportDue(entryUuid)
      },
    }
    this.#reports = new Reports(reportsHost)
    this.#quickReports = new Reports(reportsHost, () => quickly * Math.max(1, this.#runs.size / fewEntries))
    this.#consuming = new Consuming(this.#book, {
      hasEnded: () => this.#ended,
      runOf: (entry) => this.#runOf(entry),
      consumed: (entry, run) => this.#consumed(entry, run),
    })
    this.#flows = new Flows({
      now: () => host.now(),
      startTimer: (ms, fire) => host.startTimer(ms, fire),
      stalled: (entryUuid) => this.#moves(entryUuid, 'stalled'),
    })
  }

  /** The configs by name. Another object after each change, so that a render can tell. */
  get configs(): Readonly<Record<string, UploadConfig>> {
    return this.#book.configs
  }

  allow(name: string, options: UploadConfigOptions<never> = {}): void {
    if (typeof name !== 'string' || name === '') {
      throw new LiveError('ERR_UPLOAD_OPTIONS', `allowUpload: the name must be a string, got ${describe(name)}`)
    }
    const limits = resolveUploadOptions(name, options, this.#host.ceilings)
    const before = this.#book.get(name)
    const isUnused = before !== undefined && this.#restored.has(name)
    if ((before?.entries.length ?? 0) > 0 && !isUnused) {
      throw new LiveError('ERR_UPLOAD_ACTIVE', `allowUpload('${name}'): it has entries; cancel or consume them first`)
    }
    const { words, place, keeping } = this.#host
    const ref = isUnused ? before.ref : (before === undefined && keeping?.inputRef(name)) || this.#host.domId()
    const lost = before?.lost ?? this.#host.lostFiles(name, ref)
    this.#book.set(rules.createUploadState(name, ref, limits, { lost, component: place.component, words }))
    if (before === undefined) this.#restore(name)
    else if (isSameKeep(before.limits.keep, limits.keep)) this.#takeIn(name, this.#stillThere(before))
    else {
      for (const entry of [...before.entries, ...before.waiting]) this.#leaveOne(entry)
      this.#restore(name)
    }
  }

  #stillThere({ name, entries, waiting }: rules.UploadState): readonly Restored[] {
    const there = new Set([...entries, ...waiting].map(({ uuid }) => uuid))
    return (this.#restored.get(name) ?? []).filter(({ facts }) => there.has(facts.uuid))
  }

  /** What was allowed before there was a page has its files now. */
  connected(): void {
    for (const state of this.#book.all()) {
      const ref = this.#host.keeping?.inputRef(state.name)
      if (ref === undefined || state.entries.length > 0) continue
      this.#book.set({ ...state, ref })
      this.#restore(state.name)
    }
  }

  /** Lists the files that views before have left. */
  #restore(name: string): void {
    const { keep, writer } = this.#book.get(name)!.limits
    // What a view of another version has left to a file of ours is nothing that this one could consume.
    const restored = writer === undefined ? this.#host.keeping?.restore(name, keep) : undefined
    if (restored === undefined) return
    this.#restored.set(name, restored)
    this.#takeIn(name, restored)
  }

  #takeIn(name: string, restored: readonly Restored[]): void {
    if (restored.length === 0) return
    const state = restore(this.#book.get(name)!, restored)
    this.#book.set(state)
    for (const { file, facts, from, tells } of restored) {
      const run = this.#runOf(facts)
      run.kept = file
      run.id = facts.id
      const entry = state.entries.find(({ uuid }) => uuid === facts.uuid)
      if (entry === undefined) {
        run.chosenAgain = true
        continue
      }
      if (!entry.valid) {
        run.carrier?.close()
        run.shelved?.remove()
        void this.#inBackground(file.remove())
      } else if (run.shelved === undefined && (entry.done || from === 'sending')) {
        run.chunkSize = chunkSizeFor(entry.clientSize, 1)
        this.#expose(state, entry)
        if (entry.done && tells) this.#reports.written(entry.uuid)
      }
    }
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
    let bytes = 0
    for (const { receiver } of this.#runs.values()) bytes += receiver?.received ?? 0
    return bytes
  }

  /**
   * Takes in the files that a form's change lists for the input `configRef`. An input that is not known is skipped. True when some of
   * them are new.
   */
  select(configRef: string, files: Iterable<FileClaim | UnreadFile>): boolean {
    const state = this.#book.byRef(configRef)
    if (state === undefined) return false
    this.#restored.delete(state.name)
    const next = rules.selectFiles(state, files, this.#host.uuid)
    for (const what of next.leftOut)
      this.#host.suspect(
        `of the files that the page has for the upload '${state.name}', ${what} could not be read and was left out`,
      )
    if (next.replaced.length === 0 && next.state.entries.length === state.entries.length) return false
    this.#book.set(next.state)
    for (const entry of next.replaced) void this.#cancelled(entry)
    return true
  }

  /** Answers the browser's wish to send, in steps that may wait. `undefined` when the input is not known. */
  *preflight(
    configRef: string,
    files: readonly FileClaim[],
  ): Generator<Promise<void>, PreflightAnswer | undefined, unknown> {
    this.select(configRef, files)
    const state = this.#book.byRef(configRef)
    if (state === undefined) return undefined
    const result = rules.preflight(
      state,
      files.map((file) => file.ref),
    )
    this.#tell(() => ({
      what: 'preflight',
      upload: state.name,
      granted: result.ok ? result.granted.length : 0,
      refused: result.ok ? undefined : result.refused[0]?.[1],
    }))
    if (!result.ok) return { ref: configRef, error: result.refused }
    const { maxUploadChannels } = this.#host.ceilings
    const { shelve } = this.#host
    const sending = this.#host.sending() + result.granted.length
    if (shelve === undefined && sending > maxUploadChannels) {
      this.#host.tooManyFiles()
      return refusedPreflight({ ref: configRef, entries: files }, 'too_many_uploads')
    }

    const full = yield* this.#remember(state, result.granted)
    if (full !== undefined) {
      this.#host.full(full)
      const refs = new Set(result.granted.map(({ ref }) => ref))
      this.#book.set(rules.refused(this.#book.get(state.name)!, refs, uploadError('storage_full', {})))
    }
    return yield* this.#grant(
      configRef,
      files.map((file) => file.ref),
      sending,
    )
  }

  /** Has the ledger remember what is about to be granted. */
  *#remember(
    { name, limits }: rules.UploadState,
    granted: readonly UploadEntry[],
  ): Generator<Promise<void>, Full | undefined, unknown> {
    const { keeping, shelve } = this.#host
    const fresh = granted.filter((entry) => this.#runOf(entry).kept === undefined)
    if (keeping === undefined || shelve === undefined || fresh.length === 0 || limits.writer !== undefined)
      return undefined
    const facts = fresh.map((entry) => factsOf(entry, (this.#runOf(entry).id ??= this.#host.newId())))
    let kept: readonly KeptFile[] | Full | undefined
    yield keeping.grant(name, limits.keep, facts).then((answer) => {
      kept = answer
      // Nobody goes on behind this when the view has ended meanwhile.
      if (this.#ended && typeof answer === 'object') for (const file of answer) void this.#inBackground(file.remove())
    })
    if (typeof kept === 'string') return kept
    for (const [at, file] of (kept ?? []).entries()) {
      // Others had their turn meanwhile.
      if (!this.#runs.has(file.uuid)) void this.#inBackground(file.remove())
      else this.#runOf(fresh[at]!).kept = file
    }
    return undefined
  }

  *#grant(
    configRef: string,
    refs: readonly string[],
    sending: number,
  ): Generator<Promise<void>, PreflightAnswer | undefined, unknown> {
    const state = this.#book.byRef(configRef)
    if (state === undefined) return undefined
    const { maxMessageSize } = this.#host.ceilings
    const result = rules.preflight(state, refs)
    if (!result.ok) return { ref: configRef, error: result.refused }
    this.#book.set(result.state)
    const { maxFileSize, maxEntries, chunkTimeout } = state.limits
    const largest = result.granted.reduce((most, { clientSize }) => Math.max(most, clientSize), 0)
    const chunkSize = state.limits.chunkSize ?? Math.min(chunkSizeFor(largest, sending), maxMessageSize - chunkOverhead)
    for (const entry of result.granted) this.#runOf(entry).chunkSize = chunkSize
    const entries: Record<string, string | HttpGrant> = {}
    for (const [at, entry] of result.granted.entries()) {
      if (at > 0 && at % tokensATurn === 0) yield new Promise((resolve) => this.#host.nextTurn(resolve))
      this.#expose(state, entry)
      entries[entry.ref] = this.#leaveFor(state, entry)
    }
    // Its page asks once more for what it has leave for: the answer was lost, while it was being made.
    for (const ref of refs) {
      const entry = state.entries.find((candidate) => candidate.ref === ref)
      const shelved =
        entry === undefined || entries[ref] !== undefined ? undefined : this.#runs.get(entry.uuid)?.shelved
      if (entry === undefined || shelved === undefined || !rules.isInProgress(entry)) continue
      entries[ref] = this.#leaveFor(state, entry)
    }
    const config = { maxFileSize, maxEntries, chunkSize, chunkTimeout }
    return { ref: configRef, config, entries, errors: result.errors }
  }

  /** What the browser needs to send an entry: by HTTP where that finds it, else over a channel. */
  #leaveFor({ ref, limits }: rules.UploadState, { uuid }: UploadEntry): string | HttpGrant {
    const token = this.#host.token(ref, uuid)
    const { shelved, proof } = this.#runs.get(uuid) ?? {}
    if (shelved === undefined) return token
    const more = { ...(proof && { proof }), ...(limits.verify && { verify: true }) }
    return { uploader: httpUploader, url: shelved.url, token, ...more }
  }

  /** Puts an entry where HTTP finds it. One may have been cancelled while others had their turn. */
  #expose({ name, limits }: rules.UploadState, entry: UploadEntry): void {
    const { shelve } = this.#host
    const run = this.#runs.get(entry.uuid)
    if (shelve === undefined || run === undefined) return
    const resource = this.#createResource(name, entry, run, limits)
    run.shelved = shelve(resource, (run.id ??= this.#host.newId()))
  }

  #createResource(
    name: string,
    entry: UploadEntry,
    run: EntryRun,
    { chunkTimeout, verify }: rules.UploadState['limits'],
  ): UploadResource {
    const receiver = (run.receiver = this.#createReceiver(name, entry, run))
    if (run.chosenAgain) run.proof = proofFor(receiver.received, this.#host.newId())
    const resource = new UploadResource(receiver, {
      chunkTimeout,
      verify,
      resumeFor,
      proof: run.proof,
      pausedFor,
      now: () => this.#host.now(),
      startTimer: (ms, fire) => this.#host.startTimer(ms, fire),
      onStarted: () => this.#started(name, entry, run),
      onComing: () => this.#coming(entry, receiver),
      onBroken: () => {
        this.#flows.stops(entry.uuid)
        this.#moves(entry.uuid, 'stalled')
      },
    })
    run.carrier = resource
    return resource
  }

  /** Not rendered by itself: the first bytes are. */
  #coming({ uuid }: UploadEntry, { received }: Receiver): void {
    this.#flows.begun(uuid, received)
    const found = this.#book.locate(uuid)
    if (found !== undefined) this.#book.set(rules.moves(found.state, found.entry.ref, 'sending'))
  }

  #moves(entryUuid: string, how: Parameters<typeof rules.moves>[2]): void {
    const found = this.#book.locate(entryUuid)
    if (found === undefined) return
    const next = rules.moves(found.state, found.entry.ref, how)
    if (next === found.state) return
    this.#book.set(next)
    this.#host.changed()
  }

  /** Opens the channel of an entry whose token was good. */
  join(configRef: string, uuid: string, outlet: UploadOutlet): UploadChannel | JoinRefusal {
    const state = this.#book.byRef(configRef)
    const entry = state?.entries.find((candidate) => candidate.uuid === uuid)
    if (entry === undefined && this.#left.has(uuid)) return 'left'
    if (state === undefined || entry === undefined || !entry.preflighted || !entry.valid || entry.failed) {
      return 'disallowed'
    }
    const run = this.#runOf(entry)
    // HTTP did not get through. What has come stays.
    const resource = run.carrier instanceof UploadResource ? run.carrier : undefined
    if (run.carrier !== undefined && resource === undefined) return 'already_registered'
    resource?.handOver()
    run.shelved?.remove()
    const receiver = (run.receiver ??= this.#createReceiver(state.name, entry, run))
    if (resource?.isUnproven === true) receiver.beginAnew()
    const channel = new UploadChannel(receiver, {
      chunkSize: run.chunkSize,
      chunkTimeout: state.limits.chunkTimeout,
      outlet,
      startTimer: (ms, fire) => this.#host.startTimer(ms, fire),
      onReturned: () => {
        run.carrier = run.receiver = undefined
        run.returning = this.#inBackground(this.#setAside(run, receiver))
        this.#flows.rests(entry.uuid)
        this.#moves(entry.uuid, 'queued')
      },
    })
    run.carrier = channel
    if (resource === undefined) this.#started(state.name, entry, run)
    this.#coming(entry, receiver)
    return channel
  }

  #started(upload: string, { uuid, clientSize }: UploadEntry, run: EntryRun): void {
    run.startedAt = isObserved('upload') ? clock() : undefined
    this.#tell(() => ({ what: 'started', upload, entry: uuid, size: clientSize }))
  }

  #createReceiver(name: string, entry: UploadEntry, run: EntryRun): Receiver {
    const host = this.#host
    const change = (rule: (state: rules.UploadState) => rules.UploadState): void => {
      const state = this.#book.get(name)
      if (state !== undefined) this.#book.set(rule(state))
    }
    return new Receiver({
      clientSize: entry.clientSize,
      verify: this.#book.get(name)?.limits.verify,
      kept: run.kept,
      // Who joins and leaves over and over has one file open at a time.
      before: run.returning,
      openWriter: () => this.#openWriter(name, entry),
      onWritten: (received) => {
        const pace = this.#flows.moved(entry.uuid, received, entry.clientSize)
        change((state) => rules.progressed(state, entry.ref, received, pace))
        this.#reportsOf(run).written(entry.uuid)
      },
      onDone: (sha256) => {
        this.#flows.rests(entry.uuid)
        change((state) => rules.completed(state, entry.ref, sha256))
        this.#reportsOf(run).written(entry.uuid)
        this.#tellEnd('done', name, entry, run)
      },
      onFailed: (error) => {
        this.#said(entry.uuid)
        this.#tellEnd('failed', name, entry, run, { error })
        change((state) => rules.failed(state, entry.ref, error))
        this.#flows.rests(entry.uuid)
        run.returning = this.#inBackground(this.#release(run, { error }))
        host.failed()
      },
      report: (error) => host.report(error),
    })
  }

  async #openWriter(name: string, entry: UploadEntry): Promise<UploadWriter> {
    const { openWriter, socket } = this.#host
    const own = this.#book.get(name)?.limits.writer
    if (own === undefined) return openWriter(entry)
    return assertWriter(name, await own(socket as never, entry, { tempFile: () => openWriter(entry) }))
  }

  /** The entry that a `progress` message speaks of; the official client may have lost the input's ref. */
  find(configRef: string | null, entryRef: string): UploadEntry | undefined {
    return this.#book.find(configRef, entryRef)
  }

  /** The browser's report of the entry has come. */
  heard({ uuid, done }: UploadEntry, progress: ProgressPayload['progress']): void {
    // What it says of a file on its way does not tell the view that the file is there.
    if (!done || progress === 100) this.#said(uuid)
  }

  /** Tells the view of an entry, as a report of it asks for: that it is done, once. */
  report(entryUuid: string, socket: unknown): void | Promise<void> {
    const found = this.#book.locate(entryUuid)
    if (found === undefined) return
    const { entry, state } = found
    const run = this.#runOf(entry)
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
      this.#said(entry.uuid)
      yield this.report(entry.uuid, socket)
    }
  }

  /** The browser says that the entry failed. */
  fail(entry: UploadEntry, reason: string): void {
    this.failWith(entry, uploadError('upload_failed', { reason }))
  }

  failWith(entry: UploadEntry, error: UploadError): void {
    const found = this.#book.locate(entry.uuid)
    if (found === undefined || !rules.isInProgress(found.entry)) return
    const run = this.#runs.get(entry.uuid)
    if (run?.receiver?.live === true) run.carrier!.fail(error)
    else {
      this.#book.set(rules.failed(found.state, entry.ref, error))
      this.#host.failed()
    }
  }

  /** Takes the entry out at once; closing and deleting are awaited by the promise. */
  async cancel(name: string, ref: string): Promise<void> {
    // What a view that has ended still does concerns nobody.
    if (this.#ended) return
    const waits = this.#book.get(name)
    const waiting = waits?.waiting.find((candidate) => candidate.ref === ref)
    if (waits !== undefined && waiting !== undefined) {
      this.#book.set({ ...waits, waiting: waits.waiting.filter((other) => other !== waiting) })
      return this.#inBackground(this.#drop(waiting))
    }
    const { state, entry } = this.#book.named('cancelUpload', name, ref)
    this.#book.set(rules.removed(state, ref, false))
    const bytes = this.#runs.get(entry.uuid)?.receiver?.received ?? 0
    this.#tell(() => ({ what: 'cancelled', upload: name, entry: entry.uuid, bytes }))
    await this.#cancelled(entry)
  }

  /** Takes no more bytes of the entry for now. One that is not on its way stays as it is. */
  pause(name: string, ref: string): void {
    if (this.#ended) return
    const { state, entry } = this.#book.named('pauseUpload', name, ref)
    if (!entry.preflighted || !rules.isInProgress(entry)) return
    const carrier = this.#runs.get(entry.uuid)?.carrier
    if (!(carrier instanceof UploadResource)) return this.#overChannel('pauseUpload', entry, 'goes on')
    this.#book.set(rules.moves(state, ref, 'paused'))
    this.#flows.rests(entry.uuid)
    carrier.pause()
  }

  resume(name: string, ref: string): void {
    if (this.#ended) return
    const { state, entry } = this.#book.named('resumeUpload', name, ref)
    const carrier = this.#runs.get(entry.uuid)?.carrier
    if (entry.state !== 'paused' || !(carrier instanceof UploadResource)) return
    this.#book.set(rules.moves(state, ref, 'queued'))
    carrier.resume()
  }

  /** Has an entry that has failed begin anew. */
  retry(name: string, ref: string): void {
    if (this.#ended) return
    const { state, entry } = this.#book.named('retryUpload', name, ref)
    if (!entry.failed) return
    const failed = this.#runs.get(entry.uuid)
    if (this.#host.shelve === undefined || (entry.preflighted && failed?.shelved === undefined)) {
      return this.#overChannel('retryUpload', entry, 'stays failed')
    }
    this.#book.set(rules.retried(state, ref))
    if (!entry.preflighted) return
    const run = createRun(this.#host.files)
    const { chunkSize, returning, shelved, id } = failed!
    Object.assign(run, { chunkSize, returning, shelved, id })
    this.#runs.set(entry.uuid, run)
    shelved!.put(this.#createResource(name, entry, run, state.limits))
  }

  #overChannel(call: string, { clientName }: UploadEntry, what: string): void {
    const why =
      'files that travel over the socket cannot be paused nor sent again; those of our client module travel over HTTP'
    const name = describeClaim(clientName)
    this.#host.warn(new LiveError('ERR_UPLOAD_ENTRY', `${call}: ${name} ${what}: ${why}`))
  }

  /** The connection that carries the bytes is lost: what was on its way over it cannot go on. */
  interrupt(): void {
    for (const entry of this.#book.inProgress()) {
      const run = this.#runs.get(entry.uuid)
      if (!(run?.carrier instanceof UploadChannel)) {
        // HTTP goes on by itself; its next bytes say so.
        if (entry.state !== 'paused') this.#moves(entry.uuid, 'stalled')
        continue
      }
      if (run.receiver?.live === true && !run.receiver.hasAll) run.carrier.fail(uploadError('interrupted', {}))
    }
  }

  /**
   * The page has come back. `filesBack`: its inputs have their files again, and those that wait go on waiting. Otherwise the client has
   * forgotten them: they would never be sent, and a form with them neither. `sending`: the refs of those that it sends over HTTP.
   */
  rejoined(filesBack: boolean, sending: ReadonlySet<string>): void {
    for (const entry of this.#book.inProgress()) {
      const run = this.#runs.get(entry.uuid)
      if (run?.carrier instanceof UploadResource && run.receiver?.live === true && !run.receiver.hasAll) {
        if (sending.has(entry.ref)) {
          if (entry.state === 'stalled' && run.receiver.received === 0) this.#moves(entry.uuid, 'queued')
          continue
        }
        // The answer that gave leave to send it was lost.
        this.#takeBack(run)
        this.#flows.rests(entry.uuid)
      }
      // All of its bytes are here.
      if (run?.receiver?.live === true) continue
      if (!filesBack) this.failWith(entry, uploadError('interrupted', {}))
      else if (entry.preflighted) this.#book.set(rules.asksAgain(this.#book.locate(entry.uuid)!.state, entry.ref))
    }
  }

  #takeBack(run: EntryRun): void {
    const { receiver } = run
    run.carrier!.close()
    run.shelved?.remove()
    run.carrier = run.receiver = run.shelved = undefined
    run.returning = this.#inBackground(this.#setAside(run, receiver!))
  }

  /** Another receiver takes its place: with what has come, where that is kept. */
  #setAside({ kept }: EntryRun, receiver: Receiver): Promise<void> {
    return kept === undefined ? receiver.release('cancel') : receiver.pause()
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
      if (run.kept !== undefined) await this.#inBackground(run.kept.remove())
      return
    }
    this.#book.set(rules.removed(now.state, entry.ref, true))
    this.#runs.delete(entry.uuid)
    run.carrier!.close()
    run.shelved?.remove()
    this.#tell(() => ({ what: 'consumed', upload: now.state.name, entry: entry.uuid, bytes: entry.clientSize }))
    await this.#inBackground(run.receiver!.release('consumed'))
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
    const run = this.#runs.get(entry.uuid)
    if (run?.kept === undefined) return false
    this.#flows.rests(entry.uuid)
    this.#runs.delete(entry.uuid)
    run.carrier?.close()
    run.shelved?.remove()
    void this.#inBackground(run.receiver?.leave(run.claim) ?? run.kept.leave())
    return true
  }

  /** Ends every upload: the view is gone. */
  end(): void {
    this.leave('visitor')
    this.#ended = true
    this.#reports.end()
    this.#quickReports.end()
    this.#flows.end()
    const all = [...this.#book.all()].flatMap(({ entries, waiting }) => [entries, waiting].flat())
    for (const state of this.#book.all()) this.#book.set({ ...state, entries: [], waiting: [] })
    for (const entry of all) void this.#inBackground(this.#drop(entry))
  }

  /** An entry was taken out of the state by a cancel, or by the file that replaced it. */
  #cancelled(entry: UploadEntry): Promise<void> {
    const [oldest] = this.#left
    if (this.#left.size >= mostLeftKept) this.#left.delete(oldest!)
    this.#left.add(entry.uuid)
    this.#said(entry.uuid)
    this.#flows.rests(entry.uuid)
    const run = this.#runs.get(entry.uuid)
    if (run !== undefined) run.cancelled = true
    return this.#inBackground(this.#drop(entry))
  }

  /** Lets an entry go that has left the state. */
  async #drop(entry: { readonly uuid: string }): Promise<void> {
    const run = this.#runs.get(entry.uuid)
    if (run === undefined) return
    this.#runs.delete(entry.uuid)
    run.shelved?.remove()
    if (run.receiver === undefined) return run.kept?.remove()
    // An entry that failed was told so, and has let go of its bytes.
    if (!run.receiver.live) return
    run.carrier!.close()
    await this.#release(run, 'cancel')
  }

  async #release(run: EntryRun, outcome: 'cancel' | { readonly error: UploadError }): Promise<void> {
    await run.claim
    await run.receiver?.release(run.consumed ? 'consumed' : outcome)
  }

  /** The same work, which never rejects. */
  #inBackground(work: Promise<void>): Promise<void> {
    const reported = work.catch((error: unknown) => this.#host.report(error))
    this.#host.background(reported)
    return reported
  }

  #reportsOf({ carrier }: EntryRun): Reports {
    return carrier instanceof UploadResource ? this.#quickReports : this.#reports
  }

  #said(entryUuid: string): void {
    this.#reports.said(entryUuid)
    this.#quickReports.said(entryUuid)
  }

  #tell(step: () => UploadStep): void {
    publish('upload', () => ({ ...this.#host.place, ...step() }))
  }

  #tellEnd(
    what: 'done' | 'failed',
    upload: string,
    { uuid }: UploadEntry,
    { startedAt, receiver }: EntryRun,
    failure?: { readonly error: UploadError },
  ): void {
    if (startedAt === undefined) return
    const bytes = receiver?.received ?? 0
    this.#tell(() => ({ what, upload, entry: uuid, bytes, ...timeSince(startedAt), ...failure }))
  }

  #runOf(entry: { readonly uuid: string }): EntryRun {
    let run = this.#runs.get(entry.uuid)
    if (run === undefined) {
      run = createRun(this.#host.files)
      this.#runs.set(entry.uuid, run)
    }
    return run
  }
}

/** Of the last bytes that are there. */
function proofFor(received: number, nonce: string): FileProof | undefined {
  return received === 0 ? undefined : { nonce, from: Math.max(0, received - provenBytes), to: received }
}
