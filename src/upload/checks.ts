/** What functions of the application say of a file: before a byte of it is sent, and when all of it is there. */
import { describe, LiveError } from '../errors.ts'
import type { UploadEntry } from './entry.ts'
import { type UploadError, uploadError } from './errors.ts'

/** `undefined` or true: the file is taken. A text: it is not, and why, as the page shows it. False: it is not, and no more is said. */
export type Verdict = boolean | string | undefined

/** Looks at what the browser claims of a file before a byte of it is sent. `Socket` is the view's own. */
export type ValidateFunction<Socket = unknown> = (entry: UploadEntry, socket: Socket) => Verdict | Promise<Verdict>

/** What a scan is given beside the file. */
export interface ScanTools<Socket = unknown> {
  /** Aborts when nobody needs the answer any more: the entry was cancelled, the view has ended, or it took too long. */
  readonly signal: AbortSignal
  readonly socket: Socket
}

/** Looks at a file that is all there, before it can be consumed. `meta` is what its writer hands over: of the default one, where the file lies. */
export type ScanFunction<Socket, Meta> = (
  entry: UploadEntry,
  meta: Meta,
  tools: ScanTools<Socket>,
) => Verdict | Promise<Verdict>

/** What a verdict means. @throws {LiveError} `ERR_UPLOAD_CHECK` for what is none. */
export function readVerdict(call: 'validate' | 'scan', verdict: unknown): UploadError | undefined {
  if (verdict === undefined || verdict === true) return undefined
  if (verdict === false) return uploadError('rejected', { reason: '' })
  if (typeof verdict === 'string') return uploadError('rejected', { reason: verdict })
  throw new LiveError(
    'ERR_UPLOAD_CHECK',
    `${call} of allowUpload must give back nothing, true, false or a reason, got ${describe(verdict)}`,
  )
}
