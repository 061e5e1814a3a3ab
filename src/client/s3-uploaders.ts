/** Sends files straight to a bucket: as a form, as one body, or in parts. The server says where to, and puts the parts together. */
import type {
  S3Answer,
  S3PartsMeta,
  S3PartUrl,
  S3PostMeta,
  S3PutMeta,
  S3Question,
  S3UploadMeta,
} from '../protocol/s3-uploads.ts'
import { type ExternalEntry, type ExternalJob, type ExternalUploader, Refused } from './external-uploads.ts'
import { markOf } from './mark-file.ts'
import { type Put, put } from './put-file.ts'
import { pause, readByte, sizeOf } from './send-file.ts'
import { Turns } from './turns.ts'

/** What Phoenix' guides hand to an uploader of this name, too: without `fields` the file is put as it is. */
type WholeMeta =
  | S3PostMeta
  | S3PutMeta
  | { readonly url: string; readonly method?: string; readonly headers?: Readonly<Record<string, string>> }

/** Parts of one file that are sent at once; over all files and tabs there are no more than turns. */
const atOnce = 3
/** Addresses that are asked for together. */
const signedAtOnce = 12
/** A store that refuses so often in a row does not mean the time. */
const mostRefusals = 3
/** So many failures in a row, while the page is connected: it does not get through. */
const mostFailures = 6
/** How often parts that were not there in the end are sent again. */
const mostRounds = 3

export interface S3UploadersHost {
  job(entry: ExternalEntry): ExternalJob
  /** Whether the page itself has a connection that lives. */
  isConnected(entry: ExternalEntry): Promise<boolean>
}

export function s3Uploaders(host: S3UploadersHost): Readonly<Record<'S3' | 'LiveloomS3', ExternalUploader>> {
  const turns = new Turns(() => false)
  const upload: ExternalUploader = (entries) => {
    for (const entry of entries) void new S3File(entry, host, turns).send()
  }
  return { S3: upload, LiveloomS3: upload }
}

class S3File {
  readonly #entry: ExternalEntry
  readonly #job: ExternalJob
  readonly #host: S3UploadersHost
  readonly #turns: Turns
  readonly #size: number
  /** Bytes that are on their way, by part. */
  readonly #moving = new Map<number, number>()
  #sent = 0
  /** Requests of it that run at once, and fail at once. */
  #lanes = 1
  #failures = 0
  #refusals = 0

  constructor(entry: ExternalEntry, host: S3UploadersHost, turns: Turns) {
    this.#entry = entry
    this.#job = host.job(entry)
    this.#host = host
    this.#turns = turns
    this.#size = sizeOf(entry.file)
    const { stop } = this.#job
    entry.onCancel(() => stop.abort())
  }

  async send(): Promise<void> {
    try {
      const meta = this.#entry.metadata() as S3UploadMeta
      await ('how' in meta && meta.how === 'multipart' ? this.#sendParts(meta) : this.#sendWhole(meta))
      this.#job.reached(100)
    } catch (error) {
      // What was stopped concerns nobody.
      this.#job.fail((error as Error).message)
    }
  }

  async #sendWhole(given: WholeMeta): Promise<void> {
    let meta = given
    for (;;) {
      const { status } = await this.#attempt(1, 0, this.#size, toRequest(meta, this.#entry.file))
      if (status !== 403) return
      const answer = await this.#ask({ renew: true }, status)
      if (!('meta' in answer) || !('url' in answer.meta)) throw refusal(answer, status)
      meta = answer.meta
    }
  }

  async #sendParts(given: S3PartsMeta): Promise<void> {
    const meta = given.mustProve ? await this.#prove() : given
    if (meta.completed) return
    // Whoever chooses it again on another page has to have the same file.
    if (!given.mustProve) void this.#mark().catch(() => {})
    const { partSize, parts } = meta
    this.#lanes = atOnce
    const sent = new Map<number, string | null>(meta.there.map(([number, , etag]) => [number, etag]))
    for (const [, size] of meta.there) this.#sent += size
    const signed = new Signed(meta.urls, meta.expires, (numbers) => this.#sign(numbers))
    let left = Array.from({ length: parts }, (_, at) => at + 1).filter((number) => !sent.has(number))
    for (let round = 0; round <= mostRounds; round++) {
      const line = [...left]
      const sendOn = async (): Promise<void> => {
        for (let number = line.shift(); number !== undefined; number = line.shift()) {
          const from = (number - 1) * partSize
          const to = Math.min(number * partSize, this.#size)
          sent.set(number, await this.#sendPart(number, from, to, signed, line))
        }
      }
      const running = Array.from({ length: atOnce }, sendOn)
      try {
        await Promise.all(running)
      } catch (error) {
        // The others end with it.
        line.length = 0
        throw error
      }
      const answer = await this.#ask({ complete: [...sent] })
      if ('completed' in answer) {
        if (answer.hint !== undefined) console.error(answer.hint)
        return
      }
      if (!('missing' in answer)) throw refusal(answer)
      left = [...answer.missing]
      for (const number of left) this.#sent -= Math.min(partSize, this.#size - (number - 1) * partSize)
    }
    throw new Refused('parts are missing')
  }

  async #mark(): Promise<S3Answer> {
    return this.#ask({ mark: await markOf(this.#entry.file, this.#size) })
  }

  /** What is there counts only for the same file; for another one it begins anew. */
  async #prove(): Promise<S3PartsMeta> {
    const answer = await this.#mark()
    if (!('meta' in answer) || !('parts' in answer.meta)) throw refusal(answer)
    return answer.meta
  }

