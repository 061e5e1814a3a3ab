/**
 * Encrypted, expiring texts, which a browser or a store keeps for us and cannot read or change. Who gives one back may give an older one:
 * it is authentic, not fresh.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { bytesFromBase64Url, bytesToBase64Url } from './base64url.ts'
import { checkSecret } from './secret.ts'
import { defaultApp } from './signer.ts'
import { isCurrent } from './token-age.ts'

/** What a text is sealed for. One of another purpose does not open. */
export type SealPurpose = 'stash'

export interface Sealer {
  /** `bound`: whom it belongs to; it opens with the same alone. */
  seal(purpose: SealPurpose, bound: string, text: string): string
  /** What was sealed, if it was for this application, purpose and `bound`, at most `maxAge` ms ago; else `undefined`. */
  open(purpose: SealPurpose, bound: string, sealed: string, maxAge: number): string | undefined
}

const version = 1
const saltBytes = 16
const ivBytes = 12
const tagBytes = 16
const headBytes = 1 + saltBytes + ivBytes
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * `secrets`: the first one seals, all of them open, so that a new one can be put before an old one.
 *
 * @throws {LiveError} `ERR_SECRET` for one that is too short.
 */
export function createSealer(secrets: readonly string[], now: () => number, app: string = defaultApp): Sealer {
  secrets.forEach(checkSecret)
  const keys = new Map<SealPurpose, readonly Uint8Array[]>()
  const keysOf = (purpose: SealPurpose): readonly Uint8Array[] => {
    let found = keys.get(purpose)
    if (found === undefined) {
      found = secrets.map((secret) => createHmac('sha256', secret).update(`liveloom ${app} ${purpose} sealed`).digest())
      keys.set(purpose, found)
    }
    return found
  }
  return {
    seal(purpose, bound, text) {
      const head = new Uint8Array(headBytes)
      head.set([version])
      head.set(randomBytes(saltBytes + ivBytes), 1)
      const cipher = createCipheriv('aes-256-gcm', messageKey(keysOf(purpose)[0]!, head), head.subarray(1 + saltBytes))
      cipher.setAAD(encoder.encode(bound))
      const body = cipher.update(encoder.encode(`${now()}\n${text}`))
      const end = cipher.final()
      return bytesToBase64Url(joined([head, body, end, cipher.getAuthTag()]))
    },
    open(purpose, bound, sealed, maxAge) {
      const bytes = bytesFromBase64Url(sealed)
      if (bytes === undefined || bytes.length < headBytes + tagBytes || bytes[0] !== version) return undefined
      for (const key of keysOf(purpose)) {
        const opened = decrypt(key, bound, bytes)
        if (opened === undefined) continue
        const end = opened.indexOf('\n')
        return isCurrent(now() - Number(opened.slice(0, end)), maxAge) ? opened.slice(end + 1) : undefined
      }
      return undefined
    },
  }
}

/** A key of its own for each text: with one for all, nonces drawn at random would run out within some billions of them. */
function messageKey(key: Uint8Array, head: Uint8Array): Uint8Array {
  return createHmac('sha256', key)
    .update(head.subarray(0, 1 + saltBytes))
    .digest()
}

function decrypt(key: Uint8Array, bound: string, bytes: Uint8Array): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', messageKey(key, bytes), bytes.subarray(1 + saltBytes, headBytes))
  decipher.setAAD(encoder.encode(bound))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    const body = decipher.update(bytes.subarray(headBytes, -tagBytes))
    return decoder.decode(joined([body, decipher.final()]))
  } catch {
    return undefined
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
