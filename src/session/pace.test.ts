import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pace } from './pace.ts'

/** When each of the renders that are wanted `at` these times goes out; one that is wanted while another waits goes with it. */
function rendersOf(at: readonly number[]): number[] {
  const pace = new Pace()
  const renders: number[] = []
  for (const now of at) {
    if (now <= (renders.at(-1) ?? -1)) continue
    const time = now + pace.wait(now)
    pace.rendered(time)
    renders.push(time)
  }
  return renders
}

const everyMs = (count: number): number[] => Array.from({ length: count }, (_, at) => 1_000_000 + at)

describe('the pace of a view', () => {
  it('lets a lone change go at once, and the first ten of a flood', () => {
    expect(rendersOf(everyMs(10))).toEqual(everyMs(10))
  })

  it('renders a flood of a thousand changes in a second about as often as a screen does', () => {
    const renders = rendersOf(everyMs(1000))
    expect(renders.length).toBeGreaterThan(60)
    expect(renders.length).toBeLessThan(80)
  })

  it('is as it was after a rest', () => {
    const later = everyMs(10).map((at) => at + 2000)
    expect(rendersOf([...everyMs(1000), ...later]).slice(-10)).toEqual(later)
  })

  it('never makes a change wait longer than one picture, also when the clock is set back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -10_000, max: 50 }), { maxLength: 60 }), (steps) => {
        const pace = new Pace()
        let now = 1_000_000
        for (const step of steps) {
          now += step
          const wait = pace.wait(now)
          expect(wait).toBeGreaterThanOrEqual(0)
          expect(wait).toBeLessThanOrEqual(16)
          pace.rendered(now)
        }
      }),
    )
  })
})
