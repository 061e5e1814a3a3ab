/** Looks at all that a ledger keeps in its folder. Links are not followed: others could lead us anywhere. */
import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shelf } from '../../upload/ledger.ts'
import { isVisitorName, type KeptName, readName, shelfOwner } from './ledger-names.ts'

/** Something that lies on a shelf. */
export interface Lying {
  readonly path: string
  readonly visitor: string
  readonly shelf: string
  readonly owner: Shelf['owner']
  /** `undefined` for a record, and for what is none of ours. */
  readonly name: KeptName | undefined
  readonly stat: Stats
}

export async function* walkLedger(folder: string): AsyncIterableIterator<Lying> {
  for (const visitor of await foldersIn(folder)) {
    if (!isVisitorName(visitor)) continue
    for (const shelf of await foldersIn(join(folder, visitor))) {
      const owner = shelfOwner(shelf)
      if (owner === undefined) continue
      for (const file of await namesIn(join(folder, visitor, shelf))) {
        const path = join(folder, visitor, shelf, file)
        const stat = await lstat(path).catch(() => undefined)
        // It has gone, or has another name: the next round finds it.
        if (stat !== undefined) yield { path, visitor, shelf, owner, name: readName(file), stat }
      }
    }
  }
}

/** What a visitor has reserved, by the names of the files alone. */
export async function storedBy(folder: string, visitor: string): Promise<{ bytes: number; files: number }> {
  const stored = { bytes: 0, files: 0 }
  for (const shelf of await foldersIn(join(folder, visitor))) {
    for (const file of await namesIn(join(folder, visitor, shelf))) {
      const name = readName(file)
      if (name === undefined) continue
      stored.bytes += name.size
      stored.files++
    }
  }
  return stored
}

/** When something was last written to it, or somebody took or left it, in ms since 1970. */
export function lastTouched({ mtimeMs, ctimeMs }: Stats): number {
  return Math.max(mtimeMs, ctimeMs)
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(nothing)
  return found.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

export function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(nothing)
}

function nothing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
  throw error
}
