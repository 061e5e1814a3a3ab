import type { Timer } from '../../src/time/timer.ts'

/** A clock that goes only when it is told to, with the timers that hang on it. */
export class ManualTime {
  now = 1_700_000_000_000
  readonly #timers = new Set<{ readonly at: number; readonly fire: () => void }>()

  readonly startTimer = (ms: number, fire: () => void): Timer => {
    const timer = { at: this.now + ms, fire }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** Timers that have neither fired nor been cancelled. */
  get running(): number {
    return this.#timers.size
  }

  /** Goes on by `ms`, firing what is due on the way, in order. */
  advance(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.now = Math.max(this.now, next.at)
      next.fire()
    }
    this.now = end
  }
}

/** Lets everything run that waits for nothing but its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
