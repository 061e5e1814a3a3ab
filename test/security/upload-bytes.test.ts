/** What a client sends is counted, not believed. */
import { describe, expect, it } from 'vitest'
import { type RawClient, RawUpload, type RawView, type Reply } from '../support/raw-client.ts'
import { entriesOf, type Target, withTarget } from './target.ts'

const MiB = 1024 * 1024
const bytes = (length: number) => new Uint8Array(length).fill(7)
const ok: Reply = { status: 'ok', response: {} }
const refused = (reason: string): Reply => ({ status: 'error', response: { reason } })
const tooMuch = (limit: number): Reply => ({
  status: 'error',
  response: { reason: 'file_size_limit_exceeded', limit },
})

/** An upload of 1,000 bytes whose channel is open. */
async function opened(
  { visit }: Target,
  size = 1000,
): Promise<{ client: RawClient; view: RawView; upload: RawUpload; chunkSize: number }> {
  const { client, view } = await visit()
  const { token, chunkSize } = await view.prepare('photos', { ref: '0', name: 'a.png', size })
  return { client, view, upload: await RawUpload.join(client, '0', token), chunkSize }
}

describe('a chunk that breaks the rules fails its entry and takes its bytes away', () => {
  it.for([
    ['past the declared size, at once', 0, 1001, tooMuch(1000), 'size_exceeded'],
    ['past the declared size, in the end', 999, 2, tooMuch(1000), 'size_exceeded'],
    ['1 MiB where 1,000 bytes were declared', 0, MiB, tooMuch(1000), 'size_exceeded'],
    ['empty, as the first', 0, 0, refused('invalid_chunk'), 'upload_failed'],
    ['empty, as a later one', 500, 0, refused('invalid_chunk'), 'upload_failed'],
  ] as const)('%s', ([, before, length, answer, code]) =>
    withTarget({}, async (target) => {
      const { view, upload } = await opened(target)
      if (before > 0) expect(await upload.chunk(bytes(before))).toEqual(ok)
      expect(await upload.chunk(bytes(length))).toEqual(answer)
      expect(await entriesOf(view)).toMatchObject([{ failed: true, done: false, errors: [code] }])
      await expect.poll(target.temporaryFiles).toEqual([])
      // Frames of an ended channel are dropped, and nothing of the failed entry can be saved.
      upload.send(bytes(10))
      expect(await view.submit('save')).toMatchObject({ status: 'ok' })
      expect(await target.saved()).toEqual([])
    }),
  )

  it('larger than the granted chunk size', () =>
    withTarget({}, async (target) => {
      const { view, upload, chunkSize } = await opened(target, 5 * MiB)
      expect(await upload.chunk(bytes(chunkSize))).toEqual(ok)
      expect(await upload.chunk(bytes(chunkSize + 1))).toEqual(refused('invalid_chunk'))
      expect(await entriesOf(view)).toMatchObject([{ failed: true, errors: ['upload_failed'] }])
      await expect.poll(target.temporaryFiles).toEqual([])
    }))

  it('before the answer to the last', () =>
    withTarget({}, async (target) => {
      const { view, upload, chunkSize } = await opened(target, 5 * MiB)
      upload.send(bytes(chunkSize))
      expect(await upload.chunk(bytes(chunkSize))).toEqual(refused('invalid_chunk'))
      expect(await entriesOf(view)).toMatchObject([{ failed: true, errors: ['upload_failed'] }])
      await expect.poll(target.temporaryFiles).toEqual([])
    }))

  it('before the answer to the join', () =>
    withTarget({}, async ({ visit, temporaryFiles }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', { ref: '0', name: 'a.png', size: 1000 })
      const { joinRef } = client.join('lvu:0', { token })
      expect(await new RawUpload(client, 'lvu:0', joinRef).chunk(bytes(10))).toEqual(refused('invalid_chunk'))
      expect(await entriesOf(view)).toMatchObject([{ failed: true, errors: ['upload_failed'] }])
      await expect.poll(temporaryFiles).toEqual([])
    }))

  it('100 of 1 MiB without waiting', () =>
    withTarget({ upload: { maxFileSize: 200 * MiB } }, async (target) => {
      const { view, upload, chunkSize } = await opened(target, 150 * MiB)
      expect(chunkSize).toBe(MiB)
      const refs = Array.from({ length: 100 }, () => upload.send(bytes(MiB)))
      expect(await upload.client.reply(refs[1]!)).toEqual(refused('invalid_chunk'))
      expect(await entriesOf(view)).toMatchObject([{ failed: true, errors: ['upload_failed'] }])
      expect(refs.filter((ref) => upload.client.hasReply(ref))).toEqual([refs[1]])
      await expect.poll(target.temporaryFiles).toEqual([])
    }))
})

