import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FileClaim } from '../protocol/payloads.ts'
import type { UploadEntry, UploadEntryState } from './entry.ts'
import { uploadError } from './errors.ts'
import type { Pace } from './flow.ts'
import { uploadDefaults, type UploadLimits } from './options.ts'
import {
  asksAgain,
  completed,
  configErrors,
  createUploadState,
  failed,
  isInProgress,
  moves,
  preflight,
  progressed,
  removed,
  retried,
  selectFiles,
  toConfig,
  type UploadState,
} from './state.ts'

function file(ref: string, claim: Partial<FileClaim> = {}): FileClaim {
  return {
    ref,
    name: `${ref}.png`,
    relativePath: '',
    size: 10,
    type: 'image/png',
    lastModified: 1,
    meta: null,
    ...claim,
  }
}

function stateOf(limits: Partial<UploadLimits>, ...files: readonly FileClaim[]): UploadState {
  return select(createUploadState('photos', 'phx-1', { ...uploadDefaults, ...limits }), ...files).state
}

function select(state: UploadState, ...files: readonly FileClaim[]) {
  let made = state.entries.length
  return selectFiles(state, files, () => `uuid-${made++}`)
}

const refs = (entries: readonly UploadEntry[]) => entries.map((entry) => entry.ref)
const entryOf = (state: UploadState, ref: string) => state.entries.find((entry) => entry.ref === ref)!
function grant(state: UploadState, ref: string): UploadState {
  const answer = preflight(state, [ref])
  if (!answer.ok) throw new Error('it was refused')
  return answer.state
}

const failure = uploadError('upload_failed', { reason: 'lost' })

describe('a file without a name', () => {
  it.each([
    { type: 'audio/webm;codecs=opus', accept: ['.webm'], clientName: 'blob.webm' },
    { type: 'audio/webm', accept: ['audio/*'], clientName: 'blob.webm' },
    { type: 'image/jpeg', accept: ['.jpg'], clientName: 'blob.jpg' },
    { type: 'IMAGE/PNG', accept: ['image/png'], clientName: 'blob.png' },
    { type: 'application/x-of-mine', accept: [], clientName: 'blob' },
    { type: '', accept: [], clientName: 'blob' },
  ])('as $type is called $clientName, and $accept takes it', ({ type, accept, clientName }) => {
    const { entries } = stateOf({ accept }, file('0', { name: undefined, type }))
    expect(entries).toMatchObject([{ clientName, clientType: type, valid: true }])
  })

  it('keeps the name that it was chosen with', () => {
    const chosen = stateOf({}, file('0', { name: 'song.webm' }))
    expect(select(chosen, file('0', { name: undefined })).state.entries).toMatchObject([{ clientName: 'song.webm' }])
  })
})

describe('a file whose size nobody knows', () => {
  it('is refused', () => {
    const { entries } = stateOf({}, file('0', { size: undefined }))
    expect(entries).toMatchObject([{ clientSize: 0, valid: false, errors: [{ code: 'upload_failed' }] }])
  })
})

describe('what could not be read', () => {
  it('is told, and does not keep the rest from being taken', () => {
    const next = selectFiles(
      createUploadState('photos', 'phx-1', uploadDefaults),
      [{ leftOut: 'a file without a ref' }, file('0', { leftOut: 'the meta of a file' })],
      () => 'uuid',
    )
    expect([...next.leftOut]).toEqual(['a file without a ref', 'the meta of a file'])
    expect(refs(next.state.entries)).toEqual(['0'])
  })
})

