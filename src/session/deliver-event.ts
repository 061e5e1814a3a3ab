/** The way of an event from the page to the part that it is meant for: decoded, and let through by its schema. */
import { describeClaim, type LiveError } from '../errors.ts'
import type { FormLimits, FormRefusal } from '../forms/decode.ts'
import { formError } from '../forms/error.ts'
import { type EventReading, readEvent, schemaOf } from '../forms/events.ts'
import { type FileFailure, fileEvents, readFailure, readReset } from '../protocol/file-notes.ts'
import { clearFlashEvent, heldBackEvent, reservedEventPrefix, unlockEvents } from '../protocol/message.ts'
import type { EventPayload } from '../protocol/payloads.ts'
import { spreadEvent, toEvent } from '../live/event.ts'
import type { ViewLimit } from '../live/host.ts'
import type { Part } from '../live/part.ts'
import type { Steps } from '../live/steps.ts'
import type { Message } from './message.ts'
import { leftOut as leftOutOf, reservedEvent, strayFiles } from './unread.ts'
import type { InvalidEvent } from '../live/view.ts'

/** What the delivery needs of the view's session. */
export interface EventHost {
  readonly formLimits: FormLimits
  /** A form says what it said before the page was away; what the server has done since must stand. */
  isSaidAgain(payload: EventPayload): boolean
  clearFlash(kind: string | undefined): void
  /** The browser cannot read a file that was chosen. */
  fileFailed(failure: FileFailure): void
  /** The choice of a file input was emptied. */
  filesReset(configRef: string): void
  /** Tells the developer, in development. */
  warn(mistake: () => LiveError): void
  /** What work outside of the mailbox came to. */
  post(message: Message): void
  /** `detail` may be printed. */
  limitReached(limit: ViewLimit, event: string, detail: string): void
  /** Has the page say that what it sent was too much. */
  tellPage(limit: ViewLimit): void
  /** The event never reaches its handler. An error reply would leave the form locked; answered with nothing, it is as it was. */
  refuse(code: 'ERR_FORM' | 'ERR_EVENT', event: string, reason: string): void
}

export function* deliverEvent(part: Part, payload: EventPayload, host: EventHost): Steps<void> {
  const { event, uploads, leftOut } = payload
  if (leftOut !== undefined) host.warn(() => leftOutOf(event, leftOut))
  let broughtFiles = false
  for (const [ref, files] of uploads) {
    if (part.uploads?.knows(ref) === true) broughtFiles = part.uploads.select(ref, files) || broughtFiles
    else host.warn(strayFiles)
  }
  if (uploads.size > 0) part.dirty = true
  if (event.startsWith(reservedEventPrefix)) return deliverReserved(payload, host)
  // A client that comes back says it again, lest something was lost.
  if (host.isSaidAgain(payload) && !broughtFiles) return
  const decoded = toEvent(payload, host.formLimits)
  if (!decoded.ok) {
    const reason = `the form of ${describeClaim(event)} cannot be read: ${decoded.reason}`
    const limit = limitOf[decoded.reason]
    if (limit === undefined) return host.refuse('ERR_FORM', event, reason)
    host.limitReached(limit, event, reason)
    return host.tellPage(limit)
  }
  const { type, values } = decoded.event
  const schemas = part.eventSchemas
  if (schemas === undefined) return yield* part.handleEvent(decoded.event)
  const schema = schemaOf(schemas, type)
  if (schema === undefined) {
    // A hook may be there for events that the view knows nothing of: it says itself what it lets through.
    if (yield* part.hooksTake(decoded.event)) return
    if (!part.ended) yield* refuse(part, host, { type, values, issues: [formError(notListed, [])] }, notListed)
    return
  }
  const reading = (yield readEvent(schema, values, payload.type === 'form' ? 'form' : 'json')) as EventReading
  // The view has ended, or the component has left the page, while the schema was asked.
  if (part.ended) return
  if (reading.ok) return yield* part.handleEvent(spreadEvent(type, reading.values))
  const { issues } = reading
  const reasons = issues.map(({ message, path }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`)
  yield* refuse(part, host, { type, values, issues }, describeClaim(reasons.join('; ')))
}

/** An event of the framework's own. What does not have its shape does nothing. */
function deliverReserved({ event, value }: EventPayload, host: EventHost): void {
  if (event === clearFlashEvent) return host.clearFlash(keyOf(value))
  if (event === heldBackEvent) return tellHeldBack(value, host)
  if (event === fileEvents.failed) {
    const failure = readFailure(value)
    return failure === undefined ? host.warn(() => leftOutOf(event, 'the whole')) : host.fileFailed(failure)
  }
  if (event === fileEvents.reset) {
    const configRef = readReset(value)
    return configRef === undefined ? host.warn(() => leftOutOf(event, 'the whole')) : host.filesReset(configRef)
  }
  if (event !== unlockEvents.push) host.warn(() => reservedEvent(event))
}

/** The limit behind a refusal; an escape that is none is nobody's limit. */
const limitOf: Readonly<Record<FormRefusal, ViewLimit | undefined>> = {
  too_many_fields: 'maxFormFields',
  too_many_groups: 'maxFormFields',
  too_deep: 'maxFormNesting',
  bad_encoding: undefined,
}

/** What the client that is served says that it holds back, by the limits that it was told. */
const heldBack: ReadonlySet<unknown> = new Set([
  'maxMessageSize',
  'maxTextSize',
  'maxFrameValues',
] satisfies ViewLimit[])

function tellHeldBack(value: unknown, host: EventHost): void {
  const { limit, event } = (typeof value === 'object' && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >
  if (!heldBack.has(limit)) return
  const name = typeof event === 'string' ? event : ''
  host.limitReached(limit as ViewLimit, name, `the page kept back the event ${describeClaim(name)}, and says so`)
}

const notListed = 'it is not listed in `events`; one that takes anything has a schema like z.unknown()'

/** `reason`: as it may be printed. */
function* refuse(part: Part, host: EventHost, event: InvalidEvent, reason: string): Steps<void> {
  if (part.handlesInvalidEvents) return yield* part.handleInvalidEvent(event)
  host.refuse('ERR_EVENT', event.type, `the event ${describeClaim(event.type)} was refused: ${reason}`)
}

/** Which message a flash event means; all of them without a key. */
function keyOf(value: unknown): string | undefined {
  const key: unknown = typeof value === 'object' && value !== null && 'key' in value ? value.key : undefined
  return typeof key === 'string' ? key : undefined
}
