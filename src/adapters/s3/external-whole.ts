/** One file that a browser posts or puts to the bucket as a whole. */
import type { ExternalTools } from '../../upload/external.ts'
import type { S3Answer, S3PostMeta, S3PutMeta } from '../../protocol/s3-uploads.ts'
import { stored } from './external-file.ts'
import type { S3ExternalFile } from './external-file.ts'
import { S3Object } from './objects.ts'
import { readQuestion } from './questions.ts'
import type { S3Requests } from './requests.ts'
import type { DeclaredObject, SignedUploads } from './signed-uploads.ts'

export async function wholeFile(
  requests: S3Requests,
  signed: SignedUploads,
  how: 'post' | 'put',
  declared: DeclaredObject,
  keep: ExternalTools['keep'],
): Promise<S3ExternalFile> {
  const { key, size, headers } = declared
  const { expires } = signed
  const object = new S3Object(requests, key)
  let isOver = false
  const sign = async (): Promise<S3PostMeta | S3PutMeta> =>
    how === 'post'
      ? { uploader: 'S3', ...(await signed.post(declared)), key, expires }
      : { uploader: 'LiveloomS3', how, url: await signed.put(declared), headers, key, expires }

  const answer = async (asked: unknown): Promise<S3Answer> => {
    const read = readQuestion(asked, 0)
    if (!read.ok) return { refused: 'question', says: read.says }
    if (isOver) return { refused: 'gone', says: 'the entry is over' }
    return { meta: await sign() }
  }
  await keep({ how, key })
  return {
    meta: { ...(await sign()) },
    answer,
    confirm: () => stored(object, size),
    async dispose(outcome) {
      isOver = true
      if (outcome === 'dropped') await object.delete()
    },
  }
}
