import { decodeForm, type FormLimits, type FormRefusal, type FormValues, targetPath } from '../forms/decode.ts'
import { formTokenField } from '../protocol/form-token.ts'
import type { EventPayload } from '../protocol/payloads.ts'

/** What `handleEvent` gets, or why a form cannot be read. */
export type DecodedEvent =
  | { readonly ok: true; readonly event: { readonly type: string; readonly values: unknown } }
  | { readonly ok: false; readonly reason: FormRefusal }

/** Decodes what came with an event, and spreads it beside `type` and `values`. */
export function toEvent(payload: EventPayload, limits: FormLimits): DecodedEvent {
  if (payload.type !== 'form') return { ok: true, event: spreadEvent(payload.event, payload.value) }
  const decoded = decodeForm(payload.value as string, limits)
  if (!decoded.ok) return decoded
  delete decoded.values[formTokenField]
  const { meta } = payload
  const target = meta['_target']
  const path = typeof target === 'string' ? targetPath(target, limits.maxNesting) : target
  if (typeof target === 'string' && path === undefined) return { ok: false, reason: 'too_deep' }
  const values = Object.assign(decoded.values, meta as FormValues, path === undefined ? {} : { _target: path })
  return { ok: true, event: spreadEvent(payload.event, values) }
}

/** Spreads the values of an event beside its type. */
export function spreadEvent(type: string, values: unknown): { type: string; values: unknown } {
  const keys = typeof values === 'object' && values !== null && !Array.isArray(values) ? values : {}
  const event = { type, values, ...keys }
  // Ours win. Set behind the spread, since adding to an object that a spread began is slow in V8.
  event.type = type
  event.values = values
  return event
}

/** Whether it can answer an event: an object by key. */
export function isReply(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
