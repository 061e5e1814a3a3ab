/**
 * What a frame costs to read. Held against `JSON.parse` of as many bytes in the same run: of one object of short texts, which is what a
 * form is as JSON. A time is never asserted, and of three tries the best counts, since others may have the machine meanwhile.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowsOf, toInput } from '../../src/forms/params.ts'
import { toEvent } from '../../src/live/event.ts'
import { decodeText } from '../../src/protocol/codec.ts'
import { readEvent } from '../../src/protocol/payloads.ts'
import { limitDefaults } from '../../src/server/limits.ts'
import { Uploads } from '../../src/upload/uploads.ts'
import { ManualTime } from '../support/manual-time.ts'
import { uploadHost } from '../support/upload-host.ts'

const mostTimes = 3
const formLimits = { maxFields: limitDefaults.maxFormFields, maxNesting: limitDefaults.maxFormNesting }
const limits = { ...limitDefaults, maxTextSize: 4 * 1024 * 1024 }

function controlOf(bytes: number): string {
  const names: string[] = []
  for (let length = 2; length < bytes;) {
    const pair = `"name${names.length}":"value${names.length}"`
    names.push(pair)
    length += pair.length + 1
  }
  return `{${names.join(',')}}`
}

/** Of the processor, in µs: while it waits for others that want it too, no time passes. */
function timeOf(run: () => unknown): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return Math.max(1, user + system)
}

/** How many times as long `run` takes; the median of several, taken in turns. */
function ratio(run: () => unknown, control: () => unknown): number {
  const times = Array.from({ length: 7 }, () => [timeOf(control), timeOf(run)] as const)
  const median = (which: 0 | 1): number => times.map((pair) => pair[which]).toSorted((a, b) => a - b)[3]!
  return median(1) / median(0)
}

function bestRatio(run: () => unknown, bytes: number, enough = mostTimes): number {
  const text = controlOf(bytes)
  let best = Infinity
  for (let tries = 0; tries < 3 && best > enough; tries++)
    best = Math.min(
      best,
      ratio(run, () => JSON.parse(text)),
    )
  return best
}

/** A frame, read as the server reads it, up to what `handleEvent` gets. */
function readForm(frame: Uint8Array): unknown {
  const decoded = decodeText(frame, limits)
  if (decoded === undefined || typeof decoded === 'string') throw new Error(`the frame was not read: ${decoded}`)
  return toEvent(readEvent(decoded.payload)!, formLimits)
}

function frameOf(value: string, target = 'a'): Uint8Array {
  const payload = { type: 'form', event: 'validate', value, meta: { _target: target } }
  return Buffer.from(JSON.stringify(['1', '2', 'lv:phx-a', 'event', payload]))
}

const MiB = 1024 * 1024
const fill = (unit: string, length = MiB): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
const fields = (count: number, field: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => field(at)).join('&')

describe('reading a form costs at most three times as much as parsing as much JSON', () => {
  it.each([
    ['of 9,999 names with 32 brackets', fields(9999, (at) => `a${at}${'[b]'.repeat(32)}`)],
    ['of one name with 32 brackets, again and again', fields(9999, () => `a${'[b]'.repeat(32)}=1`)],
    ['of names that differ in the last bracket', fields(9999, (at) => `a${'[b]'.repeat(31)}[${at}]=1`)],
    ['of long names in brackets', fields(300, (at) => `a${`[${'x'.repeat(100)}${at}]`.repeat(32)}=1`)],
    ['of deep lists', fields(9999, (at) => `a${at}${'[]'.repeat(32)}=1`)],
    ['of one deep list, again and again', fields(9999, () => `a${'[]'.repeat(32)}=1`)],
    [
      'of lists that become maps, and back',
      fields(9999, (at) => `${at % 2 === 0 ? 'a[][b]' : 'a[b][]'}=${'x'.repeat(20)}`),
    ],
    ['of spaces', fill('+', 2 * MiB)],
    ['of spaces between letters', `a=${fill('a+', 2 * MiB)}`],
    ['of spaces in many fields', fields(9999, () => `a=${'+'.repeat(100)}`)],
    ['of spaces between other letters', `a=${fill('é+')}`],
    ['of a million brackets that open', fill('[', 2 * MiB)],
    ['of a name of such', `a${fill('[', 2 * MiB)}]`],
    ['of a name of brackets', `a${fill('[]', 2 * MiB)}`],
    ['of a name of escaped brackets', `a${fill('%5B%5D', 2 * MiB)}`],
    ['of too many fields', fill('a=1&', 2 * MiB)],
    ['of separators', fill('&', 2 * MiB)],
    ['of equals signs', fill('=', 2 * MiB)],
    ['of escapes', `a=${'%41'.repeat(MiB / 2)}`],
    ['of escapes of two bytes', `a=${'%C3%A4'.repeat(MiB / 4)}`],
    ['of a broken escape at the end', `a=${'%41'.repeat(MiB / 2)}%`],
    ['of fields without a value', fields(9999, (at) => `${'a'.repeat(100)}${at}`)],
    ['of rows', fields(9999, (at) => `user%5Brows%5D%5B${at >> 3}%5D%5Bf${at & 7}%5D=hello+world+%C3%A4`)],
    ['of rows far apart', fields(9999, (at) => `a[${at * 1000}][b]=${'x'.repeat(80)}`)],
  ])('%s', (_, value) => {
    const frame = frameOf(value)
    expect(bestRatio(() => readForm(frame), frame.length)).toBeLessThan(mostTimes)
  })

  it.each([
    ['spaces', fill('+', 2 * MiB)],
    ['spaces between letters', `a=${fill('a+', 2 * MiB)}`],
    ['spaces between other letters', `a=${fill('é+')}`],
  ])('and of %s, which can be told from letters byte by byte, half of that', (_, value) => {
    const frame = frameOf(value)
    expect(bestRatio(() => readForm(frame), frame.length, mostTimes / 2)).toBeLessThan(mostTimes / 2)
  })

  it('of whatever is repeated', () => {
    const unit = fc.array(
      fc.constantFrom('a', '[', ']', '][', '[]', '[b]', '=', '&', '%5B', '%5D', '%41', '+', 'é', '0'),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(unit, (pieces) => {
        const frame = frameOf(fill(pieces.join(''), 200_000))
        expect(bestRatio(() => readForm(frame), frame.length)).toBeLessThan(mostTimes)
      }),
      { numRuns: 30 },
    )
  })

  it('with a target of brackets', () => {
    for (const target of [`a${'[b]'.repeat(300_000)}`, `a${'[]'.repeat(400_000)}`, '['.repeat(1_000_000)]) {
      const frame = frameOf('a=1', target)
      expect(bestRatio(() => readForm(frame), frame.length)).toBeLessThan(mostTimes)
    }
  })
})

