/**
 * Runs steps one after the other beside something that may fail meanwhile: then the step that runs, and each one after it, rejects with that. A
 * `Promise.race` of each step with the same promise would hold all of them until it settles.
 */
export function untilFailure(beside: PromiseLike<unknown>): (step: () => Promise<void>) => Promise<void> {
  let failure: { readonly error: unknown } | undefined
  let stop: ((error: unknown) => void) | undefined
  Promise.resolve(beside).catch((error: unknown) => {
    failure = { error }
    stop?.(error)
  })
  return (step) =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(failure.error)
      stop = reject
      step().then(resolve, reject)
    })
}
