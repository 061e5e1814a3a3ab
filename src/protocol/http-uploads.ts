/** What our client module and the server say to each other of files that travel over HTTP. */

/** The key of a join's params by which our client module says that it can send them so: the refs of those that it is sending. */
export const httpUploadsParam = 'liveloomHttpUploads'

/** More than one page may send at once. */
const mostRefs = 10_000

/** `undefined` for a page that sends none so. */
export function readHttpUploads(params: Readonly<Record<string, unknown>>): ReadonlySet<string> | undefined {
  const refs = params[httpUploadsParam]
  if (!Array.isArray(refs)) return undefined
  return new Set(refs.slice(0, mostRefs).filter((ref) => typeof ref === 'string'))
}

/** What the client calls the uploader that an entry is handed to. */
export const httpUploader = 'Liveloom'

/** On an upload's input: the refs of the entries that are paused, joined by commas. */
export const pausedAttribute = 'data-liveloom-paused'

/** On an upload's input: the refs of the entries that are all there and are being scanned, joined by commas. */
export const scanningAttribute = 'data-liveloom-scanning'

/** On an upload's input: how often entries were to begin anew, as `ref:times`, joined by commas. */
export const retriesAttribute = 'data-liveloom-retries'

/** Below the socket's path. */
export const uploadsFolder = 'uploads'

/** A file that was chosen again is proven to be the one whose first bytes the server has: by this range of them. */
export interface FileProof {
  readonly nonce: string
  readonly from: number
  readonly to: number
}

/** The header of the first request: the HMAC-SHA-256 of the range, with the nonce as its key, as base64url. Without it the file begins anew. */
export const proofHeader = 'liveloom-proof'

/** The header by which our client module asks, without a body, for its turn to send: the answer waits for it, some seconds at most. */
export const turnHeader = 'liveloom-turn'

/** The header of an answer that says that others are sent first. */
export const queuedHeader = 'liveloom-queued'

/** An entry's answer of the preflight, which the client hands to the uploader as metadata. */
export interface HttpGrant {
  readonly uploader: typeof httpUploader
  /** The path of its resource, as the browser has it. */
  readonly url: string
  /** Each part is to have the digest of what is in it. */
  readonly verify?: boolean | undefined
  /** Admits its channel, where HTTP does not get through. */
  readonly token: string
  readonly proof?: FileProof
}
