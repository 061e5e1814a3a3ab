const outside = 64
const pad = 0x3d
const values = new Uint8Array(256).fill(outside)
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value

/**
 * Decodes padded base64 (RFC 4648, section 4) that came as bytes: `atob` would take two strings on the way. `undefined` when it is
 * anything else.
 */
export function decodeBase64(encoded: Uint8Array): Uint8Array | undefined {
  const { length } = encoded
  if (length % 4 !== 0) return undefined
  const padding = encoded[length - 1] !== pad ? 0 : encoded[length - 2] !== pad ? 1 : 2
  const end = length - padding
  const decoded = new Uint8Array((length / 4) * 3 - padding)
  let seen = 0
  let to = 0
  for (let at = 0; at < end; at += 4) {
    const a = values[encoded[at]!]!
    const b = values[encoded[at + 1]!]!
    const c = at + 2 < end ? values[encoded[at + 2]!]! : 0
    const d = at + 3 < end ? values[encoded[at + 3]!]! : 0
    seen |= a | b | c | d
    // The array keeps the low eight bits, and nothing past its end.
    decoded[to++] = (a << 2) | (b >> 4)
    decoded[to++] = (b << 4) | (c >> 2)
    decoded[to++] = (c << 6) | d
  }
  return seen < outside ? decoded : undefined
}
