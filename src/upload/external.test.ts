import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { uploadHost } from '../../test/support/upload-host.ts'
import type { FileClaim } from '../protocol/payloads.ts'
import type { PreflightAnswer } from '../protocol/replies.ts'
import type { UploadEntry } from './entry.ts'
import type { ExternalFile, ExternalMeta, ExternalTools } from './external.ts'
import type { UploadConfigOptions } from './options.ts'
import { Uploads } from './uploads.ts'

const file = (ref: string, size = 1000): FileClaim => ({
  ref,
  name: `${ref}.png`,
  relativePath: '',
  size,
  type: 'image/png',
  lastModified: 0,
  meta: null,
  leftOut: undefined,
})

type Made = ExternalFile | ExternalMeta | Promise<ExternalFile | ExternalMeta>

/** A view's uploads whose files go elsewhere, with the machine around them. */
class Rig {
  readonly time = new ManualTime()
  readonly reported: string[] = []
  readonly background: Promise<void>[] = []
  readonly warned: string[] = []
  /** What the application's functions were called with, in order. */
  readonly calls: string[] = []
  readonly uploads: Uploads
  readonly socket = { view: 'its own' }
  readonly given: unknown[] = []
  /** Bytes that were told of, each time. */
  readonly sent: number[] = []
  failed = 0
  changed = 0
  turns = 0

  constructor(made: (entry: UploadEntry) => Made, options: UploadConfigOptions<never> = {}) {
    this.uploads = new Uploads(
      uploadHost(this.time, {
        ceilings: { maxMessageSize: 2 ** 21, maxUploadChannels: 2, maxFiles: 1000 },
        openWriter: () => Promise.reject(new Error('nothing is written here')),
        socket: this.socket,
        sending: () => this.uploads.sending,
        admission: {
          admit: () => Promise.reject(new Error('what goes elsewhere waits for no turn here')),
          pass: () => {
            throw new Error('what goes elsewhere has no pass')
          },
          sentElsewhere: (bytes) => this.sent.push(bytes),
        },
        nextTurn: (run) => {
          this.turns++
          setImmediate(run)
        },
        failed: () => this.failed++,
        background: (work) => this.background.push(work),
        report: (error) => this.reported.push((error as Error).message),
        changed: () => this.changed++,
        warn: (error) => this.warned.push(error.message),
      }),
    )
    const external = (socket: unknown, entry: UploadEntry, tools: ExternalTools): Made => {
      this.calls.push(`external ${entry.ref}`)
      this.given.push(socket, tools)
      return made(entry)
    }
    this.uploads.allow('photos', { maxEntries: 1000, external: external as never, ...options })
  }

  get config() {
    return this.uploads.configs['photos']!
  }

  entry(ref: string): UploadEntry {
    return this.config.entries.find((entry) => entry.ref === ref)!
  }

  /** Chooses files and asks for leave to send them. */
  async start(...files: readonly FileClaim[]): Promise<PreflightAnswer | undefined> {
    this.uploads.select(this.config.ref, files)
    const steps = this.uploads.preflight(this.config.ref, files)
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
      await step.value
    }
  }

  /** What goes on in the background is through. */
  async settle(): Promise<void> {
    await turn()
    await Promise.all(this.background)
  }

  /** A file whose functions write down that they were called. */
  file({ ref }: UploadEntry, more: Partial<ExternalFile> = {}): ExternalFile {
    const note = (call: string): void => void this.calls.push(`${call} ${ref}`)
    return {
      meta: { uploader: 'Ours', key: ref },
      dispose: (outcome) => note(outcome),
      ...more,
    }
  }
}

const plain = (): Rig => new Rig((entry) => rig.file(entry))
let rig: Rig

