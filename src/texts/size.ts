/**
 * Sizes as people read them: in units of 1024, as Windows and the options of an upload have them, with one place behind the point. A size
 * is rounded up and a limit down, so that what is larger than a limit never reads the same as the limit.
 */
import { describe, LiveError } from '../errors.ts'

const units = ['byte', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/**
 * The size of a file as people read it: `1 byte`, `930 KB`, `10.1 MB`. Units are of 1024 (1 KB is 1,024 bytes), with one place behind the
 * point, rounded up: a file of a byte more than `10 MB` reads `10.1 MB`. For a limit take {@link formatLimit}, which rounds down.
 *
 * @param bytes Zero or more; from the browser as `entry.clientSize`.
 * @param lang Whose digits and units it has: `meta.lang`. @default 'en'
 * @throws {LiveError} `ERR_UPLOAD_OPTIONS` when it is no number, or less than zero.
 * @example
 * import { formatLimit, formatSize, html, type UploadConfig, type UploadEntry } from 'liveloom'
 *
 * export const hint = (photos: UploadConfig) => html`<small>At most ${formatLimit(photos.maxFileSize)} each</small>`
 * export const row = (entry: UploadEntry) => html`<li>${entry.clientName}, ${formatSize(entry.clientSize)}</li>`
 */
export function formatSize(bytes: number, lang = 'en'): string {
  return format('formatSize', bytes, Math.ceil, lang)
}

/**
 * A limit of sizes as people read it, in the units of {@link formatSize} and rounded down: what is larger than the limit never reads the same.
 *
 * @param bytes Zero or more, as `maxFileSize`.
 * @param lang Whose digits and units it has: `meta.lang`. @default 'en'
 * @throws {LiveError} `ERR_UPLOAD_OPTIONS` when it is no number, or less than zero.
 */
export function formatLimit(bytes: number, lang = 'en'): string {
  return format('formatLimit', bytes, Math.floor, lang)
}

function format(where: string, bytes: number, round: (amount: number) => number, lang: string): string {
  if (!Number.isFinite(bytes) || bytes < 0) {
    throw new LiveError('ERR_UPLOAD_OPTIONS', `${where}: expected a number of bytes, got ${describe(bytes)}`)
  }
  let unit = 0
  // Bytes are whole.
  let amount = round(bytes)
  // The next unit as soon as this one would read 1024.
  while (amount >= 1024 && unit < units.length - 1) {
    unit++
    const size = 1024 ** unit
    const rest = bytes % size
    // The whole apart from the rest: with both in one number a byte more may not count.
    amount = (((bytes - rest) / size) * 10 + round((rest * 10) / size)) / 10
  }
  if (lang !== 'en') return formatUnit(amount, unit, lang)
  return unit === 0 ? `${amount} ${amount === 1 ? 'byte' : 'bytes'}` : `${amount} ${units[unit]!}`
}

const unitNames = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

function formatUnit(amount: number, unit: number, lang: string): string {
  const options = { style: 'unit', unit: unitNames[unit]!, maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(lang, { ...options, unitDisplay: unit === 0 ? 'long' : 'short' }).format(amount)
}
