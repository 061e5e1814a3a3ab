/** What a browser needs to send to a bucket by itself: a form, or addresses. All hold it to the bytes that it declared. */
import type { S3PartUrl } from '../../protocol/s3-uploads.ts'
import type { S3Requests } from './requests.ts'
import { presign, type Signing, signPost } from './signature.ts'

export interface DeclaredObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
}

export class SignedUploads {
  /** For how long they are good, in s. */
  readonly expires: number
  readonly #requests: S3Requests

  constructor(requests: S3Requests, expires: number) {
    this.#requests = requests
    this.expires = expires
  }

  /** A form that takes just this object: another key, another type, another size is refused by the store. */
  async post({ key, size, headers }: DeclaredObject): Promise<{ url: string; fields: Record<string, string> }> {
    const named = Object.entries(headers).map(([name, value]) => [fieldOf(name), value] as const)
    const fields = { bucket: this.#requests.settings.bucket, key, ...Object.fromEntries(named) }
    const conditions = [['content-length-range', size, size]]
    return {
      url: (await this.#requests.urlOf('')).href,
      fields: signPost(fields, conditions, this.expires, await this.#signing()),
    }
  }

  /** Whoever uses it sends the headers as they are here. */
  async put({ key, size, headers }: DeclaredObject): Promise<string> {
    const signed = { ...headers, 'content-length': String(size) }
    const url = await this.#requests.urlOf(key)
    return presign({ method: 'PUT', url, headers: signed }, this.expires, await this.#signing()).href
  }

  /** `sizeOf`: bytes of a part. */
  async parts(
    key: string,
    uploadId: string,
    numbers: readonly number[],
    sizeOf: (number: number) => number,
  ): Promise<readonly S3PartUrl[]> {
    const signing = await this.#signing()
    return Promise.all(
      numbers.map(async (number): Promise<S3PartUrl> => {
        const url = await this.#requests.urlOf(key, { partNumber: String(number), uploadId })
        const headers = { 'content-length': String(sizeOf(number)) }
        return [number, presign({ method: 'PUT', url, headers }, this.expires, signing).href]
      }),
    )
  }

  async #signing(): Promise<Signing> {
    await this.#requests.askTime()
    return this.#requests.signing()
  }
}

/** A header's name as a form has it: `Content-Type`, but `x-amz-meta-who`. */
function fieldOf(name: string): string {
  return name.startsWith('x-amz-') ? name : name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
}