describe('leave to send a file elsewhere', () => {
  it('is the metadata that the application says, whatever is sent at once', async () => {
    rig = new Rig(({ ref }) => ({ uploader: 'S3', url: `https://bucket/${ref}` }))
    const answer = await rig.start(file('a'), file('b'), file('c'))
    expect(answer).toMatchObject({
      entries: { a: { uploader: 'S3', url: 'https://bucket/a' }, b: { uploader: 'S3' }, c: { uploader: 'S3' } },
      errors: {},
    })
    expect(rig.given.slice(0, 2)).toEqual([
      rig.socket,
      { note: undefined, keep: expect.any(Function), isChosenAgain: false },
    ])
    expect(rig.config.entries.map(({ state, preflighted }) => [state, preflighted])).toEqual(
      Array.from({ length: 3 }, () => ['queued', true]),
    )
    expect(rig.time.running).toBe(0)
  })

  it('is given eight at a time, with turns of others between', async () => {
    let running = 0
    let most = 0
    rig = new Rig(async (entry) => {
      most = Math.max(most, ++running)
      await turn()
      running--
      return rig.file(entry)
    })
    const files = Array.from({ length: 30 }, (_, at) => file(`f${at}`))
    expect(Object.keys((await rig.start(...files)) as object)).toContain('entries')
    expect(most).toBe(8)
    expect(rig.turns).toBe(3)
    expect(rig.calls.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, at) => `external f${at}`))
  })

  it('is refused for the whole form when one of its files cannot be described, and those that were are let go of', async () => {
    rig = new Rig((entry) => {
      if (entry.ref === 'b') throw new Error('no bucket')
      return rig.file(entry)
    })
    const files = [file('a'), file('b'), file('c')]
    expect(await rig.start(...files)).toEqual({ ref: rig.config.ref, error: [['b', 'external_metadata_failure']] })
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'external b', 'external c', 'dropped a', 'dropped c'])
    expect(rig.reported).toEqual(['no bucket'])
    expect(rig.entry('b')).toMatchObject({ valid: false, state: 'refused' })
    expect(rig.entry('b').errors).toMatchObject([{ code: 'external_metadata_failure', data: { reason: 'no bucket' } }])
    expect(rig.entry('a')).toMatchObject({ valid: true, state: 'waiting', preflighted: false })
    // Without it the others go, with metadata of their own.
    await rig.uploads.cancel('photos', 'b')
    expect(await rig.start(file('a'), file('c'))).toMatchObject({ entries: { a: { key: 'a' }, c: { key: 'c' } } })
  })

  it('is refused for that file alone where each goes by itself', async () => {
    rig = new Rig((entry) => (entry.ref === 'b' ? Promise.reject(new Error('no bucket')) : rig.file(entry)), {
      autoUpload: true,
    })
    const answer = await rig.start(file('a'), file('b'), file('c'))
    expect(answer).toMatchObject({
      entries: { a: { key: 'a' }, c: { key: 'c' } },
      errors: { b: ['external_metadata_failure'] },
    })
  })

  it.for([
    ['nothing', undefined, "external must return metadata like { uploader: 'S3', … } or { meta, … }, got undefined"],
    ['text', 'https://bucket', "got 'https://bucket'"],
    ['a list', [], 'got an array'],
    ['metadata without an uploader', { meta: { url: '/' } }, 'metadata that names its uploader, got undefined'],
    ['an empty uploader', { uploader: '' }, "metadata that names its uploader, got ''"],
    ['our own uploader', { uploader: 'Liveloom' }, "another uploader than 'Liveloom', which is ours"],
    ['metadata that is no JSON', { uploader: 'S3', size: 1n }, 'metadata that is JSON'],
    ['a confirm that is none', { meta: { uploader: 'S3' }, confirm: true }, 'a function as confirm, got true'],
    ['an offset that is none', { meta: { uploader: 'S3' }, offset: -1 }, 'bytes as offset, got -1'],
  ] as const)('is refused, and told, when the application returns %s', async ([, made, says]) => {
    rig = new Rig(() => made as never)
    expect(await rig.start(file('a'))).toMatchObject({ error: [['a', 'external_metadata_failure']] })
    expect(rig.reported).toHaveLength(1)
    expect(rig.reported[0]).toContain(says)
  })

  it('takes no longer than the browser waits; what comes later is let go of', async () => {
    let resolve: (given: ExternalFile) => void = () => {}
    rig = new Rig((entry) => (entry.ref === 'b' ? new Promise((given) => (resolve = given)) : rig.file(entry)), {
      autoUpload: true,
    })
    const answered = rig.start(file('a'), file('b'))
    await turn()
    rig.time.advance(15_000)
    expect(await answered).toMatchObject({ entries: { a: { key: 'a' } }, errors: { b: ['external_metadata_failure'] } })
    expect(rig.reported).toEqual([
      "allowUpload('photos'): external: it took more than 15 s to say where the files of this choice go",
    ])
    resolve(rig.file(rig.entry('b')))
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'external b', 'dropped b'])
  })

  it('comes to nothing when the file is cancelled meanwhile', async () => {
    let resolve: (given: ExternalFile) => void = () => {}
    rig = new Rig(() => new Promise((given) => (resolve = given)), { autoUpload: true })
    const answered = rig.start(file('a'))
    await turn()
    const cancelled = rig.entry('a')
    void rig.uploads.cancel('photos', 'a')
    resolve(rig.file(cancelled))
    expect(await answered).toMatchObject({ entries: {} })
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'dropped a'])
  })

  it('is the same once more for a page that has not heard of it', async () => {
    rig = plain()
    await rig.start(file('a'))
    expect(await rig.start(file('a'))).toMatchObject({ entries: { a: { key: 'a' } } })
    expect(rig.calls).toEqual(['external a'])
  })

  it('lets nobody open a channel for the file', async () => {
    rig = plain()
    await rig.start(file('a'))
    expect(rig.uploads.join(rig.config.ref, rig.entry('a').uuid, {} as never)).toBe('disallowed')
  })
})

