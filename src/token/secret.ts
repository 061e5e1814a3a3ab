/** What a secret has to have. */
import { LiveError } from '../errors.ts'

/** In bytes. */
export const shortestSecret = 32

export function isLongEnough(secret: string): boolean {
  return new TextEncoder().encode(secret).length >= shortestSecret
}

/** @throws {LiveError} `ERR_SECRET` for one that is too short; it says how long it is, and not what. */
export function checkSecret(secret: string): void {
  if (isLongEnough(secret)) return
  throw new LiveError(
    'ERR_SECRET',
    `secret: expected at least ${shortestSecret} bytes, got ${secret.length} characters`,
  )
}
