import type { Frame } from './message.ts'

const pushKind = 0
const headerLength = 5
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a binary push: one byte of kind, the lengths of join_ref, ref, topic and event, those strings, then the payload.
 * The payload is a view on `bytes`, not a copy. `undefined` when the frame is of another kind, cut short, or not UTF-8.
 */
export function decodeBinary(bytes: Uint8Array): Frame | undefined {
  if (bytes.length < headerLength || bytes[0] !== pushKind) return undefined
  const joinRefEnd = headerLength + bytes[1]!
  const refEnd = joinRefEnd + bytes[2]!
  const topicEnd = refEnd + bytes[3]!
  const eventEnd = topicEnd + bytes[4]!
  if (eventEnd > bytes.length) return undefined
  try {
    return {
      joinRef: utf8.decode(bytes.subarray(headerLength, joinRefEnd)),
      ref: utf8.decode(bytes.subarray(joinRefEnd, refEnd)),
      topic: utf8.decode(bytes.subarray(refEnd, topicEnd)),
      event: utf8.decode(bytes.subarray(topicEnd, eventEnd)),
      payload: bytes.subarray(eventEnd),
    }
  } catch {
    return undefined
  }
}