  async #sendPart(
    number: number,
    from: number,
    to: number,
    signed: Signed,
    next: readonly number[],
  ): Promise<string | null> {
    for (;;) {
      const url = await signed.urlOf(number, next)
      const body = this.#entry.file.slice(from, to)
      const { status, etag } = await this.#attempt(number, from, to - from, { method: 'PUT', url, body })
      if (status !== 403) return etag
      signed.forget(number)
    }
  }

  async #sign(numbers: readonly number[]): Promise<{ readonly urls: readonly S3PartUrl[]; readonly expires: number }> {
    const answer = await this.#ask({ sign: numbers })
    if ('urls' in answer) return answer
    throw refusal(answer)
  }

  /** Sends bytes from `from` on until the store takes them, or says 403: the address may be too old. */
  async #attempt(
    part: number,
    from: number,
    size: number,
    request: Pick<Parameters<typeof put>[0], 'method' | 'url' | 'headers' | 'body'>,
  ): Promise<Put> {
    const { stop, renew } = this.#job
    for (;;) {
      if (stop.signal.aborted) throw new Refused('stopped')
      const onProgress = (sent: number): void => this.#moves(part, Math.min(sent, size))
      const answer = await this.#turns.take((inTurn) =>
        inTurn(() => put({ ...request, stop: stop.signal, onProgress })),
      )
      this.#moving.delete(part)
      if (stop.signal.aborted) throw new Refused('stopped')
      const { status } = answer
      if (status >= 200 && status < 300) {
        this.#failures = this.#refusals = 0
        this.#sent += size
        return answer
      }
      const unreadable = await readByte(this.#entry.file, from)
      if (unreadable !== undefined) {
        this.#job.unreadable(unreadable)
        throw new Refused('stopped')
      }
      if (status === 403 && ++this.#refusals <= mostRefusals * this.#lanes) return answer
      const passes = status === 0 || status === 408 || status === 429 || status >= 500
      if (!passes) throw new Refused(`the store answered ${status}`)
      this.#failures++
      if (this.#failures >= mostFailures * this.#lanes && (await this.#host.isConnected(this.#entry))) {
        if (status !== 0) throw new Refused(`the store answered ${status}`)
        console.error(`${new URL(request.url).origin} cannot be reached from this page: has it CORS rules for it?`)
        throw new Refused('the store cannot be reached')
      }
      await pause(Math.ceil(this.#failures / this.#lanes), undefined, { stop: stop.signal, renew })
    }
  }

  #moves(part: number, sent: number): void {
    this.#moving.set(part, sent)
    let moving = this.#sent
    for (const bytes of this.#moving.values()) moving += bytes
    // All of it is another's word.
    if (this.#size > 0) this.#job.reached(Math.min(99.9, (moving / this.#size) * 100))
  }

  /** `status`: what the store said, where nobody answers. */
  async #ask(question: S3Question, status?: number): Promise<S3Answer> {
    try {
      return (await this.#job.ask(question)) as S3Answer
    } catch (error) {
      throw status === undefined || this.#job.stop.signal.aborted ? error : refusal({}, status)
    }
  }
}

function toRequest(meta: WholeMeta, file: File): { method: string; url: string; body: Blob | FormData } {
  const { url } = meta
  const body = file.slice(0, sizeOf(file), file.type)
  if (!('fields' in meta))
    return { method: 'PUT', ...('method' in meta && meta), ...('headers' in meta && meta), url, body }
  const form = new FormData()
  for (const [name, value] of Object.entries(meta.fields)) form.append(name, value)
  form.append('file', body, file.name)
  return { method: 'POST', url, body: form }
}

function refusal(answer: object, status?: number): Refused {
  if ('says' in answer) return new Refused(String(answer.says))
  return new Refused(status === undefined ? 'the answer makes no sense' : `the store answered ${status}`)
}

type Sign = (numbers: readonly number[]) => Promise<{ readonly urls: readonly S3PartUrl[]; readonly expires: number }>

/** The addresses of parts, had anew when they are too old. */
class Signed {
  readonly #urls = new Map<number, { readonly url: string; readonly until: number }>()
  readonly #sign: Sign
  #signing: Promise<void> = Promise.resolve()

  constructor(urls: readonly S3PartUrl[], expires: number, sign: Sign) {
    this.#sign = sign
    this.#add(urls, expires)
  }

  forget(number: number): void {
    this.#urls.delete(number)
  }

  /** `next`: the parts that follow it. */
  async urlOf(number: number, next: readonly number[]): Promise<string> {
    for (;;) {
      const url = this.#fresh(number)
      if (url !== undefined) return url
      // One question at a time: what another asks for may be among them.
      const signing = (this.#signing = this.#signing.then(async () => {
        if (this.#fresh(number) !== undefined) return
        const lacking = next.slice(0, signedAtOnce - 1).filter((other) => this.#fresh(other) === undefined)
        const { urls, expires } = await this.#sign([number, ...lacking])
        this.#add(urls, expires)
      }))
      await signing
    }
  }

  #fresh(number: number): string | undefined {
    const known = this.#urls.get(number)
    return known !== undefined && known.until > performance.now() ? known.url : undefined
  }

  #add(urls: readonly S3PartUrl[], expires: number): void {
    // A little before it is over.
    const until = performance.now() + expires * 900
    for (const [number, url] of urls) this.#urls.set(number, { url, until })
  }
}
