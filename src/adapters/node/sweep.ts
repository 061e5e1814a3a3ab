/** Deletes the temporary folders of processes that are gone, and what these left half done elsewhere. */
import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Lease, LeaseWatch, leaseName, readLease, watchName } from './lease.ts'
import { isGone } from './owner.ts'
import { isNote, recoverSaves } from './save-notes.ts'

export const folderPrefix = 'liveloom-'
/** The names of what uploads wait in. */
const uploadName = /^[0-9a-f]{24}$/

export class Sweeper {
  readonly #parent: string
  readonly #isOwn: (path: string) => boolean
  readonly #report: (error: unknown) => void
  readonly #watch = new LeaseWatch()
  /** What failed in the last round: it is reported once and not every minute. */
  #failing = new Set<string>()
  #running: Promise<void> | undefined

  /** Watches the folders in `parent`, but for those of the process itself. */
  constructor(parent: string, isOwn: (path: string) => boolean, report: (error: unknown) => void) {
    this.#parent = parent
    this.#isOwn = isOwn
    this.#report = report
  }

  /** Looks at each folder once. Call it when the process starts, and then each `leaseRound`. Never rejects. */
  round(): Promise<void> {
    this.#running ??= this.#round().finally(() => (this.#running = undefined))
    return this.#running
  }

  async #round(): Promise<void> {
    const failed = new Map<string, unknown>()
    const folders = new Set<string>()
    try {
      const names = (await readdir(this.#parent)).filter((name) => name.startsWith(folderPrefix))
      for (const name of names) folders.add(join(this.#parent, name))
    } catch (error) {
      failed.set(this.#parent, error)
    }
    this.#watch.retain(folders)
    await Promise.all([...folders].map((path) => this.#look(path, failed)))
    for (const [what, error] of failed) if (!this.#failing.has(what)) this.#report(error)
    this.#failing = new Set(failed.keys())
  }

  async #look(path: string, failed: Map<string, unknown>): Promise<void> {
    // What is swept gets another name; what it says stays the same.
    let what = path
    try {
      const lease = this.#isOwn(path) ? undefined : await leaseOf(path)
      if (lease === undefined) return
      what = lease.sign
      const gone = lease.owner !== undefined && isGone(lease.owner)
      if (gone || (await this.#watch.isAbandoned(path, lease.sign))) await this.#sweep(path)
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') failed.set(what, error)
    }
  }

  async #sweep(path: string): Promise<void> {
    // Of all who sweep it one only gets to rename it. An owner that lives after all finds nothing, and not half of it.
    const taken = join(this.#parent, folderPrefix + randomBytes(6).toString('hex'))
    await rename(path, taken)
    await recoverSaves(taken, this.#report)
    await rm(taken, { recursive: true, force: true })
  }
}

/** What a folder says of its owner; `undefined` when it is none of our folders. Links are not followed: others could lead us anywhere. */
async function leaseOf(path: string): Promise<Lease | undefined> {
  const found = await lstat(path)
  if (!found.isDirectory() || !isPrivate(found)) return undefined
  const lease = await readLease(path)
  if (lease !== undefined) return lease
  // Made by a version that knew no lease, or cut short before it had one. Such a version gives the folder a new time each minute.
  const names = await readdir(path)
  const isOurs = names.every(
    (name) => uploadName.test(name) || isNote(name) || name === watchName || name === leaseName,
  )
  return isOurs ? { sign: String(found.mtimeMs), owner: undefined } : undefined
}

/** Whether it is our user's, and closed to others. Windows has no such; there the temporary folder itself is the user's own. */
export function isPrivate({ uid, mode }: Stats): boolean {
  return process.getuid === undefined || (process.getuid() === uid && (mode & 0o077) === 0)
}
