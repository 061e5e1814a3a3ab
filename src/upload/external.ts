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
  /** Of one that goes on from a note: bytes that are there already. @default 0 */
  readonly offset?: number | undefined
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

/** What whoever says where an entry goes is given beside it. */
export interface ExternalTools {
  /**
   * What was given to `keep` last, of the same file: the server was started anew, or the page loaded. Say where it went, and go on from there.
   * `undefined` for a file that begins.
   */
  readonly note: unknown
  /**
   * Has a note kept until the entry is consumed or cancelled: what is needed to go on, up to 4 KiB of JSON. The last one counts. Resolves when it
   * would outlive the process. A file of which nothing was kept ends with its view: its page begins anew.
   */
  keep(note: unknown): Promise<void>
  /**
   * The file was chosen again on another page, by its name, size and date: nobody has proven that it is the same. What it takes to add to what is
   * there already.
   */
  readonly isChosenAgain: boolean
}

/** Says where the browser sends an entry. `Socket` is the view's own. */
export type ExternalFactory<Socket = unknown> = (
  socket: Socket,
  entry: UploadEntry,
  tools: ExternalTools,
) => ExternalFile | ExternalMeta | Promise<ExternalFile | ExternalMeta>

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
  const { offset } = file
  if (offset !== undefined && !(Number.isSafeInteger(offset) && offset >= 0)) return fail('bytes as offset', offset)
  return file
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
