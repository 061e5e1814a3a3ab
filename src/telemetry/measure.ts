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
  turn: channel(channelName('turn')),
  mount: channel(channelName('mount')),
  params: channel(channelName('params')),
  event: channel(channelName('event')),
  info: channel(channelName('info')),
  async: channel(channelName('async')),
  outcome: channel(channelName('outcome')),
  timer: channel(channelName('timer')),
  update: channel(channelName('update')),
  render: channel(channelName('render')),
  diff: channel(channelName('diff')),
  message: channel(channelName('message')),
  upload: channel(channelName('upload')),
  entry: channel(channelName('entry')),
  download: channel(channelName('download')),
  navigation: channel(channelName('navigation')),
  adopt: channel(channelName('adopt')),
  park: channel(channelName('park')),
  resume: channel(channelName('resume')),
  expire: channel(channelName('expire')),
  takeover: channel(channelName('takeover')),
  pubsub: channel(channelName('pubsub')),
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

/** Has what is measured run inside of what it makes of it: a span that is active meanwhile. */
export interface StepTracer {
  /** A step begins. `fields` are those that are known yet. */
  begin(name: TimedName, fields: object): StepSpan
}

export interface StepSpan {
  /** Runs a piece of the step. One that waits is run in several. */
  run<T>(work: () => T): T
  /** It is over. `fields`: all of them. */
  end(fields: object, failure: Failure | undefined): void
}

interface Failure {
  readonly error: unknown
}

let tracers: readonly StepTracer[] = []

/** Every step that begins from now on is told to `tracer`, until the returned function is called. */
export function addTracer(tracer: StepTracer): () => void {
  tracers = [...tracers, tracer]
  return () => void (tracers = tracers.filter((other) => other !== tracer))
}

/** Whether anybody hears of such steps, or follows them. */
export function isMeasured(name: TimedName): boolean {
  return tracers.length > 0 || channels[name].hasSubscribers
}

/** Runs steps and publishes how long they took, and what they threw. `fields`: a new object each time, which is what is published. */
export function measured<Name extends TimedName, T>(name: Name, fields: () => Fields<Name>, steps: Steps<T>): Steps<T> {
  return isMeasured(name) ? measuring(new Step(name, fields), steps) : steps
}

function* measuring<T>(step: Step, steps: Steps<T>): Steps<T> {
  let failure: Failure | undefined
  try {
    return yield* step.traced ? piecewise(step, steps) : steps
  } catch (error) {
    failure = { error }
    throw error
  } finally {
    // Also when nobody goes on with them, since their view has ended.
    step.end(failure)
  }
}

/** Between its pieces others run, which are none of its. */
function* piecewise<T>(step: Step, steps: Steps<T>): Steps<T> {
  let piece = (): IteratorResult<unknown, T> => steps.next()
  try {
    for (;;) {
      const { done, value } = step.run(piece)
      if (done === true) return value
      try {
        const given = yield value
        piece = () => steps.next(given)
      } catch (error) {
        piece = () => steps.throw(error)
      }
    }
  } finally {
    // Changes nothing, unless nobody goes on with them.
    step.run(() => steps.return(undefined as never))
  }
}

/** The same for a call that may be async. */
export function measuredCall<Name extends TimedName, T>(name: Name, fields: () => Fields<Name>, call: () => T): T {
  if (!isMeasured(name)) return call()
  const step = new Step(name, fields)
  let result: T
  try {
    result = step.run(call)
  } catch (error) {
    step.end({ error })
    throw error
  }
  if (!isPromise(result)) {
    step.end()
    return result
  }
  return (async () => {
    try {
      const value: unknown = await result
      step.end()
      return value
    } catch (error) {
      step.end({ error })
      throw error
    }
  })() as T
}

const noSpans: readonly StepSpan[] = []

/** One that is under way, for all who listen. */
class Step {
  readonly #name: TimedName
  readonly #fields: () => object
  readonly #start = clock()
  readonly #spans: readonly StepSpan[]

  constructor(name: TimedName, fields: () => object) {
    this.#name = name
    this.#fields = fields
    this.#spans = tracers.length === 0 ? noSpans : tracers.map((tracer) => tracer.begin(name, fields()))
  }

  get traced(): boolean {
    return this.#spans.length > 0
  }

  run<T>(work: () => T): T {
    return this.#spans.reduceRight<() => T>((inner, span) => () => span.run(inner), work)()
  }

  end(failure?: Failure): void {
    const channel = channels[this.#name]
    if (channel.hasSubscribers) channel.publish(timed(this.#fields(), this.#start, failure))
    for (const span of this.#spans) span.end(this.#fields(), failure)
  }
}

/** Written into what there is: to spread three objects into one takes V8 longer than all else that is done here. */
function timed(fields: object, start: number, failure: Failure | undefined): object {
  const event = fields as { -readonly [Name in keyof Timed]: Timed[Name] }
  event.startedAt = performance.timeOrigin + start
  event.durationMs = performance.now() - start
  if (failure !== undefined) event.error = failure.error
  return event
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
