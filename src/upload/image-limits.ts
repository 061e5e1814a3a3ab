/** How large an image may be, and whether one is. */
import { type UploadError, uploadError } from './errors.ts'
import type { ImageFacts } from './image-header.ts'

/** What the option `image` takes. All in pixels, as the image is shown. */
export interface ImageOptions {
  /** Width times height, at most: what a decoder would have to hold. @default 50000000 */
  readonly maxPixels?: number | undefined
  readonly minWidth?: number | undefined
  readonly minHeight?: number | undefined
  readonly maxWidth?: number | undefined
  readonly maxHeight?: number | undefined
}

/** The same, all present. */
export interface ImageLimits {
  readonly maxPixels: number
  readonly minWidth: number
  readonly minHeight: number
  /** `undefined`: none. */
  readonly maxWidth: number | undefined
  readonly maxHeight: number | undefined
}

export const imageDefaults: ImageLimits = {
  maxPixels: 50_000_000,
  minWidth: 1,
  minHeight: 1,
  maxWidth: undefined,
  maxHeight: undefined,
}

export function refusalOfImage(limits: ImageLimits, facts: ImageFacts | undefined): UploadError | undefined {
  if (facts === undefined) return uploadError('not_an_image', {})
  const { width, height } = facts
  const { maxPixels, minWidth, minHeight, maxWidth = width, maxHeight = height } = limits
  const fits = width >= minWidth && height >= minHeight && width <= maxWidth && height <= maxHeight
  return fits && width * height <= maxPixels ? undefined : uploadError('image_dimensions', { width, height, ...limits })
}
