/** What is done to one object of a bucket: put at once or in parts, looked at, deleted. */
import type { S3Requests } from './requests.ts'
import { S3Error, textOf, textsOf, toXml } from './s3-error.ts'

export interface UploadedPart {
  /** From 1 on. */
  readonly number: number
  readonly etag: string
}

/** As the store has it. */
export interface ListedPart extends UploadedPart {
  /** Bytes. */
  readonly size: number
}

export interface StoredObject {
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

type Headers = Readonly<Record<string, string>>

export class S3Object {
  readonly key: string
  readonly #requests: S3Requests

  constructor(requests: S3Requests, key: string) {
    this.#requests = requests
    this.key = key
  }

  get bucket(): string {
    return this.#requests.settings.bucket
  }

  async put(body: Uint8Array, headers: Headers, signal?: AbortSignal): Promise<string> {
    const answer = await this.#requests.send({ method: 'PUT', key: this.key, headers, body, signal })
    return etagOf(answer.headers, this.#named('PUT'))
  }

  async begin(headers: Headers, signal?: AbortSignal): Promise<string> {
    const answer = await this.#requests.send({ method: 'POST', key: this.key, query: { uploads: '' }, headers, signal })
    const id = textOf(answer.text, 'UploadId')
    if (id === undefined)
      throw new S3Error(this.#named('POST'), { status: answer.status, says: 'the answer names no upload' })
    return id
  }

  async putPart(uploadId: string, number: number, body: Uint8Array, signal?: AbortSignal): Promise<UploadedPart> {
    const query = { partNumber: String(number), uploadId }
    const { headers } = await this.#requests.send({ method: 'PUT', key: this.key, query, body, signal })
    return { number, etag: etagOf(headers, this.#named('PUT')) }
  }

  /** The parts that are there, in order; `undefined` when there is no such upload. */
  async parts(uploadId: string, signal?: AbortSignal): Promise<readonly ListedPart[] | undefined> {
    const parts: ListedPart[] = []
    for (let marker: string | undefined = '0'; marker !== undefined;) {
      const query = { uploadId, 'part-number-marker': marker, 'max-parts': '1000' }
      try {
        const { text } = await this.#requests.send({ method: 'GET', key: this.key, query, signal })
        parts.push(...textsOf(text, 'Part').map(readPart))
        marker = textOf(text, 'IsTruncated') === 'true' ? textOf(text, 'NextPartNumberMarker') : undefined
      } catch (error) {
        // The second is Ceph's word for it.
        if (error instanceof S3Error && /^NoSuch(?:Upload|Key)$/.test(error.s3Code)) return undefined
        throw error
      }
    }
    return parts
  }

  /** `size`: of all parts together. */
  async complete(
    uploadId: string,
    parts: readonly UploadedPart[],
    size: number,
    signal?: AbortSignal,
  ): Promise<string> {
    const listed = parts
      .toSorted((one, other) => one.number - other.number)
      .map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${toXml(etag)}</ETag></Part>`)
    const xml = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`
    const request = { method: 'POST', key: this.key, query: { uploadId }, body: Buffer.from(xml), signal } as const
    try {
      const etag = textOf((await this.#requests.send(request)).text, 'ETag') ?? ''
      // Ceph leaves it empty.
      return etag === '' ? ((await this.look(signal))?.etag ?? '') : etag
    } catch (error) {
      // It was done, and the answer was lost.
      if (!(error instanceof S3Error) || error.s3Code !== 'NoSuchUpload' || error.attempts === 1) throw error
      const stored = await this.look(signal)
      if (stored?.size !== size) throw error
      return stored.etag
    }
  }

  /** What has come of it is deleted. One that is gone already is fine. */
  async abort(uploadId: string): Promise<void> {
    await this.#gone({ method: 'DELETE', key: this.key, query: { uploadId } })
  }

  async delete(): Promise<void> {
    await this.#gone({ method: 'DELETE', key: this.key })
  }

  async look(signal?: AbortSignal): Promise<StoredObject | undefined> {
    try {
      const { headers } = await this.#requests.send({ method: 'HEAD', key: this.key, signal })
      return { etag: etagOf(headers, this.#named('HEAD')), size: Number(headers.get('content-length')) }
    } catch (error) {
      if (error instanceof S3Error && error.status === 404) return undefined
      throw error
    }
  }

  async #gone(request: Parameters<S3Requests['send']>[0]): Promise<void> {
    try {
      await this.#requests.send(request)
    } catch (error) {
      if (!(error instanceof S3Error) || error.status !== 404) throw error
    }
  }

  #named(method: string): string {
    return `${method} ${this.bucket}/${this.key}`
  }
}

function readPart(xml: string): ListedPart {
  const [number, size] = [textOf(xml, 'PartNumber'), textOf(xml, 'Size')].map(Number) as [number, number]
  return { number, size, etag: textOf(xml, 'ETag') ?? '' }
}

function etagOf(headers: globalThis.Headers, what: string): string {
  const etag = headers.get('etag')
  if (etag !== null && etag !== '') return etag
  throw new S3Error(what, { status: 200, says: 'the answer has no ETag: is there a proxy that takes it away?' })
}
