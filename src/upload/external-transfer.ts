/**
 * One entry that the browser sends elsewhere: none of its bytes come by here. It stands where a channel or a resource and their receiver stand
 * for others, hears from the browser how far it is, and asks whoever said where the file goes whether that is true.
 */
import { messageOf } from '../errors.ts'
import type { ExternalReply } from '../protocol/external-uploads.ts'
import type { Timer } from './channel.ts'
import { type UploadError, uploadError } from './errors.ts'
import { type ExternalFile, type ExternalMeta, printed } from './external.ts'
import { inTime } from './in-time.ts'
import type { Outcome } from './ledger.ts'

export interface ExternalTransferOptions {
  /** As the browser declared it: nobody here counts. */
  readonly clientSize: number
  startTimer(ms: number, fire: () => void): Timer
  /** The browser says that it is so far, in whole percent; less than 100. */
  onReached(percent: number): void
  /** The browser says that all of it is there. */
  onConfirming(): void
  /** It is there, as far as anybody knows. */
  onDone(): void
  onFailed(error: UploadError): void
  /** What the application's functions failed at. */
  report(error: unknown): void
}

/** How long `confirm` may take, in ms: the browser waits for its answer meanwhile. */
export const confirmFor = 15_000
/** Different questions of one entry that are being answered at once. */
export const mostQuestions = 8

/** A browser says it once, and again after its connection was lost. */
const mostWaiting = 8

const gone: ExternalReply = { error: 'gone' }
const busy: ExternalReply = { error: 'busy' }
const failed: ExternalReply = { error: 'failed' }

export class ExternalTransfer {
  readonly #file: ExternalFile
  readonly #options: ExternalTransferOptions
  #phase: 'sending' | 'confirming' | 'done' | 'ended' = 'sending'
  #percent = 0
  /** What the view is handed. */
  #meta: unknown
  #confirming: Promise<boolean> | undefined
  /** Messages of the browser that wait for it. */
  #waiting = 0
  #timer: Timer | undefined
  /** By their text: who asks the same again, since no answer came, has that of the first. */
  readonly #asked = new Map<string, Promise<ExternalReply>>()
  /** The application's calls that run; none of them rejects. */
  readonly #running = new Set<Promise<unknown>>()
  #released: Promise<void> | undefined

  constructor(file: ExternalFile, options: ExternalTransferOptions) {
    this.#file = file
    this.#options = options
    this.#meta = file.meta
  }

  /** What the browser's uploader is given. */
  get external(): ExternalMeta {
    return this.#file.meta
  }

  /** What has to be remembered of it to go on in another process. */
  get note(): unknown {
    return this.#file.note
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
    return this.#meta
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
    this.#options.onReached(percent)
    return undefined
  }

  async #confirm(): Promise<boolean> {
    if (this.#phase !== 'sending') return this.#phase === 'done'
    this.#phase = 'confirming'
    this.#percent = 100
    this.#options.onConfirming()
    try {
      if (this.#file.confirm !== undefined) this.#meta = await this.#inTime(this.#call(() => this.#file.confirm!()))
    } catch (error) {
      if (!this.#hasEnded()) {
        this.#options.report(error)
        this.fail(uploadError('external_client_failure', { reason: messageOf(error) }))
      }
      return false
    }
    if (this.#hasEnded()) return false
    this.#phase = 'done'
    this.#options.onDone()
    return true
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    const startTimer = (ms: number, fire: () => void): Timer => (this.#timer = this.#options.startTimer(ms, fire))
    return inTime(work, confirmFor, startTimer, () => new Error(`confirm took more than ${confirmFor / 1000} s`))
  }

  /** What the browser's uploader is answered. Never rejects. */
  ask(question: unknown): Promise<ExternalReply> {
    const text = printed(question)
    if (this.#phase !== 'sending' || this.#file.answer === undefined || text === undefined) return Promise.resolve(gone)
    const before = this.#asked.get(text)
    if (before !== undefined) return before
    if (this.#asked.size >= mostQuestions) return Promise.resolve(busy)
    const answered = this.#answer(question).finally(() => this.#asked.delete(text))
    this.#asked.set(text, answered)
    return answered
  }

  async #answer(question: unknown): Promise<ExternalReply> {
    try {
      const answer = await this.#call(() => this.#file.answer!(question))
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
    return (this.#released ??= this.#release(outcome === 'consumed' ? 'consumed' : 'dropped'))
  }

  async #release(outcome: 'consumed' | 'dropped'): Promise<void> {
    await Promise.all(this.#running)
    await this.#file.dispose?.(outcome)
  }

  /** Nothing of it outlives the view. */
  async leave(claim: Promise<unknown> | undefined): Promise<void> {
    this.close()
    await claim
    await this.release('cancel')
  }

  /** Its page asks for leave anew. */
  async pause(): Promise<void> {
    this.close()
    await this.release('cancel')
  }

  /** Nobody else has it. */
  beginConsume(): Promise<boolean> {
    return Promise.resolve(true)
  }

  endConsume(): Promise<void> {
    return Promise.resolve()
  }

  #hasEnded(): boolean {
    return this.#phase === 'ended'
  }
}
