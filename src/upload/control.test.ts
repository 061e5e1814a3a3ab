/** What a view can do with its entries on their way, and what it is told of them. */
import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { RecordingWriter } from '../../test/support/recording-writer.ts'
import { shelfOf, uploadHost } from '../../test/support/upload-host.ts'
import type { FileClaim } from '../protocol/payloads.ts'
import type { UploadEntryState } from './entry.ts'
import type { UploadResource } from './resource.ts'
import { Uploads } from './uploads.ts'

const size = 100

const file = (ref: string): FileClaim => ({
  ref,
  name: `${ref}.png`,
  relativePath: '',
  size,
  type: 'image/png',
  lastModified: 0,
  meta: null,
})

/** A view's uploads, of a page with our client module or without. */
function rig({ http = true } = {}) {
  const time = new ManualTime()
  const writers: RecordingWriter[] = []
  const warned: string[] = []
  /** The resource that each URL leads to, in the order of the grants. */
  const shelf: UploadResource[] = []
  const told = { changed: 0, reports: 0 }
  const uploads: Uploads = new Uploads(
    uploadHost(time, {
      openWriter: async () => {
        const writer = new RecordingWriter({})
        writers.push(writer)
        return writer
      },
      shelve: http ? shelfOf(shelf) : undefined,
      sending: () => uploads.sending,
      reportDue: () => told.reports++,
      report: (error) => expect.fail(String(error)),
      changed: () => told.changed++,
      warn: (error) => warned.push(error.message),
    }),
  )
  const done: string[] = []
  uploads.allow('photos', {
    maxEntries: 5,
    chunkSize: 10,
    progress: (_, one) => void (one.done && done.push(one.ref)),
  })
  const config = () => uploads.configs['photos']!
  const entry = (ref = '0') => config().entries.find((candidate) => candidate.ref === ref)!
  const start = (...refs: readonly string[]): void => {
    uploads.select(config().ref, refs.map(file))
    for (const step of [uploads.preflight(config().ref, refs.map(file))]) expect(step.next().done).toBe(true)
  }
  /** A request that brings so many bytes, and then nothing more until it is let go. */
  const send = (bytes: number, at = 0) => {
    let [resolve, reject] = [(): void => {}, (error: Error): void => void error]
    const end = new Promise<void>((...both) => ([resolve, reject] = both))
    const body = async function* () {
      yield new Uint8Array(bytes)
      await end
    }
    const resource = shelf[at]!
    const answer = resource.inTurn(() => resource.append(body(), true))
    return { answer, end: () => resolve(), cut: () => reject(new Error('cut')) }
  }
  const join = (ref = '0') => {
    const outlet = { reply() {}, close() {}, error() {} }
    const channel = uploads.join(config().ref, entry(ref).uuid, outlet)
    if (typeof channel === 'string') throw new Error(channel)
    channel.open('1')
    return channel
  }
  return { time, uploads, writers, warned, told, done, entry, config, start, send, join }
}

type Rig = ReturnType<typeof rig>

