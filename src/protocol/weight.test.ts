import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { isHeavier, weightOf } from './weight.ts'

v8.setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const count = 100_000
const many = (make: (at: number) => unknown): string =>
  JSON.stringify(Array.from({ length: count }, (_, at) => make(at)))

/** What stays on the heap of a parsed text. What else is let go of meanwhile would make it less: the middle of three counts. */
function heapOf(json: string): number {
  return [measure(json), measure(json), measure(json)].toSorted((one, other) => one - other)[1]!
}

function measure(json: string): number {
  const held: unknown[] = []
  collect()
  const before = process.memoryUsage().heapUsed
  held.push(JSON.parse(json))
  collect()
  const after = process.memoryUsage().heapUsed
  expect(held).toHaveLength(1)
  return after - before
}

describe('the weight of', () => {
  it.each([
    ['empty objects', many(() => ({}))],
    ['empty lists', many(() => [])],
    ['numbers', many((at) => at)],
    ['fractions', many(() => 1.5)],
    ['nulls', many(() => null)],
    ['short texts', many((at) => `t${at}`)],
    ['texts of other letters', many((at) => `日本語日本語${at}`)],
    ['one long text', JSON.stringify(['x'.repeat(2_000_000)])],
    ['rows', many((at) => ({ name: `n${at}`, value: at }))],
    ['objects that are all different', many((at) => ({ [`k${at}`]: 1 }))],
    [
      'an object of many names',
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]))),
    ],
    [
      'an object of many numbers',
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [at * 1000, at]))),
    ],
    ['lists in lists', '['.repeat(count) + ']'.repeat(count)],
    ['objects in objects', `${'{"a":'.repeat(count)}1${'}'.repeat(count)}`],
    ['objects of all kinds', many((at) => ({ id: at, tags: ['a', 'b'], user: { name: `u${at}`, on: true }, f: 1.5 }))],
  ])('%s is near what they take on the heap', (_, json) => {
    const heap = heapOf(json)
    const weight = weightOf(JSON.parse(json))
    expect(weight).toBeGreaterThan(heap / 2)
    expect(weight).toBeLessThan(heap * 3)
  })

  it('bytes is that of all that their view keeps', () => {
    expect(weightOf(new Uint8Array(1000).subarray(0, 1))).toBeGreaterThan(1000)
  })
})

it('what is heavier than a bound is not looked at any further', () => {
  let looked = 0
  const counting = (): unknown => Object.defineProperty({}, 'x', { enumerable: true, get: () => looked++ })
  expect(isHeavier(Array.from({ length: 1000 }, counting), 1_000_000)).toBe(false)
  expect(looked).toBe(1000)
  looked = 0
  expect(isHeavier([counting(), counting(), counting(), counting()], 300)).toBe(true)
  expect(looked).toBeLessThan(4)
})
