/** What a dashboard has seen since it was opened: rates out of what was counted at one moment and at the next. */
import type { MetricsSnapshot } from './metrics.ts'

/** How many points a line has. */
export const points = 60

/** In what one second brought; a part of a core for `cpu`, and seconds for `delay`. */
export interface Rates {
  readonly cpu: number
  readonly delay: number
  readonly residentBytes: number
  readonly events: number
  readonly turns: number
  readonly sentBytes: number
  readonly uploadedBytes: number
}

export type RateName = keyof Rates

/** Between two snapshots. */
export function ratesBetween(before: MetricsSnapshot, now: MetricsSnapshot): Rates {
  const seconds = Math.max(0.001, now.process.uptimeSeconds - before.process.uptimeSeconds)
  // A server that is watched no more takes what it had counted with it.
  const rate = (read: (snapshot: MetricsSnapshot) => number): number =>
    Math.max(0, (read(now) - read(before)) / seconds)
  return {
    cpu: rate(({ process }) => process.cpuSeconds),
    delay: now.process.eventLoopDelay.p99,
    residentBytes: now.process.residentBytes,
    events: rate(({ totals }) => totals.events),
    turns: rate(({ totals }) => totals.turns),
    sentBytes: rate(({ totals }) => totals.sentBytes),
    uploadedBytes: rate(({ uploads }) => uploads.receivedBytes),
  }
}

/** The newest stands last. */
export function withRates(history: readonly Rates[], next: Rates): readonly Rates[] {
  return [...history.slice(1 - points), next]
}

/** The line of a sparkline, in a box of `points - 1` to 20: the newest value at the right edge, 0 at the bottom. */
export function lineOf(history: readonly Rates[], name: RateName): string {
  const highest = Math.max(...history.map((rates) => rates[name]), Number.MIN_VALUE)
  const from = points - history.length
  return history.map((rates, at) => `${from + at},${(19 - (rates[name] / highest) * 18).toFixed(1)}`).join(' ')
}
