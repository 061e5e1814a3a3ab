/**
 * Moves the bytes of one entry from its channel to its receiver: one chunk at a time, each answered after it is written, and held to a
 * time.
 */
import type { Timer } from '../time/timer.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { Receiver, Taken } from './receiver.ts'
import type { SendTurn } from './send-turn.ts'

/** The channel's way to the page. */
export interface UploadOutlet {
  reply(ref: string | null, status: 'ok' | 'error', response: object): void
  /** An orderly end: consumed or cancelled. The client goes on without the file. */
  close(): void
  /** A failure. The client reports the file as failed. */
  error(): void
}

/** What the channel needs beside its receiver, and whom it tells. */
export interface UploadChannelOptions {
  readonly chunkSize: number
  readonly chunkTimeout: number
  readonly outlet: UploadOutlet
  startTimer(ms: number, fire: () => void): Timer
  /** Resolves when it is known whether what is done can be consumed; `undefined` when it is. */
  settling(): Promise<void> | undefined
  /** What says when it may be sent; absent where it may at once. */
  readonly pass?: SendTurn | undefined
  /** It may be sent now. */
  onTurn(): void
  /** The client left before the first byte and may join again. */
  onReturned(): void
}

export class UploadChannel {
  readonly #receiver: Receiver
  readonly #options: UploadChannelOptions
  #joinRef: string | null = null
  /** The join has no answer yet. */
  #opening = true
  /** It, or its next chunk, waits for its turn. */
  #queued = false
  #timer: Timer | undefined
  /** The last chunk, which waits for its answer until the file can be consumed: with it the client submits the form. */
  #last: { readonly ref: string | null } | undefined

  constructor(receiver: Receiver, options: UploadChannelOptions) {
    this.#receiver = receiver
    this.#options = options
  }

  /** True until the channel ended in whatever way. A done channel lives until its entry is consumed. */
  get live(): boolean {
    return this.#receiver.live
  }

  /**
   * Whether a chunk of so many bytes is what an honest client sends next: a whole one, or the last, and none before the one that it
   * follows was answered.
   */
  awaits(bytes: number): boolean {
    const { phase, received, clientSize } = this.#receiver
    return phase === 'open' && !this.#queued && (bytes === this.#options.chunkSize || received + bytes === clientSize)
  }

  /**
   * Answers the join `ref` once it may be sent and the writer is open: with the offset that the client goes on from, when bytes have come
   * some other way. The official client is patient: it joins anew, and keeps its place meanwhile.
   */
  open(ref: string | null): void {
    this.#joinRef = ref
    const { pass } = this.#options
    if (pass === undefined || pass.hasTurn) return this.#begin(ref)
    this.#queued = true
    void pass.comes().then((comes) => {
      this.#queued = false
      if (comes && this.live) this.#begin(ref)
    })
  }

