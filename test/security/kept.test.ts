/** What is kept of a frame is no more than it is: a piece of a text would keep all of it. */
import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { describeClaim } from '../../src/errors.ts'
import { decodeForm, type FormValues, targetPath } from '../../src/forms/decode.ts'
import { copyOf, ownText } from '../../src/protocol/own-text.ts'
import { readEvent, readProgress } from '../../src/protocol/payloads.ts'
import { createUploadState, selectFiles, type UploadState } from '../../src/upload/state.ts'
import { resolveUploadOptions } from '../../src/upload/options.ts'

v8.setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const MiB = 1024 * 1024
const many = 30
const long = (at: number): string => `${at}${'x'.repeat(MiB)}`
/** As a frame brings it. */
const parsed = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Bytes of the heap for each of what `keep` keeps. */
function keptBytes(keep: (at: number) => unknown): number {
  const kept: unknown[] = []
  keep(0)
  collect()
  const before = process.memoryUsage().heapUsed
  for (let at = 0; at < many; at++) kept.push(keep(at))
  collect()
  const bytes = (process.memoryUsage().heapUsed - before) / many
  expect(kept).toHaveLength(many)
  return bytes
}

const state = createUploadState('photos', 'phx-a', {
  ...resolveUploadOptions(
    'photos',
    { accept: ['.png'] },
    { maxMessageSize: 2 * MiB, maxUploadChannels: 1000, maxFiles: 10_000 },
  ),
})

function select(claim: object): UploadState {
  const payload = { event: 'validate', uploads: { 'phx-a': [{ ref: '0', name: 'a.png', size: 1, ...claim }] } }
  const { uploads } = readEvent(parsed(payload))!
  return selectFiles(state, uploads.get('phx-a')!, () => 'uuid').state
}

const valuesOf = (text: string): FormValues => {
  const form = decodeForm(text, { maxFields: 100, maxNesting: 32 })
  if (!form.ok) throw new Error(form.reason)
  return form.values
}

describe('of a frame of 1 MiB little is kept by', () => {
  it.each<[string, (at: number) => unknown]>([
    ['the name of a file', (at) => select({ name: long(at) })],
    ['its type', (at) => select({ type: long(at) })],
    ['its path', (at) => select({ relative_path: long(at) })],
    ['its meta', (at) => select({ meta: { note: long(at) } })],
    ['a meta of many values', () => select({ meta: Array.from({ length: 1300 }, () => ({})) })],
    [
      'the reason of a failure',
      (at) => readProgress(parsed({ ref: '0', entry_ref: '0', progress: { error: long(at) } })),
    ],
    [
      'a reason that is an object',
      (at) => readProgress(parsed({ ref: '0', entry_ref: '0', progress: { error: { why: long(at) } } })),
    ],
    ['one field of a form', (at) => valuesOf(parsed(`name=a+name+of+some+letters&text=${long(at)}`))['name']],
    [
      'one field with escapes',
      (at) => valuesOf(parsed(`name=a%20name%20of%20some%20letters&text=${long(at)}`))['name'],
    ],
    ['one plain field', (at) => valuesOf(parsed(`text=${long(at)}&name=anameofsomeletters`))['name']],
    [
      'a group of a form',
      (at) => valuesOf(parsed(`text=${long(at)}&a_group_of_a_form[a_field_of_the_group]=1`))['a_group_of_a_form'],
    ],
    [
      'a name in a target',
      (at) => targetPath(parsed(`a_group_of_a_form[a_field_of_the_group][${long(at)}]`), 32)!.slice(0, 2),
    ],
    ['an error that names it', (at) => new Error(describeClaim(parsed(long(at))))],
  ])('%s', (_, keep) => {
    expect(keptBytes(keep)).toBeLessThan(50_000)
  })

  it('and such a measure would find what keeps it', () => {
    expect(keptBytes((at) => parsed(long(at)).slice(0, 1024))).toBeGreaterThan(MiB / 2)
  })
})

describe('a text of its own', () => {
  it.each([
    ['', 3, ''],
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['日本語', 2, '日本'],
    // A cut may go through a character, as any slice may.
    ['a😀', 2, 'a\ud83d'],
  ])('of %j is at most %i characters: %j', (text, max, own) => {
    expect(ownText(text, max)).toBe(own)
    expect(copyOf(text)).toBe(text)
  })
})
