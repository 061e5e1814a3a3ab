/**
 * Moves the bytes of one entry from its channel to its writer: one chunk at a time, each answered after it is written, counted
 * against the declared size, and held to a time. It owns the writer from the join until the entry is consumed or dropped.
 */
import { messageOf } from '../errors.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { TempFileMeta, UploadWriter } from './writer.ts'

/** The channel's way to the page. */
export interface UploadOutlet {
  reply(ref: string | null, status: 'ok' | 'error', response: object): void
  /** An orderly end: consumed or cancelled. The client goes on without the file. */
  close(): void
  /** A failure. The client reports the file as failed. */
  error(): void
}

export interface Timer {
  cancel(): void
}

/** What the channel needs, and whom it tells. */
export interface UploadChannelOptions {
  readonly clientSize: number
  readonly chunkSize: number
  readonly chunkTimeout: number
  readonly outlet: UploadOutlet
  /** `undefined`: the channel ended before its turn came. */
  openWriter(): Promise<UploadWriter<TempFileMeta> | undefined>
  startTimer(ms: number, fire: () => void): Timer
  onWritten(received: number): void
  onDone(): void
  onFailed(error: UploadError): void
  /** The client left before the first byte and may join again. */
  onReturned(): void
  /** The writer failed: what the world did, for whoever watches it. */
  report(error: unknown): void
}

type Phase = 'opening' | 'open' | 'writing' | 'done' | 'ended'

export class UploadChannel {
  readonly #options: UploadChannelOptions
  #phase: Phase = 'opening'
  #joinRef: string | null = null
  #received = 0
  #writer: UploadWriter<TempFileMeta> | undefined
  #writerClosed = false
  #timer: Timer | undefined
  /** The writer's call that runs; it never rejects. */
  #work: Promise<void> = Promise.resolve()

  constructor(options: UploadChannelOptions) {
    this.#options = options
  }

  /** Bytes that came, those of the chunk that is being written included. */
  get received(): number {
    return this.#received
  }

  /** True until the channel ended in whatever way. A done channel lives until its entry is consumed. */
  get live(): boolean {
    return this.#phase !== 'ended'
  }

  /** All bytes have come, though the last may still be on their way to the writer. */
  get hasAll(): boolean {
    return this.#received === this.#options.clientSize
  }

  /**
   * Whether a chunk of so many bytes is what an honest client sends next: a whole one, or the last, and none before the one that it
   * follows was answered.
   */
  awaits(bytes: number): boolean {
    const { clientSize, chunkSize } = this.#options
    return this.#phase === 'open' && (bytes === chunkSize || this.#received + bytes === clientSize)
  }

  /** Answers the join `ref` once the writer is open. */
  open(ref: string | null): void {
    this.#joinRef = ref
    this.#arm()
    this.#work = this.#open(ref)
  }

  async #open(ref: string | null): Promise<void> {
    const { openWriter, outlet, report } = this.#options
    try {
      this.#writer = await openWriter()
    } catch (error) {
      report(error)
      this.#fail(writerFailure(error), ref, { reason: 'writer_error' })
      return
    }
    if (this.#phase === 'ended') return
    this.#phase = 'open'
    this.#arm()
    outlet.reply(ref, 'ok', {})
  }

  /** `letGo`: called when nothing here holds the bytes any more, at once or later. */
  chunk(ref: string | null, bytes: Uint8Array, letGo: () => void = () => {}): void {
    const writing = this.#take(ref, bytes)
    if (writing === undefined) letGo()
    else void writing.then(letGo)
  }

