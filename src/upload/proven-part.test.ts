import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keepApart, largestProven, type PartProof } from './proven-part.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

function proofOf(bytes: Uint8Array, room = Infinity): PartProof & { held: number } {
  return {
    algorithm: 'sha256',
    digest: sha256(bytes),
    held: 0,
    hold(more) {
      this.held += more
      return this.held <= room
    },
  }
}

/** A request that brings these pieces, and then ends or breaks. */
function bringing(pieces: readonly Uint8Array[], breaks = false) {
  const left = [...pieces]
  return async (): Promise<Uint8Array[] | 'end' | undefined> =>
    left.length > 0 ? left.splice(0, 2) : breaks ? undefined : 'end'
}

const keep = (next: ReturnType<typeof bringing>, proof: PartProof, missing = Infinity) =>
  keepApart(next, { ...proof, hold: (bytes) => proof.hold(bytes) }, missing)

describe('a part that is kept apart', () => {
  it('is given when its digest fits, and only then', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), fc.nat(), async (pieces, at) => {
        const bytes = Buffer.concat(pieces)
        const kept = await keep(bringing(pieces), proofOf(bytes))
        expect(Buffer.concat(kept as Uint8Array[]).equals(bytes)).toBe(true)
        if (bytes.length === 0) return
        const spoilt = Uint8Array.from(bytes)
        spoilt[at % bytes.length]! ^= 1
        expect(await keep(bringing([spoilt]), proofOf(bytes))).toBe('mismatch')
      }),
    ))

  const two = [new Uint8Array(10), new Uint8Array(10)]
  const mebibyte = new Uint8Array(1024 * 1024)
  it.each([
    { name: 'all is as it should be', pieces: two, missing: 20, gives: two },
    { name: 'the file lacks less', pieces: two, missing: 19, gives: 'too_long' },
    { name: 'the process has no room', pieces: two, room: 19, gives: 'no_room' },
    { name: 'no more comes', pieces: two, breaks: true, gives: 'broken' },
    {
      name: 'it is too large',
      pieces: [...Array.from({ length: 4 }, () => mebibyte), new Uint8Array(1)],
      gives: 'too_large',
    },
  ])('gives $gives where $name', async ({ pieces, missing, room, gives, breaks }) => {
    const kept = await keep(bringing(pieces, breaks), proofOf(Buffer.concat(pieces), room), missing)
    expect(kept).toEqual(gives)
  })

  it('may have so many bytes', () => {
    expect(largestProven).toBe(4 * 1024 * 1024)
  })
})
