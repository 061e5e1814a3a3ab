/**
 * A small S3 for tests: it verifies signatures (of headers, of addresses, of form policies), keeps to the CORS rules that it is given, holds objects and
 * multipart uploads in memory, and can be made to fail. What it does is held to the same conformance suite as a real one: `test/contracts/s3-server.ts`.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { presign, signHeaders, type Signing, unsignedPayload } from '../../src/adapters/s3/signature.ts'
import { type CameBody, etagOf, md5Of, readBody } from './s3-bodies.ts'
import { corsHeaders, type CorsQuestion, readCors } from './s3-cors.ts'
import { listObjects } from './s3-listing.ts'
import { listed, putTogether, type Upload } from './s3-parts.ts'
import { type PostedForm, readForm, verifyForm } from './s3-post.ts'
import { readTime, Refusal } from './s3-refusal.ts'

export interface S3Place {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export interface StoredHere {
  /** Empty where it was not kept. */
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
  /** Bytes. @default that of its body */
  readonly size?: number
  /** Of what was put together. @default that of its body */
  readonly etag?: string
}

/** What happens to a request in the place of its answer; `undefined` lets it go on. */
export type Fault = (request: { readonly method: string; readonly url: URL }) => FaultAnswer | undefined
export type FaultAnswer =
  | { readonly status: number; readonly code: string; readonly headers?: Readonly<Record<string, string>> }
  /**
   * `cut`: its connection breaks, before the request is read, when some of its body is there, or behind its effect. `hang`: nothing is answered, and
   * `hang behind` its effect neither. `lost`: a part or an object is taken, and is not there. `no etag`: the answer has none.
   */
  | 'cut'
  | 'cut midway'
  | 'cut behind'
  | 'hang'
  | 'hang behind'
  | 'lost'
  | 'no etag'

/** How far clocks may be apart, in ms. */
const mostSkew = 15 * 60 * 1000

/** An address is good for a week at most. */
const longestExpiry = 7 * 24 * 60 * 60

/** Parameters of a signed address that its signature is not made of, or is made of anew. */
const ofSignature = ['Algorithm', 'Credential', 'Date', 'Expires', 'Security-Token', 'SignedHeaders', 'Signature']

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string | Buffer
}

