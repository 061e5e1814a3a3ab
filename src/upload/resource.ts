/**
 * Takes the bytes of one entry from requests that follow one another, and keeps what came when one breaks: the second way to a receiver,
 * beside the channel. It knows no HTTP; `server/upload-requests.ts` speaks that.
 */
import type { FileProof } from '../protocol/http-uploads.ts'
import { isProofOf } from '../token/proof.ts'
import { BodyReader } from './body-reader.ts'
import { holdFor } from './admission-times.ts'
import type { Timer } from '../time/timer.ts'
import { EntryClock } from './entry-clock.ts'
import { type UploadError, uploadError } from './errors.ts'
import { keepApart, type PartProof, type Unproven } from './proven-part.ts'
import { bytesOf, type Receiver, type Taken } from './receiver.ts'
import type { SendTurn } from './send-turn.ts'

export interface UploadResourceOptions {
  /** How long a request may bring nothing before it ends, in ms. */
  readonly chunkTimeout: number
  /** How long the entry waits for more, once something has come, in ms. */
  readonly resumeFor: number
  /** The same while it is paused. */
  readonly pausedFor: number
  /** Bytes a second that a request has to bring at least. @default 100 */
  readonly leastRate?: number | undefined
  now(): number
  /** Each part has to prove itself by a digest. */
  readonly verify: boolean
  startTimer(ms: number, fire: () => void): Timer
  /** What is there was sent by another page: the first request proves that it has the same file, or begins anew. */
  readonly proof?: FileProof | undefined
  /** What says when it may be sent; absent where it may at once. */
  readonly pass?: SendTurn | undefined
  /** The first byte is on its way. */
  onStarted(): void
  /** A request is about to bring bytes. */
  onComing(): void
  /** A request brings no more of what it was to bring, and there is no other. */
  onBroken(): void
}

/**
 * What became of a request's bytes. `broken`: no more came of them, or another request came; `paused`: no more are taken for now; `full`:
 * there is no room for them now; `queued`: others go first. What had come counts.
 */
export type Appended = 'written' | 'done' | 'paused' | 'ended' | 'full' | 'queued' | Unproven

/** Whether it takes bytes. `done`: it has all, also when the entry has been consumed since. `gone`: cancelled, or handed to a channel. */
export type ResourceState = 'open' | 'done' | 'failed' | 'gone'

/** Where resources are found by their URLs. */
export interface ResourceShelf {
  /** Only requests of the visitor reach it. */
  add(resource: UploadResource, visitorId: string, id: string): ResourcePlace
}

/** A resource's place there. */
export interface ResourcePlace {
  readonly url: string
  /** Has another resource answer at the URL. */
  put(resource: UploadResource): void
  remove(): void
}

/** Slower than any network that people wait for. */
const leastRate = 100

/** There is more to come, and nobody brings it now. */
const unfinished: ReadonlySet<Appended> = new Set(['broken', 'full', 'mismatch', 'no_room', 'too_large'])

export class UploadResource {
  readonly #receiver: Receiver
  readonly #options: UploadResourceOptions
  /** Bytes that a request has to bring within `chunkTimeout`. */
  readonly #leastBytes: number
  /** Runs from the first request on: before that the browser may have it wait behind others. */
  readonly #clock: EntryClock
  /** The requests that have come, one behind the other. Never rejects. */
  #line: Promise<unknown>
  #arrived = 0
  /** Whose turn it is. */
  #turn = 0
  /** Of the request whose bytes are being taken. */
  #reader: BodyReader | undefined
  #handedOver = false
  #paused = false
  #failed = false
  #done = false
  #started = false
  #proven = false

