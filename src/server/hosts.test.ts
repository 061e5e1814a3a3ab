import { describe, expect, it } from 'vitest'
import { LiveError } from '../errors.ts'
import { isAllowedHost, resolveHosts } from './hosts.ts'

const fail = (message: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', message)
const allowed = (url: string, hosts?: unknown, development = false): boolean =>
  isAllowedHost(new URL(url), resolveHosts(hosts, fail), development)

describe('a list of hosts', () => {
  it.each([
    ['http://example.com/', ['example.com'], true],
    ['http://EXAMPLE.com./', ['example.com'], true],
    ['http://example.com:8080/', ['Example.com'], true],
    ['http://www.example.com/', ['example.com'], false],
    ['http://badexample.com/', ['.example.com'], false],
    ['http://example.com.evil/', ['.example.com'], false],
    ['http://example.com/', ['.example.com'], true],
    ['http://a.b.example.com/', ['.example.com'], true],
    ['http://example.com:8080/', ['example.com:8080'], true],
    ['http://example.com/', ['example.com:8080'], false],
    ['https://example.com/', ['example.com:443'], true],
    ['http://example.com/', ['example.com:443'], false],
    ['http://example.com/', ['example.com:80'], true],
    ['http://[::1]:4000/', ['[0:0::1]'], true],
    ['http://10.0.0.1/', ['10.0.0.1'], true],
    ['http://10.0.0.1/', ['example.com'], false],
    ['http://localhost/', ['example.com'], false],
    ['http://localhost/', [], false],
    ['http://evil.example/', 'any', true],
    ['http://evil.example/', undefined, true],
  ])('%s with %j: %j', (url, hosts, expected) => {
    expect(allowed(url, hosts)).toBe(expected)
  })

  it.each([
    ['http://localhost:4000/', undefined, true],
    ['http://album.localhost:4000/', undefined, true],
    ['http://localhost./', undefined, true],
    ['http://127.0.0.1:4000/', undefined, true],
    ['http://192.168.1.20/', undefined, true],
    ['http://[fe80::1]/', undefined, true],
    ['http://localhost/', ['example.com'], true],
    ['http://example.com/', ['example.com'], true],
    ['http://evil.example/', ['example.com'], false],
    ['http://evil.example/', undefined, false],
    ['http://localhost.evil.example/', undefined, false],
    ['http://127.0.0.1.evil.example/', undefined, false],
    ['http://evillocalhost/', undefined, false],
    ['http://evil.example/', 'any', true],
  ])('in development, %s with %j: %j', (url, hosts, expected) => {
    expect(allowed(url, hosts, true)).toBe(expected)
  })

  it.each([
    ['example.com', /hosts must be an array of host names or 'any', got 'example.com'/],
    [null, /got null/],
    [['https://example.com'], /hosts\[0\] must be a name like .* got 'https:\/\/example.com'/],
    [['example.com', '*.example.com'], /hosts\[1\] must be a name .* got '\*\.example\.com'/],
    [['example.com/'], /hosts\[0\]/],
    [[''], /hosts\[0\]/],
    [['..example.com'], /hosts\[0\]/],
    [['::1'], /hosts\[0\]/],
    [['example.com:'], /hosts\[0\]/],
    [[7], /got 7/],
  ])('%j is refused when the server is made', (hosts, message) => {
    expect(() => resolveHosts(hosts, fail)).toThrow(message)
  })
})
