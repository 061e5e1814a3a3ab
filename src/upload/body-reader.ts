/** Reads what a request brings, and can be stopped while it waits. What brings nothing, or next to nothing, is stopped by its clock. */
import type { Timer } from './channel.ts'

export interface BodyReaderOptions {
  /** How long a request may bring nothing before it ends, in ms. Over twice that long it may not bring less than {@link leastBytes}, either. */
  readonly chunkTimeout: number
  readonly leastBytes: number
  startTimer(ms: number, fire: () => void): Timer
}

export class BodyReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #options: BodyReaderOptions
  /** Ends the wait for the next chunk. */
  #wake: (() => void) | undefined
  #stopped = false
  #timer: Timer | undefined
  /** Bytes that came since the clock was last looked at. */
  #brought = 0
  /** It was asked for more since then. */
  #asked = true
  /** Too few had come when the clock was looked at. */
  #slow = false

  constructor(body: AsyncIterable<Uint8Array>, options: BodyReaderOptions) {
    this.#chunks = body[Symbol.asyncIterator]()
    this.#options = options
    this.#watch()
  }

  /** `undefined`: the peer has gone, or brought too little for too long, or another request came. */
  async next(): Promise<Uint8Array | 'end' | undefined> {
    if (this.#stopped) return undefined
    this.#asked = true
    const next = await new Promise<IteratorResult<Uint8Array> | undefined>((resolve) => {
      this.#wake = () => resolve(undefined)
      this.#chunks.next().then(resolve, () => resolve(undefined))
    })
    this.#wake = undefined
    if (next === undefined || this.#stopped) return undefined
    if (next.done === true) return 'end'
    this.#brought += next.value.length
    return next.value
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#timer?.cancel()
    this.#wake?.()
    // What reads on is told so; a broken body has nobody left to tell.
    this.#chunks.return?.().catch(() => {})
  }

  #watch(): void {
    const { chunkTimeout, startTimer } = this.#options
    this.#timer = startTimer(chunkTimeout, () => {
      if (this.#isTooSlow()) this.stop()
      else this.#watch()
    })
  }

  /** While the writer works nothing is read: then the silence is ours. It may have been for most of the time, so that once is forgiven. */
  #isTooSlow(): boolean {
    const isSilent = !this.#asked
    const wasSlow = this.#slow
    this.#slow = this.#brought < this.#options.leastBytes
    this.#brought = 0
    this.#asked = false
    if (this.#wake === undefined) return (this.#slow = false)
    return isSilent || (wasSlow && this.#slow)
  }
}
