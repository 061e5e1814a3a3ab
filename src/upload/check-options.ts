/** The options of `allowUpload` that look at a file: what the browser claims of it, its first bytes, and all of it. */
import { describe } from '../errors.ts'
import type { ScanFunction, ValidateFunction } from './checks.ts'
import { imageDefaults, type ImageLimits, type ImageOptions } from './image-limits.ts'

export interface CheckOptions<Socket, Meta> {
  /**
   * Bytes of all files together, at most: of those chosen now, or of those consumed before as well, as `maxEntriesMode` says. More are no error of
   * one file but of the choice, as too many are. @default Infinity
   */
  readonly maxTotalSize?: number | undefined
  /**
   * Compare the first bytes with `accept`, too: a file of another type is stopped at once, with `not_accepted`, which says what it is. Needs the
   * package `file-type`. @default false
   */
  readonly sniff?: boolean | undefined
  /**
   * Take images alone (PNG, JPEG, GIF and WebP), and only such sizes; looked at as soon as their header has come. True: with the defaults.
   * @default false
   */
  readonly image?: ImageOptions | boolean | undefined
  /**
   * Called once for each file that fits the other options, in the view's mailbox, when it is chosen: before a byte of it is sent. It may take 15 s;
   * the view goes on meanwhile. A text refuses the file, with `rejected`.
   */
  readonly validate?: ValidateFunction<Socket> | undefined
  /**
   * Called with each file that is all there, outside of the mailbox, before it is `done` and can be consumed; `uploads.maxScans` of
   * `createLiveServer` run at once. A text rejects the file, which is deleted. What it throws fails the file with `scan_failure`. It is called again
   * for a file that outlives its view.
   */
  readonly scan?: ScanFunction<Socket, Meta> | undefined
  /** How long a scan may take, in ms, once it is its turn. @default 600000 (10 minutes) */
  readonly scanTimeout?: number | undefined
}

export interface CheckLimits {
  readonly maxTotalSize: number
  readonly sniff: boolean
  /** `undefined`: it need not be an image. */
  readonly image: ImageLimits | undefined
  readonly validate: ValidateFunction<never> | undefined
  readonly scan: ScanFunction<never, never> | undefined
  readonly scanTimeout: number
}

export const checkDefaults: CheckLimits = {
  maxTotalSize: Number.POSITIVE_INFINITY,
  sniff: false,
  image: undefined,
  validate: undefined,
  scan: undefined,
  scanTimeout: 10 * 60 * 1000,
}

/** `given`: with the defaults where nothing was said, and not looked at yet. */
export function resolveChecks(
  given: { readonly [Option in keyof CheckLimits]: unknown } & { readonly accept: unknown },
  fail: (message: string) => never,
): Pick<CheckLimits, 'image'> {
  const { maxTotalSize, sniff, image, validate, scan, scanTimeout, accept } = given
  if (maxTotalSize !== Number.POSITIVE_INFINITY && !isPositive(maxTotalSize))
    fail(`maxTotalSize must be a positive integer or Infinity, got ${describe(maxTotalSize)}`)
  if (typeof sniff !== 'boolean') fail(`sniff must be true or false, got ${describe(sniff)}`)
  if (sniff && Array.isArray(accept) && accept.length === 0) fail('sniff compares with accept: name what is accepted')
  for (const [option, value] of Object.entries({ validate, scan }))
    if (value !== undefined && typeof value !== 'function') fail(`${option} must be a function, got ${describe(value)}`)
  if (!isPositive(scanTimeout) || scanTimeout > 2 ** 31 - 1)
    fail(`scanTimeout must be a positive integer up to ${2 ** 31 - 1}, got ${describe(scanTimeout)}`)
  return { image: resolveImage(image, fail) }
}

function resolveImage(image: unknown, fail: (message: string) => never): ImageLimits | undefined {
  if (image === undefined || image === false) return undefined
  if (image === true) return imageDefaults
  const known = Object.keys(imageDefaults).join(', ')
  if (typeof image !== 'object' || image === null)
    return fail(`image must be true, false or an object with ${known}, got ${describe(image)}`)
  const given = Object.entries(image).filter(([, value]) => value !== undefined)
  for (const [option, value] of given) {
    if (!Object.hasOwn(imageDefaults, option)) fail(`unknown option image.${option}; known are ${known}`)
    if (!isPositive(value)) fail(`image.${option} must be a positive integer, got ${describe(value)}`)
  }
  const limits: ImageLimits = { ...imageDefaults, ...Object.fromEntries(given) }
  for (const side of ['Width', 'Height'] as const) {
    const [least, most] = [limits[`min${side}`], limits[`max${side}`]]
    if (most !== undefined && least > most) fail(`image.min${side} must be at most max${side} (${most}), got ${least}`)
  }
  return limits
}

function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
