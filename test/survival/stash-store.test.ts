import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { stashStoreContract } from '../contracts/stash-store.ts'
import { folderStash } from '../support/folder-stash.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

stashStoreContract('in a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stash-'))
  folders.push(folder)
  let time = 1_700_000_000_000
  const now = (): number => time
  return {
    store: folderStash(folder, now),
    again: () => folderStash(folder, now),
    advance: (ms) => void (time += ms),
  }
})
