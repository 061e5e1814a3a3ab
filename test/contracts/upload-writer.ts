/**
 * What every upload writer must do, sentence by sentence of the contract of `UploadWriter`. Run it with a way to open a fresh
 * writer, to read what it has stored, and to tell whether anything of it is left.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UploadWriter } from 'liveloom'

export interface WriterUnderTest<Meta> {
  open(): UploadWriter<Meta> | Promise<UploadWriter<Meta>>
  /** The bytes that a writer which was closed with `done` has stored. */
  read(meta: Meta): Promise<Uint8Array>
  /** Whether anything of the writer is still there. */
  exists(meta: Meta): Promise<boolean>
  /** What is consumed stays where it is. @default it goes */
  readonly staysConsumed?: boolean
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
