/** An `S3Client` of the SDK that is handed in: files go where it would send them, by its credentials. */
import { GetObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { sayWhere } from '../../../test/support/external-notes.ts'
import { forBrowsers } from '../../../test/support/s3-cors.ts'
import { S3Server } from '../../../test/support/s3-server.ts'
import { uploadFile } from '../../../test/support/s3-uploader.ts'
import type { UploadEntry } from '../../upload/entry.ts'
import { placeBy, type S3ClientLike } from './client.ts'
import { s3External } from './external.ts'
import { s3Writer } from './writer.ts'

const origin = 'https://app.example'
const bytes = randomBytes(6 * 1024 * 1024)
const keys = { accessKeyId: 'TESTKEY', secretAccessKey: 'testsecrettestsecret' }
let store: S3Server

beforeAll(async () => {
  store = await S3Server.start()
  store.cors = forBrowsers
})
afterAll(() => store.close())
afterEach(() => vi.unstubAllEnvs())

const clientFor = (more: S3ClientConfig = {}): S3Client =>
  new S3Client({ region: 'eu-central-1', endpoint: store.endpoint, forcePathStyle: true, credentials: keys, ...more })
const entry = { clientSize: bytes.length } as UploadEntry

async function write(client: S3ClientLike): Promise<void> {
  const writer = s3Writer({ client, bucket: 'photos', key: () => 'a/written ä.bin', partSize: 5 * 1024 * 1024 })(
    {},
    entry,
  )
  await writer.write(bytes)
  await writer.close('done')
}

it('a file goes through the server where the client would send it', async () => {
  await write(clientFor())
  expect(store.objects.get('a/written ä.bin')!.body.equals(bytes)).toBe(true)
})

it.each(['post', 'put', 'multipart'] as const)('a browser sends there by %s', async (method) => {
  const external = s3External({ client: clientFor(), bucket: 'photos', key: () => `b/${method}`, method })
  const made = await sayWhere(external, entry)
  await uploadFile(new Blob([bytes]), made, { origin })
  expect(await made.confirm()).toMatchObject({ key: `b/${method}`, size: bytes.length })
})

it('credentials are had anew when they are about to be over, and kept as long as they are good', async () => {
  let isLent = false
  const provider = vi.fn(async () => ({ ...keys, expiration: new Date(isLent ? Date.now() + 3_600_000 : Date.now()) }))
  await write(clientFor({ credentials: provider }))
  const asked = provider.mock.calls.length
  expect(asked).toBeGreaterThan(2)
  isLent = true
  provider.mockClear()
  await write(clientFor({ credentials: provider }))
  expect(provider.mock.calls.length).toBe(1)
})

describe('the address is that of the SDK', () => {
  const addresses: readonly [string, S3ClientConfig, string?, Record<string, string>?][] = [
    ['of a region', { region: 'eu-west-3' }],
    ['of a region in China', { region: 'cn-north-1' }],
    ['with both IPs', { region: 'eu-west-3', useDualstackEndpoint: true }],
    ['with FIPS', { region: 'us-gov-west-1', useFipsEndpoint: true }],
    ['that is accelerated', { region: 'eu-west-3', useAccelerateEndpoint: true }],
    ['of a bucket with a dot', { region: 'eu-west-3' }, 'photos.example'],
    ['of another store', { region: 'auto', endpoint: 'https://store.example/base' }],
    ['of another store, in the path', { region: 'auto', endpoint: 'https://store.example:444', forcePathStyle: true }],
    ['of a bucket with a dot, without TLS', { region: 'auto', endpoint: 'http://store.example' }, 'photos.example'],
    ['of the environment', { region: 'auto' }, 'photos', { AWS_ENDPOINT_URL_S3: 'http://store.example:9000' }],
    [
      'of the environment, which is to be passed over',
      { region: 'eu-west-3', ignoreConfiguredEndpointUrls: true },
      'photos',
      { AWS_ENDPOINT_URL_S3: 'http://store.example:9000' },
    ],
  ]

  it.each(addresses)('%s', async (_, config, bucket = 'photos', env = {}) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const { base, region } = await placeBy(new S3Client({ ...config, credentials: keys }), bucket, (message) => {
      throw new Error(message)
    })
    const theirs = new URL(
      await getSignedUrl(
        new S3Client({ ...config, credentials: keys }),
        new GetObjectCommand({ Bucket: bucket, Key: 'key' }),
      ),
    )
    expect(`${base}/key`).toBe(theirs.origin + theirs.pathname)
    expect(region).toBe(theirs.searchParams.get('X-Amz-Credential')!.split('/')[2])
  })
})

it('a bucket that is signed in another way fails its file, and says why', async () => {
  const client = new S3Client({ region: 'us-west-2', credentials: keys })
  const external = s3External({ client, bucket: 'photos--usw2-az1--x-s3', key: () => 'a' })
  await expect(sayWhere(external, entry)).rejects.toMatchObject({
    code: 'ERR_UPLOAD_OPTIONS',
    message: expect.stringContaining('not signed by sigv4'),
  })
})

it.each<[object, string]>([
  [{ client: 'client' }, "client must be an S3Client of @aws-sdk/client-s3, version 3, got 'client'"],
  [{ client: null }, 'client must be an S3Client'],
  [{ client: { config: { region: 'eu-central-1' } } }, 'client must be an S3Client'],
  [{ region: 'eu-central-1' }, 'region is taken from the client: give one of both'],
  [{ endpoint: 'https://store.example' }, 'endpoint is taken from the client'],
  [{ credentials: keys }, 'credentials is taken from the client'],
  [{ pathStyle: true }, 'pathStyle is taken from the client'],
])('a wrong option throws at once: %o', (wrong, message) => {
  const options = { client: clientFor(), bucket: 'photos', key: () => 'a', ...wrong }
  for (const make of [s3Writer, s3External])
    expect(() => make(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_UPLOAD_OPTIONS', message: expect.stringContaining(message) }),
    )
})
