/**
 * The resource of an upload over HTTP, against the text of draft-ietf-httpbis-resumable-upload (the editor's copy of 1 July 2026, of
 * which the newest number that it speaks of is 11) and of
 * tus 1.0, on a real server. Each case names what it holds the resource to.
 */
import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { Answer, HttpUpload } from '../support/http-upload.ts'
import { casesFor } from '../support/upload-cases.ts'
import { entriesOf } from '../security/target.ts'

const bytes = randomBytes(1000)
const none = new Uint8Array()

const { onUpload, expectSaved } = casesFor(bytes)

/** Status, offset and completeness. */
function said({ status, headers }: Answer): readonly unknown[] {
  return [status, headers['upload-offset'], headers['upload-complete']]
}

const offsetOf = async (upload: HttpUpload): Promise<number> =>
  Number((await upload.send('HEAD')).headers['upload-offset'])

describe('offset retrieval', () => {
  it.for(['HEAD', 'GET'])('by %s has offset, completeness, length and limits, and is not cached', (method) =>
    onUpload(async (upload) => {
      const answer = await upload.send(method)
      expect(said(answer)).toEqual([204, '0', '?0'])
      expect(answer.headers).toMatchObject({
        'upload-length': '1000',
        'upload-limit': expect.stringMatching(/^max-size=1000, max-age=\d+$/) as string,
        'cache-control': 'no-store',
      })
      expect(answer.headers['content-length']).toBeUndefined()
    }),
  )

  it('ends the request that runs, and has what that has brought', () =>
    onUpload(async (upload, target) => {
      const running = upload.open(0)
      running.write(bytes.subarray(0, 300))
      await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.progress).toBe(30))
      expect(await offsetOf(upload)).toBe(300)
      expect((await running.answer).status).toBe(408)
      expect(said(await upload.patch(300, bytes.subarray(300), true))).toEqual([200, '1000', '?1'])
      await expectSaved(upload, target)
    }))

  it('of a complete upload says so, also when it has been consumed', () =>
    onUpload(async (upload, target) => {
      await upload.patch(0, bytes, true)
      expect(said(await upload.send('HEAD'))).toEqual([204, '1000', '?1'])
      await expectSaved(upload, target)
      expect(said(await upload.send('HEAD'))).toEqual([204, '1000', '?1'])
    }))
})

describe('a file without a byte', () => {
  const nothing = casesFor(none, { minFileSize: 0 })

  it('stands at its end, and is complete with a request that says so', () =>
    nothing.onUpload(async (upload, target) => {
      expect(said(await upload.send('HEAD'))).toEqual([204, '0', '?0'])
      expect(said(await upload.patch(0, none))).toEqual([204, '0', '?0'])
      expect(await entriesOf(upload.view)).toMatchObject([{ done: false }])
      expect(said(await upload.patch(0, none, true))).toEqual([200, '0', '?1'])
      expect(await entriesOf(upload.view)).toMatchObject([{ done: true, progress: 100 }])
      await nothing.expectSaved(upload, target)
    }))

  it('takes no byte', () =>
    nothing.onUpload(async (upload) => {
      expect((await upload.patch(0, new Uint8Array(1), true)).status).toBe(400)
      expect(await entriesOf(upload.view)).toMatchObject([{ failed: true, errors: ['size_exceeded'] }])
    }))

  it('is complete with the join of its channel', () =>
    nothing.onUpload(async (upload, target) => {
      const { reply } = upload.client.join('lvu:0', { token: upload.token })
      expect(await reply).toEqual({ status: 'ok', response: {} })
      expect(await entriesOf(upload.view)).toMatchObject([{ done: true, progress: 100 }])
      await nothing.expectSaved(upload, target)
    }))
})

