/** Files as they begin, made byte by byte: whole ones where that is short, else their headers. */
import { crc32, deflateSync } from 'node:zlib'

const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])
const u16le = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8])
const u24le = (value: number): Buffer => Buffer.concat([u16le(value & 0xffff), Buffer.from([value >> 16])])
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
function u32le(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A whole one of one colour, whatever its header says. */
export function png(width: number, height: number, says: readonly [number, number] = [width, height]): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const named = Buffer.concat([text(name), data])
    return Buffer.concat([u32(data.length), named, u32(crc32(named))])
  }
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 0x7f)])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  const header = Buffer.concat([u32(says[0]), u32(says[1]), Buffer.from([8, 2, 0, 0, 0])])
  const parts = [chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([Buffer.from([0x89]), text('PNG\r\n\x1a\n'), ...parts])
}

export const segment = (marker: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xff, marker]), u16(data.length + 2), data])

export const frame = (width: number, height: number, marker = 0xc0): Buffer =>
  segment(marker, Buffer.concat([Buffer.from([8]), u16(height), u16(width), Buffer.from([3, 1, 0x11, 0])]))

/** What a camera writes, with the orientation in the first of its tags; `little`: as Intel has its numbers. */
export function exif(orientation: number, little = false): Buffer {
  const [short, long] = little ? [u16le, u32le] : [u16, u32]
  const tag = Buffer.concat([short(0x112), short(3), long(1), short(orientation), short(0)])
  const tiff = Buffer.concat([text(little ? 'II' : 'MM'), short(42), long(8), short(1), tag, long(0)])
  return segment(0xe1, Buffer.concat([text('Exif\0\0'), tiff]))
}

/** With these segments before the one that says how large it is. */
export function jpeg(
  width: number,
  height: number,
  before: readonly Buffer[] = [segment(0xe0, text('JFIF\0'))],
): Buffer {
  const scan = Buffer.concat([segment(0xda, Buffer.alloc(10)), Buffer.alloc(200, 0x55)])
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...before, frame(width, height), scan, Buffer.from([0xff, 0xd9])])
}

export const gif = (width: number, height: number): Buffer =>
  Buffer.concat([text('GIF89a'), u16le(width), u16le(height), Buffer.from([0, 0, 0, 0x3b])])

export function webp(kind: 'VP8 ' | 'VP8L' | 'VP8X', width: number, height: number): Buffer {
  const data = {
    'VP8 ': Buffer.concat([Buffer.from([0x10, 0, 0, 0x9d, 0x01, 0x2a]), u16le(width), u16le(height)]),
    VP8L: Buffer.concat([Buffer.from([0x2f]), u32le((width - 1) | ((height - 1) << 14))]),
    VP8X: Buffer.concat([Buffer.alloc(4), u24le(width - 1), u24le(height - 1)]),
  }[kind]
  const chunk = Buffer.concat([text('WEBP'), text(kind), u32le(data.length), data, Buffer.alloc(8)])
  return Buffer.concat([text('RIFF'), u32le(chunk.length), chunk])
}

/** Not packed, without the directory at its end. */
export function zip(names: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(names).map(([name, content]) => {
      const body = text(content)
      const sizes = [u32le(crc32(body)), u32le(body.length), u32le(body.length)]
      const head = [text('PK\x03\x04'), u16le(20), u16le(0), u16le(0), u16le(0), u16le(0), ...sizes]
      return Buffer.concat([...head, u16le(name.length), u16le(0), text(name), body])
    }),
  )
}

/** As Word begins one. */
export const docx = (): Buffer =>
  zip({
    '[Content_Types].xml':
      '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    'word/document.xml': '<w:document/>',
  })

export const pdf = (): Buffer => text('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n')
export const mp4 = (brand = 'isom'): Buffer =>
  Buffer.concat([u32(24), text(`ftyp${brand}`), u32(512), text('isommp41'), Buffer.alloc(100)])
