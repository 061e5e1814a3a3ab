/** The option `writer`: where a view sends the bytes of its entries, over the socket and over HTTP. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createGzip, gunzipSync } from 'node:zlib'
import {
  createLiveView,
  html,
  live_file_input,
  type MetaOf,
  type UploadEntry,
  type UploadWriter,
  type UploadWriterFactory,
} from 'liveloom'
import { hash, tee, transform } from 'liveloom/uploads'
import { describe, expect, it, vi } from 'vitest'
import { type Target, withTarget } from '../security/target.ts'
import { grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { RawUpload } from '../support/raw-client.ts'
import { RecordingWriter } from '../support/recording-writer.ts'

type Way = 'channel' | 'http'
type Writer = UploadWriterFactory<{ readonly assign: unknown }>

const bytes = randomBytes(200_000)
const file = { ref: '0', name: 'a.png', size: bytes.length }
const failure = new Error('the store is gone')
const ways = ['channel', 'http'] as const

interface Stage {
  readonly upload: HttpUpload
  readonly target: Target
  /** What the consumes were given, and what was made of it. */
  readonly consumed: unknown[]
  /** Sends some of the file. True when it was taken. */
  send(part: Uint8Array, ends: boolean): Promise<boolean>
}

/** A page whose file goes to `writer`, by one of both ways; `take` consumes it. */
function withWriter(
  way: Way,
  writer: Writer,
  run: (stage: Stage) => Promise<void>,
  take: (meta: never, entry: UploadEntry) => unknown = (meta) => meta,
): Promise<void> {
  const consumed: unknown[] = []
  const view = createLiveView({
    mount: (socket) => socket.allowUpload('photos', { writer, maxFileSize: 1e9 }),
    async handleEvent(socket, { type }) {
      if (type === 'save') consumed.push(...(await socket.consumeUploadedEntries('photos', take as never)))
      if (type === 'remove') await socket.cancelUpload('photos', '0')
    },
    render: (_, { uploads }) => html`
      <form phx-change="choose" phx-submit="save">${live_file_input(uploads['photos']!)}</form>
      ${uploads['photos']!.entries.map(
        ({ state, progress, errors }) => html`<i>${state} ${progress} ${errors.map(({ code }) => code)}</i>`,
      )}
    `,
  })
  return withTarget({ routes: { '/writer': view as never } }, async (target) => {
    const upload = await grantUpload(target, file, '/writer')
    let channel: RawUpload | undefined
    let offset = 0
    const send = async (part: Uint8Array, ends: boolean): Promise<boolean> => {
      if (way === 'http') {
        const { status } = await upload.patch(offset, part, ends)
        offset += part.length
        return status === 204 || status === 201 || status === 200
      }
      try {
        channel ??= await RawUpload.join(upload.client, file.ref, upload.token)
      } catch {
        return false
      }
      for (let at = 0; at < part.length; at += upload.chunkSize) {
        const { status } = await channel.chunk(part.subarray(at, at + upload.chunkSize))
        if (status !== 'ok') return false
      }
      return true
    }
    await run({ upload, target, consumed, send })
  })
}

const shows = (upload: HttpUpload, text: string): Promise<void> =>
  vi.waitFor(async () => {
    await upload.view.event('look')
    expect(upload.view.html).toContain(text)
  })