describe('reading a frame of whatever else costs no more', () => {
  it.each([
    ['texts', JSON.stringify(Array.from({ length: 90_000 }, () => 'ab'))],
    ['one text', JSON.stringify(['x'.repeat(MiB)])],
    ['quotes', JSON.stringify(['"'.repeat(MiB / 2)])],
    ['quotes far apart', JSON.stringify([`${'x'.repeat(50)}"`.repeat(20_000)])],
    ['backslashes', JSON.stringify(['\\'.repeat(MiB / 2)])],
    ['spaces', `[${' '.repeat(MiB)}]`],
  ])('of %s', (_, json) => {
    const frame = Buffer.from(`["1","2","lv:a","event",${json}]`)
    expect(bestRatio(() => decodeText(frame, limits), frame.length)).toBeLessThan(mostTimes)
  })
})

describe('rows of a form', () => {
  it.each([
    ['keys to sort by', { _sort_l: Array.from({ length: 300_000 }, (_, at) => String(at)) }, 300_000],
    ['new rows', { _sort_l: Array.from({ length: 300_000 }, () => 'new') }, 300_000],
    ['keys to drop', { _drop_l: Array.from({ length: 300_000 }, (_, at) => String(at)) }, 0],
  ])('may be told by 300,000 %s', (_, params, rows) => {
    expect(rowsOf(params, 'l', undefined)).toHaveLength(rows)
    expect((toInput(params, {}) as { readonly l: unknown }).l).toHaveLength(rows)
  })

  it('take ten times as long when they are ten times as many', () => {
    const sorted = (count: number): unknown => ({
      _sort_l: Array.from({ length: count }, (_, at) => (at % 2 === 0 ? 'new' : String(at))),
    })
    const [few, many] = [sorted(2000), sorted(20_000)]
    let best = Infinity
    for (let tries = 0; tries < 3 && best > 5; tries++) {
      best = Math.min(
        best,
        ratio(
          () => rowsOf(many, 'l', undefined),
          () => Array.from({ length: 10 }, () => rowsOf(few, 'l', undefined)),
        ),
      )
    }
    // One of each of them would be a hundred times as long: ten times what ten of a tenth take.
    expect(best).toBeLessThan(5)
  })
})

describe('files that a form lists', () => {
  const claim = (at: number) => ({
    ref: `r${at}`,
    name: 'a.png',
    relativePath: '',
    size: 1,
    type: '',
    lastModified: 0,
    meta: undefined,
  })

  function uploadsOf(maxEntries: number, nextTurn: (run: () => void) => void, token = (): string => 'token'): Uploads {
    const uploads: Uploads = new Uploads(
      uploadHost(new ManualTime(), {
        ceilings: { maxMessageSize: 2 * MiB, maxUploadChannels: 1000, maxFiles: 10_000 },
        openWriter: () => Promise.reject(new Error('none is opened')),
        domId: () => 'phx-upload',
        token,
        sending: () => uploads.sending,
        nextTurn,
        report() {},
      }),
    )
    uploads.allow('photos', { maxEntries })
    return uploads
  }

  it('are read no further than the upload records them', () => {
    const read: number[] = []
    const payload = readEvent({
      type: 'form',
      event: 'validate',
      value: '',
      uploads: {
        'phx-upload': Array.from({ length: 20_000 }, (_, at) =>
          Object.defineProperty({ name: 'a.png', size: 1 }, 'ref', { get: () => (read.push(at), `r${at}`) }),
        ),
        'phx-other': [Object.defineProperty({}, 'ref', { get: () => read.push(-1) })],
      },
    })!
    const uploads = uploadsOf(3, () => {})
    for (const [ref, files] of payload.uploads) uploads.select(ref, files)
    expect(uploads.configs['photos']!.entries).toHaveLength(23)
    expect(read.length).toBeLessThan(30)
    expect(read).not.toContain(-1)
  })

  it('are granted a hundred at a time, and others have their turn between', () => {
    let turn = 0
    const signedInTurn: number[] = []
    const uploads = uploadsOf(
      1000,
      (run) => {
        turn++
        run()
      },
      () => {
        signedInTurn[turn] = (signedInTurn[turn] ?? 0) + 1
        return 'token'
      },
    )
    const steps = uploads.preflight(
      'phx-upload',
      Array.from({ length: 1000 }, (_, at) => claim(at)),
    )
    let step = steps.next()
    while (step.done !== true) step = steps.next()
    expect(Object.keys((step.value as { readonly entries: object }).entries)).toHaveLength(1000)
    expect(signedInTurn).toEqual(Array<number>(10).fill(100))
  })
})
