import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startTimer } from './timer.ts'

const day = 24 * 60 * 60 * 1000
const fired: number[] = []
const start = 1_700_000_000_000
const fire = (): void => void fired.push(Date.now() - start)

beforeEach(() => {
  fired.length = 0
  vi.useFakeTimers({ now: start })
})
afterEach(() => vi.useRealTimers())

it.each([0, 1, 20, 2 ** 31 - 1, 2 ** 31, 30 * day, 365 * day])('fires after %d ms, once', (ms) => {
  startTimer(ms, fire)
  vi.advanceTimersByTime(Math.max(0, ms - 1))
  if (ms > 1) expect(fired).toEqual([])
  vi.advanceTimersByTime(400 * day)
  expect(fired).toEqual([ms])
})

it.each([day, 30 * day, 60 * day])('is cancelled, after whatever time: %d ms', (ms) => {
  const timer = startTimer(90 * day, fire)
  vi.advanceTimersByTime(ms)
  timer.cancel()
  expect(vi.getTimerCount()).toBe(0)
})
