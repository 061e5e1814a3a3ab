import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isExternalUrl, isSafeAddress, isSettled, schemeOf } from './addresses.ts'

/** Pieces that ways around filters are made of. */
const piece = fc.constantFrom(
  'java',
  'script',
  'javascript',
  'JAVASCRIPT',
  'vbscript',
  'data',
  'http',
  'https',
  'blob',
  'mailto',
  ':',
  '/',
  '//',
  '\\',
  '?',
  '#',
  '.',
  '+',
  '-',
  '@',
  ' ',
  '\t',
  '\n',
  '\r',
  '\0',
  '\u0001',
  '\u001f',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u200b',
  '\u2028',
  '\ufeff',
  'ſ',
  'K',
  '：',
  '%3a',
  '%0a',
  '&colon;',
  '&#58;',
  'image/png',
  'image/svg+xml',
  'text/html',
  ',',
  ';base64,',
  'alert(1)',
  'evil.test',
)
const address = fc.oneof(
  fc.string(),
  fc
    .array(fc.oneof({ weight: 5, arbitrary: piece }, { weight: 1, arbitrary: fc.string({ maxLength: 3 }) }), {
      maxLength: 8,
    })
    .map((pieces) => pieces.join('')),
)
const own = 'https://own.test/page'
const safe: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:', 'blob:'])

describe('an address that is taken', () => {
  it('has a safe scheme for a browser, whatever it is', () => {
    fc.assert(
      fc.property(address, (text) => {
        if (!isSafeAddress(text, { picture: false }) || !URL.canParse(text, own)) return
        expect([text, safe.has(new URL(text, own).protocol)]).toEqual([text, true])
      }),
      { numRuns: 20_000 },
    )
  })

  it('may hold a picture in a src, and nothing that holds scripts', () => {
    fc.assert(
      fc.property(address, (text) => {
        const data = `data:${text}`
        if (!isSafeAddress(data, { picture: true })) return
        const type = /^[^,;]*/.exec(new URL(data, own).pathname)![0].trim()
        expect(type).toMatch(/^image\/[a-z\d.-]+$/i)
        expect(type).not.toMatch(/svg/i)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('an address that is refused', () => {
  it('is none that a page of the web needs', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        const { pathname, search, hash, host } = new URL(url)
        for (const way of [url, `//${host}${pathname}`, pathname + search + hash, search || '?', hash || '#']) {
          expect([way, isSafeAddress(way, { picture: false })]).toEqual([way, true])
        }
      }),
    )
  })
})

describe('what is settled', () => {
  it('keeps its scheme, whatever follows', () => {
    fc.assert(
      fc.property(address, address, (start, rest) => {
        if (!isSettled(start)) return
        expect(schemeOf(start + rest)).toBe(schemeOf(start))
        const picture = { picture: true }
        expect(isSafeAddress(start + rest, picture)).toBe(isSafeAddress(start, picture))
      }),
      { numRuns: 10_000 },
    )
  })
})

describe('an external URL', () => {
  it('leads to a browser’s own idea of the web, of mail or of a call', () => {
    fc.assert(
      fc.property(address, (text) => {
        for (const url of [text, `https://${text}`, `mailto:${text}`]) {
          if (isExternalUrl(url)) expect(new URL(url).protocol).toMatch(/^(?:https?|mailto|tel):$/)
        }
      }),
      { numRuns: 5000 },
    )
  })
})
