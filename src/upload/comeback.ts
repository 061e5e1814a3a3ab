/** What views before have left to the uploads of one: listed when an upload is allowed, and once more when it is allowed anew before the page has said anything. */
import type { UploadBook } from './book.ts'
import { chunkSizeFor } from './chunk-size.ts'
import type { EntryRuns } from './entry-runs.ts'
import type { EntryWriters } from './entry-writers.ts'
import type { UploadHost } from './host.ts'
import { claimedOf, isKept, notedBy, type Restored } from './keeping.ts'
import type { News } from './news.ts'
import { restore } from './restore.ts'
import * as rules from './state.ts'
import type { Transfers } from './transfers.ts'

type Noted = Restored & { readonly note: unknown }

export interface ComebackParts {
  readonly book: UploadBook
  readonly runs: EntryRuns
  readonly news: News
  readonly transfers: Transfers
  readonly writers: EntryWriters
}

export class Comeback {
  readonly #host: UploadHost
  readonly #parts: ComebackParts
  /** By upload: of those of which the page has said nothing since. */
  readonly #restored = new Map<string, readonly Restored[]>()

  constructor(host: UploadHost, parts: ComebackParts) {
    this.#host = host
    this.#parts = parts
  }

  /** The upload has what came back, and nothing else yet. */
  isUntouched(name: string): boolean {
    return this.#restored.has(name)
  }

  /** The page has said something of its files. */
  touched(name: string): void {
    this.#restored.delete(name)
  }

  /** Lists the files that views before have left. */
  restore(name: string): void {
    const { book, runs, writers } = this.#parts
    const { limits, words } = book.get(name)!
    if (!isKept(limits)) return
    // What a view of another version has left to a file of ours is nothing that a writer could consume.
    const found = this.#host.keeping?.restore(name, limits.keep, notedBy(limits))
    if (found === undefined) return
    const all = found.map(({ facts, file, note, from, tells }): Noted => {
      const entry = rules.newEntry(claimedOf(facts), undefined, words)
      const keptIn = writers.keepIn(file, name, file.done ? { ...entry, done: true } : entry, note)
      return { facts, file: keptIn, note, from, tells }
    })
    for (const { file } of all.filter(isLost)) void runs.inBackground(file.remove())
    const restored = all.filter((one) => !isLost(one))
    this.#restored.set(name, restored)
    this.#takeIn(name, restored)
  }

  /** Lists once more what is there still of it. `before`: the upload before it was allowed anew. */
  again({ name, entries, waiting }: rules.UploadState): void {
    const there = new Set([...entries, ...waiting].map(({ uuid }) => uuid))
    const restored = this.#restored.get(name) ?? []
    this.#takeIn(
      name,
      restored.filter(({ facts }) => there.has(facts.uuid)),
    )
  }

  #takeIn(name: string, restored: readonly Restored[]): void {
    if (restored.length === 0) return
    const { book, runs, news, transfers, writers } = this.#parts
    const state = restore(book.get(name)!, restored)
    book.set(state)
    for (const { file, facts, from, tells } of restored) {
      const run = runs.of(facts)
      run.kept = file
      run.id = facts.id
      const entry = state.entries.find(({ uuid }) => uuid === facts.uuid)
      const isElsewhere = facts.noted === 'external'
      if (entry === undefined) {
        run.chosenAgain = true
        if (isElsewhere) writers.goOn(facts, file, isElsewhere)
        continue
      }
      if (!entry.valid) {
        run.carrier?.close()
        run.shelved?.remove()
        void runs.inBackground(file.remove())
        continue
      }
      if (isElsewhere) {
        if (file.done || from === 'sending') transfers.goOnElsewhere(name, entry, run)
        else writers.goOn(entry, file, isElsewhere)
        if (entry.done && tells) news.written(entry.uuid, run)
        continue
      }
      writers.goOn(entry, file, isElsewhere)
      if (run.shelved === undefined && (file.done || from === 'sending')) {
        run.chunkSize = chunkSizeFor(entry.clientSize, 1)
        transfers.expose(state, entry)
        if (entry.done && tells) news.written(entry.uuid, run)
      }
      // Also once more, when the upload was allowed anew.
      if (entry.state === 'scanning') transfers.settle(entry, tells)
    }
  }
}

/** Nobody can prove to have the file that a writer has put elsewhere, and nobody knows where one has gone of which nothing was noted. */
function isLost({ file, from, facts, note }: Noted): boolean {
  if (facts.noted === 'external') return note === undefined
  return facts.noted === 'writer' && from === 'elsewhere' && !file.done
}
