import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { RecordingWriter } from '../../test/support/recording-writer.ts'
import { uploadHost } from '../../test/support/upload-host.ts'
import type { LostFile } from '../protocol/lost-files.ts'
import type { FileClaim } from '../protocol/payloads.ts'
import type { PreflightAnswer } from '../protocol/replies.ts'
import { html } from '../template/html.ts'
import { renderHtml } from '../template/to-html.ts'
import type { UploadChannel } from './channel.ts'
import { postpone } from './consume.ts'
import type { UploadConfig } from './entry.ts'
import { live_file_input, live_file_preview, live_file_resume, live_img_preview, whileRendering } from './tags.ts'
import { Uploads } from './uploads.ts'

const MiB = 1024 * 1024

function file(ref: string, size = 8): FileClaim {
  return {
    ref,
    name: `${ref}.png`,
    relativePath: '',
    size,
    type: 'image/png',
    lastModified: 0,
    meta: null,
    leftOut: undefined,
  }
}

/** A view's uploads with the machine around them. */
class Rig {
  readonly time = new ManualTime()
  readonly writers: RecordingWriter[] = []
  readonly said: string[] = []
  readonly reported: unknown[] = []
  readonly suspected: string[] = []
  readonly background: Promise<void>[] = []
  failed = 0
  lost: readonly LostFile[] = []
  /** The entries whose reports the server posted itself. */
  readonly due: string[] = []
  tooMany = 0
  /** How often the page was to be told of what no report says. */
  changed = 0
  readonly warned: string[] = []
  sendingElsewhere = 0
  /** Handed to writers that open from now on. */
  writerFailures: ConstructorParameters<typeof RecordingWriter>[0] = {}
  readonly appended: string[] = []
  appendFailure: Error | undefined
  readonly uploads: Uploads
  /** What functions of the view are called with. */
  readonly socket = { view: 'its own' }

  constructor() {
    this.uploads = new Uploads(
      uploadHost(this.time, {
        ceilings: { maxMessageSize: 2 * MiB, maxUploadChannels: 20, maxFiles: 20, maxStored: 1000 * MiB },
        files: {
          resolve: (dest) => dest,
          append: async (dest, src) => {
            if (this.appendFailure !== undefined) throw this.appendFailure
            this.appended.push(`${src} > ${dest}`)
          },
        },
        openWriter: async () => {
          const writer = new RecordingWriter(this.writerFailures)
          this.writers.push(writer)
          return writer
        },
        socket: this.socket,
        token: (configRef, uuid) => `${configRef} ${uuid}`,
        sending: () => this.uploads.sending + this.sendingElsewhere,
        lostFiles: () => this.lost,
        nextTurn: () => {
          throw new Error('it is called for nothing')
        },
        failed: () => this.failed++,
        reportDue: (entryUuid) => this.due.push(entryUuid),
        tooManyFiles: () => this.tooMany++,
        background: (work) => this.background.push(work),
        report: (error) => this.reported.push(error),
        suspect: (what) => this.suspected.push(what),
        changed: () => this.changed++,
        warn: (error) => this.warned.push(error.message),
      }),
    )
  }

  get config() {
    return this.uploads.configs['photos']!
  }

  entry(ref: string) {
    return this.config.entries.find((entry) => entry.ref === ref)!
  }

  join(ref: string): UploadChannel {
    const outlet = {
      reply: (_: string | null, status: string) => void this.said.push(`${ref} ${status}`),
      close: () => void this.said.push(`${ref} close`),
      error: () => void this.said.push(`${ref} error`),
    }
    const channel = this.uploads.join(this.config.ref, this.entry(ref).uuid, outlet)
    if (typeof channel === 'string') throw new Error(channel)
    channel.open('1')
    return channel
  }

  /** Of so few files it is answered at once. */
  preflight(files: readonly FileClaim[], configRef = this.config.ref): PreflightAnswer | undefined {
    const step = this.uploads.preflight(configRef, files).next()
    if (step.done !== true) throw new Error('it waits')
    return step.value
  }

  /** Chooses files and gets them allowed to send. */
  start(...files: readonly FileClaim[]): void {
    this.uploads.select(this.config.ref, files)
    this.preflight(files)
  }

  /** Sends files of 8 bytes to their end. */
  async send(...refs: readonly string[]): Promise<void> {
    this.start(...refs.map((ref) => file(ref)))
    for (const ref of refs) {
      const channel = this.join(ref)
      await turn()
      channel.chunk('2', new Uint8Array(8))
      await turn()
    }
    this.said.length = 0
  }
}

