/** Spans of OpenTelemetry, made of what the channels tell. Its API is known by shape alone. */
import { describe, LiveError, messageOf } from '../errors.ts'
import type { TelemetryEvents, TelemetryName, Timed } from './events.ts'
import { observe, type ObserveOptions } from './observe.ts'

type Attributes = Record<string, string | number | boolean>

/** A `Span` of `@opentelemetry/api`, as far as it is used. */
export interface SpanLike {
  recordException(exception: { name: string; message: string; stack?: string }, time?: number): void
  setStatus(status: { code: number; message?: string }): unknown
  end(endTime?: number): void
}

/** A `Tracer` of `@opentelemetry/api`, as far as it is used. */
export interface TracerLike {
  startSpan(name: string, options?: { startTime?: number; attributes?: Attributes }): SpanLike
}

/** `SpanStatusCode.ERROR`. */
const failed = 2
const spans: readonly TelemetryName[] = [
  'http',
  'join',
  'mount',
  'params',
  'event',
  'info',
  'async',
  'update',
  'render',
  'upload',
  'disconnect',
]

/**
 * Makes a span of each step that has a length, until the returned function is called: `liveloom.event` with the attributes
 * `liveloom.view`, `liveloom.event`, and so on for every field. A span is made when its step is over, with the time when it began;
 * its parent is the span that is active then.
 *
 * @param tracer A `Tracer` of `@opentelemetry/api`.
 * @throws {LiveError} `ERR_TELEMETRY` for what is no tracer.
 */
export function traceWith(tracer: TracerLike, options?: ObserveOptions): () => void {
  if (typeof (tracer as TracerLike | undefined)?.startSpan !== 'function') {
    throw new LiveError('ERR_TELEMETRY', `traceWith: expected a tracer, got ${describe(tracer)}`)
  }
  const stops = spans.map((name) => observe(name, (event) => trace(tracer, name, event), options))
  return () => {
    for (const stop of stops) stop()
  }
}

function trace(tracer: TracerLike, name: TelemetryName, event: TelemetryEvents[TelemetryName]): void {
  if (!isTimed(event)) return
  const { startedAt, durationMs, error, ...fields } = event
  const endedAt = startedAt + durationMs
  const attributes: Attributes = {}
  for (const [field, value] of Object.entries(fields)) {
    if (isAttribute(value)) attributes[`liveloom.${field}`] = value
  }
  const span = tracer.startSpan(`liveloom.${name}`, { startTime: startedAt, attributes })
  if ('error' in event) {
    const exception = toException(error)
    span.recordException(exception, endedAt)
    span.setStatus({ code: failed, message: exception.message })
  }
  span.end(endedAt)
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
