/**
 * What every upload writer must do, sentence by sentence of the contract of `UploadWriter`. Run it with a way to open a fresh
 * writer, to read what it has stored, and to tell whether anything of it is left.
 */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UploadWriter, WriterTools } from 'liveloom'

export interface WriterUnderTest<Meta> {
  open(): UploadWriter<Meta> | Promise<UploadWriter<Meta>>
  /** The bytes that a writer which was closed with `done` has stored. */
  read(meta: Meta): Promise<Uint8Array>
  /** Whether anything of the writer is still there. */
  exists(meta: Meta): Promise<boolean>
  /** What is consumed stays where it is. @default it goes */
  readonly staysConsumed?: boolean
  /** Of writers that keep notes: opens one for a file of `size` bytes. */
  readonly noted?: {
    readonly size: number
    open(tools: Pick<WriterTools, 'note' | 'keep'>): UploadWriter<Meta> | Promise<UploadWriter<Meta>>
  }
}

/** What the server keeps for a writer. */
class KeptNote {
  note: unknown = undefined
  keep = (note: unknown): Promise<void> => {
    this.note = JSON.parse(JSON.stringify(note))
    return Promise.resolve()
  }
}

export function uploadWriterContract<Meta>(name: string, create: () => WriterUnderTest<Meta>): void {
  describe(`the upload writer ${name}`, () => {
    it('stores the chunks in the order they came, however they are cut', async () => {
      const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { minLength: 1, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(chunks, async (given) => {
          const tested = create()
          const writer = await tested.open()
          for (const chunk of given) await writer.write(chunk)
          await writer.close('done')
          expect(Buffer.from(await tested.read(writer.meta()))).toEqual(Buffer.concat(given))
          await writer.dispose('consumed')
        }),
        { numRuns: 20 },
      )
    })

    it('stores a chunk of a mebibyte', async () => {
      const tested = create()
      const writer = await tested.open()
      const chunk = new Uint8Array(1024 * 1024).map((_, at) => at % 251)
      await writer.write(chunk)
      await writer.close('done')
      expect(Buffer.compare(await tested.read(writer.meta()), chunk)).toBe(0)
      await writer.dispose('consumed')
    })

    it('does not keep the chunk it was given: its memory is used again', async () => {
      const tested = create()
      const writer = await tested.open()
      const memory = new Uint8Array([1, 2, 3, 4])
      await writer.write(memory.subarray(1, 3))
      memory.fill(9)
      await writer.close('done')
      expect([...(await tested.read(writer.meta()))]).toEqual([2, 3])
      await writer.dispose('consumed')
    })

    it.each(['consumed', 'dropped'] as const)('leaves what it should when it is %s', async (outcome) => {
      const tested = create()
      const writer = await tested.open()
      await writer.write(new Uint8Array(10))
      await writer.close('done')
      const meta = writer.meta()
      expect(await tested.exists(meta)).toBe(true)
      await writer.dispose(outcome)
      expect(await tested.exists(meta)).toBe(outcome === 'consumed' && tested.staysConsumed === true)
    })

    it.each([
      { name: 'is cancelled', reason: 'cancel' as const },
      { name: 'failed', reason: { error: new Error('lost') } },
    ])('leaves nothing when it $name half way', async ({ reason }) => {
      const tested = create()
      const writer = await tested.open()
      const meta = writer.meta()
      await writer.write(new Uint8Array(10))
      await writer.close(reason)
      await writer.dispose('dropped')
      expect(await tested.exists(meta)).toBe(false)
    })

    it('leaves nothing when nothing was written', async () => {
      const tested = create()
      const writer = await tested.open()
      await writer.close('cancel')
      await writer.dispose('dropped')
      expect(await tested.exists(writer.meta())).toBe(false)
    })

    describe.runIf(create().noted !== undefined)('that has kept a note', () => {
      it.each([
        { what: 'was let go of', isCertain: true, end: (writer: UploadWriter<Meta>) => writer.pause?.() },
        { what: 'ended with its process', isCertain: false, end: () => {} },
      ])('is gone on with behind what it has, when it $what', async ({ end, isCertain }) => {
        const tested = create()
        const { size, open } = tested.noted!
        const bytes = randomBytes(size)
        const notes = new KeptNote()
        const first = await open(notes)
        expect(first.offset ?? 0).toBe(0)
        for (let at = 0; at < size - 100; at += 65_536)
          await first.write(bytes.subarray(at, Math.min(at + 65_536, size - 100)))
        await end(first)
        const next = await open(notes)
        const offset = next.offset!
        // What was on its way when a process ended may have come, or not.
        expect(offset).toBeGreaterThanOrEqual(isCertain ? 1 : 0)
        expect(offset).toBeLessThanOrEqual(size - 100)
        await next.write(bytes.subarray(offset))
        await next.close('done')
        expect(bytes.equals(await tested.read(next.meta()))).toBe(true)
        await next.dispose('consumed')
      })

      it('is consumed by another one, once it is done', async () => {
        const tested = create()
        const { size, open } = tested.noted!
        const bytes = randomBytes(size)
        const notes = new KeptNote()
        const first = await open(notes)
        await first.write(bytes)
        await first.close('done')
        const next = await open(notes)
        expect(next.meta()).toEqual(first.meta())
        expect(bytes.equals(await tested.read(next.meta()))).toBe(true)
        await next.dispose('dropped')
        expect(await tested.exists(first.meta())).toBe(false)
      })

      it('leaves nothing when another one is cancelled', async () => {
        const tested = create()
        const { size, open } = tested.noted!
        const notes = new KeptNote()
        const first = await open(notes)
        await first.write(randomBytes(size - 100))
        await first.pause?.()
        const next = await open(notes)
        await next.close('cancel')
        await next.dispose('dropped')
        expect(await tested.exists(next.meta())).toBe(false)
      })
    })

    it('stands on its own: many at once do not mix', async () => {
      const tested = create()
      const writers = await Promise.all(Array.from({ length: 20 }, async () => tested.open()))
      await Promise.all(
        writers.map(async (writer, at) => {
          for (let nth = 0; nth < 5; nth++) await writer.write(new Uint8Array([at, nth]))
          await writer.close('done')
        }),
      )
      for (const [at, writer] of writers.entries()) {
        const expected = Array.from({ length: 5 }, (_, nth) => [at, nth]).flat()
        expect([...(await tested.read(writer.meta()))]).toEqual(expected)
        await writer.dispose('consumed')
      }
    })
  })
}
