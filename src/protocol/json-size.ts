/** Counts what a JSON text holds before it is parsed: its values cost far more memory than its bytes. */

export interface JsonLimits {
  /** Texts, numbers, words, lists and objects; names of an object's properties do not count. */
  readonly maxValues: number
  /** How deep lists and objects stand in one another. */
  readonly maxDepth: number
}

const space = 0x20
const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** Up to here the end of a text is looked for byte by byte: a call costs more. */
const nearby = 48

/** Which limit JSON as UTF-8 goes beyond. Of what is no JSON it may say either: whoever parses it will find out. */
export function exceedsJson(bytes: Uint8Array, { maxValues, maxDepth }: JsonLimits): 'values' | 'depth' | undefined {
  const { length } = bytes
  // Between two values there is a byte at least, and each level takes one.
  if (length / 2 < maxValues && length <= maxDepth) return undefined
  let values = 0
  let depth = 0
  /** A value begins a list, an object or the whole text here, unless that ends at once. */
  let first = true
  for (let at = 0; at < length; at++) {
    const byte = bytes[at]!
    if (byte <= space) continue
    if (byte === closeList || byte === closeObject) {
      first = false
      depth--
      continue
    }
    if (first) {
      first = false
      if (++values > maxValues) return 'values'
    }
    if (byte === quote) at = endOfText(bytes, at + 1)
    else if (byte === comma) {
      if (++values > maxValues) return 'values'
    } else if (byte === openList || byte === openObject) {
      if (++depth > maxDepth) return 'depth'
      first = true
    }
  }
  return undefined
}

/** Where the text that begins at `from` has its closing quote. */
function endOfText(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    for (const near = Math.min(at + nearby, bytes.length); at < near; at++) {
      const byte = bytes[at]!
      if (byte === quote) return at
      if (byte === backslash) at++
    }
    // What the last byte escapes is behind it.
    if (at >= bytes.length) return at
    const found = bytes.indexOf(quote, at)
    if (found < 0) return bytes.length
    let escapes = found
    while (escapes > at && bytes[escapes - 1] === backslash) escapes--
    if ((found - escapes) % 2 === 0) return found
    at = found + 1
  }
}
