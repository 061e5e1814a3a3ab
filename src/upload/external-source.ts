/**
 * Who says where one file goes that the browser sends elsewhere, and what is kept of that: where the view has a ledger, notes like those of a writer,
 * by which the next view goes on with it.
 */
import type { ExternalFile, ExternalTools } from './external.ts'
import type { KeptFile, KeptWriter, Outcome } from './ledger.ts'
import type { UploadWriter } from './writer.ts'

/** Asks the application. */
export type SayWhere = (tools: Pick<ExternalTools, 'note' | 'keep'>) => Promise<ExternalFile>

const noNotes = { note: undefined, keep: () => Promise.resolve() }

export class ExternalSource {
  readonly #say: SayWhere
  readonly #kept: KeptFile<unknown> | undefined
  readonly #before: Promise<void>
  #opened: Promise<ExternalFile> | undefined
  #file: ExternalFile | undefined
  #writer: KeptWriter<unknown> | undefined

  /** `kept`: has the {@link ExternalWriter} of what `say` says. `before`: what was said of it before is let go of first, it may have the same name. */
  constructor(say: SayWhere, kept: KeptFile<unknown> | undefined, before: Promise<void>) {
    this.#say = say
    this.#kept = kept
    this.#before = before
  }

  /** Once it was said. */
  get file(): ExternalFile | undefined {
    return this.#file
  }

  open(): Promise<ExternalFile> {
    return (this.#opened ??= this.#open())
  }

  async #open(): Promise<ExternalFile> {
    await this.#before
    if (this.#kept === undefined) return (this.#file = await this.#say(noNotes))
    this.#writer = await this.#kept.open()
    return (this.#file = this.#writer.meta() as ExternalFile)
  }

  /** All of it is there: the next view need not ask for it. */
  async whole(): Promise<void> {
    await this.#writer?.close('done')
  }

  async beginConsume(): Promise<boolean> {
    return (await this.#writer?.beginConsume()) ?? true
  }

  async endConsume(): Promise<void> {
    await this.#writer?.endConsume()
  }

  /** Ends it. */
  async release(outcome: Outcome): Promise<void> {
    if (this.#kept !== undefined) return this.#kept.remove(outcome)
    await this.#opened?.catch(() => {})
    await this.#file?.dispose?.(outcome === 'consumed' ? 'consumed' : 'dropped')
  }

  /** Leaves it to the next view, when `before` has settled. Without a note it ends. */
  async leave(before: Promise<unknown>): Promise<void> {
    if (this.#kept !== undefined) return this.#kept.leave(before)
    await before
    await this.release('cancel')
  }

  /** Its page asks for leave anew: another one goes on with it. */
  async pause(): Promise<void> {
    if (this.#kept === undefined) return this.release('cancel')
    await this.#opened?.catch(() => {})
    await this.#writer?.pause()
  }
}

/** Stands where a writer does, for what keeps its notes: of the bytes it sees none. */
export class ExternalWriter implements UploadWriter<ExternalFile> {
  readonly #file: ExternalFile

  constructor(file: ExternalFile) {
    this.#file = file
  }

  get offset(): number | undefined {
    return this.#file.offset
  }

  write(): never {
    throw new TypeError('what goes elsewhere is not written here')
  }

  close(): void {}

  meta(): ExternalFile {
    return this.#file
  }

  dispose(outcome: 'consumed' | 'dropped'): void | Promise<void> {
    return this.#file.dispose?.(outcome)
  }

  pause(): void {}
}
