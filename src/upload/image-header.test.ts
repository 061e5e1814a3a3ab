import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exif, frame, gif, jpeg, pdf, png, segment, webp } from '../../test/support/made-files.ts'
import { readImageHeader } from './image-header.ts'
import { Probing } from './probing.ts'

/** How far it has read when it knows, and what. */
function read(file: Uint8Array, pieces: readonly number[] = [file.length]) {
  const probing = new Probing(readImageHeader())
  let at = 0
  for (const size of pieces) {
    if (probing.isOver) break
    probing.feed(file.subarray(at, at + size), at)
    at += size
  }
  const early = probing.isOver
  probing.end()
  return { facts: probing.answer, early }
}

const one = (file: Uint8Array): readonly number[] => Array.from(file, () => 1)
const some = Buffer.alloc(60_000, 0x41)

describe('the header of an image', () => {
  it.each([
    ['a PNG', png(3, 2), { type: 'png', width: 3, height: 2, orientation: 1 }],
    ['a PNG of 60,000 × 60,000', png(1, 1, [60_000, 60_000]), { width: 60_000, height: 60_000 }],
    ['a PNG as large as a number', png(1, 1, [2 ** 32 - 1, 2 ** 32 - 1]), { width: 2 ** 32 - 1 }],
    ['a GIF', gif(320, 200), { type: 'gif', width: 320, height: 200 }],
    ['a WebP', webp('VP8 ', 640, 480), { type: 'webp', width: 640, height: 480 }],
    ['a WebP without loss', webp('VP8L', 16_383, 2), { type: 'webp', width: 16_383, height: 2 }],
    ['a WebP with more to it', webp('VP8X', 70_000, 3), { type: 'webp', width: 70_000, height: 3 }],
    ['a JPEG', jpeg(4032, 3024), { type: 'jpeg', width: 4032, height: 3024, orientation: 1 }],
    ['a JPEG with its segments far apart', jpeg(5, 6, [segment(0xe2, some), segment(0xe2, some)]), { width: 5 }],
    ['a JPEG that lies on its side', jpeg(4000, 3000, [exif(6)]), { width: 3000, height: 4000, orientation: 6 }],
    ['a JPEG upside down, by Intel', jpeg(4, 3, [exif(3, true)]), { width: 4, height: 3, orientation: 3 }],
    ['a JPEG of an orientation that is none', jpeg(4, 3, [exif(9)]), { width: 4, height: 3, orientation: 1 }],
    ['a JPEG in parts', Buffer.concat([jpeg(1, 1, []).subarray(0, 2), frame(7, 8, 0xc2)]), { width: 7, height: 8 }],
    ['a JPEG with filling', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xff, 0xff]), frame(7, 8)]), { width: 7 }],
  ])('of %s is read', (_, file, facts) => {
    expect(read(file).facts).toMatchObject(facts)
    expect(read(file, one(file)).facts).toEqual(read(file).facts)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0x89])],
    ['text', Buffer.from('GIF would be nice')],
    ['a PDF', pdf()],
    ['a PNG that ends in its header', png(3, 2).subarray(0, 20)],
    ['a PNG of no width', png(0, 1)],
    ['a PNG whose first chunk is another', Buffer.concat([png(1, 1).subarray(0, 8), png(1, 1).subarray(33)])],
    ['a GIF that ends in its header', gif(3, 2).subarray(0, 9)],
    ['a WebP of an unknown kind', Buffer.from('RIFF\0\0\0\0WEBPVP9 \0\0\0\0\0\0\0\0\0\0\0\0\0\0')],
    ['a WebP whose frame is no first one', Buffer.from(webp('VP8 ', 3, 2)).fill(1, 20, 21)],
    ['a JPEG that ends before its size', jpeg(3, 2).subarray(0, 12)],
    ['a JPEG whose pixels come before its size', Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3, 4, 5])],
    ['a JPEG of no height', jpeg(3, 0)],
    ['a JPEG with a segment shorter than its length', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1, 1, 1, 1, 1, 1, 1])],
    ['a JPEG with what is no marker', Buffer.from([0xff, 0xd8, 0x12, 0xe0, 0, 4, 1, 1, 1, 1, 1, 1, 1, 1])],
  ])('of %s is none', (_, file) => {
    expect(read(file).facts).toBeUndefined()
    expect(read(file, one(file)).facts).toBeUndefined()
  })

  it.each([
    ['segments of nothing', Buffer.concat(Array.from({ length: 2000 }, () => segment(0xe0, Buffer.alloc(0))))],
    ['markers alone', Buffer.alloc(4000, Buffer.from([0xff, 0xd0]))],
    ['filling', Buffer.alloc(4000, 0xff)],
    ['large segments', Buffer.concat(Array.from({ length: 600 }, () => segment(0xe0, some)))],
  ])('is given up behind an endless chain of %s', (_, chain) => {
    const file = Buffer.concat([Buffer.from([0xff, 0xd8]), chain, frame(3, 2)])
    expect(
      read(
        file,
        Array.from({ length: Math.ceil(file.length / 999) }, () => 999),
      ),
    ).toEqual({
      facts: undefined,
      early: true,
    })
  })

  it('comes to the same in whatever pieces, and never throws', () => {
    const files = fc.oneof(
      fc.constantFrom(png(3, 2), jpeg(30, 20, [exif(6), segment(0xe2, some)]), gif(3, 2), webp('VP8L', 3, 2)),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.from([0xff, 0xd8]), bytes])),
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.concat([jpeg(3, 2).subarray(0, 2), exif(5), bytes])),
    )
    fc.assert(
      fc.property(files, fc.array(fc.integer({ min: 1, max: 70 })), (file, pieces) => {
        expect(read(file, [...pieces, file.length]).facts).toEqual(read(file).facts)
      }),
    )
  })

  it('is asked for in small ranges, each behind the one before', () => {
    const probe = readImageHeader()
    const file = jpeg(30, 20, [exif(6), segment(0xe2, some)])
    let last = -1
    for (let next = probe.next(); next.done !== true;) {
      const { at, length } = next.value
      expect(at).toBeGreaterThanOrEqual(last)
      expect(length).toBeLessThanOrEqual(4096)
      last = at
      next = probe.next(file.subarray(at, at + length))
    }
  })
})
