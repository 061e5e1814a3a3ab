/**
 * Deletes what nobody came back for. What it deletes gets a place in the trash first: of several who want it one only gets it, and nobody
 * finds half of it.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Shelf } from '../../upload/ledger.ts'
import { nobody, processOf, recordEnding, trashName } from './ledger-names.ts'
import { lastTouched, type Lying, walkLedger } from './ledger-walk.ts'

export interface JanitorOptions {
  /** How long what nobody has stays, in ms. */
  readonly keepFor: Readonly<Record<Shelf['owner'], number>>
  /** Ms since 1970. */
  now(): number
  /** Whether who has a file is gone. */
  isGone(holder: string): Promise<boolean>
}

/** What a round has found, and left. */
export interface Round {
  /** Bytes that are reserved. */
  readonly bytes: number
  /** Who has files. */
  readonly holders: ReadonlySet<string>
}

/** A record without files may be one whose files are just being made, for so long; in ms. */
const makingTime = 60_000

export async function sweepLedger(folder: string, options: JanitorOptions): Promise<Round> {
  let bytes = 0
  const holders = new Set<string>()
  const records: Lying[] = []
  const inUse = new Set<string>()
  for await (const lying of walkLedger(folder)) {
    const { name, path } = lying
    if (name === undefined && path.endsWith(recordEnding)) records.push(lying)
    else if (await isLeftOver(lying, options)) await discard(folder, path)
    else {
      inUse.add(dirname(path))
      bytes += name?.size ?? 0
      if (name !== undefined && name.holder !== nobody) holders.add(processOf(name.holder))
    }
  }
  const now = options.now()
  for (const { path, stat } of records) {
    if (!inUse.has(dirname(path)) && now - lastTouched(stat) > makingTime) await discard(folder, path)
  }
  // A process that was killed in the middle of it has left some.
  await rm(join(folder, trashName), { recursive: true, force: true })
  return { bytes, holders }
}

async function isLeftOver({ name, stat, owner }: Lying, { keepFor, now, isGone }: JanitorOptions): Promise<boolean> {
  if (now() - lastTouched(stat) <= keepFor[owner]) return false
  // Some time after nobody could have it any more, what is none of ours goes as well.
  return name === undefined || name.holder === nobody || (await isGone(name.holder))
}

/** Deletes it; its folders as well when they are empty then. */
export async function discard(folder: string, path: string): Promise<void> {
  const trash = join(folder, trashName)
  const aside = join(trash, randomBytes(12).toString('hex'))
  try {
    await mkdir(trash, { recursive: true, mode: 0o700 })
    await rename(path, aside)
    await rm(aside, { recursive: true, force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await removeEmpty(dirname(path))
}

/** Of a shelf, and of its visitor. What is not empty stays. */
export async function removeEmpty(shelf: string): Promise<void> {
  try {
    await rmdir(shelf)
    await rmdir(dirname(shelf))
  } catch {
    // Somebody has put something there, or taken it away.
  }
}