function rig(options: object = { maxEntries: 3 }): Rig {
  const made = new Rig()
  made.uploads.allow('photos', options)
  return made
}

const code = (value: string) => expect.objectContaining({ code: value })

describe('allowing an upload', () => {
  it('applies at once, under a new ref each time', () => {
    const made = rig({ maxEntries: 2 })
    const { ref } = made.config
    expect(made.config).toMatchObject({ name: 'photos', maxEntries: 2 })
    made.uploads.allow('photos', {})
    expect(made.config).toMatchObject({ maxEntries: 1 })
    expect(made.config.ref).not.toBe(ref)
  })

  it('throws while it has entries, whatever became of them', async () => {
    const made = rig()
    made.start(file('0'))
    expect(() => made.uploads.allow('photos', {})).toThrow(code('ERR_UPLOAD_ACTIVE'))
    await made.uploads.cancel('photos', '0')
    expect(() => made.uploads.allow('photos', {})).not.toThrow()
  })

  it.each(['', undefined, null, 3])('throws for the name %j', (name) => {
    expect(() => new Rig().uploads.allow(name as string, {})).toThrow(code('ERR_UPLOAD_OPTIONS'))
  })

  it('throws for wrong options', () => {
    expect(() => new Rig().uploads.allow('photos', { maxEntries: 21 })).toThrow(code('ERR_UPLOAD_OPTIONS'))
  })
})

describe('a preflight', () => {
  it('gives no leave to a browser that has stopped waiting for it: the next one may ask', () => {
    const made = rig()
    const late = made.uploads.preflight(made.config.ref, [file('0')], () => false).next()
    expect(late.value).toEqual({
      ref: made.config.ref,
      error: [
        [made.config.ref, 'timeout'],
        ['0', 'timeout'],
      ],
    })
    expect(made.entry('0')).toMatchObject({ preflighted: false, state: 'waiting', valid: true })
    expect(made.preflight([file('0')])).toMatchObject({ entries: { 0: expect.any(String) } })
  })

  it('answers with tokens and the chunk size', () => {
    const made = rig()
    const answer = made.preflight([file('0', 10 * MiB), file('1')])
    expect(answer).toEqual({
      ref: made.config.ref,
      config: { maxFileSize: 10 * MiB, maxEntries: 3, chunkSize: 104_858, chunkTimeout: 60_000 },
      entries: { 0: `${made.config.ref} ${made.entry('0').uuid}`, 1: `${made.config.ref} ${made.entry('1').uuid}` },
      errors: {},
    })
  })

  it('shares 1 MiB of chunks among all that the connection sends', () => {
    const made = rig({ maxEntries: 3, maxFileSize: 1000 * MiB })
    made.sendingElsewhere = 14
    const answer = made.preflight([file('0', 900 * MiB), file('1')])
    expect(answer).toMatchObject({ config: { chunkSize: MiB / 16 } })
  })

  it('takes the chunk size and timeout of the options', () => {
    const made = rig({ chunkSize: 5, chunkTimeout: 7 })
    expect(made.preflight([file('0')])).toMatchObject({
      config: { chunkSize: 5, chunkTimeout: 7 },
    })
  })

  it('refuses more channels than a connection may have', () => {
    const made = rig()
    made.sendingElsewhere = 20
    expect(made.preflight([file('0')])).toEqual({
      ref: made.config.ref,
      error: [
        [made.config.ref, 'too_many_uploads'],
        ['0', 'too_many_uploads'],
      ],
    })
    expect(made.entry('0').preflighted).toBe(false)
  })

  it('of an unknown input has no answer', () => {
    expect(rig().preflight([file('0')], 'phx-other')).toBeUndefined()
  })
})