describe('choosing files', () => {
  it('makes an entry of each, with what the browser claims', () => {
    const claim = file('0', { relativePath: 'a/0.png', meta: { n: 1 } })
    expect(stateOf({}, claim).entries).toEqual([
      {
        ref: '0',
        uuid: 'uuid-0',
        clientName: '0.png',
        clientType: 'image/png',
        clientSize: 10,
        clientRelativePath: 'a/0.png',
        clientLastModified: 1,
        clientMeta: { n: 1 },
        state: 'waiting',
        progress: 0,
        rate: 0,
        remaining: undefined,
        retries: 0,
        preflighted: false,
        done: false,
        failed: false,
        cancelled: false,
        valid: true,
        errors: [],
      },
    ])
  })

  it.each([
    { name: 'an empty file', claim: { size: 0 }, code: 'empty_file', data: {} },
    { name: 'a byte too many', claim: { size: 101 }, code: 'too_large', data: { clientSize: 101, maxFileSize: 100 } },
    {
      name: 'a byte too few',
      claim: { size: 4 },
      code: 'too_small',
      data: { clientSize: 4, minFileSize: 5 },
    },
    {
      name: 'another type',
      claim: { name: 'a.txt', type: 'text/plain' },
      code: 'not_accepted',
      data: { clientName: 'a.txt', clientType: 'text/plain', accept: ['.png'] },
    },
    {
      name: 'too large and of another type',
      claim: { size: 101, name: 'a.txt', type: 'text/plain' },
      code: 'too_large',
      data: { clientSize: 101, maxFileSize: 100 },
    },
  ])('refuses $name', ({ claim, code, data }) => {
    const state = stateOf({ accept: ['.png'], maxFileSize: 100, minFileSize: 5 }, file('0', claim))
    expect(state.entries[0]).toMatchObject({ valid: false, errors: [{ code, data }] })
    expect(isInProgress(state.entries[0]!)).toBe(false)
  })

  it('takes a file of exactly the size allowed', () => {
    expect(stateOf({ maxFileSize: 100 }, file('0', { size: 100 })).entries[0]!.valid).toBe(true)
    expect(stateOf({ minFileSize: 5 }, file('0', { size: 5 })).entries[0]!.valid).toBe(true)
  })

  it('takes an empty file where no byte is asked for', () => {
    const state = stateOf({ minFileSize: 0 }, file('0', { size: 0 }))
    expect(state.entries).toMatchObject([{ valid: true, progress: 0, clientSize: 0 }])
    expect(progressed(state, '0', 0).entries).toMatchObject([{ progress: 100, done: false }])
    expect(completed(state, '0', 'e3b0').entries).toMatchObject([{ progress: 100, done: true, sha256: 'e3b0' }])
  })

  it('keeps long names and paths to a length', () => {
    const claim = file('0', { name: 'x'.repeat(10_000), relativePath: 'y/'.repeat(10_000) })
    const [entry] = stateOf({}, claim).entries
    expect(entry!.clientName).toHaveLength(1024)
    expect(entry!.clientRelativePath).toHaveLength(4096)
  })

  it('leaves known entries as they are, listed or not', () => {
    const before = progressed(stateOf({ maxEntries: 3 }, file('0'), file('1')), '0', 5)
    const { state, replaced } = select(before, file('1', { size: 9999, name: 'other' }), file('2'))
    expect(refs(state.entries)).toEqual(['0', '1', '2'])
    expect(state.entries.slice(0, 2)).toEqual(before.entries)
    expect(replaced).toEqual([])
  })

  it('takes a ref that is listed twice once', () => {
    expect(refs(stateOf({ maxEntries: 3 }, file('0'), file('0')).entries)).toEqual(['0'])
  })
})

describe('with one entry allowed', () => {
  const chosen = stateOf({}, file('0'))

  it.each([
    { name: 'waiting', before: chosen },
    { name: 'running', before: progressed(chosen, '0', 5) },
    { name: 'done', before: completed(chosen, '0') },
    { name: 'failed', before: failed(chosen, '0', failure) },
    { name: 'refused', before: stateOf({ maxFileSize: 5 }, file('0')) },
  ])('one new file replaces the $name entry', ({ before }) => {
    const { state, replaced } = select(before, file('1'))
    expect(refs(state.entries)).toEqual(['1'])
    expect(replaced).toEqual(before.entries)
  })

  it('the same file again replaces nothing', () => {
    const { state, replaced } = select(chosen, file('0'))
    expect(state.entries).toEqual(chosen.entries)
    expect(replaced).toEqual([])
  })

  it('two new files replace nothing, and are too many', () => {
    const { state, replaced } = select(chosen, file('1'), file('2'))
    expect(refs(state.entries)).toEqual(['0', '1', '2'])
    expect(replaced).toEqual([])
    expect(configErrors(state)).toMatchObject([{ code: 'too_many_files', data: { maxEntries: 1, count: 3 } }])
  })

  it('the old file and a new one replace nothing', () => {
    expect(select(chosen, file('0'), file('1')).replaced).toEqual([])
  })
})

