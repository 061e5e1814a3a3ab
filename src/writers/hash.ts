import { createDigest, type DigestAlgorithm } from '../token/digest.ts'
import type { UploadWriter } from '../upload/writer.ts'

/** The digest of all bytes in hex, under the name of its algorithm. */
export type HashMeta<Algorithm extends DigestAlgorithm> = { readonly [Name in Algorithm]: string }

/**
 * A writer that stores nothing and takes the digest of what passes: for {@link tee}. Unlike the option `verify` it needs nothing of the browser.
 *
 * @example
 * import { hash, tee } from 'liveloom/uploads'
 * import type { UploadWriterFactory } from 'liveloom'
 *
 * // Consumed with `({ path, sha256 }) => …`.
 * export const writer: UploadWriterFactory = async (socket, entry, { tempFile }) => tee(await tempFile(), hash('sha256'))
 */
export function hash<Algorithm extends DigestAlgorithm>(algorithm: Algorithm): UploadWriter<HashMeta<Algorithm>> {
  const digest = createDigest(algorithm)
  let hex = ''
  return {
    write: (chunk) => digest.add(chunk),
    close(reason) {
      if (reason === 'done') hex = digest.hex()
    },
    dispose() {},
    meta: () => ({ [algorithm]: hex }) as HashMeta<Algorithm>,
  }
}
