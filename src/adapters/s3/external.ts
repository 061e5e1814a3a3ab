import { describe, LiveError } from '../../errors.ts'
import type { UploadEntry } from '../../upload/entry.ts'
import type { ExternalTools } from '../../upload/external.ts'
import type { S3ExternalFile } from './external-file.ts'
import { type BegunUpload, PartsFile, type PartsNote } from './external-parts.ts'
import { wholeFile } from './external-whole.ts'
import { readKey } from './object-key.ts'
import { S3Object } from './objects.ts'
import { resolveS3Options, type S3Options } from './options.ts'
import { checkPartSize, partSizeFor } from './part-size.ts'
import { S3Requests } from './requests.ts'
import { SignedUploads } from './signed-uploads.ts'

/** What {@link s3External} takes. `Socket` is the view's own. */
export interface S3ExternalOptions<Socket = unknown> extends S3Options {
  /**
   * What the object is called: another one for each file, since what is there already is replaced, and is deleted with an entry that is not consumed.
   * Never made of `clientName` without checking it: the browser has chosen that.
   */
  readonly key: (socket: Socket, entry: UploadEntry) => string
  /**
   * How files go. `post`: by a form, which R2 does not have. `put`: by an address; whoever has it may add headers to the object. `multipart`: in parts, which can be sent again one by one, and after
   * which the addresses are worth nothing. `auto`: `post`, and larger ones in parts.
   *
   * @default 'auto'
   */
  readonly method?: 'auto' | 'post' | 'put' | 'multipart' | undefined
  /** From how many bytes on files go in parts, whatever `method` says. @default 67108864 (64 MiB) with `auto`, else 5000000000, which is the most that goes as a whole */
  readonly multipartFrom?: number | undefined
  /** Bytes of a part: from 5 MiB to 5 GiB. Grows for files of which there would be more than 10,000. @default 8388608 (8 MiB) */
  readonly partSize?: number | undefined
  /** How long an address may be used, in ms: from 1 s to 7 days. The browser has it anew when it is over. @default 900000 (15 min) */
  readonly expires?: number | undefined
  /**
   * Headers of the object: `content-type`, `cache-control`, `x-amz-meta-…`, in small letters. They are signed: the browser cannot change them. By `post` and
   * `multipart` it cannot add others either; by `put` it can, since S3 stores what comes beside what was signed: `content-encoding`, say.
   *
   * @default `content-type: application/octet-stream`: the type that a browser claims is not to be trusted
   */
  readonly headers?: ((socket: Socket, entry: UploadEntry) => Readonly<Record<string, string>>) | undefined
}

/** For the option `external` of `allowUpload`. */
export type S3ExternalFactory<Socket = unknown> = (
  socket: Socket,
  entry: UploadEntry,
  tools: ExternalTools,
) => Promise<S3ExternalFile>

type Method = 'post' | 'put' | 'multipart'

const MiB = 1024 * 1024
const largestWhole = 5_000_000_000
const longestExpiry = 7 * 24 * 60 * 60 * 1000
const methods = ['auto', 'post', 'put', 'multipart']
const own = ['key', 'method', 'multipartFrom', 'partSize', 'expires', 'headers']

/**
 * Has the browser send files straight to S3, or to whatever speaks it: the server signs what the browser may do, for this file alone, and looks at what is
 * there before the entry is done. Not a byte passes through the server. The bucket needs CORS rules.
 *
 * @throws {LiveError} `ERR_UPLOAD_OPTIONS` at once for a wrong option. Later, as failures of an entry: `S3Error`.
 * @example
 * import { s3External } from 'liveloom/uploads-s3'
 *
 * export const external = s3External({
 *   bucket: 'videos',
 *   region: 'eu-central-1',
 *   credentials: { accessKeyId: process.env['S3_KEY']!, secretAccessKey: process.env['S3_SECRET']! },
 *   key: (_, entry) => `incoming/${entry.uuid}`,
 * })
 */
