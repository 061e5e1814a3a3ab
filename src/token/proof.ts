/** Has somebody prove that they have some bytes, without sending them: by what they make of them and a number that nobody knew before. */
import { createHmac } from 'node:crypto'
import { sameText } from './signer.ts'

export function isProofOf(bytes: Uint8Array, nonce: string, claim: string): boolean {
  return sameText(createHmac('sha256', nonce).update(bytes).digest('base64url'), claim)
}
