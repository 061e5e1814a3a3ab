/** The server's options of uploads: where files are kept that outlive their views, whose they are, and for how long. */
import { describe, type LiveError } from '../errors.ts'
import type { SessionData } from '../live/definitions.ts'
import type { DayBytes } from '../upload/day-bytes.ts'
import type { UploadLedger } from '../upload/ledger.ts'
import type { SendingLimits } from '../upload/turn-queue.ts'

/** Where the files of uploads are kept, whose they are, and for how long. */
export interface UploadOptions {
  /**
   * The folder: private (0700) and one that stays, so that the next process finds it. Several processes may have the same one.
   *
   * @default a folder of the system's temporary folder, named after the application and its secret
   */
  readonly folder?: string | undefined
  /**
   * How long the files of `keep: 'visitor'` stay when no page has them, in ms. Others stay for 15 minutes, and go at once when their page is closed.
   *
   * @default 86400000 (24 hours)
   */
  readonly keepFor?: number | undefined
  /**
   * Bytes that files may reserve, each as large as the browser says that it is: for one visitor, and for all together. A choice that needs more is
   * refused with `storage_full`.
   *
   * @default { visitor: 5368709120, all: 21474836480 } (5 and 20 GiB)
   */
  readonly maxStored?: { readonly visitor?: number | undefined; readonly all?: number | undefined } | undefined
  /**
   * Files that are sent at once: of one view, of one visitor, and of all that this process serves. More wait for their turn, `queued` with
   * their `place`; whoever sends least goes first.
   *
   * @default { view: 50, visitor: 50, all: 500 }
   */
  readonly maxSending?:
    | { readonly view?: number | undefined; readonly visitor?: number | undefined; readonly all?: number | undefined }
    | undefined
  /**
   * Bytes that one visitor may send within 24 hours, to this process or to all that share `received`, in steps of an hour: what has come counts, and what may still come of
   * files that were granted. A choice that needs more is refused with `quota_exceeded`.
   *
   * @default { visitor: 53687091200 } (50 GiB)
   */
  readonly maxReceived?: { readonly visitor?: number | undefined } | undefined
  /** Counts what visitors send, for `maxReceived`: over all processes that share it. @default each process counts for itself */
  readonly received?: DayBytes | undefined
  /**
   * Bytes of the disk where `folder` is that stay free, what is still to come of granted files included. A choice that needs them is
   * refused with `storage_full`. With 0 the disk is not looked at.
   *
   * @default 67108864 (64 MiB)
   */
  readonly minFree?: number | undefined
  /** Files of one visitor that are kept at once. @default 10000 */
  readonly maxFiles?: number | undefined
  /** Scans of uploads (the option `scan` of `allowUpload`) that run at once in this process; others wait. @default 4 */
  readonly maxScans?: number | undefined
  /**
   * Who a visitor is to kept files, by the visitor's session: another one in the same browser finds nothing of the first. Any value of JSON; the id of
   * the user, say.
   *
   * @default `stash.ownerOf`: the whole session
   */
  readonly ownerOf?: ((session: SessionData) => unknown) | undefined
  /** What remembers them, in place of the one on disk; `false`: nothing does, and files end with their views. */
  readonly ledger?: UploadLedger | false | undefined
}

export interface UploadSettings {
  /** `undefined`: the machine has one. */
  readonly folder: string | undefined
  readonly keepFor: number
  readonly maxStored: { readonly visitor: number; readonly all: number }
  readonly maxSending: SendingLimits
  readonly maxReceived: { readonly visitor: number }
  readonly received: DayBytes | undefined
  readonly minFree: number
  readonly maxFiles: number
  readonly maxScans: number
  readonly ownerOf: (session: SessionData) => unknown
  /** `undefined`: the one on disk. */
  readonly ledger: UploadLedger | false | undefined
}

