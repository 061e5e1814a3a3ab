/**
 * What goes through an engine: a line that says what it is, and behind it the messages, so that who is not meant need not read them. Both are
 * JSON, which has no line break of its own.
 */

/** What the first line says. */
export interface Envelope {
  readonly sender: string
  /** Counts what the sender has sent: each topic's only grow. */
  readonly number: number
  readonly topic: string
  /** The messages, as a JSON list. */
  readonly body: string
}

/** Other versions are not read: a rolling deployment must not take one for another. */
const mark = 'liveloom/1'

/** By which a process sends to itself, and to no view: what is told of messages is not told of these. */
export function ownTopic(sender: string): string {
  return `liveloom:own:${sender}`
}

/** `messages`: each as JSON. */
export function encodeEnvelope(sender: string, number: number, topic: string, messages: readonly string[]): string {
  return `${JSON.stringify([mark, sender, number, topic])}\n[${messages.join(',')}]`
}

/** `undefined` for anything else. What is in its body has not been looked at. */
export function decodeEnvelope(payload: string): Envelope | undefined {
  const end = payload.indexOf('\n')
  if (end < 0) return undefined
  const head = parse(payload.slice(0, end))
  if (!Array.isArray(head) || head.length !== 4) return undefined
  const [marked, sender, number, topic] = head as readonly unknown[]
  if (marked !== mark || typeof sender !== 'string' || typeof topic !== 'string') return undefined
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) return undefined
  return { sender, number, topic, body: payload.slice(end + 1) }
}

/** `undefined` for what is no JSON list. */
export function decodeBody(body: string): readonly unknown[] | undefined {
  const messages = parse(body)
  return Array.isArray(messages) ? messages : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