describe('more files than allowed', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => file(String(at)))

  it.each([
    { maxEntries: 1, chosen: 100, listed: 21 },
    { maxEntries: 3, chosen: 100, listed: 23 },
    { maxEntries: 20, chosen: 100, listed: 40 },
    { maxEntries: 50, chosen: 200, listed: 100 },
    { maxEntries: 50, chosen: 60, listed: 60 },
  ])('of $chosen with $maxEntries allowed $listed are listed', ({ maxEntries, chosen, listed }) => {
    const state = stateOf({ maxEntries }, ...many(chosen))
    expect(state.entries).toHaveLength(listed)
    expect(configErrors(state)).toMatchObject([{ code: 'too_many_files', data: { maxEntries, count: listed } }])
  })

  it('are an error until the count fits again', () => {
    const state = stateOf({ maxEntries: 2 }, ...many(3))
    expect(configErrors(state)).toHaveLength(1)
    expect(configErrors(removed(state, '1', false))).toEqual([])
    expect(configErrors(removed(state, '1', true))).toEqual([])
  })

  it('count those consumed before in mode total', () => {
    let state = stateOf({ maxEntries: 2, maxEntriesMode: 'total' }, file('0'))
    state = removed(completed(state, '0'), '0', true)
    state = select(state, file('1')).state
    expect(configErrors(state)).toEqual([])
    state = select(state, file('2')).state
    expect(configErrors(state)).toHaveLength(1)
    expect(preflight(removed(state, '2', false), ['1'])).toMatchObject({ ok: true, granted: [{ ref: '1' }] })
  })

  it('do not count cancelled ones in mode total', () => {
    const state = removed(stateOf({ maxEntries: 1, maxEntriesMode: 'total' }, file('0')), '0', false)
    expect(configErrors(select(state, file('1')).state)).toEqual([])
  })

  it('are always too many when all were consumed in mode total', () => {
    const state = removed(stateOf({ maxEntries: 1, maxEntriesMode: 'total' }, file('0')), '0', true)
    expect(configErrors(select(state, file('1')).state)).toHaveLength(1)
  })
})

describe('a preflight with the form', () => {
  it('grants what is asked for', () => {
    const state = stateOf({ maxEntries: 3 }, file('0'), file('1'), file('2'))
    const answer = preflight(state, ['2', '0'])
    expect(answer).toMatchObject({ ok: true, errors: {} })
    if (!answer.ok) return
    expect(refs(answer.granted)).toEqual(['0', '2'])
    expect(answer.state.entries.map((entry) => entry.preflighted)).toEqual([true, false, true])
  })

  it('is refused as a whole when an entry is not there any more', () => {
    const state = removed(stateOf({ maxEntries: 3 }, file('0'), file('1')), '0', false)
    expect(preflight(state, ['0', '1'])).toEqual({ ok: false, refused: [[state.ref, 'cancelled']] })
    // With automatic upload each entry stands for itself.
    const auto = removed(stateOf({ maxEntries: 3, autoUpload: true }, file('0'), file('1')), '0', false)
    const answer = preflight(auto, ['0', '1'])
    expect(answer.ok && refs(answer.granted)).toEqual(['1'])
  })

  it('grants an entry once', () => {
    const first = preflight(stateOf({}, file('0')), ['0'])
    expect(first.ok && preflight(first.state, ['0'])).toMatchObject({ ok: true, granted: [], errors: {} })
  })

  it.each([
    {
      name: 'one is refused',
      state: stateOf({ maxEntries: 2, maxFileSize: 10 }, file('0'), file('1', { size: 11 })),
      refused: [['1', 'too_large']],
    },
    {
      name: 'there are too many',
      state: stateOf({ maxEntries: 2 }, file('0'), file('1'), file('2')),
      refused: [['phx-1', 'too_many_files']],
    },
    {
      name: 'one has failed',
      state: failed(stateOf({ maxEntries: 2 }, file('0'), file('1')), '0', failure),
      refused: [['0', 'upload_failed']],
    },
    {
      name: 'everything is wrong',
      state: stateOf({ maxFileSize: 5 }, file('0'), file('1')),
      refused: [
        ['phx-1', 'too_many_files'],
        ['0', 'too_large'],
        ['1', 'too_large'],
      ],
    },
  ])('grants nothing when $name', ({ state, refused }) => {
    expect(preflight(state, refs(state.entries))).toEqual({ ok: false, refused })
  })
})

