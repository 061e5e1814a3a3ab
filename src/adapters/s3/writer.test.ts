/** Uploads through the server to S3: the contract of writers, what is sent, and what becomes of faults. */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { s3Contract } from '../../../test/contracts/s3-server.ts'
import { uploadWriterContract } from '../../../test/contracts/upload-writer.ts'
import { type Fault, S3Server } from '../../../test/support/s3-server.ts'
import type { UploadEntry } from '../../upload/entry.ts'
import type { UploadWriter } from '../../upload/writer.ts'
import type { S3Options } from './options.ts'
import { type S3Meta, s3Writer, type S3WriterFactory, type S3WriterOptions } from './writer.ts'

const MiB = 1024 * 1024
let store: S3Server
let made = 0

beforeAll(async () => {
  store = await S3Server.start()
})
afterAll(() => store.close())
beforeEach(() => {
  store.requests.length = 0
  store.objects.clear()
  store.uploads.clear()
  store.load.most = 0
})
afterEach(() => {
  store.fault = () => undefined
  store.skew = 0
})

s3Contract('of our tests', () => store)

function factory(more: Partial<S3WriterOptions> = {}): S3WriterFactory {
  const { endpoint, bucket, region, credentials } = store
  return s3Writer({ endpoint, bucket, region, credentials, key: () => `photos/${made++}`, ...more })
}

function open(clientSize: number, more?: Partial<S3WriterOptions>): UploadWriter<S3Meta> {
  return factory(more)({}, { clientSize } as UploadEntry)
}

const stored = ({ key }: S3Meta): Buffer | undefined => store.objects.get(key)?.body

uploadWriterContract('to S3', () => ({
  open: () => open(100),
  read: async (meta) => stored(meta)!,
  exists: async (meta) => stored(meta) !== undefined || store.uploads.size > 0,
  staysConsumed: true,
  noted: {
    size: 11 * MiB,
    open: (tools) => factory({ partSize: 5 * MiB })({}, { clientSize: 11 * MiB } as UploadEntry, tools),
  },
}))

/** Sends a file as it comes over HTTP. */
async function send(writer: UploadWriter<S3Meta>, bytes: Uint8Array): Promise<S3Meta> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) await writer.write(bytes.subarray(at, at + 64 * 1024))
  await writer.close('done')
  return writer.meta()
}

describe('a file', () => {
  it('that is small is put at once', async () => {
    const bytes = randomBytes(100_000)
    const meta = await send(open(bytes.length, { headers: () => ({ 'content-type': 'image/png' }) }), bytes)
    expect(meta).toEqual({ bucket: 'photos', key: meta.key, etag: expect.stringMatching(/^"\w{32}"$/), size: 100_000 })
    expect(store.requests).toEqual([`PUT /photos/${meta.key}`])
    expect(store.objects.get(meta.key)!.headers['content-type']).toBe('image/png')
    expect(stored(meta)!.equals(bytes)).toBe(true)
  })

  it('that is large is put in parts, some of them at once, and put together', async () => {
    const bytes = randomBytes(26 * MiB)
    const meta = await send(open(bytes.length, { partSize: 5 * MiB, parallel: 2 }), bytes)
    expect(stored(meta)!.equals(bytes)).toBe(true)
    expect(store.requests.filter((request) => request.includes('partNumber'))).toHaveLength(6)
    expect(store.load.most).toBe(2)
    expect(store.uploads.size).toBe(0)
  })

  it.each([0, 5 * MiB, 5 * MiB + 1, 10 * MiB])('of %i bytes has no part too many', async (size) => {
    const bytes = randomBytes(size)
    const meta = await send(open(size, { partSize: 5 * MiB }), bytes)
    expect(stored(meta)!.equals(bytes)).toBe(true)
    const parts = store.requests.filter((request) => request.includes('partNumber'))
    expect(parts).toHaveLength(size <= 5 * MiB ? 0 : Math.ceil(size / (5 * MiB)))
  })

  it('that becomes larger on its way, as behind a transform, is put in parts of one size', async () => {
    const bytes = randomBytes(12 * MiB)
    const meta = await send(open(1000, { partSize: 5 * MiB }), bytes)
    expect(stored(meta)!.equals(bytes)).toBe(true)
  })

  it('of 60 GB has no more than 10,000 parts', () => {
    const first = vi.spyOn(Buffer, 'allocUnsafe')
    open(60e9)
    expect(first).toHaveBeenCalledWith(8 * MiB)
    first.mockClear()
    open(600e9)
    expect(600e9 / (first.mock.calls[0]![0] as number)).toBeLessThanOrEqual(10_000)
    first.mockRestore()
  })
})

