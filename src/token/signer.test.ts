import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from './base64url.ts'
import { createSigner, sameText, type TokenPurpose } from './signer.ts'

const secret = 'a secret of thirty-two bytes, or more'
const day = 24 * 60 * 60 * 1000

function signerAt(time: { now: number } = { now: 1_700_000_000_000 }) {
  return createSigner(secret, () => time.now)
}

describe('a signer', () => {
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)

  it('gives back what it signed', () => {
    fc.assert(
      fc.property(json, (data) => {
        const signer = signerAt()
        expect(signer.verify('view', signer.sign('view', data), day)).toEqual(data)
      }),
    )
  })

  it('makes tokens fit for attributes, URLs and cookies', () => {
    fc.assert(
      fc.property(json, (data) => {
        expect(signerAt().sign('cookie', data)).toMatch(/^[\w-]+\.[\w-]+$/)
      }),
    )
  })

  it('refuses a token that was changed anywhere', () => {
    const signer = signerAt()
    const token = signer.sign('upload', ['instance', 'ref', 'uuid'])
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.'.split('')), (at, char) => {
        const changed = token.slice(0, at) + char + token.slice(at + 1)
        expect(signer.verify('upload', changed, day)).toEqual(
          changed === token ? ['instance', 'ref', 'uuid'] : undefined,
        )
      }),
      { numRuns: 500 },
    )
  })

  it('refuses what it never signed', () => {
    fc.assert(
      fc.property(fc.string(), (token) => {
        expect(signerAt().verify('view', token, day)).toBeUndefined()
      }),
    )
  })

  it.each(['', '.', 'a', 'a.', '.a', 'a.b.c', '\u0000.\u0000'])('refuses %j', (token) => {
    expect(signerAt().verify('view', token, day)).toBeUndefined()
  })

  it('takes a token up to its age, and not a moment longer', () => {
    const time = { now: 1000 }
    const signer = signerAt(time)
    const token = signer.sign('view', 1)
    time.now += day
    expect(signer.verify('view', token, day)).toBe(1)
    time.now += 1
    expect(signer.verify('view', token, day)).toBeUndefined()
  })

  it.each([
    { name: 'an hour ahead', ahead: day / 24, taken: true },
    { name: 'a day ahead', ahead: day, taken: true },
    { name: 'more than a day ahead', ahead: day + 1, taken: false },
    { name: 'years ahead', ahead: 3000 * day, taken: false },
  ])('takes what a clock has signed that is $name: $taken', ({ ahead, taken }) => {
    const time = { now: 1_700_000_000_000 }
    const token = signerAt({ now: time.now + ahead }).sign('view', 1)
    expect(signerAt(time).verify('view', token, 60_000)).toBe(taken ? 1 : undefined)
  })

  it('takes a token for its application alone', () => {
    const [own, other] = ['shop', 'shop2'].map((app) => createSigner(secret, () => 0, app))
    const token = own!.sign('view', 1)
    expect(own!.verify('view', token, day)).toBe(1)
    expect(other!.verify('view', token, day)).toBeUndefined()
    expect(other!.digest('csrf', 'x')).not.toBe(own!.digest('csrf', 'x'))
  })

  it('takes a token for its purpose alone', () => {
    const purposes: readonly TokenPurpose[] = ['view', 'static', 'upload', 'cookie', 'csrf', 'reload']
    const signer = signerAt()
    for (const purpose of purposes) {
      const token = signer.sign(purpose, 1)
      for (const other of purposes) expect(signer.verify(other, token, day)).toBe(other === purpose ? 1 : undefined)
    }
  })

  it('refuses the tokens of another secret', () => {
    const other = createSigner(`${secret}!`, () => 1_700_000_000_000)
    expect(signerAt().verify('view', other.sign('view', 1), day)).toBeUndefined()
  })

  it('refuses a token of another version', () => {
    const signer = signerAt()
    const body = toBase64Url(JSON.stringify([0, 1_700_000_000_000, 'old']))
    expect(signer.verify('view', `${body}.${signer.digest('view', body)}`, day)).toBeUndefined()
  })

  it.each([
    { name: '31 letters', short: 'a'.repeat(31) },
    { name: 'nothing', short: '' },
  ])('refuses a secret of $name', ({ short }) => {
    expect(() => createSigner(short, Date.now)).toThrow('secret: expected at least 32 bytes')
    expect(() => createSigner(short, Date.now)).toThrow(expect.objectContaining({ code: 'ERR_SECRET' }))
  })

  it('counts the bytes of a secret, not its letters', () => {
    expect(() => createSigner('ä'.repeat(16), Date.now)).not.toThrow()
  })
})

describe('base64url', () => {
  it('gives every text back', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !/\p{Surrogate}/u.test(value))
    fc.assert(
      fc.property(text, (value) => {
        expect(fromBase64Url(toBase64Url(value))).toBe(value)
      }),
    )
  })

  it.each(['$', 'a', '_w', 'wyg='])('is not %s', (encoded) => {
    expect(fromBase64Url(encoded)).toBeUndefined()
  })
})

describe('texts', () => {
  it('are the same, or not', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(sameText(a, b)).toBe(a === b)
      }),
    )
    fc.assert(
      fc.property(fc.string(), (a) => {
        expect(sameText(a, a)).toBe(true)
      }),
    )
  })
})
