/**
 * Says of a folder that its owner lives. The owner writes something new into a file of the folder each minute. Who watches it compares
 * what it reads with what it read before, and counts its own rounds: no clock is asked, so none that jumps can fake a death.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Owner, ownProcess } from './owner.ts'

/** How often a lease is renewed, and how long a round of a watcher takes at least, in ms. */
export const leaseRound = 60_000
/** So many rounds of one watcher, or of several in a row, without a change: whoever owned the folder is gone. */
export const roundsUntilAbandoned = 10

export const leaseName = 'lease'
export const watchName = 'watch'

export interface Lease {
  /** All that it says: it differs after each renewal. */
  readonly sign: string
  readonly owner: Owner | undefined
}

/** Makes the lease of `folder`, or renews it. Rejects with `ENOENT` when the folder is gone. */
export async function renewLease(folder: string): Promise<void> {
  const text = JSON.stringify({ liveloom: 1, touch: randomBytes(12).toString('hex'), owner: ownProcess() })
  // Written over and not anew: it is as long as before, so a disk that is full takes it.
  const file = await open(join(folder, leaseName), constants.O_WRONLY | constants.O_CREAT, 0o600)
  try {
    await file.write(text, 0)
  } finally {
    await file.close()
  }
}

/** The lease of `folder`; `undefined` when it has none. */
export async function readLease(folder: string): Promise<Lease | undefined> {
  try {
    const sign = await readFile(join(folder, leaseName), 'utf8')
    const said = parse(sign) as { readonly owner?: Owner } | undefined
    return { sign, owner: said?.owner }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

/** What one watcher knows of folders that others own. */
export class LeaseWatch {
  #seen = new Map<string, Stillness>()

  /**
   * Says whether the owner of `folder` has been silent for long enough. Call it once a round for each folder. What was counted is kept
   * in the folder, and the next watcher goes on from there: a machine may have none that lives for ten rounds.
   */
  async isAbandoned(folder: string, sign: string): Promise<boolean> {
    const before = this.#seen.get(folder)
    const written = await readStillness(folder)
    // What others have counted is taken over once: two who watch at the same time must not add up.
    const rounds = before?.sign === sign ? before.rounds + 1 : written?.sign === sign ? written.rounds : 0
    this.#seen.set(folder, { sign, rounds })
    if (rounds >= roundsUntilAbandoned) return true
    if (written?.sign !== sign || written.rounds < rounds) {
      // Only the watchers after this one need it; a full disk must not keep this one from sweeping.
      await writeFile(join(folder, watchName), JSON.stringify({ sign, rounds }), { mode: 0o600 }).catch(() => {})
    }
    return false
  }

  /** Forgets all folders but these. */
  retain(folders: ReadonlySet<string>): void {
    this.#seen = new Map([...this.#seen].filter(([folder]) => folders.has(folder)))
  }
}

interface Stillness {
  readonly sign: string
  /** Rounds in which `sign` was seen again. */
  readonly rounds: number
}

async function readStillness(folder: string): Promise<Stillness | undefined> {
  const text = await readFile(join(folder, watchName), 'utf8').catch(() => '')
  const said = parse(text) as Partial<Stillness> | undefined
  if (typeof said?.sign !== 'string' || !Number.isSafeInteger(said.rounds)) return undefined
  return said as Stillness
}

/** Whatever was cut short while it was written is nothing. */
function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