describe('a fault', () => {
  const bytes = randomBytes(11 * MiB)
  const options = {
    partSize: 5 * MiB,
    parallel: 2,
    attempts: 3,
    requestTimeout: 300,
  } satisfies Partial<S3WriterOptions>
  /** Happens to the first `times` requests that fit. */
  const first = (fits: RegExp, fault: ReturnType<Fault>, times = 1): Fault => {
    let left = times
    return ({ method, url }) => (fits.test(`${method} ${url.search}`) && left-- > 0 ? fault : undefined)
  }
  const part2 = /^PUT .*partNumber=2/

  it.each([
    { name: '500 for a part', fault: first(part2, { status: 500, code: 'InternalError' }) },
    { name: '503 SlowDown for a part, twice', fault: first(part2, { status: 503, code: 'SlowDown' }, 2) },
    { name: 'a part that is cut', fault: first(part2, 'cut') },
    { name: 'a part that is cut behind its effect', fault: first(part2, 'cut behind') },
    { name: 'a part that is never answered', fault: first(part2, 'hang') },
    { name: '503 for the beginning', fault: first(/^POST .*uploads/, { status: 503, code: 'ServiceUnavailable' }) },
    { name: '200 with an error for the end', fault: first(/^POST .*uploadId/, { status: 200, code: 'InternalError' }) },
    { name: 'a lost answer to the end', fault: first(/^POST .*uploadId/, 'cut behind') },
  ])('that passes costs nothing: $name', async ({ fault }) => {
    store.fault = fault
    const meta = await send(open(bytes.length, options), bytes)
    expect(stored(meta)!.equals(bytes)).toBe(true)
    expect(store.uploads.size).toBe(0)
  })

  it('that is an end without an ETag, as of Ceph, is none: it is asked for', async () => {
    store.fault = first(/^POST .*uploadId/, 'no etag')
    const meta = await send(open(bytes.length, options), bytes)
    expect(meta.etag).toMatch(/^"\w{32}-3"$/)
  })

  it('of a small file, whose answer was lost, costs nothing', async () => {
    store.fault = first(/^PUT/, 'cut behind')
    const meta = await send(open(10, options), bytes.subarray(0, 10))
    expect(stored(meta)).toHaveLength(10)
  })

  it.each([
    {
      name: 'every part is refused',
      fault: first(part2, { status: 500, code: 'InternalError' }, 99),
      error: { status: 500, s3Code: 'InternalError', attempts: 3 },
    },
    { name: 'nothing is answered', fault: first(part2, 'hang', 99), error: { status: 0, attempts: 3 } },
    {
      name: 'access is denied',
      fault: first(/^POST .*uploads/, { status: 403, code: 'AccessDenied' }, 99),
      error: { status: 403, attempts: 1 },
    },
    {
      name: 'a part is lost',
      fault: first(/^POST .*uploadId/, { status: 400, code: 'InvalidPart' }, 99),
      error: { s3Code: 'InvalidPart' },
    },
    {
      name: 'a proxy takes the ETag away',
      fault: first(part2, 'no etag', 99),
      error: { message: expect.stringContaining('no ETag') },
    },
  ])('that stays fails the file, and leaves nothing: $name', async ({ fault, error }) => {
    store.fault = fault
    const writer = open(bytes.length, options)
    const failure = await send(writer, bytes).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(failure).toMatchObject({ code: 'ERR_S3', ...error })
    // As whoever drives it does.
    if (!store.requests.some((request) => request.startsWith('DELETE'))) await writer.close({ error: failure })
    await writer.dispose('dropped')
    expect(store.uploads.size).toBe(0)
    expect(store.objects.size).toBe(0)
  })

  it('that stays is what is told, also when what came cannot be deleted', async () => {
    const part = first(/partNumber=3/, { status: 500, code: 'InternalError' }, 99)
    const abort = first(/^DELETE/, { status: 403, code: 'AccessDenied' }, 99)
    store.fault = (request) => part(request) ?? abort(request)
    await expect(send(open(bytes.length, options), bytes)).rejects.toMatchObject({ s3Code: 'InternalError' })
  })

  it.each([-60, 60])('of a clock that is %i minutes apart is one that passes', async (minutes) => {
    store.skew = minutes * 60_000
    const meta = await send(open(10, { ...options, attempts: 2 }), bytes.subarray(0, 10))
    expect(stored(meta)).toHaveLength(10)
  })

  it('of the user, who cancels, ends what is on its way, and leaves nothing', async () => {
    store.fault = first(/partNumber=/, 'hang', 99)
    const writer = open(bytes.length, { ...options, requestTimeout: 60_000 })
    await writer.write(bytes.subarray(0, 6 * MiB))
    await vi.waitFor(() => expect(store.requests.some((request) => request.includes('partNumber=1'))).toBe(true))
    await writer.close('cancel')
    await writer.dispose('dropped')
    expect(store.uploads.size).toBe(0)
  })

  it('has whoever sends wait: no more is held than the parts on their way, and one', async () => {
    store.fault = first(/partNumber=/, 'hang', 99)
    const large = randomBytes(40 * MiB)
    const writer = open(large.length, { ...options, requestTimeout: 60_000 })
    let taken = 0
    const writing = (async () => {
      for (; taken < large.length; taken += MiB) await writer.write(large.subarray(taken, taken + MiB))
    })().catch(() => {})
    const sent = (): number => store.requests.filter((request) => request.includes('partNumber')).length
    await vi.waitFor(() => expect(sent()).toBe(2))
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toBeLessThanOrEqual(15 * MiB)
    await writer.close('cancel')
    await writing
  })
})

it.each([
  [{ bucket: 'A' }, 'bucket must be the name of a bucket'],
  [{ endpoint: 'localhost' }, 'endpoint must be an address'],
  [{ credentials: {} }, 'credentials must be'],
  [{ partSize: 1000 }, 'partSize must be from 5242880'],
  [{ parallel: 0 }, 'parallel must be a positive integer, got 0'],
  [{ key: 'a' }, 'key must be a function'],
  [{ regoin: 'a' }, "unknown option 'regoin'"],
  [{ attempts: 1.5 }, 'attempts must be a positive integer'],
])('a wrong option throws at once: %o', (wrong, message) => {
  const options: S3Options = { bucket: 'photos', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
  expect(() => s3Writer({ ...options, key: () => 'a', ...wrong } as never)).toThrow(
    expect.objectContaining({ code: 'ERR_UPLOAD_OPTIONS', message: expect.stringContaining(message) }),
  )
})

it.each(['', 'a/../b', '.', 'x'.repeat(1025), undefined])('a key that cannot be is told: %o', (key) => {
  expect(() => open(10, { key: () => key as string })).toThrow(expect.objectContaining({ code: 'ERR_UPLOAD_WRITER' }))
})
