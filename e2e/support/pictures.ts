/** Real images, as cameras and programs write them. */
import sharp, { type Sharp, type SharpOptions } from 'sharp'
import type { ChosenFile } from './files.ts'

type Colour = readonly [red: number, green: number, blue: number, alpha: number]

export const red: Colour = [220, 20, 20, 255]
export const blue: Colour = [20, 20, 220, 255]
export const nothing: Colour = [0, 0, 0, 0]

/** Its left half has one colour, and its right half another one. */
function halves(width: number, height: number, left: Colour, right: Colour): Sharp {
  const row = Buffer.from(Array.from({ length: width }, (_, x) => (x < width / 2 ? left : right)).flat())
  return sharp(Buffer.concat(Array.from({ length: height }, () => row)), { raw: { width, height, channels: 4 } })
}

/** `orientation`: how the camera was held, as it notes it; with 6 the left half is on top. */
export async function jpegPhoto(name: string, width: number, height: number, orientation = 1): Promise<ChosenFile> {
  const buffer = await halves(width, height, red, blue).withMetadata({ orientation }).jpeg().toBuffer()
  return { name, mimeType: 'image/jpeg', buffer }
}

/** Its right half is transparent. */
export async function pngCutOut(name: string, width: number, height: number): Promise<ChosenFile> {
  return { name, mimeType: 'image/png', buffer: await halves(width, height, red, nothing).png().toBuffer() }
}

/** Two pictures after one another. */
export async function moving(name: string, type: 'gif' | 'webp', width: number, height: number): Promise<ChosenFile> {
  const frames = [halves(width, height, red, blue), halves(width, height, blue, red)]
  const pixels = await Promise.all(frames.map((frame) => frame.raw().toBuffer()))
  const both = sharp(Buffer.concat(pixels), {
    raw: { width, height: height * 2, channels: 4, pageHeight: height },
  } as SharpOptions)
  return { name, mimeType: `image/${type}`, buffer: await both.toFormat(type, { delay: [100, 100] }).toBuffer() }
}

export interface Seen {
  readonly format: string
  readonly width: number
  readonly height: number
  /** The colours of its corners: what is at the left above, and at the right below. */
  readonly first: Colour
  readonly last: Colour
}

/** What of a picture whoever opens it sees, without what is noted beside its pixels. */
export async function look(bytes: Buffer): Promise<Seen> {
  const { format } = await sharp(bytes).metadata()
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const colour = (at: number): Colour => [...data.subarray(at, at + 4)] as unknown as Colour
  return { format, width: info.width, height: info.height, first: colour(0), last: colour(data.length - 4) }
}

/** Whether both look alike: what JPEG makes of a colour is near it. */
export function isNear(one: Colour, other: Colour): boolean {
  return one.every((value, at) => Math.abs(value - other[at]!) < 12)
}
