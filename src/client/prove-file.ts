/** Proves that the page has the bytes that the server has of a file that was chosen again. */
import type { FileProof } from '../protocol/http-uploads.ts'
import { toText } from './base64url.ts'

/** `undefined` where the browser cannot: on a page that is not secure, say. The file is sent anew then. */
export async function prove(file: Blob, { nonce, from, to }: FileProof): Promise<string | undefined> {
  try {
    const hash = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(nonce), hash, false, ['sign'])
    const digest = await crypto.subtle.sign('HMAC', key, await file.slice(from, to).arrayBuffer())
    return toText(digest)
  } catch {
    return undefined
  }
}
