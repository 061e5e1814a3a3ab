import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Parts, toParts } from './parts.ts'

describe('a payload', () => {
  it('goes in parts that Postgres takes, and comes out as it went in', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant('x'))
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20_000 }), (unit, size) => {
        const message = unit.repeat(Math.ceil(size / Math.max(unit.length, 1)))
        const parts = toParts('7', `head\n${JSON.stringify(message)}`)
        expect(parts.every((part) => /^[\n -~]*$/.test(part) && part.length < 8000)).toBe(true)
        const joined = new Parts()
        const came = parts.map((part) => joined.add(part))
        expect(came.slice(0, -1).every((payload) => payload === undefined)).toBe(true)
        expect(JSON.parse(came.at(-1)!.split('\n')[1]!)).toBe(message)
      }),
    )
  })

  it.each([7998, 7999])('of %d characters goes in as few parts as it can', (size) => {
    expect(toParts('7', 'x'.repeat(size))).toHaveLength(size === 7998 ? 1 : 2)
  })

  it('whose beginning was missed is dropped, and the next is whole', () => {
    const [first, second] = [toParts('1', 'x'.repeat(20_000)), toParts('2', 'y'.repeat(20_000))]
    const parts = new Parts()
    expect([first[1], first[2], second[0], first[2], second[1]].map((part) => parts.add(part!))).toEqual(
      Array.from({ length: 5 }),
    )
    expect(parts.add(second[2]!)).toBe('y'.repeat(20_000))
  })

  it('of somebody else is handed on as it is', () => {
    for (const strange of ['', 'x', '1/2', '1/2 id', '99999/99999 id text']) {
      expect(new Parts().add(strange)).toBe(strange)
    }
  })
})
