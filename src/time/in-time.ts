import type { Timer } from './timer.ts'

/** The work, if it settles within `ms`; else it rejects with what `late` makes, and what comes of the work then is nobody's. */
export function inTime<T>(
  work: Promise<T>,
  ms: number,
  startTimer: (ms: number, fire: () => void) => Timer,
  late: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = startTimer(ms, () => reject(late()))
    work.then(resolve, reject).finally(() => timer.cancel())
  })
}
