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
  /** Those that are there from a view before; `undefined` where it is put together already. */
  readonly there: readonly ListedPart[] | undefined
}

/** What is kept of it. */
export interface PartsNote {
  readonly how: 'multipart'
  readonly key: string
  readonly id: string
  readonly partSize: number
  /** What the browser says that tells the file from others of its name, size and date. */
  readonly mark?: string | undefined
}

export interface PartsFileOptions {
  readonly object: S3Object
  readonly signed: SignedUploads
  /** Bytes of the file. */
  readonly size: number
  /** What the page that began to send it has said. */
  readonly mark: string | undefined
  /** The file was chosen again: it has to be the same. */
  readonly mustProve: boolean
  keep(note: PartsNote): Promise<void>
  /** Another upload of the same key. */
  begin(): Promise<BegunUpload>
}

export class PartsFile {
  readonly #options: PartsFileOptions
  readonly #object: S3Object
  #upload!: BegunUpload
  #mark: string | undefined
  #mustProve: boolean
  #listing: Promise<readonly ListedPart[] | undefined> | undefined
  #completing: Promise<S3Answer> | undefined
  #marking: Promise<S3Answer> | undefined
  /** Of what was put together; empty where another process did. */
  #etag: string | undefined
  #mayBeStored = false
  #isOver = false

  private constructor(options: PartsFileOptions) {
    this.#options = options
    this.#object = options.object
    this.#mark = options.mark
    this.#mustProve = options.mustProve
  }

  static async open(options: PartsFileOptions, upload: BegunUpload): Promise<S3ExternalFile> {
    const file = new PartsFile(options)
    await file.#take(upload)
    // As plain as the others: whoever takes its functions off may.
    return {
      meta: { ...(await file.#describe()) },
      offset: file.#offset,
      answer: (asked) => file.answer(asked),
      confirm: () => file.confirm(),
      dispose: (outcome) => file.dispose(outcome),
    }
  }

  /** It goes on with this. */
  async #take(upload: BegunUpload): Promise<void> {
    this.#upload = upload
    const isPutTogether = upload.there === undefined
    if (isPutTogether) this.#mayBeStored = true
    this.#etag = isPutTogether ? '' : undefined
    await this.#keep()
  }

  #keep(): Promise<void> {
    const { id, partSize } = this.#upload
    return this.#options.keep({ how: 'multipart', key: this.#object.key, id, partSize, mark: this.#mark })
  }

  get #parts(): number {
    return Math.max(1, Math.ceil(this.#options.size / this.#upload.partSize))
  }

  get #offset(): number {
    const { there } = this.#upload
    return there === undefined ? this.#options.size : this.#wholeOf(there).reduce((sum, { size }) => sum + size, 0)
  }

