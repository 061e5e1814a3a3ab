/**
 * Says to the server that files are sent. Each word of it is answered with a patch of the page: of a thousand small files the first one
 * says it for all that were sent meanwhile, and no more is said than the page has time for.
 */

/** What of the official client's entry matters here. */
export interface DoneEntry {
  readonly view: { readonly id: string }
  readonly fileEl: Element
  _isDone: boolean
  _lastProgressSent: number
  _onDone: () => void
  progress(percent: number): void
}

interface Group<Entry> {
  readonly viewId: string
  /** Those that are to be told. */
  readonly waiting: Set<Entry>
  /** The one that was told, and is not answered, and those it speaks for. */
  asked: { readonly entry: Entry; readonly others: readonly Entry[]; readonly at: number } | undefined
  /** When it may be told again. */
  from: number
  timer: ReturnType<typeof setTimeout> | undefined
}

/** The least time between two reports, in ms. */
const leastPause = 250
/** A page that takes long for one has its time for others: so many times as long. */
const restFactor = 3

export class DoneReports<Entry extends DoneEntry> {
  /** By what the server calls the upload. */
  readonly #groups = new Map<string, Group<Entry>>()
  /** The page has no more use for the files. */
  readonly #untrack: (input: Element, entries: readonly Entry[]) => void

  constructor(untrack: (input: Element, entries: readonly Entry[]) => void) {
    this.#untrack = untrack
  }

  /** The entry is sent, with its input as it is now. `isLast`: nothing more of its upload is on its way. */
  tell(entry: Entry, upload: string, isLast: boolean): void {
    let group = this.#groups.get(upload)
    if (group === undefined) {
      group = { viewId: entry.view.id, waiting: new Set(), asked: undefined, from: 0, timer: undefined }
      this.#groups.set(upload, group)
    }
    group.waiting.add(entry)
    if (isLast) group.from = 0
    this.#next(upload, group)
  }

  /** Nobody waits for the entry any more. */
  settled(entry: Entry, upload: string): void {
    const group = this.#groups.get(upload)
    if (group === undefined) return
    group.waiting.delete(entry)
    if (group.asked?.entry !== entry) return
    const { others, at } = group.asked
    const now = performance.now()
    group.asked = undefined
    group.from = now + Math.max(leastPause, restFactor * (now - at))
    this.#untrack(entry.fileEl, others)
    for (const other of others) {
      other._isDone = true
      other._onDone()
    }
    if (group.waiting.size > 0) this.#next(upload, group)
    else if (group.asked === undefined) this.#end(upload, group)
  }

  /** The view joins anew: what was not answered has to be told again. */
  forget(viewId: string): void {
    for (const [upload, group] of this.#groups) if (group.viewId === viewId) this.#end(upload, group)
  }

  #end(upload: string, group: Group<Entry>): void {
    clearTimeout(group.timer)
    this.#groups.delete(upload)
  }

  #next(upload: string, group: Group<Entry>): void {
    clearTimeout(group.timer)
    if (group.asked !== undefined) return
    const wait = group.from - performance.now()
    if (wait > 0) {
      group.timer = setTimeout(() => this.#next(upload, group), wait)
      return
    }
    const [entry, ...others] = group.waiting
    if (entry === undefined) return this.#end(upload, group)
    group.waiting.clear()
    group.asked = { entry, others, at: performance.now() }
    entry._lastProgressSent = -1
    entry.progress(100)
  }
}
