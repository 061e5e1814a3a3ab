/**
 * One file that a browser puts to the bucket in parts. The server begins the upload, signs the addresses of its parts, and puts it together: by what the
 * store lists, not by what the browser says.
 */
import type { S3Answer, S3PartSent, S3PartsMeta, S3PartThere } from '../../protocol/s3-uploads.ts'
import { type S3ExternalFile, stored } from './external-file.ts'
import type { ListedPart, S3Object } from './objects.ts'
import { readQuestion } from './questions.ts'
import { S3Error } from './s3-error.ts'
import type { SignedUploads } from './signed-uploads.ts'
import type { S3Meta } from './writer.ts'

/** How many addresses a file begins with. */
const firstUrls = 8

const hint =
  'The ETag of a part cannot be read by the page: add "ETag" to ExposeHeaders of the CORS rules of the bucket. The parts were taken as the store lists them.'

export interface BegunUpload {
  readonly id: string
  readonly partSize: number
  /** Bytes of the file. */
  readonly size: number
  /** Those that are there from before a restart; `undefined` where it is put together already. */
  readonly there: readonly ListedPart[] | undefined
}

export class PartsFile implements S3ExternalFile {
  readonly meta: S3PartsMeta & { readonly [key: string]: unknown }
  readonly note: unknown
  readonly #object: S3Object
  readonly #signed: SignedUploads
  readonly #upload: BegunUpload
  readonly #parts: number
  #listing: Promise<readonly ListedPart[] | undefined> | undefined
  #completing: Promise<S3Answer> | undefined
  /** Of what was put together; empty where another process did. */
  #etag: string | undefined
  #mayBeStored: boolean
  #isOver = false

  private constructor(object: S3Object, signed: SignedUploads, upload: BegunUpload, meta: S3PartsMeta) {
    this.#object = object
    this.#signed = signed
    this.#upload = upload
    this.#parts = meta.parts
    this.meta = { ...meta }
    this.note = { how: 'multipart', key: object.key, id: upload.id, partSize: upload.partSize }
    this.#mayBeStored = meta.completed
    if (meta.completed) this.#etag = ''
  }

  static async open(object: S3Object, signed: SignedUploads, upload: BegunUpload): Promise<S3ExternalFile> {
    const { id, partSize, size, there } = upload
    const parts = Math.max(1, Math.ceil(size / partSize))
    const whole = wholeOf(there ?? [], upload)
    const has = new Set(whole.map(({ number }) => number))
    const numbers = there === undefined ? [] : Array.from({ length: parts }, (_, at) => at + 1)
    const missing = numbers.filter((number) => !has.has(number)).slice(0, firstUrls)
    const file = new PartsFile(object, signed, upload, {
      ...{ uploader: 'LiveloomS3', how: 'multipart', key: object.key, partSize, parts },
      urls: await signed.parts(object.key, id, missing, (number) => bytesOf(number, upload)),
      there: whole.map(toThere),
      completed: there === undefined,
      expires: signed.expires,
    })
    // As plain as the others: whoever takes its functions off may.
    return {
      meta: file.meta,
      note: file.note,
      answer: (asked) => file.answer(asked),
      confirm: () => file.confirm(),
      dispose: (outcome) => file.dispose(outcome),
    }
  }

  /** @throws {S3Error} Where the store fails. */
  async answer(asked: unknown): Promise<S3Answer> {
    const read = readQuestion(asked, this.#parts)
    if (!read.ok) return { refused: 'question', says: read.says }
    if (this.#isOver) return { refused: 'gone', says: 'the entry is over' }
    const { question } = read
    if ('sign' in question) return this.#sign(question.sign)
    if ('list' in question) return this.#list()
    if ('complete' in question)
      return (this.#completing ??= this.#complete(question.complete).finally(() => (this.#completing = undefined)))
    return { refused: 'question', says: 'the addresses of parts are had by sign' }
  }

  async confirm(): Promise<S3Meta> {
    if (this.#etag === undefined)
      throw new S3Error(`HEAD ${this.#object.bucket}/${this.#object.key}`, {
        status: 404,
        says: 'the browser said that it was sent, and it was not put together',
      })
    return stored(this.#object, this.#upload.size, this.#etag === '' ? undefined : this.#etag)
  }

  async dispose(outcome: 'consumed' | 'dropped'): Promise<void> {
    this.#isOver = true
    await this.#completing?.catch(() => {})
    if (outcome === 'consumed') return
    if (this.#etag === undefined) await this.#object.abort(this.#upload.id)
    if (this.#mayBeStored) await this.#object.delete()
  }

  async #sign(numbers: readonly number[]): Promise<S3Answer> {
    const { expires } = this.#signed
    const { id } = this.#upload
    const urls = await this.#signed.parts(this.#object.key, id, numbers, (number) => bytesOf(number, this.#upload))
    return { urls, expires }
  }

  async #list(): Promise<S3Answer> {
    // However often it is asked, the store is asked once at a time.
    const listed = await (this.#listing ??= this.#object
      .parts(this.#upload.id)
      .finally(() => (this.#listing = undefined)))
    return listed === undefined ? gone : { parts: wholeOf(listed, this.#upload).map(toThere) }
  }

  async #complete(sent: readonly S3PartSent[]): Promise<S3Answer> {
    const { id, size } = this.#upload
    const lacksEtags = sent.some(([, etag]) => (etag ?? '') === '')
    const done = { completed: true, ...(lacksEtags && { hint }) } as const
    if (this.#etag !== undefined) return done
    const listed = await this.#object.parts(id)
    if (listed === undefined) return this.#mayBeStored && (await this.#isThere()) ? done : gone
    const there = new Map(wholeOf(listed, this.#upload).map((part) => [part.number, part]))
    const missing = sent.filter(([number, etag]) => {
      const part = there.get(number)
      return part === undefined || ((etag ?? '') !== '' && bare(etag!) !== bare(part.etag))
    })
    if (missing.length > 0) return { missing: missing.map(([number]) => number).toSorted((one, other) => one - other) }
    this.#mayBeStored = true
    this.#etag = await this.#object.complete(id, [...there.values()], size)
    return done
  }

  /** An end that was not answered may have been one. */
  async #isThere(): Promise<boolean> {
    const found = await this.#object.look()
    if (found?.size !== this.#upload.size) return false
    this.#etag = found.etag
    return true
  }
}

const gone = { refused: 'gone', says: 'the store has no such upload: it was aborted, or is too old' } as const

/** Bytes of a part. */
function bytesOf(number: number, { size, partSize }: BegunUpload): number {
  return Math.min(partSize, size - (number - 1) * partSize)
}

function wholeOf(listed: readonly ListedPart[], upload: BegunUpload): readonly ListedPart[] {
  return listed.filter(({ number, size }) => size === bytesOf(number, upload))
}

function toThere({ number, size, etag }: ListedPart): S3PartThere {
  return [number, size, etag]
}

function bare(etag: string): string {
  return etag.replaceAll('"', '')
}
