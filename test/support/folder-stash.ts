/** A store of stashes in a folder, one file each: for tests with several processes. */
import { createHash, randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StashStore } from 'liveloom'

export function folderStash(folder: string, now: () => number = Date.now): StashStore {
  // Some file systems take `a` and `A` for one.
  const pathOf = (key: string): string => join(folder, createHash('sha256').update(key).digest('hex'))
  return {
    async read(key) {
      const text = await readFile(pathOf(key), 'utf8').catch(() => undefined)
      if (text === undefined) return undefined
      const end = text.indexOf('\n')
      return now() < Number(text.slice(0, end)) ? text.slice(end + 1) : undefined
    },
    async write(key, value, maxAge) {
      const part = join(folder, randomUUID())
      await writeFile(part, `${now() + maxAge}\n${value}`)
      await rename(part, pathOf(key))
    },
    remove: (key) => rm(pathOf(key), { force: true }),
  }
}
