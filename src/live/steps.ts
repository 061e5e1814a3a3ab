/**
 * Runs work that waits only where something of it is async: a view whose callbacks are all synchronous is answered at once, without
 * a turn of the event loop. The work yields what it has called and what may have to be awaited.
 */
export type Steps<T> = Generator<unknown, T, unknown>

/**
 * `ended`: whether the work concerns nobody any more. What it has called already may finish; nothing behind that begins, and
 * `undefined` comes of it, also when the call fails.
 */
export function runSteps<T>(steps: Steps<T>): T | Promise<T>
export function runSteps<T>(steps: Steps<T>, ended: () => boolean): T | undefined | Promise<T | undefined>
export function runSteps<T>(steps: Steps<T>, ended = never): T | undefined | Promise<T | undefined> {
  let step = steps.next()
  while (step.done !== true) {
    if (isPromise(step.value)) return runOn(steps, step.value, ended)
    if (ended()) return stop(steps)
    step = steps.next(step.value)
  }
  return step.value
}

async function runOn<T>(steps: Steps<T>, first: unknown, ended: () => boolean): Promise<T | undefined> {
  let waiting = first
  for (;;) {
    let step: IteratorResult<unknown, T>
    let value: unknown
    try {
      value = await waiting
    } catch (error) {
      if (ended()) return stop(steps)
      step = steps.throw(error)
      if (step.done === true) return step.value
      waiting = step.value
      continue
    }
    if (ended()) return stop(steps)
    step = steps.next(value)
    while (step.done !== true && !isPromise(step.value)) {
      if (ended()) return stop(steps)
      step = steps.next(step.value)
    }
    if (step.done === true) return step.value
    waiting = step.value
  }
}

function stop(steps: Steps<unknown>): undefined {
  steps.return(undefined)
}

function never(): boolean {
  return false
}

/** True for anything that can be awaited: a handler may return a promise of another kind than ours. */
export function isPromise(value: unknown): value is Promise<void> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
