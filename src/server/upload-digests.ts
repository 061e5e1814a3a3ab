/** What requests to append say of their bytes: `Content-Digest` of RFC 9530, and the checksum of tus 1.0. */
import { bytesFromBase64Url } from '../token/base64url.ts'
import { type DigestAlgorithm, digestSizes } from '../token/digest.ts'
import type { LiveRequest } from './http.ts'

export interface SaidDigest {
  readonly algorithm: DigestAlgorithm
  readonly digest: Uint8Array
  /** As it was said. */
  readonly text: string
}

/** `malformed`: it cannot be read. `invalid`: no digest of its algorithm. `unknown`: the algorithm. */
export type BadDigest = 'malformed' | 'invalid' | 'unknown'

const base64 = '[A-Za-z0-9+/]*={0,2}'
/** A member of a dictionary whose values are byte sequences, RFC 9651. */
const member = new RegExp(`^\\s*([a-z*][a-z0-9_.*-]*)=:(${base64}):(?:;.*)?\\s*$`)

/** `undefined` when it has none that is known: others are no concern of this server. */
export function readContentDigest({ headers }: LiveRequest): SaidDigest | BadDigest | undefined {
  let said: string | undefined
  for (const text of headers.get('content-digest')?.split(',') ?? []) {
    const [, name, value] = member.exec(text) ?? []
    if (name === undefined) return 'malformed'
    if (name === 'sha-256') said = value
  }
  return said === undefined ? undefined : toDigest('sha256', said)
}

export const tusAlgorithms: readonly DigestAlgorithm[] = ['sha1', 'sha256']
const checksum = new RegExp(`^([\\w-]+) (${base64})$`)

export function readUploadChecksum({ headers }: LiveRequest): SaidDigest | BadDigest | undefined {
  const text = headers.get('upload-checksum')
  if (text === null) return undefined
  const [, name, value = ''] = checksum.exec(text) ?? []
  if (name === undefined) return 'malformed'
  const algorithm = tusAlgorithms.find((known) => known === name)
  return algorithm === undefined ? 'unknown' : toDigest(algorithm, value)
}

function toDigest(algorithm: DigestAlgorithm, text: string): SaidDigest | BadDigest {
  const digest = bytesFromBase64Url(text)
  return digest?.length === digestSizes[algorithm] ? { algorithm, digest, text } : 'invalid'
}
