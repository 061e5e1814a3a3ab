/** What visitors have sent within 24 hours, in steps of an hour: the contract, and the one for a single process. */
import { StepSums } from '../time/step-sums.ts'

/** What a visitor has sent. */
export interface Received {
  readonly bytes: number
  /** Ms until the oldest hour of it does not count any more; 0 when there is nothing. */
  readonly resetsIn: number
}

/** Counts what visitors send. `test/contracts/day-bytes.ts` has a test for each sentence of this. */
export interface DayBytes {
  /** So many more have come, in pieces as they come. Never throws, and is not waited for. */
  add(visitorId: string, bytes: number): void
  /** What the visitor has sent in the last 24 hours. Where it rejects nobody is kept from sending, and `onError` is told. */
  of(visitorId: string): Received | Promise<Received>
}

const hour = 60 * 60 * 1000
const hours = 24

/** `now`: ms of a clock that only goes forward. */
export function createDayBytes(now: () => number): DayBytes {
  const sums = new StepSums(now, hour, hours)
  return {
    add: (visitorId, bytes) => sums.add(visitorId, bytes),
    of(visitorId) {
      const { sum, resetsIn } = sums.of(visitorId)
      return { bytes: sum, resetsIn }
    },
  }
}
