/** The SDK of OpenTelemetry, as an application has it, with its spans kept. */
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach } from 'vitest'

export class Spans {
  readonly #exporter = new InMemorySpanExporter()
  readonly #provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#exporter)] })
  readonly tracer = this.#provider.getTracer('test')

  /** For the tests of the `describe` that it is called in. */
  constructor() {
    beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
    beforeEach(() => this.reset())
    afterAll(async () => {
      context.disable()
      await this.#provider.shutdown()
    })
  }

  /** Forgets those so far. */
  reset(): void {
    this.#exporter.reset()
  }

  /** A span of the application, in whatever is active: what an instrumented database makes in the midst of a callback. */
  own(name: string): void {
    this.tracer.startSpan(name).end()
  }

  /** Those that have ended, in that order. */
  get finished(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans()
  }

  /** Each of them with those around it, by what `nameOf` calls them. */
  paths(nameOf: (span: ReadableSpan) => string = shortName): readonly string[] {
    const spans = this.finished
    const path = (span: ReadableSpan): string => {
      const parent = spans.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId)
      return parent === undefined ? nameOf(span) : `${path(parent)} > ${nameOf(span)}`
    }
    return spans.map(path)
  }
}

export function shortName({ name }: ReadableSpan): string {
  return name.replace('liveloom.', '')
}