describe('joining an upload channel', () => {
  const outlet = { reply() {}, close() {}, error() {} }
  const join = (made: Rig, ref: string) => made.uploads.join(made.config.ref, made.entry(ref).uuid, outlet)

  it('is refused before the preflight', () => {
    const made = rig()
    made.uploads.select(made.config.ref, [file('0')])
    expect(join(made, '0')).toBe('disallowed')
  })

  it('is refused for an entry that is refused, unknown or of another input', () => {
    const made = rig({ maxEntries: 3, maxFileSize: 10, autoUpload: true })
    made.start(file('0'), file('1', 11))
    expect(join(made, '1')).toBe('disallowed')
    expect(made.uploads.join(made.config.ref, 'uuid-other', outlet)).toBe('disallowed')
    expect(made.uploads.join('phx-other', made.entry('0').uuid, outlet)).toBe('disallowed')
  })

  it('is refused while a channel lives, after its end, and when all is there', async () => {
    const made = rig()
    await made.send('0')
    expect(join(made, '0')).toBe('already_registered')
    made.start(file('1'))
    made.join('1')
    expect(join(made, '1')).toBe('already_registered')
    await turn()
  })

  it('is allowed again after a leave before the first byte', async () => {
    const made = rig()
    made.start(file('0'))
    const first = made.join('0')
    await turn()
    first.leave('2')
    const second = made.join('0')
    await turn()
    second.chunk('3', new Uint8Array(8))
    await turn()
    expect(made.entry('0').done).toBe(true)
    await Promise.all(made.background)
    expect(made.writers.map((writer) => writer.calls.join())).toEqual([
      'close cancel,dispose dropped',
      'write,close done',
    ])
  })

  it('is refused after a leave behind the first byte: the entry has failed', async () => {
    const made = rig({ chunkSize: 4 })
    made.start(file('0'))
    const channel = made.join('0')
    await turn()
    channel.chunk('2', new Uint8Array(4))
    await turn()
    channel.leave('3')
    expect(made.entry('0')).toMatchObject({ failed: true, progress: 50 })
    expect(join(made, '0')).toBe('disallowed')
    expect(made.failed).toBe(1)
    await Promise.all(made.background)
    expect(made.writers[0]!.calls).toEqual(['write', 'close error', 'dispose dropped'])
  })
})

describe('progress', () => {
  it('comes from bytes written', async () => {
    const made = rig({ chunkSize: 3 })
    made.start(file('0'))
    const channel = made.join('0')
    await turn()
    const seen: number[] = []
    for (const size of [3, 3, 2]) {
      channel.chunk('2', new Uint8Array(size))
      await turn()
      seen.push(made.entry('0').progress)
    }
    expect(seen).toEqual([37, 75, 100])
    expect(made.entry('0').done).toBe(true)
    expect(made.uploads.entries('photos')).toEqual({ completed: [made.entry('0')], inProgress: [] })
  })

  it('counts what is sent on the connection', async () => {
    const made = rig()
    made.start(file('0'), file('1'))
    expect(made.uploads.sending).toBe(2)
    const channel = made.join('0')
    await turn()
    channel.chunk('2', new Uint8Array(8))
    await turn()
    expect(made.uploads.sending).toBe(1)
    await made.uploads.cancel('photos', '1')
    expect(made.uploads.sending).toBe(0)
  })
})

describe('cancelling', () => {
  it('takes an entry and its errors out before anything is awaited', () => {
    const made = rig({ maxFileSize: 5, maxEntries: 3 })
    made.uploads.select(made.config.ref, [file('0'), file('1')])
    void made.uploads.cancel('photos', '0')
    expect(made.config.entries.map((entry) => entry.ref)).toEqual(['1'])
  })

  it('closes the channel at once, and deletes when the write that runs is over', async () => {
    const made = rig({ chunkSize: 4 })
    made.start(file('0'))
    const channel = made.join('0')
    await turn()
    made.writers[0]!.hold('write')
    channel.chunk('2', new Uint8Array(4))
    await turn()
    const cancelled = made.uploads.cancel('photos', '0')
    expect(made.said).toEqual(['0 ok', '0 close'])
    made.writers[0]!.letGo()
    await cancelled
    expect(made.said).toEqual(['0 ok', '0 close'])
    expect(made.writers[0]!.calls).toEqual(['write', 'close cancel', 'dispose dropped'])
    expect(made.background).toHaveLength(1)
  })

  it('deletes a finished file', async () => {
    const made = rig()
    await made.send('0')
    await made.uploads.cancel('photos', '0')
    expect(made.said).toEqual(['0 close'])
    expect(made.writers[0]!.calls).toEqual(['write', 'close done', 'dispose dropped'])
  })

  it('says nothing to the channel of an entry that has failed', async () => {
    const made = rig()
    made.start(file('0'))
    const channel = made.join('0')
    await turn()
    channel.chunk('2', new Uint8Array(9))
    await Promise.all(made.background)
    made.said.length = 0
    await made.uploads.cancel('photos', '0')
    expect(made.config.entries).toEqual([])
    expect(made.said).toEqual([])
    expect(made.writers[0]!.calls).toEqual(['close error', 'dispose dropped'])
  })

  it.each([
    { name: 'photos', ref: '9' },
    { name: 'other', ref: '0' },
    { name: undefined, ref: undefined },
  ])('rejects for $name $ref', async ({ name, ref }) => {
    const made = rig()
    made.start(file('0'))
    await expect(made.uploads.cancel(name as string, ref as string)).rejects.toThrow(code('ERR_UPLOAD_ENTRY'))
    expect(made.config.entries).toHaveLength(1)
  })

  it('waits for a consume of the entry', async () => {
    const made = rig()
    await made.send('0')
    let finish = (): void => {}
    const consumed = made.uploads.consumeAll(
      'photos',
      () => new Promise<string>((resolve) => (finish = () => resolve('x'))),
    )
    await turn()
    const cancelled = made.uploads.cancel('photos', '0')
    await turn()
    expect(made.writers[0]!.calls).toEqual(['write', 'close done'])
    finish()
    expect(await consumed).toEqual(['x'])
    await cancelled
    expect(made.writers[0]!.calls).toEqual(['write', 'close done', 'dispose consumed'])
  })

  it('from within the consume of the entry waits for it too', async () => {
    const made = rig()
    await made.send('0')
    const seen: (readonly string[])[] = []
    await made.uploads.consumeAll('photos', async () => {
      void made.uploads.cancel('photos', '0')
      await turn()
      seen.push([...made.writers[0]!.calls])
    })
    expect(seen).toEqual([['write', 'close done']])
  })

  it('lets a join that was on its way know, without an error', async () => {
    const made = rig()
    made.start(file('0'), file('1'))
    const { ref } = made.config
    const { uuid } = made.entry('0')
    await made.uploads.cancel('photos', '0')
    const outlet = { reply() {}, close() {}, error() {} }
    expect(made.uploads.join(ref, uuid, outlet)).toBe('left')
    expect(made.uploads.join(ref, 'never-was', outlet)).toBe('disallowed')
  })
})