  async #describe(): Promise<S3PartsMeta> {
    const { id, partSize, there } = this.#upload
    const { key } = this.#object
    const { signed } = this.#options
    const plan = { uploader: 'LiveloomS3', how: 'multipart', key, partSize, parts: this.#parts } as const
    if (this.#mustProve)
      return { ...plan, urls: [], there: [], completed: false, expires: signed.expires, mustProve: true }
    const whole = this.#wholeOf(there ?? [])
    const has = new Set(whole.map(({ number }) => number))
    const numbers = there === undefined ? [] : Array.from({ length: this.#parts }, (_, at) => at + 1)
    const missing = numbers.filter((number) => !has.has(number)).slice(0, firstUrls)
    return {
      ...plan,
      urls: await signed.parts(key, id, missing, (number) => this.#bytesOf(number)),
      there: whole.map(toThere),
      completed: there === undefined,
      expires: signed.expires,
      mustProve: false,
    }
  }

  /** @throws {S3Error} Where the store fails. */
  async answer(asked: unknown): Promise<S3Answer> {
    const read = readQuestion(asked, this.#parts)
    if (!read.ok) return { refused: 'question', says: read.says }
    if (this.#isOver) return { refused: 'gone', says: 'the entry is over' }
    const { question } = read
    if ('mark' in question)
      return (this.#marking ??= this.#takeMark(question.mark).finally(() => (this.#marking = undefined)))
    if (this.#mustProve) return { refused: 'question', says: 'the file was chosen again: its mark comes first' }
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
    return stored(this.#object, this.#options.size, this.#etag === '' ? undefined : this.#etag)
  }

  async dispose(outcome: 'consumed' | 'dropped'): Promise<void> {
    this.#isOver = true
    await this.#completing?.catch(() => {})
    if (outcome === 'consumed') return
    if (this.#etag === undefined) await this.#object.abort(this.#upload.id)
    if (this.#mayBeStored) await this.#object.delete()
  }

  /** The file is another one, or nobody can tell: what is there of it is of no use. */
  async #takeMark(mark: string | null): Promise<S3Answer> {
    const before = this.#mark
    if (!this.#mustProve) {
      // The first one counts: it is that of the bytes that are there.
      if (before === undefined && mark !== null) {
        this.#mark = mark
        await this.#keep()
      }
      return { marked: true }
    }
    if (mark === null || mark !== before) {
      const { id, there } = this.#upload
      if (there !== undefined) await this.#object.abort(id)
      const begun = await this.#options.begin()
      this.#mark = mark ?? undefined
      await this.#take(begun)
    }
    this.#mustProve = false
    return { meta: await this.#describe() }
  }

  async #sign(numbers: readonly number[]): Promise<S3Answer> {
    const { signed } = this.#options
    const { id } = this.#upload
    const urls = await signed.parts(this.#object.key, id, numbers, (number) => this.#bytesOf(number))
    return { urls, expires: signed.expires }
  }

  async #list(): Promise<S3Answer> {
    // However often it is asked, the store is asked once at a time.
    const listed = await (this.#listing ??= this.#object
      .parts(this.#upload.id)
      .finally(() => (this.#listing = undefined)))
    return listed === undefined ? gone : { parts: this.#wholeOf(listed).map(toThere) }
  }

  async #complete(sent: readonly S3PartSent[]): Promise<S3Answer> {
    const { id } = this.#upload
    const lacksEtags = sent.some(([, etag]) => (etag ?? '') === '')
    const done = { completed: true, ...(lacksEtags && { hint }) } as const
    if (this.#etag !== undefined) return done
    const listed = await this.#object.parts(id)
    if (listed === undefined) return this.#mayBeStored && (await this.#isThere()) ? done : gone
    const there = new Map(this.#wholeOf(listed).map((part) => [part.number, part]))
    const missing = sent.filter(([number, etag]) => {
      const part = there.get(number)
      return part === undefined || ((etag ?? '') !== '' && bare(etag!) !== bare(part.etag))
    })
    if (missing.length > 0) return { missing: missing.map(([number]) => number).toSorted((one, other) => one - other) }
    this.#mayBeStored = true
    this.#etag = await this.#object.complete(id, [...there.values()], this.#options.size)
    return done
  }

  /** An end that was not answered may have been one. */
  async #isThere(): Promise<boolean> {
    const found = await this.#object.look()
    if (found?.size !== this.#options.size) return false
    this.#etag = found.etag
    return true
  }

  /** Bytes of a part. */
  #bytesOf(number: number): number {
    const { partSize } = this.#upload
    return Math.min(partSize, this.#options.size - (number - 1) * partSize)
  }

  #wholeOf(listed: readonly ListedPart[]): readonly ListedPart[] {
    return listed.filter(({ number, size }) => size === this.#bytesOf(number))
  }
}

const gone = { refused: 'gone', says: 'the store has no such upload: it was aborted, or is too old' } as const

function toThere({ number, size, etag }: ListedPart): S3PartThere {
  return [number, size, etag]
}

function bare(etag: string): string {
  return etag.replaceAll('"', '')
}
