import type { Frame, ReplyStatus } from './message.ts'

const maxTextLength = 255

/** Reads a text frame: a JSON array `[join_ref, ref, topic, event, payload]`. `undefined` when it is anything else. */
export function decodeText(text: string): Frame | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
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