describe('a preflight with autoUpload', () => {
  it('leaves out the refused, with their codes', () => {
    const state = stateOf(
      { maxEntries: 3, maxFileSize: 10, autoUpload: true },
      file('0'),
      file('1', { size: 11 }),
      file('2'),
    )
    const answer = preflight(state, ['0', '1', '2'])
    expect(answer).toMatchObject({ ok: true, errors: { 1: ['too_large'] } })
    if (!answer.ok) return
    expect(refs(answer.granted)).toEqual(['0', '2'])
    expect(answer.state.entries.map((entry) => entry.preflighted)).toEqual([true, true, true])
  })

  it('leaves out those past the limit, which may go once there is room', () => {
    const state = stateOf({ maxEntries: 2, autoUpload: true }, file('0'), file('1'), file('2'))
    const answer = preflight(state, ['0', '1', '2'])
    expect(answer.ok && refs(answer.granted)).toEqual(['0', '1'])
    if (!answer.ok) return
    expect(entryOf(answer.state, '2').preflighted).toBe(false)
    const later = preflight(removed(completed(answer.state, '0'), '0', true), ['2'])
    expect(later.ok && refs(later.granted)).toEqual(['2'])
  })

  it('leaves out failed entries', () => {
    const state = failed(stateOf({ autoUpload: true }, file('0')), '0', failure)
    expect(preflight(state, ['0'])).toMatchObject({ ok: true, granted: [], errors: { 0: ['upload_failed'] } })
  })
})

describe('an entry', () => {
  const chosen = stateOf({}, file('0', { size: 3 }))

  it.each([
    { received: 0, progress: 0 },
    { received: 1, progress: 33 },
    { received: 2, progress: 66 },
    { received: 3, progress: 100 },
  ])('with $received of 3 bytes is at $progress %, and not done', ({ received, progress }) => {
    expect(entryOf(progressed(chosen, '0', received), '0')).toMatchObject({ progress, done: false })
  })

  it('is done when it is complete', () => {
    const entry = entryOf(completed(chosen, '0'), '0')
    expect(entry).toMatchObject({ progress: 100, done: true })
    expect(isInProgress(entry)).toBe(false)
  })

  it('stays listed when it failed, with its error', () => {
    const entry = entryOf(failed(progressed(chosen, '0', 1), '0', failure), '0')
    expect(entry).toMatchObject({ progress: 33, done: false, failed: true, errors: [failure] })
    expect(isInProgress(entry)).toBe(false)
  })

  it('is counted as consumed only when it was', () => {
    expect(removed(chosen, '0', true)).toMatchObject({ entries: [], consumed: 1 })
    expect(removed(chosen, '0', false)).toMatchObject({ entries: [], consumed: 0 })
  })
})

