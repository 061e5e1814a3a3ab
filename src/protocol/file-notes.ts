/**
 * What our client module notes of files that the official client says nothing of. Both sides of the wire: the module writes it, and
 * the server reads it as it reads whatever comes from a browser.
 */

/** Events of ours on a view's channel. */
export const fileEvents = {
  /** A chosen file cannot be read: {@link FileFailure}. */
  failed: 'lv:file-failed',
  /** A form was reset: `{ ref }` of a file input in it. */
  reset: 'lv:files-reset',
} as const

/** The key of a file's meta that is ours. What the page's own script attached stands in it. */
const ownKey = 'liveloom'

/** What is noted of a file when it is chosen. */
export interface FileNote {
  /** It has no byte: the official client is told otherwise, since it would drop it without a word. */
  readonly empty?: boolean | undefined
  readonly folder?: boolean | undefined
  /** Why a transform of the page's has failed for it; what is sent in its place has no byte. */
  readonly spoiled?: string | undefined
  /** What the page's own script attached. */
  readonly meta?: unknown
}

export function writeNote(note: FileNote): Readonly<Record<string, FileNote>> {
  return { [ownKey]: note }
}

/** The note in a file's meta. Without one all of it is what the page's own script attached. */
export function readNote(meta: unknown): FileNote {
  const note = isObject(meta) ? meta[ownKey] : undefined
  if (!isObject(note)) return { meta }
  const { empty, folder, spoiled, meta: own } = note
  return {
    empty: empty === true,
    folder: folder === true,
    spoiled: typeof spoiled === 'string' ? spoiled : undefined,
    meta: own,
  }
}

/** Why the browser cannot read a file that was chosen. */
export type FileFailureCode = 'file_missing' | 'file_changed' | 'file_unreadable'

export interface FileFailure {
  /** The entry's. */
  readonly ref: string
  readonly code: FileFailureCode
}

/** `error`: what the browser says when it is to read, by name. */
export function failureCode(error: string): FileFailureCode {
  if (error === 'NotFoundError') return 'file_missing'
  return error === 'NotReadableError' ? 'file_changed' : 'file_unreadable'
}

const failureCodes: ReadonlySet<unknown> = new Set<FileFailureCode>(['file_missing', 'file_changed', 'file_unreadable'])

export function readFailure(value: unknown): FileFailure | undefined {
  if (!isObject(value)) return undefined
  const { ref, code } = value
  return typeof ref === 'string' && failureCodes.has(code) ? { ref, code: code as FileFailureCode } : undefined
}

/** The file input that a form's reset has emptied. */
export function readReset(value: unknown): string | undefined {
  const ref = isObject(value) ? value['ref'] : undefined
  return typeof ref === 'string' ? ref : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
