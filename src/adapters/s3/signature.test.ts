/** Signatures, byte for byte as those of `@aws-sdk`. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { encode, presign, sha256, signHeaders, signPolicy, signPost } from './signature.ts'

const now = Date.UTC(2026, 10, 28, 20, 30, 15)
const endpoint = 'http://127.0.0.1:9000'
const region = 'eu-central-1'
const bucket = 'photos'

const keys = fc.oneof(
  fc.constantFrom('a.png', 'a b.png', "it's (1)*!.png", 'ä/ö/ü.png', 'a+b=c&d.png', '%41%zz', 'a/../b', '日本.png'),
  fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).filter((key) => !key.startsWith('/')),
)
const credentials = fc.record(
  {
    accessKeyId: fc.constant('AKID'),
    secretAccessKey: fc.constant('s/e+c=ret'),
    sessionToken: fc.constantFrom('to+ken/='),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
)

beforeAll(() => {
  vi.useFakeTimers({ now, toFake: ['Date'] })
})
afterAll(() => {
  vi.useRealTimers()
})

function clientOf(given: object): S3Client {
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: given as never,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
}

const urlOf = (key: string): URL => new URL(`${endpoint}/${bucket}/${key.split('/').map(encode).join('/')}`)

/** What a command of the SDK would send. */
async function sentBy(
  client: S3Client,
  command: PutObjectCommand,
): Promise<{ headers: Record<string, string>; path: string }> {
  let sent: { headers: Record<string, string>; path: string } | undefined
  client.middlewareStack.add(
    () => async (args) => {
      sent = args.request as typeof sent
      return { response: {}, output: { $metadata: {} } } as never
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  await client.send(command)
  return sent!
}

describe('is signed as by the SDK:', () => {
  it('a request by its headers', () =>
    fc.assert(
      fc.asyncProperty(keys, fc.uint8Array({ maxLength: 20 }), credentials, async (key, body, given) => {
        fc.pre(!key.split('/').some((part) => part === '.' || part === '..'))
        const { headers, path } = await sentBy(
          clientOf(given),
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'image/png' }),
        )
        const url = urlOf(key)
        url.search = '?x-id=PutObject'
        expect(url.pathname).toBe(path)
        const { authorization, 'x-amz-content-sha256': payload, ...others } = headers
        expect(payload).toBe(sha256(body))
        const named = /SignedHeaders=([^,]+)/.exec(authorization!)![1]!.split(';')
        const own = Object.fromEntries(
          Object.entries(others).filter(
            ([name]) => named.includes(name) && !/^(?:host|x-amz-date|x-amz-security-token)$/.test(name),
          ),
        )
        const signed = signHeaders(
          { method: 'PUT', url, headers: own, payload: payload! },
          { credentials: given, region, now },
        )
        expect(signed['authorization']).toBe(authorization)
      }),
      { numRuns: 60 },
    ))

  it('an address that others may use', () =>
    fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 604_800 }), credentials, async (key, expiresIn, given) => {
        fc.pre(!key.split('/').some((part) => part === '.' || part === '..'))
        const theirs = new URL(
          await getSignedUrl(clientOf(given), new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn }),
        )
        const url = urlOf(key)
        for (const [name, value] of theirs.searchParams)
          if (!name.startsWith('X-Amz-') || name === 'X-Amz-Content-Sha256') url.searchParams.set(name, value)
        const ours = presign({ method: 'PUT', url }, expiresIn, { credentials: given, region, now })
        expect(Object.fromEntries(ours.searchParams)).toEqual(Object.fromEntries(theirs.searchParams))
        expect(ours.pathname).toBe(theirs.pathname)
        expect(ours.search).not.toContain('+')
      }),
      { numRuns: 60 },
    ))

  it('the policy of a form', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom('a.png', 'ä b.png'),
        fc.integer({ min: 1, max: 3600 }),
        credentials,
        async (key, expires, given) => {
          const theirs = await createPresignedPost(clientOf(given), {
            Bucket: bucket,
            Key: key,
            Expires: expires,
            Conditions: [['content-length-range', 1, 100]],
            Fields: { 'Content-Type': 'image/png' },
          })
          const { Policy, 'X-Amz-Signature': signature } = theirs.fields
          const policy = JSON.parse(Buffer.from(Policy!, 'base64').toString()) as {
            conditions: unknown[]
            expiration: string
          }
          const ours = signPost(
            { bucket, key, 'Content-Type': 'image/png' },
            [['content-length-range', 1, 100]],
            expires,
            { credentials: given, region, now },
          )
          expect(ours).toMatchObject({
            ...theirs.fields,
            Policy: expect.any(String),
            'X-Amz-Signature': expect.any(String),
          })
          const own = JSON.parse(Buffer.from(ours['Policy']!, 'base64').toString()) as typeof policy
          const sorted = (conditions: readonly unknown[]): string[] =>
            [...new Set(conditions.map((one) => JSON.stringify(one)))].toSorted()
          expect(sorted(own.conditions)).toEqual(sorted(policy.conditions))
          expect(Date.parse(own.expiration)).toBe(Date.parse(policy.expiration))
          expect(signPolicy(Policy!, { credentials: given, region, now })).toBe(signature)
        },
      ),
      { numRuns: 30 },
    ))
})