describe('consuming', () => {
  it('goes one by one, in entry order, and drops each with its file', async () => {
    const made = rig()
    await made.send('0', '1', '2')
    const log: string[] = []
    const results = await made.uploads.consumeAll('photos', async (meta, entry) => {
      log.push(`begin ${entry.ref} ${meta.path}`)
      await turn()
      log.push(`end ${entry.ref}, ${made.config.entries.length} left`)
      return entry.clientName
    })
    expect(results).toEqual(['0.png', '1.png', '2.png'])
    expect(log).toEqual([
      'begin 0 /recorded',
      'end 0, 3 left',
      'begin 1 /recorded',
      'end 1, 2 left',
      'begin 2 /recorded',
      'end 2, 1 left',
    ])
    expect(made.config.entries).toEqual([])
    expect(made.said).toEqual(['0 close', '1 close', '2 close'])
    for (const writer of made.writers) expect(writer.calls).toEqual(['write', 'close done', 'dispose consumed'])
  })

  it('of nothing is nothing', async () => {
    expect(await rig().uploads.consumeAll('photos', () => 1)).toEqual([])
  })

  it('throws, and consumes nothing, while an entry is in progress', async () => {
    const made = rig()
    await made.send('0')
    made.uploads.select(made.config.ref, [file('1')])
    let called = 0
    await expect(made.uploads.consumeAll('photos', () => called++)).rejects.toThrow(code('ERR_UPLOAD_IN_PROGRESS'))
    await expect(made.uploads.consumeAll('photos', () => called++)).rejects.toThrow(`still in progress: '1.png'`)
    expect(called).toBe(0)
  })

  it('skips refused and failed entries', async () => {
    const made = rig({ maxEntries: 3, maxFileSize: 10, autoUpload: true })
    await made.send('0')
    made.start(file('1', 11), file('2'))
    made.uploads.fail(made.entry('2'), 'gone')
    expect(await made.uploads.consumeAll('photos', (_, entry) => entry.ref)).toEqual(['0'])
    expect(made.config.entries.map((entry) => entry.ref)).toEqual(['1', '2'])
  })

  it('keeps an entry whose function threw, and those behind it', async () => {
    const made = rig()
    await made.send('0', '1')
    const broken = new Error('mine')
    const seen: string[] = []
    const consume = made.uploads.consumeAll('photos', (_, entry) => {
      seen.push(entry.ref)
      throw broken
    })
    await expect(consume).rejects.toBe(broken)
    expect(seen).toEqual(['0'])
    expect(made.config.entries.map((entry) => [entry.ref, entry.done])).toEqual([
      ['0', true],
      ['1', true],
    ])
    expect(made.writers[0]!.calls).toEqual(['write', 'close done'])
    expect(await made.uploads.consumeAll('photos', (_, entry) => entry.ref)).toEqual(['0', '1'])
  })

  it('keeps an entry whose save failed though nobody awaited it', async () => {
    const made = rig()
    await made.send('0')
    made.appendFailure = new Error('ENOSPC')
    const save = () =>
      made.uploads.consumeAll('photos', async (meta) => {
        void meta.fileSystem.createOrAppendFile('./a', meta.path)
      })
    await expect(save()).rejects.toThrow('ENOSPC')
    expect(made.config.entries).toHaveLength(1)
    made.appendFailure = undefined
    await save()
    expect(made.appended).toEqual(['/recorded > ./a'])
    expect(made.config.entries).toEqual([])
  })

  it('of an entry that is being consumed throws; that of all leaves it out', async () => {
    const made = rig()
    await made.send('0', '1')
    let finish = (): void => {}
    const first = made.uploads.consume(made.entry('1'), () => new Promise<void>((resolve) => (finish = resolve)))
    await turn()
    let called = 0
    expect(await made.uploads.consumeAll('photos', (_, entry) => entry.ref)).toEqual(['0'])
    await expect(made.uploads.consume(made.entry('1'), () => called++)).rejects.toThrow(code('ERR_UPLOAD_CLAIMED'))
    expect(called).toBe(0)
    finish()
    await first
    expect(made.config.entries).toEqual([])
  })

  it('shows what is being done with an entry, and how far that is, until it is over', async () => {
    const made = rig()
    await made.send('0', '1')
    const shown = () => made.config.entries.map(({ state, processed }) => [state, processed])
    const seen: unknown[] = []
    let tries = 0
    const consume = (): Promise<unknown> =>
      made.uploads.consumeAll('photos', (_, entry, { progress, signal }) => {
        seen.push([entry.ref, signal.aborted, ...shown()])
        progress(41.9)
        seen.push(...shown())
        expect(() => progress(101)).toThrow(code('ERR_UPLOAD_ENTRY'))
        if (tries++ === 1) throw new Error('as asked')
      })
    await expect(consume()).rejects.toThrow('as asked')
    expect(seen).toEqual([
      ['0', false, ['processing', undefined], ['processing', undefined]],
      ['processing', 41],
      ['processing', undefined],
      ['1', false, ['processing', undefined]],
      ['processing', 41],
    ])
    expect(shown()).toEqual([['done', undefined]])
    expect(made.changed).toBeGreaterThan(4)
  })

  it('hears nothing of work that is over', async () => {
    const made = rig()
    await made.send('0')
    let late: (percent: number) => void = () => {}
    const failing = made.uploads.consumeAll('photos', (_, __, { progress }) => {
      late = progress
      throw new Error('as asked')
    })
    await expect(failing).rejects.toThrow('as asked')
    late(50)
    expect(made.entry('0')).toMatchObject({ state: 'done', processed: undefined })
    let finish = (): void => {}
    const again = made.uploads.consumeAll('photos', () => new Promise<void>((resolve) => (finish = resolve)))
    await turn()
    late(60)
    expect(made.entry('0')).toMatchObject({ state: 'processing', processed: undefined })
    finish()
    await again
  })

  it('aborts the work with an entry that is cancelled, whose file stays until that has settled', async () => {
    const made = rig()
    await made.send('0')
    let finish = (): void => {}
    let aborted = false
    const consuming = made.uploads.consumeAll('photos', async (_, __, { progress, signal }) => {
      signal.addEventListener('abort', () => (aborted = true))
      await new Promise<void>((resolve) => (finish = resolve))
      // Nobody shows it any more.
      progress(50)
    })
    await turn()
    const cancelled = made.uploads.cancel('photos', '0')
    expect(aborted).toBe(true)
    expect(made.config.entries).toEqual([])
    expect(made.writers[0]!.calls).not.toContain('dispose dropped')
    finish()
    await consuming
    await cancelled
    expect(made.writers[0]!.calls.at(-1)).toMatch(/^dispose/)
  })

  it('has the work with the entries of a view that ends come to its end', async () => {
    const made = rig()
    await made.send('0')
    let given: AbortSignal | undefined
    let finish = (): void => {}
    const consuming = made.uploads.consumeAll('photos', async (_, __, { signal }) => {
      given = signal
      await new Promise<void>((resolve) => (finish = resolve))
    })
    await turn()
    made.uploads.end()
    expect(given!.aborted).toBe(false)
    finish()
    await consuming
  })

  it('of one entry while others run', async () => {
    const made = rig()
    await made.send('0')
    made.start(file('1'))
    expect(await made.uploads.consume(made.entry('0'), (_, entry) => entry.ref)).toBe('0')
    expect(made.config.entries.map((entry) => entry.ref)).toEqual(['1'])
    await expect(made.uploads.consume(made.entry('1'), () => 1)).rejects.toThrow(code('ERR_UPLOAD_IN_PROGRESS'))
  })

  it('of an entry as it was before it was done', async () => {
    const made = rig()
    made.start(file('0'))
    const early = made.entry('0')
    const channel = made.join('0')
    await turn()
    channel.chunk('2', new Uint8Array(8))
    await turn()
    expect(await made.uploads.consume(early, (_, entry) => entry.done)).toBe(true)
  })

  it('of an entry that is gone throws', async () => {
    const made = rig()
    await made.send('0')
    const entry = made.entry('0')
    await made.uploads.consume(entry, () => 1)
    await expect(made.uploads.consume(entry, () => 1)).rejects.toThrow(code('ERR_UPLOAD_ENTRY'))
  })

  it('postponed keeps the entry, and gives the value', async () => {
    const made = rig()
    await made.send('0')
    expect(await made.uploads.consumeAll('photos', () => postpone('later'))).toEqual(['later'])
    expect(made.config.entries).toHaveLength(1)
    expect(made.said).toEqual([])
    expect(await made.uploads.consumeAll('photos', () => 'now')).toEqual(['now'])
    expect(made.config.entries).toEqual([])
  })

  it('frees the place for another file, also when all were consumed before', async () => {
    const made = rig({ maxEntries: 1 })
    await made.send('0')
    await made.uploads.consumeAll('photos', () => 1)
    await made.send('1')
    expect(await made.uploads.consumeAll('photos', (_, entry) => entry.ref)).toEqual(['1'])
  })

  it('of an unknown name lists those that are known', async () => {
    await expect(rig().uploads.consumeAll('foto', () => 1)).rejects.toThrow("the allowed uploads are 'photos'")
    await expect(new Rig().uploads.consumeAll('foto', () => 1)).rejects.toThrow('no upload is allowed')
    expect(() => rig().uploads.entries('foto')).toThrow(code('ERR_UPLOAD_NAME'))
  })
})

