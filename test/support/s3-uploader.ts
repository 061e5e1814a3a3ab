/** A browser's uploader, as `protocol/s3-uploads.ts` has it: sends one file to the bucket, asks what it needs, and tries again what fails. */
import type { S3Answer, S3PartSent, S3PartsMeta, S3Question, S3UploadMeta } from '../../src/protocol/s3-uploads.ts'
import { browserFetch } from './browser-fetch.ts'

export interface AskedFile {
  readonly meta: unknown
  answer(question: unknown): Promise<unknown>
}

export interface Uploading {
  readonly origin: string
  /** How often one request is tried. @default 4 */
  readonly attempts?: number
  /** Called with the number of each part that was sent. */
  onPart?(number: number): void
}

/** Resolves to the hints that were given on the way. @throws {Error} Where the entry would fail. */
export async function uploadFile(file: Blob, asked: AskedFile, how: Uploading): Promise<readonly string[]> {
  const meta = JSON.parse(JSON.stringify(asked.meta)) as S3UploadMeta
  const ask = async (question: S3Question): Promise<S3Answer> =>
    JSON.parse(JSON.stringify(await asked.answer(JSON.parse(JSON.stringify(question))))) as S3Answer
  if (meta.uploader === 'S3' || meta.how === 'put') {
    let now = meta
    await trying(how, async () => {
      const status = await sendWhole(file, now, how.origin)
      if (status !== 403) return status
      const answer = await ask({ renew: true })
      if (!('meta' in answer) || 'parts' in answer.meta) throw new Error(JSON.stringify(answer))
      now = answer.meta
      return status
    })
    return []
  }
  return sendParts(file, meta, ask, how)
}

/** As Phoenix' guide has it. */
async function sendWhole(
  file: Blob,
  meta: Exclude<S3UploadMeta, { how: 'multipart' }>,
  origin: string,
): Promise<number> {
  if (meta.uploader === 'LiveloomS3') {
    const { headers, url } = meta
    return (await browserFetch(origin, url, { method: 'PUT', headers, body: file })).status
  }
  const form = new FormData()
  for (const [field, value] of Object.entries(meta.fields)) form.append(field, value)
  form.append('file', file)
  const { status } = await browserFetch(origin, meta.url, { method: 'POST', body: form })
  return status === 200 || status === 201 ? 0 : status
}

async function sendParts(
  file: Blob,
  { completed, parts, partSize, there, urls: first }: S3PartsMeta,
  ask: (question: S3Question) => Promise<S3Answer>,
  how: Uploading,
): Promise<readonly string[]> {
  if (completed) return []
  const urls = new Map(first)
  const sent = new Map<number, S3PartSent>(there.map(([number, , etag]) => [number, [number, etag]]))
  const send = async (number: number): Promise<void> => {
    await trying(how, async () => {
      if (!urls.has(number)) {
        const answer = await ask({ sign: [number] })
        if (!('urls' in answer)) throw new Error(JSON.stringify(answer))
        for (const [of, url] of answer.urls) urls.set(of, url)
      }
      const body = file.slice((number - 1) * partSize, number * partSize)
      const { status, headers } = await browserFetch(how.origin, urls.get(number)!, { method: 'PUT', body })
      if (status === 403) urls.delete(number)
      if (status === 200) sent.set(number, [number, headers.get('etag')])
      return status
    })
    how.onPart?.(number)
  }
  for (let number = 1; number <= parts; number++) if (!sent.has(number)) await send(number)
  for (;;) {
    const answer = await ask({ complete: [...sent.values()] })
    if ('completed' in answer) return answer.hint === undefined ? [] : [answer.hint]
    if (!('missing' in answer)) throw new Error(JSON.stringify(answer))
    for (const number of answer.missing) await send(number)
  }
}

async function trying({ attempts = 4 }: Uploading, send: () => Promise<number>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const status = await send().catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error
      return 0
    })
    if (status >= 200 && status < 300) return
    if (attempt === attempts) throw new Error(`it was answered ${status}`)
  }
}
