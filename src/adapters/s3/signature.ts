/**
 * Signature Version 4 of AWS for S3: of a request by its headers, of an address that somebody else may use, and of the policy of a form.
 * Whatever speaks S3 verifies these: AWS, R2, MinIO, Garage, Ceph.
 *
 * The rules: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
import { createHash, createHmac } from 'node:crypto'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of credentials that are lent for a while. */
  readonly sessionToken?: string | undefined
}

/** Who signs, for where, and when. */
export interface Signing {
  readonly credentials: Credentials
  readonly region: string
  /** Ms since 1970. */
  readonly now: number
}

export interface RequestToSign {
  readonly method: string
  readonly url: URL
  /** By lower-case name. `host` is added. */
  readonly headers: Readonly<Record<string, string>>
  /** SHA-256 of the body in hex, or {@link unsignedPayload}. */
  readonly payload: string
}

const algorithm = 'AWS4-HMAC-SHA256'
export const unsignedPayload = 'UNSIGNED-PAYLOAD'

/** The headers of a request, signed. */
export function signHeaders(request: RequestToSign, signing: Signing): Record<string, string> {
  const { sessionToken } = signing.credentials
  const { time, scope } = scopeOf(signing)
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.url.host,
    'x-amz-content-sha256': request.payload,
    'x-amz-date': time,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(headers).toSorted()
  const signature = signCanonical(canonical(request, headers, names), signing)
  const credential = `${signing.credentials.accessKeyId}/${scope}`
  const { host: _, ...sent } = headers
  const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...sent, authorization }
}

/**
 * An address that may be used for `expires` s, without credentials. Whoever uses it sends the `headers` as they are here; of the body nothing is
 * said.
 */
export function presign(
  { method, url, headers = {} }: Pick<RequestToSign, 'method' | 'url'> & Partial<Pick<RequestToSign, 'headers'>>,
  expires: number,
  signing: Signing,
): URL {
  const { accessKeyId, sessionToken } = signing.credentials
  const { time, scope } = scopeOf(signing)
  const all: Record<string, string> = { ...headers, host: url.host }
  const names = Object.keys(all).toSorted()
  const signed = new URL(url)
  const query = signed.searchParams
  query.set('X-Amz-Algorithm', algorithm)
  query.set('X-Amz-Credential', `${accessKeyId}/${scope}`)
  query.set('X-Amz-Date', time)
  query.set('X-Amz-Expires', String(expires))
  if (sessionToken !== undefined) query.set('X-Amz-Security-Token', sessionToken)
  query.set('X-Amz-SignedHeaders', names.join(';'))
  const request = { method, url: signed, headers: all, payload: unsignedPayload }
  const signature = signCanonical(canonical(request, all, names), signing)
  // Written as it was signed: `URLSearchParams` would write a space as `+`.
  signed.search = `${queryOf(signed)}&X-Amz-Signature=${signature}`
  return signed
}

/** The fields of a form that posts a file. `conditions`: what else may be in it, in the words of a POST policy. */
export function signPost(
  fields: Readonly<Record<string, string>>,
  conditions: readonly unknown[],
  expires: number,
  signing: Signing,
): Record<string, string> {
  const { accessKeyId, sessionToken } = signing.credentials
  const { time, scope } = scopeOf(signing)
  const proven: Record<string, string> = {
    ...fields,
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    ...(sessionToken !== undefined && { 'X-Amz-Security-Token': sessionToken }),
  }
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(signing.now + expires * 1000).toISOString(),
      conditions: [...conditions, ...Object.entries(proven).map(([name, value]) => ({ [name]: value }))],
    }),
  ).toString('base64')
  return { ...proven, Policy: policy, 'X-Amz-Signature': signPolicy(policy, signing) }
}

/** `policy`: as it is sent, in base64. */
export function signPolicy(policy: string, signing: Signing): string {
  return hmac(keyOf(signing), policy).toString('hex')
}

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}

function canonical(
  { method, url, payload }: RequestToSign,
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
): string {
  const lines = names.map((name) => `${name}:${headers[name]!.trim().replaceAll(/\s+/g, ' ')}\n`).join('')
  return [method, pathOf(url), queryOf(url), lines, names.join(';'), payload].join('\n')
}

function signCanonical(request: string, signing: Signing): string {
  const { time, scope } = scopeOf(signing)
  return hmac(keyOf(signing), [algorithm, time, scope, sha256(request)].join('\n')).toString('hex')
}

function scopeOf({ region, now }: Signing): { readonly time: string; readonly scope: string } {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  return { time, scope: `${time.slice(0, 8)}/${region}/s3/aws4_request` }
}

function keyOf({ credentials, region, now }: Signing): Buffer {
  const { time } = scopeOf({ credentials, region, now })
  return [time.slice(0, 8), region, 's3', 'aws4_request'].reduce<Buffer>(
    (key, step) => hmac(key, step),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  )
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** As it stands in the request: S3 is the one service whose paths are encoded once. */
function pathOf({ pathname }: URL): string {
  return pathname
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/')
}

/** In the order of the encoded names. */
function queryOf({ searchParams }: URL): string {
  return [...searchParams]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, one], [b, other]) => (a < b ? -1 : a > b ? 1 : one < other ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')
}

/** By RFC 3986: all but letters, digits and `-._~`. */
export function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}