describe('a file on its way elsewhere', () => {
  it('is as far as the browser says, and 100 only when it is done', async () => {
    rig = plain()
    await rig.start(file('a'))
    expect(rig.uploads.reached(rig.entry('a'), 0)).toBeUndefined()
    expect(rig.entry('a')).toMatchObject({ state: 'sending', progress: 0 })
    rig.time.advance(1000)
    void rig.uploads.reached(rig.entry('a'), 40.5)
    expect(rig.entry('a')).toMatchObject({ state: 'sending', progress: 40, rate: 405, remaining: 1470 })
    expect(await rig.uploads.reached(rig.entry('a'), 100)).toBe(true)
    expect(rig.entry('a')).toMatchObject({ state: 'done', progress: 100, done: true, rate: 0, remaining: 0 })
    // What comes then changes nothing.
    expect(rig.uploads.reached(rig.entry('a'), 3)).toBeUndefined()
    expect(rig.entry('a')).toMatchObject({ state: 'done', progress: 100 })
  })

  it('is counted as it goes, each byte once, and its end when that is known', async () => {
    rig = new Rig((entry) => rig.file(entry, { confirm: () => (rig.sent.push(0), { size: 1000 }) }))
    await rig.start(file('a'), file('b'))
    for (const percent of [10, 40.5, 20, 40.5, 60]) void rig.uploads.reached(rig.entry('a'), percent)
    expect(rig.sent).toEqual([100, 305, 195])
    await rig.uploads.reached(rig.entry('a'), 100)
    await rig.uploads.reached(rig.entry('a'), 100)
    expect(rig.sent).toEqual([100, 305, 195, 0, 400])
  })

  it('stands still when the browser says nothing, and goes on when it does', async () => {
    rig = plain()
    await rig.start(file('a'))
    void rig.uploads.reached(rig.entry('a'), 10)
    rig.time.advance(3000)
    expect(rig.entry('a').state).toBe('stalled')
    void rig.uploads.reached(rig.entry('a'), 20)
    expect(rig.entry('a').state).toBe('sending')
  })

  it('is done when its confirm says so, which is asked once', async () => {
    let confirm: (given: unknown) => void = () => {}
    rig = new Rig((entry) => {
      const confirmed = new Promise((resolve) => (confirm = resolve))
      return rig.file(entry, { confirm: () => (rig.calls.push('confirm'), confirmed) })
    })
    await rig.start(file('a'))
    const first = rig.uploads.reached(rig.entry('a'), 100)
    const second = rig.uploads.reached(rig.entry('a'), 100)
    await turn()
    expect(rig.entry('a')).toMatchObject({ state: 'sending', progress: 99, done: false })
    await expect(rig.uploads.consumeAll('photos', () => 1)).rejects.toMatchObject({ code: 'ERR_UPLOAD_IN_PROGRESS' })
    confirm({ size: 1000 })
    expect(await Promise.all([first, second])).toEqual([true, true])
    expect(await rig.uploads.consumeAll('photos', (meta) => meta)).toEqual([
      { size: 1000, fileSystem: { createOrAppendFile: expect.any(Function) } },
    ])
    expect(rig.calls).toEqual(['external a', 'confirm', 'consumed a'])
    expect(rig.config.entries).toEqual([])
    rig.uploads.end()
    expect(rig.time.running).toBe(0)
  })

  it('hands its metadata to the consume where there is no confirm', async () => {
    rig = new Rig(({ ref }) => ({ uploader: 'S3', key: ref }))
    await rig.start(file('a'))
    await rig.uploads.reached(rig.entry('a'), 100)
    expect(await rig.uploads.consumeAll('photos', (meta) => (meta as never as ExternalMeta)['key'])).toEqual(['a'])
  })

  it('fails when its confirm rejects, and is let go of', async () => {
    rig = new Rig((entry) => rig.file(entry, { confirm: () => Promise.reject(new Error('it has 3 bytes')) }))
    await rig.start(file('a'))
    expect(await rig.uploads.reached(rig.entry('a'), 100)).toBe(false)
    expect(rig.entry('a')).toMatchObject({ state: 'failed', done: false })
    expect(rig.entry('a').errors).toMatchObject([
      { code: 'external_client_failure', data: { reason: 'it has 3 bytes' } },
    ])
    expect(rig.reported).toEqual(['it has 3 bytes'])
    expect(rig.failed).toBe(1)
    // Neither does it come in by a second word.
    expect(await rig.uploads.reached(rig.entry('a'), 100)).toBe(false)
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'dropped a'])
  })

  it('fails when its confirm takes longer than the browser waits, and is let go of when that is over', async () => {
    let confirm = (): void => {}
    rig = new Rig((entry) => rig.file(entry, { confirm: () => new Promise<void>((resolve) => (confirm = resolve)) }))
    await rig.start(file('a'))
    const there = rig.uploads.reached(rig.entry('a'), 100)
    await turn()
    rig.time.advance(15_000)
    expect(await there).toBe(false)
    expect(rig.entry('a').errors[0]?.data).toEqual({ reason: 'confirm took more than 15 s' })
    expect(rig.calls).toEqual(['external a'])
    confirm()
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'dropped a'])
  })

  it('fails when the browser says so', async () => {
    rig = plain()
    await rig.start(file('a'))
    rig.uploads.fail(rig.entry('a'), 'status 403')
    expect(rig.entry('a').errors).toMatchObject([{ code: 'external_client_failure', data: { reason: 'status 403' } }])
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'dropped a'])
    await rig.uploads.cancel('photos', 'a')
    rig.uploads.end()
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'dropped a'])
  })

  it.for(['cancelled', 'left by its view', 'done and left by its view'] as const)(
    'is let go of once when it is %s',
    async (how) => {
      rig = plain()
      await rig.start(file('a'))
      if (how.startsWith('done')) await rig.uploads.reached(rig.entry('a'), 100)
      if (how === 'cancelled') await rig.uploads.cancel('photos', 'a')
      rig.uploads.end()
      await rig.settle()
      expect(rig.calls).toEqual(['external a', 'dropped a'])
    },
  )

  it('is not confirmed any more when it is cancelled meanwhile', async () => {
    let confirm = (): void => {}
    rig = new Rig((entry) => rig.file(entry, { confirm: () => new Promise<void>((resolve) => (confirm = resolve)) }))
    await rig.start(file('a'))
    const there = rig.uploads.reached(rig.entry('a'), 100)
    await turn()
    void rig.uploads.cancel('photos', 'a')
    // It waits for what runs.
    await turn()
    expect(rig.calls).toEqual(['external a'])
    confirm()
    expect(await there).toBe(false)
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'dropped a'])
    expect([rig.failed, rig.reported, rig.time.running]).toEqual([0, [], 0])
  })

  it('is neither paused, nor sent again by the official client alone', async () => {
    rig = plain()
    await rig.start(file('a'))
    rig.uploads.pause('photos', 'a')
    expect(rig.entry('a').state).toBe('queued')
    rig.uploads.fail(rig.entry('a'), 'lost')
    rig.uploads.retry('photos', 'a')
    expect(rig.entry('a').state).toBe('failed')
    expect(rig.warned).toHaveLength(2)
  })
})

