/** A real S3, as `npm run test:s3` has started it: what we rely on, and our writer. */
import { S3Client } from '@aws-sdk/client-s3'
import { createHash, randomBytes } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { S3Object } from '../../src/adapters/s3/objects.ts'
import { resolveS3Options } from '../../src/adapters/s3/options.ts'
import { S3Requests } from '../../src/adapters/s3/requests.ts'
import { presign } from '../../src/adapters/s3/signature.ts'
import { type S3Meta, s3Writer } from '../../src/adapters/s3/writer.ts'
import type { UploadEntry } from '../../src/upload/entry.ts'
import { s3FromBrowsersContract } from '../contracts/s3-from-browsers.ts'
import { s3Contract } from '../contracts/s3-server.ts'
import { s3External, type S3ExternalOptions } from '../../src/adapters/s3/external.ts'
import type { S3ExternalFile } from '../../src/adapters/s3/external-file.ts'
import { noteOf, sayWhere } from '../support/external-notes.ts'
import { uploadFile } from '../support/s3-uploader.ts'
import { uploadWriterContract } from '../contracts/upload-writer.ts'

const MiB = 1024 * 1024
const place = {
  endpoint: process.env['S3_ENDPOINT']!,
  bucket: 'photos',
  region: 'eu-central-1',
  credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'testsecrettestsecret' },
}
const requests = new S3Requests(resolveS3Options('test', place))

beforeAll(async () => {
  await requests.send({ method: 'PUT', key: '' })
})

s3Contract('of Ceph', () => place)
s3FromBrowsersContract('of Ceph', () => place)

const open = (clientSize: number) =>
  s3Writer({ ...place, partSize: 5 * MiB, key: () => `photos/${randomBytes(8).toString('hex')}` })({}, {
    clientSize,
  } as UploadEntry)

async function read({ key }: S3Meta): Promise<Buffer> {
  const signing = { ...place, now: Date.now() }
  const response = await fetch(presign({ method: 'GET', url: await requests.urlOf(key) }, 60, signing))
  return Buffer.from(await response.arrayBuffer())
}

uploadWriterContract('to Ceph', () => ({
  open: () => open(100),
  read,
  exists: async ({ key }) => (await new S3Object(requests, key).look()) !== undefined,
  staysConsumed: true,
}))

describe('a file', () => {
  it.each([5 * MiB, 5 * MiB + 1, 31 * MiB])('of %i bytes is stored, byte for byte', async (size) => {
    const bytes = randomBytes(size)
    const writer = open(size)
    for (let at = 0; at < size; at += 64 * 1024) await writer.write(bytes.subarray(at, at + 64 * 1024))
    await writer.close('done')
    const meta = writer.meta()
    expect((await read(meta)).equals(bytes)).toBe(true)
    expect(meta).toMatchObject({ size, etag: expect.stringMatching(/^"[\w-]+"$/) })
    await writer.dispose('dropped')
    expect(await new S3Object(requests, meta.key).look()).toBeUndefined()
  })
})

it('a client of the SDK that is handed in is where the file goes', async () => {
  const { endpoint, region, credentials, bucket } = place
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  const bytes = randomBytes(6 * MiB)
  const key = `photos/${randomBytes(8).toString('hex')}`
  const writer = s3Writer({ client, bucket, key: () => key, partSize: 5 * MiB })({}, {
    clientSize: bytes.length,
  } as UploadEntry)
  await writer.write(bytes)
  await writer.close('done')
  expect((await read(writer.meta())).equals(bytes)).toBe(true)
  await writer.dispose('dropped')
})

describe('a file from a browser', () => {
  const origin = 'https://app.example'
  const size = 11 * MiB
  const bytes = randomBytes(size)
  const file = new Blob([bytes], { type: 'text/html' })
  const inParts = { method: 'multipart', partSize: 5 * MiB } as const
  const all = [{ method: 'post' }, { method: 'put' }, inParts] as const

  const begin = (more: Partial<S3ExternalOptions>, clientSize = size, note?: unknown): Promise<S3ExternalFile> =>
    sayWhere(
      s3External({ ...place, key: () => `b/${randomBytes(8).toString('hex')} ä+.bin`, ...more }),
      { clientSize },
      { note },
    )
  const isThere = async ({ meta }: S3ExternalFile): Promise<boolean> =>
    (await new S3Object(requests, String(meta['key'])).look()) !== undefined
  const setCors = (exposed: string): Promise<unknown> => {
    const rule =
      `<AllowedOrigin>${origin}</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod>` +
      `<AllowedHeader>*</AllowedHeader>${exposed}`
    const body = Buffer.from(`<CORSConfiguration><CORSRule>${rule}</CORSRule></CORSConfiguration>`)
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
    return requests.send({ method: 'PUT', key: '', query: { cors: '' }, body, headers })
  }
  beforeEach(() => setCors('<ExposeHeader>ETag</ExposeHeader>'))

  it.each(all)('by $method is there, byte for byte, and gone when it is dropped', async (more) => {
    const made = await begin(more)
    expect(await uploadFile(file, made, { origin })).toEqual([])
    const meta = await made.confirm()
    expect(meta).toMatchObject({ size, etag: expect.stringMatching(/^"[\w-]+"$/) })
    expect((await read(meta)).equals(bytes)).toBe(true)
    const { headers } = await requests.send({ method: 'HEAD', key: meta.key })
    expect(headers.get('content-type')).toBe('application/octet-stream')
    await made.dispose('dropped')
    expect(await isThere(made)).toBe(false)
  })

  it.each(all)('by $method that is not as long as was said never comes', async (more) => {
    for (const said of [size + 1, size - 1]) {
      const made = await begin(more, said)
      await expect(uploadFile(file, made, { origin })).rejects.toThrow()
      await expect(made.confirm()).rejects.toMatchObject({ code: 'ERR_S3', status: 404 })
      await made.dispose('dropped')
      expect(await isThere(made)).toBe(false)
    }
  })

  it('is sent without its ETags where the page cannot read them, and the developer is told', async () => {
    await setCors('')
    const made = await begin(inParts)
    expect(await uploadFile(file, made, { origin })).toEqual([expect.stringContaining('ExposeHeaders')])
    await made.confirm()
    await made.dispose('dropped')
  })

  it('goes on in another process: behind its parts, and when it was put together', async () => {
    const before = await begin(inParts)
    await expect(
      uploadFile(file, before, {
        origin,
        onPart: () => {
          throw new Error('the page is closed')
        },
      }),
    ).rejects.toThrow('closed')
    const after = await begin(inParts, size, noteOf(before))
    expect(after.meta).toMatchObject({ there: [[1, 5 * MiB, expect.any(String)]], completed: false })
    await uploadFile(file, after, { origin })
    expect((await read(await after.confirm())).equals(bytes)).toBe(true)
    const last = await begin(inParts, size, noteOf(after))
    expect(last.meta).toMatchObject({ completed: true })
    expect(await last.confirm()).toMatchObject({ size })
    await last.dispose('dropped')
    expect(await isThere(last)).toBe(false)
  })
})