export function s3External<Socket = unknown>(options: S3ExternalOptions<Socket>): S3ExternalFactory<Socket> {
  const settings = resolveS3Options('s3External', options, own)
  const fail = (message: string): never => {
    throw new LiveError('ERR_UPLOAD_OPTIONS', `s3External: ${message}`)
  }
  const { key: keyOf, headers, method = 'auto', partSize = 8 * MiB, expires = 15 * 60 * 1000 } = options
  const { multipartFrom = method === 'auto' ? 64 * MiB : largestWhole } = options
  if (typeof keyOf !== 'function') fail(`key must be a function (socket, entry) => string, got ${describe(keyOf)}`)
  if (headers !== undefined && typeof headers !== 'function')
    fail(`headers must be a function, got ${describe(headers)}`)
  if (!methods.includes(method)) fail(`method must be one of ${methods.join(', ')}, got ${describe(method)}`)
  if (!Number.isSafeInteger(multipartFrom) || multipartFrom < 1 || multipartFrom > largestWhole)
    fail(`multipartFrom must be from 1 to ${largestWhole} bytes, got ${describe(multipartFrom)}`)
  checkPartSize(partSize, fail)
  if (!Number.isSafeInteger(expires) || expires < 1000 || expires > longestExpiry)
    fail(`expires must be from 1000 to ${longestExpiry} ms, got ${describe(expires)}`)
  const requests = new S3Requests(settings)
  const signed = new SignedUploads(requests, Math.floor(expires / 1000))

  const methodFor = (size: number): Method => {
    if (method === 'multipart' || size > multipartFrom) return 'multipart'
    return method === 'put' ? 'put' : 'post'
  }
  const headersOf = (socket: Socket, entry: UploadEntry): Readonly<Record<string, string>> => {
    const given = Object.entries(headers?.(socket, entry) ?? {}).filter(([, value]) => value !== '')
    return { 'content-type': 'application/octet-stream', ...Object.fromEntries(given) }
  }

  return async (socket, entry, tools) => {
    const size = entry.clientSize
    const note = readNote(tools.note)
    const key = note?.key ?? readKey('s3External', keyOf(socket, entry))
    const how = note?.how ?? methodFor(size)
    const object = new S3Object(requests, key)
    const { keep } = tools
    if (how !== 'multipart')
      return wholeFile(requests, signed, how, { key, size, headers: headersOf(socket, entry) }, keep)
    const begin = async (): Promise<BegunUpload> => ({
      id: await object.begin(headersOf(socket, entry)),
      partSize: partSizeFor(size, partSize),
      there: [],
    })
    const begun = note?.how === 'multipart' ? await partsThere(object, note, size) : undefined
    const isNew = begun === undefined
    const upload = begun ?? (await begin())
    const { mark } = note?.how === 'multipart' && !isNew ? note : { mark: undefined }
    const mustProve = tools.isChosenAgain && !isNew
    try {
      return await PartsFile.open({ object, signed, size, mark, mustProve, keep, begin }, upload)
    } catch (error) {
      if (isNew) await object.abort(upload.id).catch(() => {})
      throw error
    }
  }
}

/** `undefined`: it is gone. */
async function partsThere(
  object: S3Object,
  { id, partSize }: PartsNote,
  size: number,
): Promise<BegunUpload | undefined> {
  const there = await object.parts(id)
  // It was put together by a process that ended before it could say so.
  const isThere = there !== undefined || (await object.look())?.size === size
  return isThere ? { id, partSize, there } : undefined
}

type ExternalNote = { readonly how: 'post' | 'put'; readonly key: string } | PartsNote

/** An older version of us may have noted something else. */
function readNote(note: unknown): ExternalNote | undefined {
  const { how, key, id, partSize, mark } = (note ?? {}) as Readonly<Record<string, unknown>>
  if (typeof key !== 'string') return undefined
  if (how === 'post' || how === 'put') return { how, key }
  if (how === 'multipart' && typeof id === 'string' && Number.isSafeInteger(partSize))
    return { how, key, id, partSize: Number(partSize), mark: typeof mark === 'string' ? mark : undefined }
  return undefined
}
