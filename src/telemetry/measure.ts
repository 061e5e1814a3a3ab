/**
 * Publishes what happens on channels of `node:diagnostics_channel`. While nobody listens nothing is made, and no clock is asked.
 */
import { channel } from 'node:diagnostics_channel'
import type { TelemetryEvents, TelemetryName, Timed, TimedName } from './events.ts'

/** What is published of a step beside its time. */
export type Fields<Name extends TimedName> = Omit<TelemetryEvents[Name], keyof Timed>

/** Work that waits where it yields a promise. */
type Steps<T> = Generator<unknown, T, unknown>

/** The name of a channel, as `node:diagnostics_channel` knows it. */
export function channelName(name: TelemetryName): `liveloom:${TelemetryName}` {
  return `liveloom:${name}`
}

// Held, since Node forgets a channel that nobody holds.
const channels: { readonly [Name in TelemetryName]: ReturnType<typeof channel> } = {
  http: channel(channelName('http')),
  join: channel(channelName('join')),
  mount: channel(channelName('mount')),
  params: channel(channelName('params')),
  event: channel(channelName('event')),
  info: channel(channelName('info')),
  async: channel(channelName('async')),
  update: channel(channelName('update')),
  render: channel(channelName('render')),
  message: channel(channelName('message')),
  upload: channel(channelName('upload')),
  navigation: channel(channelName('navigation')),
  connect: channel(channelName('connect')),
  disconnect: channel(channelName('disconnect')),
}

export const telemetryNames: readonly TelemetryName[] = Object.keys(channels) as TelemetryName[]

export function isObserved(name: TelemetryName): boolean {
  return channels[name].hasSubscribers
}

/** Publishes what has no length. `event` is called when somebody listens. */
export function publish<Name extends TelemetryName>(name: Name, event: () => TelemetryEvents[Name]): void {
  if (channels[name].hasSubscribers) channels[name].publish(event())
}

/** Ms on a clock that is never set. */
export function clock(): number {
  return performance.now()
}

/** The time of something that began at `start` of {@link clock} and ends now. */
export function timeSince(start: number): Timed {
  return { startedAt: performance.timeOrigin + start, durationMs: performance.now() - start }
}

/** Runs steps and publishes how long they took, and what they threw. */
export function measured<Name extends TimedName, T>(name: Name, fields: () => Fields<Name>, steps: Steps<T>): Steps<T> {
  return channels[name].hasSubscribers ? measuring(name, fields, steps) : steps
}

function* measuring<Name extends TimedName, T>(name: Name, fields: () => Fields<Name>, steps: Steps<T>): Steps<T> {
  const start = clock()
  let failure: { readonly error: unknown } | undefined
  try {
    return yield* steps
  } catch (error) {
    failure = { error }
    throw error
  } finally {
    // Also when nobody goes on with them, since their view has ended.
    settled(name, fields, start, failure)
  }
}

/** The same for a call that may be async. */
export function measuredCall<Name extends TimedName, T>(name: Name, fields: () => Fields<Name>, call: () => T): T {
  if (!channels[name].hasSubscribers) return call()
  const start = clock()
  let result: T
  try {
    result = call()
  } catch (error) {
    settled(name, fields, start, { error })
    throw error
  }
  if (!isPromise(result)) {
    settled(name, fields, start)
    return result
  }
  return (async () => {
    try {
      const value: unknown = await result
      settled(name, fields, start)
      return value
    } catch (error) {
      settled(name, fields, start, { error })
      throw error
    }
  })() as T
}

function settled<Name extends TimedName>(
  name: Name,
  fields: () => Fields<Name>,
  start: number,
  failure?: { readonly error: unknown },
): void {
  if (channels[name].hasSubscribers) channels[name].publish({ ...fields(), ...timeSince(start), ...failure })
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
