/** Which writer takes the bytes of an entry, and how another one goes on with what the one before has noted. */
import type { UploadBook } from './book.ts'
import type { UploadEntry } from './entry.ts'
import type { EntryRuns } from './entry-runs.ts'
import type { UploadHost } from './host.ts'
import type { KeptFile } from './ledger.ts'
import { NotedFile } from './noted-file.ts'
import * as rules from './state.ts'
import { assertWriter, type UploadWriter, type WriterTools } from './writer.ts'

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

  /** What takes the bytes of an entry that the ledger knows: its file, or a writer of the application whose notes are in it. */
  keepIn(file: KeptFile, upload: string, entry: UploadEntry, note?: unknown): KeptFile<unknown> {
    if (this.#book.get(upload)?.limits.writer === undefined) return file
    return new NotedFile(file, {
      ...{ note, size: entry.clientSize },
      sign: (said) => this.#host.keeping!.signNote(entry.uuid, said),
      open: (notes) => {
        const now = this.#book.locate(entry.uuid)?.entry ?? entry
        // One that is looked at again is none of the view's yet, and was closed all the same.
        return this.open(upload, file.done ? { ...now, done: true } : now, notes)
      },
    })
  }

  /** Another writer goes on with the entry, and has to say how far it is first. */
  goOn(entry: UploadEntry, file: KeptFile<unknown>): void {
    if (!(file instanceof NotedFile) || file.done) return
    const run = this.#runs.of(entry)
    // Why it cannot be opened is told when its bytes come.
    const opened = file.open().then(
      () => this.#stands(entry.uuid, file.received),
      () => {},
    )
    run.returning = run.returning.then(() => opened)
  }

  #stands(entryUuid: string, received: number): void {
    const found = this.#book.locate(entryUuid)
    if (found === undefined) return
    this.#book.set(rules.stands(found.state, found.entry.ref, received))
    this.#host.changed()
  }
}
