/** A real S3, as `npm run test:s3` has started it: what we rely on, and our writer. */
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { S3Object } from '../../src/adapters/s3/objects.ts'
import { resolveS3Options } from '../../src/adapters/s3/options.ts'
import { S3Requests } from '../../src/adapters/s3/requests.ts'
import { presign } from '../../src/adapters/s3/signature.ts'
import { type S3Meta, s3Writer } from '../../src/adapters/s3/writer.ts'
import type { UploadEntry } from '../../src/upload/entry.ts'
import { s3FromBrowsersContract } from '../contracts/s3-from-browsers.ts'
import { s3Contract } from '../contracts/s3-server.ts'
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
  const response = await fetch(presign({ method: 'GET', url: requests.urlOf(key) }, 60, signing))
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