describe('an entry over HTTP', () => {
  it('is queued until its bytes come, and says how quickly they do', async () => {
    const { start, send, entry, told } = rig()
    start('0')
    expect(entry()).toMatchObject({ state: 'queued', rate: 0, remaining: undefined })
    const first = send(20)
    await turn()
    // What came in no time came within a quarter of a second.
    expect(entry()).toMatchObject({ state: 'sending', progress: 20, rate: 80, remaining: 1000 })
    first.end()
    await first.answer
    // The reports that there are have told it.
    expect(told.changed).toBe(0)
  })

  it('is told by the page for all that are done by then, each once', async () => {
    const { start, send, entry, uploads, done } = rig()
    start('0', '1', '2')
    for (const at of [0, 2]) {
      const all = send(100, at)
      await turn()
      all.end()
      await all.answer
    }
    for (const ref of ['2', '2', '0']) {
      const steps = uploads.reportAll(entry(ref), {})
      while (steps.next().done !== true);
    }
    expect(done).toEqual(['2', '0'])
  })

  it('stalls when nothing comes, and the page is told; its next bytes say that it goes on', async () => {
    const { start, send, entry, time, told, config } = rig()
    start('0')
    send(20)
    await turn()
    expect(entry().state).toBe('sending')
    const before = config()
    time.advance(3000)
    expect(entry()).toMatchObject({ state: 'stalled', rate: 0, remaining: undefined, progress: 20 })
    expect(config()).not.toBe(before)
    expect(told.changed).toBe(1)
    send(10)
    await turn()
    expect(entry()).toMatchObject({ state: 'sending', progress: 30 })
    expect(told.changed).toBe(1)
  })

  it('stalls at once when its request breaks, and not when another takes its place', async () => {
    const { start, send, entry, told } = rig()
    start('0')
    const first = send(20)
    await turn()
    const second = send(20)
    await first.answer
    expect(entry().state).toBe('sending')
    await turn()
    second.cut()
    await second.answer
    expect(entry().state).toBe('stalled')
    expect(told.changed).toBe(1)
  })

  it('takes nothing while it is paused, and has the turn of others behind it when it is resumed', async () => {
    const { start, send, entry, uploads, writers, time } = rig()
    start('0')
    const first = send(20)
    await turn()
    uploads.pause('photos', '0')
    expect(entry()).toMatchObject({ state: 'paused', rate: 0, remaining: undefined, progress: 20 })
    expect(await first.answer).toBe('paused')
    expect(await send(20).answer).toBe('paused')
    // Nothing is looked for meanwhile.
    time.advance(60_000)
    expect(entry()).toMatchObject({ state: 'paused', progress: 20 })
    uploads.resume('photos', '0')
    expect(entry().state).toBe('queued')
    const last = send(80)
    await turn()
    last.end()
    expect(await last.answer).toBe('done')
    expect(entry()).toMatchObject({ state: 'done', remaining: 0 })
    expect(writers).toHaveLength(1)
  })

  it('that has failed begins anew at the same URL, with a writer of its own', async () => {
    const { start, send, entry, uploads, writers, config } = rig()
    start('0')
    const first = send(20)
    await turn()
    uploads.fail(entry(), 'gone')
    expect(await first.answer).toBe('ended')
    expect(entry()).toMatchObject({ state: 'failed', failed: true })
    uploads.retry('photos', '0')
    expect(entry()).toMatchObject({ state: 'queued', failed: false, errors: [], retries: 1, progress: 0 })
    expect(config().errors).toEqual([])
    const again = send(100)
    await turn()
    again.end()
    expect(await again.answer).toBe('done')
    expect(writers.map(({ calls }) => calls)).toEqual([
      ['write', 'close error', 'dispose dropped'],
      ['write', 'close done'],
    ])
    expect(writers.flatMap(({ faults }) => faults)).toEqual([])
  })

  it('that failed before it was allowed to be sent waits again', () => {
    const { uploads, entry, config } = rig()
    uploads.select(config().ref, [file('0')])
    uploads.fail(entry(), 'unreadable')
    uploads.retry('photos', '0')
    expect(entry()).toMatchObject({ state: 'waiting', errors: [], preflighted: false })
  })
})

describe('while the page is away', () => {
  const away = async (made: Rig): Promise<void> => {
    made.start('0', '1', '2')
    made.send(20, 0)
    made.send(20, 1)
    await turn()
    made.uploads.pause('photos', '1')
    made.uploads.interrupt()
  }
  const states = ({ config }: Rig): readonly UploadEntryState[] => config().entries.map(({ state }) => state)

  it('nothing is on its way as far as is known, but for what is paused', async () => {
    const made = rig()
    await away(made)
    expect(states(made)).toEqual(['stalled', 'paused', 'stalled'])
  })

  it.each([
    { what: 'sends all of them', sending: ['0', '1', '2'], now: ['stalled', 'paused', 'queued'] },
    { what: 'knows of none', sending: [], now: ['waiting', 'waiting', 'waiting'] },
  ] as const)('a page that comes back and $what: $now', async ({ sending, now }) => {
    const made = rig()
    await away(made)
    made.uploads.rejoined(true, new Set(sending))
    expect(states(made)).toEqual(now)
  })

  it('bytes that come say that it is sent', async () => {
    const made = rig()
    await away(made)
    made.send(10, 0)
    await turn()
    expect(states(made)[0]).toBe('sending')
  })
})

