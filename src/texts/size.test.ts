import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { uploadError } from '../upload/errors.ts'
import { formatLimit, formatSize } from './size.ts'

const KiB = 1024
const MiB = KiB * KiB
const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB']

/** What a text says, in bytes. */
function read(text: string): number {
  const [, amount, unit] = /^([\d.e+]+) (\w+)$/.exec(text)!
  return Number(amount) * 1024 ** Math.max(0, units.indexOf(unit!))
}

/** From one byte to petabytes, close to the edges of units and in between. */
const bytes = fc.oneof(
  fc.nat(3000),
  fc.maxSafeNat(),
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1100 }), fc.integer({ min: -3, max: 3 }))
    .map(([unit, times, off]) => Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, 1024 ** unit * times + off))),
)

it.each([
  [0, '0 bytes', '0 bytes'],
  [1, '1 byte', '1 byte'],
  [1023, '1023 bytes', '1023 bytes'],
  [KiB, '1 KB', '1 KB'],
  [KiB + 1, '1.1 KB', '1 KB'],
  [1536, '1.5 KB', '1.5 KB'],
  [MiB - 1, '1 MB', '1023.9 KB'],
  [10 * MiB, '10 MB', '10 MB'],
  [10 * MiB + 1, '10.1 MB', '10 MB'],
  [10 * MiB - 1, '10 MB', '9.9 MB'],
  [2 ** 30, '1 GB', '1 GB'],
  [2 ** 41, '2 TB', '2 TB'],
  [2 ** 50, '1 PB', '1 PB'],
  [2 ** 52 + 1, '4.1 PB', '4 PB'],
  [Number.MAX_SAFE_INTEGER, '8 PB', '7.9 PB'],
])('%i bytes are %s, and as a limit %s', (size, text, limit) => {
  expect(formatSize(size)).toBe(text)
  expect(formatLimit(size)).toBe(limit)
})

describe('a size beside a limit', () => {
  it('reads otherwise whenever it is larger, and larger', () => {
    fc.assert(
      fc.property(bytes, fc.oneof(fc.constant(1), fc.nat(3000), fc.maxSafeNat()), (limit, more) => {
        const size = limit + Math.max(1, more)
        fc.pre(Number.isSafeInteger(size))
        expect(formatSize(size)).not.toBe(formatLimit(limit))
        expect(read(formatSize(size))).toBeGreaterThan(read(formatLimit(limit)))
      }),
      { numRuns: 2000 },
    )
  })

  it('stands on its own side of the truth, in a unit that fits', () => {
    fc.assert(
      fc.property(bytes, (limit) => {
        expect(read(formatLimit(limit))).toBeLessThanOrEqual(limit)
        expect(read(formatSize(limit))).toBeGreaterThanOrEqual(limit)
        expect(formatSize(limit)).toMatch(/^(?:\d{1,4}|\d{1,4}\.\d) (?:byte|bytes|KB|MB|GB|TB|PB)$/)
        expect(formatSize(limit)).not.toMatch(/^1024(?:\.0)? (?!PB)/)
      }),
      { numRuns: 2000 },
    )
  })

  it('is what the error of a file that is too large says', () => {
    fc.assert(
      fc.property(bytes, fc.nat(2000), (maxFileSize, more) => {
        const clientSize = maxFileSize + 1 + more
        fc.pre(Number.isSafeInteger(clientSize))
        const { message } = uploadError('too_large', { clientSize, maxFileSize })
        expect(message).toBe(`Larger than ${formatLimit(maxFileSize)}`)
        expect(message).not.toBe(`Larger than ${formatSize(clientSize)}`)
      }),
    )
  })
})

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number, undefined as unknown as number])(
  'refuses %s',
  (value) => {
    expect(() => formatSize(value)).toThrow('formatSize: expected a number of bytes, got ')
    expect(() => formatLimit(value)).toThrow('formatLimit: expected a number of bytes, got ')
  },
)
