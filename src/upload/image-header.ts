/**
 * How large an image is, by its header alone: nothing is decoded, so that it costs the same whatever the file says. It asks for ranges of the
 * file, each behind the one before, and for a bounded number of them.
 */

/** What an image says of itself. */
export interface ImageFacts {
  readonly type: 'png' | 'jpeg' | 'gif' | 'webp'
  /** In pixels, as it is shown: with the orientation that a camera has noted. */
  readonly width: number
  readonly height: number
  /** How what is stored is turned and mirrored, as EXIF counts it: 1 to 8; 1 where nothing is said. */
  readonly orientation: number
}

/** Bytes of the file that are asked for next. Given back are fewer where it ends. */
export interface Range {
  readonly at: number
  readonly length: number
}

/** Reads a file from its start: `undefined` for what is no image of these kinds. */
export type Probe<T> = Generator<Range, T, Uint8Array>

/** Segments of a JPEG before its size is said, and bytes between that say nothing. An honest file has some dozens. */
const mostSteps = 1000
/** A header that begins behind so many bytes is none: cameras put pictures of megabytes before it. */
const mostBytes = 32 * 1024 * 1024
/** What the orientation is looked for in. */
const exifBytes = 4096
const mostTags = 200

export function* readImageHeader(): Probe<ImageFacts | undefined> {
  const head = new Reader(yield { at: 0, length: 30 })
  if (head.isText(1, 'PNG\r\n\x1a\n') && head.u8(0) === 0x89 && head.isText(12, 'IHDR')) {
    return image('png', head.u32(16), head.u32(20))
  }
  if (head.isText(0, 'GIF87a') || head.isText(0, 'GIF89a')) return image('gif', head.u16le(6), head.u16le(8))
  if (head.isText(0, 'RIFF') && head.isText(8, 'WEBP')) return webp(head)
  return head.u16(0) === 0xffd8 ? yield* readJpeg() : undefined
}

function webp(head: Reader): ImageFacts | undefined {
  if (head.isText(12, 'VP8X')) return image('webp', head.u24le(24) + 1, head.u24le(27) + 1)
  if (head.isText(12, 'VP8L') && head.u8(20) === 0x2f) {
    const bits = head.u16le(21) + head.u16le(23) * 2 ** 16
    return image('webp', (bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)
  }
  const isKeyFrame = (head.u8(20) & 1) === 0 && head.u24le(23) === 0x2a019d
  if (!head.isText(12, 'VP8 ') || !isKeyFrame) return undefined
  return image('webp', head.u16le(26) & 0x3fff, head.u16le(28) & 0x3fff)
}

function* readJpeg(): Probe<ImageFacts | undefined> {
  let orientation: number | undefined
  let at = 2
  for (let step = 0; step < mostSteps && at < mostBytes; step++) {
    const segment = new Reader(yield { at, length: 9 })
    const marker = segment.u8(1)
    if (segment.u8(0) !== 0xff || Number.isNaN(marker)) return undefined
    if (marker === 0xff) at++
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2
    else if (isFrame(marker)) return image('jpeg', segment.u16(7), segment.u16(5), orientation)
    // Its pixels begin, or it ends, and nothing has said how large it is.
    else if (marker === 0 || (marker >= 0xd8 && marker <= 0xda)) return undefined
    else {
      const length = segment.u16(2)
      // Also where the file ends.
      if (!(length >= 2)) return undefined
      if (marker === 0xe1 && segment.isText(4, 'Exif') && orientation === undefined) {
        orientation = orientationIn(yield { at, length: Math.min(length + 2, exifBytes) })
      }
      at += 2 + length
    }
  }
  return undefined
}

/** All of C0 to CF say the size, but for those of tables and of extensions. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

function orientationIn(segment: Uint8Array): number | undefined {
  const big = new Reader(segment)
  const tiff = 10
  const isLittle = big.u16(tiff) === 0x4949
  if (!isLittle && big.u16(tiff) !== 0x4d4d) return undefined
  const u16 = (at: number): number => (isLittle ? big.u16le(at) : big.u16(at))
  const first = isLittle ? big.u16le(tiff + 4) + big.u16le(tiff + 6) * 2 ** 16 : big.u32(tiff + 4)
  const tags = Math.min(u16(tiff + first), mostTags)
  for (let tag = 0; tag < tags; tag++) {
    const at = tiff + first + 2 + tag * 12
    if (u16(at) !== 0x112) continue
    const value = u16(at + 8)
    return value >= 1 && value <= 8 ? value : undefined
  }
  return undefined
}

/** A size that is not there is not a number; one of nothing is no image. */
function image(type: ImageFacts['type'], width: number, height: number, orientation = 1): ImageFacts | undefined {
  if (!(width > 0 && height > 0)) return undefined
  return orientation >= 5 ? { type, width: height, height: width, orientation } : { type, width, height, orientation }
}

/** Numbers of bytes; `NaN` behind their end. */
class Reader {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  u8(at: number): number {
    return this.#bytes[at] ?? Number.NaN
  }

  u16(at: number): number {
    return this.u8(at) * 2 ** 8 + this.u8(at + 1)
  }

  u16le(at: number): number {
    return this.u8(at) + this.u8(at + 1) * 2 ** 8
  }

  u24le(at: number): number {
    return this.u16le(at) + this.u8(at + 2) * 2 ** 16
  }

  u32(at: number): number {
    return this.u16(at) * 2 ** 16 + this.u16(at + 2)
  }

  isText(at: number, text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      if (this.#bytes[at + index] !== text.charCodeAt(index)) return false
    }
    return true
  }
}
