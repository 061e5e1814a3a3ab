/**
 * The entries of a view's uploads on their way: what takes the bytes of each, what carries them to it, and how it moves meanwhile. The
 * rules are in `state.ts`.
 */
import { describeClaim, LiveError } from '../errors.ts'
import type { FileProof } from '../protocol/http-uploads.ts'
import type { UploadStep } from '../telemetry/events.ts'
import { clock, isObserved, publish, timeSince } from '../telemetry/measure.ts'
import type { FoundEntry, UploadBook } from './book.ts'
import { UploadChannel, type UploadOutlet } from './channel.ts'
import type { UploadEntry } from './entry.ts'
import type { EntryPass } from './entry-pass.ts'
import type { EntryRun } from './entry-run.ts'
import type { EntryRuns } from './entry-runs.ts'
import type { EntryTimes } from './entry-times.ts'
import type { EntryWriters } from './entry-writers.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { ExternalSource } from './external-source.ts'
import { ExternalTransfer } from './external-transfer.ts'
import { Flows, still } from './flow.ts'
import { HeadCheck } from './head-check.ts'
import { errorOf } from './admission-of.ts'
import type { UploadAdmission, UploadHost } from './host.ts'
import type { ImageFacts } from './image-header.ts'
import { resumeFor } from './ledger.ts'
import type { News } from './news.ts'
import { Receiver } from './receiver.ts'
import { UploadResource } from './resource.ts'
import { scanFile } from './scanning.ts'
import * as rules from './state.ts'

/** How long an entry that is paused waits, in ms. */
const pausedFor = 24 * 60 * 60 * 1000
/** How many bytes of a file that was chosen again are compared at most. */
const provenBytes = 1024 * 1024

export interface TransfersParts {
  readonly book: UploadBook
  readonly runs: EntryRuns
  readonly news: News
  readonly writers: EntryWriters
  readonly times: EntryTimes
}

export class Transfers {
  readonly #host: UploadHost
  readonly #book: UploadBook
  readonly #runs: EntryRuns
  readonly #news: News
  readonly #writers: EntryWriters
  readonly #times: EntryTimes
  readonly #flows: Flows