describe('an append', () => {
  it('of all at once completes the upload', () =>
    onUpload(async (upload, target) => {
      expect(said(await upload.patch(0, bytes, true))).toEqual([200, '1000', '?1'])
      expect(await entriesOf(upload.view)).toMatchObject([{ done: true, progress: 100 }])
      await expectSaved(upload, target)
    }))

  it('of nothing, that is not the end, changes nothing', () =>
    onUpload(async (upload, target) => {
      expect(said(await upload.patch(0, none))).toEqual([204, '0', '?0'])
      await upload.patch(0, bytes, true)
      await expectSaved(upload, target)
    }))

  it('whose fields have parameters, or a length that is none, is taken as if they were not there', () =>
    onUpload(async (upload, target) => {
      const headers = { 'upload-offset': '0;a=1', 'upload-complete': '?0;b', 'upload-length': 'all' }
      expect(said(await upload.patch(0, bytes.subarray(0, 400), false, headers))).toEqual([204, '400', '?0'])
      const { headers: told } = await upload.send('HEAD')
      expect(told['upload-length']).toBe('1000')
      await upload.patch(400, bytes.subarray(400), true)
      await expectSaved(upload, target)
    }))

  it('in parts is acknowledged one by one', () =>
    onUpload(async (upload, target) => {
      expect(said(await upload.patch(0, bytes.subarray(0, 400)))).toEqual([204, '400', '?0'])
      expect(said(await upload.patch(400, bytes.subarray(400, 999)))).toEqual([204, '999', '?0'])
      expect(said(await upload.patch(999, bytes.subarray(999), true))).toEqual([200, '1000', '?1'])
      await expectSaved(upload, target)
    }))

  it('that has all of the bytes does not complete it: a request without content does', () =>
    onUpload(async (upload, target) => {
      expect(said(await upload.patch(0, bytes))).toEqual([204, '1000', '?0'])
      expect(await entriesOf(upload.view)).toMatchObject([{ done: false }])
      expect(said(await upload.patch(1000, none, true))).toEqual([200, '1000', '?1'])
      await expectSaved(upload, target)
    }))

  it('whose line is cut counts as far as it came, and does not complete it', () =>
    onUpload(async (upload, target) => {
      const running = upload.open(0)
      running.write(bytes.subarray(0, 700))
      await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.progress).toBe(70))
      running.cut()
      expect(said(await upload.send('HEAD'))).toEqual([204, '700', '?0'])
      await upload.patch(700, bytes.subarray(700), true)
      await expectSaved(upload, target)
    }))

  it.for([
    ['beyond', 1],
    ['below', -1],
  ] as const)('%s the offset is a conflict that says the right one, and goes on', ([, by]) =>
    onUpload(async (upload, target) => {
      await upload.patch(0, bytes.subarray(0, 500))
      const answer = await upload.patch(500 + by, bytes.subarray(500), true)
      expect(said(answer)).toEqual([409, '500', '?0'])
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(JSON.parse(answer.body)).toMatchObject({
        type: 'https://iana.org/assignments/http-problem-types#mismatching-upload-offset',
        'expected-offset': 500,
        'provided-offset': 500 + by,
      })
      await upload.patch(500, bytes.subarray(500), true)
      await expectSaved(upload, target)
    }),
  )

  it('again to a complete one is answered as before when it fits, for the answer may have been lost', () =>
    onUpload(async (upload) => {
      await upload.patch(0, bytes, true)
      expect(said(await upload.patch(1000, none, true))).toEqual([200, '1000', '?1'])
      const more = await upload.patch(1000, bytes, true)
      expect(said(more)).toEqual([400, '1000', '?1'])
      expect(await entriesOf(upload.view)).toMatchObject([{ done: true, failed: false }])
    }))

  const malformed: readonly (readonly [string, Readonly<Record<string, string>>, number])[] = [
    ['another media type', { 'content-type': 'image/png' }, 415],
    ['no media type', { 'content-type': '' }, 415],
    ['no completeness', { 'upload-complete': '' }, 400],
    ['a completeness that is no boolean', { 'upload-complete': 'true' }, 400],
    ['no offset', { 'upload-offset': '' }, 400],
    ['a negative offset', { 'upload-offset': '-1' }, 400],
    ['an offset that is no integer', { 'upload-offset': '0.0' }, 400],
    ['an offset of more than 15 digits', { 'upload-offset': '9'.repeat(16) }, 400],
    ['a length that contradicts itself', { 'upload-length': '999' }, 400],
    ['an offset that is a list', { 'upload-offset': '0, 0' }, 400],
  ]
  it.for(malformed)('with %s changes nothing', ([, headers, status]) =>
    onUpload(async (upload, target) => {
      expect((await upload.patch(0, bytes, true, headers)).status).toBe(status)
      expect(await offsetOf(upload)).toBe(0)
      await upload.patch(0, bytes, true)
      await expectSaved(upload, target)
    }),
  )

  const lies: readonly (readonly [string, (upload: HttpUpload) => Promise<Answer>])[] = [
    ['more than was declared', (upload) => upload.patch(0, Buffer.alloc(1001), true)],
    [
      'more, without saying how much',
      async (upload) => {
        const running = upload.open(0)
        running.write(Buffer.alloc(1001))
        running.end()
        return running.answer
      },
    ],
    ['less, and that it was all', (upload) => upload.patch(0, bytes.subarray(0, 999), true)],
    [
      'less, without saying how much, and that it was all',
      async (upload) => {
        const running = upload.open(0)
        running.write(bytes.subarray(0, 10))
        running.end()
        return running.answer
      },
    ],
    ['nothing, and that it was all', (upload) => upload.patch(0, none, true)],
    [
      'a byte more, behind all that was declared',
      async (upload) => {
        await upload.patch(0, bytes)
        return upload.patch(1000, bytes.subarray(0, 1))
      },
    ],
    ['another length', (upload) => upload.patch(0, bytes.subarray(0, 10), false, { 'upload-length': '2000' })],
  ]
  it.for(lies)('of %s fails the upload for good', ([, lie]) =>
    onUpload(async (upload, target) => {
      const answer = await lie(upload)
      expect(said(answer)).toEqual([400, undefined, '?0'])
      expect(answer.body).toContain('inconsistent-upload-length')
      expect(await entriesOf(upload.view)).toMatchObject([{ failed: true, done: false }])
      expect((await upload.send('HEAD')).status).toBe(410)
      expect((await upload.patch(0, bytes, true)).status).toBe(410)
      await vi.waitFor(async () => expect(await target.temporaryFiles()).toEqual([]))
    }),
  )

  it('of two at once is one behind the other: the later ends the earlier', () =>
    onUpload(async (upload, target) => {
      const first = upload.open(0)
      first.write(bytes.subarray(0, 100))
      await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.progress).toBe(10))
      expect(said(await upload.patch(0, bytes, true))).toEqual([409, '100', '?0'])
      first.write(bytes.subarray(100, 200))
      first.cut()
      expect(said(await upload.patch(100, bytes.subarray(100), true))).toEqual([200, '1000', '?1'])
      await expectSaved(upload, target)
    }))
})