describe('where an entry stands', () => {
  const sends: Pace = { rate: 1000, remaining: 5 }
  type Step = (state: UploadState) => UploadState
  const granted: Step = (state) => grant(state, '0')
  const sending: Step = (state) => progressed(granted(state), '0', 5, sends)
  const to =
    (how: 'queued' | 'sending' | 'paused' | 'stalled', from: Step): Step =>
    (state) =>
      moves(from(state), '0', how)

  it.each<{
    what: string
    run: Step
    state: UploadEntryState
    rate?: number
    remaining?: number | undefined
    progress?: number
  }>([
    { what: 'chosen', run: (state) => state, state: 'waiting' },
    { what: 'allowed to be sent', run: granted, state: 'queued' },
    { what: 'begun', run: to('sending', granted), state: 'sending' },
    { what: 'half there', run: sending, state: 'sending', ...sends, progress: 50 },
    { what: 'paused', run: to('paused', sending), state: 'paused', progress: 50 },
    {
      what: 'written to behind its pause',
      run: (state) => progressed(to('paused', sending)(state), '0', 6, sends),
      state: 'paused',
      progress: 60,
    },
    { what: 'resumed', run: to('queued', to('paused', sending)), state: 'queued', progress: 50 },
    { what: 'stalled', run: to('stalled', sending), state: 'stalled', progress: 50 },
    {
      what: 'going on again',
      run: (state) => progressed(to('stalled', sending)(state), '0', 6, sends),
      state: 'sending',
      ...sends,
      progress: 60,
    },
    { what: 'asked for again', run: (state) => asksAgain(sending(state), '0'), state: 'waiting' },
    { what: 'stored', run: (state) => completed(sending(state), '0'), state: 'done', remaining: 0, progress: 100 },
    { what: 'failed', run: (state) => failed(sending(state), '0', failure), state: 'failed', progress: 50 },
    { what: 'begun anew', run: (state) => retried(failed(sending(state), '0', failure), '0'), state: 'queued' },
    {
      what: 'begun anew, without leave',
      run: (state) => retried(failed(state, '0', failure), '0'),
      state: 'waiting',
    },
    { what: 'paused before it may be sent', run: to('paused', (state) => state), state: 'waiting' },
    {
      what: 'paused when it is there',
      run: to('paused', (state) => completed(sending(state), '0')),
      state: 'done',
      remaining: 0,
      progress: 100,
    },
    {
      what: 'stalled when it has failed',
      run: to('stalled', (state) => failed(granted(state), '0', failure)),
      state: 'failed',
    },
  ])('$what: $state', ({ run, state, rate = 0, remaining, progress = 0 }) => {
    const entry = entryOf(run(stateOf({}, file('0'))), '0')
    expect(entry).toMatchObject({ state, rate, remaining, progress })
  })

  it('refused: it was never taken', () => {
    const entry = entryOf(stateOf({ accept: ['.txt'] }, file('0')), '0')
    expect(entry).toMatchObject({ state: 'refused', valid: false, rate: 0, remaining: undefined })
  })

  it('counts how often it began anew, without its errors', () => {
    let state = grant(stateOf({}, file('0')), '0')
    for (const retries of [1, 2]) {
      state = retried(failed(state, '0', failure), '0')
      expect(entryOf(state, '0')).toMatchObject({ retries, errors: [], failed: false })
    }
  })
})

describe('the progress of all', () => {
  const big = { size: 30 }
  it.each<{ what: string; run: (state: UploadState) => UploadState; progress: number }>([
    { what: 'nothing sent', run: (state) => state, progress: 0 },
    { what: 'the small one there', run: (state) => completed(state, '0'), progress: 25 },
    { what: 'half of the big one there', run: (state) => progressed(state, '1', 15), progress: 37 },
    { what: 'all there', run: (state) => completed(completed(state, '0'), '1'), progress: 100 },
    { what: 'all written, one not closed', run: (state) => progressed(completed(state, '0'), '1', 30), progress: 99 },
    { what: 'the other has failed', run: (state) => failed(completed(state, '0'), '1', failure), progress: 100 },
    { what: 'both have failed', run: (state) => failed(failed(state, '0', failure), '1', failure), progress: 0 },
    { what: 'the other was removed', run: (state) => removed(completed(state, '0'), '1', false), progress: 100 },
    { what: 'none left', run: (state) => removed(removed(state, '0', true), '1', true), progress: 0 },
  ])('$what: $progress %', ({ run, progress }) => {
    const state = stateOf({ accept: ['.png'], maxEntries: 3 }, file('0'), file('1', big), file('2', { name: 'a.txt' }))
    expect(toConfig(run(state)).progress).toBe(progress)
  })
})

describe('a config', () => {
  it('is what the render sees, and nobody can change', () => {
    const config = toConfig(stateOf({ accept: ['.png'], maxEntries: 2 }, file('0')))
    expect(config).toMatchObject({
      name: 'photos',
      ref: 'phx-1',
      accept: ['.png'],
      maxEntries: 2,
      maxFileSize: 10 * 1024 * 1024,
      autoUpload: false,
      maxEntriesMode: 'selected',
      errors: [],
    })
    expect(() => Object.assign(config, { name: 'other' })).toThrow(TypeError)
  })
})

