import { trace } from '@opentelemetry/api'
import { observe, type TelemetryEvents, type TelemetryName, type TimedName, traceWith } from 'liveloom/telemetry'
import { describe, expectTypeOf, it } from 'vitest'

describe('observe', () => {
  it('gives what the channel tells', () => {
    const stop = observe('event', (step) => {
      expectTypeOf(step).toEqualTypeOf<TelemetryEvents['event']>()
      expectTypeOf(step.event).toBeString()
      expectTypeOf(step.durationMs).toBeNumber()
      expectTypeOf(step.component).toEqualTypeOf<string | number | undefined>()
      expectTypeOf(step.error).toBeUnknown()
      // @ts-expect-error That is of another channel.
      return step.bytes
    })
    expectTypeOf(stop).toEqualTypeOf<() => void>()
    observe('diff', ({ components }) => void expectTypeOf(components).toBeNumber())
    observe('outcome', ({ ok }) => void expectTypeOf(ok).toBeBoolean())
    // @ts-expect-error What is told has no length.
    observe('message', ({ durationMs }) => durationMs)
  })

  it('tells what happened to an upload apart', () => {
    observe('upload', (step) => {
      if (step.what === 'preflight') expectTypeOf(step.granted).toBeNumber()
      else expectTypeOf(step.entry).toBeString()
      if (step.what === 'done' || step.what === 'failed') expectTypeOf(step.durationMs).toBeNumber()
      // @ts-expect-error Only of what is over.
      if (step.what === 'started') expectTypeOf(step.durationMs).toBeNumber()
    })
  })

  it('refuses what is missing, wrong or unknown', () => {
    // @ts-expect-error No such channel.
    observe('evnet', () => {})
    // @ts-expect-error Nobody is told.
    observe('event')
    // @ts-expect-error No such option.
    observe('event', () => {}, { onEror: () => {} })
    expectTypeOf<TimedName>().toExtend<TelemetryName>()
    expectTypeOf<'message'>().not.toExtend<TimedName>()
  })
})

describe('traceWith', () => {
  it('takes a tracer of OpenTelemetry', () => {
    expectTypeOf(traceWith(trace.getTracer('app'))).toEqualTypeOf<() => void>()
    traceWith(trace.getTracer('app'), { onError: (error) => void expectTypeOf(error).toBeUnknown() })
    // @ts-expect-error A provider is no tracer.
    traceWith(trace.getTracerProvider())
    // @ts-expect-error No tracer.
    traceWith()
  })
})
