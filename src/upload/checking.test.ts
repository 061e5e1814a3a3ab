/** What a view says of its files: before they are sent, and before they can be consumed. */
import { describe, expect, it, vi } from 'vitest'
import { jpeg, png } from '../../test/support/made-files.ts'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { RecordingWriter } from '../../test/support/recording-writer.ts'
import { shelfOf, uploadHost } from '../../test/support/upload-host.ts'
import type { FileClaim } from '../protocol/payloads.ts'
import type { PreflightAnswer } from '../protocol/replies.ts'
import type { ScanTools, Verdict } from './checks.ts'
import type { UploadConfigOptions } from './options.ts'
import type { UploadResource } from './resource.ts'
import { Slots } from './slots.ts'
import { Uploads } from './uploads.ts'

const file = (ref: string, size = 10): FileClaim => ({
  ref,
  name: `${ref}.png`,
  relativePath: '',
  size,
  type: 'image/png',
  lastModified: 0,
  meta: null,
})

function rig(options: UploadConfigOptions<never, never>, { http = false, scans = 1 } = {}) {
  const time = new ManualTime()
  const writers: RecordingWriter[] = []
  const shelf: UploadResource[] = []
  const reported: string[] = []
  const said: string[] = []
  const due: string[] = []
  const told = { changed: 0 }
  const uploads: Uploads = new Uploads(
    uploadHost(time, {
      openWriter: async () => {
        const writer = new RecordingWriter({})
        writers.push(writer)
        return writer
      },
      scans: new Slots(scans),
      socket: { view: 'its own' },
      shelve: http ? shelfOf(shelf) : undefined,
      sending: () => uploads.sending,
      reportDue: (uuid) => due.push(uuid),
      report: (error) => reported.push(String(error)),
      changed: () => told.changed++,
    }),
  )
  uploads.allow('photos', { maxEntries: 5, ...options })
  const config = () => uploads.configs['photos']!
  const entry = (ref = '0') => config().entries.find((candidate) => candidate.ref === ref)!
  const preflight = (...files: readonly FileClaim[]): PreflightAnswer => {
    const { done, value } = uploads.preflight(config().ref, files).next()
    expect(done).toBe(true)
    return value as PreflightAnswer
  }
  const join = (ref = '0') => {
    const outlet = {
      reply: (at: string | null, status: string, response: object) =>
        void said.push(`${at} ${status} ${JSON.stringify(response)}`),
      close: () => void said.push('close'),
      error: () => void said.push('error'),
    }
    const channel = uploads.join(config().ref, entry(ref).uuid, outlet)
    if (typeof channel === 'string') throw new Error(channel)
    channel.open('join')
    return channel
  }
  /** The whole of a file that may be sent. */
  const send = async (ref = '0', bytes: Uint8Array = new Uint8Array(10), at = 0): Promise<void> => {
    if (http) {
      const body = async function* () {
        yield bytes
      }
      await shelf[at]!.inTurn(() => shelf[at]!.append(body(), true))
      return
    }
    const channel = join(ref)
    await turn()
    channel.chunk('last', bytes)
    await turn()
  }
  const start = (...refs: readonly string[]): PreflightAnswer => preflight(...refs.map((ref) => file(ref)))
  return { time, uploads, writers, reported, said, due, told, config, entry, preflight, start, send }
}

/** A function of the view that answers when it is told to. */
function asked<Args extends readonly unknown[]>() {
  const calls: { readonly args: Args; answer(verdict: Verdict): void; fail(error: Error): void }[] = []
  const fn = (...args: Args): Promise<Verdict> => new Promise((answer, fail) => void calls.push({ args, answer, fail }))
  return { calls, fn }
}

