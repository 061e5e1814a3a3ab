import { describe, expect, it } from 'vitest'
import { Restless } from './restless.ts'

describe('a view that waits for its turn', () => {
  it.each([
    { name: 'once', times: [0], restless: false },
    { name: 'again and again, for less than seconds', times: range(0, 1990, 10), restless: false },
    { name: 'again and again, for seconds', times: range(0, 2000, 10), restless: true },
    { name: 'for seconds, with a pause', times: [...range(0, 1500, 10), ...range(1700, 3500, 10)], restless: false },
    { name: 'now and then, for long', times: range(0, 100_000, 101), restless: false },
  ])('$name: is restless $restless', ({ times, restless }) => {
    const watch = new Restless()
    expect(times.map((now) => watch.waits(now)).at(-1)).toBe(restless)
  })
})

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, at) => from + at * step)
}
