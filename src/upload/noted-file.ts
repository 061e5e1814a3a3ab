/**
 * A file whose bytes a writer of the application has put elsewhere, and that outlives its view all the same: what the ledger keeps of it are
 * the writer's notes, by which another writer goes on. To whoever takes its bytes it is a kept file like any other.
 */
import { describe, LiveError } from '../errors.ts'
import type { KeptFile, KeptWriter, Outcome } from './ledger.ts'
import type { UploadWriter, WriterTools } from './writer.ts'

/** Bytes that the ledger keeps of each: so large is one that is done. */
export const noteRoom = 16_384
/** Bytes of one note as JSON. Signed it takes a half more: two of them have room. */
const largestNote = 4096

/** What the writer that had the file before has noted last, signed. One that was cut short by the end of its process is none. */
export function lastNote(bytes: Uint8Array): string | undefined {
  const lines = new TextDecoder().decode(bytes).split('\n').slice(0, -1)
  return lines.findLast((line) => line.trim() !== '')
}

export interface NotedFileParts {
  /** What it will be as a whole, in bytes. */
  readonly size: number
  /** Of the writer before. */
  readonly note: unknown
  /** Makes a note one text without a line's end, that nobody else can make. */
  sign(note: unknown): string
  open(tools: Pick<WriterTools, 'note' | 'keep'>): Promise<UploadWriter>
}

export class NotedFile implements KeptFile<unknown> {
  readonly isElsewhere = true
  readonly #file: KeptFile
  readonly #parts: NotedFileParts
  #note: unknown
  #opened: Promise<KeptWriter<unknown>> | undefined
  #writer: UploadWriter | undefined
  #journal: KeptWriter | undefined
  /** Bytes of the notes. */
  #noted: number
  /** What is being noted; it never rejects. */
  #noting: Promise<unknown> = Promise.resolve()
  #received: number
  #closed: boolean
  #removed: Promise<void> | undefined

  constructor(file: KeptFile, parts: NotedFileParts) {
    this.#file = file
    this.#parts = parts
    this.#note = parts.note
    this.#noted = file.received
    this.#closed = file.done
    this.#received = file.done ? parts.size : 0
  }

  get uuid(): string {
    return this.#file.uuid
  }

  /** Known once it is open. */
  get received(): number {
    return this.#received
  }

  get done(): boolean {
    return this.#file.done
  }

  get tries(): number {
    return this.#file.tries
  }

  take(): boolean {
    return this.#file.take()
  }

  peek(): Promise<Uint8Array> {
    return this.#file.peek()
  }