describe('a connection that is lost', () => {
  it('leaves a file on its way that the page says it sends', async () => {
    rig = plain()
    await rig.start(file('a'), file('b'))
    void rig.uploads.reached(rig.entry('a'), 10)
    rig.uploads.interrupt()
    expect(rig.config.entries.map(({ state }) => state)).toEqual(['stalled', 'stalled'])
    rig.uploads.rejoined(true, new Set(['a']))
    // The answer that gave leave to send it was lost.
    expect(rig.entry('b')).toMatchObject({ state: 'waiting', preflighted: false })
    void rig.uploads.reached(rig.entry('a'), 20)
    expect(rig.entry('a')).toMatchObject({ state: 'sending', progress: 20 })
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'external b', 'dropped b'])
    expect(await rig.start(file('b'))).toMatchObject({ entries: { b: { key: 'b' } } })
  })

  it('ends it for a page that has forgotten its files', async () => {
    rig = plain()
    await rig.start(file('a'))
    rig.uploads.interrupt()
    rig.uploads.rejoined(false, new Set())
    expect(rig.entry('a').errors).toMatchObject([{ code: 'interrupted' }])
    await rig.settle()
    expect(rig.calls).toEqual(['external a', 'dropped a'])
  })

  it('does not keep what is being confirmed from being done', async () => {
    let confirm = (): void => {}
    rig = new Rig((entry) => rig.file(entry, { confirm: () => new Promise<void>((resolve) => (confirm = resolve)) }))
    await rig.start(file('a'))
    const there = rig.uploads.reached(rig.entry('a'), 100)
    await turn()
    rig.uploads.interrupt()
    rig.uploads.rejoined(true, new Set())
    confirm()
    expect(await there).toBe(true)
    expect(rig.entry('a').state).toBe('done')
  })
})