describe('validate', () => {
  it.each<readonly [what: string, verdict: Verdict, errors: readonly string[]]>([
    ['nothing', undefined, []],
    ['true', true, []],
    ['a reason', 'no holidays', ['no holidays']],
    ['false', false, ['The file is not accepted']],
  ])('that gives back %s', async (_, verdict, errors) => {
    for (const validate of [() => verdict, async () => verdict]) {
      const { config, entry, uploads } = rig({ validate })
      uploads.select(config().ref, [file('0')])
      await turn()
      expect(entry().errors.map(({ message }) => message)).toEqual(errors)
      expect(entry()).toMatchObject(errors.length === 0 ? { state: 'waiting', valid: true } : { state: 'refused' })
    }
  })

  it('is given the entry and the socket, once, and only for what fits the options', () => {
    const validate = vi.fn<(entry: { ref: string }, socket: unknown) => undefined>()
    const { uploads, config, start } = rig({ validate, accept: ['.png'], autoUpload: true })
    uploads.select(config().ref, [file('0'), { ...file('1'), name: 'a.txt', type: 'text/plain' }])
    uploads.select(config().ref, [file('0')])
    expect(uploads.validated(config().ref, [file('0')])).toBeUndefined()
    start('0')
    expect(validate.mock.calls.map(([entry, socket]) => [entry.ref, socket])).toEqual([['0', { view: 'its own' }]])
  })

  it('keeps the browser waiting for leave to send, and nobody else', async () => {
    const { calls, fn } = asked<[{ readonly ref: string }]>()
    const { uploads, config, entry, start, told } = rig({ validate: fn, autoUpload: true })
    const files = [file('0'), file('1')]
    const validated = uploads.validated(config().ref, files)
    expect(entry().state).toBe('waiting')
    calls[0]!.answer(undefined)
    calls[1]!.answer('not this one')
    await validated
    expect(told.changed).toBe(2)
    expect(uploads.validated(config().ref, files)).toBeUndefined()
    const answer = start('0', '1')
    expect(Object.keys((answer as { entries: object }).entries)).toEqual(['0'])
    expect(entry('1')).toMatchObject({ state: 'refused', errors: [{ code: 'rejected' }] })
    expect(calls).toHaveLength(2)
  })

  it.each([
    ['throws', () => expect.fail('a secret')],
    ['rejects', async () => expect.fail('a secret')],
    ['gives back what is none', () => 7 as never],
    ['resolves with what is none', async () => 7 as never],
  ])('that %s refuses the file, and is told to nobody on the page', async (_, validate) => {
    const { uploads, config, entry, reported } = rig({ validate })
    uploads.select(config().ref, [file('0')])
    await turn()
    expect(entry().errors).toMatchObject([{ code: 'rejected', data: { reason: '' } }])
    expect(reported).toHaveLength(1)
  })

  it('that takes too long refuses the file', async () => {
    const { uploads, config, entry, reported, time } = rig({ validate: () => new Promise(() => {}) })
    const validated = uploads.validated(config().ref, [file('0')])
    time.advance(15_000)
    await validated
    expect(entry()).toMatchObject({ state: 'refused' })
    expect(reported[0]).toContain('validate of allowUpload took more than 15000 ms')
  })

  it('of an entry that was cancelled meanwhile changes nothing', async () => {
    const { calls, fn } = asked()
    const { uploads, config } = rig({ validate: fn })
    uploads.select(config().ref, [file('0')])
    await uploads.cancel('photos', '0')
    calls[0]!.answer('too late')
    await turn()
    expect(config().entries).toEqual([])
  })
})

describe('maxTotalSize', () => {
  it('is an error of the choice, which goes when it fits', async () => {
    const { uploads, config, preflight } = rig({ maxTotalSize: 25 })
    const files = [file('0'), file('1'), file('2')]
    uploads.select(config().ref, files)
    expect(config().errors).toMatchObject([{ code: 'total_too_large', data: { totalSize: 30, maxTotalSize: 25 } }])
    expect(preflight(...files)).toEqual({ ref: config().ref, error: [[config().ref, 'total_too_large']] })
    await uploads.cancel('photos', '1')
    expect(config().errors).toEqual([])
    expect(Object.keys((preflight(files[0]!, files[2]!) as { entries: object }).entries)).toEqual(['0', '2'])
  })

  it('leaves out what goes beyond with autoUpload, and counts no file that was refused', () => {
    const { config, preflight } = rig({ maxTotalSize: 25, maxFileSize: 20, autoUpload: true })
    const files = [file('big', 21), file('0'), file('1', 20), file('2', 15)]
    expect(Object.keys((preflight(...files) as { entries: object }).entries)).toEqual(['0', '2'])
    expect(config().errors).toMatchObject([{ code: 'total_too_large' }])
    // What was allowed counts first.
    expect(Object.keys((preflight(files[2]!, file('3', 1)) as { entries: object }).entries)).toEqual([])
  })

  it('counts what was consumed with the mode total', async () => {
    const { uploads, config, start, send } = rig({ maxTotalSize: 15, maxEntriesMode: 'total' })
    start('0')
    await send()
    await uploads.consumeAll('photos', () => {})
    uploads.select(config().ref, [file('1')])
    expect(config().errors).toMatchObject([{ code: 'total_too_large', data: { totalSize: 20 } }])
  })
})