describe('whatever a browser does', () => {
  type Step = (state: UploadState) => UploadState
  const ref = fc.constantFrom('0', '1', '2', '3', '4')
  const claim = fc.record({ ref, size: fc.integer({ min: 0, max: 20 }), name: fc.constantFrom('a.png', 'a.txt') })
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.array(claim, { maxLength: 6 }).map(
      (claims): Step =>
        (state) =>
          select(state, ...claims.map((each) => file(each.ref, { ...each, type: '' }))).state,
    ),
    fc.array(ref).map((asked): Step => (state) => {
      const answer = preflight(state, asked)
      return answer.ok ? answer.state : state
    }),
    // As `uploads.ts` calls them: of entries that are on their way.
    fc
      .tuple(ref, fc.constantFrom<'completed' | 'progressed' | 'asksAgain'>('completed', 'progressed', 'asksAgain'))
      .map(([at, what]): Step => (state) => {
        const entry = state.entries.find((candidate) => candidate.ref === at)
        if (entry === undefined || !entry.preflighted || !isInProgress(entry)) return state
        if (what === 'progressed') return progressed(state, at, 1, { rate: 10, remaining: 10 })
        return what === 'completed' ? completed(state, at) : asksAgain(state, at)
      }),
    fc
      .tuple(
        ref,
        fc.constantFrom<'queued' | 'sending' | 'paused' | 'stalled'>('queued', 'sending', 'paused', 'stalled'),
      )
      .map(
        ([at, how]): Step =>
          (state) =>
            moves(state, at, how),
      ),
    ref.map((at): Step => (state) => {
      const entry = state.entries.find((candidate) => candidate.ref === at)
      return entry?.failed === true ? retried(state, at) : state
    }),
    ref.map(
      (at): Step =>
        (state) =>
          state.entries.some((entry) => entry.ref === at && isInProgress(entry)) ? failed(state, at, failure) : state,
    ),
    fc.tuple(ref, fc.boolean()).map(
      ([at, consumed]): Step =>
        (state) =>
          removed(state, at, consumed),
    ),
  )
  const limits = fc.record({
    maxEntries: fc.integer({ min: 1, max: 3 }),
    maxEntriesMode: fc.constantFrom<'selected' | 'total'>('selected', 'total'),
    autoUpload: fc.boolean(),
    maxFileSize: fc.constant(10),
    accept: fc.constant(['.png']),
  })

  it('the state of an entry is what its booleans say, and only what is sent has a rate', () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 20 }), (given, steps) => {
        let state = stateOf(given)
        for (const next of steps) {
          state = next(state)
          for (const entry of state.entries) {
            expect(allowedStates(entry)).toContain(entry.state)
            expect(entry.rate === 0 || entry.state === 'sending').toBe(true)
            expect(entry.remaining === undefined || entry.state === 'sending' || entry.done).toBe(true)
          }
          const { entries, progress } = toConfig(state)
          const counted = entries.filter((entry) => entry.valid && !entry.failed)
          expect(progress === 100).toBe(counted.length > 0 && counted.every((entry) => entry.done))
        }
      }),
    )
  })

  it('refs are unique, refused files are never granted, and the list is finite', () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 12 }), (given, steps) => {
        let state = stateOf(given)
        for (const next of steps) {
          const before = state
          state = next(before)
          expect(new Set(refs(state.entries)).size).toBe(state.entries.length)
          expect(state.entries.length).toBeLessThanOrEqual(given.maxEntries + 20)
          const answer = preflight(state, refs(state.entries))
          if (!answer.ok) continue
          expect(answer.granted.length).toBeLessThanOrEqual(given.maxEntries)
          for (const entry of answer.granted) expect(entry).toMatchObject({ valid: true, failed: false, errors: [] })
        }
      }),
    )
  })
})

function allowedStates({ valid, failed, done, preflighted }: UploadEntry): readonly UploadEntryState[] {
  if (!valid) return ['refused']
  if (failed) return ['failed']
  if (done) return ['done']
  return preflighted ? ['queued', 'sending', 'paused', 'stalled'] : ['waiting']
}
