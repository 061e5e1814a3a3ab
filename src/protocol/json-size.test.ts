import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exceedsJson } from './json-size.ts'

/** Counted the plain way, of what was parsed. */
function sizeOf(value: unknown): { readonly values: number; readonly depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 1, depth: 0 }
  const inner = Object.values(value).map(sizeOf)
  const values = inner.reduce((sum, { values }) => sum + values, 1)
  return { values, depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)) }
}

describe('the size of JSON', () => {
  // Quotes and backslashes, near and far, are what a scan for the end of a text can get wrong.
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', 'x', ',', '['), maxLength: 200 }),
  )
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 6 },
      text,
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('json'), { maxLength: 6 }),
      fc.dictionary(text, tie('json'), { maxKeys: 6 }),
    ),
  }))
  const space = fc.constantFrom('', ' ', '\n', '\t')

  it('is what the parsed value has', () => {
    fc.assert(
      fc.property(json, space, (value, indent) => {
        const printed = JSON.stringify(value, null, indent)
        const bytes = new TextEncoder().encode(printed)
        const { values, depth } = sizeOf(JSON.parse(printed))
        expect(exceedsJson(bytes, { maxValues: values, maxDepth: depth })).toBeUndefined()
        expect(exceedsJson(bytes, { maxValues: values - 1, maxDepth: depth })).toBe('values')
        if (depth > 0) expect(exceedsJson(bytes, { maxValues: values, maxDepth: depth - 1 })).toBe('depth')
      }),
      { numRuns: 500 },
    )
  })

  it('is told of anything', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void exceedsJson(bytes, { maxValues: 3, maxDepth: 3 })))
  })
})