  #begin(ref: string | null): void {
    this.#options.onTurn()
    this.#arm()
    void this.#open(ref)
  }

  async #open(ref: string | null): Promise<void> {
    const receiver = this.#receiver
    let opened = await receiver.open()
    // All of it came over HTTP, and the line went before that said so.
    if (receiver.phase === 'open' && receiver.hasAll) opened = await receiver.finish()
    this.#opening = false
    if (!this.#goesOn(opened, ref)) return
    if (receiver.phase === 'done') this.#timer?.cancel()
    else this.#arm()
    const { received } = receiver
    this.#options.outlet.reply(ref, 'ok', received === 0 ? {} : { offset: received })
  }

  /** `letGo`: called when nothing here holds the bytes any more, at once or later. */
  chunk(ref: string | null, bytes: Uint8Array, letGo: () => void = () => {}): void {
    const writing = this.#take(ref, bytes)
    if (writing === undefined) letGo()
    else void writing.then(letGo)
  }

  /** `undefined` when the chunk is refused. */
  #take(ref: string | null, bytes: Uint8Array): Promise<void> | undefined {
    const { phase, received, clientSize } = this.#receiver
    if (phase === 'ended') return undefined
    const tooMuch = { reason: 'file_size_limit_exceeded', limit: clientSize }
    if (phase === 'done') {
      // What is complete stays so: it may be in the middle of being consumed.
      this.#options.outlet.reply(ref, 'error', tooMuch)
      return undefined
    }
    if (received + bytes.length > clientSize) {
      this.#fail(uploadError('size_exceeded', { clientSize }), ref, tooMuch)
      return undefined
    }
    const early = 'a chunk before the last was answered'
    const broken = phase !== 'open' || this.#queued ? early : sizeFault(bytes.length, this.#options.chunkSize)
    if (broken !== undefined) {
      this.#fail(uploadError('upload_failed', { reason: broken }), ref, { reason: 'invalid_chunk' })
      return undefined
    }
    return this.#write(ref, bytes)
  }

  async #write(ref: string | null, bytes: Uint8Array): Promise<void> {
    const receiver = this.#receiver
    if (this.#options.pass?.hasTurn === false) {
      await this.#turnAgain()
      if (!this.live) return
    }
    let taken = await receiver.write([bytes])
    if (taken.what === 'written' && receiver.hasAll) taken = await receiver.finish()
    // The client of a channel does not wait for a disk.
    if (taken.what === 'full') taken = { what: 'failed', error: uploadError('storage_full', {}) }
    if (!this.#goesOn(taken, ref)) return
    if (taken.what === 'done') {
      this.#timer?.cancel()
      if (!(await this.#settled(ref))) return
    } else this.#arm()
    this.#options.outlet.reply(ref, 'ok', {})
  }

  /** False when it has ended meanwhile. */
  async #settled(ref: string | null): Promise<boolean> {
    const settling = this.#options.settling()
    if (settling === undefined) return true
    this.#last = { ref }
    await settling
    this.#last = undefined
    return this.live
  }

  /** Its turn was given to another, since nothing came. One chunk is let through now and then: the client waits for its answer only so long. */
  async #turnAgain(): Promise<void> {
    this.#queued = true
    this.#arm()
    await this.#options.pass!.comes(this.#options.chunkTimeout / 2)
    this.#queued = false
  }

  /** False when it ended, or failed and has been told. */
  #goesOn(taken: Taken, ref: string | null): boolean {
    if (taken.what === 'failed') this.#fail(taken.error, ref, { reason: 'writer_error' })
    return taken.what !== 'failed' && this.live
  }

  /** The client leaves. Before the first byte it may come back; after the last the file is complete without it. */
  leave(ref: string | null): void {
    const { phase, received } = this.#receiver
    this.#options.outlet.reply(ref, 'ok', {})
    if (phase === 'ended' || phase === 'done') return
    if (received === 0 || phase === 'new') {
      this.#end()
      this.#options.onReturned()
    } else {
      this.#timer?.cancel()
      this.#receiver.fail(uploadError('upload_failed', { reason: 'the browser left the upload' }))
    }
  }

  /** It failed, and not by what the client just sent: by its own word, or for want of any. */
  fail(error: UploadError): void {
    if (!this.live) return
    this.#timer?.cancel()
    this.#receiver.fail(error)
    // The client leaves an entry alone that failed so: the page says why.
    if (this.#last !== undefined) this.#options.outlet.reply(this.#last.ref, 'error', { reason: 'writer_error' })
    else this.#options.outlet.error()
  }

  /** Ends the channel in good order. A chunk that is on its way is never answered. */
  close(): void {
    if (!this.live) return
    const { outlet } = this.#options
    // The client asks again and again for a join that was closed before it was answered.
    if (this.#opening) outlet.reply(this.#joinRef, 'ok', {})
    this.#end()
    outlet.close()
  }

  #end(): void {
    this.#receiver.end()
    this.#timer?.cancel()
  }

  #fail(error: UploadError, ref: string | null, response: object): void {
    if (!this.live) return
    this.#options.outlet.reply(ref, 'error', response)
    this.#timer?.cancel()
    this.#receiver.fail(error)
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
