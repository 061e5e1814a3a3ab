import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, forwardedValue } from './address.ts'

const at = (changes: Partial<Parameters<typeof addressOf>[0]>): string | undefined =>
  addressOf({ target: '/page?a=1', host: 'example.com', protocol: 'http', ...changes })

describe('the address of a request', () => {
  it.each([
    ['example.com', 'http://example.com/page?a=1'],
    ['example.com:8080', 'http://example.com:8080/page?a=1'],
    ['localhost:4000', 'http://localhost:4000/page?a=1'],
    ['my_service:4000', 'http://my_service:4000/page?a=1'],
    ['Example.COM.', 'http://Example.COM./page?a=1'],
    ['127.0.0.1:80', 'http://127.0.0.1:80/page?a=1'],
    ['[::1]', 'http://[::1]/page?a=1'],
    ['[2001:DB8::1]:8443', 'http://[2001:DB8::1]:8443/page?a=1'],
    ['xn--bcher-kva.example', 'http://xn--bcher-kva.example/page?a=1'],
  ])('has the host %j', (host, address) => {
    expect(at({ host })).toBe(address)
  })

  it.each([
    'x/admin?',
    'x/admin',
    'x#',
    'x?',
    'x@',
    'user:word@x',
    'x\\',
    'x\\admin?',
    '',
    ' ',
    'a b',
    'a\tb',
    'a,b',
    'x:',
    'x:port',
    'x:99999',
    'x:1:2',
    ':80',
    '::1',
    '[::1',
    '[::1]x',
    '[fe80::1%25eth0]',
    '[::g]',
    'x%2fadmin',
    'münchen.example',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    `${'a'.repeat(252)}.com`,
  ])('is none with the host %j', (host) => {
    expect(at({ host })).toBeUndefined()
  })

  it.each([
    ['/', 'http://example.com/'],
    ['//evil.example/x', 'http://example.com//evil.example/x'],
    ['/a//b/?c=/../d\u{e9}', 'http://example.com/a//b/?c=/../d\u{e9}'],
    ['/a/...', 'http://example.com/a/...'],
    ['/a/.well-known/b.', 'http://example.com/a/.well-known/b.'],
    ['/%61dmin', 'http://example.com/%61dmin'],
    ['/@x:80', 'http://example.com/@x:80'],
  ])('has the target %j', (target, address) => {
    expect(at({ target })).toBe(address)
  })

  it.each([
    '',
    '*',
    'page',
    '?a=1',
    'http://example.com/admin',
    'http:/admin',
    'example.com:443',
    '\\admin',
    '/\\evil.example',
    '/x\\..\\admin',
    '/x/../admin',
    '/x/%2e%2E/admin',
    '/./admin',
    '/x/.%2e',
    '/x/.?a',
    '/x#/admin',
    '/ad\tmin',
    '/ad\nmin',
    '/admin ',
    '/\0',
  ])('is none with the target %j', (target) => {
    expect(at({ target })).toBeUndefined()
  })

  it.each([
    ['https', 'https:'],
    ['HTTPS', 'https:'],
    ['wss', 'https:'],
    ['ws', 'http:'],
    ['ftp', undefined],
    ['javascript', undefined],
    ['https://evil.example/x?', undefined],
    ['http:', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('has of the protocol %j %j', (protocol, expected) => {
    const address = at({ protocol })
    expect(address === undefined ? undefined : new URL(address).protocol).toBe(expected)
  })

  const piece = fc.oneof(
    fc.constantFrom(
      '/',
      '\\',
      '?',
      '#',
      '@',
      ':',
      '..',
      '.',
      '%2e',
      '%2f',
      'admin',
      'x',
      '[',
      ']',
      '::1',
      ' ',
      '\t',
      '80',
    ),
    fc.string({ maxLength: 4 }),
  )
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))

  it('has the path and the query of the request line, whatever the headers say', () => {
    fc.assert(
      fc.property(text, fc.oneof(fc.constantFrom('http', 'https'), text), text, (host, protocol, rest) => {
        const target = `/${rest}`
        const address = addressOf({ target, host, protocol })
        if (address === undefined) return
        const url = new URL(address)
        expect(['http:', 'https:']).toContain(url.protocol)
        expect([url.username, url.password, url.hash]).toEqual(['', '', ''])
        // The parser encodes what is no ASCII, and some of what is; it moves, adds and takes away nothing.
        expect(decode(url.pathname + url.search)).toBe(decode(target.replace(/^([^?]*)\?$/, '$1')))
      }),
      { numRuns: 2000 },
    )
  })

  it('is that of each host and each path that a browser asks for', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, validSchemes: ['http', 'https'] }), (made) => {
        const url = new URL(made)
        const claim = { target: url.pathname + url.search, host: url.host, protocol: url.protocol.slice(0, -1) }
        const { origin, pathname, search } = new URL(addressOf(claim) ?? '')
        expect([origin, pathname, search]).toEqual([url.origin, url.pathname, url.search])
      }),
    )
  })
})

/** The same text however much of it is encoded. */
function decode(text: string): string {
  return text
    .replaceAll(/\P{ASCII}|["<>`{}'^|]/gu, encodeURIComponent)
    .replaceAll("'", '%27')
    .replaceAll(/%[\da-f]{2}/gi, (code) => {
      return code.toLowerCase()
    })
}

describe('a forwarded value', () => {
  it.each([
    ['a', 1, 'a'],
    ['spoofed, a', 1, 'a'],
    ['spoofed,a , b', 2, 'a'],
    ['a', 2, 'a'],
    ['a, b', 5, 'a'],
    ['a,', 1, ''],
    ['', 1, undefined],
    [' ', 1, undefined],
    [undefined, 1, undefined],
    [null, 1, undefined],
  ])('of %j is with %i proxies %j', (list, proxies, value) => {
    expect(forwardedValue(list, proxies)).toBe(value)
  })
})
