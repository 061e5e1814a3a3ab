const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text as base64url (RFC 4648, section 5), without padding: fit for attributes, cookies and URLs. */
export function toBase64Url(text: string): string {
  return bytesToBase64Url(encoder.encode(text))
}

/** The same of bytes. */
export function bytesToBase64Url(bytes: Uint8Array): string {
  return btoa(binaryOf(bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The text again, or `undefined` when it is no base64url of UTF-8. */
export function fromBase64Url(encoded: string): string | undefined {
  const bytes = bytesFromBase64Url(encoded)
  try {
    return bytes === undefined ? undefined : utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** The bytes again, or `undefined` when it is no base64url. */
export function bytesFromBase64Url(encoded: string): Uint8Array | undefined {
  try {
    const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = new Uint8Array(binary.length)
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
    return bytes
  } catch {
    return undefined
  }
}

/** Arguments of one call: more of them at once would not fit on the stack. */
const piece = 4096

/** A character for each byte. Joined one by one, they would be a tree of as many texts. */
function binaryOf(bytes: Uint8Array): string {
  let binary = ''
  for (let from = 0; from < bytes.length; from += piece) {
    // Not spread: that would go through an iterator, byte by byte.
    binary += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(from, from + piece)) as string
  }
  return binary
}
