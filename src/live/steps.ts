import { isPromise } from './mailbox.ts'

/**
 * Runs work that waits only where something of it is async: a view whose callbacks are all synchronous is answered at once, without
 * a turn of the event loop. The work yields what has to be awaited.
 */
export type Steps<T> = Generator<unknown, T, unknown>

export function runSteps<T>(steps: Steps<T>): T | Promise<T> {
  let step = steps.next()
  while (step.done !== true) {
    if (isPromise(step.value)) return runOn(steps, step.value)
    step = steps.next(step.value)
  }
  return step.value
}

async function runOn<T>(steps: Steps<T>, first: unknown): Promise<T> {
  let waiting = first
  for (;;) {
    let step: IteratorResult<unknown, T>
    let value: unknown
    try {
      value = await waiting
    } catch (error) {
      step = steps.throw(error)
      if (step.done === true) return step.value
      waiting = step.value
      continue
    }
    step = steps.next(value)
    while (step.done !== true && !isPromise(step.value)) step = steps.next(step.value)
    if (step.done === true) return step.value
    waiting = step.value
  }
}