describe.each([{ http: false }, { http: true }])('a scan, over HTTP: $http', ({ http }) => {
  type Args = [{ readonly ref: string; readonly state: string }, unknown, ScanTools]

  it('stands between the last byte and the consume', async () => {
    const { calls, fn } = asked<Args>()
    const { uploads, start, send, entry, said, due, time } = rig({ scan: fn }, { http })
    start('0')
    await send()
    expect(entry()).toMatchObject({ state: 'scanning', done: false, progress: 100, failed: false })
    const [{ args }] = calls as [(typeof calls)[0]]
    expect(args).toMatchObject([{ ref: '0', state: 'scanning' }, { path: expect.any(String) as string }, {}])
    expect(args[2].socket).toEqual({ view: 'its own' })
    await expect(uploads.consumeAll('photos', () => {})).rejects.toThrow('still in progress')
    await expect(uploads.consume(entry() as never, () => {})).rejects.toThrow('is not done')
    expect(uploads.entries('photos').inProgress).toHaveLength(1)
    // Nothing that comes of the line changes it.
    uploads.fail(entry() as never, 'the browser gave up')
    uploads.pause('photos', '0')
    uploads.interrupt()
    uploads.rejoined(false, new Set())
    time.advance(120_000)
    expect(entry().state).toBe('scanning')
    // With the answer to its last chunk the official client goes on to submit the form.
    if (!http) expect(said).toEqual(['join ok {}'])
    calls[0]!.answer(undefined)
    await turn()
    expect(entry()).toMatchObject({ state: 'done', done: true })
    if (!http) expect(said).toEqual(['join ok {}', 'last ok {}'])
    time.advance(5000)
    expect(due).toContain(entry().uuid)
    expect(await uploads.consumeAll('photos', () => 'consumed')).toEqual(['consumed'])
  })

  it.each<readonly [what: string, verdict: Verdict, error: object]>([
    ['a reason', 'Eicar', { code: 'rejected', data: { reason: 'Eicar' } }],
    ['false', false, { code: 'rejected', data: { reason: '' } }],
  ])('that gives back %s rejects the file, which is deleted', async (_, verdict, error) => {
    const { start, send, entry, said, writers, uploads } = rig({ scan: async () => verdict }, { http })
    start('0')
    await send()
    await turn()
    expect(entry()).toMatchObject({ state: 'failed', failed: true, done: false, errors: [error] })
    expect(writers[0]!.calls.slice(-2)).toEqual(['close done', 'dispose dropped'])
    if (!http) expect(said).toEqual(['join ok {}', 'last error {"reason":"writer_error"}'])
    expect(await uploads.consumeAll('photos', () => 'consumed')).toEqual([])
  })

  it.each([
    ['throws', () => expect.fail('clamd is down'), 'clamd is down'],
    ['rejects', async () => expect.fail('clamd is down'), 'clamd is down'],
    ['gives back what is none', () => ({ infected: true }) as never, 'must give back nothing, true, false or a reason'],
  ])('that %s fails the file, and is reported', async (_, scan, why) => {
    const { start, send, entry, reported } = rig({ scan }, { http })
    start('0')
    await send()
    await turn()
    expect(entry()).toMatchObject({ state: 'failed', errors: [{ code: 'scan_failure', data: {} }] })
    expect(reported).toEqual([expect.stringContaining(why) as string])
  })

  it('that takes too long fails the file, is told so, and keeps no other waiting', async () => {
    const { calls, fn } = asked<Args>()
    const { start, send, entry, reported, time } = rig({ scan: fn, scanTimeout: 1000 }, { http })
    start('0', '1')
    await send('0')
    await send('1', undefined, 1)
    expect(calls).toHaveLength(1)
    expect(entry('1').state).toBe('scanning')
    time.advance(1000)
    await turn()
    expect(calls[0]!.args[2].signal.aborted).toBe(true)
    expect(entry()).toMatchObject({ state: 'failed', errors: [{ code: 'scan_failure' }] })
    expect(reported[0]).toContain('took more than 1000 ms')
    expect(calls).toHaveLength(2)
    calls[1]!.answer(true)
    await turn()
    expect(entry('1').state).toBe('done')
  })

  it('ends with its entry, also while it waits for its turn', async () => {
    const { calls, fn } = asked<Args>()
    const { start, send, config, uploads, reported } = rig({ scan: fn }, { http })
    start('0', '1', '2')
    for (const ref of ['0', '1', '2']) await send(ref, undefined, Number(ref))
    await uploads.cancel('photos', '1')
    await uploads.cancel('photos', '0')
    await turn()
    expect(calls[0]!.args[2].signal.aborted).toBe(true)
    expect(calls.map(({ args }) => args[0].ref)).toEqual(['0', '2'])
    uploads.end()
    await turn()
    expect(calls[1]!.args[2].signal.aborted).toBe(true)
    expect(config().entries).toEqual([])
    expect(reported).toEqual([])
  })
})

