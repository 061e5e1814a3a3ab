/** The ready-made writers: the contract, over streams of the web and of Node, and what becomes of failures. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { access, type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Transform, Writable } from 'node:stream'
import { createGzip, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { uploadWriterContract } from '../../test/contracts/upload-writer.ts'
import { RecordingWriter } from '../../test/support/recording-writer.ts'
import { hash, type HashMeta } from './hash.ts'
import { tee } from './tee.ts'
import { toWritable } from './to-writable.ts'
import { transform } from './transform.ts'
import { untilFailure } from './until-failure.ts'

let folder: string
let made = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'writers-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface FileMeta {
  readonly path: string
}

function file() {
  const path = join(folder, String(made++))
  return toWritable<FileMeta>(createWriteStream(path), { meta: { path }, dispose: () => rm(path, { force: true }) })
}

/** A `WritableStream` into a file. */
function webFile() {
  const path = join(folder, String(made++))
  let handle: FileHandle | undefined
  const web = new WritableStream<Uint8Array>({
    start: async () => void (handle = await open(path, 'w')),
    write: async (chunk) => void (await handle!.write(chunk)),
    close: () => handle!.close(),
    abort: () => handle!.close(),
  })
  return toWritable<FileMeta>(web, { meta: () => ({ path }), dispose: () => rm(path, { force: true }) })
}

const exists = ({ path }: FileMeta): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
const read = ({ path }: FileMeta): Promise<Buffer> => readFile(path)
const unzip = async (meta: FileMeta): Promise<Buffer> => gunzipSync(await read(meta))

