import type { ExternalFile } from '../../upload/external.ts'
import type { S3Object } from './objects.ts'
import { S3Error } from './s3-error.ts'
import type { S3Meta } from './writer.ts'

/** A file that a browser sends to the bucket by itself. Its questions and answers: `protocol/s3-uploads.ts`. */
export interface S3ExternalFile extends ExternalFile<S3Meta> {
  answer(question: unknown): Promise<unknown>
  confirm(): Promise<S3Meta>
  dispose(outcome: 'consumed' | 'dropped'): Promise<void>
}

/**
 * What the store has, if it is what was declared: the browser's word that it was sent is not believed.
 *
 * @throws {S3Error} Where it is not.
 */
export async function stored(object: S3Object, size: number, etag?: string): Promise<S3Meta> {
  const found = await object.look()
  const what = `HEAD ${object.bucket}/${object.key}`
  if (found === undefined)
    throw new S3Error(what, { status: 404, says: 'the browser said that it was sent, and it is not there' })
  if (found.size !== size)
    throw new S3Error(what, { status: 200, says: `it has ${found.size} bytes, and ${size} were declared` })
  if (etag !== undefined && etag !== found.etag)
    throw new S3Error(what, { status: 200, says: 'it is not what was put together: something else was put there' })
  return { bucket: object.bucket, key: object.key, ...found }
}
