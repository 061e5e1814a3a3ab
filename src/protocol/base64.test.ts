import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64 } from './base64.ts'

const decodeText = (text: string): Uint8Array | undefined => decodeBase64(Buffer.from(text, 'latin1'))

describe('base64', () => {
  it('gives back what a browser encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(decodeText(btoa(String.fromCharCode(...bytes)))).toEqual(bytes)
      }),
    )
  })

  it.each(['A', 'AA', 'AAA', 'AA=', 'A===', '====', '=AAA', 'A=AA', 'AA=A', 'AA-_', 'AA A', 'AAA\n', 'ÄAAA', 'A\0AA'])(
    'refuses %j',
    (text) => {
      expect(decodeText(text)).toBeUndefined()
    },
  )
})
