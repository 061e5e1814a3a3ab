/** The files that views of this page, and pages of this visitor, have left on the ledger: looked for before `mount`, and handed to its uploads. */
import type { SessionData } from '../live/definitions.ts'
import type { LiveHost } from '../live/host.ts'
import type { FileHolder, KeepingHost, KeptUpload } from '../live/keeping.ts'
import type { Steps } from '../live/steps.ts'
import type { Full, KeptFile, KeptRecord, Shelf } from '../upload/ledger.ts'
import {
  type GrantRecord,
  type Keep,
  type KeptFacts,
  type NotedBy,
  readGrantRecord,
  refElsewhere,
  type RestoredFile,
  type SignedNote,
  type UploadKeeping,
} from '../upload/keeping.ts'
import { lastNote, noteRoom } from '../upload/noted-file.ts'
import { canonical } from './stash-values.ts'

/** Whose they are. */
export interface KeptFilesFacts {
  readonly visitorId: string
  readonly visitor: SessionData
  /** The DOM id of the view, and what tells its page from others. */
  readonly id: string
  readonly nonce: string
  /** What the view is called where errors are told, and which it is in every process. */
  readonly view: string
  readonly place: string
  /** Where the page is: it may patch it. */
  readonly url: string
}

interface Found {
  readonly record: GrantRecord
  readonly files: ReadonlyMap<string, KeptFile>
  /** What was noted of some. */
  readonly notes: ReadonlyMap<string, unknown>
}

const nothing: Found = { record: { page: '', place: '', files: [] }, files: new Map(), notes: new Map() }
/** A consume that ends the process is tried once more: a third time it is the user's turn. */
const mostTries = 2
/** Uploads of one view that are remembered as keepers: components may have any ids. */
const mostKeepers = 100
/** As long as anything is kept. */
const recordAge = 365 * 24 * 60 * 60 * 1000
/** As many views as may be known for what they keep: nested ones may be called anything. */
const mostPlaces = 10_000

export class KeptFiles {
  readonly #facts: KeptFilesFacts
  readonly #host: LiveHost
  readonly #keeping: KeepingHost
  /** The view that they are of. */
  readonly #holder: FileHolder
  /** What a page is called in its records; another user of the same browser has another. */
  readonly #page: string
  /** `undefined` when nobody can say whose they are: then nothing is kept. */
  readonly #owner: string | undefined
  readonly #shelves: Readonly<Record<Shelf['owner'], Shelf>>
  /** How often a view of the page has failed: what it had is not given to it again, or it would fail again and again. */
  readonly #failures: number
  #found: readonly Found[] = []
  #again = false
  #sending: ReadonlySet<string> = new Set()
  #reported = false

