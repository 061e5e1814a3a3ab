/**
 * Takes the bytes of one entry from requests that follow one another, and keeps what came when one breaks: the second way to a receiver,
 * beside the channel. It knows no HTTP; `server/upload-requests.ts` speaks that.
 */
import type { Timer } from './channel.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { Receiver, Taken } from './receiver.ts'

export interface UploadResourceOptions {
  /** How long a request may bring nothing before it ends, in ms. */
  readonly chunkTimeout: number
  /** How long the entry waits for the next request, in ms. */
  readonly resumeFor: number
  startTimer(ms: number, fire: () => void): Timer
  /** The first byte is on its way. */
  onStarted(): void
}

/** What became of a request's bytes. `broken`: no more came of them, or another request came; what had come counts. */
export type Appended = 'written' | 'done' | 'too_long' | 'broken' | 'ended'

/** Whether it takes bytes. `done`: it has all, also when the entry has been consumed since. `gone`: cancelled, or handed to a channel. */
export type ResourceState = 'open' | 'done' | 'failed' | 'gone'

/** Where resources are found by their URLs. */
export interface ResourceShelf {
  /** Only requests of the visitor reach it. */
  add(resource: UploadResource, visitorId: string): { readonly url: string; remove(): void }
}

/** A request whose bytes are being taken. */
interface Running {
  stop(): void
  readonly settled: Promise<unknown>
}

export class UploadResource {
  readonly #receiver: Receiver
  readonly #options: UploadResourceOptions
  #running: Running | undefined
  #handedOver = false
  #timer: Timer | undefined
  #failed = false
  #done = false
  #started = false

  constructor(receiver: Receiver, options: UploadResourceOptions) {
    this.#receiver = receiver
    this.#options = options
    this.#wait()
  }

  get state(): ResourceState {
    if (this.#done) return 'done'
    if (this.#failed) return 'failed'
    return this.#handedOver || !this.#receiver.live ? 'gone' : 'open'
  }

  /** Bytes that are written, once {@link turn} has resolved. */
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

  /** Ends the request that runs, and resolves when what it brought is written: now the offset is certain. */
  async turn(): Promise<void> {
    while (this.#running !== undefined) {
      this.#running.stop()
      await this.#running.settled
    }
  }

  /** Takes what a request brings, from the offset on. Call it right behind {@link turn}, while `open`. `ends`: the file ends with it. */
  async append(body: AsyncIterable<Uint8Array>, ends: boolean): Promise<Appended> {
    this.#timer?.cancel()
    const reader = new Reader(body, this.#options)
    const taking = this.#take(reader, ends)
    this.#running = { stop: () => reader.stop(), settled: taking }
    try {
      return await taking
    } finally {
      this.#running = undefined
      reader.stop()
      if (this.state === 'open') this.#wait()
    }
  }

  async #take(reader: Reader, ends: boolean): Promise<Appended> {
    if (!this.#started) {
      this.#started = true
      this.#options.onStarted()
    }
    if (!this.#goesOn(await this.#receiver.open())) return 'ended'
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
      if (!this.#goesOn(await this.#receiver.write(next))) return 'ended'
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
    this.#running?.stop()
  }

  #wait(): void {
    const { startTimer, resumeFor } = this.#options
    this.#timer = startTimer(resumeFor, () => this.fail(uploadError('interrupted', {})))
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
