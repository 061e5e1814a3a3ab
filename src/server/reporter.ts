/** Tells the application of errors. Whatever becomes of that, nobody who reports is troubled by it. */
import type { ErrorContext } from '../live/host.ts'
import { isPromise } from '../live/steps.ts'

export type Report = (error: unknown, context: ErrorContext) => void

/** `onError` of the application, which may throw, and be async whatever its type says; then `otherwise` is told of that, and without one of all. */
export function reporter(onError: Report | undefined, otherwise: Report): Report {
  const report = onError ?? otherwise
  return (error, context) => {
    const failed = (failure: unknown): void => {
      try {
        otherwise(failure, context)
      } catch {
        // Nobody is left to tell.
      }
    }
    try {
      const work: unknown = report(error, context)
      if (isPromise(work)) Promise.resolve(work).catch(failed)
    } catch (failure) {
      failed(failure)
    }
  }
}
