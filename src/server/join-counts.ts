/** How often views were joined within a minute, in steps of ten seconds: the contract, and the one for a single process. */
import { StepSums } from '../time/step-sums.ts'

/** What one visitor has joined. */
export interface Joined {
  readonly joins: number
  /** Ms until the oldest ten seconds of them do not count any more; 0 when there are none. */
  readonly resetsIn: number
}

/** Counts joins of views. `test/contracts/join-counts.ts` has a test for each sentence of this. */
export interface JoinCounts {
  /** A view was joined. Never throws, and is not waited for. */
  add(who: string): void
  /** What was joined in the last minute. Where it rejects, or takes longer than a second, nobody is kept out, and `onError` is told. */
  of(who: string): Joined | Promise<Joined>
}

/** How long a step is, in ms. */
export const joinStep = 10_000
export const joinSteps = 6

/** `now`: ms of a clock that only goes forward. */
export function createJoinCounts(now: () => number): JoinCounts {
  const sums = new StepSums(now, joinStep, joinSteps)
  return {
    add: (who) => sums.add(who, 1),
    of(who) {
      const { sum, resetsIn } = sums.of(who)
      return { joins: sum, resetsIn }
    },
  }
}
