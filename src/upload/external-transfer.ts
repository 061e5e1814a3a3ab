/**
 * One entry that the browser sends elsewhere: none of its bytes come by here. It stands where a channel or a resource and their receiver stand
 * for others, hears from the browser how far it is, and asks whoever said where the file goes whether that is true.
 */
import { messageOf } from '../errors.ts'
import { type ExternalReply, whereQuestion } from '../protocol/external-uploads.ts'
import type { Timer } from '../time/timer.ts'
import { type UploadError, uploadError } from './errors.ts'
import { type ExternalMeta, printed } from './external.ts'
import type { ExternalSource } from './external-source.ts'
import { inTime } from '../time/in-time.ts'
import type { Outcome } from './ledger.ts'
import { percentOf } from './state.ts'

export interface ExternalTransferOptions {
  /** As the browser declared it: nobody here counts. */
  readonly clientSize: number
  startTimer(ms: number, fire: () => void): Timer
  /** Bytes that are there of one that goes on. */
  onStands(received: number): void
  /** The browser says that it is so far, in whole percent; less than 100. */
  onReached(percent: number): void
  /** So many bytes more have gone, as the browser says; of the last ones it is known. */
  onSent(bytes: number): void
  /** The browser says that all of it is there. */
  onConfirming(): void
  /** It is there, as far as anybody knows. */
  onDone(): void
  onFailed(error: UploadError): void
  /** What the application's functions failed at. */
  report(error: unknown): void
}

/** How long `confirm` may take, in ms: the browser waits for its answer meanwhile. And `external`, of a file that goes on. */
export const confirmFor = 15_000
/** Different questions of one entry that are being answered at once. */
export const mostQuestions = 8

/** A browser says it once, and again after its connection was lost. */
const mostWaiting = 8

const gone: ExternalReply = { error: 'gone' }
const busy: ExternalReply = { error: 'busy' }
const failed: ExternalReply = { error: 'failed' }

export class ExternalTransfer {
  readonly #source: ExternalSource
  readonly #options: ExternalTransferOptions
  #phase: 'sending' | 'confirming' | 'done' | 'ended' = 'sending'
  #percent = 0
  /** Bytes that were told of, or are there from before. */
  #told = 0
  /** What the view is handed; `undefined` until that is known. */
  #meta: { readonly meta: unknown } | undefined
  #confirming: Promise<boolean> | undefined
  /** Messages of the browser that wait for it. */
  #waiting = 0
  #timer: Timer | undefined
  /** By their text: who asks the same again, since no answer came, has that of the first. */
  readonly #asked = new Map<string, Promise<ExternalReply>>()
  /** The application's calls that run; none of them rejects. */
  readonly #running = new Set<Promise<unknown>>()
  #released: Promise<void> | undefined

  constructor(source: ExternalSource, options: ExternalTransferOptions) {
    this.#source = source
    this.#options = options
  }

  /** What the browser's uploader is given, once that was said. */
  get external(): ExternalMeta | undefined {
    return this.#source.file?.meta
  }

