import { createHash } from 'node:crypto'

/** A subject has no more room than a line of the protocol. */
const longest = 200

/**
 * The subject of a topic: the topic itself where that is one word of a subject, so that `nats sub 'liveloom.>'` can be read; else with each other
 * character by its number; of a long one its hash.
 */
export function subjectOf(prefix: string, topic: string): string {
  const word = topic.replaceAll(/[^\w:-]/g, (char) => `=${char.charCodeAt(0).toString(16)}=`)
  if (word !== '' && word.length <= longest) return `${prefix}.${word}`
  return `${prefix}.=${createHash('sha256').update(topic, 'utf16le').digest('base64url')}`
}
