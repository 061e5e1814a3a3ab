/** Gives the browser leave to send: in steps that may wait, for the ledger and for others whose turn it is. */
import type { ExternalGrant } from '../protocol/external-uploads.ts'
import { httpUploader, type HttpGrant } from '../protocol/http-uploads.ts'
import { type PreflightAnswer, refusedPreflight } from '../protocol/replies.ts'
import type { UploadBook } from './book.ts'
import { chunkSizeFor } from './chunk-size.ts'
import type { UploadEntry } from './entry.ts'
import type { EntryRun } from './entry-run.ts'
import { type UploadError, uploadError } from './errors.ts'
import { ExternalGrants, type ExternalGrantsParts } from './external-grants.ts'
import type { ExternalMeta } from './external.ts'
import { ExternalTransfer } from './external-transfer.ts'
import { errorOf } from './admission-of.ts'
import type { UploadHost } from './host.ts'
import { factsOf, isKept, notedBy } from './keeping.ts'
import type { NotAdmitted } from './admission.ts'
import type { Full, KeptFile } from './ledger.ts'
import { chunkOverhead } from './options.ts'
import * as rules from './state.ts'

/** A timer of a longer time would fire at once. */
const longestTimeout = 2 ** 31 - 1
/** Signing a thousand takes as long as many clicks, and others wait meanwhile. */
const tokensATurn = 100

type Steps<T> = Generator<Promise<unknown>, T, unknown>

export interface GrantingParts extends ExternalGrantsParts {
  readonly book: UploadBook
  /** Puts an entry where HTTP finds it. */
  expose(state: rules.UploadState, entry: UploadEntry): void
  /** Gives an entry that may be sent what it has of the process. */
  admit(state: rules.UploadState, entry: UploadEntry): void
  /** The file as what takes the entry's bytes. */
  keepIn(file: KeptFile, upload: string, entry: UploadEntry): KeptFile<unknown>
}

export class Granting {
  readonly #host: UploadHost
  readonly #parts: GrantingParts
  readonly #external: ExternalGrants

  constructor(host: UploadHost, parts: GrantingParts) {
    this.#host = host
    this.#parts = parts
    this.#external = new ExternalGrants(host, parts)
  }

  /** What the browser is answered that asks for leave to send `refs` of an upload. */
  /** `isWanted`: false once the browser has given up waiting. */
  *answer(
    state: rules.UploadState,
    refs: readonly string[],
    wanted: readonly UploadEntry[],
    isWanted: () => boolean,
  ): Steps<Answer> {
    const { maxUploadChannels } = this.#host.ceilings
    const sending = this.#host.sending() + wanted.length
    const { external } = state.limits
    if (external === undefined && this.#host.shelve === undefined && sending > maxUploadChannels) {
      this.#host.tooManyFiles()
      return refusedPreflight({ ref: state.ref, entries: refs.map((ref) => ({ ref })) }, 'too_many_uploads')
    }
    const notAdmitted = yield* this.#admit(state, wanted)
    // Some may have been cancelled meanwhile.
    const granted = this.#listed(state.name, wanted)
    if (notAdmitted !== undefined) {
      this.#host.notAdmitted?.(notAdmitted)
      this.#refuse(state, granted, errorOf(notAdmitted))
    } else {
      const full = yield* this.#remember(state, granted)
      if (full !== undefined) {
        this.#host.full(full)
        this.#refuse(state, granted, uploadError('storage_full', {}))
      }
    }
    const failed = yield* this.#external.answer(state, granted)
    for (const entry of granted) {
      const error = failed.get(entry.ref)
      if (error !== undefined) this.#refuse(state, [entry], error)
    }
    if (!isWanted()) {
      this.#external.takeBack(granted)
      for (const { uuid } of granted) this.#endPass(uuid)
      return refusedPreflight({ ref: state.ref, entries: refs.map((ref) => ({ ref })) }, 'timeout')
    }
    const answer = yield* this.#grant(state.ref, refs, sending)
    const told = answer === undefined || 'error' in answer ? {} : answer.entries
    this.#external.takeBack(granted.filter(({ ref }) => told[ref] === undefined))
    return answer
  }

