import { channel } from 'node:diagnostics_channel'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, it } from 'vitest'
import { channelName, measured, measuredCall } from './measure.ts'
import { observe } from './observe.ts'
import { traceWith, type TracerLike } from './trace.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

function fakeTracer(): TracerLike & { readonly spans: Record<string, unknown>[] } {
  const spans: Record<string, unknown>[] = []
  return {
    spans,
    startSpan(name, options) {
      const span: Record<string, unknown> = { name, ...options }
      spans.push(span)
      return {
        recordException: (exception, time) => Object.assign(span, { exception, exceptionTime: time }),
        setStatus: (status) => Object.assign(span, { status }),
        end: (endTime) => Object.assign(span, { endTime }),
      }
    },
  }
}

const publish = (name: 'event' | 'message' | 'connect', event: object): void =>
  channel(channelName(name)).publish(event)

describe('traces', () => {
  it('have a span for each step, with its time and its fields', () => {
    const tracer = fakeTracer()
    stops.push(traceWith(tracer))
    publish('event', { view: '/', id: 'phx-1', event: 'save', component: undefined, startedAt: 1000, durationMs: 5.5 })
    publish('message', { view: '/', id: 'phx-1', event: 'diff', bytes: 10 })
    expect(tracer.spans).toEqual([
      {
        name: 'liveloom.event',
        startTime: 1000,
        endTime: 1005.5,
        attributes: { 'liveloom.view': '/', 'liveloom.id': 'phx-1', 'liveloom.event': 'save' },
      },
    ])
  })

  it.each([
    { error: new TypeError('broken'), exception: { name: 'TypeError', message: 'broken', stack: expect.any(String) } },
    { error: 'just text', exception: { name: 'Error', message: 'just text' } },
    { error: undefined, exception: { name: 'Error', message: 'undefined' } },
  ])('say what was thrown: $exception.message', ({ error, exception }) => {
    const tracer = fakeTracer()
    stops.push(traceWith(tracer))
    publish('event', { view: '/', id: 'a', event: 'x', startedAt: 1, durationMs: 1, error })
    expect(tracer.spans).toMatchObject([{ exception, status: { code: 2, message: exception.message } }])
  })

  it('end when they are stopped, and survive a tracer that throws', () => {
    const errors: unknown[] = []
    const stop = traceWith(
      {
        startSpan: () => {
          throw new Error('no exporter')
        },
      },
      { onError: (error) => errors.push(error) },
    )
    publish('event', { startedAt: 1, durationMs: 1 })
    stop()
    publish('event', { startedAt: 1, durationMs: 1 })
    expect(errors).toEqual([new Error('no exporter')])
  })

  it('are those of OpenTelemetry’s own SDK', async () => {
    const exporter = new InMemorySpanExporter()
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    stops.push(traceWith(provider.getTracer('liveloom')))
    const error = new Error('broken')
    publish('event', { view: '/', id: 'a', event: 'save', startedAt: 1_700_000_000_250, durationMs: 500, error })
    await provider.forceFlush()
    expect(exporter.getFinishedSpans()).toMatchObject([
      {
        name: 'liveloom.event',
        startTime: [1_700_000_000, 250_000_000],
        endTime: [1_700_000_000, 750_000_000],
        attributes: { 'liveloom.view': '/', 'liveloom.event': 'save' },
        status: { code: 2, message: 'broken' },
        events: [{ name: 'exception', attributes: { 'exception.message': 'broken' } }],
      },
    ])
    await provider.shutdown()
  })

  it('need a tracer', () => {
    expect(() => traceWith({} as never)).toThrow('traceWith: expected a tracer, got a plain object')
  })
})

describe('measuring', () => {
  const fields = () => ({ view: '/', id: 'a' })
  function* work(): Generator<unknown, number, unknown> {
    return (yield 1) as number
  }

  it('does nothing at all while nobody listens', () => {
    const steps = work()
    const unused = (): never => {
      throw new Error('made though nobody listens')
    }
    expect(measured('info', unused, steps)).toBe(steps)
    expect(measuredCall('info', unused, () => 5)).toBe(5)
  })

  it('gives what the call gives, at once or later, and tells what it threw', async () => {
    const told: unknown[] = []
    stops.push(observe('info', ({ error, view }) => told.push([view, error])))
    const failing = (): never => {
      throw new Error('broken')
    }
    expect(measuredCall('info', fields, () => 5)).toBe(5)
    expect(await measuredCall('info', fields, () => Promise.resolve(6))).toBe(6)
    expect(() => measuredCall('info', fields, failing)).toThrow('broken')
    await expect(measuredCall('info', fields, async () => failing())).rejects.toThrow('broken')
    expect(told).toEqual([
      ['/', undefined],
      ['/', undefined],
      ['/', new Error('broken')],
      ['/', new Error('broken')],
    ])
  })
})
