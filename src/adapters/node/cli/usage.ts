/** The command was called in a way that means nothing. */
export class UsageError extends Error {}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Ms of a time like `15m`. */
export function readTime(option: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count === undefined) throw new UsageError(`${option} must be a time like 90s, 15m, 24h or 7d, got '${text}'`)
  return Number(count) * units[unit!]!
}

/** A time that has passed, in its largest unit. */
export function writeTime(ms: number): string {
  const [unit, size] = Object.entries(units).findLast(([, one]) => ms >= one) ?? ['s', 1000]
  return `${Math.floor(Math.max(0, ms) / size)}${unit}`
}
