import { expect, it } from 'vitest'
import { type AwaitedFile, readAwaited, writeAwaited } from './file-handles.ts'

const files: readonly AwaitedFile[] = [
  ['a "b" <c>.png', 0, 0],
  ['ü.png', Number.MAX_SAFE_INTEGER, 1_795_904_480_836],
]

it('says which files wait, and reads it back', () => {
  expect(readAwaited(writeAwaited(files)!)).toEqual(files)
})

it('says nothing of none', () => {
  expect(writeAwaited([])).toBeUndefined()
  expect(readAwaited('')).toEqual([])
})

it('says no more than an attribute should hold: the first of them', () => {
  const name = (at: number): string => `${at}`.padStart(1024, 'x')
  const many = Array.from({ length: 10_000 }, (_, at): AwaitedFile => [name(at), at, at])
  const said = writeAwaited(many)!
  expect(said.length).toBeLessThan(17 * 1024)
  expect(readAwaited(said)).toEqual(many.slice(0, 15))
})
