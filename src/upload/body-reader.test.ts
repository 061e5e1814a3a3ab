import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { BodyReader } from './body-reader.ts'

const kB = 1024

/** A body of so many bytes in pieces, that counts how much of it was taken. */
function bodyOf(lengths: readonly number[], breaks = false) {
  const made = { taken: 0, bytes: new Uint8Array(lengths.reduce((sum, length) => sum + length, 0)) }
  made.bytes.forEach((_, at) => (made.bytes[at] = at % 251))
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (const length of lengths) {
      made.taken += length
      yield made.bytes.subarray(made.taken - length, made.taken)
    }
    if (breaks) throw new Error('the peer has gone')
  }
  return { made, body: pieces() }
}

function reading(body: AsyncIterable<Uint8Array>): BodyReader {
  return new BodyReader(body, { chunkTimeout: 1000, leastBytes: 1, startTimer: new ManualTime().startTimer })
}

/** What is read until it ends, by somebody who is busy in between. */
async function readAll(reader: BodyReader): Promise<{ bytes: Buffer; end: 'end' | undefined }> {
  const read: Uint8Array[] = []
  for (;;) {
    const next = await reader.next()
    if (!Array.isArray(next)) return { bytes: Buffer.concat(read), end: next as 'end' | undefined }
    read.push(...(next as Uint8Array[]))
    await turn()
  }
}

describe('a body that is read ahead', () => {
  it('comes whole and in order, also what came before it broke', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat(500), { maxLength: 30 }), fc.boolean(), async (lengths, breaks) => {
        const { made, body } = bodyOf(lengths, breaks)
        const { bytes, end } = await readAll(reading(body))
        expect(bytes.equals(made.bytes)).toBe(true)
        expect(end).toBe(breaks ? undefined : 'end')
      }),
    ))

  it('is not read before it is asked for, and then as far ahead as it may be', async () => {
    const { made, body } = bodyOf(Array.from({ length: 10 }, () => 64 * kB))
    const reader = reading(body)
    await turn()
    expect(made.taken).toBe(0)
    expect(await reader.next()).toHaveLength(1)
    await turn()
    expect(made.taken).toBe(3 * 64 * kB)
    expect(await reader.next()).toHaveLength(2)
  })

  it('brings nothing more once it is stopped', async () => {
    const { body } = bodyOf([10, 10, 10])
    const reader = reading(body)
    await reader.next()
    await turn()
    reader.stop()
    expect(await reader.next()).toBeUndefined()
  })

  it('that is stopped lets go of whoever waits', async () => {
    const reader = reading({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) })
    const next = reader.next()
    reader.stop()
    expect(await next).toBeUndefined()
  })
})
