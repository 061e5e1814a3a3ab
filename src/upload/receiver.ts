/**
 * Takes the bytes of one entry, whatever carries them: counts them against the declared size *before* they are written, drives the
 * writer, and owns it until the entry is consumed or dropped. It knows no transport and no clock.
 */
import { messageOf } from '../errors.ts'
import { createDigest, type Digest } from '../token/digest.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { HeadCheck } from './head-check.ts'
import { isFullDisk, type KeptFile, type KeptWriter, type Outcome } from './ledger.ts'
import type { UploadWriter } from './writer.ts'

export interface ReceiverOptions {
  /** Bytes that the browser declared: no more are taken. */
  readonly clientSize: number
  /** Takes the SHA-256 of all that is written. */
  readonly verify?: boolean | undefined
  /** The file that the bytes go to, and that outlives the receiver: with what it has. Absent: what `openWriter` opens. */
  readonly kept?: KeptFile<unknown> | undefined
  /** What the call that opens waits for. */
  readonly before?: Promise<unknown> | undefined
  /** What looks at the file while it comes, from its start; absent where nothing does. */
  readonly createCheck?: (() => HeadCheck) | undefined
  openWriter(): Promise<UploadWriter>
  /** So many bytes are written, and more are to come. */
  onWritten(received: number): void
  onDone(sha256: string | undefined): void
  onFailed(error: UploadError): void
  /** The writer failed: what the world did, for whoever watches it. */
  report(error: unknown): void
}

/** `new`: nobody has sent anything, and no writer is open. */
export type Phase = 'new' | 'opening' | 'open' | 'writing' | 'done' | 'ended'

/** What became of a call: `failed` is not an end yet; whoever called says so to its peer, and then calls {@link Receiver.fail}. */
export type Taken =
  /** `full`: the disk has no room for it; what was written before stays. */
  { readonly what: 'written' | 'done' | 'ended' | 'full' } | { readonly what: 'failed'; readonly error: UploadError }

const written: Taken = { what: 'written' }
const done: Taken = { what: 'done' }
const ended: Taken = { what: 'ended' }
const full: Taken = { what: 'full' }
/** Bytes that are read again at once. */
const pieceSize = 1024 * 1024

export function bytesOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}