it('a file of more bytes than maxFileSize is not taken, and never opens a channel', () =>
  withTarget({ upload: { maxFileSize: 1000 } }, async ({ visit }) => {
    const { view } = await visit()
    const ref = view.inputRef('photos')
    const file = { ref: '0', name: 'a.png', size: 1001 }
    await view.choose({ [ref]: [file] })
    expect(await view.preflight(ref, [file])).toEqual({ entries: {}, chunkSize: 0, error: [['0', 'too_large']] })
    expect(await entriesOf(view)).toMatchObject([{ valid: false, errors: ['too_large'] }])
  }))

it('a size that is changed at the preflight changes nothing', () =>
  withTarget({}, async ({ visit }) => {
    const { client, view } = await visit()
    const ref = view.inputRef('photos')
    await view.choose({ [ref]: [{ ref: '0', name: 'a.png', size: 10 }] })
    const { entries } = await view.preflight(ref, [{ ref: '0', name: 'a.png', size: 5 * MiB }])
    const upload = await RawUpload.join(client, '0', entries['0']!)
    expect(await upload.chunk(bytes(11))).toEqual(tooMuch(10))
  }))

describe('chunks out of place', () => {
  it('before any join', () =>
    withTarget({}, async ({ visit }) => {
      const { client, view } = await visit()
      await view.prepare('photos', { ref: '0', name: 'a.png', size: 1000 })
      expect(await new RawUpload(client, 'lvu:0', '1').chunk(bytes(10))).toEqual(refused('unmatched topic'))
      expect(await entriesOf(view)).toMatchObject([{ failed: false, progress: 0 }])
    }))

  it('after the last byte: refused, and the file stays as it was', () =>
    withTarget({}, async (target) => {
      const { view, upload } = await opened(target)
      await upload.chunk(bytes(1000))
      expect(await upload.chunk(bytes(1))).toEqual(tooMuch(1000))
      expect(await upload.chunk(bytes(0))).toEqual(tooMuch(1000))
      expect(await entriesOf(view)).toMatchObject([{ done: true, failed: false }])
      await view.submit('save')
      expect(await target.saved()).toHaveLength(1)
      expect(await upload.ended()).toBe('phx_close')
    }))

  it('after a refused join', () =>
    withTarget({}, async ({ visit }) => {
      const { client } = await visit()
      const { joinRef, reply } = client.join('lvu:0', { token: 'forged' })
      await reply
      expect(await new RawUpload(client, 'lvu:0', joinRef).chunk(bytes(10))).toEqual(refused('unmatched topic'))
    }))

  it("on the topic of another connection's upload", () =>
    withTarget({}, async (target) => {
      const victim = await opened(target)
      const thief = await target.visit()
      const chunk = new RawUpload(thief.client, victim.upload.topic, victim.upload.joinRef).chunk(bytes(10))
      expect(await chunk).toEqual(refused('unmatched topic'))
      expect(await victim.upload.chunk(bytes(1000))).toEqual(ok)
    }))

  it("on the view's topic", () =>
    withTarget({}, async (target) => {
      const { view, client } = await opened(target)
      expect(await new RawUpload(client, view.topic, view.joinRef).chunk(bytes(10))).toEqual(refused('unknown message'))
    }))

  it('with the ref of an older join: dropped', () =>
    withTarget({}, async ({ visit }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', { ref: '0', name: 'a.png', size: 1000 })
      const old = await RawUpload.join(client, '0', token)
      await old.leave()
      const upload = await RawUpload.join(client, '0', token)
      const dropped = old.send(bytes(10))
      expect(await upload.chunk(bytes(1000))).toEqual(ok)
      expect(client.hasReply(dropped)).toBe(false)
    }))

  it('as text, and other events: refused, and the upload goes on', () =>
    withTarget({}, async (target) => {
      const { client, upload } = await opened(target)
      for (const event of ['chunk', 'event', 'progress', 'phx_close', 'phx_error', 'phx_reply', '']) {
        const answer = await client.request(upload.topic, event, { bytes: 'x' }, upload.joinRef)
        expect(answer).toEqual(refused('unknown message'))
      }
      expect(await upload.chunk(bytes(1000))).toEqual(ok)
    }))
})

