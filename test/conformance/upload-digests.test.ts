/**
 * Digests of what is sent to the resource of an upload: `Content-Digest` (RFC 9530) by the draft, with the problem types of
 * draft-ietf-httpapi-digest-fields-problem-types-06, and the extension *checksum* of tus 1.0.
 */
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Answer, HttpUpload } from '../support/http-upload.ts'
import { RawUpload } from '../support/raw-client.ts'
import { casesFor } from '../support/upload-cases.ts'
import { entriesOf } from '../security/target.ts'

const MiB = 1024 * 1024
const bytes = randomBytes(1000)
const whole = createHash('sha256').update(bytes).digest('hex')

const plain = casesFor(bytes)
const verified = casesFor(bytes, { verify: true })

const base64 = (algorithm: string, part: Uint8Array): string => createHash(algorithm).update(part).digest('base64')
const digest = (part: Uint8Array) => ({ 'content-digest': `sha-256=:${base64('sha256', part)}:` })

const offsetOf = async (upload: HttpUpload): Promise<string | undefined> =>
  (await upload.send('HEAD')).headers['upload-offset']

/** A byte of it is another. */
function spoilt(part: Uint8Array): Uint8Array {
  const other = Uint8Array.from(part)
  other[part.length >> 1]! ^= 1
  return other
}

const problemOf = ({ body }: Answer): unknown => (JSON.parse(body) as { readonly type?: string }).type?.split('#')[1]

describe.for([
  ['of an upload as any', plain, undefined],
  ['of one that is to be verified', verified, whole],
] as const)('a Content-Digest %s', ([, { onUpload, expectSaved }, sha256]) => {
  it('that fits has the part count', () =>
    onUpload(async (upload, target) => {
      const [first, last] = [bytes.subarray(0, 300), bytes.subarray(300)]
      expect((await upload.patch(0, first, false, digest(first))).status).toBe(204)
      expect((await upload.patch(300, last, true, digest(last))).status).toBe(200)
      const [entry] = await entriesOf(upload.view)
      expect(entry).toMatchObject({ done: true })
      expect(entry!.sha256).toBe(sha256)
      await expectSaved(upload, target)
    }))

  it('that does not fit has nothing of the part count, and the next one does', () =>
    onUpload(async (upload, target) => {
      const first = bytes.subarray(0, 300)
      await upload.patch(0, first, false, digest(first))
      const rest = bytes.subarray(300)
      const answer = await upload.patch(300, spoilt(rest), true, digest(rest))
      expect([answer.status, answer.headers['upload-offset'], answer.headers['upload-complete']]).toEqual([
        400,
        '300',
        '?0',
      ])
      expect(JSON.parse(answer.body)).toEqual({
        type: 'https://iana.org/assignments/http-problem-types#digest-mismatched-values',
        title: 'Mismatched Digest Values',
        'mismatched-digests': [
          { algorithm: 'sha-256', 'provided-digest': `:${base64('sha256', rest)}:`, header: 'Content-Digest' },
        ],
      })
      expect(await entriesOf(upload.view)).toMatchObject([{ progress: 30, failed: false, done: false }])
      expect((await upload.patch(300, rest, true, digest(rest))).status).toBe(200)
      await expectSaved(upload, target)
    }))

  it('loses what came of a part whose line was cut', () =>
    onUpload(async (upload, target) => {
      const running = upload.open(0, digest(bytes))
      running.write(bytes.subarray(0, 900))
      running.cut()
      expect(await offsetOf(upload)).toBe('0')
      expect((await upload.patch(0, bytes, true, digest(bytes))).status).toBe(200)
      await expectSaved(upload, target)
    }))

  it.for([
    ['no structured field', 'sha-256=abc', undefined],
    ['a digest of another length', 'sha-256=:YWJj:', 'digest-invalid-values'],
  ] as const)('that is %s is refused, and changes nothing', ([, value, problem]) =>
    onUpload(async (upload) => {
      const answer = await upload.patch(0, bytes, true, { 'content-digest': value })
      expect(answer.status).toBe(400)
      if (problem !== undefined) expect(problemOf(answer)).toBe(problem)
      expect(await offsetOf(upload)).toBe('0')
      expect(await entriesOf(upload.view)).toMatchObject([{ failed: false }])
    }),
  )

  it('is found among others, which are no concern of the server', () =>
    onUpload(async (upload, target) => {
      const both = `unixsum=:YWJj:, ${digest(bytes)['content-digest']}; a=b`
      expect((await upload.patch(0, spoilt(bytes), true, { 'content-digest': both })).status).toBe(400)
      expect((await upload.patch(0, bytes, true, { 'content-digest': both })).status).toBe(200)
      await expectSaved(upload, target)
    }))

  it('of a creation is held to as well', () =>
    onUpload(async (upload, target) => {
      const create = { 'upload-complete': '?1', ...digest(bytes) }
      expect(problemOf(await upload.send('POST', create, spoilt(bytes)))).toBe('digest-mismatched-values')
      expect((await upload.send('POST', create, bytes)).status).toBe(200)
      await expectSaved(upload, target)
    }))
})

