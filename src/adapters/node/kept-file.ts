/** One file of the ledger on disk: what is known of it is in its name, and each change is a rename. */
import { randomBytes } from 'node:crypto'
import { constants, renameSync } from 'node:fs'
import { access, type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LiveError } from '../../errors.ts'
import type { KeptFile, KeptWriter } from '../../upload/ledger.ts'
import { type KeptName, type KeptState, nobody, writeName } from './ledger-names.ts'
import { syncFolders } from './place.ts'

/** What a file needs of its ledger. */
export interface FileOwner {
  /** Those that this process has, by uuid. */
  readonly held: Map<string, DiskFile>
  nextName(): string
  /** One is deleted, or somebody else's. */
  removed(file: DiskFile): Promise<void>
}

/** What stands in one record together. */
export interface RecordOnDisk {
  readonly path: string
  readonly uuids: ReadonlySet<string>
  /** Those that this process has not let go of. */
  readonly rest: Set<string>
}

/** As it was found, or made. */
export interface FoundFile {
  readonly record: RecordOnDisk
  readonly name: KeptName
  /** Bytes that are there. */
  readonly received: number
}

/** So soon nobody takes a file over who has to find it first, in ms. */
const surelyOurs = 10

export class DiskFile implements KeptFile {
  readonly #owner: FileOwner
  readonly #folder: string
  readonly record: RecordOnDisk
  /** As it stands on the disk. */
  #name: KeptName
  /** What it is; less than it was said to be, where its end is lost. */
  #state: KeptState
  #handle: FileHandle | undefined
  /** Resolves when another may list it. */
  #left: Promise<void> | undefined
  #removed: Promise<void> | undefined
  #received: number
  /** When it was last seen to be ours. */
  #lookedAt = 0

  constructor(owner: FileOwner, folder: string, { record, name, received }: FoundFile) {
    this.#owner = owner
    this.#folder = folder
    this.record = record
    this.#name = name
    this.#state = name.state === 'busy' ? 'again' : name.state
    if (received < name.size) this.#state = 'part'
    this.#received = received
  }

  get uuid(): string {
    return this.#name.uuid
  }

  get size(): number {
    return this.#name.size
  }

  get received(): number {
    return this.#received
  }

  get done(): boolean {
    return this.#state !== 'part'
  }

  get tries(): number {
    return this.#state === 'last' ? 2 : this.#state === 'again' ? 1 : 0
  }

  get folder(): string {
    return this.#folder
  }

  /** What is being left, and cannot be listed yet. */
  get leaving(): Promise<void> | undefined {
    return this.#left
  }

