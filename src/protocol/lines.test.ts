import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter } from './lines.ts'

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

describe('lines', () => {
  it('are the same however their bytes come in pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 40 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 8 }), (text, cuts) => {
        const splitter = new LineSplitter(40)
        const bytes = Buffer.from(text)
        const ends = [...cuts, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b)
        const lines = ends.flatMap((end, at) => splitter.push(bytes.subarray(ends[at - 1] ?? 0, end))!)
        expect([...lines, splitter.end()].map(latin1)).toEqual(text.split('\n'))
      }),
    )
  })

  it('may be as long as the limit, and no longer', () => {
    expect(new LineSplitter(3).push(Buffer.from('abc\nabc'))).toHaveLength(1)
    expect(new LineSplitter(3).push(Buffer.from('abc\nabcd'))).toBeUndefined()
    expect(new LineSplitter(3).push(Buffer.from('abcd\nabc'))).toBeUndefined()
    const splitter = new LineSplitter(3)
    expect(splitter.push(Buffer.from('ab'))).toEqual([])
    expect(splitter.push(Buffer.from('cd'))).toBeUndefined()
  })
})
