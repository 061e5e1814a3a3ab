import { describe, expect, it } from 'vitest'
import { chooseEncoding } from './encoding.ts'

describe('the encoding of a script', () => {
  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br; q = 0.1', 'br'],
    ['*', 'br'],
    ['*;q=0.1, br;q=0', 'gzip'],
    ['identity, br;q=0.5', undefined],
    ['identity;q=0.5, br', 'br'],
    // The same weight: the smaller one.
    ['identity, br', 'br'],
    ['gzip;q=nothing', undefined],
    ['deflate', undefined],
    ['identity', undefined],
    ['', undefined],
    [null, undefined],
  ])('for %j is %s', (accepted, encoding) => {
    expect(chooseEncoding(accepted, ['br', 'gzip'])).toBe(encoding)
  })

  it('is one that was made', () => {
    expect(chooseEncoding('br, gzip;q=0.1', ['gzip'])).toBe('gzip')
    expect(chooseEncoding('br, gzip', [])).toBeUndefined()
  })
})
