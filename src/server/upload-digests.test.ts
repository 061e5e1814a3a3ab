import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readContentDigest, readUploadChecksum } from './upload-digests.ts'

const sum = createHash('sha256').update('x').digest('base64')
const sum1 = createHash('sha1').update('x').digest('base64')
const other = createHash('sha256').update('y').digest('base64')

const request = (name: string, value: string | null) => ({
  method: 'PATCH',
  url: '',
  headers: { get: (asked: string) => (asked === name ? value : null) },
})

describe('a Content-Digest', () => {
  it.each([
    { value: null, gives: undefined },
    { value: `sha-256=:${sum}:`, gives: sum },
    { value: `sha-512=:YWJj:, sha-256=:${sum}:`, gives: sum },
    { value: ` sha-256=:${sum}:;a=b ,md5=:YWJj: `, gives: sum },
    // The last of a name counts in a dictionary.
    { value: `sha-256=:${other}:, sha-256=:${sum}:`, gives: sum },
    { value: 'sha-512=:YWJj:', gives: undefined },
    { value: 'sha-256=::', gives: 'invalid' },
    { value: 'sha-256=:YWJj:', gives: 'invalid' },
    { value: '', gives: 'malformed' },
    { value: 'sha-256', gives: 'malformed' },
    { value: `sha-256=${sum}`, gives: 'malformed' },
    { value: `SHA-256=:${sum}:`, gives: 'malformed' },
    { value: `sha-256=:${sum}:,`, gives: 'malformed' },
    { value: 'sha-256=:?!:', gives: 'malformed' },
  ])('$value gives $gives', ({ value, gives }) => {
    const read = readContentDigest(request('content-digest', value))
    expect(typeof read === 'object' ? read.text : read).toBe(gives)
    if (typeof read === 'object') expect(Buffer.from(read.digest).toString('base64')).toBe(gives)
  })
})

describe('an Upload-Checksum', () => {
  it.each([
    { value: null, gives: undefined },
    { value: `sha256 ${sum}`, gives: ['sha256', sum] },
    { value: `sha1 ${sum1}`, gives: ['sha1', sum1] },
    { value: `sha1 ${sum}`, gives: 'invalid' },
    { value: 'sha256 ', gives: 'invalid' },
    { value: `md5 ${sum}`, gives: 'unknown' },
    { value: '', gives: 'malformed' },
    { value: sum, gives: 'malformed' },
    { value: `sha256  ${sum}`, gives: 'malformed' },
  ])('$value gives $gives', ({ value, gives }) => {
    const read = readUploadChecksum(request('upload-checksum', value))
    expect(typeof read === 'object' ? [read.algorithm, read.text] : read).toEqual(gives)
  })
})
