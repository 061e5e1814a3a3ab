import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { isForeign, traceOf } from './stack.ts'

const folder = mkdtempSync(join(tmpdir(), 'stack-test-'))
const file = join(folder, 'view.ts')
writeFileSync(file, Array.from({ length: 20 }, (_, at) => `line ${at + 1}`).join('\n'))
afterAll(() => rmSync(folder, { recursive: true }))

function errorAt(...frames: string[]): Error {
  return Object.assign(new Error('broken'), {
    stack: ['Error: broken', ...frames].map((line) => `    ${line}`).join('\n'),
  })
}

describe('where an error came from', () => {
  it.each([
    ['a path', `at handleEvent (${file}:9:3)`],
    ['a path without a function', `at ${file}:9:3`],
    ['an address', `at handleEvent (${pathToFileURL(file).href}:9:3)`],
    ['an address with a query', `at async handleEvent (${pathToFileURL(file).href}?t=1:9:3)`],
  ])('is read from %s', (_, frame) => {
    const { excerpt } = traceOf(errorAt('at Array.map (<anonymous>)', 'at run (node:internal/x:1:1)', frame), folder)
    expect(excerpt).toMatchObject({ file: 'view.ts', line: 9, from: 4 })
    expect(excerpt!.lines).toEqual(Array.from({ length: 11 }, (_, at) => `line ${at + 4}`))
  })

  it.each([
    [1, 1, 6],
    [20, 15, 6],
  ])('shows what there is around line %i', (line, from, count) => {
    const { excerpt } = traceOf(errorAt(`at view (${file}:${line}:1)`), folder)
    expect([excerpt!.from, excerpt!.lines.length]).toEqual([from, count])
  })

  it.each([
    ['a file that has gone', `at view (${join(folder, 'gone.ts')}:1:1)`],
    ['a line past the end', `at view (${file}:21:1)`],
    ['a folder', `at view (${folder}:1:1)`],
    ['no file', 'at view (native)'],
  ])('shows no source for %s', (_, frame) => {
    expect(traceOf(errorAt(frame), folder).excerpt).toBeUndefined()
  })

  it.each([['text'], [undefined], [{ message: 'x' }]])('knows nothing of %j', (thrown) => {
    expect(traceOf(thrown)).toEqual({ frames: [], excerpt: undefined })
  })

  it('tells lines of the application from those of others', () => {
    const { frames } = traceOf(errorAt(`at view (${file}:1:1)`, 'at run (node:internal/x:1:1)'), folder)
    expect(frames).toEqual([
      { text: `at view (${file}:1:1)`, own: true },
      { text: 'at run (node:internal/x:1:1)', own: false },
    ])
  })
})

it.each([
  ['at x (/app/node_modules/zod/index.js:1:1)', true],
  ['at x (node:events:1:1)', true],
  ['at Array.map (<anonymous>)', true],
  [`at render (${fileURLToPath(new URL('../../live/part.ts', import.meta.url))}:1:1)`, true],
  [`at render (${new URL('../../live/part.ts', import.meta.url).href}:1:1)`, true],
  [`at render (${fileURLToPath(new URL('../../../dist/live/part.js', import.meta.url))}:1:1)`, true],
  [`at x (${fileURLToPath(new URL('../../../examples/app.ts', import.meta.url))}:1:1)`, false],
  ['at x (/app/src/view.ts:1:1)', false],
])('%s is foreign: %s', (frame, expected) => {
  expect(isForeign(frame)).toBe(expected)
})
