/** Several on one folder: what one does late, or at the same moment, costs another nothing. */
import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { DiskLedger } from '../../src/adapters/node/disk-ledger.ts'
import type { KeptFile } from '../../src/upload/ledger.ts'
import { grant, granted, listed, newFolder, open, page, pathsIn, size, visitors } from '../support/disk-ledgers.ts'

describe('who has lost a file to another', () => {
  it.each(['page', 'visitor'] as const)(
    'lets go of it, and the other still has it after a restart: %s',
    async (owner) => {
      const folder = await newFolder()
      const shelf = owner === 'page' ? page : visitors
      const [old, next] = [open(folder), open(folder)]
      const [file] = await granted(old, 1, shelf)
      await (await file!.open()).write(randomBytes(400))
      const [taken] = await listed(next, shelf, true)
      expect(taken!.take()).toBe(true)
      await taken!.open()
      await file!.remove()
      await taken!.leave()
      expect((await listed(open(folder), shelf)).map(({ received }) => received)).toEqual([400])
    },
  )

  it('writes nothing into what has been begun anew meanwhile', async () => {
    const folder = await newFolder()
    const [old, next] = [open(folder), open(folder)]
    const [file] = await granted(old)
    const frozen = await file!.open()
    await frozen.write(randomBytes(500))
    const [taken] = await listed(next, page, true)
    taken!.take()
    const writer = await taken!.open()
    await writer.cutBack(0)
    const bytes = randomBytes(size)
    await writer.write(bytes)
    // What it had read before it was frozen.
    await Promise.allSettled([frozen.write(randomBytes(300))])
    await writer.close('done')
    expect(bytes.equals(await readFile(writer.meta().path))).toBe(true)
  })
})

describe('what was listed and is taken late', () => {
  const left = async (): Promise<{ ledger: DiskLedger; other: DiskLedger; late: KeptFile; file: KeptFile }> => {
    const folder = await newFolder()
    const [ledger, other] = [open(folder), open(folder)]
    await (await granted(ledger))[0]!.leave()
    const [late] = await listed(ledger)
    const [file] = await listed(other)
    return { ledger, other, late: late!, file: file! }
  }

  it('is nobody’s when another process was faster', async () => {
    const { late, file } = await left()
    expect(file.take()).toBe(true)
    await file.open()
    expect(late.take()).toBe(false)
  })

  it('is nobody’s when another page of the same process has had it, and has let go of it', async () => {
    const { ledger, late } = await left()
    const [file] = await listed(ledger)
    file!.take()
    await file!.remove()
    expect(late.take()).toBe(false)
  })
})

describe('room', () => {
  it('is given once, however many ask at the same moment', async () => {
    const ledger = open(await newFolder())
    await granted(ledger)
    const answers = await Promise.all(Array.from({ length: 6 }, () => grant(ledger, 3)))
    expect(answers.filter((answer) => answer !== 'visitor')).toHaveLength(3)
  })

  it('is given once to all visitors together', async () => {
    const ledger = open(await newFolder(), { maxStored: { visitor: 10 * size, all: 10 * size } })
    const visitorNames = ['b', 'c', 'd', 'e'].map((letter) => letter.repeat(43))
    const answers = await Promise.all(visitorNames.map((visitor) => grant(ledger, 5, { ...page, visitor })))
    expect(answers.filter((answer) => answer !== 'all')).toHaveLength(2)
  })
})

describe('a record', () => {
  it('goes with its last file, also where several had some of them', async () => {
    const folder = await newFolder()
    const [ledger, other] = [open(folder), open(folder)]
    const files = await granted(ledger, 3, visitors)
    const [stays] = await granted(ledger, 1, visitors)
    await Promise.all(files.map((file) => file.leave()))
    const taken: KeptFile[] = []
    for (const [at, of] of [ledger, other, ledger].entries()) {
      const one = (await listed(of, visitors)).find(({ uuid }) => uuid === files[at]!.uuid)
      expect(one!.take()).toBe(true)
      taken.push(one!)
    }
    for (const one of taken) await one.remove()
    expect((await pathsIn(folder)).filter((path) => path.endsWith('.record'))).toHaveLength(1)
    await stays!.remove()
    expect(await pathsIn(folder)).toEqual([])
  })
})

it('a folder that was deleted under a process is made again, and its files are the process’s', async () => {
  const folder = await newFolder()
  const [ledger, other] = [open(folder), open(folder)]
  await granted(ledger)
  await rm(folder, { recursive: true })
  await granted(ledger)
  expect(await listed(other)).toEqual([])
})
