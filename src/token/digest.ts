/** Digests of bytes that come piece by piece. They say that nothing was changed by accident; whoever wants to can make them. */
import { createHash } from 'node:crypto'

export type DigestAlgorithm = 'sha256' | 'sha1'

export interface Digest {
  add(bytes: Uint8Array): void
  /** Of all that was added. Called once. */
  bytes(): Uint8Array
  hex(): string
}

/** Bytes of what it gives. */
export const digestSizes: Readonly<Record<DigestAlgorithm, number>> = { sha256: 32, sha1: 20 }

export function createDigest(algorithm: DigestAlgorithm): Digest {
  const hash = createHash(algorithm)
  return { add: (bytes) => void hash.update(bytes), bytes: () => hash.digest(), hex: () => hash.digest('hex') }
}