describe('an entry of the official client alone', () => {
  it('is queued until its channel is joined, sent then, and stalls as well', async () => {
    const { start, join, entry, time } = rig({ http: false })
    start('0')
    expect(entry().state).toBe('queued')
    const channel = join()
    expect(entry().state).toBe('sending')
    await turn()
    time.advance(1000)
    channel.chunk('2', new Uint8Array(10))
    await turn()
    expect(entry()).toMatchObject({ state: 'sending', rate: 10, remaining: 9000 })
    time.advance(3000)
    expect(entry()).toMatchObject({ state: 'stalled', rate: 0 })
  })

  it('that leaves its channel before the first byte is queued again', async () => {
    const { start, join, entry } = rig({ http: false })
    start('0')
    join().leave('2')
    expect(entry().state).toBe('queued')
  })

  it('is neither paused nor begun anew, and the developer is told', async () => {
    const { start, join, entry, uploads, warned } = rig({ http: false })
    start('0')
    join()
    uploads.pause('photos', '0')
    expect(entry().state).toBe('sending')
    uploads.fail(entry(), 'gone')
    uploads.retry('photos', '0')
    expect(entry().state).toBe('failed')
    expect(warned).toEqual([
      expect.stringContaining("pauseUpload: '0.png' goes on: files that travel over the socket"),
      expect.stringContaining("retryUpload: '0.png' stays failed: files that travel over the socket"),
    ])
  })
})

describe('a call that comes too late, or too early,', () => {
  const chosen = ({ uploads, config }: Rig): void => void uploads.select(config().ref, [file('0')])
  const granted = ({ start }: Rig): void => start('0')
  const stored = async ({ start, send }: Rig): Promise<void> => {
    start('0')
    const all = send(size)
    all.end()
    await all.answer
  }
  const failed = ({ start, uploads, entry }: Rig): void => {
    start('0')
    uploads.fail(entry(), 'gone')
  }
  it.each([
    { call: 'pause', when: 'it waits', before: chosen },
    { call: 'pause', when: 'it is there', before: stored },
    { call: 'pause', when: 'it has failed', before: failed },
    { call: 'resume', when: 'it is not paused', before: granted },
    { call: 'resume', when: 'it is there', before: stored },
    { call: 'retry', when: 'it waits', before: chosen },
    { call: 'retry', when: 'it is queued', before: granted },
    { call: 'retry', when: 'it is there', before: stored },
  ] as const)('changes nothing: $call when $when', async ({ call, before }) => {
    const made = rig()
    await before(made)
    const was = made.entry()
    made.uploads[call]('photos', '0')
    expect(made.entry()).toEqual(was)
    expect(made.warned).toEqual([])
  })

  it.each(['pause', 'resume', 'retry'] as const)('of no entry is a mistake: %s', (call) => {
    const made = rig()
    for (const [name, ref] of [
      ['photos', '9'],
      ['videos', '0'],
      [undefined, {}],
    ]) {
      const act = (): void => made.uploads[call](name as string, ref as string)
      expect(act).toThrow(expect.objectContaining({ code: 'ERR_UPLOAD_ENTRY' }))
      expect(act).toThrow(`${call}Upload(`)
    }
  })

  it.each(['pause', 'resume', 'retry'] as const)('of a view that has ended concerns nobody: %s', (call) => {
    const made = rig()
    made.uploads.end()
    expect(() => made.uploads[call]('photos', '0')).not.toThrow()
  })
})

it('one timer looks after all entries, and none is left at the end', async () => {
  const made = rig()
  made.start('0', '1', '2')
  for (const at of [0, 1, 2]) made.send(10, at)
  await turn()
  made.uploads.end()
  await turn()
  expect(made.time.running).toBe(0)
})
