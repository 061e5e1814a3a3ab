/** An `S3Client` of the SDK that is handed in, by its shape: nothing of the SDK is imported. */
import type { Credentials } from './signature.ts'

/** What is asked of an `S3Client` of `@aws-sdk/client-s3`: its resolved configuration. */
export interface S3ClientLike {
  readonly config: {
    region(): Promise<string>
    /** Has them anew when they are about to be over. */
    credentials(): Promise<Credentials>
    /** Finds the address of a bucket, by the rules of each region. */
    endpointProvider(parameters: object): FoundEndpoint
    readonly endpoint?: (() => Promise<GivenEndpoint>) | undefined
    /** What the environment or the profile says, where `endpoint` says nothing. */
    readonly serviceConfiguredEndpoint?: (() => Promise<string | undefined>) | undefined
    readonly ignoreConfiguredEndpointUrls?: boolean | undefined
    readonly forcePathStyle?: Switch
    readonly useAccelerateEndpoint?: Switch
    readonly useDualstackEndpoint?: Switch
    readonly useFipsEndpoint?: Switch
  }
}

/** Where a bucket is. */
export interface S3Place {
  readonly region: string
  /** Its address, without a slash at its end. */
  readonly base: string
}

type Switch = boolean | undefined | (() => Promise<boolean | undefined>)

interface GivenEndpoint {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
}

interface FoundEndpoint {
  readonly url: URL
  readonly properties?: object | undefined
}

export function isS3Client(client: unknown): client is S3ClientLike {
  const { config } = (client ?? {}) as { readonly config?: unknown }
  const { region, credentials, endpointProvider } = (config ?? {}) as Readonly<Record<string, unknown>>
  return [region, credentials, endpointProvider].every((member) => typeof member === 'function')
}

/** Where the client would send to: with whatever it has been told of endpoints. */
export async function placeBy(
  { config }: S3ClientLike,
  bucket: string,
  fail: (message: string) => never,
): Promise<S3Place> {
  const endpoint = await endpointOf(config)
  // As the SDK has it: a certificate for `*.example.com` is none for a name with a dot before it.
  const needsPath = bucket.includes('.') && endpoint?.startsWith('http:') !== true
  const { url, properties } = config.endpointProvider({
    Bucket: bucket,
    Region: await config.region(),
    Endpoint: endpoint,
    ForcePathStyle: needsPath || (await isOn(config.forcePathStyle)),
    Accelerate: await isOn(config.useAccelerateEndpoint),
    UseDualStack: await isOn(config.useDualstackEndpoint),
    UseFIPS: await isOn(config.useFipsEndpoint),
  })
  const { authSchemes } = (properties ?? {}) as { readonly authSchemes?: readonly Readonly<Record<string, unknown>>[] }
  const scheme = authSchemes?.find(({ name }) => name === 'sigv4')
  const region = scheme?.['signingRegion']
  if (typeof region !== 'string') return fail(`the bucket '${bucket}' is of a kind that is not signed by sigv4`)
  return { region, base: url.href.replace(/\/$/, '') }
}

async function endpointOf(config: S3ClientLike['config']): Promise<string | undefined> {
  const given = await config.endpoint?.()
  if (given === undefined)
    return config.ignoreConfiguredEndpointUrls === true ? undefined : config.serviceConfiguredEndpoint?.()
  const { protocol, hostname, port, path } = given
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`
}

async function isOn(option: Switch): Promise<boolean> {
  return (typeof option === 'function' ? await option() : option) ?? false
}