describe('a question of the browser', () => {
  it('is answered by the application, the same one that is asked again by the same answer', async () => {
    rig = new Rig((entry) =>
      rig.file(entry, {
        answer: async (question) => {
          rig.calls.push(JSON.stringify(question))
          await turn()
          return { urls: [] }
        },
      }),
    )
    await rig.start(file('a'))
    const ask = (question: unknown) => rig.uploads.ask(rig.entry('a'), question)
    const answers = [ask({ sign: [1] }), ask({ sign: [1] }), ask({ sign: [2] })]
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 3 }, () => ({ answer: { urls: [] } })))
    expect(rig.calls).toEqual(['external a', '{"sign":[1]}', '{"sign":[2]}'])
    await ask({ sign: [1] })
    expect(rig.calls).toHaveLength(4)
  })

  it.for([
    ['nobody answers for the file', {}, { error: 'gone' }, 0],
    ['the application throws', { answer: () => Promise.reject(new Error('no net')) }, { error: 'failed' }, 1],
    ['its answer is no JSON', { answer: () => 1n }, { error: 'failed' }, 1],
    ['its answer is nothing', { answer: () => undefined }, { answer: null }, 0],
  ] satisfies readonly [string, Partial<ExternalFile>, object, number][])(
    'is answered when %s',
    async ([, more, reply, reports]) => {
      rig = new Rig((entry) => rig.file(entry, more))
      await rig.start(file('a'))
      expect(await rig.uploads.ask(rig.entry('a'), 'more?')).toEqual(reply)
      expect(rig.reported).toHaveLength(reports)
      expect(rig.entry('a').state).toBe('queued')
    },
  )

  it('is one of eight at once', async () => {
    let letGo = (): void => {}
    const wait = new Promise<void>((resolve) => (letGo = resolve))
    rig = new Rig((entry) => rig.file(entry, { answer: () => wait }))
    await rig.start(file('a'))
    const replies = Array.from({ length: 20 }, (_, at) => rig.uploads.ask(rig.entry('a'), at))
    letGo()
    const answered = await Promise.all(replies)
    expect(answered.filter((reply) => 'answer' in reply)).toHaveLength(8)
    expect(answered.slice(8)).toEqual(Array.from({ length: 12 }, () => ({ error: 'busy' })))
  })

  it('is one of 64 at once over all files', async () => {
    let letGo = (): void => {}
    const wait = new Promise<void>((resolve) => (letGo = resolve))
    rig = new Rig((entry) => rig.file(entry, { answer: () => wait }))
    const files = Array.from({ length: 100 }, (_, at) => file(`f${at}`))
    await rig.start(...files)
    const replies = files.map(({ ref }) => rig.uploads.ask(rig.entry(ref), 1))
    letGo()
    const answered = await Promise.all(replies)
    expect(answered.filter((reply) => 'answer' in reply)).toHaveLength(64)
  })

  it('of a file that is through is answered by nobody', async () => {
    rig = new Rig((entry) => rig.file(entry, { answer: () => (rig.calls.push('answer'), 1) }))
    await rig.start(file('a'), file('b'))
    await rig.uploads.reached(rig.entry('a'), 100)
    const cancelled = rig.entry('b')
    await rig.uploads.cancel('photos', 'b')
    for (const entry of [rig.entry('a'), cancelled]) expect(await rig.uploads.ask(entry, 1)).toEqual({ error: 'gone' })
    expect(rig.calls).not.toContain('answer')
  })
})

describe('the option', () => {
  it.for([
    ['a function', { external: {} }, 'external must be a function, got'],
    [
      'alone',
      { external: () => ({ uploader: 'S3' }), writer: () => ({}) as never },
      'external and writer do not go together',
    ],
    [
      'of what is not verified',
      { external: () => ({ uploader: 'S3' }), verify: true },
      'external and verify do not go together',
    ],
  ] as const)('is %s', ([, options, says]) => {
    expect(() => new Rig(() => ({ uploader: 'S3' }), options as never)).toThrow(says)
  })
})
