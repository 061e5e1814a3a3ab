/** Files that a browser sends to the bucket by itself: byte for byte, with faults, with a hostile browser, through a restart. */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { s3FromBrowsersContract } from '../../../test/contracts/s3-from-browsers.ts'
import { browserFetch } from '../../../test/support/browser-fetch.ts'
import { noteOf, sayWhere } from '../../../test/support/external-notes.ts'
import { type Fault, S3Server } from '../../../test/support/s3-server.ts'
import { uploadFile, type Uploading } from '../../../test/support/s3-uploader.ts'
import type { S3PartsMeta, S3PostMeta, S3PutMeta } from '../../protocol/s3-uploads.ts'
import type { ExternalFactory } from '../../upload/external.ts'
import { s3External, type S3ExternalOptions } from './external.ts'
import type { S3ExternalFile } from './external-file.ts'

const MiB = 1024 * 1024
const origin = 'https://app.example'
const cors = (more: string): string =>
  `<CORSConfiguration><CORSRule><AllowedOrigin>${origin}</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>` +
  `<AllowedMethod>POST</AllowedMethod><AllowedHeader>*</AllowedHeader>${more}</CORSRule></CORSConfiguration>`
const exposing = cors('<ExposeHeader>ETag</ExposeHeader>')

let store: S3Server
let made = 0

beforeAll(async () => {
  store = await S3Server.start()
})
afterAll(() => store.close())
s3FromBrowsersContract('of our tests', () => store)

const clientSize = 11 * MiB
const bytes = randomBytes(clientSize)
const file = new Blob([bytes], { type: 'text/html' })
const inParts = { method: 'multipart', partSize: 5 * MiB } as const
type More = Partial<S3ExternalOptions>
/** Only what goes in parts need be large. */
const fileFor = ({ method }: More): Blob => (method === 'multipart' ? file : file.slice(0, 1000))

function open(size: number, more: More = {}, note?: unknown, isChosenAgain = false): Promise<S3ExternalFile> {
  const { endpoint, bucket, region, credentials } = store
  const options = { endpoint, bucket, region, credentials, attempts: 3, requestTimeout: 1000 }
  const factory = s3External({ ...options, key: () => `b/${made++} ä+.bin`, ...more })
  return sayWhere(factory, { clientSize: size, clientType: 'image/png' }, { note, isChosenAgain })
}

const again = (before: S3ExternalFile, more: More = {}): Promise<S3ExternalFile> =>
  open(clientSize, { ...inParts, ...more }, noteOf(before))

const upload = (sent: Blob, asked: S3ExternalFile, more: Partial<Uploading> = {}) =>
  uploadFile(sent, asked, { origin, ...more })
const partsOf = ({ meta }: S3ExternalFile): S3PartsMeta => meta as unknown as S3PartsMeta
const put = (url: string, body: Blob): Promise<Response> => browserFetch(origin, url, { method: 'PUT', body })
const nothing = (): void => expect([store.objects.size, store.uploads.size]).toEqual([0, 0])

