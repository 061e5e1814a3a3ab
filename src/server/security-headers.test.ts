import { describe, expect, it } from 'vitest'
import { LiveError } from '../errors.ts'
import { resolveHeaders, strictContentSecurityPolicy, policyHeader } from './security-headers.ts'

const fail = (message: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', message)

describe('the headers of a server', () => {
  it('have defaults that can be replaced, added to and left out', () => {
    expect(resolveHeaders(undefined, fail)).toEqual({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'content-security-policy': "frame-ancestors 'self'",
    })
    const own = { 'Referrer-Policy': 'no-referrer', 'Content-Security-Policy': null, 'X-Mine': 'yes', other: undefined }
    expect(resolveHeaders(own, fail)).toEqual({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-mine': 'yes',
    })
  })

  it.each([
    [7, /headers must be an object of headers by name, got 7/],
    [[], /got an array/],
    [null, /got null/],
    [{ 'x y': '1' }, /'x y' is no name of a header/],
    [{ 'x-mine': 'a\r\nset-cookie: b=c' }, /headers\['x-mine'\] must be the text of a header or null/],
    [{ 'x-mine': 7 }, /got 7/],
  ])('%j is refused when the server is made', (headers, message) => {
    expect(() => resolveHeaders(headers as never, fail)).toThrow(message)
  })
})

describe('a policy', () => {
  it.each([
    ["script-src 'self'", "script-src 'self'; frame-ancestors 'self'"],
    ["script-src 'self'; ", "script-src 'self'; frame-ancestors 'self'"],
    ['', "frame-ancestors 'self'"],
    ['frame-ancestors *', 'frame-ancestors *'],
    ["script-src 'self';Frame-Ancestors 'none'", "script-src 'self';Frame-Ancestors 'none'"],
    [
      "\n  default-src 'self';\r\n  script-src 'self';\n",
      "default-src 'self'; script-src 'self'; frame-ancestors 'self'",
    ],
    ["\n  default-src 'self';\n  frame-ancestors *\n", "default-src 'self'; frame-ancestors *"],
  ])('%j is sent as %j', (policy, sent) => {
    expect(policyHeader(policy)).toBe(sent)
  })

  it.each([7, null, "script-src 'self' \u{1f600}", "script-src 'self'\0"])('that is %j is no header', (policy) => {
    expect(() => policyHeader(policy as never)).toThrow(/contentSecurityPolicy must return the text of a header, got/)
  })

  it('that is strict can be added to, replaced and left out of', () => {
    const strict = strictContentSecurityPolicy('abc')
    expect(strict).toContain("script-src 'nonce-abc'; style-src 'self' 'nonce-abc'")
    const own = strictContentSecurityPolicy('abc', {
      'img-src': 'https://images.example.com',
      'trusted-types': null,
      'upgrade-insecure-requests': '',
    })
    expect(own).toContain('img-src https://images.example.com;')
    expect(own).not.toContain('trusted-types default')
    expect(own).toMatch(/; upgrade-insecure-requests$/)
  })
})
