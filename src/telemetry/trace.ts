/** Spans of OpenTelemetry: one for each step, active while it runs. Its API is known by shape alone. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, LiveError, messageOf } from '../errors.ts'
import type { TelemetryEvents, TelemetryName, Timed, TimedName } from './events.ts'
import { addTracer, type StepSpan, type StepTracer } from './measure.ts'
import { observe, type ObserveOptions, toErrorHandler } from './observe.ts'

type Attributes = Record<string, string | number | boolean>

/** A `Span` of `@opentelemetry/api`, as far as it is used. */
export interface SpanLike {
  setAttributes(attributes: Attributes): unknown
  recordException(exception: { name: string; message: string; stack?: string }, time?: number): void
  setStatus(status: { code: number; message?: string }): unknown
  end(endTime?: number): void
}

/** A `Tracer` of `@opentelemetry/api`, as far as it is used. */
export interface TracerLike {
  startActiveSpan<T>(
    name: string,
    options: { startTime?: number; root?: boolean; attributes?: Attributes },
    work: (span: SpanLike) => T,
  ): T
}

/** `SpanStatusCode.ERROR`. */
const failed = 2
/** What begins a trace: a message of a view is caused by its page, not by what happens to be active when its turn comes. */
const roots: ReadonlySet<TelemetryName> = new Set(['join', 'turn'])
/** What has a length, but is no piece of code that runs. */
const past = ['upload', 'entry', 'download', 'disconnect'] as const

/**
 * Makes a span of each step that has a length, until the returned function is called: `liveloom.event` with the attributes
 * `liveloom.view`, `liveloom.event`, and so on for every field. While a step runs its span is the active one, so what it calls is
 * inside of it: other steps, and spans of yours.
 *
 * @param tracer A `Tracer` of `@opentelemetry/api`.
 * @throws {LiveError} `ERR_TELEMETRY` for what is no tracer.
 */
export function traceWith(tracer: TracerLike, options: ObserveOptions = {}): () => void {
  if (typeof (tracer as TracerLike | undefined)?.startActiveSpan !== 'function') {
    throw new LiveError('ERR_TELEMETRY', `traceWith: expected a tracer, got ${describe(tracer)}`)
  }
  const stops = past.map((name) => observe(name, (event) => tracePast(tracer, name, event), options))
  stops.push(addTracer(new Spans(tracer, toErrorHandler(options))))
  return () => {
    for (const stop of stops) stop()
  }
}

class Spans implements StepTracer {
  readonly #tracer: TracerLike
  readonly #onError: (error: unknown) => void

  constructor(tracer: TracerLike, onError: (error: unknown) => void) {
    this.#tracer = tracer
    this.#onError = onError
  }

  begin(name: TimedName, fields: object): StepSpan {
    try {
      const options = { attributes: toAttributes(fields), ...(roots.has(name) && { root: true }) }
      return this.#tracer.startActiveSpan(spanName(name), options, (span) => this.#active(span))
    } catch (error) {
      this.#onError(error)
      return untraced
    }
  }

  #active(span: SpanLike): StepSpan {
    return {
      run: AsyncLocalStorage.snapshot(),
      end: (fields, failure) => {
        try {
          span.setAttributes(toAttributes(fields))
          if (failure !== undefined) fail(span, failure.error)
          span.end()
        } catch (error) {
          this.#onError(error)
        }
      },
    }
  }
}

const untraced: StepSpan = { run: (work) => work(), end() {} }

/** A span of what was over before it was told. */
function tracePast(tracer: TracerLike, name: TelemetryName, event: TelemetryEvents[TelemetryName]): void {
  if (!isTimed(event)) return
  const { startedAt, durationMs, error, ...fields } = event
  const endedAt = startedAt + durationMs
  const options = { startTime: startedAt, root: true, attributes: toAttributes(fields) }
  tracer.startActiveSpan(spanName(name), options, (span) => {
    if ('error' in event) fail(span, error, endedAt)
    span.end(endedAt)
  })
}

function spanName(name: TelemetryName): string {
  return `liveloom.${name}`
}

function fail(span: SpanLike, error: unknown, time?: number): void {
  const exception = toException(error)
  span.recordException(exception, time)
  span.setStatus({ code: failed, message: exception.message })
}

function toAttributes(fields: object): Attributes {
  const attributes: Attributes = {}
  for (const [field, value] of Object.entries(fields) as [string, unknown][]) {
    if (isAttribute(value)) attributes[`liveloom.${field}`] = value
  }
  return attributes
}

function isTimed(event: object): event is Timed {
  return 'startedAt' in event
}

function isAttribute(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function toException(error: unknown): { name: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: messageOf(error) }
  const { name, message, stack } = error
  return { name, message, ...(stack !== undefined && { stack }) }
}