describe('uploadedEntries', () => {
  it('tells done from running, and leaves out refused and failed ones', async () => {
    const made = rig({ maxEntries: 3, maxFileSize: 10, autoUpload: true })
    await made.send('0')
    made.start(file('1'), file('2', 11))
    const { completed, inProgress } = made.uploads.entries('photos')
    expect(completed.map((entry) => entry.ref)).toEqual(['0'])
    expect(inProgress.map((entry) => entry.ref)).toEqual(['1'])
    made.uploads.fail(made.entry('1'), 'gone')
    expect(made.uploads.entries('photos').inProgress).toEqual([])
  })
})

describe('the browser gives up on an entry', () => {
  it('that was not joined: it has failed, and the page is told', () => {
    const made = rig()
    made.start(file('0'))
    made.uploads.fail(made.entry('0'), 'gone')
    expect(made.entry('0')).toMatchObject({
      failed: true,
      errors: [{ code: 'upload_failed', data: { reason: 'gone' } }],
    })
    expect(made.failed).toBe(1)
  })

  it('that runs: its channel ends with an error and its bytes go', async () => {
    const made = rig({ chunkSize: 4 })
    made.start(file('0'))
    const channel = made.join('0')
    await turn()
    channel.chunk('2', new Uint8Array(4))
    await turn()
    made.uploads.fail(made.entry('0'), 'gone')
    expect(made.said.at(-1)).toBe('0 error')
    expect(made.failed).toBe(1)
    await Promise.all(made.background)
    expect(made.writers[0]!.calls).toEqual(['write', 'close error', 'dispose dropped'])
  })

  it('that is done, or has failed: nothing changes', async () => {
    const made = rig()
    await made.send('0')
    made.uploads.fail(made.entry('0'), 'gone')
    expect(made.entry('0')).toMatchObject({ done: true, failed: false })
    made.start(file('1'))
    made.uploads.fail(made.entry('1'), 'first')
    made.uploads.fail(made.entry('1'), 'second')
    expect(made.entry('1').errors).toHaveLength(1)
  })
})

