import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, LiveError } from '../errors.ts'
import type { TelemetryEvents, TelemetryName } from './events.ts'
import { channelName, telemetryNames } from './measure.ts'

export interface ObserveOptions {
  /** Called with what `receive` throws. @default prints it with `console.error` */
  readonly onError?: ((error: unknown) => void) | undefined
}

/**
 * Calls `receive` with each event of one channel, until the returned function is called. It is called in the midst of what it is told
 * of: keep it short. What it throws goes to `onError`; thrown from a subscriber of `node:diagnostics_channel` it would end the process.
 *
 * @throws {LiveError} `ERR_TELEMETRY` for a name that is none, or when `receive` is not a function.
 * @example
 * import { observe } from 'liveloom/telemetry'
 *
 * export const stop = observe('event', ({ view, event, durationMs }) => {
 *   if (durationMs > 200) console.warn(`${view}: ${event} took ${Math.round(durationMs)} ms`)
 * })
 */
export function observe<Name extends TelemetryName>(
  name: Name,
  receive: (event: TelemetryEvents[Name]) => void,
  options: ObserveOptions = {},
): () => void {
  if (!telemetryNames.includes(name)) {
    throw new LiveError(
      'ERR_TELEMETRY',
      `observe: no channel ${describe(name)}; there are ${telemetryNames.join(', ')}`,
    )
  }
  if (typeof receive !== 'function') {
    throw new LiveError('ERR_TELEMETRY', `observe('${name}'): expected a function, got ${describe(receive)}`)
  }
  const onError = toErrorHandler(options)
  const guarded = (event: unknown): void => {
    try {
      receive(event as TelemetryEvents[Name])
    } catch (error) {
      onError(error)
    }
  }
  subscribe(channelName(name), guarded)
  return () => void unsubscribe(channelName(name), guarded)
}

export function toErrorHandler({ onError }: ObserveOptions): (error: unknown) => void {
  // oxlint-disable-next-line no-console -- There is no server here that could be told.
  return onError ?? ((error) => console.error(error))
}
