import { expect, it } from 'vitest'
import { readMessage } from './wire.ts'

const state = { kind: 'state', from: 'a', version: 1, part: 0, parts: 1, entries: [] }

it('reads a state', () => {
  expect(readMessage(state)).toEqual(state)
})

it.each([
  ['more parts than a process can hold', { parts: 1e9 }],
  ['half a part', { part: 0.5, parts: 2 }],
  ['a part behind the last', { part: 1 }],
  ['a version that nobody can count to', { version: 1e300 }],
  ['entries that are none', { entries: [null] }],
])('leaves a state of %s', (_, wrong) => {
  expect(readMessage({ ...state, ...wrong })).toBeUndefined()
})
