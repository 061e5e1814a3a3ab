/** What a view sends, as text. */
import { describe, LiveError, type LiveErrorCode } from '../errors.ts'
import { findUnsendable } from '../protocol/json-values.ts'
import type { WireMessage } from '../protocol/keys.ts'

/**
 * @param message What is sent: a diff, or an answer that holds one.
 * @throws {LiveError} `ERR_VIEW` or `ERR_EVENT` for a payload of `pushEvent` or an answer that JSON cannot say.
 */
export function encodeMessage(message: object): string {
  try {
    return JSON.stringify(message)
  } catch (error) {
    // Only now is it worth looking for: whoever pushed it is not told where it was by the error of JSON.
    throw mistakeIn(message) ?? error
  }
}

function mistakeIn(message: { readonly diff?: WireMessage; readonly rendered?: WireMessage }): LiveError | undefined {
  const { e: events = [], r: reply }: WireMessage = message.diff ?? message.rendered ?? message
  for (const [name, payload] of events) {
    const mistake = unsendable('ERR_VIEW', `pushEvent(${describe(name)})`, 'payload', payload)
    if (mistake !== undefined) return mistake
  }
  return unsendable('ERR_EVENT', 'the answer of an event', 'answer', reply)
}

function unsendable(code: LiveErrorCode, where: string, what: string, value: unknown): LiveError | undefined {
  const found = findUnsendable(value, { lossless: false })
  if (found === undefined) return undefined
  const came =
    typeof found.value === 'bigint' ? `the bigint ${found.value}` : 'what holds itself, or is nested too deep'
  // That of a circle is as deep as the search.
  const path = found.path.length > 80 ? `${found.path.slice(0, 80)}…` : found.path
  return new LiveError(code, `${where}: ${what}${path} must be something that JSON can say, got ${came}`)
}