  constructor(receiver: Receiver, options: UploadResourceOptions) {
    this.#receiver = receiver
    this.#options = options
    this.#line = receiver.settled
    this.#done = receiver.phase === 'done'
    this.#leastBytes = Math.ceil(((options.leastRate ?? leastRate) * options.chunkTimeout) / 1000)
    this.#clock = new EntryClock({
      lasts: options.resumeFor,
      worth: this.#leastBytes,
      now: () => options.now(),
      startTimer: (ms, fire) => options.startTimer(ms, fire),
      over: () => this.#waitedForLong(),
    })
  }

  get state(): ResourceState {
    if (this.#done) return 'done'
    if (this.#failed) return 'failed'
    return this.#handedOver || !this.#receiver.live ? 'gone' : 'open'
  }

  /** Bytes that are written, for whoever asks in its turn. */
  get offset(): number {
    return this.#receiver.received
  }

  /** Bytes of the whole. */
  get length(): number {
    return this.#receiver.clientSize
  }

  /** How long it still waits for more, in ms. */
  get timeLeft(): number {
    return this.#clock.left
  }

  get verifies(): boolean {
    return this.#options.verify
  }

  /**
   * Does what a request asks for, when those before it are through: its coming ends the one whose bytes are being taken. The offset is certain
   * as long as it takes.
   */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const number = ++this.#arrived
    this.stop()
    const ran = this.#line.then(() => {
      this.#turn = number
      return run()
    })
    this.#line = ran.catch(() => {})
    return ran
  }

  /**
   * Waits for its turn to be sent, some seconds at most. `undefined`: it has come. Call it in the request's turn, while `open`. `signal`:
   * whoever asks has gone.
   */
  async comesUp(signal?: AbortSignal): Promise<'queued' | 'broken' | 'paused' | 'ended' | undefined> {
    const { pass } = this.#options
    // Whoever sends another request has given this one up.
    if (this.#turn !== this.#arrived) return 'broken'
    if (this.#paused) return 'paused'
    if (pass === undefined || pass.hasTurn) return undefined
    if (this.#clock.left < this.#options.resumeFor) this.#clock.renew()
    const gone = (): void => pass.giveUp()
    signal?.addEventListener('abort', gone, { once: true })
    const comes = signal?.aborted !== true && (await pass.comes(holdFor))
    signal?.removeEventListener('abort', gone)
    if (!this.#receiver.live) return 'ended'
    if (this.#turn !== this.#arrived) return 'broken'
    if (this.#paused) return 'paused'
    return comes ? undefined : 'queued'
  }

  /** What is there may be of another file. */
  get isUnproven(): boolean {
    return this.#options.proof !== undefined && !this.#proven
  }

  /** What the first request says for the file's proof. Call it in its turn, before the offset is told; later ones are not asked. */
  async prove(claim: string | undefined): Promise<void> {
    const { proof } = this.#options
    if (proof === undefined || !this.isUnproven || this.state !== 'open') return
    this.#proven = true
    if (!this.#goesOn(await this.#receiver.open())) return
    const { nonce, from, to } = proof
    const passes = (bytes: Uint8Array): boolean => claim !== undefined && isProofOf(bytes, nonce, claim)
    this.#goesOn(await this.#receiver.check(from, to, passes))
  }

  /**
   * Takes what a request brings, from the offset on. Call it in its turn, while `open`. `ends`: the file ends with it. `digest`: what it has to
   * be, or nothing of it counts.
   */
  async append(
    body: AsyncIterable<Uint8Array>,
    ends: boolean,
    digest?: PartProof,
    signal?: AbortSignal,
  ): Promise<Appended> {
    const waits = await this.comesUp(signal)
    if (waits !== undefined) return waits
    this.#clock.start(this.offset)
    const { chunkTimeout, startTimer } = this.#options
    const reader = (this.#reader = new BodyReader(body, { chunkTimeout, startTimer, leastBytes: this.#leastBytes }))
    try {
      const appended = (await this.#open())
        ? await (digest === undefined ? this.#take(reader, ends) : this.#takeProven(reader, ends, digest))
        : 'ended'
      if (!unfinished.has(appended)) return appended
      if (this.#paused) return 'paused'
      if (this.#turn === this.#arrived) this.#options.onBroken()
      return appended
    } finally {
      this.#reader = undefined
      reader.stop()
    }
  }

  /** Takes no bytes until it is resumed. The request that brings some ends. */
  pause(): void {
    this.#paused = true
    this.#clock.start(this.offset)
    this.#clock.waitFor(this.#options.pausedFor)
    this.stop()
  }

  resume(): void {
    this.#paused = false
    if (this.#started) this.#clock.waitFor(this.#options.resumeFor)
    else this.#clock.rest()
  }

  async #open(): Promise<boolean> {
    if (!this.#started) {
      this.#started = true
      this.#options.onStarted()
    }
    this.#options.onComing()
    return this.#goesOn(await this.#receiver.open()) && this.#isOurs()
  }

  async #isOurs(): Promise<boolean> {
    if (await this.#receiver.isOurs()) return true
    this.fail(uploadError('interrupted', {}))
    return false
  }

  async #takeProven(reader: BodyReader, ends: boolean, digest: PartProof): Promise<Appended> {
    const { clientSize, received } = this.#receiver
    const kept = await keepApart(() => reader.next(), digest, clientSize - received)
    if (!this.#receiver.live) return 'ended'
    if (kept === 'too_long') this.#failAsTooLong()
    if (typeof kept === 'string') return kept
    if (!(await this.#isOurs())) return 'ended'
    const pieces = [kept]
    return this.#take({ next: async () => pieces.pop() ?? 'end' }, ends)
  }

  #failAsTooLong(): void {
    this.fail(uploadError('size_exceeded', { clientSize: this.#receiver.clientSize }))
  }

  async #take(reader: Pick<BodyReader, 'next'>, ends: boolean): Promise<Appended> {
    for (;;) {
      const next = await reader.next()
      if (!this.#receiver.live) return 'ended'
      if (next === undefined) return 'broken'
      if (next === 'end') break
      if (this.#receiver.received + bytesOf(next) > this.#receiver.clientSize) {
        this.#failAsTooLong()
        return 'too_long'
      }
      const taken = await this.#receiver.write(next)
      if (taken.what === 'full') {
        // It is our disk that keeps it waiting.
        this.#clock.renew()
        return 'full'
      }
      if (!this.#goesOn(taken)) return 'ended'
      this.#clock.reached(this.offset)
    }
    if (!ends || !this.#receiver.hasAll) return 'written'
    const finished = await this.#receiver.finish()
    this.#done = finished.what === 'done'
    if (this.#done) this.#clock.stop()
    return this.#done || this.#goesOn(finished) ? 'done' : 'ended'
  }

  #goesOn(taken: Taken): boolean {
    if (taken.what === 'failed') this.fail(taken.error)
    return this.#receiver.live
  }

  /** It failed, whoever says so. */
  fail(error: UploadError): void {
    if (!this.#receiver.live) return
    this.#failed = true
    this.#receiver.fail(error)
    this.#end()
  }

  /** Ends the request that runs. */
  stop(): void {
    this.#reader?.stop()
    this.#options.pass?.giveUp()
  }

  /** Something else carries the bytes from now on. */
  handOver(): void {
    this.#handedOver = true
    this.#end()
  }

  /** Ends it in good order: consumed or cancelled. */
  close(): void {
    if (!this.#receiver.live) return
    this.#receiver.end()
    this.#end()
  }

  #end(): void {
    this.#clock.stop()
    this.stop()
  }

  #waitedForLong(): boolean {
    const { phase } = this.#receiver
    // It is our own writer that takes its time.
    if (phase === 'opening' || phase === 'writing') return false
    this.fail(uploadError('interrupted', {}))
    return true
  }
}