export class Receiver {
  readonly #options: ReceiverOptions
  #phase: Phase = 'new'
  #received = 0
  #writer: UploadWriter | undefined
  /** The same, where it is one that is kept. */
  #keptWriter: KeptWriter<unknown> | undefined
  #anew = false
  #writerClosed = false
  #digest: Digest | undefined
  #check: HeadCheck | undefined
  #sha256: string | undefined
  /** The writer's call that runs; it never rejects. */
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: ReceiverOptions) {
    this.#options = options
    const { kept } = options
    if (kept === undefined) return
    this.#received = kept.received
    if (kept.done) this.#phase = 'done'
  }

  get phase(): Phase {
    return this.#phase
  }

  get clientSize(): number {
    return this.#options.clientSize
  }

  /** Bytes that came, those that are being written included. */
  get received(): number {
    // Until it is open another receiver may still be writing.
    return this.#phase === 'new' && this.#options.kept !== undefined ? this.#options.kept.received : this.#received
  }

  /** Resolves when {@link received} is certain: whoever had the file before has written what it was given. */
  get settled(): Promise<unknown> {
    return this.#options.before ?? Promise.resolve()
  }

  /** True until it ended in whatever way. One that is done lives until its entry is consumed. */
  get live(): boolean {
    return this.#phase !== 'ended'
  }

  /** All bytes have come, though the last may still be on their way to the writer. */
  get hasAll(): boolean {
    return this.received === this.#options.clientSize
  }

  /** Of the whole, in hex: once it is done, where it is taken; of one that was done before this process was, once its consume has begun. */
  get sha256(): string | undefined {
    return this.#sha256
  }

  /** Opens the writer, the first time. */
  open(): Promise<Taken> {
    if (this.#phase !== 'new') return this.#work.then(() => (this.#hasEnded() ? ended : written))
    this.#phase = 'opening'
    const { kept, before, openWriter } = this.#options
    return this.#run(async () => {
      if (before !== undefined) {
        await before
        if (this.#hasEnded()) return ended
      }
      this.#writer = kept === undefined ? await openWriter() : (this.#keptWriter = await kept.open())
      if (kept !== undefined) this.#received = kept.received
      if (this.#anew) await this.#beginAnew()
      if (this.#options.verify === true) this.#digest = await this.#digestSoFar()
      const refused = this.#options.createCheck === undefined ? undefined : await this.#checkSoFar()
      if (this.#hasEnded()) return ended
      if (refused !== undefined) return { what: 'failed', error: refused }
      this.#phase = 'open'
      return written
    })
  }

  /** What is there may be of another file. Call it before it is opened. */
  beginAnew(): void {
    this.#anew = true
  }

  async #beginAnew(): Promise<void> {
    await this.#keptWriter?.cutBack(0)
    this.#received = 0
    if (this.#digest !== undefined) this.#digest = createDigest('sha256')
    this.#check = this.#options.createCheck?.()
  }

  /** What is there is looked at again: whoever wrote it may have accepted something else. */
  async #checkSoFar(): Promise<UploadError | undefined> {
    const check = (this.#check = this.#options.createCheck?.())
    if (check === undefined || this.#received === 0) return undefined
    if (this.#options.kept?.isElsewhere === true) return this.#checkNoMore()
    const size = this.#received
    for (let at = 0; at < size && !check.isOver; at += pieceSize) {
      const to = Math.min(at + pieceSize, size)
      const refused = await check.look([await this.#keptWriter!.read(at, to)], at, to === this.#options.clientSize)
      if (refused !== undefined) return refused
    }
    return undefined
  }

  /** What was done was looked at when it came. What was not has to be sent again. */
  async #checkNoMore(): Promise<undefined> {
    if (this.#phase === 'done') this.#check = undefined
    else await this.#beginAnew()
    return undefined
  }

  get #looksAtMore(): boolean {
    return this.#check?.isOver === false
  }

  /** Looks at what comes next, before it is written. `undefined`: it may be. */
  async #look(pieces: readonly Uint8Array[], at: number): Promise<Taken | undefined> {
    const refused = await this.#check!.look(pieces, at, this.hasAll)
    if (this.#hasEnded()) return ended
    return refused === undefined ? undefined : { what: 'failed', error: refused }
  }

  /** Asks whether a range of what is there passes; begins anew when it does not. Call it while `open`. */
  async check(from: number, to: number, passes: (bytes: Uint8Array) => boolean): Promise<Taken> {
    this.#phase = 'writing'
    return this.#run(async () => {
      if (!passes(await this.#keptWriter!.read(from, to))) await this.#beginAnew()
      if (this.#hasEnded()) return ended
      this.#phase = 'open'
      this.#options.onWritten(this.#received)
      return written
    })
  }

  /** Whether the file is its still: a process that was frozen may have lost it. Call it while `open`, before each part. */
  async isOurs(): Promise<boolean> {
    return this.#keptWriter === undefined || (await this.#keptWriter.isOurs())
  }

  /** Writes what comes next. Call it while `open`, with no more than is missing. */
  write(pieces: readonly Uint8Array[]): Promise<Taken> {
    this.#phase = 'writing'
    const before = this.#received
    this.#received += bytesOf(pieces)
    return this.#run(async () => {
      const stopped = this.#looksAtMore ? await this.#look(pieces, before) : undefined
      if (stopped !== undefined) return stopped
      try {
        if (this.#keptWriter?.writeAll !== undefined) await this.#keptWriter.writeAll(pieces)
        else for (const piece of pieces) await this.#writer!.write(piece)
      } catch (error) {
        return await this.#cutBack(before, error)
      }
      for (const piece of pieces) this.#digest?.add(piece)
      // Ended meanwhile: the release behind this write closes the writer.
      if (this.#hasEnded()) return ended
      this.#phase = 'open'
      if (!this.hasAll) this.#options.onWritten(this.#received)
      return written
    })
  }

  /** A disk that is full now may have room later; whatever else went wrong stays wrong. */
  async #cutBack(received: number, error: unknown): Promise<Taken> {
    if (this.#keptWriter === undefined || !isFullDisk(error)) throw error
    await this.#keptWriter.cutBack(received)
    this.#received = received
    // What comes in its place may be something else.
    const refused = await this.#checkSoFar()
    if (this.#hasEnded()) return ended
    if (refused !== undefined) return { what: 'failed', error: refused }
    this.#phase = 'open'
    return full
  }

  /** All that belongs to the file is written. Call it while `open`. */
  finish(): Promise<Taken> {
    this.#phase = 'writing'
    return this.#run(async () => {
      // Of a file without any bytes nothing was looked at.
      const stopped = this.#looksAtMore ? await this.#look([], this.#received) : undefined
      if (stopped !== undefined) return stopped
      this.#writerClosed = true
      await this.#writer!.close('done')
      if (this.#hasEnded()) return ended
      this.#phase = 'done'
      this.#sha256 = this.#digest?.hex()
      this.#options.onDone(this.#sha256)
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

  /** Ends it, and leaves the file as it is for whoever lists it next. `claim`: what is being done with it. */
  leave(claim: Promise<unknown> | undefined): Promise<void> {
    this.#phase = 'ended'
    return this.#options.kept!.leave(Promise.all([this.#work, claim]))
  }

  /** Ends it, and closes the file: another receiver goes on with it. */
  async pause(): Promise<void> {
    this.#phase = 'ended'
    await this.#work
    await this.#keptWriter?.pause()
  }

  /** A file that was done before this process was is looked at again, and can be read. Gives back why it is refused. Call it when done. */
  async reopen(): Promise<UploadError | undefined> {
    if (this.#writer !== undefined) return undefined
    this.#writer = this.#keptWriter = await this.#options.kept!.open()
    return this.#checkSoFar()
  }

  /** Has the file stay where it is while it is consumed. False when another process has it. Call it when done. */
  async beginConsume(): Promise<boolean> {
    const { kept } = this.#options
    if (kept === undefined) return true
    if (this.#keptWriter === undefined) this.#writer = this.#keptWriter = await kept.open()
    if (!(await this.#keptWriter!.beginConsume())) return false
    if (this.#options.verify === true) this.#sha256 ??= (await this.#digestSoFar()).hex()
    return true
  }

  /** What another process wrote is read again. */
  async #digestSoFar(): Promise<Digest> {
    const digest = createDigest('sha256')
    for (let at = 0; at < this.#received; at += pieceSize) {
      digest.add(await this.#keptWriter!.read(at, Math.min(at + pieceSize, this.#received)))
    }
    return digest
  }

  /** It was not consumed after all. */
  async endConsume(): Promise<void> {
    await this.#keptWriter?.endConsume()
  }

  /** Lets go of what was written. Call once, after it ended; waits for the write that runs. */
  async release(outcome: Outcome): Promise<void> {
    await this.#work
    if (this.#options.kept !== undefined) return this.#options.kept.remove(outcome)
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
  meta(): unknown {
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
