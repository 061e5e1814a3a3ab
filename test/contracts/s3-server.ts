/**
 * What we rely on in whatever speaks S3: run on a real one (`npm run test:s3`), and on the small one of our tests, so that it never says yes where a
 * real one would say no.
 */
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { S3Object } from '../../src/adapters/s3/objects.ts'
import { resolveS3Options } from '../../src/adapters/s3/options.ts'
import { S3Requests } from '../../src/adapters/s3/requests.ts'
import { presign } from '../../src/adapters/s3/signature.ts'
import type { S3Place } from '../support/s3-server.ts'

const MiB = 1024 * 1024

export function s3Contract(name: string, find: () => S3Place | Promise<S3Place>): void {
  describe(`the store ${name}`, () => {
    let place: S3Place
    let requests: S3Requests
    beforeAll(async () => {
      place = await find()
      requests = requestsTo(place)
    })

    const object = (key = `a/${randomBytes(6).toString('hex')} b+c.bin`): S3Object => new S3Object(requests, key)
    const signing = () => ({ credentials: place.credentials, region: place.region, now: Date.now() })
    const read = async ({ key }: S3Object): Promise<Buffer> => {
      const response = await fetch(presign({ method: 'GET', url: await requests.urlOf(key) }, 60, signing()))
      expect(response.status).toBe(200)
      return Buffer.from(await response.arrayBuffer())
    }
    const refusal = (status: number, s3Code: string | RegExp) =>
      expect.objectContaining({ status, s3Code: typeof s3Code === 'string' ? s3Code : expect.stringMatching(s3Code) })

    it('stores an object, and has its headers', async () => {
      const stored = object()
      const body = randomBytes(1000)
      const etag = await stored.put(body, { 'content-type': 'image/png', 'x-amz-meta-who': 'ada' })
      expect(await stored.look()).toEqual({ etag, size: 1000 })
      expect((await read(stored)).equals(body)).toBe(true)
      const { headers } = await requests.send({ method: 'HEAD', key: stored.key })
      expect([headers.get('content-type'), headers.get('x-amz-meta-who')]).toEqual(['image/png', 'ada'])
      await stored.delete()
      expect(await stored.look()).toBeUndefined()
      await stored.delete()
    })

    it.each(["it's (1)*!.png", 'ä ö/日本.png', 'a+b=c&d?e#f', '%41%2F'])(
      'knows an object by the key %s',
      async (key) => {
        const stored = object(key)
        await stored.put(Buffer.from(key), {})
        expect((await read(stored)).toString()).toBe(key)
        await stored.delete()
      },
    )

    it('lists objects by the start of their keys, and gives one out as what an address says', async () => {
      const start = `list/${randomBytes(6).toString('hex')}`
      const stored = ['b <&>.bin', 'a.bin'].map((name) => object(`${start}/${name}`))
      for (const one of stored) await one.put(Buffer.from('abc'), {})
      const { endpoint, region, credentials } = place
      const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
      const { Contents: contents } = await client.send(
        new ListObjectsV2Command({ Bucket: place.bucket, Prefix: start }),
      )
      expect(contents!.map(({ Key: key, Size: size }) => [key, size])).toEqual(
        ['a.bin', 'b <&>.bin'].map((name) => [`${start}/${name}`, 3]),
      )
      const asked = {
        Bucket: place.bucket,
        Key: stored[0]!.key,
        ResponseContentDisposition: 'attachment; filename="c"',
      }
      const answer = await fetch(await getSignedUrl(client, new GetObjectCommand(asked)))
      expect([answer.headers.get('content-disposition'), await answer.text()]).toEqual([
        'attachment; filename="c"',
        'abc',
      ])
      for (const { key } of stored) await client.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: key }))
      expect(await stored[0]!.look()).toBeUndefined()
    })

    it('puts parts together, in their order, whatever order they came in', async () => {
      const stored = object()
      const bodies = [randomBytes(5 * MiB), randomBytes(5 * MiB), randomBytes(10)]
      const id = await stored.begin({ 'content-type': 'text/plain' })
      const parts = [
        await stored.putPart(id, 3, bodies[2]!),
        await stored.putPart(id, 1, bodies[0]!),
        await stored.putPart(id, 2, bodies[1]!),
      ]
      // A part that is sent again replaces the one before.
      parts[2] = await stored.putPart(id, 2, bodies[1]!)
      const etag = await stored.complete(id, parts, 10 * MiB + 10)
      expect(await stored.look()).toEqual({ etag, size: 10 * MiB + 10 })
      expect((await read(stored)).equals(Buffer.concat(bodies))).toBe(true)
      await stored.delete()
    })

    it('has nothing of an upload that was aborted', async () => {
      const stored = object()
      const id = await stored.begin({})
      await stored.putPart(id, 1, randomBytes(10))
      await stored.abort(id)
      await stored.abort(id)
      expect(await stored.look()).toBeUndefined()
      await expect(stored.putPart(id, 2, randomBytes(10))).rejects.toEqual(refusal(404, 'NoSuchUpload'))
    })

    it.each([
      { what: 'a wrong ETag', etag: '"0123456789abcdef0123456789abcdef"', number: 1, code: 'InvalidPart' },
      { what: 'a part that never came', etag: undefined, number: 7, code: 'InvalidPart' },
    ])('refuses to put together $what', async ({ etag, number, code }) => {
      const stored = object()
      const id = await stored.begin({})
      const part = await stored.putPart(id, 1, randomBytes(10))
      await expect(stored.complete(id, [{ number, etag: etag ?? part.etag }], 10)).rejects.toEqual(refusal(400, code))
      await stored.abort(id)
    })

    it('refuses small parts, but for the last', async () => {
      const stored = object()
      const id = await stored.begin({})
      const parts = [await stored.putPart(id, 1, randomBytes(10)), await stored.putPart(id, 2, randomBytes(10))]
      await expect(stored.complete(id, parts, 20)).rejects.toEqual(refusal(400, 'EntityTooSmall'))
      await stored.abort(id)
    })

    it.each([
      ['secret', { secretAccessKey: 'another' }, 'SignatureDoesNotMatch'],
      ['key', { accessKeyId: 'NOBODY' }, 'InvalidAccessKeyId'],
    ])('refuses a wrong %s', async (_, wrong, code) => {
      const credentials = { ...place.credentials, ...wrong }
      await expect(new S3Object(requestsTo(place, { credentials }), 'a').put(Buffer.from('a'), {})).rejects.toEqual(
        refusal(403, code),
      )
    })

    it('refuses an address that was changed, or is over', async () => {
      const stored = object()
      const put = (url: URL): Promise<number> => fetch(url, { method: 'PUT', body: 'a' }).then(({ status }) => status)
      const url = presign({ method: 'PUT', url: await requests.urlOf(stored.key) }, 60, signing())
      expect(await put(url)).toBe(200)
      const other = new URL(url)
      other.pathname = `${other.pathname}x`
      expect(await put(other)).toBe(403)
      expect(
        await put(
          presign({ method: 'PUT', url: await requests.urlOf(stored.key) }, 1, {
            ...signing(),
            now: Date.now() - 60_000,
          }),
        ),
      ).toBe(403)
      await stored.delete()
    })

    it('knows no bucket that is not there', async () => {
      const missing = new S3Object(requestsTo(place, { bucket: 'nobody-has-it' }), 'a')
      await expect(missing.put(Buffer.from('a'), {})).rejects.toEqual(refusal(404, 'NoSuchBucket'))
    })
  })
}

function requestsTo({ bucket, endpoint, region, credentials }: S3Place, wrong: Partial<S3Place> = {}): S3Requests {
  const options = { bucket, endpoint, region, credentials, attempts: 1, ...wrong }
  return new S3Requests(resolveS3Options('test', options))
}
