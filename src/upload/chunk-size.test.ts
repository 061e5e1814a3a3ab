import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunkSizeFor } from './chunk-size.ts'

const KiB = 1024
const MiB = 1024 * KiB

describe('the chunk size', () => {
  it.each([
    { file: 1, sending: 1, size: 64 * KiB, why: 'never under 64 KiB for one file' },
    { file: 6 * MiB, sending: 1, size: 64 * KiB, why: '1 % is less than 64 KiB' },
    { file: 10_000_001, sending: 1, size: 100_001, why: '1 %, rounded up' },
    { file: 50 * MiB, sending: 1, size: 512 * KiB, why: '1 %' },
    { file: 100 * MiB, sending: 1, size: MiB, why: '1 % is 1 MiB' },
    { file: 300 * MiB, sending: 1, size: MiB, why: 'never over 1 MiB' },
    { file: 300 * MiB, sending: 2, size: 512 * KiB, why: 'two share 1 MiB' },
    { file: 300 * MiB, sending: 3, size: 349_525, why: 'three share 1 MiB' },
    { file: 1, sending: 16, size: 64 * KiB, why: 'sixteen of 64 KiB are 1 MiB' },
    { file: 1, sending: 32, size: 32 * KiB, why: 'thirty-two share 1 MiB' },
    { file: 300 * MiB, sending: 64, size: 16 * KiB, why: 'sixty-four share 1 MiB' },
    { file: 300 * MiB, sending: 1000, size: 16 * KiB, why: 'never under 16 KiB' },
    { file: 0, sending: 0, size: 64 * KiB, why: 'nothing is sent' },
  ])('of $file bytes, $sending at once: $size ($why)', ({ file, sending, size }) => {
    expect(chunkSizeFor(file, sending)).toBe(size)
  })

  it('is a whole number from 16 KiB to 1 MiB, and smaller the more files are sent', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2000 }), (file, sending) => {
        const size = chunkSizeFor(file, sending)
        expect(Number.isInteger(size)).toBe(true)
        expect(size).toBeGreaterThanOrEqual(16 * KiB)
        expect(size).toBeLessThanOrEqual(MiB)
        expect(chunkSizeFor(file, sending + 1)).toBeLessThanOrEqual(size)
        if (sending <= 64) expect(size * sending).toBeLessThanOrEqual(MiB)
      }),
    )
  })
})
