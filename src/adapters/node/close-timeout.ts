/** What closing within a time has in common: which times there are, and how it says what it gave up. */
import { describe, LiveError, messageOf } from '../../errors.ts'

/** What `setTimeout` takes. */
const longest = 2 ** 31 - 1

/** How many there are of something, and its name for one and for several. */
export type Unfinished = readonly [count: number, one: string, several: string]

/** @throws {LiveError} `ERR_SERVER_OPTIONS` when `value` is no time. */
export function checkTimeout(option: string, value: number): number {
  if (Number.isFinite(value) && value >= 0 && value <= longest) return value
  const message = `${option} must be a number of ms from 0 to ${longest}, got ${describe(value)}`
  throw new LiveError('ERR_SERVER_OPTIONS', message)
}

/** `before`: what another part of the server, which was closed together with this one, has thrown. */
export function closeTimeoutError(timeout: number, unfinished: readonly Unfinished[], before?: unknown): LiveError {
  const parts = unfinished
    .filter(([count]) => count > 0)
    .map(([count, one, several]) => `${count} ${count === 1 ? one : several}`)
  const start = before === undefined ? `close: given up after ${timeout} ms: ` : `${messageOf(before)}, `
  return new LiveError('ERR_CLOSE_TIMEOUT', start + (parts.join(', ') || 'what was left'), { cause: before })
}
