/** What every `UploadLedger` must do. Run it with a function that makes a fresh one. */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { KeptFile, KeptWriter, LedgerShelf as Shelf, UploadLedger } from 'liveloom'
import { describe, expect, it } from 'vitest'

export interface UploadLedgerCase {
  readonly ledger: UploadLedger
  /** The same one, as another process has it. */
  readonly again: () => UploadLedger
  /** The process of the first one is killed. */
  readonly kill: () => void | Promise<void>
  /** So much may be stored for a visitor. */
  readonly maxStored: number
}

const size = 1000

export function uploadLedgerContract(name: string, create: () => UploadLedgerCase | Promise<UploadLedgerCase>): void {
  const digest = (letter: string): string => letter.repeat(43)
  const page: Shelf = { visitor: digest('v'), name: digest('p'), owner: 'page' }
  const other: Shelf = { ...page, name: digest('q') }
  const visitors: Shelf = { visitor: digest('v'), name: digest('a'), owner: 'visitor' }

  const grant = async (ledger: UploadLedger, count = 1, shelf = page, text = 'facts'): Promise<readonly KeptFile[]> => {
    const granted = await ledger.grant(
      shelf,
      text,
      Array.from({ length: count }, () => ({ uuid: randomUUID(), size })),
    )
    if (typeof granted === 'string') throw new Error(`full for ${granted}`)
    return granted
  }
  const list = async (ledger: UploadLedger, shelf = page, takesOver = false): Promise<readonly KeptFile[]> =>
    (await ledger.list(shelf, takesOver)).flatMap(({ files }) => files)
  const fill = async (file: KeptFile, bytes: Uint8Array): Promise<KeptWriter> => {
    const writer = await file.open()
    await writer.write(bytes)
    await writer.close('done')
    return writer
  }

  describe(`the ledger ${name}`, () => {
    it('has nothing on a shelf that nothing was put on', async () => {
      const { ledger } = await create()
      expect(await ledger.list(page, true)).toEqual([])
    })

    it('has what was granted belong to who asked, in order, and nobody else', async () => {
      const { ledger, again } = await create()
      const granted = await grant(ledger, 3)
      expect(granted.map(({ received, done, tries }) => ({ received, done, tries }))).toEqual(
        Array.from({ length: 3 }, () => ({ received: 0, done: false, tries: 0 })),
      )
      expect(await list(ledger)).toEqual([])
      expect(await list(again())).toEqual([])
    })

    it('lists what was left: its text, its order, and how far it is', async () => {
      const { ledger, again } = await create()
      const [first, second] = await grant(ledger, 2, page, 'what is to be known')
      const writer = await first!.open()
      await writer.write(randomBytes(400))
      await first!.leave()
      await second!.leave()
      for (const of of [ledger, again()]) {
        const [record, ...others] = await of.list(page, false)
        expect(others).toEqual([])
        expect(record!.text).toBe('what is to be known')
        expect(record!.files.map(({ uuid }) => uuid)).toEqual([first!.uuid, second!.uuid])
        expect(record!.files.map(({ received }) => received)).toEqual([400, 0])
      }
    })

    it('keeps shelves apart', async () => {
      const { ledger } = await create()
      const granted = [...(await grant(ledger, 1, page)), ...(await grant(ledger, 1, other))]
      await Promise.all(granted.map((file) => file.leave()))
      expect((await list(ledger, page)).map(({ uuid }) => uuid)).toEqual([granted[0]!.uuid])
      expect((await list(ledger, other)).map(({ uuid }) => uuid)).toEqual([granted[1]!.uuid])
      expect(await list(ledger, visitors)).toEqual([])
    })

    it('goes on where a file was left, byte for byte', async () => {
      const { ledger, again } = await create()
      const bytes = randomBytes(size)
      const [file] = await grant(ledger)
      const writer = await file!.open()
      await writer.write(bytes.subarray(0, 300))
      await writer.write(bytes.subarray(300, 450))
      await file!.leave()
      const [next] = await list(again())
      expect(next!.take()).toBe(true)
      const rest = await next!.open()
      await rest.write(bytes.subarray(450))
      await rest.close('done')
      expect(next!.done).toBe(true)
      expect(bytes.equals(await readFile(rest.meta().path))).toBe(true)
      await rest.dispose('consumed')
    })

    it('shows what is there of a file that is left, or done, without making it anybody’s', async () => {
      const { ledger, again } = await create()
      const bytes = randomBytes(size)
      const [half, whole] = await grant(ledger, 2)
      await (await half!.open()).write(bytes.subarray(0, 10))
      await fill(whole!, bytes)
      await Promise.all([half!.leave(), whole!.leave()])
      const found = await list(again())
      expect(bytes.subarray(0, 10).equals(await found[0]!.peek())).toBe(true)
      expect(bytes.equals(await found[1]!.peek())).toBe(true)
      expect((await list(ledger)).map((file) => file.take())).toEqual([true, true])
    })

    it('waits for a write that runs before it lists what is being left', async () => {
      const { ledger } = await create()
      const [file] = await grant(ledger)
      const writer = await file!.open()
      const written = writer.write(randomBytes(700))
      void file!.leave(Promise.resolve(written))
      expect((await list(ledger)).map(({ received }) => received)).toEqual([700])
    })

    it('gives a file to one alone', async () => {
      const { ledger, again } = await create()
      const [file] = await grant(ledger)
      await file!.leave()
      const others = [again(), again()]
      const found = await Promise.all([ledger, ledger, ...others].map((of) => list(of)))
      const taken = found.flat().filter((one) => one.take())
      const opened = await Promise.allSettled(taken.map((one) => one.open()))
      expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect((await Promise.all([ledger, ...others].map((of) => list(of)))).flat()).toEqual([])
    })

    it('lists what a process had that was killed', async () => {
      const { ledger, again, kill } = await create()
      const bytes = randomBytes(size)
      const [half, whole] = await grant(ledger, 2)
      await (await half!.open()).write(bytes.subarray(0, 10))
      await fill(whole!, bytes)
      await kill()
      const found = await list(again())
      expect(found.map(({ received, done }) => ({ received, done }))).toEqual([
        { received: 10, done: false },
        { received: size, done: true },
      ])
    })

    it('gives a page what another process still has, which cannot go on with it then', async () => {
      const { ledger, again } = await create()
      const [file] = await grant(ledger)
      const writer = await file!.open()
      await writer.write(randomBytes(100))
      expect(await writer.isOurs()).toBe(true)
      const [taken] = await list(again(), page, true)
      expect(taken!.take()).toBe(true)
      await taken!.open()
      expect(await writer.isOurs()).toBe(false)
      expect(await writer.beginConsume()).toBe(false)
      // What it still has on its way changes nothing of what is there.
      await file!.leave()
      expect(await taken!.open().then((again) => again.isOurs())).toBe(true)
    })

    it('takes nothing over that is being consumed', async () => {
      const { ledger, again } = await create()
      const [file] = await grant(ledger)
      const writer = await fill(file!, randomBytes(size))
      expect(await writer.beginConsume()).toBe(true)
      expect(await list(again(), page, true)).toEqual([])
      await writer.endConsume()
      expect(await list(again(), page, true)).toHaveLength(1)
    })

    it('counts the consumes that their processes did not survive', async () => {
      const { ledger, again, kill } = await create()
      const [file] = await grant(ledger)
      const writer = await fill(file!, randomBytes(size))
      await writer.beginConsume()
      await kill()
      const [once] = await list(again())
      expect(once!).toMatchObject({ done: true, tries: 1 })
      expect(once!.take()).toBe(true)
      const second = await once!.open()
      expect(await second.beginConsume()).toBe(true)
    })

    it('has what is disposed of gone, and its room free again', async () => {
      const { ledger, again, maxStored } = await create()
      const count = Math.floor(maxStored / size)
      const files = await grant(ledger, count)
      expect(await ledger.grant(other, '', [{ uuid: randomUUID(), size }])).toBe('visitor')
      expect(await again().grant(other, '', [{ uuid: randomUUID(), size }])).toBe('visitor')
      await (await fill(files[0]!, randomBytes(size))).dispose('consumed')
      await files[1]!.remove()
      expect(await grant(ledger, 2, other)).toHaveLength(2)
      await Promise.all(files.slice(2).map((file) => file.remove()))
      expect(await list(ledger)).toEqual([])
    })

    it('cuts back what a write has left that failed', async () => {
      const { ledger, again } = await create()
      const bytes = randomBytes(size)
      const [file] = await grant(ledger)
      const writer = await file!.open()
      await writer.write(bytes.subarray(0, 600))
      await writer.cutBack(200)
      await file!.leave()
      const [next] = await list(again())
      expect(next!.received).toBe(200)
    })

    it('may be paused, and opened again', async () => {
      const { ledger } = await create()
      const bytes = randomBytes(size)
      const [file] = await grant(ledger)
      const writer = await file!.open()
      await writer.write(bytes.subarray(0, 600))
      await writer.pause()
      expect(file!.received).toBe(600)
      const next = await file!.open()
      await next.write(bytes.subarray(600))
      await next.close('done')
      expect(bytes.equals(await readFile(next.meta().path))).toBe(true)
      await next.dispose('dropped')
    })
  })
}