  constructor(facts: KeptFilesFacts, host: LiveHost, keeping: KeepingHost, holder: FileHolder) {
    this.#facts = facts
    this.#host = host
    this.#keeping = keeping
    this.#holder = holder
    const { visitorId, id, nonce, place } = facts
    this.#owner = this.#readOwner()
    const digest = (...parts: readonly unknown[]): string => host.signer.digest('kept', canonical(parts))
    this.#failures = keeping.failures.of(id, nonce)
    this.#page = digest(id, nonce, place, this.#owner, this.#failures)
    const visitor = digest(visitorId)
    this.#shelves = {
      page: { visitor, owner: 'page', name: this.#page },
      visitor: { visitor, owner: 'visitor', name: digest(visitorId, this.#owner) },
    }
  }

  #readOwner(): string | undefined {
    try {
      return canonical(this.#keeping.ownerOf(this.#facts.visitor))
    } catch (error) {
      this.#host.report(error, { stage: 'upload', view: this.#facts.view })
      return undefined
    }
  }

  /** Looks for them. `again`: the page has had a view before, and is sending those files. */
  *load(again: boolean, sending: ReadonlySet<string>): Steps<void> {
    this.#again = again
    this.#sending = sending
    if (this.#owner === undefined) return
    const { page, visitor } = this.#shelves
    this.#found = (yield Promise.all([
      again ? this.#list(page, true) : [],
      // Another living page may have them.
      this.#freed(visitor).then(() => this.#list(visitor, false)),
    ]).then((lists) => Promise.all(lists.flat().map((record) => this.#read(record))))) as readonly Found[]
  }

  /** A page that was reloaded, or has lost its line, may not be known to be gone yet. */
  async #freed({ name }: Shelf): Promise<void> {
    const own = this.#keeping.keepers.get(this.#facts.place)?.values() ?? []
    const places = [...own].map(({ component, upload, keep }) => this.#placeOf(component, upload, keep))
    const others = [...(this.#keeping.holders.get(name) ?? [])].filter((other) =>
      places.some((place) => other.places.has(place)),
    )
    await Promise.all(
      others.map(async (other) => {
        if (!(await other.isAlive())) other.giveUp()
      }),
    )
  }

  /** The view may have files of the visitor from now on. */
  #hold(kept: KeptUpload): void {
    const { holders, keepers } = this.#keeping
    const { place } = this.#facts
    const own = keepers.get(place) ?? new Map<string, KeptUpload>()
    keepers.set(place, own)
    const [oldest] = keepers.keys()
    if (keepers.size > mostPlaces) keepers.delete(oldest!)
    if (own.size < mostKeepers) own.set(canonical([kept.component ?? null, kept.upload]), kept)
    this.#holder.places.add(this.#placeOf(kept.component, kept.upload, kept.keep))
    const { name } = this.#shelves.visitor
    holders.set(name, (holders.get(name) ?? new Set()).add(this.#holder))
  }

  /** The view has ended. */
  end(): void {
    const { holders } = this.#keeping
    const { name } = this.#shelves.visitor
    const all = holders.get(name)
    if (all?.delete(this.#holder) === true && all.size === 0) holders.delete(name)
  }

  async #list(shelf: Shelf, takesOver: boolean): Promise<readonly KeptRecord[]> {
    try {
      return await this.#keeping.ledger.list(shelf, takesOver)
    } catch (error) {
      this.#report(error)
      return []
    }
  }

  /** A record that we have not signed has no files. */
  async #read({ text, files: left }: KeptRecord): Promise<Found> {
    const record = readGrantRecord(this.#host.signer.verify('kept', text, recordAge))
    if (record === undefined) return nothing
    const files = new Map(left.map((file) => [file.uuid, file]))
    const notes = new Map<string, unknown>()
    for (const { uuid, noted } of record.files) {
      const file = files.get(uuid)
      if (noted === undefined || file === undefined) continue
      // It may have gone to somebody else.
      const bytes = await file.peek().catch(() => new Uint8Array())
      const said = this.#host.signer.verify('kept', lastNote(bytes) ?? '', recordAge) as Partial<SignedNote> | undefined
      if (said?.noteOf === uuid) notes.set(uuid, said.note)
    }
    return { record, files, notes }
  }

  /** What is kept of the uploads of one part. */
  of(componentId: string | number | undefined): UploadKeeping | undefined {
    if (this.#owner === undefined) return undefined
    return {
      inputRef: (upload) =>
        `phx-${this.#host.signer.digest('kept', canonical([this.#page, componentId ?? null, upload])).slice(0, 16)}`,
      handlesOf: (upload, keep) => this.#handlesOf(this.#placeOf(componentId, upload, keep)),
      restore: (upload, keep, noted) => {
        if (keep !== 'page') this.#hold({ component: componentId, upload, keep })
        return this.#restore(this.#placeOf(componentId, upload, keep), noted)
      },
      signNote: (noteOf, note) => this.#host.signer.sign('kept', { noteOf, note } satisfies SignedNote),
      grant: (upload, keep, files) => this.#grant(this.#placeOf(componentId, upload, keep), keep, files),
    }
  }

  /** Another user of the same browser has others. */
  #handlesOf(place: string): string {
    const { signer } = this.#host
    const name = signer.digest('kept', canonical(['handles', this.#shelves.visitor.name, place]))
    return `${name.slice(0, 22)} ${this.#keeping.keepFor}`
  }

  #placeOf(componentId: string | number | undefined, upload: string, keep: Keep): string {
    const { place, url } = this.#facts
    if (typeof keep === 'object') return canonical(['key', keep.key])
    const where = keep === 'page' ? null : new URL(url).pathname
    return canonical([keep, place, where, componentId ?? null, upload])
  }

  #restore(place: string, noted: NotedBy | undefined): readonly RestoredFile[] {
    return this.#found
      .filter(({ record }) => record.place === place)
      .flatMap(({ record, files, notes }) =>
        record.files.flatMap((facts): readonly RestoredFile[] => {
          const file = files.get(facts.uuid)
          if (file === undefined || facts.noted !== noted || !isAsGranted(facts, file)) return []
          const note = notes.get(facts.uuid)
          // It is done, and nobody knows where.
          if (noted !== undefined && file.done && note === undefined) return []
          if (!file.take()) return []
          const tells = file.tries < mostTries && this.#failures === 0
          // A page of the same text that was loaded anew has files of its own under these refs.
          const isOurs = this.#again && record.page === this.#page
          if (!isOurs)
            return [{ file, note, tells, from: 'elsewhere', facts: { ...facts, ref: refElsewhere(facts.uuid) } }]
          return [{ file, note, tells, from: this.#sending.has(facts.ref) ? 'sending' : 'asks', facts }]
        }),
      )
  }

  async #grant(
    place: string,
    keep: Keep,
    files: readonly KeptFacts[],
  ): Promise<readonly KeptFile[] | Full | undefined> {
    const record: GrantRecord = { page: this.#page, place, files }
    const shelf = this.#shelves[keep === 'page' ? 'page' : 'visitor']
    const granted = files.map((facts) => ({ uuid: facts.uuid, size: roomOf(facts) }))
    try {
      return await this.#keeping.ledger.grant(shelf, this.#host.signer.sign('kept', record), granted)
    } catch (error) {
      this.#report(error)
      return undefined
    }
  }

  #report(error: unknown): void {
    if (this.#reported) return
    this.#reported = true
    this.#host.report(error, { stage: 'upload', view: this.#facts.view })
  }
}

/** Its size stands in its name: whoever can write into the folder can change that. */
function isAsGranted(facts: KeptFacts, { received, done }: KeptFile): boolean {
  return done ? received === roomOf(facts) : received <= roomOf(facts)
}

/** Bytes that the ledger keeps of it when it is done. */
function roomOf({ clientSize, noted }: KeptFacts): number {
  return noted === undefined ? clientSize : noteRoom
}
