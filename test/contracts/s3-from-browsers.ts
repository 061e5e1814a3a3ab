/** What we rely on in a store that browsers send to themselves: forms with a policy, addresses that are signed, rules for other origins. */
import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { S3Object } from '../../src/adapters/s3/objects.ts'
import { resolveS3Options } from '../../src/adapters/s3/options.ts'
import { S3Requests } from '../../src/adapters/s3/requests.ts'
import { textOf } from '../../src/adapters/s3/s3-error.ts'
import { presign, type Signing, signPost } from '../../src/adapters/s3/signature.ts'
import { browserFetch } from '../support/browser-fetch.ts'
import type { S3Place } from '../support/s3-server.ts'

const MiB = 1024 * 1024
const page = 'https://app.example'
/** What a sender would like the object to be given out with. */
const unsigned = { 'cache-control': 'max-age=9', 'content-disposition': 'inline', 'content-encoding': 'gzip' }

export function s3FromBrowsersContract(name: string, find: () => S3Place | Promise<S3Place>): void {
  describe(`the store ${name}, to a browser`, () => {
    let place: S3Place
    let requests: S3Requests
    beforeAll(async () => {
      place = await find()
      const { bucket, endpoint, region, credentials } = place
      requests = new S3Requests(resolveS3Options('test', { bucket, endpoint, region, credentials, attempts: 1 }))
    })

    const signing = (more: Partial<Signing> = {}): Signing => ({
      credentials: place.credentials,
      region: place.region,
      now: Date.now(),
      ...more,
    })
    const object = (): S3Object => new S3Object(requests, `b/${randomBytes(6).toString('hex')} c+d.bin`)
    const codeOf = async (response: Response): Promise<readonly [number, string | undefined]> => [
      response.status,
      textOf(await response.text(), 'Code'),
    ]

    const unsignedOf = async ({ key }: S3Object): Promise<readonly [string, string][]> => {
      const { headers } = await requests.send({ method: 'HEAD', key })
      return [...headers].filter(([header]) => header in unsigned)
    }

    describe('has a form posted:', () => {
      interface Posting {
        readonly fields?: Readonly<Record<string, string>>
        readonly conditions?: readonly unknown[]
        /** What the browser sends in the place of what was signed. */
        readonly instead?: Readonly<Record<string, string | undefined>>
        readonly bytes?: Buffer
        readonly expires?: number
        readonly signing?: Partial<Signing>
        /** Of the request. */
        readonly headers?: Readonly<Record<string, string>>
      }
      const ten = Buffer.from('0123456789')
      const post = async (key: string, { bytes = ten, expires = 60, ...how }: Posting): Promise<Response> => {
        const fields = { bucket: place.bucket, key, 'Content-Type': 'image/png', ...how.fields }
        const conditions = [['content-length-range', 10, 10], ...(how.conditions ?? [])]
        const form = new FormData()
        const signed = signPost(fields, conditions, expires, signing(how.signing))
        for (const [field, value] of Object.entries({ ...signed, ...how.instead }))
          if (value !== undefined) form.append(field, value)
        form.append('file', new Blob([new Uint8Array(bytes)]), 'c.png')
        return fetch(await requests.urlOf(''), { method: 'POST', body: form, headers: how.headers ?? {} })
      }

      it.each([
        ['with 204', {}, 204],
        ['with 200', { success_action_status: '200' }, 200],
        ['with 204 for a status that is none', { success_action_status: '418' }, 204],
      ])('it is stored, and answered %s', async (_, fields, status) => {
        const stored = object()
        const bytes = randomBytes(10)
        const answer = await post(stored.key, { bytes, fields: { ...fields, 'x-amz-meta-who': 'ada' } })
        expect([answer.status, await answer.text()]).toEqual([status, ''])
        const { headers } = await requests.send({ method: 'HEAD', key: stored.key })
        expect(headers.get('etag')).toBe(`"${createHash('md5').update(bytes).digest('hex')}"`)
        expect([headers.get('content-type'), headers.get('x-amz-meta-who')]).toEqual(['image/png', 'ada'])
        await stored.delete()
      })

      it('it is stored, and answered with 201 and its ETag', async () => {
        const stored = object()
        const answer = await post(stored.key, { fields: { success_action_status: '201' } })
        expect(answer.status).toBe(201)
        expect(textOf(await answer.text(), 'ETag')).toMatch(/^"?\w{32}"?$/)
        await stored.delete()
      })

      it.each<[string, Posting, number, RegExp]>([
        ['a byte too many', { bytes: Buffer.alloc(11) }, 400, /^EntityTooLarge$/],
        ['a byte too few', { bytes: Buffer.alloc(9) }, 400, /^EntityTooSmall$/],
        ['nothing', { bytes: Buffer.alloc(0) }, 400, /^EntityTooSmall$/],
        ['another key', { instead: { key: 'another' } }, 403, /^AccessDenied$/],
        ['another type', { instead: { 'Content-Type': 'text/html' } }, 403, /^AccessDenied$/],
        ['no type', { instead: { 'Content-Type': undefined } }, 403, /^AccessDenied$/],
        ['no key', { instead: { key: undefined } }, 400, /^InvalidArgument$/],
        ['a field that nobody signed', { instead: { 'x-amz-meta-a': 'b' } }, 403, /^AccessDenied$/],
        ['a status that nobody signed', { instead: { success_action_status: '201' } }, 403, /^AccessDenied$/],
        ['a wrong start', { conditions: [['starts-with', '$key', 'other/']] }, 403, /^AccessDenied$/],
        ['a wrong value', { conditions: [['eq', '$Content-Type', 'image/gif']] }, 403, /^AccessDenied$/],
        ['a form that is over', { signing: { now: Date.now() - 120_000 } }, 403, /^AccessDenied$/],
        ['a wrong signature', { instead: { 'X-Amz-Signature': '0'.repeat(64) } }, 403, /^(?:Acc|Sig)/],
        ['no signature', { instead: { 'X-Amz-Signature': undefined } }, 400, /^InvalidArgument$/],
        ['no policy', { instead: { Policy: undefined } }, 403, /^AccessDenied$/],
        ['another policy', { instead: { Policy: Buffer.from('{}').toString('base64') } }, 403, /^(?:Acc|Sig)/],
        [
          'a stranger',
          { signing: { credentials: { accessKeyId: 'NO', secretAccessKey: 'a' } } },
          403,
          /^(?:Acc|Invalid)/,
        ],
        [
          'a wrong secret',
          { signing: { credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'a' } } },
          403,
          /^(?:Acc|Sig)/,
        ],
      ])('%s is refused, and nothing is stored', async (_, how, status, code) => {
        const stored = object()
        expect(await codeOf(await post(stored.key, how))).toEqual([status, expect.stringMatching(code)])
        expect(await stored.look()).toBeUndefined()
      })

      it('headers beside it are not those of the object', async () => {
        const stored = object()
        expect((await post(stored.key, { headers: unsigned })).status).toBe(204)
        expect(await unsignedOf(stored)).toEqual([])
        await stored.delete()
      })

      it('conditions that it keeps are no hindrance', async () => {
        const stored = object()
        const conditions = [
          ['starts-with', '$key', 'b/'],
          ['eq', '$Content-Type', 'image/png'],
        ]
        expect((await post(stored.key, { conditions })).status).toBe(204)
        await stored.delete()
      })
    })

    describe('has an address put to:', () => {
      interface Putting {
        readonly headers?: Readonly<Record<string, string>>
        /** Sent in the place of those that were signed. */
        readonly instead?: Readonly<Record<string, string>>
        readonly bytes?: number
        readonly expires?: number
        readonly earlier?: number
      }
      const put = async (key: string, { headers = {}, instead, bytes = 10, expires = 60, earlier = 0 }: Putting) => {
        const signed = { 'content-length': '10', ...headers }
        const at = signing({ now: Date.now() - earlier })
        const url = presign({ method: 'PUT', url: await requests.urlOf(key), headers: signed }, expires, at)
        return fetch(url, { method: 'PUT', headers: { ...headers, ...instead }, body: new Uint8Array(bytes) })
      }

      it.each<[string, Putting]>([
        ['with its length', {}],
        ['with its type', { headers: { 'content-type': 'image/png' } }],
        ['an hour later, where it is good for two', { earlier: 3_600_000, expires: 7200 }],
        ['by a clock that is ten minutes ahead', { earlier: -600_000 }],
      ])('it is stored %s', async (_, how) => {
        const stored = object()
        expect((await put(stored.key, how)).status).toBe(200)
        expect(await stored.look()).toMatchObject({ size: 10 })
        await stored.delete()
      })

      it('headers that nobody signed are stored as well: it is the sender’s word', async () => {
        const stored = object()
        expect((await put(stored.key, { instead: unsigned })).status).toBe(200)
        expect(await unsignedOf(stored)).toEqual(Object.entries(unsigned))
        await stored.delete()
      })

      it.each<[string, Putting, RegExp]>([
        ['a byte too many', { bytes: 11 }, /^SignatureDoesNotMatch$/],
        ['a byte too few', { bytes: 9 }, /^SignatureDoesNotMatch$/],
        [
          'another type',
          { headers: { 'content-type': 'image/png' }, instead: { 'content-type': 'text/html' } },
          /^SignatureDoesNotMatch$/,
        ],
        [
          'another word of how long it is good',
          { headers: { 'cache-control': 'no-store' }, instead: { 'cache-control': 'max-age=9' } },
          /^SignatureDoesNotMatch$/,
        ],
        ['one that is over', { expires: 1, earlier: 60_000 }, /^AccessDenied$/],
        ['one that is good for no time', { expires: 0 }, /^AccessDenied$/],
        ['one that is good for more than a week', { expires: 604_801 }, /^AccessDenied$/],
      ])('%s is refused, and nothing is stored', async (_, how, code) => {
        const stored = object()
        expect(await codeOf(await put(stored.key, how))).toEqual([403, expect.stringMatching(code)])
        expect(await stored.look()).toBeUndefined()
      })
    })

    describe('has parts put to addresses:', () => {
      const partUrl = async (key: string, id: string, number: number, bytes: number): Promise<URL> =>
        presign(
          {
            method: 'PUT',
            url: await requests.urlOf(key, { partNumber: String(number), uploadId: id }),
            headers: { 'content-length': String(bytes) },
          },
          60,
          signing(),
        )
      const putPart = async (
        key: string,
        id: string,
        number: number,
        body: Uint8Array<ArrayBuffer>,
        headers: Readonly<Record<string, string>> = {},
      ): Promise<Response> => fetch(await partUrl(key, id, number, body.length), { method: 'PUT', body, headers })

      it('they are listed with their sizes and ETags, and put together by those', async () => {
        const stored = object()
        const id = await stored.begin({})
        const bodies = [new Uint8Array(randomBytes(5 * MiB)), new Uint8Array(randomBytes(10))]
        expect(await stored.parts(id)).toEqual([])
        const last = await putPart(stored.key, id, 2, bodies[1]!)
        const first = await putPart(stored.key, id, 1, bodies[0]!)
        const parts = await stored.parts(id)
        expect(parts).toEqual([
          { number: 1, size: 5 * MiB, etag: first.headers.get('etag') },
          { number: 2, size: 10, etag: last.headers.get('etag') },
        ])
        await stored.complete(id, parts!, 5 * MiB + 10)
        expect(await stored.look()).toMatchObject({ size: 5 * MiB + 10 })
        expect(await stored.parts(id)).toBeUndefined()
        // Whoever has the address still can do nothing with it.
        expect(await codeOf(await putPart(stored.key, id, 1, bodies[0]!))).toEqual([404, 'NoSuchUpload'])
        await stored.delete()
      })

      it('headers of one are not those of the object', async () => {
        const stored = object()
        const id = await stored.begin({})
        expect((await putPart(stored.key, id, 1, new Uint8Array(10), unsigned)).status).toBe(200)
        await stored.complete(id, (await stored.parts(id))!, 10)
        expect(await unsignedOf(stored)).toEqual([])
        await stored.delete()
      })

      it('more than a thousand are listed, too', async () => {
        const stored = object()
        const id = await stored.begin({})
        const numbers = Array.from({ length: 1001 }, (_, at) => at + 1)
        for (let at = 0; at < numbers.length; at += 20)
          await Promise.all(numbers.slice(at, at + 20).map((n) => stored.putPart(id, n, Buffer.from([n % 256]))))
        expect((await stored.parts(id))!.map(({ number }) => number)).toEqual(numbers)
        await stored.abort(id)
      }, 60_000)

      it('one of another length is refused', async () => {
        const stored = object()
        const id = await stored.begin({})
        const answer = await fetch(await partUrl(stored.key, id, 1, 10), { method: 'PUT', body: new Uint8Array(11) })
        expect(await codeOf(answer)).toEqual([403, 'SignatureDoesNotMatch'])
        const moved = await partUrl(stored.key, id, 1, 10)
        moved.searchParams.set('partNumber', '2')
        expect((await fetch(moved, { method: 'PUT', body: new Uint8Array(10) })).status).toBe(403)
        expect(await stored.parts(id)).toEqual([])
        await stored.abort(id)
      })

      it('nothing comes behind the end of an upload that was aborted', async () => {
        const stored = object()
        const id = await stored.begin({})
        expect((await putPart(stored.key, id, 1, new Uint8Array(10))).status).toBe(200)
        await stored.abort(id)
        expect(await codeOf(await putPart(stored.key, id, 2, new Uint8Array(10)))).toEqual([404, 'NoSuchUpload'])
        expect(await stored.parts(id)).toBeUndefined()
      })
    })

    describe('has rules for other origins:', () => {
      const setCors = (rules: string): Promise<unknown> => {
        const body = Buffer.from(`<CORSConfiguration>${rules}</CORSConfiguration>`)
        const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
        return requests.send({ method: 'PUT', key: '', query: { cors: '' }, body, headers })
      }
      const rule = (more = ''): string =>
        `<CORSRule><AllowedOrigin>${page}</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod>` +
        `<AllowedHeader>content-type</AllowedHeader><AllowedHeader>x-amz-*</AllowedHeader>${more}</CORSRule>`
      const preflight = async (headers: Readonly<Record<string, string>>): Promise<Response> =>
        fetch(await requests.urlOf('a'), { method: 'OPTIONS', headers })
      const asking = { origin: page, 'access-control-request-method': 'PUT' }
      const put = async (origin: string, key = object().key): Promise<Response> => {
        const headers = { 'content-type': 'image/png' }
        const url = presign({ method: 'PUT', url: await requests.urlOf(key), headers }, 60, signing())
        return browserFetch(origin, url, { method: 'PUT', headers, body: new Blob(['a']) })
      }
      afterEach(async () => {
        await requests.send({ method: 'DELETE', key: '', query: { cors: '' } })
      })

      it('without them no page may send', async () => {
        expect((await preflight(asking)).status).toBe(403)
        await expect(put(page)).rejects.toThrow('preflight')
      })

      it('a page may send, and reads the ETag where it is exposed', async () => {
        await setCors(rule('<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds>'))
        expect((await put(page)).headers.get('etag')).toMatch(/^"\w{32}"$/)
        const { headers } = await preflight({
          ...asking,
          'access-control-request-headers': 'content-type,x-amz-meta-a',
        })
        expect(headers.get('access-control-max-age')).toBe('600')
        expect(headers.get('vary')).toMatch(/origin/i)
      })

      it('a page may send, and cannot read the ETag where it is not exposed', async () => {
        await setCors(rule())
        const answer = await put(page)
        expect([answer.status, answer.headers.get('etag')]).toEqual([200, null])
      })

      it('a form is posted without a question, and its answer is for the page', async () => {
        await setCors(rule())
        const { key } = object()
        const fields = signPost({ bucket: place.bucket, key }, [['content-length-range', 1, 1]], 60, signing())
        const body = new FormData()
        for (const [field, value] of Object.entries(fields)) body.append(field, value)
        body.append('file', new Blob(['a']))
        expect((await browserFetch(page, await requests.urlOf(''), { method: 'POST', body })).status).toBe(204)
        await new S3Object(requests, key).delete()
      })

      it.each<[string, Readonly<Record<string, string>>, number]>([
        ['another origin', { ...asking, origin: 'https://evil.example' }, 403],
        ['the same host over http', { ...asking, origin: 'http://app.example' }, 403],
        ['another method', { ...asking, 'access-control-request-method': 'DELETE' }, 403],
        ['another header', { ...asking, 'access-control-request-headers': 'content-type,x-other' }, 403],
        ['a question without an origin', { 'access-control-request-method': 'PUT' }, 400],
        ['a question without a method', { origin: page }, 400],
      ])('%s is refused', async (_, headers, status) => {
        await setCors(rule())
        const answer = await preflight(headers)
        expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, null])
      })

      it('an origin may stand for many', async () => {
        await setCors(rule().replace(page, 'https://*.sub.example'))
        expect((await preflight({ ...asking, origin: 'https://a.sub.example' })).status).toBe(200)
        expect((await preflight({ ...asking, origin: 'https://sub.example' })).status).toBe(403)
      })

      it.each([
        '',
        '<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>BREW</AllowedMethod></CORSRule>',
        '<CORSRule><AllowedMethod>PUT</AllowedMethod></CORSRule>',
      ])('wrong ones are refused: %j', async (rules) => {
        await expect(setCors(rules)).rejects.toMatchObject({ status: 400, s3Code: 'MalformedXML' })
      })
    })
  })
}