  constructor(host: UploadHost, { book, runs, news, writers, times }: TransfersParts) {
    this.#times = times
    this.#host = host
    this.#book = book
    this.#runs = runs
    this.#news = news
    this.#writers = writers
    this.#flows = new Flows({
      now: () => host.now(),
      startTimer: (ms, fire) => host.startTimer(ms, fire),
      stalled: (entryUuid) => this.#moves(entryUuid, 'stalled'),
    })
  }

  /** Puts an entry where HTTP finds it. One may have been cancelled while others had their turn. */
  expose({ name, limits }: rules.UploadState, entry: UploadEntry): void {
    const { shelve } = this.#host
    const run = this.#runs.get(entry.uuid)
    if (shelve === undefined || run === undefined) return
    const resource = this.#createResource(name, entry, run, limits)
    run.shelved = shelve(resource, (run.id ??= this.#host.newId()))
  }

  /** Opens the channel of an entry; `undefined` when there is one. */
  openChannel({ state, entry }: FoundEntry, outlet: UploadOutlet): UploadChannel | undefined {
    const run = this.#runs.of(entry)
    if (run.receiver instanceof ExternalTransfer) return undefined
    // HTTP did not get through. What has come stays.
    const resource = run.carrier instanceof UploadResource ? run.carrier : undefined
    if (run.carrier !== undefined && resource === undefined) return undefined
    resource?.handOver()
    run.shelved?.remove()
    const receiver = run.receiver instanceof Receiver ? run.receiver : this.#createReceiver(state.name, entry, run)
    run.receiver = receiver
    if (resource?.isUnproven === true) receiver.beginAnew()
    const pass = this.passOf(state, entry, run)
    const channel = new UploadChannel(receiver, {
      pass,
      onTurn: () => this.#coming(entry, receiver),
      chunkSize: run.chunkSize,
      chunkTimeout: state.limits.chunkTimeout,
      outlet,
      startTimer: (ms, fire) => this.#host.startTimer(ms, fire),
      settling: () => run.settling,
      onReturned: () => {
        this.#runs.takeBack(run, receiver)
        // Its client may only have been tired of waiting for its turn.
        if (pass?.hasTurn === true) pass.rest()
        else pass?.giveUp()
        this.#flows.rests(entry.uuid)
        this.#moves(entry.uuid, 'queued')
      },
    })
    run.carrier = channel
    if (resource === undefined) this.#started(state.name, entry, run)
    return channel
  }

  /** The browser sends the entry elsewhere, or a view before has told it to; or it has done so. */
  goOnElsewhere(name: string, entry: UploadEntry, run: EntryRun): void {
    const transfer = this.sendElsewhere(name, entry, run, this.#writers.sourceOf(name, entry, run))
    if (entry.done) transfer.wasDone()
    else void transfer.goOn()
  }

  /** The browser sends the entry elsewhere. */
  sendElsewhere(name: string, entry: UploadEntry, run: EntryRun, source: ExternalSource): ExternalTransfer {
    const transfer = new ExternalTransfer(source, {
      clientSize: entry.clientSize,
      startTimer: (ms, fire) => this.#host.startTimer(ms, fire),
      onStands: (received) => {
        this.#change(name, (state) => rules.stands(state, entry.uuid, received))
        this.#host.changed()
      },
      onReached: (percent) => {
        this.#flows.begun(entry.uuid, transfer.received)
        const pace = this.#flows.moved(entry.uuid, transfer.received, entry.clientSize)
        this.#change(name, (state) => rules.claimed(state, entry.ref, percent, pace))
      },
      onSent: (bytes) => this.#host.admission?.sentElsewhere(bytes),
      onConfirming: () => {
        this.#flows.rests(entry.uuid)
        this.#change(name, (state) => rules.claimed(state, entry.ref, 100, still))
      },
      onDone: () => this.#hasDone(name, entry, run),
      onFailed: (error) => this.#hasFailed(name, entry, run, error),
      report: (error) => this.#host.report(error),
    })
    run.receiver = run.carrier = transfer
    this.#started(name, entry, run)
    return transfer
  }

  failWith({ entry, state }: FoundEntry, error: UploadError): void {
    const run = this.#runs.get(entry.uuid)
    if (run?.receiver?.live === true) run.carrier!.fail(error)
    else {
      run?.pass?.end()
      if (run !== undefined) run.pass = undefined
      this.#book.set(rules.failed(state, entry.ref, error))
      this.#host.failed()
    }
  }

  /** Takes no more bytes of the entry for now. One that is not on its way stays as it is. */
  pause({ state, entry }: FoundEntry): void {
    if (!entry.preflighted || !rules.isInProgress(entry) || entry.state === 'scanning') return
    const carrier = this.#runs.get(entry.uuid)?.carrier
    if (!(carrier instanceof UploadResource)) return this.#noResource('pauseUpload', entry, 'goes on')
    this.#book.set(rules.moves(state, entry.ref, 'paused'))
    this.#flows.rests(entry.uuid)
    carrier.pause()
    this.#runs.get(entry.uuid)!.pass?.rest()
  }

  resume({ state, entry }: FoundEntry): void {
    const carrier = this.#runs.get(entry.uuid)?.carrier
    if (entry.state !== 'paused' || !(carrier instanceof UploadResource)) return
    this.#book.set(rules.moves(state, entry.ref, 'queued'))
    carrier.resume()
  }

  /** Has an entry that has failed begin anew. */
  retry({ state, entry }: FoundEntry): void {
    if (!entry.failed) return
    const failed = this.#runs.get(entry.uuid)
    const isElsewhere = state.limits.external !== undefined
    if (this.#host.shelve === undefined || (entry.preflighted && failed?.shelved === undefined && !isElsewhere)) {
      return this.#noResource('retryUpload', entry, 'stays failed')
    }
    const { admission } = this.#host
    // Without leave the browser asks for it.
    if (!entry.preflighted) this.#book.set(rules.retried(state, entry.ref))
    else if (isElsewhere) this.#retryElsewhere({ state, entry })
    else if (admission === undefined) this.#beginAnew({ state, entry })
    else void this.#runs.inBackground(this.#retryAdmitted(admission, { state, entry }))
  }

  /** The browser asks where it goes now. */
  #retryElsewhere({ state, entry }: FoundEntry): void {
    this.#book.set(rules.retried(state, entry.ref))
    const { returning, validation } = this.#runs.get(entry.uuid)!
    const run = Object.assign(this.#runs.begin(entry.uuid), { returning, validation })
    this.goOnElsewhere(state.name, this.#book.locate(entry.uuid)!.entry, run)
  }

  /** What comes again counts again. */
  async #retryAdmitted(admission: UploadAdmission, { state, entry }: FoundEntry): Promise<void> {
    const found = (): FoundEntry | undefined => {
      const now = this.#book.locate(entry.uuid)
      return now?.entry.failed === true ? now : undefined
    }
    const refusal = await admission.admit(
      { bytes: entry.clientSize, onDisk: state.limits.writer === undefined },
      () => {
        const now = found()
        if (now !== undefined) this.#beginAnew(now)
      },
    )
    const now = found()
    if (refusal !== undefined && now !== undefined) {
      this.#host.notAdmitted?.(refusal)
      this.#book.set(rules.failed(now.state, entry.ref, errorOf(refusal)))
    }
    this.#host.changed()
  }

  #beginAnew({ state, entry }: FoundEntry): void {
    this.#book.set(rules.retried(state, entry.ref))
    const failed = this.#runs.get(entry.uuid)
    const { chunkSize, returning, shelved, id, validation } = failed!
    const run = Object.assign(this.#runs.begin(entry.uuid), { chunkSize, returning, shelved, id, validation })
    shelved!.put(this.#createResource(state.name, entry, run, state.limits))
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
      const goesOn = run?.carrier instanceof UploadResource || run?.carrier instanceof ExternalTransfer
      // Of an empty file all is there from its beginning on.
      const hasAll = run?.receiver?.hasAll === true && (entry.clientSize > 0 || entry.state === 'scanning')
      if (goesOn && run.receiver?.live === true && !hasAll) {
        if (sending.has(entry.ref)) {
          if (entry.state === 'stalled' && run.receiver.received === 0) this.#moves(entry.uuid, 'queued')
          continue
        }
        // The answer that gave leave to send it was lost.
        run.carrier!.close()
        run.shelved?.remove()
        run.shelved = undefined
        run.pass?.rest()
        this.#runs.takeBack(run, run.receiver)
        this.#flows.rests(entry.uuid)
      }
      // All of its bytes are here.
      if (run?.receiver?.live === true) continue
      const found = this.#book.locate(entry.uuid)!
      if (!filesBack) this.failWith(found, uploadError('interrupted', {}))
      else if (entry.preflighted) this.#book.set(rules.asksAgain(found.state, entry.ref))
    }
  }

  /**
   * All of the entry is there: asks whether it can be consumed, and keeps what waits for it. `tells`: the view is told by itself when it can.
   */
  settle({ uuid }: Pick<UploadEntry, 'uuid'>, tells = true): void {
    const found = this.#book.locate(uuid)
    const run = this.#runs.get(uuid)
    if (found === undefined || run?.receiver === undefined) return
    run.settling = scanFile(this.#host, found, run).then((scanned) => {
      const now = this.#book.locate(uuid)
      if (scanned === undefined || now === undefined || this.#runs.get(uuid) !== run) return
      if (scanned !== 'passed') {
        this.failWith(now, scanned)
        return
      }
      this.#book.set(rules.completed(now.state, now.entry.ref, now.entry.sha256))
      if (tells) this.#news.written(uuid, run)
      this.#tellEnd('done', now.state.name, { uuid }, run)
      this.#host.changed()
    })
  }

  /** What an entry that may be sent has of the process. */
  passOf({ limits }: rules.UploadState, entry: UploadEntry, run: EntryRun): EntryPass | undefined {
    const { uuid, clientSize } = entry
    return (run.pass ??= this.#host.admission?.pass({
      bytes: clientSize - (run.kept?.received ?? 0),
      onDisk: limits.writer === undefined,
      onPlace: (place) => {
        const found = this.#book.locate(uuid)
        if (found === undefined) return
        this.#book.set(rules.placed(found.state, found.entry.ref, place))
        this.#host.changed()
      },
      onQueued: (waiting) => {
        this.#moves(uuid, 'queued')
        this.#tell(() => ({ what: 'queued', upload: this.#nameOf(uuid), entry: uuid, waiting }))
      },
      onTurn: (waitedMs, waiting) =>
        this.#tell(() => ({ what: 'turn', upload: this.#nameOf(uuid), entry: uuid, waitedMs, waiting })),
      isOurs: () => run.receiver instanceof Receiver && ['opening', 'writing'].includes(run.receiver.phase),
      onTakenBack: () => {
        if (run.carrier instanceof UploadResource) run.carrier.stop()
      },
    }))
  }

  #nameOf(entryUuid: string): string {
    return this.#book.locate(entryUuid)?.state.name ?? ''
  }

  /** Nothing more is to come of the entry. */
  over({ uuid }: Pick<UploadEntry, 'uuid'>): void {
    this.#flows.rests(uuid)
  }

  end(): void {
    this.#flows.end()
  }

  #createResource(
    name: string,
    entry: UploadEntry,
    run: EntryRun,
    { chunkTimeout, verify }: rules.UploadState['limits'],
  ): UploadResource {
    const receiver = (run.receiver = this.#createReceiver(name, entry, run))
    if (run.chosenAgain) run.proof = proofFor(receiver.received, this.#host.newId())
    const state = this.#book.get(name)
    const pass = state === undefined ? undefined : this.passOf(state, entry, run)
    const resource = new UploadResource(receiver, {
      pass,
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
        pass?.broke()
        this.#moves(entry.uuid, 'stalled')
      },
    })
    run.carrier = resource
    return resource
  }

  #createReceiver(name: string, entry: UploadEntry, run: EntryRun): Receiver {
    const host = this.#host
    let counted = run.kept?.received ?? 0
    const came = (received: number): void => {
      run.pass?.came(Math.max(0, received - counted))
      counted = received
    }
    return new Receiver({
      clientSize: entry.clientSize,
      createCheck: this.#checkOf(name, entry),
      verify: this.#book.get(name)?.limits.verify,
      kept: run.kept,
      // Who joins and leaves over and over has one file open at a time.
      before: run.returning,
      openWriter: () => this.#writers.open(name, entry),
      onWritten: (received) => {
        came(received)
        const pace = this.#flows.moved(entry.uuid, received, entry.clientSize)
        this.#change(name, (state) => rules.progressed(state, entry.ref, received, pace))
        this.#news.written(entry.uuid, run)
      },
      onDone: (sha256) => {
        came(entry.clientSize)
        this.#hasDone(name, entry, run, sha256)
      },
      onFailed: (error) => this.#hasFailed(name, entry, run, error),
      report: (error) => host.report(error),
    })
  }

  /** What looks at its bytes as they come, if anything does. */
  #checkOf(name: string, claimed: UploadEntry): (() => HeadCheck) | undefined {
    const { accept, sniff, image } = this.#book.get(name)?.limits ?? { accept: [], sniff: false, image: undefined }
    if (!sniff && image === undefined) return undefined
    const { sniffing } = this.#host
    const onImage = (facts: ImageFacts): void =>
      this.#change(name, (state) => rules.measured(state, claimed.ref, facts))
    const onSniffed = (ms: number): void => this.#times.sniffed(claimed.uuid, ms)
    const sniffer = sniff ? () => sniffing!.load() : undefined
    return () => new HeadCheck({ claimed, accept, image, onImage, sniffer, onSniffed })
  }

  #hasDone(name: string, entry: UploadEntry, run: EntryRun, sha256?: string): void {
    run.pass?.end()
    this.#flows.rests(entry.uuid)
    if (this.#book.get(name)?.limits.scan !== undefined) {
      this.#change(name, (state) => rules.scanning(state, entry.ref, sha256))
      this.settle(entry)
      this.#host.changed()
      return
    }
    this.#change(name, (state) => rules.completed(state, entry.ref, sha256))
    this.#news.written(entry.uuid, run)
    this.#tellEnd('done', name, entry, run)
  }

  #hasFailed(name: string, entry: UploadEntry, run: EntryRun, error: UploadError): void {
    this.#news.said(entry.uuid)
    run.pass?.end()
    this.#tellEnd('failed', name, entry, run, { error })
    this.#change(name, (state) => rules.failed(state, entry.ref, error))
    this.#flows.rests(entry.uuid)
    run.returning = this.#runs.inBackground(this.#runs.release(run, { error }))
    this.#host.failed()
  }

  #change(name: string, rule: (state: rules.UploadState) => rules.UploadState): void {
    const state = this.#book.get(name)
    if (state !== undefined) this.#book.set(rule(state))
  }

  #started(upload: string, { uuid, clientSize }: UploadEntry, run: EntryRun): void {
    run.startedAt = isObserved('upload') ? clock() : undefined
    this.#tell(() => ({ what: 'started', upload, entry: uuid, size: clientSize }))
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

  #noResource(call: string, { clientName }: UploadEntry, what: string): void {
    const why =
      'files that travel over the socket cannot be paused nor sent again, and those that go elsewhere not be paused; others of our client module travel over HTTP'
    const name = describeClaim(clientName)
    this.#host.warn(new LiveError('ERR_UPLOAD_ENTRY', `${call}: ${name} ${what}: ${why}`))
  }

  #tell(step: () => UploadStep): void {
    publish('upload', () => ({ ...this.#host.place, ...step() }))
  }

  #tellEnd(
    what: 'done' | 'failed',
    upload: string,
    { uuid }: Pick<UploadEntry, 'uuid'>,
    { startedAt, receiver }: EntryRun,
    failure?: { readonly error: UploadError },
  ): void {
    if (startedAt === undefined) return
    const bytes = receiver?.received ?? 0
    this.#tell(() => ({ what, upload, entry: uuid, bytes, ...timeSince(startedAt), ...failure }))
  }
}

/** Of the last bytes that are there. */
function proofFor(received: number, nonce: string): FileProof | undefined {
  return received === 0 ? undefined : { nonce, from: Math.max(0, received - provenBytes), to: received }
}
