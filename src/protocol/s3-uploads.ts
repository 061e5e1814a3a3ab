/**
 * What the browser's uploaders and `s3External` say to each other of a file that goes straight to a bucket. The browser is given the metadata of one of
 * three ways; what it asks on the way is answered by the server, which believes nothing of it.
 *
 * - `S3`: a form that is posted, `fields` first and the file last, under the name `file`; answered with 204. As in Phoenix' guide.
 * - `LiveloomS3`, `how: 'put'`: the whole file, put to `url` with `headers`.
 * - `LiveloomS3`, `how: 'multipart'`: slices of the file, each put to an address of its own without headers of its own (a `Blob` without a type); then
 *   `complete` is asked.
 *
 * Then the browser says 100 %. All addresses are over after `expires` s (a request that has begun before goes on): those of parts are had anew by `sign`,
 * the others by `renew`. A store that answers 403 says just that; 404 (`NoSuchUpload`) to a part says that the upload was ended.
 */

/** Phoenix' own uploader understands it. */
export interface S3PostMeta {
  readonly uploader: 'S3'
  readonly url: string
  /** All that go before the file, in this order. */
  readonly fields: Readonly<Record<string, string>>
  readonly key: string
  /** S. */
  readonly expires: number
}

export interface S3PutMeta {
  readonly uploader: 'LiveloomS3'
  readonly how: 'put'
  readonly url: string
  /** Signed: they go along as they are here. The browser adds the length, which is signed, too. */
  readonly headers: Readonly<Record<string, string>>
  readonly key: string
  /** S. */
  readonly expires: number
}

export interface S3PartsMeta {
  readonly uploader: 'LiveloomS3'
  readonly how: 'multipart'
  readonly key: string
  /** Bytes of each part but the last: part `n`, from 1 on, is `file.slice((n - 1) * partSize, n * partSize)`. The length of each is signed. */
  readonly partSize: number
  /** How many there are. */
  readonly parts: number
  /** Of the first parts that are to be sent. */
  readonly urls: readonly S3PartUrl[]
  /** Parts that the store has already, from a view before, and that need not be sent. */
  readonly there: readonly S3PartThere[]
  /** All is there and put together, from a view before: say 100 %. */
  readonly completed: boolean
  /** S. */
  readonly expires: number
  /** The file was chosen again: `mark` is asked first, and answered with the metadata that counts. */
  readonly mustProve: boolean
}

export type S3UploadMeta = S3PostMeta | S3PutMeta | S3PartsMeta

/** The part's number, and where it is put. */
export type S3PartUrl = readonly [number: number, url: string]
/** Its number, its bytes, and its ETag as it stands in the header, in quotes. */
export type S3PartThere = readonly [number: number, size: number, etag: string]
/** A part that was sent. Without its ETag where the browser may not read that: the bucket's CORS rules lack `ExposeHeaders: ETag`. */
export type S3PartSent = readonly [number: number, etag?: string | null]

/** How many parts may be signed by one question. */
export const mostSigned = 100

/**
 * How a mark is made: SHA-256, as base64url, of the file's bytes where it is at most so long; otherwise of this many pieces, spread evenly over it
 * from its first byte to its last, one behind the other.
 */
export const markedWhole: number = 2 * 1024 * 1024
export const markedPieces = 32

export type S3Question =
  /**
   * Of a multipart upload: what tells the file from others of its name, size and date; `null` where the browser cannot say. Answered with `marked`,
   * or, where the file had to be proven, with `meta`.
   */
  | { readonly mark: string | null }
  /** Of a multipart upload: 1 to {@link mostSigned} of its numbers. Answered with `urls`. */
  | { readonly sign: readonly number[] }
  /** Of a multipart upload. Answered with `parts`: those that are whole. */
  | { readonly list: true }
  /** Of a multipart upload: all of its numbers, in any order. Answered with `completed` or `missing`. */
  | { readonly complete: readonly S3PartSent[] }
  /** Of a form, or of a put: its metadata anew. Answered with `meta`. */
  | { readonly renew: true }

export type S3Answer =
  | { readonly urls: readonly S3PartUrl[]; readonly expires: number }
  | { readonly parts: readonly S3PartThere[] }
  /** It is put together (once is enough, also where it is asked again). `hint`: what the developer should read in the console. */
  | { readonly completed: true; readonly hint?: string }
  /** Not put together: these the store has not, or not as they were sent. Send them again, then ask again. */
  | { readonly missing: readonly number[] }
  | { readonly meta: S3UploadMeta }
  | { readonly marked: true }
  /** The question makes no sense: `says` tells why. */
  | { readonly refused: 'question'; readonly says: string }
  /** The upload is gone from the store: aborted, or too old. Fail the entry; another try begins anew. */
  | { readonly refused: 'gone'; readonly says: string }
