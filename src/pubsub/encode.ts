import { describe, LiveError } from '../errors.ts'
import { findUnsendable } from '../protocol/json-values.ts'
import { utf8Size } from '../protocol/utf8-size.ts'

/**
 * A message as JSON, of `maxSize` bytes at most.
 *
 * @throws {LiveError} `ERR_PUBSUB_MESSAGE` for what would not come out as it went in, and for what is too large.
 */
export function encodeMessage(topic: string, message: unknown, maxSize: number): string {
  const found = findUnsendable(message, { exact: true })
  if (found !== undefined) {
    const where = found.path.length > 80 ? `${found.path.slice(0, 80)}…` : found.path
    throw new LiveError(
      'ERR_PUBSUB_MESSAGE',
      `publish(${describe(topic)}): message${where} must be plain JSON (texts, finite numbers, booleans, null, arrays, plain objects), ` +
        `got ${describe(found.value)}`,
    )
  }
  const text = JSON.stringify(message)
  checkSize(topic, text, maxSize)
  return text
}

/** @throws {LiveError} `ERR_PUBSUB_MESSAGE` for what is too large. */
export function checkSize(topic: string, text: string, maxSize: number): void {
  if (text.length * 3 <= maxSize) return
  const size = utf8Size(text)
  if (size <= maxSize) return
  throw new LiveError(
    'ERR_PUBSUB_MESSAGE',
    `publish(${describe(topic)}): a message has room for ${maxSize} bytes of JSON, got ${size}; publish where to find it instead`,
  )
}
