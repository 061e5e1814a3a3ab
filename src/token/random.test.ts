import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomText } from './random.ts'

describe('randomText', () => {
  it('is base64url of as many bytes as were asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (thirds) => {
        const text = randomText(thirds * 3)
        expect(text).toMatch(/^[\w-]+$/)
        expect(text).toHaveLength(thirds * 4)
      }),
    )
  })

  it('gives nothing twice, also across the pools that it draws from', () => {
    const texts = Array.from({ length: 5000 }, () => randomText(12))
    expect(new Set(texts).size).toBe(texts.length)
  })
})