describe('a new file in place of the old', () => {
  it('ends the old one’s channel and deletes its bytes', async () => {
    const made = rig({ maxEntries: 1 })
    await made.send('0')
    made.uploads.select(made.config.ref, [file('1')])
    expect(made.config.entries.map((entry) => entry.ref)).toEqual(['1'])
    expect(made.said).toEqual(['0 close'])
    await Promise.all(made.background)
    expect(made.writers[0]!.calls).toEqual(['write', 'close done', 'dispose dropped'])
  })
})

describe('the end of the view', () => {
  it('leaves no file, whatever its entries were doing', async () => {
    const made = rig({ maxEntries: 5, chunkSize: 8 })
    await made.send('done')
    made.start(file('waiting'), file('joined'), file('running', 16))
    made.join('joined')
    const running = made.join('running')
    await turn()
    running.chunk('2', new Uint8Array(8))
    made.uploads.end()
    expect(made.said.filter((said) => said.endsWith('close')).toSorted()).toEqual([
      'done close',
      'joined close',
      'running close',
    ])
    await Promise.all(made.background)
    for (const writer of made.writers) {
      expect(writer.calls.at(-1)).toBe('dispose dropped')
      expect(writer.faults).toEqual([])
    }
    expect(made.writers).toHaveLength(3)
    expect(made.time.running).toBe(0)
  })

  it('waits for a consume that runs, with all its entries, before their files go', async () => {
    const made = rig()
    await made.send('0', '1', '2')
    let finish = (): void => {}
    const consumed = made.uploads.consumeAll('photos', (_, { ref }) => {
      return ref === '0' ? new Promise<string>((resolve) => (finish = () => resolve(ref))) : ref
    })
    await turn()
    void made.uploads.cancel('photos', '2')
    made.uploads.end()
    await turn()
    for (const { calls } of made.writers) expect(calls).toEqual(['write', 'close done'])
    finish()
    expect(await consumed).toEqual(['0', '1'])
    await Promise.all(made.background)
    expect(made.writers.map(({ calls }) => calls.at(-1))).toEqual([
      'dispose consumed',
      'dispose consumed',
      'dispose dropped',
    ])
    await expect(made.uploads.consumeAll('photos', () => {})).rejects.toThrow(code('ERR_VIEW_ENDED'))
  })

  it('keeps what was saved although its file could not be deleted', async () => {
    const made = rig()
    const denied = new Error('EBUSY')
    made.writerFailures = { dispose: denied }
    await made.send('0', '1')
    expect(await made.uploads.consumeAll('photos', (_, { ref }) => ref)).toEqual(['0', '1'])
    expect(made.reported).toEqual([denied, denied])
  })

  it('reports what could not be deleted', async () => {
    const made = rig()
    const denied = new Error('EPERM')
    made.writerFailures = { dispose: denied }
    await made.send('0')
    made.uploads.end()
    await Promise.all(made.background)
    expect(made.reported).toEqual([denied])
  })
})

