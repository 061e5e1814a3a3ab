/**
 * CSRF tokens: bound to a secret that only the session's cookie holds, and salted, so that no two look alike (BREACH). A page of
 * another site can make the browser send the cookie, but cannot know a token that fits it.
 */
import { randomText } from './random.ts'
import { sameText, type Signer } from './signer.ts'

const saltLength = 9

/** A token for the session whose secret is `csrfSecret`. */
export function createCsrfToken(signer: Signer, csrfSecret: string): string {
  const salt = randomText(saltLength)
  return `${salt}.${signer.digest('csrf', `${salt}.${csrfSecret}`)}`
}

export function isCsrfToken(signer: Signer, csrfSecret: string, token: string): boolean {
  const dot = token.indexOf('.')
  if (dot < 0) return false
  return sameText(signer.digest('csrf', `${token.slice(0, dot)}.${csrfSecret}`), token.slice(dot + 1))
}
