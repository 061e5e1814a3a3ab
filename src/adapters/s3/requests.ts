/** Requests to a bucket: signed, held to a time, and sent again where that may help. */
import { once } from 'node:events'
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf } from '../../errors.ts'
import type { S3Settings } from './options.ts'
import { S3Error, textOf } from './s3-error.ts'
import { encode, sha256, signHeaders, type Signing } from './signature.ts'

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly key: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}

export interface S3Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** How often it was sent. */
  readonly attempts: number
}

/** Answers after which the same request may succeed. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
const passingCodes: ReadonlySet<string> = new Set(['RequestTimeout', 'SlowDown', 'InternalError', 'ServiceUnavailable'])
/** How long the first wait is, in ms; each is twice the one before. */
const firstWait = 100
const longestWait = 10_000
/** How far the store's clock may be from ours before it is reckoned with, in ms. What is signed is good for minutes. */
const mostSkew = 30_000

export class S3Requests {
  readonly settings: S3Settings
  readonly #agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }
  /** How far the store's clock is ahead of ours, in ms. */
  #skew = 0
  #isToldTime: Promise<void> | undefined

  constructor(settings: S3Settings) {
    this.settings = settings
  }

  async urlOf(key: string, query: Readonly<Record<string, string>> = {}): Promise<URL> {
    const { base } = await this.settings.place()
    const url = new URL(`${base}/${key.split('/').map(encode).join('/')}`)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return url
  }

  /** Who signs, now. */
  async signing(): Promise<Signing> {
    const { credentials, place } = this.settings
    const [given, { region }] = [await credentials(), await place()]
    return { credentials: given, region, now: this.now() }
  }

  /** Ms since 1970, as the store has them. */
  now(): number {
    return Date.now() + this.#skew
  }

  /**
   * Resolves when the store has been asked for its time, once, by its answer to whatever: an address that others use is over at once by a clock that is
   * behind, and they cannot tell us. Never rejects.
   */
  askTime(): Promise<void> {
    return (this.#isToldTime ??= this.#sendOnce({ method: 'HEAD', key: '', signal: AbortSignal.timeout(5000) }).then(
      () => {},
      () => {
        this.#isToldTime = undefined
      },
    ))
  }

  /** @throws {S3Error} When the store refuses it, or gives no answer as often as it is asked. */
  async send(request: S3Request): Promise<S3Answer> {
    const what = `${request.method} ${this.settings.bucket}/${request.key}`
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= this.settings.attempts
      try {
        const answer = await this.#sendOnce(request)
        const code = textOf(answer.text, 'Code') ?? ''
        // A long request is answered with 200 at once, and may fail afterwards.
        const failed = answer.status >= 300 || /^(?:<\?xml[^>]*>\s*)?<Error>/.test(answer.text)
        if (!failed) return { ...answer, attempts: attempt }
        const { status } = answer
        const error = new S3Error(what, {
          status,
          s3Code: code,
          says: textOf(answer.text, 'Message'),
          attempts: attempt,
        })
        if (isLast || !this.#mayPass(answer, code)) throw error
        await pause(attempt, answer.headers.get('retry-after'), request.signal)
      } catch (error) {
        if (error instanceof S3Error) throw error
        request.signal?.throwIfAborted()
        const says = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error)
        if (isLast) throw new S3Error(what, { status: 0, says, attempts: attempt, cause: error })
        await pause(attempt, null, request.signal)
      }
    }
  }

  async #sendOnce({ method, key, query, headers = {}, body, signal }: S3Request): Promise<Omit<S3Answer, 'attempts'>> {
    const url = await this.urlOf(key, query)
    const payload = sha256(body ?? '')
    const signed = signHeaders({ method, url, headers, payload }, await this.signing())
    const limit = AbortSignal.timeout(this.settings.requestTimeout)
    // As it was signed: an address that is written anew writes a space as `+`.
    url.search = url.search.replaceAll('+', '%20')
    const length =
      body === undefined && method !== 'PUT' && method !== 'POST' ? {} : { 'content-length': body?.length ?? 0 }
    // Not by `fetch`: it copies each body.
    const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      headers: { ...signed, ...length },
      agent: url.protocol === 'https:' ? this.#agents.https : this.#agents.http,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    })
    // Behind the answer it has nobody left to tell.
    sent.on('error', () => {})
    sent.end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.setEncoding('utf8')
    this.#noteTime(response.headers.date)
    let text = ''
    for await (const piece of response as AsyncIterable<string>) text += piece
    return {
      status: response.statusCode!,
      headers: new Headers(Object.entries(response.headers) as [string, string][]),
      text,
    }
  }

  #noteTime(date: string | undefined): void {
    const theirs = Date.parse(date ?? '')
    if (Math.abs(theirs - this.now()) > mostSkew) this.#skew = theirs - Date.now()
  }

  #mayPass({ status, headers }: Pick<S3Answer, 'status' | 'headers'>, code: string): boolean {
    if (code === 'RequestTimeTooSkewed') {
      // It was taken from the answer: the next one is signed by it.
      return !Number.isNaN(Date.parse(headers.get('date') ?? ''))
    }
    return passing.has(status) || passingCodes.has(code)
  }
}

/** Longer each time, and not at the moment at which all others come back. */
function pause(attempt: number, retryAfter: string | null, signal: AbortSignal | undefined): Promise<void> {
  const asked = Number(retryAfter ?? '') * 1000
  const grown = Math.min(longestWait, firstWait * 2 ** (attempt - 1)) * (0.5 + Math.random())
  const ms = Math.min(longestWait, Math.max(Number.isFinite(asked) ? asked : 0, grown))
  return wait(ms, undefined, signal === undefined ? {} : { signal })
}