describe('the tags', () => {
  const printed = (made: Rig, attributes?: Record<string, unknown>) =>
    renderHtml(live_file_input(made.config, attributes)).replaceAll(/\s+/g, ' ')

  it('print the input of an upload without files', () => {
    const made = rig({ maxEntries: 1 })
    const { ref } = made.config
    expect(printed(made)).toBe(
      `<input id="${ref}" type="file" name="photos" data-phx-hook="Phoenix.LiveFileUpload" data-phx-upload-ref="${ref}" ` +
        `data-phx-active-refs="" data-phx-done-refs="" data-phx-preflighted-refs="" />`,
    )
  })

  it('print what the client needs to know of the files', async () => {
    const made = rig({ maxEntries: 2, maxFileSize: 10, autoUpload: true, accept: ['.png', 'image/*'] })
    await made.send('0')
    made.start(file('1', 11), file('2'))
    const { ref } = made.config
    const html = printed(made, { class: 'a<b', webkitdirectory: true, required: false })
    expect(html).toContain('accept=".png,image/*"')
    expect(html).toContain('data-phx-active-refs="0,1,2"')
    expect(html).toContain('data-phx-done-refs="0"')
    expect(html).toContain('data-phx-preflighted-refs="0,1"')
    expect(html).toContain(`data-phx-error-refs="${ref},1"`)
    expect(html).toContain(
      'data-phx-auto-upload data-liveloom-max-entries="2" multiple class="a&lt;b" webkitdirectory />',
    )
  })

  it('list a failed entry as active, preflighted and wrong', () => {
    const made = rig()
    made.start(file('0'))
    made.uploads.fail(made.entry('0'), 'gone')
    const html = printed(made)
    for (const refs of ['active', 'preflighted', 'error']) expect(html).toContain(`data-phx-${refs}-refs="0"`)
  })

  it('print a preview within a render of the view', () => {
    const made = rig()
    made.start(file('0'))
    const preview = () => live_img_preview(made.entry('0'), { alt: 'x' })
    expect(renderHtml(whileRendering(made.uploads.configs, preview)).replaceAll(/\s+/g, ' ')).toBe(
      `<img id="phx-preview-0" data-phx-upload-ref="${made.config.ref}" data-phx-entry-ref="0" ` +
        `data-phx-hook="Phoenix.LiveImgPreview" data-phx-update="ignore" alt="x" />`,
    )
    expect(preview).toThrow(code('ERR_UPLOAD_ENTRY'))
  })

  it('print what the browser does before it lists a file', () => {
    const made = rig({ resize: { maxWidth: 1600 }, transform: 'own', capture: 'environment' })
    const html = printed(made)
    expect(html).toContain(' capture="environment"')
    const [, said] = /data-liveloom-prepare="([^"]*)"/.exec(html)!
    const preparation = { transform: 'own', resize: { maxWidth: 1600, quality: 0.85 } }
    expect(JSON.parse(said!.replaceAll('&quot;', '"'))).toEqual(preparation)
    expect(made.config).toMatchObject({ ...preparation, capture: 'environment' })
    expect(printed(rig({ capture: true }))).toMatch(/ capture \/>$/)
  })

  it('print a preview of what browsers show, and an icon of whatever else', () => {
    const made = rig({ maxEntries: 5 })
    const named = (ref: string, name: string, type: string): FileClaim => ({ ...file(ref), name, type })
    made.uploads.select(made.config.ref, [
      named('0', 'a.png', 'image/png'),
      named('1', 'a.heic', 'image/heic'),
      named('2', 'a.pdf', ''),
      { ...named('3', 'b.png', 'image/png'), spoiled: 'no' },
    ])
    const shown = (ref: string, attributes: Readonly<Record<string, unknown>> = { alt: 'x', width: 9 }): string =>
      renderHtml(whileRendering(made.uploads.configs, () => live_file_preview(made.entry(ref), attributes)))
    expect(shown('0')).toMatch(/^<img .* alt="x" width="9"\s*\/>$/s)
    expect(shown('0', {})).toContain(' alt=""')
    for (const [ref, kind] of [
      ['1', 'image'],
      ['2', 'pdf'],
      ['3', 'image'],
    ] as const) {
      expect(shown(ref)).toMatch(
        new RegExp(`^<svg.* data-kind="${kind}".* width="9" height="24" role="img" aria-label="x"`, 's'),
      )
      expect(shown(ref, {})).toContain('aria-hidden="true"')
    }
  })

  it('print a button that stays hidden until the page has use for it', () => {
    const made = rig()
    expect(renderHtml(live_file_resume(html`<b>Go on</b>`, made.config, { class: 'x' }))).toBe(
      `<button type="button" data-liveloom-resume="${made.config.ref}" hidden class="x"><b>Go on</b></button>`,
    )
  })

  it.each([
    ['live_file_input', (config: UploadConfig | undefined) => live_file_input(config)],
    ['live_file_resume', (config: UploadConfig | undefined) => live_file_resume('Go on', config)],
  ])('name the known uploads when there is none of the name: %s', (tag, print) => {
    const made = rig()
    const render = () => whileRendering(made.uploads.configs, () => html`${print(made.uploads.configs['foto'])}`)
    expect(render).toThrow(`${tag}: there is no such upload; the allowed uploads are 'photos'`)
    expect(render).toThrow(code('ERR_UPLOAD_NAME'))
  })
})

describe('a file that could never be stored', () => {
  it('is warned of when it is allowed', () => {
    const { uploads, warned } = new Rig()
    uploads.allow('photos', { maxFileSize: 1000 * MiB })
    expect(warned).toEqual([])
    uploads.allow('films', { maxFileSize: 1000 * MiB + 1 })
    expect(warned).toEqual([
      expect.stringMatching(/^allowUpload\('films'\): maxFileSize .*uploads\.maxStored\.visitor/),
    ])
  })

  it('is not, where a writer puts it elsewhere', () => {
    const { uploads, warned } = new Rig()
    uploads.allow('films', { maxFileSize: 2000 * MiB, writer: () => new RecordingWriter() })
    expect(warned).toEqual([])
  })
})