export class S3Server implements S3Place {
  readonly bucket = 'photos'
  readonly region = 'eu-central-1'
  readonly credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'testsecrettestsecret' }
  readonly objects = new Map<string, StoredHere>()
  readonly uploads = new Map<string, Upload>()
  /** `method path?query` of each request that came, signatures left out. */
  readonly requests: string[] = []
  fault: Fault = () => undefined
  /** How far its clock is ahead, in ms. */
  skew = 0
  /** Requests that it is at now, and at most. */
  readonly load = { now: 0, most: 0 }
  /** Of a body of more bytes only its length and digests are kept. */
  mostKept = Number.POSITIVE_INFINITY
  /** CORS rules, in the words of `PutBucketCors`. */
  cors: string | undefined
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(): Promise<S3Server> {
    const made = new S3Server()
    made.#server.listen(0, '127.0.0.1')
    await once(made.#server, 'listening')
    return made
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** For programs that are told of a bucket by their environment, as the gallery is. */
  get environment(): Readonly<Record<string, string>> {
    const { endpoint, bucket, region, credentials } = this
    return {
      ...{ S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_REGION: region },
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.endpoint)
    const method = request.method!
    const query = [...url.searchParams].filter(([name]) => !name.startsWith('X-Amz-'))
    this.requests.push(
      `${method} ${url.pathname}${query.length > 0 ? `?${new URLSearchParams(query).toString()}` : ''}`,
    )
    this.load.most = Math.max(this.load.most, ++this.load.now)
    response.setHeader('date', new Date(this.#now()).toUTCString())
    try {
      const fault = this.fault({ method, url })
      if (fault === 'cut') return void request.socket.destroy()
      if (fault === 'hang') return
      if (fault === 'cut midway') return void request.once('data', () => request.socket.destroy())
      const body = await readBody(request, this.mostKept)
      this.#tellOrigin(request, response)
      if (typeof fault === 'object') {
        for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value)
        throw new Refusal(fault.status, fault.code)
      }
      const answer = await this.#perform(request, url, body)
      if (fault === 'lost') this.#lose(url)
      if (fault === 'hang behind') return
      if (fault === 'cut behind') return void request.socket.destroy()
      const headers = fault === 'no etag' ? { ...answer.headers, etag: undefined } : answer.headers
      for (const [name, value] of Object.entries(headers ?? {}))
        if (value !== undefined) response.setHeader(name, value)
      const { body: text } = answer
      const said =
        fault === 'no etag' && typeof text === 'string' ? text.replace(/<ETag>.*<\/ETag>/, '<ETag></ETag>') : text
      response.writeHead(answer.status).end(said)
    } catch (error) {
      if (response.destroyed) return
      const { status, code } = error instanceof Refusal ? error : { status: 500, code: 'InternalError' }
      response.writeHead(status, { 'content-type': 'application/xml' })
      response.end(
        method === 'HEAD'
          ? undefined
          : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
      )
    } finally {
      this.load.now--
    }
  }

  #now(): number {
    return Date.now() + this.skew
  }

  /** What was put is not there after all. */
  #lose({ pathname, searchParams: query }: URL): void {
    const parts = this.uploads.get(query.get('uploadId') ?? '')?.parts
    if (parts !== undefined) parts.delete(Number(query.get('partNumber')))
    else this.objects.delete(pathname.split('/').slice(2).map(decodeURIComponent).join('/'))
  }

  async #perform(request: IncomingMessage, url: URL, body: CameBody): Promise<Answer> {
    if (request.method === 'OPTIONS') return this.#preflight(request)
    const type = String(request.headers['content-type'])
    if (request.method === 'POST' && type.startsWith('multipart/form-data')) {
      const form = await readForm(type, body.bytes)
      verifyForm(form, { bucket: this.bucket, now: this.#now(), signing: this.#signing.bind(this) })
      return this.#takeForm(form)
    }
    this.#verify(request, url, body)
    return this.#answer(request.method!, url, request, body)
  }

  #rulesFor(question: CorsQuestion): Readonly<Record<string, string>> | undefined {
    return corsHeaders(readCors(this.cors ?? '') ?? [], question)
  }

  /** What a browser wants to know before it sends. */
  #preflight({ headers }: IncomingMessage): Answer {
    const method = headers['access-control-request-method']
    if (headers.origin === undefined || method === undefined) throw new Refusal(400, 'InvalidArgument')
    const asked = (headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim())
    const said = this.#rulesFor({ origin: headers.origin, method, headers: asked.filter((name) => name !== '') })
    if (said === undefined) throw new Refusal(403, 'AccessForbidden')
    return { status: 200, headers: said }
  }

  /** Refusals have it, too. */
  #tellOrigin({ method, headers: { origin } }: IncomingMessage, response: ServerResponse): void {
    if (origin === undefined || method === 'OPTIONS') return
    const said = this.#rulesFor({ origin, method: method! })
    for (const [name, value] of Object.entries(said ?? {})) response.setHeader(name, value)
  }

  #takeForm({ key, body, fields }: PostedForm): Answer {
    this.objects.set(key, { body, headers: Object.fromEntries([...fields].filter(([name]) => isKept(name))) })
    const asked = fields.get('success_action_status')
    if (asked === '200') return { status: 200, headers: { etag: etagOf(md5Of(body)) } }
    if (asked !== '201') return { status: 204, headers: { etag: etagOf(md5Of(body)) } }
    const etag = etagOf(md5Of(body)).replaceAll('"', '&quot;')
    return { status: 201, body: `<PostResponse><Bucket>${this.bucket}</Bucket><ETag>${etag}</ETag></PostResponse>` }
  }

  #setCors(method: string, xml: string): Answer {
    if (method === 'DELETE') this.cors = undefined
    if (method === 'PUT') {
      if (readCors(xml) === undefined) throw new Refusal(400, 'MalformedXML')
      this.cors = xml
    }
    if (method === 'GET' && this.cors === undefined) throw new Refusal(404, 'NoSuchCORSConfiguration')
    return { status: method === 'DELETE' ? 204 : 200, ...(method === 'GET' && { body: this.cors! }) }
  }

  #verify(request: IncomingMessage, url: URL, { sha256 }: CameBody): void {
    if (url.searchParams.has('X-Amz-Signature')) return this.#verifyAddress(request, url)
    const { authorization } = request.headers
    const [, id, region, names] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=[0-9a-f]{64}$/.exec(
        authorization ?? '',
      ) ?? []
    if (id === undefined) throw new Refusal(403, 'AccessDenied')
    const at = readTime(String(request.headers['x-amz-date']))
    const payload = String(request.headers['x-amz-content-sha256'])
    const headers: Record<string, string> = {}
    for (const name of names!.split(';')) headers[name] = String(request.headers[name])
    for (const name of ['host', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token']) delete headers[name]
    const signed = signHeaders({ method: request.method!, url, headers, payload }, this.#signing(id, region!, at))
    if (signed['authorization'] !== authorization) throw new Refusal(403, 'SignatureDoesNotMatch')
    if (Math.abs(at - this.#now()) > mostSkew) throw new Refusal(403, 'RequestTimeTooSkewed')
    if (payload !== unsignedPayload && payload !== sha256) throw new Refusal(400, 'XAmzContentSHA256Mismatch')
  }

  #verifyAddress(request: IncomingMessage, url: URL): void {
    const query = url.searchParams
    const [id, , region] = query.get('X-Amz-Credential')!.split('/')
    const at = readTime(query.get('X-Amz-Date')!)
    const expires = Number(query.get('X-Amz-Expires'))
    const headers: Record<string, string> = {}
    for (const name of query.get('X-Amz-SignedHeaders')!.split(';'))
      if (name !== 'host') headers[name] = String(request.headers[name])
    const plain = new URL(url)
    for (const name of ofSignature) plain.searchParams.delete(`X-Amz-${name}`)
    if (!(expires >= 1 && expires <= longestExpiry)) throw new Refusal(403, 'AccessDenied')
    const expected = presign({ method: request.method!, url: plain, headers }, expires, this.#signing(id!, region!, at))
    if (expected.searchParams.get('X-Amz-Signature') !== query.get('X-Amz-Signature'))
      throw new Refusal(403, 'SignatureDoesNotMatch')
    if (this.#now() > at + expires * 1000 || this.#now() < at - mostSkew) throw new Refusal(403, 'AccessDenied')
  }

  #signing(id: string, region: string, now: number): Signing {
    const { accessKeyId, secretAccessKey } = this.credentials
    if (id !== accessKeyId) throw new Refusal(403, 'InvalidAccessKeyId')
    return { credentials: { accessKeyId, secretAccessKey }, region, now }
  }

  #answer(method: string, url: URL, request: IncomingMessage, body: CameBody): Answer {
    const [, bucket, ...rest] = url.pathname.split('/').map(decodeURIComponent)
    if (bucket !== this.bucket) throw new Refusal(404, 'NoSuchBucket')
    const key = rest.join('/')
    const query = url.searchParams
    if (key === '' && query.has('cors')) return this.#setCors(method, body.bytes.toString())
    if (method === 'GET' && key === '' && query.get('list-type') === '2')
      return { status: 200, headers: { 'content-type': 'application/xml' }, body: listObjects(this.objects, query) }
    const uploadId = query.get('uploadId')
    const upload = uploadId === null ? undefined : this.uploads.get(uploadId)
    if (uploadId !== null && upload?.key !== key) throw new Refusal(404, 'NoSuchUpload')
    const kept = Object.fromEntries(Object.entries(request.headers).filter(([name]) => isKept(name))) as Record<
      string,
      string
    >
    if (method === 'PUT' && upload !== undefined) {
      const number = Number(query.get('partNumber'))
      if (!(number >= 1 && number <= 10_000)) throw new Refusal(400, 'InvalidArgument')
      upload.parts.set(number, body)
      return { status: 200, headers: { etag: etagOf(body.md5) } }
    }
    if (method === 'PUT') {
      const etag = etagOf(body.md5)
      this.objects.set(key, { body: body.bytes, size: body.size, etag, headers: kept })
      return { status: 200, headers: { etag } }
    }
    if (method === 'POST' && query.has('uploads')) {
      const id = randomBytes(16).toString('hex')
      this.uploads.set(id, { key, headers: kept, parts: new Map() })
      return {
        status: 200,
        body: `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      }
    }
    if (method === 'POST' && upload !== undefined) {
      const whole = putTogether(upload, body.bytes.toString())
      this.objects.set(key, { ...whole, headers: upload.headers })
      this.uploads.delete(uploadId!)
      const etag = whole.etag.replaceAll('"', '&quot;')
      return {
        status: 200,
        body: `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`,
      }
    }
    if (method === 'GET' && upload !== undefined) return { status: 200, body: listed(upload, query) }
    if (method === 'DELETE' && upload !== undefined) {
      this.uploads.delete(uploadId!)
      return { status: 204 }
    }
    if (method === 'DELETE') {
      this.objects.delete(key)
      return { status: 204 }
    }
    const object = this.objects.get(key)
    if (object === undefined) throw new Refusal(404, 'NoSuchKey')
    const disposition = query.get('response-content-disposition')
    const headers = {
      ...object.headers,
      ...(disposition !== null && { 'content-disposition': disposition }),
      etag: object.etag ?? etagOf(md5Of(object.body)),
      'content-length': String(object.size ?? object.body.length),
    }
    return { status: 200, headers, ...(method === 'GET' && { body: object.body }) }
  }
}

/** Of the headers of a request, and of the fields of a form. */
function isKept(name: string): boolean {
  return /^(?:content-(?:type|encoding|disposition|language)|cache-control|expires|x-amz-meta-.*)$/.test(name)
}
