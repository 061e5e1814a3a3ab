import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { resolveWorkers } from './options.ts'

describe('workers of serve', () => {
  it('takes a number of them, all cores, or none', () => {
    expect(resolveWorkers(3)).toBe(3)
    expect(resolveWorkers('auto')).toBe(availableParallelism())
    expect(resolveWorkers(undefined)).toBeUndefined()
  })

  it.each([0, -1, 1.5, Number.NaN, '2', 'all', null, true])('refuses %j', (workers) => {
    expect(() => resolveWorkers(workers)).toThrow(/serve: workers must be a positive integer or 'auto', got /)
  })
})
