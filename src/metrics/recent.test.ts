import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Recent } from './recent.ts'

const second = 1000

it('a quantile is right to a few percent', () => {
  const seconds = fc.array(fc.double({ min: 1e-4, max: 900, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(seconds, (values) => {
      const recent = new Recent(() => 0)
      for (const value of values) recent.add(value)
      const sorted = values.toSorted((one, next) => one - next)
      const { p50, p99 } = recent.quantiles()
      for (const [part, found] of [
        [0.5, p50],
        [0.99, p99],
      ] as const) {
        const right = sorted[Math.ceil(sorted.length * part) - 1]!
        expect(Math.abs(found - right) / right).toBeLessThan(0.06)
      }
    }),
  )
})

it('what was seen a minute ago is forgotten, and what was seen half a minute ago is not', () => {
  let now = 0
  const recent = new Recent(() => now)
  recent.add(1)
  now = 31 * second
  recent.add(0.01)
  expect(recent.quantiles().p99).toBeGreaterThan(0.9)
  now = 61 * second
  expect(recent.quantiles().p99).toBeLessThan(0.011)
  now = 500 * second
  expect(recent.quantiles()).toEqual({ p50: 0, p99: 0 })
})

it('whatever it is given, it has a number', () => {
  const recent = new Recent(() => 0)
  for (const value of [0, -1, NaN, 1e-9]) recent.add(value)
  expect(recent.quantiles()).toEqual({ p50: 0, p99: 0 })
  recent.add(Infinity)
  recent.add(1e9)
  expect(recent.quantiles().p99).toBeGreaterThan(900)
})