  /** The browser sends it, as a view before has told it to, or asks where to: it has to be said. Never rejects. */
  async goOn(): Promise<void> {
    try {
      const { offset = 0 } = await this.#inTime('external', () => this.#source.open())
      const percent = percentOf(offset, this.#options.clientSize)
      if (this.#phase !== 'sending' || percent <= this.#percent) return
      this.#percent = percent
      this.#told = this.received
      this.#options.onStands(offset)
    } catch (error) {
      if (this.#hasEnded()) return
      this.#options.report(error)
      this.fail(uploadError('external_metadata_failure', { reason: messageOf(error) }))
    }
  }

  /** A view before has had all of it. */
  wasDone(): void {
    this.#phase = 'done'
    this.#percent = 100
    this.#told = this.received
  }

  /** True until it ended in whatever way. One that is done lives until its entry is consumed. */
  get live(): boolean {
    return this.#phase !== 'ended'
  }

  /** Nothing more is on its way. */
  get hasAll(): boolean {
    return this.#phase !== 'sending'
  }

  /** Bytes that the browser says have gone where they go. */
  get received(): number {
    return Math.floor((this.#options.clientSize * this.#percent) / 100)
  }

  get sha256(): undefined {
    return undefined
  }

  /** What `confirm` came to, or the metadata. Only when it is done. */
  meta(): unknown {
    return this.#meta?.meta
  }

  /** The browser says so. Resolves at 100, when that is known to be true, or is not: with whether it is. */
  reached(percent: number): Promise<boolean> | undefined {
    if (percent >= 100) {
      // Whoever says it over and over is answered at once.
      if (this.#waiting >= mostWaiting) return undefined
      this.#waiting++
      this.#confirming ??= this.#confirm()
      return this.#confirming.finally(() => this.#waiting--)
    }
    if (this.#phase !== 'sending') return undefined
    this.#percent = percent
    this.#tellSent()
    this.#options.onReached(percent)
    return undefined
  }

  /** A browser that begins anew says less than before: that is told once it is more. */
  #tellSent(): void {
    const { received } = this
    if (received <= this.#told) return
    this.#options.onSent(received - this.#told)
    this.#told = received
  }

  async #confirm(): Promise<boolean> {
    if (this.#phase !== 'sending') return this.#phase === 'done'
    this.#phase = 'confirming'
    this.#percent = 100
    this.#options.onConfirming()
    try {
      await this.#inTime('confirm', () => this.#know())
    } catch (error) {
      if (!this.#hasEnded()) {
        this.#options.report(error)
        this.fail(uploadError('external_client_failure', { reason: messageOf(error) }))
      }
      return false
    }
    if (this.#hasEnded()) return false
    this.#phase = 'done'
    this.#tellSent()
    this.#options.onDone()
    return true
  }

  /** What the view is handed. */
  async #know(): Promise<void> {
    const file = await this.#source.open()
    this.#meta = { meta: file.confirm === undefined ? file.meta : await file.confirm() }
    // That the next view does not know it is no reason to fail this one.
    if (this.#phase === 'confirming') await this.#source.whole().catch((error: unknown) => this.#options.report(error))
  }

  #inTime<T>(what: string, run: () => Promise<T>): Promise<T> {
    const startTimer = (ms: number, fire: () => void): Timer => (this.#timer = this.#options.startTimer(ms, fire))
    return inTime(
      this.#call(run),
      confirmFor,
      startTimer,
      () => new Error(`${what} took more than ${confirmFor / 1000} s`),
    )
  }

  /** What the browser's uploader is answered. Never rejects. */
  ask(question: unknown): Promise<ExternalReply> {
    const text = printed(question)
    if (this.#phase !== 'sending' || text === undefined) return Promise.resolve(gone)
    const before = this.#asked.get(text)
    if (before !== undefined) return before
    if (this.#asked.size >= mostQuestions) return Promise.resolve(busy)
    const answered = this.#answer(question).finally(() => this.#asked.delete(text))
    this.#asked.set(text, answered)
    return answered
  }

  async #answer(question: unknown): Promise<ExternalReply> {
    try {
      const file = await this.#source.open()
      if (question === whereQuestion) return this.#hasEnded() ? gone : { answer: file.meta }
      if (file.answer === undefined) return gone
      const answer = await this.#call(() => file.answer!(question))
      if (this.#hasEnded()) return gone
      if (answer === undefined) return { answer: null }
      // What JSON cannot say must not break the message that it would go with.
      if (printed(answer) === undefined) throw new TypeError('external: answer must resolve to what is JSON')
      return { answer }
    } catch (error) {
      if (this.#hasEnded()) return gone
      this.#options.report(error)
      return failed
    }
  }

  /** Runs one of the application's functions; what it has comes last waits for it. */
  #call<T>(run: () => T | Promise<T>): Promise<T> {
    const running = (async () => run())()
    const settled = running.then(
      () => {},
      () => {},
    )
    this.#running.add(settled)
    void settled.then(() => this.#running.delete(settled))
    return running
  }

  /** It failed, whoever says so. */
  fail(error: UploadError): void {
    if (this.#phase === 'ended') return
    this.close()
    this.#options.onFailed(error)
  }

  /** Ends it in good order: consumed or cancelled. */
  close(): void {
    this.#phase = 'ended'
    this.#timer?.cancel()
  }

  /** Lets go of it. Call it after it ended; waits for what the application still does for it. */
  release(outcome: Outcome): Promise<void> {
    return (this.#released ??= this.#settled().then(() => this.#source.release(outcome)))
  }

  /** Leaves it to the next view, when the consume that runs has settled. */
  async leave(claim: Promise<unknown> | undefined): Promise<void> {
    this.close()
    await this.#source.leave(Promise.all([claim, this.#settled()]))
  }

  /** Its page asks for leave anew. */
  async pause(): Promise<void> {
    this.close()
    await this.#settled()
    await this.#source.pause()
  }

  /** Of one that a view before has had it is only known now what the view is handed. */
  async beginConsume(): Promise<boolean> {
    if (this.#meta === undefined) await this.#inTime('confirm', () => this.#know())
    return this.#source.beginConsume()
  }

  endConsume(): Promise<void> {
    return this.#source.endConsume()
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#running)
  }

  #hasEnded(): boolean {
    return this.#phase === 'ended'
  }
}