describe('a creation at the URL that was handed out', () => {
  it('completes the upload, when all comes with it', () =>
    onUpload(async (upload, target) => {
      expect(said(await upload.send('POST', { 'upload-complete': '?1' }, bytes))).toEqual([200, '1000', '?1'])
      await expectSaved(upload, target)
    }))

  it('of nothing says where to begin: here', () =>
    onUpload(async (upload, target) => {
      const headers = {
        'upload-complete': '?0',
        'upload-length': '1000',
        'content-disposition': 'inline; filename="b.png"',
      }
      const answer = await upload.send('POST', headers, none)
      expect(said(answer)).toEqual([201, '0', '?0'])
      expect(new URL(answer.headers['location']!, upload.url).href).toBe(upload.url)
      expect(answer.headers['upload-limit']).toMatch(/^max-size=1000, max-age=\d+$/)
      await upload.patch(0, bytes, true)
      await expectSaved(upload, target)
    }))

  it('whose lengths contradict one another is told so, and changes nothing', () =>
    onUpload(async (upload, target) => {
      const answer = await upload.send('POST', { 'upload-complete': '?1', 'upload-length': '10' }, bytes.subarray(0, 5))
      expect(said(answer)).toEqual([400, undefined, '?0'])
      expect(answer.body).toContain('inconsistent-upload-length')
      await upload.patch(0, bytes, true)
      await expectSaved(upload, target)
    }))

  it('of a part says where to go on: here', () =>
    onUpload(async (upload, target) => {
      const answer = await upload.send('POST', { 'upload-complete': '?0' }, bytes.subarray(0, 10))
      expect(said(answer)).toEqual([201, '10', '?0'])
      expect(new URL(answer.headers['location']!, upload.url).href).toBe(upload.url)
      expect(answer.headers['upload-limit']).toContain('max-size=1000')
      await upload.patch(10, bytes.subarray(10), true)
      await expectSaved(upload, target)
    }))
})

