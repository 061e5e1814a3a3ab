/** What happens in a server of Liveloom, as it happens: for logs, metrics and traces. */
export { channelName, telemetryNames } from './telemetry/measure.ts'
export { observe, type ObserveOptions } from './telemetry/observe.ts'
export { type SpanLike, traceWith, type TracerLike } from './telemetry/trace.ts'
export type {
  OfPart,
  OfView,
  PubSubStep,
  TelemetryEvents,
  TelemetryName,
  Timed,
  TimedName,
  UploadStep,
} from './telemetry/events.ts'
