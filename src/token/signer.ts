/** Signed, expiring tokens. What they say can be read by anyone and changed by nobody: keep secrets out. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { fromBase64Url, toBase64Url } from './base64url.ts'
import { checkSecret } from './secret.ts'
import { isCurrent } from './token-age.ts'

/** What a token is for. One of another purpose does not verify. */
export type TokenPurpose =
  | 'view'
  | 'flash'
  | 'static'
  | 'upload'
  | 'cookie'
  | 'csrf'
  | 'reload'
  | 'longpoll'
  | 'stash'
  | 'kept'
  | 'download'
  | 'form'

/** A token of another version counts as outdated. */
const version = 1
/** The application that tokens are for, where the server has no other name. */
export const defaultApp = 'liveloom'

export interface Signer {
  sign(purpose: TokenPurpose, data: unknown): string
  /** What was signed, if it was signed for this application and purpose at most `maxAge` ms ago; else `undefined`. */
  verify(purpose: TokenPurpose, token: string, maxAge: number): unknown
  /** The keyed digest of `text`. */
  digest(purpose: TokenPurpose, text: string): string
}

/** `app` is part of what each token is for: of two applications that share a secret, neither takes the other's tokens. */
export function createSigner(secret: string, now: () => number, app: string = defaultApp): Signer {
  checkSecret(secret)
  const keys = new Map<TokenPurpose, Uint8Array>()
  const digest = (purpose: TokenPurpose, text: string): string => {
    let key = keys.get(purpose)
    if (key === undefined) {
      key = createHmac('sha256', secret).update(`liveloom ${app} ${purpose}`).digest()
      keys.set(purpose, key)
    }
    return createHmac('sha256', key).update(text).digest('base64url')
  }
  return {
    digest,
    sign(purpose, data) {
      const body = toBase64Url(JSON.stringify([version, now(), data]))
      return `${body}.${digest(purpose, body)}`
    },
    verify(purpose, token, maxAge) {
      const dot = token.lastIndexOf('.')
      if (dot < 0) return undefined
      const body = token.slice(0, dot)
      if (!sameText(digest(purpose, body), token.slice(dot + 1))) return undefined
      const [tokenVersion, signedAt, data] = JSON.parse(fromBase64Url(body)!) as [number, number, unknown]
      return tokenVersion === version && isCurrent(now() - signedAt, maxAge) ? data : undefined
    },
  }
}

/** Compares in a time that does not tell where the two differ. */
export function sameText(a: string, b: string): boolean {
  const encoder = new TextEncoder()
  const [first, second] = [encoder.encode(a), encoder.encode(b)]
  return first.length === second.length && timingSafeEqual(first, second)
}
