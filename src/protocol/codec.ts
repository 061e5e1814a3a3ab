import type { FrameLimits } from './frame-limits.ts'
import { exceedsJson } from './json-size.ts'
import type { Frame, ReplyStatus } from './message.ts'

const maxTextLength = 255

/** The frame itself, and its payload, are two of them. Whoever walks a payload, ours or not, may call itself for each. */
export const maxDepth = 256
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The limit that a text frame goes beyond. */
export type TextRefusal = keyof FrameLimits | 'maxFrameDepth'

/**
 * Reads a text frame: a JSON array `[join_ref, ref, topic, event, payload]` in UTF-8. `undefined` when it is anything else, and
 * the limit's name when it goes beyond one, before it is parsed.
 */
export function decodeText(
  bytes: Uint8Array,
  { maxTextSize, maxFrameValues }: FrameLimits,
): Frame | TextRefusal | undefined {
  if (bytes.length > maxTextSize) return 'maxTextSize'
  const exceeded = exceedsJson(bytes, { maxValues: maxFrameValues, maxDepth })
  if (exceeded !== undefined) return exceeded === 'values' ? 'maxFrameValues' : 'maxFrameDepth'
  let parsed: unknown
  try {
    parsed = JSON.parse(utf8.decode(bytes))
  } catch {
    return undefined
  }
  if (!Array.isArray(parsed) || parsed.length < 5) return undefined
  const [joinRef, ref, topic, event, payload] = parsed as readonly unknown[]
  if (!isRef(joinRef) || !isRef(ref) || !isShortText(topic) || !isShortText(event)) return undefined
  if (typeof payload !== 'object' || payload === null) return undefined
  return { joinRef, ref, topic, event, payload }
}

/** A reply to the push `ref`. `response` is JSON already, so that a diff is serialised once. */
export function encodeReply(
  joinRef: string | null,
  ref: string | null,
  topic: string,
  status: ReplyStatus,
  response: string,
): string {
  return `[${JSON.stringify(joinRef)},${JSON.stringify(ref)},${JSON.stringify(topic)},"phx_reply",{"status":"${status}","response":${response}}]`
}

/** A push of the server. `ref` is null, but for `phx_close` and `phx_error`, which repeat the join's. */
export function encodePush(
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: string,
): string {
  return `[${JSON.stringify(joinRef)},${JSON.stringify(ref)},${JSON.stringify(topic)},"${event}",${payload}]`
}

function isRef(value: unknown): value is string | null {
  return value === null || isShortText(value)
}

/** What a channel keeps and repeats in each of its frames has the limit that binary frames have by their form. */
function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxTextLength
}
