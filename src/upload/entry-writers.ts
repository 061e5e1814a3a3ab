/** Which writer takes the bytes of an entry, or who says where else they go, and how another one goes on with what the one before has noted. */
import type { UploadBook } from './book.ts'
import type { UploadEntry } from './entry.ts'
import type { EntryRun } from './entry-run.ts'
import type { EntryRuns } from './entry-runs.ts'
import type { UploadHost } from './host.ts'
import { readExternal, type ExternalFile } from './external.ts'
import { ExternalSource, ExternalWriter } from './external-source.ts'
import { notedBy } from './keeping.ts'
import type { KeptFile } from './ledger.ts'
import { NotedFile } from './noted-file.ts'
import * as rules from './state.ts'
import { assertWriter, type UploadWriter, type WriterTools } from './writer.ts'

type OfEntry = Pick<UploadEntry, 'uuid'>
type Notes = Pick<WriterTools, 'note' | 'keep'>

/** Of what ends with its view. */
const noNotes: Notes = { note: undefined, keep: () => Promise.resolve() }

export class EntryWriters {
  readonly #host: UploadHost
  readonly #book: UploadBook
  readonly #runs: EntryRuns

  constructor(host: UploadHost, book: UploadBook, runs: EntryRuns) {
    this.#host = host
    this.#book = book
    this.#runs = runs
  }

  /** Opens the writer of an entry: that of the application, or a private temporary file. */
  async open(name: string, entry: UploadEntry, notes: Notes = noNotes): Promise<UploadWriter> {
    const { openWriter, socket } = this.#host
    const own = this.#book.get(name)?.limits.writer
    if (own === undefined) return openWriter(entry)
    return assertWriter(name, await own(socket as never, entry, { ...notes, tempFile: () => openWriter(entry) }))
  }

  /** Who says where the entry goes, to where the browser sends it elsewhere. */
  sourceOf(name: string, entry: UploadEntry, { kept, returning }: EntryRun): ExternalSource {
    return new ExternalSource((notes) => this.#sayWhere(name, entry, notes), kept, returning)
  }

  async #sayWhere(name: string, entry: UploadEntry, notes: Notes): Promise<ExternalFile> {
    const isChosenAgain = this.#runs.get(entry.uuid)?.chosenAgain === true
    const { external } = this.#book.get(name)!.limits
    const made: unknown = await external!(this.#host.socket as never, entry, { ...notes, isChosenAgain })
    return readExternal(name, made)
  }

  /** What takes the bytes of an entry that the ledger knows: its file, or notes in it of who takes them elsewhere. */
  keepIn(file: KeptFile, upload: string, entry: UploadEntry, note?: unknown): KeptFile<unknown> {
    const { limits } = this.#book.get(upload) ?? {}
    const noted = limits && notedBy(limits)
    if (noted === undefined) return file
    return new NotedFile(file, {
      ...{ note, size: entry.clientSize },
      sign: (said) => this.#host.keeping!.signNote(entry.uuid, said),
      open: async (notes) => {
        const now = this.#book.locate(entry.uuid)?.entry ?? entry
        if (noted === 'external') return new ExternalWriter(await this.#sayWhere(upload, now, notes))
        // One that is looked at again is none of the view's yet, and was closed all the same.
        return this.open(upload, file.done ? { ...now, done: true } : now, notes)
      },
    })
  }

  /** Another writer goes on with the entry, and has to say how far it is first. */
  goOn(entry: OfEntry, file: KeptFile<unknown>, isElsewhere: boolean): void {
    if (!(file instanceof NotedFile) || file.done) return
    const run = this.#runs.of(entry)
    const looked = async (): Promise<void> => {
      const writer = await file.open()
      this.#stands(entry.uuid, file.received)
      // What is said then is for the browser, which asks for it later.
      if (isElsewhere) await writer.pause()
    }
    // Why it cannot be opened is told when its bytes come.
    const opened = looked().catch(() => {})
    run.returning = run.returning.then(() => opened)
  }

  #stands(entryUuid: string, received: number): void {
    for (const state of this.#book.all()) {
      const next = rules.stands(state, entryUuid, received)
      if (next === state) continue
      this.#book.set(next)
      this.#host.changed()
    }
  }
}