it('a cancellation ends the upload, and the request that runs', () =>
  onUpload(async (upload) => {
    const running = upload.open(0)
    running.write(bytes.subarray(0, 100))
    await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.progress).toBe(10))
    expect((await upload.send('DELETE')).status).toBe(204)
    expect((await running.answer).status).toBeGreaterThanOrEqual(400)
    expect(await entriesOf(upload.view)).toMatchObject([{ failed: true }])
    expect((await upload.send('HEAD')).status).toBe(410)
  }))

it('one that the view has paused takes no bytes, says how far it is, and goes on when it is resumed', () =>
  onUpload(async (upload, target) => {
    const running = upload.open(0)
    running.write(bytes.subarray(0, 100))
    await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.progress).toBe(10))
    await upload.view.event('pause', { ref: '0' })
    // Both wait for their page to hear of it.
    const answers = await Promise.all([running.answer, upload.patch(100, bytes.subarray(100), true)])
    expect(answers.map(({ status }) => status)).toEqual([423, 423])
    expect(said(await upload.send('HEAD'))).toEqual([204, '100', '?0'])
    await upload.view.event('resume', { ref: '0' })
    expect(said(await upload.patch(100, bytes.subarray(100), true))).toEqual([200, '1000', '?1'])
    await expectSaved(upload, target)
  }))

it('one that has failed begins anew at its URL when the view says so', () =>
  onUpload(async (upload, target) => {
    await upload.patch(0, bytes.subarray(0, 100))
    await upload.send('DELETE')
    expect((await upload.send('HEAD')).status).toBe(410)
    await upload.view.event('retry', { ref: '0' })
    expect(said(await upload.send('HEAD'))).toEqual([204, '0', '?0'])
    expect(said(await upload.patch(0, bytes, true))).toEqual([200, '1000', '?1'])
    await expectSaved(upload, target)
  }))

it('a cancellation of what is complete changes nothing: it may be being saved', () =>
  onUpload(async (upload, target) => {
    await upload.patch(0, bytes, true)
    expect((await upload.send('DELETE')).status).toBe(409)
    expect(await entriesOf(upload.view)).toMatchObject([{ done: true, failed: false }])
    await expectSaved(upload, target)
  }))

it.for([{}, { 'upload-complete': '?1' }])('options say what it takes, in both dialects, asked with %j', (asked) =>
  onUpload(async (upload) => {
    const { status, headers } = await upload.send('OPTIONS', asked)
    expect(status).toBe(204)
    expect(headers).toMatchObject({ 'accept-patch': 'application/partial-upload', 'tus-version': '1.0.0' })
    expect(headers['upload-limit']).toContain('max-size=1000')
  }),
)