  get #path(): string {
    return this.#pathOf(this.#name)
  }

  #pathOf(name: KeptName): string {
    return join(this.#folder, writeName(name))
  }

  take(): boolean {
    if (this.#owner.held.has(this.uuid)) return false
    const next = { ...this.#name, holder: this.#owner.nextName(), state: this.#state }
    try {
      // At once, since a view lists it now: it may have been found some time ago, and have gone to somebody else since then.
      renameSync(this.#path, this.#pathOf(next))
    } catch {
      return false
    }
    this.#name = next
    this.#left = undefined
    this.#owner.held.set(this.uuid, this)
    return true
  }

  peek(): Promise<Uint8Array> {
    return this.#read(0, this.#received)
  }

  async open(): Promise<KeptWriter> {
    if (!this.done) this.#handle = await this.#openFile()
    return this.#createWriter()
  }

  leave(before: Promise<unknown> = Promise.resolve()): Promise<void> {
    this.#left ??= before
      .catch(() => {})
      .then(() => this.#leaveNow())
      .catch(() => {})
      .finally(() => this.#forget())
    return this.#left
  }

  remove(): Promise<void> {
    return (this.#removed ??= this.#remove())
  }

  async #openFile(): Promise<FileHandle> {
    // Whoever can write into the folder must not lead us anywhere.
    const handle = await open(this.#path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stat = await handle.stat()
    if (stat.isFile() && stat.nlink === 1) return handle
    await handle.close()
    throw new LiveError('ERR_UPLOAD_FOLDER', `${this.#path} is no file of its own`)
  }

  async #leaveNow(): Promise<void> {
    if (this.#removed !== undefined) return this.#removed
    await this.#close()
    await this.#rename({ holder: nobody, state: this.#state })
  }

  async #remove(): Promise<void> {
    await this.#close()
    // The view may have moved it away.
    await rm(this.#path, { force: true })
    this.#forget()
    await this.#owner.removed(this)
  }

  /** What it was when it was left is not what it is now: whoever lists it makes another. */
  #forget(): void {
    if (this.#owner.held.get(this.uuid) === this) this.#owner.held.delete(this.uuid)
  }

  async #close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  /** Rejects with `ENOENT` when somebody else has renamed it. */
  async #rename(change: { readonly holder?: string; readonly state: KeptState }): Promise<void> {
    const next = { ...this.#name, ...change }
    await rename(this.#path, this.#pathOf(next))
    this.#name = next
  }

  async #renamed(state: KeptState): Promise<boolean> {
    try {
      await this.#rename({ state })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }

  #createWriter(): KeptWriter {
    return {
      write: (chunk) => this.#write([chunk]),
      writeAll: (pieces) => this.#write(pieces),
      close: async (reason) => {
        if (reason === 'done') await this.#finish()
        else await this.#close()
      },
      dispose: () => this.remove(),
      meta: () => ({ path: this.#path }),
      isOurs: () => this.#isOurs(),
      beginConsume: () => this.#renamed(this.#state === 'done' ? 'busy' : 'last'),
      endConsume: async () => void (await this.#renamed(this.#state)),
      read: (from, to) => this.#read(from, to),
      cutBack: async (received) => {
        // A disk that is full may have no room for another one.
        if (received > 0 || !(await this.#exchange())) await this.#handle?.truncate(received)
        this.#received = received
      },
      pause: () => this.#close(),
    }
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    const handle = this.#handle
    if (handle === undefined) throw new LiveError('ERR_UPLOAD_FOLDER', `the upload ${this.uuid} is closed`)
    await this.#assertOurs()
    let at = this.#received
    // By its place: a process that wakes late writes what is there already. And a disk that is nearly full takes less than it was given.
    for (let rest = pieces; rest.length > 0;) {
      const { bytesWritten } = await handle.writev(rest, at)
      at += bytesWritten
      rest = behind(rest, bytesWritten)
    }
    this.#received = at
  }

  async #isOurs(): Promise<boolean> {
    this.#lookedAt = Date.now()
    return access(this.#path).then(
      () => true,
      () => false,
    )
  }

  /** A process that was frozen in the middle of a part does not know; what it was given before may still wait for it. */
  async #assertOurs(): Promise<void> {
    if (Math.abs(Date.now() - this.#lookedAt) < surelyOurs || (await this.#isOurs())) return
    throw new LiveError('ERR_UPLOAD_FOLDER', `the upload ${this.uuid} was taken over by another process`)
  }

  /** Another file in its place: a process that was frozen may still write into the one that it has open. */
  async #exchange(): Promise<boolean> {
    const before = this.#handle
    const aside = join(this.#folder, `${this.uuid}.${randomBytes(6).toString('hex')}`)
    let next: FileHandle | undefined
    try {
      next = await open(aside, 'wx+', 0o600)
      await access(this.#path)
      await rename(aside, this.#path)
    } catch {
      await next?.close()
      await rm(aside, { force: true }).catch(() => {})
      return false
    }
    this.#handle = next
    await before?.close()
    return true
  }

  async #read(from: number, to: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(to - from)
    // One that is done is not open.
    const handle = this.#handle ?? (await this.#openFile())
    try {
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, from + at)
        if (bytesRead === 0) throw new LiveError('ERR_UPLOAD_FOLDER', `${this.#path} is shorter than it was`)
        at += bytesRead
      }
      return bytes
    } finally {
      if (handle !== this.#handle) await handle.close()
    }
  }

  /** It is written through before anybody is told that it is done. */
  async #finish(): Promise<void> {
    await this.#handle?.datasync()
    await this.#close()
    this.#state = 'done'
    await this.#rename({ state: 'done' })
    await syncFolders(dirname(this.#path), undefined)
  }
}

/** What of the pieces follows so many bytes. */
function behind(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let written = bytes
  return pieces.flatMap((piece) => {
    const cut = Math.min(written, piece.length)
    written -= cut
    return cut === piece.length ? [] : [piece.subarray(cut)]
  })
}