describe.each(ways)('over %s', (way) => {
  it('a writer gets the bytes in order, and its meta is consumed', async () => {
    const writer = new RecordingWriter()
    const opened: unknown[] = []
    const open: Writer = (socket, entry) => {
      opened.push([typeof socket.assign, entry.clientName])
      return writer
    }
    await withWriter(way, open, async ({ upload, send, consumed }) => {
      expect(await send(bytes.subarray(0, 120_000), false)).toBe(true)
      expect(await send(bytes.subarray(120_000), true)).toBe(true)
      await upload.view.submit('save')
      expect(consumed).toEqual([expect.objectContaining({ path: '/recorded' })])
    })
    expect(opened).toEqual([['function', 'a.png']])
    expect(Buffer.from(writer.bytes).equals(bytes)).toBe(true)
    expect(writer.calls.filter((call) => call !== 'write')).toEqual(['close done', 'dispose consumed'])
    expect(writer.faults).toEqual([])
  })

  it.each([
    { at: 'open', calls: [] },
    { at: 'write', calls: ['write', 'close error', 'dispose dropped'] },
    { at: 'close', calls: ['close done', 'dispose dropped'] },
  ] as const)(
    'one that fails at $at fails its entry, which stays listed until it is removed',
    async ({ at, calls }) => {
      const writer = new RecordingWriter(at === 'open' ? {} : { [at]: failure })
      const open: Writer = () => (at === 'open' ? Promise.reject(failure) : writer)
      await withWriter(way, open, async ({ upload, target, send, consumed }) => {
        expect(await send(bytes, true)).toBe(false)
        await shows(upload, '<i>failed')
        expect(upload.view.html).toContain('writer_failure')
        expect(target.reports).toEqual([{ error: failure, context: expect.objectContaining({ stage: 'upload' }) }])
        await upload.view.submit('save')
        expect(consumed).toEqual([])
        expect(upload.view.html).toContain('<i>failed')
        await upload.view.event('remove')
        expect(upload.view.html).not.toContain('<i>')
      })
      expect(writer.calls.filter((call, nth) => call !== 'write' || nth === 0).slice(at === 'close' ? -2 : 0)).toEqual(
        calls,
      )
      expect(writer.faults).toEqual([])
    },
  )

  it.each([undefined, null, 'a path', { write() {} }])(
    'what is no writer fails the entry, and is told: %o',
    async (made) => {
      await withWriter(
        way,
        () => made as never,
        async ({ upload, target, send }) => {
          expect(await send(bytes, true)).toBe(false)
          await shows(upload, 'writer_failure')
          expect(target.reports).toHaveLength(1)
          expect(target.reports[0]!.error).toMatchObject({
            code: 'ERR_UPLOAD_WRITER',
            message: expect.stringContaining("allowUpload('photos'): writer must return an object with write, close,"),
          })
        },
      )
    },
  )

  it.each([
    ['an entry that is removed', ({ view }: HttpUpload) => view.event('remove')],
    ['a page that is closed', ({ client }: HttpUpload) => client.leave()],
  ] as const)('one of %s half way is closed and disposed of', async (_, end) => {
    const writer = new RecordingWriter()
    await withWriter(
      way,
      () => writer,
      async ({ upload, send }) => {
        await send(bytes.subarray(0, 1000), false)
        await end(upload)
        await vi.waitFor(() => expect(writer.calls.at(-1)).toBe('dispose dropped'))
      },
    )
    expect(writer.calls).toEqual(['write', 'close cancel', 'dispose dropped'])
    expect(writer.faults).toEqual([])
  })

  it('one that opens when its page has gone is closed and disposed of', async () => {
    const writer = new RecordingWriter()
    let open: (writer: UploadWriter) => void = () => {}
    const opening = vi.fn(() => new Promise<UploadWriter>((resolve) => (open = resolve)))
    await withWriter(way, opening, async ({ upload, send }) => {
      const sending = send(bytes.subarray(0, 1000), false).catch(() => false)
      await vi.waitFor(() => expect(opening).toHaveBeenCalled())
      await upload.client.leave()
      open(writer)
      await vi.waitFor(() => expect(writer.calls.at(-1)).toBe('dispose dropped'))
      await sending
    })
    expect(writer.calls).toEqual(['close cancel', 'dispose dropped'])
  })

  it('one that is slow has the browser wait', async () => {
    const writer = new RecordingWriter()
    writer.hold('write')
    await withWriter(
      way,
      () => writer,
      async ({ upload, send, consumed }) => {
        let taken = false
        const sending = send(bytes, true).then(() => (taken = true))
        await vi.waitFor(() => expect(writer.calls).toEqual(['write']))
        await upload.client.heartbeat()
        expect(taken).toBe(false)
        writer.letGo()
        await sending
        await upload.view.submit('save')
        expect(consumed).toHaveLength(1)
      },
    )
    expect(Buffer.from(writer.bytes).equals(bytes)).toBe(true)
  })

  const compressed = async (
    _socket: unknown,
    _entry: UploadEntry,
    { tempFile }: { tempFile(): Promise<UploadWriter<{ path: string }>> },
  ) => tee(transform(createGzip(), await tempFile()), hash('sha256'))

  it('writers are put together: compressed in a temporary file, beside the digest of what came', async () => {
    await withWriter(
      way,
      compressed,
      async ({ upload, send, consumed }) => {
        expect(await send(bytes, true)).toBe(true)
        await upload.view.submit('save')
        expect(consumed).toEqual([[createHash('sha256').update(bytes).digest('hex'), true]])
      },
      async ({ path, sha256 }: MetaOf<typeof compressed>) => [sha256, gunzipSync(await readFile(path)).equals(bytes)],
    )
  })
})
