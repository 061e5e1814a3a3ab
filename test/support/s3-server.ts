/**
 * A small S3 for tests: it verifies signatures (of headers, of addresses, of form policies), holds objects and multipart uploads in memory, and can
 * be made to fail. What it does is held to the same conformance suite as a real one: `test/contracts/s3-server.ts`.
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { presign, sha256, signHeaders, unsignedPayload } from '../../src/adapters/s3/signature.ts'

export interface S3Place {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export interface StoredHere {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** What happens to a request in the place of its answer; `undefined` lets it go on. */
export type Fault = (request: { readonly method: string; readonly url: URL }) => FaultAnswer | undefined
export type FaultAnswer =
  | { readonly status: number; readonly code: string; readonly headers?: Readonly<Record<string, string>> }
  /** `cut`: its connection breaks, before the request is read or behind its effect. `hang`: nothing is answered, and `hang behind` its effect neither. `no etag`: the answer has none. */
  | 'cut'
  | 'cut behind'
  | 'hang'
  | 'hang behind'
  | 'no etag'

interface Upload {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly parts: Map<number, Buffer>
}

const leastPart = 5 * 1024 * 1024
/** How far clocks may be apart, in ms. */
const mostSkew = 15 * 60 * 1000

class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string) {
    super(code)
    this.status = status
    this.code = code
  }
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
      const body = await readAll(request)
      if (typeof fault === 'object') {
        for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value)
        throw new Refusal(fault.status, fault.code)
      }
      this.#verify(request, url, body)
      const answer = this.#answer(method, url, request, body)
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

  #verify(request: IncomingMessage, url: URL, body: Buffer): void {
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
    if (payload !== unsignedPayload && payload !== sha256(body)) throw new Refusal(400, 'XAmzContentSHA256Mismatch')
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
    for (const name of [...query.keys()]) if (name.startsWith('X-Amz-')) plain.searchParams.delete(name)
    const method =
      request.method === 'OPTIONS' ? String(request.headers['access-control-request-method']) : request.method!
    const expected = presign({ method, url: plain, headers }, expires, this.#signing(id!, region!, at))
    if (expected.searchParams.get('X-Amz-Signature') !== query.get('X-Amz-Signature'))
      throw new Refusal(403, 'SignatureDoesNotMatch')
    if (this.#now() > at + expires * 1000) throw new Refusal(403, 'AccessDenied')
  }

  #signing(id: string, region: string, now: number): Parameters<typeof presign>[2] {
    const { accessKeyId, secretAccessKey } = this.credentials
    if (id !== accessKeyId) throw new Refusal(403, 'InvalidAccessKeyId')
    return { credentials: { accessKeyId, secretAccessKey }, region, now }
  }

  #answer(
    method: string,
    url: URL,
    request: IncomingMessage,
    body: Buffer,
  ): { status: number; headers?: Record<string, string | undefined>; body?: string | Buffer } {
    const [, bucket, ...rest] = url.pathname.split('/').map(decodeURIComponent)
    if (bucket !== this.bucket) throw new Refusal(404, 'NoSuchBucket')
    const key = rest.join('/')
    const query = url.searchParams
    const uploadId = query.get('uploadId')
    const upload = uploadId === null ? undefined : this.uploads.get(uploadId)
    if (uploadId !== null && upload?.key !== key) throw new Refusal(404, 'NoSuchUpload')
    const kept = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) =>
        /^(?:content-type|cache-control|content-disposition|x-amz-meta-.*)$/.test(name),
      ),
    ) as Record<string, string>
    if (method === 'PUT' && upload !== undefined) {
      const number = Number(query.get('partNumber'))
      if (!(number >= 1 && number <= 10_000)) throw new Refusal(400, 'InvalidArgument')
      upload.parts.set(number, body)
      return { status: 200, headers: { etag: etagOf(body) } }
    }
    if (method === 'PUT') {
      this.objects.set(key, { body, headers: kept })
      return { status: 200, headers: { etag: etagOf(body) } }
    }
    if (method === 'POST' && query.has('uploads')) {
      const id = randomBytes(16).toString('hex')
      this.uploads.set(id, { key, headers: kept, parts: new Map() })
      return {
        status: 200,
        body: `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      }
    }
    if (method === 'POST' && upload !== undefined) return this.#complete(uploadId!, upload, body.toString())
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
    const headers = { ...object.headers, etag: etagOf(object.body), 'content-length': String(object.body.length) }
    return { status: 200, headers, ...(method === 'GET' && { body: object.body }) }
  }

  #complete(id: string, { key, headers, parts }: Upload, xml: string): { status: number; body: string } {
    const listed = [...xml.matchAll(/<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag><\/Part>/g)].map(
      ([, number, etag]) => ({ number: Number(number), etag: etag!.replaceAll(/&(?:#34|quot);/g, '"') }),
    )
    if (listed.length === 0) throw new Refusal(400, 'MalformedXML')
    const bodies = listed.map(({ number, etag }, at) => {
      const body = parts.get(number)
      if (body === undefined || etagOf(body) !== etag) throw new Refusal(400, 'InvalidPart')
      if (at > 0 && number <= listed[at - 1]!.number) throw new Refusal(400, 'InvalidPartOrder')
      if (at < listed.length - 1 && body.length < leastPart) throw new Refusal(400, 'EntityTooSmall')
      return body
    })
    this.uploads.delete(id)
    this.objects.set(key, { body: Buffer.concat(bodies), headers })
    return {
      status: 200,
      body: `<CompleteMultipartUploadResult><ETag>&quot;${id}-${bodies.length}&quot;</ETag></CompleteMultipartUploadResult>`,
    }
  }
}

function listed({ parts }: Upload, query: URLSearchParams): string {
  const after = Number(query.get('part-number-marker') ?? 0)
  const most = Math.min(1000, Number(query.get('max-parts') ?? 1000))
  const all = [...parts].filter(([number]) => number > after).toSorted(([one], [other]) => one - other)
  const some = all.slice(0, most)
  const xml = some.map(
    ([number, body]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etagOf(body).replaceAll('"', '&quot;')}</ETag><Size>${body.length}</Size></Part>`,
  )
  const more = `<IsTruncated>${all.length > some.length}</IsTruncated><NextPartNumberMarker>${some.at(-1)?.[0] ?? 0}</NextPartNumberMarker>`
  return `<ListPartsResult>${more}${xml.join('')}</ListPartsResult>`
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
}

/** Of `20261128T203015Z`, in ms. */
function readTime(text: string): number {
  const at = Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(at)) throw new Refusal(403, 'AccessDenied')
  return at
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
}
