/**
 * Takes the bytes of one entry from requests that follow one another, and keeps what came when one breaks: the second way to a receiver,
 * beside the channel. It knows no HTTP; `server/upload-requests.ts` speaks that.
 */
import type { FileProof } from '../protocol/http-uploads.ts'
import { isProofOf } from '../token/proof.ts'
import type { Timer } from './channel.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { Receiver, Taken } from './receiver.ts'

export interface UploadResourceOptions {
  /** How long a request may bring nothing before it ends, in ms. */
  readonly chunkTimeout: number
  /** How long the entry waits for the next request, in ms. */
  readonly resumeFor: number
  /** The same while it is paused. */
  readonly pausedFor: number
  startTimer(ms: number, fire: () => void): Timer
  /** What is there was sent by another page: the first request proves that it has the same file, or begins anew. */
  readonly proof?: FileProof | undefined
  /** The first byte is on its way. */
  onStarted(): void
  /** A request is about to bring bytes. */
  onComing(): void
  /** A request brings no more of what it was to bring, and there is no other. */
  onBroken(): void
}

/**
 * What became of a request's bytes. `broken`: no more came of them, or another request came; `paused`: no more are taken for now; `full`:
 * there is no room for them now. What had come counts.
 */
export type Appended = 'written' | 'done' | 'too_long' | 'broken' | 'paused' | 'ended' | 'full'

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

export class UploadResource {
  readonly #receiver: Receiver
  readonly #options: UploadResourceOptions
  /** The requests that have come, one behind the other. Never rejects. */
  #line: Promise<unknown>
  #arrived = 0
  /** Whose turn it is. */
  #turn = 0
  /** Of the request whose bytes are being taken. */
  #reader: Reader | undefined
  #handedOver = false
  #paused = false
  #timer: Timer | undefined
  #failed = false
  #done = false
  #started = false
  #proven = false

  constructor(receiver: Receiver, options: UploadResourceOptions) {
    this.#receiver = receiver
    this.#options = options
    this.#line = receiver.settled
    this.#done = receiver.phase === 'done'
    if (!this.#done) this.#wait()
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

  /** How long it waits for the next request, in ms. */
  get resumeFor(): number {
    return this.#options.resumeFor
  }

  /**
   * Does what a request asks for, when those before it are through: its coming ends the one whose bytes are being taken. The offset is certain
   * as long as it takes.
   */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const number = ++this.#arrived
    this.#reader?.stop()
    const ran = this.#line.then(() => {
      this.#turn = number
      return run()
    })
    this.#line = ran.catch(() => {})
    return ran
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

  /** Takes what a request brings, from the offset on. Call it in its turn, while `open`. `ends`: the file ends with it. */
  async append(body: AsyncIterable<Uint8Array>, ends: boolean): Promise<Appended> {
    // Whoever sends another has given this one up.
    if (this.#turn !== this.#arrived) return 'broken'
    if (this.#paused) return 'paused'
    this.#timer?.cancel()
    const reader = (this.#reader = new Reader(body, this.#options))
    try {
      const appended = await this.#take(reader, ends)
      if (appended !== 'broken' && appended !== 'full') return appended
      if (this.#paused) return 'paused'
      if (this.#turn === this.#arrived) this.#options.onBroken()
      return appended
    } finally {
      this.#reader = undefined
      reader.stop()
      if (this.state === 'open') this.#wait()
    }
  }

  /** Takes no bytes until it is resumed. The request that brings some ends. */
  pause(): void {
    this.#paused = true
    if (this.#reader === undefined) this.#wait()
    else this.#reader.stop()
  }

  resume(): void {
    this.#paused = false
    if (this.#reader === undefined) this.#wait()
  }

  async #take(reader: Reader, ends: boolean): Promise<Appended> {
    if (!this.#started) {
      this.#started = true
      this.#options.onStarted()
    }
    this.#options.onComing()
    if (!this.#goesOn(await this.#receiver.open())) return 'ended'
    if (!(await this.#receiver.isOurs())) {
      this.fail(uploadError('interrupted', {}))
      return 'ended'
    }
    for (;;) {
      const next = await reader.next()
      if (!this.#receiver.live) return 'ended'
      if (next === undefined) return 'broken'
      if (next === 'end') break
      if (next.length === 0) continue
      if (this.#receiver.received + next.length > this.#receiver.clientSize) {
        this.fail(uploadError('size_exceeded', { clientSize: this.#receiver.clientSize }))
        return 'too_long'
      }
      const taken = await this.#receiver.write(next)
      if (taken.what === 'full') return 'full'
      if (!this.#goesOn(taken)) return 'ended'
    }
    if (!ends || !this.#receiver.hasAll) return 'written'
    const finished = await this.#receiver.finish()
    this.#done = finished.what === 'done'
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
    this.#timer?.cancel()
    this.#reader?.stop()
  }

  #wait(): void {
    const { startTimer, resumeFor, pausedFor } = this.#options
    this.#timer?.cancel()
    this.#timer = startTimer(this.#paused ? pausedFor : resumeFor, () => this.fail(uploadError('interrupted', {})))
  }
}

/** Reads what a request brings, and can be stopped while it waits. */
class Reader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #options: UploadResourceOptions
  /** Ends the wait for the next chunk. */
  #wake: (() => void) | undefined
  #stopped = false
  #timer: Timer | undefined
  /** Something came since the clock was last looked at. */
  #fresh = true

  constructor(body: AsyncIterable<Uint8Array>, options: UploadResourceOptions) {
    this.#chunks = body[Symbol.asyncIterator]()
    this.#options = options
    this.#watch()
  }

  /** `undefined`: the peer has gone, or brought nothing for too long, or another request came. */
  async next(): Promise<Uint8Array | 'end' | undefined> {
    if (this.#stopped) return undefined
    const next = await new Promise<IteratorResult<Uint8Array> | undefined>((resolve) => {
      this.#wake = () => resolve(undefined)
      this.#chunks.next().then(resolve, () => resolve(undefined))
    })
    this.#wake = undefined
    this.#fresh = true
    if (next === undefined || this.#stopped) return undefined
    return next.done === true ? 'end' : next.value
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#timer?.cancel()
    this.#wake?.()
    // What reads on is told so; a broken body has nobody left to tell.
    this.#chunks.return?.().catch(() => {})
  }

  /** While the writer works nothing is read: then the silence is ours. */
  #watch(): void {
    const { chunkTimeout, startTimer } = this.#options
    this.#timer = startTimer(chunkTimeout, () => {
      if (this.#fresh || this.#wake === undefined) {
        this.#fresh = false
        this.#watch()
      } else this.stop()
    })
  }
}
