/** The ledger on disk: its contract, what is found in its folder by others, and how long anything stays. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DiskLedger } from '../../src/adapters/node/disk-ledger.ts'
import type { KeptFile } from '../../src/upload/ledger.ts'
import { uploadLedgerContract } from '../contracts/upload-ledger.ts'
import { granted, listed, minute, newFolder, open, page, pathsIn, size, visitors } from '../support/disk-ledgers.ts'
import { endedOwner } from '../support/ended-owner.ts'

async function grantOne(ledger: DiskLedger, shelf = page): Promise<KeptFile> {
  return (await granted(ledger, 1, shelf))[0]!
}

/** Whoever has the files of this folder is gone, as their leases say. */
async function killHolders(folder: string): Promise<void> {
  const holders = join(folder, '.holders')
  for (const name of await readdir(holders)) {
    await writeFile(join(holders, name, 'lease'), JSON.stringify({ owner: endedOwner() }))
  }
}

uploadLedgerContract('on disk', async () => {
  const folder = await newFolder()
  return { ledger: open(folder), again: () => open(folder), kill: () => killHolders(folder), maxStored: 10 * size }
})

describe('a folder', () => {
  it('is made private, and empty again when nothing is kept', async () => {
    const folder = await newFolder()
    const ledger = open(folder)
    const file = await grantOne(ledger)
    await file.remove()
    await ledger.close()
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('that others may enter is not used', async () => {
    const folder = await newFolder()
    await mkdir(folder, { mode: 0o755 })
    await expect(grantOne(open(folder))).rejects.toMatchObject({ code: 'ERR_UPLOAD_FOLDER' })
  })

  it('that is a link is not used', async () => {
    const folder = await newFolder()
    await mkdir(`${folder}-other`, { mode: 0o700 })
    await symlink(`${folder}-other`, folder)
    await expect(grantOne(open(folder))).rejects.toMatchObject({ code: 'ERR_UPLOAD_FOLDER' })
  })
})

describe('who can write into the folder', () => {
  const left = async (): Promise<{ folder: string; ledger: DiskLedger; data: string; record: string }> => {
    const folder = await newFolder()
    const ledger = open(folder)
    const file = await grantOne(ledger)
    const writer = await file.open()
    await writer.write(randomBytes(600))
    await file.leave()
    const paths = await pathsIn(folder)
    const record = paths.find((path) => path.endsWith('.record'))!
    return { folder, ledger, record, data: paths.find((path) => path !== record)! }
  }

  it.each<{ readonly what: string; readonly spoil: (paths: { data: string; record: string }) => Promise<unknown> }>([
    { what: 'cut the record short', spoil: async ({ record }) => truncate(record, 10) },
    { what: 'emptied the record', spoil: async ({ record }) => truncate(record, 0) },
    { what: 'wrote something else into it', spoil: async ({ record }) => writeFile(record, '[{"files":7}]') },
    { what: 'made the record a folder', spoil: async ({ record }) => rm(record).then(() => mkdir(record)) },
    {
      what: 'replaced the record by a link',
      spoil: async ({ record }) => {
        await rename(record, `${record}.aside`)
        await symlink(`${record}.aside`, record)
      },
    },
    {
      what: 'replaced the file by a link',
      spoil: async ({ data }) => {
        await rename(data, `${dirname(data)}/aside`)
        await symlink(`${dirname(data)}/aside`, data)
      },
    },
    { what: 'linked the file a second time', spoil: async ({ data }) => link(data, `${dirname(data)}/second`) },
    { what: 'deleted the file', spoil: async ({ data }) => rm(data) },
  ])('and $what has nothing listed, and nothing thrown', async ({ spoil }) => {
    const { ledger, ...paths } = await left()
    await spoil(paths)
    expect(await ledger.list(page, true)).toEqual([])
  })

  it('and made the file longer gives no more than was declared', async () => {
    const { ledger, data } = await left()
    await writeFile(data, randomBytes(5 * size))
    const [record] = await ledger.list(page, false)
    expect(record!.files[0]!.received).toBe(size)
    expect(record!.files[0]!.done).toBe(false)
  })

  it('and cut a whole file short has it listed as one on its way', async () => {
    const folder = await newFolder()
    const ledger = open(folder)
    const file = await grantOne(ledger)
    const writer = await file.open()
    await writer.write(randomBytes(size))
    await writer.close('done')
    await file.leave()
    const data = (await pathsIn(folder)).find((path) => path.endsWith('.done'))!
    await truncate(data, 900)
    const [record] = await ledger.list(page, false)
    expect(record!.files[0]).toMatchObject({ received: 900, done: false })
  })
})

describe('the janitor', () => {
  it.each([
    { shelf: page, after: 14 * minute, stays: true },
    { shelf: page, after: 16 * minute, stays: false },
    { shelf: visitors, after: 59 * minute, stays: true },
    { shelf: visitors, after: 61 * minute, stays: false },
  ])('has what a $shelf.owner has left for $after ms stay: $stays', async ({ shelf, after, stays }) => {
    const folder = await newFolder()
    const clock = { ahead: 0 }
    const ledger = open(folder, { now: () => Date.now() + clock.ahead })
    await (await grantOne(ledger, shelf)).leave()
    clock.ahead = after
    await ledger.sweep()
    expect((await pathsIn(folder)).length > 0).toBe(stays)
    expect(ledger.reports).toEqual([])
  })

  it('leaves what somebody has, however long it takes, and what a killed process had until its time is over', async () => {
    const folder = await newFolder()
    const clock = { ahead: 0 }
    const ledger = open(folder)
    await grantOne(ledger)
    const janitor = open(folder, { now: () => Date.now() + clock.ahead })
    clock.ahead = 24 * 60 * minute
    await janitor.sweep()
    expect(await pathsIn(folder)).toHaveLength(2)
    await killHolders(folder)
    clock.ahead = 14 * minute
    await janitor.sweep()
    expect(await pathsIn(folder)).toHaveLength(2)
    clock.ahead = 16 * minute
    await janitor.sweep()
    expect(await pathsIn(folder)).toEqual([])
  })

  it('deletes what lies about and is none of ours, in its time', async () => {
    const folder = await newFolder()
    const clock = { ahead: 0 }
    const ledger = open(folder, { now: () => Date.now() + clock.ahead })
    const file = await grantOne(ledger)
    const shelf = dirname((await pathsIn(folder))[0]!)
    await writeFile(join(shelf, 'stray'), 'x')
    await mkdir(join(shelf, 'stray-folder'))
    clock.ahead = 16 * minute
    await ledger.sweep()
    expect((await readdir(shelf)).filter((name) => name.startsWith('stray'))).toEqual([])
    await file.remove()
  })
})

describe('of a thousand files', () => {
  const limits = { maxStored: { visitor: 1e9, all: 1e9 }, maxFiles: 2000 }

  it('there is one record', async () => {
    const folder = await newFolder()
    const files = await granted(open(folder, limits), 1000)
    expect(files).toHaveLength(1000)
    const paths = await pathsIn(folder)
    expect(paths.filter((path) => path.endsWith('.record'))).toHaveLength(1)
    await Promise.all(files.map((file) => file.remove()))
    expect(await pathsIn(folder)).toEqual([])
  })

  it('the one that is being left is listed, however far that is', async () => {
    const ledger = open(await newFolder(), limits)
    await granted(ledger, 1000)
    let file = await grantOne(ledger)
    for (let turns = 0; turns < 20; turns++) {
      const left = file.leave()
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      file = (await listed(ledger))[0]!
      expect(file?.take(), `after ${turns} turns`).toBe(true)
      await left
    }
  })
})