uploadWriterContract('to a stream of Node', () => ({ open: file, read, exists }))
uploadWriterContract('to a stream of the web', () => ({ open: webFile, read, exists }))
uploadWriterContract('through a transform of Node', () => ({
  open: () => transform(createGzip(), file()),
  read: unzip,
  exists,
}))
uploadWriterContract('through a transform of the web', () => ({
  open: () => transform(new CompressionStream('gzip') as never, webFile()),
  read: unzip,
  exists,
}))
uploadWriterContract<FileMeta & HashMeta<'sha256'>>('to several', () => ({
  open: () => tee(file(), hash('sha256')),
  async read(meta) {
    const bytes = await read(meta)
    expect(meta.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    return bytes
  },
  exists,
}))

const failure = new Error('the disk is gone')
const bytes = new Uint8Array([1, 2, 3])

describe('several writers', () => {
  it('fail when one does, and each is closed once and disposed of once, behind its writes', async () => {
    const [good, bad] = [new RecordingWriter(), new RecordingWriter({ write: failure })]
    const writer = tee(good, bad)
    await expect(writer.write(bytes)).rejects.toBe(failure)
    await writer.close({ error: failure })
    await writer.dispose('dropped')
    for (const { calls, faults } of [good, bad]) {
      expect(calls).toEqual(['write', 'close error', 'dispose dropped'])
      expect(faults).toEqual([])
    }
  })

  it('take a chunk when the slowest has it', async () => {
    const [quick, slow] = [new RecordingWriter(), new RecordingWriter()]
    slow.hold('write')
    let taken = false
    const writing = Promise.resolve(tee(quick, slow).write(bytes)).then(() => (taken = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toBe(false)
    slow.letGo()
    await writing
  })

  it.each(['close', 'dispose'] as const)('are all told, also when the %s of one fails', async (call) => {
    const [bad, good] = [new RecordingWriter({ [call]: failure }), new RecordingWriter()]
    const writer = tee(bad, good)
    const run = async (): Promise<void> => {
      await writer.close('done')
      await writer.dispose('consumed')
    }
    await expect(run()).rejects.toBe(failure)
    expect(good.calls).toContain(call === 'close' ? 'close done' : 'dispose consumed')
  })

  it('hand over what all have to say; none of one that failed meanwhile by throwing at once', async () => {
    const throws = { ...hash('sha1'), write: () => expect.fail('at once') }
    await expect(tee(hash('sha256'), throws).write(bytes)).rejects.toThrow('at once')
  })
})

describe('a transform', () => {
  it.each([
    ['of the web', () => new TransformStream<Uint8Array, Uint8Array>()],
    ['of Node', () => new PassThrough()],
  ] as const)('%s fails with what the writer behind it has failed with, which is closed once', async (_, open) => {
    const bad = new RecordingWriter({ write: failure })
    const writer = transform(open(), bad)
    // Streams take a little before they wait for who reads.
    await expect(
      (async () => {
        for (let count = 0; count < 100; count++) await writer.write(bytes)
        await writer.close('done')
      })(),
    ).rejects.toBe(failure)
    if (!bad.calls.some((call) => call.startsWith('close'))) await writer.close({ error: failure })
    await writer.dispose('dropped')
    expect(bad.calls).toEqual(['write', 'close error', 'dispose dropped'])
    expect(bad.faults).toEqual([])
  })

  it.each([
    [
      'of the web',
      () =>
        new TransformStream<Uint8Array, Uint8Array>({
          transform: () => Promise.reject(failure),
        }),
    ],
    ['of Node', () => new Transform({ transform: (_chunk, _encoding, done) => done(failure) })],
  ] as const)('%s that fails fails the entry, and closes the writer behind it', async (_, open) => {
    const behind = new RecordingWriter()
    const writer = transform(open(), behind)
    await expect(writer.write(bytes)).rejects.toBe(failure)
    await writer.close({ error: failure })
    await writer.dispose('dropped')
    expect(behind.calls).toEqual(['close error', 'dispose dropped'])
  })

  it.each([
    ['of the web', () => new TransformStream<Uint8Array, Uint8Array>({ flush: () => Promise.reject(failure) })],
    [
      'of Node',
      () => new Transform({ transform: (chunk, _, done) => done(null, chunk), flush: (done) => done(failure) }),
    ],
  ] as const)('%s that fails at its end fails the entry, and closes the writer behind it', async (_, open) => {
    const behind = new RecordingWriter()
    const writer = transform(open(), behind)
    await writer.write(bytes)
    await expect(writer.close('done')).rejects.toBe(failure)
    await writer.dispose('dropped')
    expect(behind.calls).toEqual(['write', 'close error', 'dispose dropped'])
  })

  it('has the browser wait for the writer behind it', async () => {
    const behind = new RecordingWriter()
    behind.hold('write')
    const writer = transform(new PassThrough({ highWaterMark: 10 }), behind)
    let taken = 0
    const writing = (async () => {
      for (; taken < 1000; taken++) await writer.write(new Uint8Array(10))
    })()
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toBeLessThan(10)
    behind.letGo()
    await writing
    await writer.close('done')
    expect(behind.bytes).toHaveLength(10_000)
  })

  it('says what came out of it that is no bytes', async () => {
    const objects = new Transform({
      readableObjectMode: true,
      transform: (_chunk, _encoding, done) => done(null, { a: 1 }),
    })
    const writer = transform(objects, new RecordingWriter())
    await writer.write(bytes)
    await expect(writer.close('done')).rejects.toThrow('expected bytes to come out of it, got a plain object')
  })
})

describe('a stream', () => {
  it('that fails later fails the next write, and ends no process', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
    const writer = toWritable(stream)
    await writer.write(bytes)
    stream.destroy(failure)
    await new Promise((resolve) => setImmediate(resolve))
    await expect(writer.write(bytes)).rejects.toBe(failure)
    await writer.close({ error: failure })
  })

  it('whose reader fails fails at once, where it says so: nobody would read on', async () => {
    let fail = (_error: Error): void => {}
    const stored = new Promise<void>((_resolve, reject) => (fail = reject))
    const writer = toWritable(new PassThrough({ highWaterMark: 4 }), { stored })
    await writer.write(bytes)
    const stuck = writer.write(bytes)
    fail(failure)
    await expect(stuck).rejects.toBe(failure)
    await expect(writer.close('done')).rejects.toBe(failure)
  })

  it('that is stored later than it ends is waited for', async () => {
    let store = (): void => {}
    const stored = new Promise<void>((resolve) => (store = resolve))
    const writer = toWritable(new Writable({ write: (_chunk, _encoding, done) => done() }), { stored })
    let closed = false
    const closing = Promise.resolve(writer.close('done')).then(() => (closed = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(closed).toBe(false)
    store()
    await closing
  })

  it.each(['cancel', { error: failure }] as const)('is aborted when the entry ends with %o', async (reason) => {
    const stream = new PassThrough()
    const writer = toWritable(stream)
    await writer.write(bytes)
    await writer.close(reason)
    expect(stream.destroyed).toBe(true)
  })

  it.each([undefined, null, 'a path', {}, createReadStream('/dev/null')])('is expected, where %o came', (wrong) => {
    expect(() => toWritable(wrong as never)).toThrow(expect.objectContaining({ code: 'ERR_UPLOAD_WRITER' }))
    expect(() => transform(wrong as never, hash('sha256'))).toThrow(
      expect.objectContaining({ code: 'ERR_UPLOAD_WRITER' }),
    )
  })
})

it('steps beside something that may fail leave nothing behind', async () => {
  let fail = (_error: unknown): void => {}
  const run = untilFailure(new Promise((_resolve, reject) => (fail = reject)))
  for (let count = 0; count < 3; count++) await run(async () => {})
  await expect(run(() => Promise.reject(new Error('its own')))).rejects.toThrow('its own')
  fail(failure)
  await expect(run(async () => {})).rejects.toBe(failure)
})
