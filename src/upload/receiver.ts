/**
 * Takes the bytes of one entry, whatever carries them: counts them against the declared size *before* they are written, drives the
 * writer, and owns it until the entry is consumed or dropped. It knows no transport and no clock.
 */
import { messageOf } from '../errors.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { TempFileMeta, UploadWriter } from './writer.ts'

export interface ReceiverOptions {
  /** Bytes that the browser declared: no more are taken. */
  readonly clientSize: number
  /** `undefined`: the entry ended before its turn came. */
  openWriter(): Promise<UploadWriter<TempFileMeta> | undefined>
  /** So many bytes are written, and more are to come. */
  onWritten(received: number): void
  onDone(): void
  onFailed(error: UploadError): void
  /** The writer failed: what the world did, for whoever watches it. */
  report(error: unknown): void
}

/** `new`: nobody has sent anything, and no writer is open. */
export type Phase = 'new' | 'opening' | 'open' | 'writing' | 'done' | 'ended'

/** What became of a call: `failed` is not an end yet; whoever called says so to its peer, and then calls {@link Receiver.fail}. */
export type Taken =
  | { readonly what: 'written' | 'done' | 'ended' }
  | { readonly what: 'failed'; readonly error: UploadError }

const written: Taken = { what: 'written' }
const done: Taken = { what: 'done' }
const ended: Taken = { what: 'ended' }

export class Receiver {
  readonly #options: ReceiverOptions
  #phase: Phase = 'new'
  #received = 0
  #writer: UploadWriter<TempFileMeta> | undefined
  #writerClosed = false
  /** The writer's call that runs; it never rejects. */
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  get phase(): Phase {
    return this.#phase
  }

  get clientSize(): number {
    return this.#options.clientSize
  }

  /** Bytes that came, those that are being written included. */
  get received(): number {
    return this.#received
  }

  /** True until it ended in whatever way. One that is done lives until its entry is consumed. */
  get live(): boolean {
    return this.#phase !== 'ended'
  }

  /** All bytes have come, though the last may still be on their way to the writer. */
  get hasAll(): boolean {
    return this.#received === this.#options.clientSize
  }

  /** Opens the writer, the first time. */
  open(): Promise<Taken> {
    if (this.#phase !== 'new') return this.#work.then(() => (this.#hasEnded() ? ended : written))
    this.#phase = 'opening'
    return this.#run(async () => {
      this.#writer = await this.#options.openWriter()
      if (this.#hasEnded()) return ended
      this.#phase = 'open'
      return written
    })
  }

  /** Writes what comes next. Call it while `open`, with no more than is missing. */
  write(bytes: Uint8Array): Promise<Taken> {
    this.#phase = 'writing'
    this.#received += bytes.length
    return this.#run(async () => {
      await this.#writer!.write(bytes)
      // Ended meanwhile: the release behind this write closes the writer.
      if (this.#hasEnded()) return ended
      this.#phase = 'open'
      if (!this.hasAll) this.#options.onWritten(this.#received)
      return written
    })
  }

  /** All that belongs to the file is written. Call it while `open`. */
  finish(): Promise<Taken> {
    this.#phase = 'writing'
    return this.#run(async () => {
      this.#writerClosed = true
      await this.#writer!.close('done')
      if (this.#hasEnded()) return ended
      this.#phase = 'done'
      this.#options.onDone()
      return done
    })
  }

  /** It failed, whoever says so. */
  fail(error: UploadError): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#options.onFailed(error)
  }

  /** Ends in good order: consumed, cancelled, or left before the first byte. */
  end(): void {
    this.#phase = 'ended'
  }

  /** Lets go of what was written. Call once, after it ended; waits for the write that runs. */
  async release(outcome: 'consumed' | 'cancel' | { readonly error: unknown }): Promise<void> {
    await this.#work
    const writer = this.#writer
    if (writer === undefined) return
    try {
      if (!this.#writerClosed) {
        this.#writerClosed = true
        await writer.close(outcome === 'consumed' ? 'done' : outcome)
      }
    } finally {
      await writer.dispose(outcome === 'consumed' ? 'consumed' : 'dropped')
    }
  }

  /** What the writer hands to the view. Only when it is done. */
  meta(): TempFileMeta {
    return this.#writer!.meta()
  }

  #run(work: () => Promise<Taken>): Promise<Taken> {
    const running = work().catch((error: unknown): Taken => {
      this.#options.report(error)
      return { what: 'failed', error: uploadError('writer_failure', { reason: messageOf(error) }) }
    })
    this.#work = running
    return running
  }

  #hasEnded(): boolean {
    return this.#phase === 'ended'
  }
}
