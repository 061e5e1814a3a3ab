/** The options of `allowUpload` that the browser acts on before it lists a file. It does so for its user: nothing of it can be relied on. */
import { describe } from '../errors.ts'
import { type ImageType, imageTypes, type Resize } from '../protocol/preparation.ts'
import { isAccepted } from './accept.ts'

/** What images are to become in the browser. It has to say `maxWidth`, `maxHeight` or `type`. */
export interface ResizeOptions {
  /** How wide an image may be, in pixels. Larger ones are made smaller, with their proportions. @default as wide as it is */
  readonly maxWidth?: number | undefined
  /** How high an image may be, in pixels. @default as high as it is */
  readonly maxHeight?: number | undefined
  /** How well JPEG and WebP are written, from 0 to 1. Images that stay as they are stay so in this, too. @default 0.85 */
  readonly quality?: number | undefined
  /**
   * What every image becomes: `image/jpeg`, `image/png` or `image/webp`. A browser that does not write it gives JPEG, or PNG for what is
   * transparent. @default what it is; of what browsers do not write, JPEG, or PNG for what is transparent
   */
  readonly type?: ImageType | undefined
}

export interface BrowserOptions {
  /**
   * Have images made smaller in the browser, before they are listed and sent: upright, and without what the camera noted in them. What fits is left as it
   * is, byte for byte, and so is what a browser cannot read or would spoil: GIFs, whatever moves, SVG, HEIC outside of Safari. All else is about the file
   * that comes of it: `maxFileSize`, `clientSize`, `clientType`. Needs our client module; without it files come as they were chosen.
   * @default files are sent as they are
   */
  readonly resize?: ResizeOptions | undefined
  /**
   * The name of a function of the page's own, in `transforms` of `connect`, that every file goes through before it is listed, and before `resize`. A file for
   * which it fails, or is not there, is refused with `transform_failure`: nothing of it is sent. Needs our client module; without it files come as they were
   * chosen. @default files are sent as they are
   */
  readonly transform?: string | undefined
  /**
   * Have a phone take a photo, a video or a sound in place of showing its files: with the camera that looks at the user, with the one that looks away, or
   * (`true`) with the one that the phone prefers. Computers take no notice. @default false
   */
  readonly capture?: 'user' | 'environment' | boolean | undefined
}

export interface BrowserLimits {
  readonly resize: Resize | undefined
  readonly transform: string | undefined
  readonly capture: 'user' | 'environment' | boolean
}

export const browserDefaults: BrowserLimits = { resize: undefined, transform: undefined, capture: false }

const resizeDefaults: { readonly [Option in keyof Required<Resize>]: Resize[Option] } = {
  maxWidth: undefined,
  maxHeight: undefined,
  quality: 0.85,
  type: undefined,
}

/** Of names that are no accident. */
const longestName = 255

/** `given`: with the defaults where nothing was said, and not looked at yet. `accept`: looked at. */
export function resolveBrowserOptions(
  given: { readonly [Option in keyof BrowserLimits]: unknown },
  accept: readonly string[],
  fail: (message: string) => never,
): Pick<BrowserLimits, 'resize'> {
  const { resize, transform, capture } = given
  if (transform !== undefined && !isName(transform))
    fail(
      `transform must be the name of one of the page's transforms, 1 to ${longestName} characters, got ${describe(transform)}`,
    )
  if (!['user', 'environment', true, false].includes(capture as string))
    fail(`capture must be 'user', 'environment', true or false, got ${describe(capture)}`)
  return { resize: resize === undefined ? undefined : resolveResize(resize, accept, fail) }
}

function resolveResize(resize: unknown, accept: readonly string[], fail: (message: string) => never): Resize {
  const known = Object.keys(resizeDefaults).join(', ')
  if (typeof resize !== 'object' || resize === null)
    return fail(`resize must be an object with ${known}, got ${describe(resize)}`)
  const given = Object.entries(resize).filter(([, value]) => value !== undefined)
  for (const [option] of given)
    if (!Object.hasOwn(resizeDefaults, option)) fail(`unknown option resize.${option}; known are ${known}`)
  const limits = { ...resizeDefaults, ...Object.fromEntries(given) } as Resize
  const { maxWidth, maxHeight, quality, type } = limits
  for (const [side, value] of Object.entries({ maxWidth, maxHeight }))
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
      fail(`resize.${side} must be a positive integer, in pixels, got ${describe(value)}`)
  if (typeof quality !== 'number' || !(quality >= 0 && quality <= 1))
    fail(`resize.quality must be a number from 0 to 1, got ${describe(quality)}`)
  if (type !== undefined && !imageTypes.includes(type))
    fail(`resize.type must be ${imageTypes.map(describe).join(', ')}, got ${describe(type)}`)
  if (maxWidth === undefined && maxHeight === undefined && type === undefined)
    fail('resize must say maxWidth, maxHeight or type: nothing would be done')
  if (type !== undefined && !isAccepted(accept, '', type))
    fail(`resize makes every image ${type}, which accept (${accept.join(', ')}) does not take`)
  return limits
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= longestName
}
