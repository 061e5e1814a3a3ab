import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCsrfToken, isCsrfToken } from './csrf.ts'
import { createSigner } from './signer.ts'

const signer = createSigner('a secret of thirty-two bytes, or more', () => 0)

describe('a CSRF token', () => {
  it('fits the session that it was made for, and no other', () => {
    const token = createCsrfToken(signer, 'mine')
    expect(isCsrfToken(signer, 'mine', token)).toBe(true)
    expect(isCsrfToken(signer, 'yours', token)).toBe(false)
  })

  it('looks different each time', () => {
    expect(createCsrfToken(signer, 'mine')).not.toBe(createCsrfToken(signer, 'mine'))
  })

  it('does not hold the secret', () => {
    expect(createCsrfToken(signer, 'mine')).not.toContain('mine')
  })

  it('fits no more once it was changed', () => {
    const token = createCsrfToken(signer, 'mine')
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.'.split('')), (at, char) => {
        const changed = token.slice(0, at) + char + token.slice(at + 1)
        expect(isCsrfToken(signer, 'mine', changed)).toBe(changed === token)
      }),
    )
  })

  it('is never what was made up', () => {
    fc.assert(
      fc.property(fc.string(), (token) => {
        expect(isCsrfToken(signer, 'mine', token)).toBe(false)
      }),
    )
  })

  it('is not the token of another server', () => {
    const other = createSigner('another secret of thirty-two bytes', () => 0)
    expect(isCsrfToken(signer, 'mine', createCsrfToken(other, 'mine'))).toBe(false)
  })
})