describe('the time that an upload has left', () => {
  /** In seconds, of an answer by the draft. */
  const leftOf = ({ headers }: Answer): number => Number(/max-age=(\d+)/.exec(headers['upload-limit']!)![1])
  const wait = 15 * 60

  it('is not over before its first request, and is none of one that is complete', () =>
    onUpload(async (upload) => {
      expect(leftOf(await upload.send('HEAD'))).toBe(wait)
      await upload.patch(0, bytes, true)
      expect((await upload.send('HEAD')).headers['upload-limit']).toBe('max-size=1000')
    }))

  it('is said by tus as a date, as long as it is not complete', () =>
    onUpload(async (upload) => {
      const dated = ({ headers }: Answer): number => (Date.parse(headers['upload-expires']!) - Date.now()) / 1000
      const version = { 'tus-resumable': '1.0.0' }
      const append = { ...version, 'content-type': 'application/offset+octet-stream' }
      const part = await upload.send('PATCH', { ...append, 'upload-offset': '0' }, bytes.subarray(0, 10))
      for (const answer of [part, await upload.send('HEAD', version)]) {
        expect(dated(answer)).toBeGreaterThan(wait - 30)
        expect(dated(answer)).toBeLessThanOrEqual(wait)
      }
      const last = await upload.send('PATCH', { ...append, 'upload-offset': '10' }, bytes.subarray(10))
      expect([last.status, last.headers['upload-expires']]).toEqual([204, undefined])
      expect((await upload.send('HEAD', version)).headers['upload-expires']).toBeUndefined()
    }))
})

describe('tus 1.0', () => {
  const version = { 'tus-resumable': '1.0.0' }
  const append = (offset: number) => ({
    ...version,
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
  })

  it('finds the offset, appends, and is complete with the last byte', () =>
    onUpload(async (upload, target) => {
      const head = await upload.send('HEAD', version)
      expect(head).toMatchObject({
        status: 200,
        headers: { ...version, 'upload-offset': '0', 'upload-length': '1000' },
      })
      const part = await upload.send('PATCH', append(0), bytes.subarray(0, 600))
      expect(part).toMatchObject({ status: 204, headers: { ...version, 'upload-offset': '600' } })
      expect((await upload.send('PATCH', append(600), bytes.subarray(600))).headers['upload-offset']).toBe('1000')
      await expectSaved(upload, target)
    }))

  it.for([
    ['another offset', append(5), 409],
    ['another media type', { ...append(0), 'content-type': 'application/partial-upload' }, 415],
    ['another version', { ...append(0), 'tus-resumable': '0.2.2' }, 412],
  ] as const)('with %s changes nothing', ([, headers, status]) =>
    onUpload(async (upload) => {
      const answer = await upload.send('PATCH', headers, bytes)
      expect([answer.status, answer.headers['tus-resumable']]).toEqual([status, '1.0.0'])
      expect((await upload.send('HEAD', version)).headers['upload-offset']).toBe('0')
    }),
  )

  it.for(['HEAD', 'DELETE', 'PATCH'])('of another version is not understood by %s, and changes nothing', (method) =>
    onUpload(async (upload) => {
      const answer = await upload.send(method, { 'tus-resumable': '0.2.2' })
      expect([answer.status, answer.headers['tus-version']]).toEqual([412, '1.0.0'])
      expect((await upload.send('HEAD', version)).headers['upload-offset']).toBe('0')
      expect(await entriesOf(upload.view)).toMatchObject([{ failed: false }])
    }),
  )

  it('is told its versions, and ends it', () =>
    onUpload(async (upload) => {
      const options = await upload.send('OPTIONS', version)
      expect(options.headers).toMatchObject({
        'tus-version': '1.0.0',
        'tus-extension': 'termination,expiration,checksum',
      })
      expect((await upload.send('DELETE', version)).status).toBe(204)
      expect((await upload.send('HEAD', version)).status).toBe(410)
    }))

  it('may say by a header what a proxy does not let through; the draft may not', () =>
    onUpload(async (upload) => {
      const override = { 'x-http-method-override': 'PATCH' }
      expect((await upload.send('POST', { ...append(0), ...override }, bytes)).status).toBe(204)
      expect((await upload.send('POST', override, none)).status).toBe(400)
    }))
})