it('another algorithm alone is as none', () =>
  plain.onUpload(async (upload, target) => {
    expect((await upload.patch(0, bytes, true, { 'content-digest': 'unixsum=:YWJj:' })).status).toBe(200)
    await plain.expectSaved(upload, target)
  }))

it('an upload that is to be verified takes no part without one, and says which', () =>
  verified.onUpload(async (upload, target) => {
    for (const more of [{}, { 'content-digest': 'unixsum=:YWJj:' }]) {
      const answer = await upload.patch(0, bytes, true, more)
      expect([answer.status, answer.headers['want-content-digest']]).toEqual([400, 'sha-256=10'])
    }
    expect(await offsetOf(upload)).toBe('0')
    await upload.patch(0, bytes, true, digest(bytes))
    await verified.expectSaved(upload, target)
  }))

it('of a page that came by plain HTTP from another machine it takes them: no browser computes digests there', () =>
  verified.onUpload(async (upload, target) => {
    const host = `elsewhere.example:${new URL(upload.url).port}`
    expect((await upload.patch(0, bytes, true, { host })).status).toBe(200)
    expect(await entriesOf(upload.view)).toMatchObject([{ done: true, sha256: whole }])
    await verified.expectSaved(upload, target)
  }))

describe('a part that is larger than is kept', () => {
  const large = randomBytes(5 * MiB)
  const cases = casesFor(large, { verify: true })

  it.for(['said', 'not said'])('is refused with 413 when its length is %s, and smaller ones count', (how) =>
    cases.onUpload(async (upload, target) => {
      if (how === 'said') expect((await upload.patch(0, large, true, digest(large))).status).toBe(413)
      else {
        const running = upload.open(0, digest(large))
        running.write(large)
        expect((await running.answer).status).toBe(413)
      }
      expect(await offsetOf(upload)).toBe('0')
      const [first, last] = [large.subarray(0, 4 * MiB), large.subarray(4 * MiB)]
      expect((await upload.patch(0, first, false, digest(first))).status).toBe(204)
      expect((await upload.patch(4 * MiB, last, true, digest(last))).status).toBe(200)
      await cases.expectSaved(upload, target)
    }),
  )
})

describe('a checksum of tus', () => {
  const version = { 'tus-resumable': '1.0.0' }
  const append = (offset: number, sum?: string) => ({
    ...version,
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
    ...(sum !== undefined && { 'upload-checksum': sum }),
  })

  it('is told by its algorithms', () =>
    plain.onUpload(async (upload) => {
      const { headers } = await upload.send('OPTIONS', version)
      expect(headers).toMatchObject({
        'tus-extension': 'termination,expiration,checksum',
        'tus-checksum-algorithm': 'sha1,sha256',
      })
    }))

  it.for(['sha1', 'sha256'])('by %s has the part count when it fits, else nothing of it', (algorithm) =>
    verified.onUpload(async (upload, target) => {
      const sum = `${algorithm} ${base64(algorithm, bytes)}`
      const answer = await upload.send('PATCH', append(0, sum), spoilt(bytes))
      expect([answer.status, answer.headers['upload-offset']]).toEqual([460, '0'])
      expect((await upload.send('PATCH', append(0, sum), bytes)).status).toBe(204)
      expect(await entriesOf(upload.view)).toMatchObject([{ done: true, sha256: whole }])
      await verified.expectSaved(upload, target)
    }),
  )

  it.for([
    ['another algorithm', `md5 ${base64('md5', bytes)}`],
    ['another form', base64('sha1', bytes)],
    ['another length', 'sha1 YWJj'],
    ['none, where the upload is to be verified', undefined],
  ] as const)('of %s is refused', ([, sum]) =>
    verified.onUpload(async (upload, target) => {
      expect((await upload.send('PATCH', append(0, sum), bytes)).status).toBe(400)
      await upload.send('PATCH', append(0, `sha1 ${base64('sha1', bytes)}`), bytes)
      await verified.expectSaved(upload, target)
    }),
  )
})

it('a file whose bytes come over the channel has its digest, too', () =>
  verified.onUpload(async (upload, target) => {
    const half = bytes.subarray(0, 500)
    await upload.patch(0, half, false, digest(half))
    const { joinRef, reply } = upload.client.join('lvu:0', { token: upload.token })
    expect(await reply).toEqual({ status: 'ok', response: { offset: 500 } })
    await new RawUpload(upload.client, 'lvu:0', joinRef).chunk(bytes.subarray(500))
    expect(await entriesOf(upload.view)).toMatchObject([{ done: true, sha256: whole }])
    await verified.expectSaved(upload, target)
  }))

it('leave that is given once more, as its first answer was lost, says that digests are wanted, too', () =>
  verified.onUpload(async ({ view, url }) => {
    const { entries } = await view.preflight(view.inputRef('photos'), [{ ref: '0', name: 'a.png', size: bytes.length }])
    expect(entries['0']).toMatchObject({ uploader: 'Liveloom', url: new URL(url).pathname, verify: true })
  }))