  /** `undefined` when the chunk is refused. */
  #take(ref: string | null, bytes: Uint8Array): Promise<void> | undefined {
    const { clientSize, chunkSize } = this.#options
    if (this.#phase === 'ended') return undefined
    const tooMuch = { reason: 'file_size_limit_exceeded', limit: clientSize }
    if (this.#phase === 'done') {
      // What is complete stays so: it may be in the middle of being consumed.
      this.#options.outlet.reply(ref, 'error', tooMuch)
      return undefined
    }
    if (this.#received + bytes.length > clientSize) {
      this.#fail(uploadError('size_exceeded', { clientSize }), ref, tooMuch)
      return undefined
    }
    const broken = this.#phase !== 'open' ? 'a chunk before the last was answered' : sizeFault(bytes.length, chunkSize)
    if (broken !== undefined) {
      this.#fail(uploadError('upload_failed', { reason: broken }), ref, { reason: 'invalid_chunk' })
      return undefined
    }
    this.#phase = 'writing'
    this.#received += bytes.length
    return (this.#work = this.#write(ref, bytes))
  }

  async #write(ref: string | null, bytes: Uint8Array): Promise<void> {
    const { clientSize, outlet, report, onWritten, onDone } = this.#options
    const last = this.#received === clientSize
    try {
      await this.#writer!.write(bytes)
      // Ended meanwhile: the release behind this write closes the writer.
      if (this.#ended()) return
      if (last) {
        this.#writerClosed = true
        await this.#writer!.close('done')
      }
    } catch (error) {
      report(error)
      this.#fail(writerFailure(error), ref, { reason: 'writer_error' })
      return
    }
    if (this.#ended()) return
    this.#phase = last ? 'done' : 'open'
    if (last) {
      this.#timer?.cancel()
      onDone()
    } else {
      this.#arm()
      onWritten(this.#received)
    }
    outlet.reply(ref, 'ok', {})
  }

  /** The client leaves. Before the first byte it may come back; after the last the file is complete without it. */
  leave(ref: string | null): void {
    this.#options.outlet.reply(ref, 'ok', {})
    if (this.#phase === 'ended' || this.#phase === 'done') return
    if (this.#received === 0) {
      this.#phase = 'ended'
      this.#options.onReturned()
    } else {
      this.#end(uploadError('upload_failed', { reason: 'the browser left the upload' }))
    }
  }

  /** The client says that it gave up. */
  fail(error: UploadError): void {
    if (this.#phase === 'ended') return
    this.#end(error)
    this.#options.outlet.error()
  }

  /** Ends the channel in good order. A chunk that is on its way is never answered. */
  close(): void {
    if (this.#phase === 'ended') return
    const { outlet } = this.#options
    // The client asks again and again for a join that was closed before it was answered.
    if (this.#phase === 'opening') outlet.reply(this.#joinRef, 'ok', {})
    this.#phase = 'ended'
    this.#timer?.cancel()
    outlet.close()
  }

  /** Lets go of what was written. Call once, after the channel ended; waits for the write that runs. */
  async release(outcome: 'consumed' | 'cancel' | { readonly error: unknown }): Promise<void> {
    this.#timer?.cancel()
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

  /** What the writer hands to the view. Only for a done channel. */
  meta(): TempFileMeta {
    return this.#writer!.meta()
  }

  #ended(): boolean {
    return this.#phase === 'ended'
  }

  #fail(error: UploadError, ref: string | null, response: object): void {
    if (this.#phase === 'ended') return
    this.#options.outlet.reply(ref, 'error', response)
    this.#end(error)
  }

  #end(error: UploadError): void {
    this.#phase = 'ended'
    this.#timer?.cancel()
    this.#options.onFailed(error)
  }

  /** The client waits this long for an answer; one that comes later would never be heard. */
  #arm(): void {
    const { chunkTimeout, startTimer } = this.#options
    this.#timer?.cancel()
    this.#timer = startTimer(chunkTimeout, () => this.fail(uploadError('chunk_timeout', { chunkTimeout })))
  }
}

function sizeFault(length: number, chunkSize: number): string | undefined {
  if (length === 0) return 'an empty chunk'
  return length > chunkSize ? `a chunk of ${length} bytes where ${chunkSize} were allowed` : undefined
}

function writerFailure(error: unknown): UploadError {
  return uploadError('writer_failure', { reason: messageOf(error) })
}