  open(): Promise<KeptWriter<unknown>> {
    return (this.#opened ??= this.#open().catch(async (error: unknown) => {
      // Whoever needs it next may have more luck.
      await this.#journal?.pause()
      this.#opened = this.#journal = undefined
      throw error
    }))
  }

  /** Leaves it to whoever goes on from its note. A writer that cannot be gone on with ends. */
  leave(before: Promise<unknown> = Promise.resolve()): Promise<void> {
    const rests = before.catch(() => {}).then(() => this.#rest())
    // Nobody lists it before its writer is at rest.
    return this.#file.leave(rests)
  }

  remove(outcome: Outcome = 'cancel'): Promise<void> {
    return (this.#removed ??= this.#remove(outcome))
  }

  async #open(): Promise<KeptWriter<unknown>> {
    this.#journal = await this.#file.open()
    await this.#openWriter()
    return this.#createWriter(this.#journal)
  }

  async #openWriter(): Promise<UploadWriter> {
    const writer = await this.#parts.open({ note: this.#note, keep: (note) => this.#keep(note) })
    this.#writer = writer
    if (!this.done) this.#received = Math.min(writer.offset ?? 0, this.#parts.size)
    return writer
  }

  #createWriter(journal: KeptWriter): KeptWriter<unknown> {
    return {
      write: (chunk) => this.#write(chunk),
      close: async (reason) => {
        this.#closed = true
        await this.#writer!.close(reason)
        if (reason !== 'done') return
        await this.#noting
        // A file that is whole for the ledger: behind the last note there is nothing.
        await journal.write(new TextEncoder().encode(`${' '.repeat(noteRoom - this.#noted - 1)}\n`))
        await journal.close('done')
      },
      dispose: (outcome) => this.remove(outcome === 'consumed' ? 'consumed' : 'cancel'),
      meta: () => this.#writer!.meta(),
      isOurs: () => journal.isOurs(),
      beginConsume: () => journal.beginConsume(),
      endConsume: () => journal.endConsume(),
      read: () =>
        Promise.reject(new LiveError('ERR_UPLOAD_WRITER', 'what a writer has put elsewhere is not read again')),
      cutBack: (received) => this.#beginAnew(received),
      pause: () => this.#setAside(),
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await this.#writer!.write(chunk)
    this.#received += chunk.length
  }

  async #keep(note: unknown): Promise<void> {
    assertNote(note)
    const line = new TextEncoder().encode(`${this.#parts.sign(note)}\n`)
    const kept = this.#noting.then(async () => {
      const journal = this.#journal!
      // One byte stays free for the end of a file that is done.
      if (this.#noted + line.length >= noteRoom) {
        await journal.cutBack(0)
        this.#noted = 0
      }
      await journal.write(line)
      this.#noted += line.length
      this.#note = note
    })
    this.#noting = kept.catch(() => {})
    return kept
  }

  async #beginAnew(received: number): Promise<void> {
    if (received > 0) throw new LiveError('ERR_UPLOAD_WRITER', 'what a writer has put elsewhere is not cut back')
    await this.#forget()
    await this.#openWriter()
  }

  /** What the writer has is not wanted, and no note of it. */
  async #forget(): Promise<void> {
    const writer = this.#writer!
    this.#writer = undefined
    await writer.close('cancel')
    await writer.dispose('dropped')
    await this.#noting
    await this.#journal!.cutBack(0)
    this.#noted = 0
    this.#note = undefined
    this.#received = 0
  }

  /** Another receiver of this view takes it up: from the note, or from its beginning. */
  async #setAside(): Promise<void> {
    if (this.#removed !== undefined || this.#writer === undefined || this.#closed) return
    await this.#noting
    // Without a note nobody would go on with what the writer has.
    if (this.#note === undefined || this.#writer.pause === undefined) await this.#forget()
    else await this.#writer.pause()
    await this.#noting
    await this.#journal!.pause()
    this.#opened = this.#writer = this.#journal = undefined
  }

  /** The view ends. Without a note nobody would find what the writer has. */
  async #rest(): Promise<void> {
    if (this.#removed !== undefined || this.#opened === undefined) return
    await this.#opened.catch(() => {})
    const writer = this.#writer
    if (writer === undefined) return
    if (this.#note === undefined || (writer.pause === undefined && !this.#closed)) return this.remove()
    await writer.pause?.()
    await this.#noting
    await this.#journal!.pause()
  }

  async #remove(outcome: Outcome): Promise<void> {
    let isLost = false
    try {
      const writer = await this.#writerToEnd()
      if (writer === undefined) return
      if (outcome !== 'consumed' && !(await this.#journal!.isOurs())) {
        // Another process goes on with what it has.
        await writer.pause?.()
        return
      }
      if (!this.#closed) {
        this.#closed = true
        await writer.close(outcome === 'consumed' ? 'done' : outcome)
      }
      await writer.dispose(outcome === 'consumed' ? 'consumed' : 'dropped')
    } catch (error) {
      // Its note is all that is known of what lies elsewhere.
      isLost = this.#writer === undefined
      throw error
    } finally {
      await this.#noting
      await (isLost ? this.#file.leave() : this.#file.remove())
    }
  }

  /** What was noted lies elsewhere, also when nobody has opened it again, or could not. */
  async #writerToEnd(): Promise<UploadWriter | undefined> {
    const opened = await this.#opened?.then(
      () => true,
      () => false,
    )
    if (this.#writer === undefined && opened !== true && this.#note !== undefined) await this.open()
    return this.#writer
  }
}

function assertNote(note: unknown): void {
  let text: string | undefined
  try {
    text = JSON.stringify(note)
  } catch {
    // Told below.
  }
  if (text === undefined) throw new LiveError('ERR_UPLOAD_WRITER', `keep takes what is JSON, got ${describe(note)}`)
  const { length } = new TextEncoder().encode(text)
  if (length > largestNote)
    throw new LiveError('ERR_UPLOAD_WRITER', `keep takes up to ${largestNote} bytes of JSON, got ${length}`)
}
