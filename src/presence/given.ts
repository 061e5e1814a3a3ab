/** What an application gives with each call: who it is, and what is known of them. */
import { describe, LiveError } from '../errors.ts'

/** Characters of JSON. */
const largestMeta = 8192

export function readKey(call: string, key: unknown): string {
  if (typeof key === 'string' && key !== '') return key
  if (typeof key === 'number' && Number.isFinite(key)) return String(key)
  throw new LiveError('ERR_PRESENCE', `presence.${call}: expected a key, a text or a number, got ${describe(key)}`)
}

/** As others will have it: a change of the object that was given changes nothing. */
export function checkMeta<Meta extends object>(call: string, meta: Meta): Meta {
  let text: string | undefined
  try {
    text = JSON.stringify(meta)
  } catch {
    // Told below.
  }
  if (text === undefined || typeof meta !== 'object' || meta === null)
    throw new LiveError('ERR_PRESENCE', `presence.${call}: expected a meta that is JSON, got ${describe(meta)}`)
  if (text.length > largestMeta)
    throw new LiveError(
      'ERR_PRESENCE',
      `presence.${call}: expected a meta of up to ${largestMeta} characters of JSON, got ${text.length}`,
    )
  return JSON.parse(text) as Meta
}
