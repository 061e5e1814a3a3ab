/** Which processes have files of the ledger, and whether they live: each has a folder with a lease, named like what it has. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { processOf } from './ledger-names.ts'
import { LeaseWatch, readLease, renewLease } from './lease.ts'
import { isGone } from './owner.ts'

const holderName = /^[0-9a-f]{16}$/

export class Holders {
  readonly #folder: string
  readonly #watch = new LeaseWatch()
  /** Those whose lease nobody has renewed for long. */
  #abandoned: ReadonlySet<string> = new Set()
  #entered: Promise<unknown> | undefined
  #files = 0
  /** The name of this process. */
  readonly own: string = randomBytes(8).toString('hex')

  constructor(folder: string) {
    this.#folder = folder
  }

  /** A name for one file that this process has. No two are the same: who has lost a file does not take it for the one of its successor. */
  nextName(): string {
    this.#files++
    return `${this.own}${this.#files.toString(36)}`
  }

  /** Says that this process lives. Before it has its first file. */
  enter(): Promise<unknown> {
    return (this.#entered ??= this.renew().catch((error: unknown) => {
      this.#entered = undefined
      throw error
    }))
  }

  get hasEntered(): boolean {
    return this.#entered !== undefined
  }

  async renew(): Promise<void> {
    const own = join(this.#folder, this.own)
    await mkdir(own, { recursive: true, mode: 0o700 })
    await renewLease(own)
  }

  /** This process has no files any more. */
  async leave(): Promise<void> {
    if (!this.hasEntered) return
    await rm(join(this.#folder, this.own), { recursive: true, force: true })
    // Of the last one.
    await rmdir(this.#folder).catch(() => {})
  }

  /** Whether whoever named a file so is gone, as far as that can be known. */
  async isGone(holder: string): Promise<boolean> {
    const process = processOf(holder)
    if (process === this.own) return false
    if (!holderName.test(process) || this.#abandoned.has(process)) return true
    const lease = await readLease(join(this.#folder, process)).catch(() => undefined)
    return lease === undefined || (lease.owner !== undefined && isGone(lease.owner))
  }

  /** Looks at the leases of all others, once a round of the janitor; forgets those that are gone and have, says `hasFiles`, nothing. */
  async round(hasFiles: (process: string) => boolean): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => holderName.test(name))
    const abandoned = new Set<string>()
    this.#watch.retain(new Set(names.map((name) => join(this.#folder, name))))
    for (const name of names) {
      if (name === this.own) continue
      const path = join(this.#folder, name)
      const lease = await readLease(path).catch(() => undefined)
      const silent = lease !== undefined && (await this.#watch.isAbandoned(path, lease.sign))
      const gone = silent || (lease?.owner !== undefined && isGone(lease.owner))
      if (silent) abandoned.add(name)
      if (gone && !hasFiles(name)) await rm(path, { recursive: true, force: true }).catch(() => {})
    }
    this.#abandoned = abandoned
  }
}
