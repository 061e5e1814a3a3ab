import { describe, LiveError } from '../../errors.ts'
import { isS3Client, placeBy, type S3ClientLike, type S3Place } from './client.ts'
import type { Credentials } from './signature.ts'

/** A bucket, and who may write to it: by a client that is there already, or by `credentials`. */
export interface S3Options {
  readonly bucket: string
  /**
   * An `S3Client` of `@aws-sdk/client-s3`, whose region, endpoint and credentials are taken, each time that they are needed. Requests are signed and sent
   * by us: its middleware, retries and agents see none of them. With it `region`, `endpoint`, `credentials` and `pathStyle` may not be given.
   */
  readonly client?: S3ClientLike | undefined
  /** @default 'us-east-1'; R2 has 'auto' */
  readonly region?: string | undefined
  /** Where the store is, for all but AWS: `https://<account>.r2.cloudflarestorage.com`, `http://localhost:9000`. @default AWS, by region */
  readonly endpoint?: string | undefined
  /** Or what has them, asked before each request: keep what it gives as long as that is good. Needed without a `client`. */
  readonly credentials?: Credentials | (() => Credentials | Promise<Credentials>) | undefined
  /** Whether the bucket stands in the path, and not before the host. @default true with an `endpoint` */
  readonly pathStyle?: boolean | undefined
  /** How long one request may take, in ms. @default 60000 */
  readonly requestTimeout?: number | undefined
  /** How often a request is sent at most that gets no answer, or one that says to come later. @default 5 */
  readonly attempts?: number | undefined
}

export interface S3Settings {
  readonly bucket: string
  readonly place: () => Promise<S3Place>
  readonly credentials: () => Promise<Credentials>
  readonly requestTimeout: number
  readonly attempts: number
}

const ofClient = ['region', 'endpoint', 'credentials', 'pathStyle'] as const
const known = ['bucket', 'client', ...ofClient, 'requestTimeout', 'attempts']

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
  const { bucket, client, requestTimeout = 60_000, attempts = 5 } = options
  if (typeof bucket !== 'string' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    fail(`bucket must be the name of a bucket, got ${describe(bucket)}`)
  }
  for (const [option, value] of Object.entries({ requestTimeout, attempts })) {
    if (!Number.isSafeInteger(value) || value < 1) fail(`${option} must be a positive integer, got ${describe(value)}`)
  }
  const common = { bucket, requestTimeout, attempts }
  if (client === undefined) return { ...common, ...resolvePlace(options, fail) }
  if (!isS3Client(client)) fail(`client must be an S3Client of @aws-sdk/client-s3, version 3, got ${describe(client)}`)
  const doubled = ofClient.find((option) => options[option] !== undefined)
  if (doubled !== undefined) fail(`${doubled} is taken from the client: give one of both`)
  return {
    ...common,
    place: () => placeBy(client, bucket, fail),
    credentials: async () => readCredentials(await client.config.credentials(), fail),
  }
}

function resolvePlace(options: S3Options, fail: (message: string) => never): Pick<S3Settings, 'place' | 'credentials'> {
  const { bucket, endpoint, region = 'us-east-1', pathStyle = endpoint !== undefined, credentials } = options
  if (typeof region !== 'string' || region === '')
    fail(`region must be a text like 'eu-central-1', got ${describe(region)}`)
  if (typeof credentials !== 'function') readCredentials(credentials, fail)
  const url = readEndpoint(endpoint ?? `https://s3.${region}.amazonaws.com`, fail)
  if (pathStyle) url.pathname = `${url.pathname.replace(/\/$/, '')}/${bucket}`
  else url.hostname = `${bucket}.${url.hostname}`
  const place = { region, base: url.href.replace(/\/$/, '') }
  return {
    place: async () => place,
    credentials: async () =>
      readCredentials(typeof credentials === 'function' ? await credentials() : credentials, fail),
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