describe('progress that is claimed', () => {
  it('100 without a byte: the entry is not done, and a save throws and stores nothing', () =>
    withTarget({}, async (target) => {
      const { client, view } = await opened(target)
      expect((await view.progress(view.inputRef('photos'), '0', 100)).status).toBe('ok')
      expect(await entriesOf(view)).toMatchObject([{ done: false, progress: 0 }])
      view.push('event', { type: 'form', event: 'save', value: '' })
      await client.next(({ topic, event }) => topic === view.topic && event === 'phx_error')
      expect(target.reports).toMatchObject([{ error: { code: 'ERR_UPLOAD_IN_PROGRESS' } }])
      expect(await target.saved()).toEqual([])
      await expect.poll(target.temporaryFiles).toEqual([])
    }))

  it('calls the callback with an entry that counts what was written', () => {
    const seen: (readonly [progress: number, done: boolean])[] = []
    const progress = (_: unknown, entry: { readonly progress: number; readonly done: boolean }) =>
      void seen.push([entry.progress, entry.done])
    return withTarget({ upload: { progress } }, async (target) => {
      const { view, upload } = await opened(target)
      const ref = view.inputRef('photos')
      await view.progress(ref, '0', 100)
      await upload.chunk(bytes(500))
      await view.progress(ref, '0', 100)
      expect(seen).toEqual([
        [0, false],
        [50, false],
      ])
    })
  })

  it.for([
    ['of an unknown entry', { entry_ref: 'x', progress: 50 }, 'ok'],
    ['of an unknown input', { ref: 'phx-x', entry_ref: '0', progress: 100 }, 'ok'],
    ['of no input', { ref: null, entry_ref: '0', progress: 100 }, 'ok'],
    ['negative', { entry_ref: '0', progress: -1 }, 'error'],
    ['over 100', { entry_ref: '0', progress: 101 }, 'error'],
    ['huge', { entry_ref: '0', progress: 1e308 }, 'error'],
    ['text', { entry_ref: '0', progress: '100' }, 'error'],
    ['null', { entry_ref: '0', progress: null }, 'error'],
    ['a list', { entry_ref: '0', progress: [100] }, 'error'],
    ['without an entry', { progress: 100 }, 'error'],
    ['of an entry that is no text', { entry_ref: { toString: 1 }, progress: 100 }, 'error'],
  ] as const)('%s: answered', ([, payload, status]) =>
    withTarget({}, async (target) => {
      const { view, upload } = await opened(target)
      const answer = await view.request('progress', { event: null, ref: view.inputRef('photos'), ...payload })
      expect(answer.status).toBe(status)
      expect(await entriesOf(view)).toMatchObject([{ done: false, failed: false, progress: 0 }])
      expect(await upload.chunk(bytes(1000))).toEqual(ok)
    }),
  )

  it.for([
    ['text', 'gone'],
    ['1 MB of text', 'x'.repeat(1_000_000)],
    ['an object', { reason: 'gone' }],
    ['null', null],
    ['a number', 7],
  ] as const)('an error that is %s fails the entry', ([, error]) =>
    withTarget({}, async (target) => {
      const { view, upload } = await opened(target)
      await upload.chunk(bytes(500))
      expect((await view.progress(view.inputRef('photos'), '0', { error })).status).toBe('ok')
      expect(await upload.ended()).toBe('phx_error')
      expect(await entriesOf(view)).toMatchObject([{ failed: true, errors: ['upload_failed'] }])
      await expect.poll(target.temporaryFiles).toEqual([])
    }),
  )

  it('an error that is nested as deep as may be is answered', () =>
    withTarget({}, async (target) => {
      const { client, view } = await opened(target)
      const deep = `${'['.repeat(253)}${']'.repeat(253)}`
      const ref = client.nextRef()
      const payload = `{"ref":null,"entry_ref":"0","progress":{"error":${deep}}}`
      client.sendText(`["${view.joinRef}","${ref}","${view.topic}","progress",${payload}]`)
      await client.reply(ref)
      await client.heartbeat()
    }))

  it('an error after the last byte does not take the file away', () =>
    withTarget({}, async (target) => {
      const { view, upload } = await opened(target)
      await upload.chunk(bytes(1000))
      await view.progress(view.inputRef('photos'), '0', { error: 'gone' })
      await view.submit('save')
      expect(await target.saved()).toHaveLength(1)
    }))
})

it('a client that opens a channel and sends nothing is timed out', () =>
  withTarget({ upload: { chunkTimeout: 50 } }, async (target) => {
    const { view, upload } = await opened(target)
    expect(await upload.ended()).toBe('phx_error')
    expect(await entriesOf(view)).toMatchObject([{ failed: true, errors: ['chunk_timeout'] }])
    await expect.poll(target.temporaryFiles).toEqual([])
  }))

it('a client that vanishes in the middle of every kind of upload leaves nothing', () =>
  withTarget({}, async (target) => {
    const { client, view } = await target.visit()
    const files = ['0', '1', '2'].map((ref) => ({ ref, name: `${ref}.png`, size: 1000 }))
    const input = view.inputRef('photos')
    await view.choose({ [input]: files })
    const { entries } = await view.preflight(input, files)
    const done = await RawUpload.join(client, '0', entries['0']!)
    await done.chunk(bytes(1000))
    const half = await RawUpload.join(client, '1', entries['1']!)
    half.send(bytes(500))
    client.join('lvu:2', { token: entries['2'] })
    await client.leave()
    await expect.poll(target.temporaryFiles).toEqual([])
  }))
