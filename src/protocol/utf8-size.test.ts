import fc from 'fast-check'
import { expect, it } from 'vitest'
import { utf8Size } from './utf8-size.ts'

const right = (text: string): number => new TextEncoder().encode(text).length

it('is what an encoder makes, of any text', () => {
  const unit = fc.constantFrom('a', 'ä', '€', '😀', '\ud800', '\udfff', '\0')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 50 }), (text) => {
      expect(utf8Size(text)).toBe(right(text))
    }),
  )
})

it.each(['a', 'ä', '€', '😀', '\ud800', 'a😀'])('is right where the room for %j ends within it', (part) => {
  for (const before of ['', 'x', 'xx', 'xxx']) {
    const text = before + part.repeat(30_000)
    expect(utf8Size(text)).toBe(right(text))
  }
})
