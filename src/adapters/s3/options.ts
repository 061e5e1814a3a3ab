import { describe, LiveError } from '../../errors.ts'
import type { Credentials } from './signature.ts'

/** A bucket, and who may write to it. */
export interface S3Options {
  readonly bucket: string
  /** @default 'us-east-1'; R2 has 'auto' */
  readonly region?: string | undefined
  /** Where the store is, for all but AWS: `https://<account>.r2.cloudflarestorage.com`, `http://localhost:9000`. @default AWS, by region */
  readonly endpoint?: string | undefined
  /** Or what has them, asked before each request: keep what it gives as long as that is good. */
  readonly credentials: Credentials | (() => Credentials | Promise<Credentials>)
  /** Whether the bucket stands in the path, and not before the host. @default true with an `endpoint` */
  readonly pathStyle?: boolean | undefined
  /** How long one request may take, in ms. @default 60000 */
  readonly requestTimeout?: number | undefined
  /** How often a request is sent at most that gets no answer, or one that says to come later. @default 5 */
  readonly attempts?: number | undefined
}

export interface S3Settings {
  readonly bucket: string
  readonly region: string
  /** Of the bucket, without a slash at its end. */
  readonly base: string
  readonly credentials: () => Promise<Credentials>
  readonly requestTimeout: number
  readonly attempts: number
}

const known = ['bucket', 'region', 'endpoint', 'credentials', 'pathStyle', 'requestTimeout', 'attempts']

/** @throws {LiveError} `ERR_UPLOAD_OPTIONS` for a wrong or unknown option. */
export function resolveS3Options(where: string, options: S3Options, more: readonly string[] = []): S3Settings {
  const fail = (message: string): never => {
    throw new LiveError('ERR_UPLOAD_OPTIONS', `${where}: ${message}`)
  }
  if (typeof options !== 'object' || options === null) fail(`the options must be an object, got ${describe(options)}`)
  for (const option of Object.keys(options)) {
    const all = [...known, ...more]
    if (!all.includes(option)) fail(`unknown option ${describe(option)}; known are ${all.join(', ')}`)
  }
  const { bucket, endpoint, region = 'us-east-1', pathStyle = endpoint !== undefined, credentials } = options
  const { requestTimeout = 60_000, attempts = 5 } = options
  if (typeof bucket !== 'string' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    fail(`bucket must be the name of a bucket, got ${describe(bucket)}`)
  }
  if (typeof region !== 'string' || region === '')
    fail(`region must be a text like 'eu-central-1', got ${describe(region)}`)
  for (const [option, value] of Object.entries({ requestTimeout, attempts })) {
    if (!Number.isSafeInteger(value) || value < 1) fail(`${option} must be a positive integer, got ${describe(value)}`)
  }
  if (typeof credentials !== 'function') readCredentials(credentials, fail)
  const url = readEndpoint(endpoint ?? `https://s3.${region}.amazonaws.com`, fail)
  if (pathStyle) url.pathname = `${url.pathname.replace(/\/$/, '')}/${bucket}`
  else url.hostname = `${bucket}.${url.hostname}`
  return {
    ...{ bucket, region, requestTimeout, attempts },
    base: url.href.replace(/\/$/, ''),
    credentials: async () =>
      typeof credentials === 'function' ? readCredentials(await credentials(), fail) : credentials,
  }
}

function readEndpoint(endpoint: unknown, fail: (message: string) => never): URL {
  const url = typeof endpoint === 'string' && URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url
  return fail(`endpoint must be an address like 'https://s3.example.com', got ${describe(endpoint)}`)
}

function readCredentials(given: unknown, fail: (message: string) => never): Credentials {
  const { accessKeyId, secretAccessKey, sessionToken } = (given ?? {}) as Partial<Credentials>
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
  if (isText(accessKeyId) && isText(secretAccessKey) && (sessionToken === undefined || isText(sessionToken))) {
    return given as Credentials
  }
  // Not what came: it may be half of a secret.
  return fail('credentials must be { accessKeyId, secretAccessKey, sessionToken? }, or a function that gives them')
}