  #refuse({ name }: rules.UploadState, entries: readonly UploadEntry[], error: UploadError): void {
    const { book } = this.#parts
    for (const { uuid } of entries) this.#endPass(uuid)
    const state = book.get(name)
    if (state !== undefined) book.set(rules.refused(state, new Set(entries.map(({ ref }) => ref)), error))
  }

  #endPass(uuid: string): void {
    const run = this.#parts.runs.get(uuid)
    run?.pass?.end()
    if (run !== undefined) run.pass = undefined
  }

  /** Those that are there still. They may be a thousand: none is looked for by itself. */
  #listed(upload: string, entries: readonly UploadEntry[]): readonly UploadEntry[] {
    const there = new Set(this.#parts.book.get(upload)?.entries.map(({ uuid }) => uuid))
    return entries.filter(({ uuid }) => there.has(uuid))
  }

  /** Asks whether the visitor and the disk have room for what is about to be granted, and takes it. */
  *#admit(state: rules.UploadState, granted: readonly UploadEntry[]): Steps<NotAdmitted | undefined> {
    const { admission } = this.#host
    const { runs } = this.#parts
    const fresh = granted.filter(({ uuid }) => runs.get(uuid)?.pass === undefined)
    // What goes elsewhere takes nothing of this process.
    if (admission === undefined || fresh.length === 0 || state.limits.external !== undefined) return undefined
    const bytes = fresh.reduce(
      (sum, { uuid, clientSize }) => sum + clientSize - (runs.get(uuid)?.kept?.received ?? 0),
      0,
    )
    let answer: NotAdmitted | undefined
    const take = (): void => {
      // Some may have been cancelled meanwhile.
      for (const entry of this.#listed(state.name, fresh)) this.#parts.admit(state, entry)
    }
    yield admission.admit({ bytes, onDisk: state.limits.writer === undefined }, take).then((said) => {
      answer = said
    })
    return answer
  }

  /** Has the ledger remember what is about to be granted. */
  *#remember({ name, limits }: rules.UploadState, granted: readonly UploadEntry[]): Steps<Full | undefined> {
    const { keeping, shelve } = this.#host
    const { runs } = this.#parts
    const fresh = granted.filter((entry) => runs.of(entry).kept === undefined)
    if (keeping === undefined || shelve === undefined || fresh.length === 0 || !isKept(limits)) return undefined
    const facts = fresh.map((entry) => factsOf(entry, (runs.of(entry).id ??= this.#host.newId()), notedBy(limits)))
    let kept: readonly KeptFile[] | Full | undefined
    yield keeping.grant(name, limits.keep, facts).then((answer) => {
      kept = answer
      // Nobody goes on behind this when the view has ended meanwhile.
      if (this.#parts.hasEnded() && typeof answer === 'object')
        for (const file of answer) void runs.inBackground(file.remove())
    })
    if (typeof kept === 'string') return kept
    for (const [at, file] of (kept ?? []).entries()) {
      const run = runs.get(file.uuid)
      // Others had their turn meanwhile.
      if (run === undefined) void runs.inBackground(file.remove())
      else run.kept = this.#parts.keepIn(file, name, fresh[at]!)
    }
    return undefined
  }

  *#grant(configRef: string, refs: readonly string[], sending: number): Steps<Answer> {
    const { book, runs } = this.#parts
    const state = book.byRef(configRef)
    if (state === undefined) return undefined
    const { maxMessageSize } = this.#host.ceilings
    const result = rules.preflight(state, refs)
    if (!result.ok) return { ref: configRef, error: result.refused }
    book.set(result.state)
    const { maxFileSize, maxEntries, scan } = state.limits
    // The last chunk is answered when the scan is over, and the client never hears of an answer that comes too late.
    const chunkTimeout = scan === undefined ? state.limits.chunkTimeout : longestTimeout
    const largest = result.granted.reduce((most, { clientSize }) => Math.max(most, clientSize), 0)
    const chunkSize = state.limits.chunkSize ?? Math.min(chunkSizeFor(largest, sending), maxMessageSize - chunkOverhead)
    for (const entry of result.granted) runs.of(entry).chunkSize = chunkSize
    const entries: Record<string, string | HttpGrant | ExternalGrant> = {}
    for (const [at, entry] of result.granted.entries()) {
      if (at > 0 && at % tokensATurn === 0) yield new Promise<void>((resolve) => this.#host.nextTurn(resolve))
      if (state.limits.external === undefined) this.#parts.expose(state, entry)
      entries[entry.ref] = this.#leaveFor(state, entry)
    }
    // Its page asks once more for what it has leave for: the answer was lost, while it was being made.
    for (const ref of refs) {
      const entry = state.entries.find((candidate) => candidate.ref === ref)
      const run = entry === undefined || entries[ref] !== undefined ? undefined : runs.get(entry.uuid)
      const isGiven = run?.shelved !== undefined || externalOf(run) !== undefined
      if (entry === undefined || !isGiven || !rules.isInProgress(entry)) continue
      entries[ref] = this.#leaveFor(state, entry)
    }
    const config = { maxFileSize, maxEntries, chunkSize, chunkTimeout }
    return { ref: configRef, config, entries, errors: result.errors }
  }

  /** What the browser needs to send an entry: elsewhere; or by HTTP where that finds it, else over a channel. */
  #leaveFor({ ref, limits }: rules.UploadState, { uuid }: UploadEntry): string | HttpGrant | ExternalGrant {
    const run = this.#parts.runs.get(uuid)
    const external = externalOf(run)
    if (external !== undefined) return external
    const { shelved, proof } = run ?? {}
    const token = this.#host.token(ref, uuid)
    if (shelved === undefined) return token
    const more = { ...(proof && { proof }), ...(limits.verify && { verify: true }) }
    return { uploader: httpUploader, url: shelved.url, token, ...more }
  }
}

/** Where it goes that the browser sends elsewhere, once that was said. */
function externalOf(run: EntryRun | undefined): ExternalMeta | undefined {
  return run?.receiver instanceof ExternalTransfer ? run.receiver.external : undefined
}

/** `undefined`: the input is not known any more. */
type Answer = PreflightAnswer | undefined