const GiB = 1024 ** 3
const known: ReadonlySet<string> = new Set([
  'folder',
  'keepFor',
  'maxStored',
  'maxSending',
  'maxReceived',
  'received',
  'minFree',
  'maxFiles',
  'maxScans',
  'ownerOf',
  'ledger',
] satisfies (keyof UploadOptions)[])

/** `fail` says whose option it was. */
export function resolveUploadSettings(
  given: UploadOptions,
  owner: UploadSettings['ownerOf'],
  fail: (message: string) => LiveError,
): UploadSettings {
  checkKeys('uploads', given, known, fail)
  const {
    folder,
    keepFor = 24 * 60 * 60 * 1000,
    maxStored = {},
    maxFiles = 10_000,
    maxScans = 4,
    ownerOf = owner,
    ledger,
    received,
  } = given
  checkKeys('uploads.maxStored', maxStored, new Set(['visitor', 'all']), fail)
  const { visitor = 5 * GiB, all = 20 * GiB } = maxStored
  const { maxSending, maxReceived, minFree } = resolveAdmission(given, fail)
  const whole = {
    ...{
      'maxStored.visitor': visitor,
      'maxStored.all': all,
      maxFiles,
      maxScans,
      keepFor,
      'maxReceived.visitor': maxReceived.visitor,
    },
    ...Object.fromEntries(Object.entries(maxSending).map(([of, most]) => [`maxSending.${of}`, most])),
  }
  for (const [name, value] of Object.entries(whole)) {
    if (Number.isSafeInteger(value) && value > 0) continue
    throw fail(`uploads.${name} must be a positive integer, got ${describe(value)}`)
  }
  if (folder !== undefined && (typeof folder !== 'string' || folder === '')) {
    throw fail(`uploads.folder must be a path, got ${describe(folder)}`)
  }
  if (typeof ownerOf !== 'function') throw fail(`uploads.ownerOf must be a function, got ${describe(ownerOf)}`)
  if (ledger !== undefined && ledger !== false && !isLedger(ledger)) {
    throw fail(`uploads.ledger must have the functions grant and list, or be false, got ${describe(ledger)}`)
  }
  if (received !== undefined && !isDayBytes(received)) {
    throw fail(`uploads.received must have the functions add and of, got ${describe(received)}`)
  }
  return {
    received,
    folder,
    keepFor,
    maxStored: { visitor, all },
    maxSending,
    maxReceived,
    minFree,
    maxFiles,
    maxScans,
    ownerOf,
    ledger,
  }
}

function resolveAdmission(
  { maxSending = {}, maxReceived = {}, minFree = 64 * 1024 * 1024 }: UploadOptions,
  fail: (message: string) => LiveError,
): Pick<UploadSettings, 'maxSending' | 'maxReceived' | 'minFree'> {
  checkKeys('uploads.maxSending', maxSending, new Set(['view', 'visitor', 'all']), fail)
  checkKeys('uploads.maxReceived', maxReceived, new Set(['visitor']), fail)
  if (!Number.isSafeInteger(minFree) || minFree < 0) {
    throw fail(`uploads.minFree must be 0 or a positive integer, got ${describe(minFree)}`)
  }
  const { view = 50, visitor = 50, all = 500 } = maxSending
  return { maxSending: { view, visitor, all }, maxReceived: { visitor: maxReceived.visitor ?? 50 * GiB }, minFree }
}

function isDayBytes(received: Partial<DayBytes> | null): boolean {
  return typeof received?.add === 'function' && typeof received.of === 'function'
}

function isLedger(ledger: Partial<UploadLedger> | null): boolean {
  return typeof ledger?.grant === 'function' && typeof ledger.list === 'function'
}

function checkKeys(
  where: string,
  given: unknown,
  names: ReadonlySet<string>,
  fail: (message: string) => LiveError,
): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw fail(`${where} must be an object with ${[...names].join(', ')}, got ${describe(given)}`)
  }
  for (const option of Object.keys(given)) {
    if (!names.has(option)) throw fail(`unknown option ${where}.${option}; known are ${[...names].join(', ')}`)
  }
}
