/** Files that the browser sends elsewhere, to a bucket say: the contract of who says where to, and how what that gives back is read. */
import { describe, LiveError } from '../errors.ts'
import { httpUploader } from '../protocol/http-uploads.ts'
import type { UploadEntry } from './entry.ts'

/** What the browser's uploader is given; `uploader` is its name. Phoenix' metadata, so that its JavaScript uploaders work, too. */
export interface ExternalMeta {
  readonly uploader: string
  readonly [key: string]: unknown
}

/** One file that the browser sends elsewhere. */
export interface ExternalFile<Meta = unknown> {
  readonly meta: ExternalMeta
  /** What has to be remembered to go on after a restart; plain JSON, at most 4 KiB. */
  readonly note?: unknown
  /**
   * The browser's uploader asks something of a file on its way: more parts to be signed, what is there already, to complete. From the browser:
   * check it.
   */
  answer?(question: unknown): unknown
  /** Awaited between the browser's 100 and `done`; what it resolves to is what the consume is handed. Rejecting fails the entry. */
  confirm?(): Meta | Promise<Meta>
  /** Called exactly once, last: deletes or aborts what must not stay. */
  dispose?(outcome: 'consumed' | 'dropped'): void | Promise<void>
}

/** `note`: what an earlier process remembered of the same file. */
export interface ExternalTools {
  readonly note: unknown
}

/** Says where the browser sends an entry. `Socket` is the view's own. */
export type ExternalFactory<Socket = unknown> = (
  socket: Socket,
  entry: UploadEntry,
  tools: ExternalTools,
) => ExternalFile | ExternalMeta | Promise<ExternalFile | ExternalMeta>

/** Bytes of a note as JSON. */
const largestNote = 4096
const calls = ['answer', 'confirm', 'dispose'] as const

/** @throws {LiveError} `ERR_UPLOAD_EXTERNAL` for what an option `external` has made that is none. */
export function readExternal(name: string, made: unknown): ExternalFile {
  const fail = (expected: string, got: unknown): never => {
    const message = `allowUpload('${name}'): external must return ${expected}, got ${describe(got)}`
    throw new LiveError('ERR_UPLOAD_EXTERNAL', message)
  }
  const isMeta = isObject(made) && typeof made['uploader'] === 'string'
  const file = (isMeta ? { meta: made } : made) as ExternalFile
  if (!isObject(file) || !isObject(file.meta)) return fail("metadata like { uploader: 'S3', … } or { meta, … }", made)
  const { uploader } = file.meta
  if (typeof uploader !== 'string' || uploader === '') return fail('metadata that names its uploader', uploader)
  if (uploader === httpUploader) return fail(`another uploader than '${httpUploader}', which is ours`, uploader)
  if (printed(file.meta) === undefined) return fail('metadata that is JSON', file.meta)
  for (const call of calls) {
    const given: unknown = file[call]
    if (given !== undefined && typeof given !== 'function') return fail(`a function as ${call}`, given)
  }
  const note = file.note === undefined ? '' : printed(file.note)
  if (note === undefined) return fail('a note that is JSON', file.note)
  const { length } = new TextEncoder().encode(note)
  return length > largestNote ? fail(`a note of up to ${largestNote} bytes of JSON`, length) : file
}

/** `undefined` for what JSON cannot say. */
export function printed(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
