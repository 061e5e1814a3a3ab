import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turn } from '../../test/support/manual-time.ts'
import { Spans } from '../../test/support/spans.ts'
import { runSteps } from '../live/steps.ts'
import { measured, measuredCall, publish } from './measure.ts'
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
    startActiveSpan(name, options, work) {
      const span: Record<string, unknown> = { name, ...options }
      spans.push(span)
      return work({
        setAttributes: (attributes) => Object.assign(span, { attributes }),
        recordException: (exception, time) => Object.assign(span, { exception, exceptionTime: time }),
        setStatus: (status) => Object.assign(span, { status }),
        end: (endTime) => Object.assign(span, { endTime: endTime ?? 'now' }),
      })
    },
  }
}

const ofView = { view: '/', id: 'phx-1' }

/** Runs one step: at once, or with a wait in it. */
function step(name: 'event' | 'turn' | 'render', work: () => unknown = () => undefined): unknown {
  return measuredCall(
    name,
    () => ({ ...ofView, event: 'save', stage: 'event', connected: true, component: undefined }),
    work,
  )
}

describe('traces', () => {
  it('have a span for each step, with its fields', () => {
    const tracer = fakeTracer()
    stops.push(traceWith(tracer))
    measuredCall(
      'event',
      () => ({ ...ofView, event: 'save', component: undefined }),
      () => 1,
    )
    publish('message', () => ({ ...ofView, event: 'diff', bytes: 10 }))
    expect(tracer.spans).toEqual([
      {
        name: 'liveloom.event',
        endTime: 'now',
        attributes: { 'liveloom.view': '/', 'liveloom.id': 'phx-1', 'liveloom.event': 'save' },
      },
    ])
  })

  it('have the fields that are known only at the end', () => {
    const tracer = fakeTracer()
    stops.push(traceWith(tracer))
    let components = 0
    measuredCall(
      'diff',
      () => ({ ...ofView, components }),
      () => (components = 3),
    )
    expect(tracer.spans).toMatchObject([{ attributes: { 'liveloom.components': 3 } }])
  })

  it('have a span with its own time for what is told when it is over', () => {
    const tracer = fakeTracer()
    stops.push(traceWith(tracer))
    publish('disconnect', () => ({ startedAt: 1000, durationMs: 5.5, views: 1 }))
    expect(tracer.spans).toEqual([
      {
        name: 'liveloom.disconnect',
        root: true,
        startTime: 1000,
        endTime: 1005.5,
        attributes: { 'liveloom.views': 1 },
      },
    ])
  })

  it.each([
    { error: new TypeError('broken'), exception: { name: 'TypeError', message: 'broken', stack: expect.any(String) } },
    { error: 'just text', exception: { name: 'Error', message: 'just text' } },
    { error: undefined, exception: { name: 'Error', message: 'undefined' } },
  ])('say what was thrown: $exception.message', async ({ error, exception }) => {
    const tracer = fakeTracer()
    stops.push(traceWith(tracer))
    const fail = (): never => {
      throw error
    }
    expect(() => step('event', fail)).toThrow()
    await expect(step('event', async () => fail())).rejects.toBe(error)
    const span = { exception, status: { code: 2, message: exception.message } }
    expect(tracer.spans).toMatchObject([span, span])
  })

  it('end when they are stopped, and survive a tracer that throws', () => {
    const errors: unknown[] = []
    const stop = traceWith(
      {
        startActiveSpan: () => {
          throw new Error('no exporter')
        },
      },
      { onError: (error) => errors.push(error) },
    )
    expect(step('event', () => 5)).toBe(5)
    stop()
    expect(step('event', () => 5)).toBe(5)
    expect(errors).toEqual([new Error('no exporter')])
  })

  it('survive a span that throws', () => {
    const errors: unknown[] = []
    const span = {
      setAttributes: () => {
        throw new Error('no attributes')
      },
    }
    stops.push(
      traceWith({ startActiveSpan: (_, __, work) => work(span as never) }, { onError: (error) => errors.push(error) }),
    )
    expect(step('event', () => 5)).toBe(5)
    expect(errors).toEqual([new Error('no attributes')])
  })

  it('need a tracer', () => {
    expect(() => traceWith({} as never)).toThrow('traceWith: expected a tracer, got a plain object')
  })
})

describe('with the SDK of OpenTelemetry', () => {
  const spans = new Spans()
  const { tracer } = spans
  beforeEach(() => void stops.push(traceWith(tracer)))

  const mine = (name: string): void => spans.own(name)
  const tree = (): readonly string[] => spans.paths().toSorted()

  it('spans have their failure', () => {
    expect(() =>
      step('event', () => {
        throw new Error('broken')
      }),
    ).toThrow('broken')
    expect(spans.finished).toMatchObject([
      {
        name: 'liveloom.event',
        attributes: { 'liveloom.view': '/', 'liveloom.event': 'save' },
        status: { code: 2, message: 'broken' },
        events: [{ name: 'exception', attributes: { 'exception.message': 'broken' } }],
      },
    ])
  })

  it('steps and spans of the application are inside the step that runs, also after it has waited', async () => {
    await runSteps(
      measured(
        'turn',
        () => ({ ...ofView, stage: 'event', waitedMs: 0 }),
        (function* () {
          mine('before')
          yield step('event', async () => {
            mine('at once')
            await turn()
            mine('later')
          })
          mine('between')
          try {
            yield Promise.reject(new Error('of a promise'))
          } catch {
            mine('caught')
          }
          step('render', () => mine('shown'))
        })(),
      ),
    )
    mine('outside')
    expect(tree()).toEqual([
      'outside',
      'turn',
      'turn > before',
      'turn > between',
      'turn > caught',
      'turn > event',
      'turn > event > at once',
      'turn > event > later',
      'turn > render',
      'turn > render > shown',
    ])
  })

  it('steps that wait for one another’s turn are kept apart', async () => {
    const work = (name: string) =>
      runSteps(
        measured(
          'turn',
          () => ({ ...ofView, stage: name, waitedMs: 0 }),
          (function* () {
            for (let at = 0; at < 3; at++) {
              yield turn()
              mine(name)
            }
          })(),
        ),
      )
    await Promise.all([work('a'), work('b')])
    const traces = new Map<string, string[]>()
    for (const span of spans.finished) {
      const { traceId } = span.spanContext()
      traces.set(traceId, [...(traces.get(traceId) ?? []), span.name])
    }
    expect([...traces.values()].toSorted((a, b) => a.join().localeCompare(b.join()))).toEqual([
      ['a', 'a', 'a', 'liveloom.turn'],
      ['b', 'b', 'b', 'liveloom.turn'],
    ])
  })

  it('a step that nobody goes on with is over, and so is what waits in it', async () => {
    let ended = false
    const inner = (function* () {
      yield turn()
      mine('never')
    })()
    const outer = (function* () {
      yield* measured('event', () => ({ ...ofView, event: 'save' }), inner)
    })()
    const work = runSteps(
      measured('turn', () => ({ ...ofView, stage: 'event', waitedMs: 0 }), outer),
      () => ended,
    )
    ended = true
    await work
    expect(tree()).toEqual(['turn', 'turn > event'])
  })

  it('a message begins a trace of its own, whatever was active when it came', () => {
    step('event', () => step('turn', () => step('event')))
    expect(tree()).toEqual(['event', 'turn', 'turn > event'])
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