describe('an entry that was rejected', () => {
  it('is scanned again when it is sent again', async () => {
    const verdicts: Verdict[] = ['infected', undefined]
    const { start, send, entry, uploads } = rig({ scan: async () => verdicts.shift() }, { http: true })
    start('0')
    await send()
    await turn()
    expect(entry().state).toBe('failed')
    uploads.retry('photos', '0')
    expect(entry()).toMatchObject({ state: 'queued', done: false })
    await send()
    expect(verdicts).toEqual([])
    await turn()
    expect(entry().state).toBe('done')
  })
})

describe('an image', () => {
  const bytes = png(30, 20)

  it('is known by its header', async () => {
    const { preflight, send, entry } = rig({ image: true })
    preflight(file('0', bytes.length))
    await send('0', bytes)
    expect(entry()).toMatchObject({ state: 'done', image: { type: 'png', width: 30, height: 20 } })
  })

  it.each<readonly [what: string, options: object, file: Uint8Array, error: object]>([
    ['too many pixels', { maxPixels: 599 }, bytes, { width: 30, height: 20, maxPixels: 599 }],
    ['a bomb', {}, png(1, 1, [60_000, 60_000]), { width: 60_000, height: 60_000, maxPixels: 50_000_000 }],
    ['too narrow', { minWidth: 31 }, bytes, { minWidth: 31 }],
    ['too low', { minHeight: 21 }, bytes, { minHeight: 21 }],
    ['too wide', { maxWidth: 29 }, bytes, { maxWidth: 29 }],
    ['too high', { maxHeight: 19 }, bytes, { maxHeight: 19 }],
  ])('of %s is stopped before it is written', async (_, image, made, data) => {
    const { preflight, send, entry, writers, said } = rig({ image })
    preflight(file('0', made.length))
    await send('0', made)
    await turn()
    expect(entry()).toMatchObject({ state: 'failed', errors: [{ code: 'image_dimensions', data }] })
    expect(writers[0]!.calls).toEqual(['close error', 'dispose dropped'])
    expect(said.at(-1)).toBe('last error {"reason":"writer_error"}')
  })

  it.each([
    ['text', Buffer.from('some text that is none')],
    ['a JPEG that is cut', jpeg(3, 2).subarray(0, 12)],
  ])('that is %s is none', async (_, made) => {
    const { preflight, send, entry } = rig({ image: {} })
    preflight(file('0', made.length))
    await send('0', made)
    await turn()
    expect(entry().errors).toMatchObject([{ code: 'not_an_image' }])
  })
})
