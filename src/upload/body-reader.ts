/**
 * Reads what a request brings, a little ahead of whoever writes it, and can be stopped while it waits. What brings nothing, or next to
 * nothing, is stopped by its clock.
 */
import type { Timer } from '../time/timer.ts'

/** Bytes that may have come before they are asked for: they are written together. */
const mostAhead = 128 * 1024

export interface BodyReaderOptions {
  /** How long a request may bring nothing before it ends, in ms. Over twice that long it may not bring less than {@link leastBytes}, either. */
  readonly chunkTimeout: number
  readonly leastBytes: number
  startTimer(ms: number, fire: () => void): Timer
}

export class BodyReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #options: BodyReaderOptions
  /** What has come and was not asked for yet. */
  #ahead: Uint8Array[] = []
  #bytesAhead = 0
  #reading = false
  /** Nothing more comes: the peer has said all, or has gone. */
  #over: 'end' | 'broken' | undefined
  /** Ends the wait for what comes next. */
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

  /** What has come since, a piece at least. `undefined`: the peer has gone, or brought too little for too long, or another request came. */
  async next(): Promise<readonly Uint8Array[] | 'end' | undefined> {
    this.#asked = true
    this.#read()
    if (this.#ahead.length === 0 && this.#over === undefined && !this.#stopped) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
    if (this.#stopped) return undefined
    const pieces = this.#ahead
    // A request that broke has brought what came before.
    if (pieces.length === 0) return this.#over === 'end' ? 'end' : undefined
    this.#ahead = []
    this.#bytesAhead = 0
    this.#read()
    return pieces
  }

  #read(): void {
    if (this.#reading || this.#stopped || this.#over !== undefined || this.#bytesAhead >= mostAhead) return
    this.#reading = true
    this.#chunks.next().then(
      (next) => this.#came(next),
      () => this.#came(undefined),
    )
  }

  #came(next: IteratorResult<Uint8Array> | undefined): void {
    this.#reading = false
    if (next === undefined) this.#over = 'broken'
    else if (next.done === true) this.#over = 'end'
    else {
      // An empty piece says nothing.
      if (next.value.length > 0) this.#ahead.push(next.value)
      this.#bytesAhead += next.value.length
      this.#brought += next.value.length
      this.#read()
    }
    if (this.#ahead.length > 0 || this.#over !== undefined) this.#wake?.()
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