describe('a file from a browser', () => {
  beforeEach(() => {
    store.cors = exposing
    store.requests.length = 0
    store.objects.clear()
    store.uploads.clear()
  })
  afterEach(() => {
    store.fault = () => undefined
    store.skew = 0
    vi.useRealTimers()
  })

  it('is given to the option external', () => {
    const { bucket, credentials } = store
    s3External({ bucket, credentials, key: () => 'a' }) satisfies ExternalFactory
  })

  it.each([
    { how: 'post', more: { method: 'post' } },
    { how: 'put', more: { method: 'put' } },
    { how: 'multipart', more: inParts },
  ] as const)('by $how is there, byte for byte, and is consumed', async ({ more }) => {
    const made = await open(fileFor(more).size, more)
    expect(await upload(fileFor(more), made)).toEqual([])
    const meta = await made.confirm()
    const { body, headers } = store.objects.get(meta.key)!
    expect(body.equals(bytes.subarray(0, fileFor(more).size))).toBe(true)
    expect(headers).toEqual({ 'content-type': 'application/octet-stream' })
    expect(meta).toEqual({
      bucket: 'photos',
      key: meta.key,
      size: fileFor(more).size,
      etag: expect.stringMatching(/^".+"$/),
    })
    await made.dispose('consumed')
    expect(store.objects.has(meta.key)).toBe(true)
    expect(store.uploads.size).toBe(0)
  })

  it.each([
    { how: 'post', more: { method: 'post' } },
    { how: 'put', more: { method: 'put' } },
    { how: 'multipart', more: inParts },
  ] as const)('by $how has the headers that the server gives it', async ({ more }) => {
    const headers = { 'content-type': 'image/png', 'cache-control': 'max-age=5', 'x-amz-meta-who': 'ada' }
    const made = await open(fileFor(more).size, { ...more, headers: () => headers })
    await upload(fileFor(more), made)
    expect(store.objects.get((await made.confirm()).key)!.headers).toEqual(headers)
  })

  it.each([
    { size: 64 * MiB, method: 'auto', how: 'S3' },
    { size: 64 * MiB + 1, method: 'auto', how: 'multipart' },
    { size: 5e9, method: 'post', how: 'S3' },
    { size: 5e9 + 1, method: 'post', how: 'multipart' },
    { size: 5e9, method: 'put', how: 'put' },
    { size: 5e9 + 1, method: 'put', how: 'multipart' },
    { size: 1, method: 'multipart', how: 'multipart' },
  ] as const)('of $size bytes by $method goes by $how', async ({ size, method, how }) => {
    const { meta } = await open(size, { method })
    expect(meta['how'] ?? meta.uploader).toBe(how)
  })

  it('has the metadata of Phoenix’ guide, where it is posted', async () => {
    const { meta } = await open(10)
    expect(meta).toMatchObject({ uploader: 'S3', url: `${store.endpoint}/photos/`, key: meta['key'] })
    expect((meta as unknown as S3PostMeta).fields).toMatchObject({ key: meta['key'], Policy: expect.any(String) })
    // Its uploader takes 204 for the only success.
    expect((meta as unknown as S3PostMeta).fields).not.toHaveProperty('success_action_status')
  })

  it('of 600 GB has no more than 10,000 parts, and a note of less than 4 KiB', async () => {
    const made = await open(600e9)
    expect(partsOf(made).parts).toBeLessThanOrEqual(10_000)
    expect(JSON.stringify(noteOf(made)).length).toBeLessThan(4096)
    expect(partsOf(made).urls).toHaveLength(8)
  })

  it('is sent without its ETags where the page cannot read them, and the developer is told', async () => {
    store.cors = cors('')
    const made = await open(clientSize, inParts)
    expect(await upload(file, made)).toEqual([expect.stringContaining('ExposeHeaders')])
    expect(store.objects.get((await made.confirm()).key)!.body.equals(bytes)).toBe(true)
  })

  it('cannot be sent without rules for the page’s origin', async () => {
    store.cors = undefined
    await expect(upload(file, await open(clientSize, { method: 'put' }))).rejects.toThrow('answered 0')
  })

  describe('with a fault that passes costs nothing:', () => {
    const first = (fits: RegExp, fault: ReturnType<Fault>, times = 1): Fault => {
      let left = times
      return ({ method, url }) => (fits.test(`${method} ${url.search}`) && left-- > 0 ? fault : undefined)
    }
    const slow = { status: 503, code: 'SlowDown' }
    const part2 = /^PUT .*partNumber=2/

    it.each<[string, More, Fault]>([
      ['503 for a part', inParts, first(part2, slow)],
      ['a part cut midway', inParts, first(part2, 'cut midway')],
      ['a part cut behind its effect', inParts, first(part2, 'cut behind')],
      ['a part that was taken, and is lost', inParts, first(part2, 'lost')],
      ['a part without an ETag', inParts, first(part2, 'no etag')],
      ['a preflight that is refused', inParts, first(/^OPTIONS/, slow)],
      ['503 for the list', inParts, first(/^GET/, slow)],
      ['503 for the end', inParts, first(/^POST .*uploadId/, slow)],
      ['an end that is not answered', inParts, first(/^POST .*uploadId/, 'hang behind')],
      ['an end that is cut behind its effect', inParts, first(/^POST .*uploadId/, 'cut behind')],
      ['an end without an ETag', inParts, first(/^POST .*uploadId/, 'no etag')],
      ['503 for the look at it', inParts, first(/^HEAD/, slow, 2)],
      ['503 for a form', { method: 'post' }, first(/^POST/, slow)],
      ['a form cut midway', { method: 'post' }, first(/^POST/, 'cut midway')],
      ['a form whose answer is lost', { method: 'post' }, first(/^POST/, 'cut behind')],
      ['503 for a put', { method: 'put' }, first(/^PUT/, slow)],
      ['a put cut midway', { method: 'put' }, first(/^PUT/, 'cut midway')],
    ])('%s', async (_, more, fault) => {
      store.fault = fault
      const made = await open(fileFor(more).size, more)
      await upload(fileFor(more), made)
      expect(store.objects.get((await made.confirm()).key)!.body.equals(bytes.subarray(0, fileFor(more).size))).toBe(
        true,
      )
      expect(store.uploads.size).toBe(0)
    })

    it.each([-60, 60, 20])('a clock that is %i minutes apart', async (minutes) => {
      store.skew = minutes * 60_000
      for (const more of [{ method: 'post' }, { method: 'put' }, inParts] as const) {
        const made = await open(fileFor(more).size, more)
        await upload(fileFor(more), made, { attempts: 1 })
        expect(await made.confirm()).toMatchObject({ size: fileFor(more).size })
      }
    })

    it.each<[string, More]>([
      ['a form', { method: 'post' }],
      ['a put', { method: 'put' }],
      ['an address of a part', inParts],
    ])('%s that is over before it is used, and is had anew', async (_, more) => {
      const made = await open(fileFor(more).size, more)
      vi.useFakeTimers({ now: Date.now() + 16 * 60_000, toFake: ['Date'] })
      await expect(upload(fileFor(more), made, { attempts: 1 })).rejects.toThrow('answered 403')
      await upload(fileFor(more), made)
      expect(await made.confirm()).toMatchObject({ size: fileFor(more).size })
    })
  })

  describe('with a fault that stays fails, and leaves nothing:', () => {
    it.each<[string, More, RegExp]>([
      ['every part', inParts, /^PUT/],
      ['every put', { method: 'put' }, /^PUT/],
      ['every form', { method: 'post' }, /^POST/],
      ['every list', inParts, /^GET/],
      ['every end', inParts, /^POST .*uploadId/],
    ])('%s', async (_, more, fits) => {
      const made = await open(fileFor(more).size, { ...more, attempts: 2 })
      store.fault = ({ method, url }) =>
        fits.test(`${method} ${url.search}`) ? { status: 503, code: 'SlowDown' } : undefined
      await expect(upload(fileFor(more), made)).rejects.toThrow('503')
      await expect(made.confirm()).rejects.toMatchObject({ code: 'ERR_S3', status: 404 })
      await made.dispose('dropped')
      nothing()
    })
  })

  describe('that is not what was said is not believed:', () => {
    it.each([{ method: 'post' }, { method: 'put' }, inParts] as const)(
      'one that never came, by $method',
      async (more) => {
        const made = await open(fileFor(more).size, more)
        await expect(made.confirm()).rejects.toMatchObject({ code: 'ERR_S3', status: 404 })
        await made.dispose('dropped')
        nothing()
      },
    )

    it.each([{ method: 'post' }, { method: 'put' }, inParts] as const)(
      'one byte more or less, by $method',
      async (more) => {
        for (const size of [fileFor(more).size + 1, fileFor(more).size - 1]) {
          const made = await open(size, more)
          await expect(upload(fileFor(more), made)).rejects.toThrow('answered 40')
          await expect(made.confirm()).rejects.toMatchObject({ code: 'ERR_S3' })
          await made.dispose('dropped')
          nothing()
        }
      },
    )

    it('one that has another size in the store', async () => {
      const made = await open(10, { method: 'put' })
      const key = String(made.meta['key'])
      store.objects.set(key, { body: Buffer.alloc(11), headers: {} })
      await expect(made.confirm()).rejects.toThrow('it has 11 bytes, and 10 were declared')
    })

    it('a type of the browser’s own choice', async () => {
      const made = await open(10, { method: 'put' })
      const { url } = made.meta as unknown as S3PutMeta
      const evil = { method: 'PUT', body: new Blob(['<script>10']), headers: { 'content-type': 'text/html' } } as const
      expect((await browserFetch(origin, url, evil)).status).toBe(403)
    })

    it('what somebody put in its place behind the end of its parts', async () => {
      const made = await open(clientSize, inParts)
      await upload(file, made)
      store.objects.set(String(made.meta['key']), { body: Buffer.alloc(clientSize), headers: {} })
      await expect(made.confirm()).rejects.toThrow('something else was put there')
    })

    it('a part once it was put together: its address is worth nothing', async () => {
      const made = await open(clientSize, inParts)
      await upload(file, made)
      expect((await put(partsOf(made).urls[0]![1], file.slice(0, 5 * MiB))).status).toBe(404)
      expect(store.objects.get((await made.confirm()).key)!.body.equals(bytes)).toBe(true)
    })
  })

  describe('is asked for', () => {
    it('addresses of parts, of those alone', async () => {
      const made = await open(200 * 5 * MiB, inParts)
      const answer = (await made.answer({ sign: [9, 200] })) as { urls: [number, string][]; expires: number }
      expect(answer.urls.map(([number]) => number)).toEqual([9, 200])
      expect(answer.expires).toBe(900)
      expect(new URL(answer.urls[1]![1]).searchParams.get('partNumber')).toBe('200')
    })

    it('what is there: whole parts, with sizes and ETags', async () => {
      const made = await open(clientSize, inParts)
      expect(await made.answer({ list: true })).toEqual({ parts: [] })
      const etag = (await put(partsOf(made).urls[2]![1], file.slice(10 * MiB))).headers.get('etag')
      expect(await made.answer({ list: true })).toEqual({ parts: [[3, MiB, etag]] })
    })

    it('its end, and says which parts are missing, or are not as they were sent', async () => {
      const made = await open(clientSize, inParts)
      const [one, , three] = partsOf(made).urls
      const first = (await put(one![1], file.slice(0, 5 * MiB))).headers.get('etag')
      await put(three![1], file.slice(10 * MiB))
      const wrong = '"0123456789abcdef0123456789abcdef"'
      expect(await made.answer({ complete: [[3, wrong], [1, first], [2]] })).toEqual({ missing: [2, 3] })
      expect(store.objects.size).toBe(0)
    })

    it('its end twice, and at once, and is put together once', async () => {
      const made = await open(clientSize, inParts)
      const question = { complete: [[1], [2], [3, null]] }
      for (const [number, url] of partsOf(made).urls)
        await put(url, file.slice((number - 1) * 5 * MiB, number * 5 * MiB))
      const answers = await Promise.all([made.answer(question), made.answer(question)])
      answers.push(await made.answer(question))
      for (const answer of answers) expect(answer).toMatchObject({ completed: true })
      expect(store.requests.filter((request) => /^POST .*uploadId/.test(request))).toHaveLength(1)
    })

    it.each([
      undefined,
      null,
      'list',
      [],
      {},
      { list: 1 },
      { renew: true },
      { sign: [] },
      { sign: [0] },
      { sign: [4] },
      { sign: [1.5] },
      { sign: ['1'] },
      { sign: [1, 1] },
      { sign: Array.from({ length: 101 }, () => 1) },
      { sign: { length: 1, 0: 1 } },
      { complete: [] },
      { complete: [[1], [2]] },
      { complete: [[1], [2], [2]] },
      { complete: [[1], [2], [4]] },
      { complete: [[1], [2], [3], [4]] },
      { complete: [[1], [2], 3] },
      { complete: [[1], [2], [3, {}]] },
      { complete: [[1], [2], [3, 'x'.repeat(201)]] },
    ])('nonsense, and refuses it without asking the store: %j', async (question) => {
      const made = await open(clientSize, inParts)
      const before = store.requests.length
      expect(await made.answer(question)).toEqual({ refused: 'question', says: expect.any(String) })
      expect(store.requests).toHaveLength(before)
    })

    it.each([{ list: true }, { sign: [1] }, { complete: [[1]] }, {}, null])(
      'nonsense of a file that goes as a whole: %j',
      async (question) => {
        expect(await (await open(10)).answer(question)).toMatchObject({ refused: 'question' })
      },
    )

    it('the list a hundred times at once, and asks the store once', async () => {
      const made = await open(clientSize, inParts)
      await Promise.all(Array.from({ length: 100 }, () => made.answer({ list: true })))
      expect(store.requests.filter((request) => request.startsWith('GET'))).toHaveLength(1)
    })

    it('anything behind its end, and says that it is gone', async () => {
      const made = await open(clientSize, inParts)
      await made.dispose('dropped')
      expect(await made.answer({ sign: [1] })).toMatchObject({ refused: 'gone' })
      const whole = await open(10)
      await whole.dispose('dropped')
      expect(await whole.answer({ renew: true })).toMatchObject({ refused: 'gone' })
    })

    it('parts of an upload that the store has aborted, and says that it is gone', async () => {
      const made = await open(clientSize, inParts)
      store.uploads.clear()
      expect(await made.answer({ list: true })).toMatchObject({ refused: 'gone' })
      expect(await made.answer({ complete: [[1], [2], [3]] })).toMatchObject({ refused: 'gone' })
    })
  })

  describe('that is dropped leaves nothing', () => {
    it.each([{ method: 'post' }, { method: 'put' }, inParts] as const)('when it was sent, by $method', async (more) => {
      const made = await open(fileFor(more).size, more)
      await upload(fileFor(more), made)
      await made.confirm()
      await made.dispose('dropped')
      nothing()
    })

    it('when it is half way, and while it is put together', async () => {
      const half = await open(clientSize, inParts)
      await put(partsOf(half).urls[0]![1], file.slice(0, 5 * MiB))
      await half.dispose('dropped')
      nothing()
      const made = await open(clientSize, inParts)
      let ended: Promise<void> | undefined
      store.fault = ({ method, url }) => {
        if (method === 'POST' && url.searchParams.has('uploadId')) ended ??= made.dispose('dropped')
        return undefined
      }
      await upload(file, made)
      await ended
      nothing()
    })

    it('when its addresses cannot be signed', async () => {
      let asked = 0
      const credentials = () => {
        if (++asked > 1) throw new Error('no credentials today')
        return store.credentials
      }
      const { endpoint, bucket, region } = store
      const factory = s3External({ endpoint, bucket, region, credentials, key: () => 'a', ...inParts })
      await expect(sayWhere(factory, { clientSize })).rejects.toThrow('today')
    })
  })

  describe('goes on in another process', () => {
    it('behind the parts that are there', async () => {
      const before = await open(clientSize, inParts)
      await put(partsOf(before).urls[1]![1], file.slice(5 * MiB, 10 * MiB))
      const after = await again(before, { partSize: 6 * MiB })
      expect(partsOf(after)).toMatchObject({ partSize: 5 * MiB, parts: 3, there: [[2, 5 * MiB, expect.any(String)]] })
      expect(noteOf(after)).toEqual(noteOf(before))
      expect(after.offset).toBe(5 * MiB)
      const numbers: number[] = []
      await upload(file, after, { onPart: (number) => numbers.push(number) })
      expect(numbers).toEqual([1, 3])
      expect(store.objects.get((await after.confirm()).key)!.body.equals(bytes)).toBe(true)
    })

    it('when it was put together already', async () => {
      const before = await open(clientSize, inParts)
      await upload(file, before)
      const after = await again(before)
      expect(partsOf(after)).toMatchObject({ completed: true, urls: [] })
      await upload(file, after)
      expect(await after.confirm()).toMatchObject({ key: before.meta['key'], size: clientSize })
      await after.dispose('dropped')
      nothing()
    })

    it('anew, when the store has nothing of it', async () => {
      const before = await open(clientSize, inParts)
      await before.dispose('dropped')
      const after = await again(before)
      await upload(file, after)
      expect(await after.confirm()).toMatchObject({ key: before.meta['key'] })
      expect(noteOf(after)).not.toEqual(noteOf(before))
    })

    it.each(['post', 'put'] as const)('under its key, by %s', async (method) => {
      const before = await open(clientSize, { method })
      await upload(file, before)
      const after = await again(before, { method: 'auto' })
      expect(after.meta['key']).toBe(before.meta['key'])
      expect(await after.confirm()).toMatchObject({ size: clientSize })
      await after.dispose('dropped')
      nothing()
    })

    const mark = 'm'.repeat(43)

    /** One of whose parts the first page has sent. */
    async function chosenAgain(): Promise<{ before: S3ExternalFile; after: S3ExternalFile }> {
      const before = await open(clientSize, inParts)
      expect(await before.answer({ mark })).toEqual({ marked: true })
      // The first one counts.
      await before.answer({ mark: 'o'.repeat(43) })
      await put(partsOf(before).urls[0]![1], file.slice(0, 5 * MiB))
      return { before, after: await open(clientSize, inParts, noteOf(before), true) }
    }

    it('on another page, when the same file is chosen again', async () => {
      const { before, after } = await chosenAgain()
      expect(after.offset).toBe(5 * MiB)
      expect(partsOf(after)).toMatchObject({ mustProve: true, urls: [], there: [] })
      for (const question of [{ sign: [2] }, { list: true }, { complete: [[1], [2], [3]] }])
        expect(await after.answer(question)).toMatchObject({ refused: 'question' })
      const answer = (await after.answer({ mark })) as { readonly meta: S3PartsMeta }
      expect(answer.meta).toMatchObject({ mustProve: false, there: [[1, 5 * MiB, expect.any(String)]] })
      const numbers: number[] = []
      await upload(file, { ...after, meta: { ...answer.meta } }, { onPart: (number) => numbers.push(number) })
      expect(numbers).toEqual([2, 3])
      expect((await after.confirm()).key).toBe(before.meta['key'])
    })

    it.each([
      ['another file', 'x'.repeat(43)],
      ['a file of which the browser can say nothing', null],
    ])('anew with %s', async (_, other) => {
      const { before, after } = await chosenAgain()
      const answer = (await after.answer({ mark: other })) as { readonly meta: S3PartsMeta }
      expect(answer.meta).toMatchObject({ mustProve: false, there: [], key: before.meta['key'] })
      expect(store.uploads.size).toBe(1)
      await upload(file, { ...after, meta: { ...answer.meta } })
      expect(await after.confirm()).toMatchObject({ size: clientSize })
      await after.dispose('dropped')
      nothing()
    })

    it('anew, when the page before could say nothing of the file', async () => {
      const before = await open(clientSize, inParts)
      expect(await before.answer({ mark: null })).toEqual({ marked: true })
      await put(partsOf(before).urls[0]![1], file.slice(0, 5 * MiB))
      const after = await open(clientSize, inParts, noteOf(before), true)
      expect(await after.answer({ mark })).toMatchObject({ meta: { there: [] } })
      await after.dispose('dropped')
      nothing()
    })

    it('anew once the store answers again, when it fails just then', async () => {
      const { after } = await chosenAgain()
      store.fault = ({ method, url }) =>
        method === 'POST' && url.searchParams.has('uploads') ? { status: 500, code: 'InternalError' } : undefined
      await expect(after.answer({ mark: 'x'.repeat(43) })).rejects.toThrow()
      store.fault = () => undefined
      expect(await after.answer({ mark: 'x'.repeat(43) })).toMatchObject({ meta: { there: [] } })
      await after.dispose('dropped')
      nothing()
    })

    it.each([null, 'x', {}, { how: 'multipart', key: 'a' }, { how: 'other', key: 'a' }])(
      'anew, with a note that is none of ours: %j',
      async (note) => {
        expect((await open(10, {}, note)).meta['key']).toMatch(/^b\//)
      },
    )
  })
})

it.each([
  [{ bucket: 'A' }, 'bucket must be the name of a bucket'],
  [{ key: 'a' }, 'key must be a function'],
  [{ headers: {} }, 'headers must be a function'],
  [{ method: 'get' }, "method must be one of auto, post, put, multipart, got 'get'"],
  [{ multipartFrom: 6e9 }, 'multipartFrom must be from 1 to 5000000000'],
  [{ partSize: 1000 }, 'partSize must be from 5242880'],
  [{ expires: 900 }, 'expires must be from 1000 to 604800000 ms, got 900'],
  [{ expire: 900 }, "unknown option 'expire'"],
])('a wrong option throws at once: %o', (wrong, message) => {
  const options = { bucket: 'photos', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, key: () => 'a' }
  expect(() => s3External({ ...options, ...wrong } as never)).toThrow(
    expect.objectContaining({ code: 'ERR_UPLOAD_OPTIONS', message: expect.stringContaining(message) }),
  )
})

it.each(['', 'a/../b', undefined])('a key that cannot be is told: %o', async (key) => {
  await expect(open(10, { key: () => key as string })).rejects.toMatchObject({ code: 'ERR_UPLOAD_WRITER' })
})
