/** What is in the bucket of the small S3: the answer to ListObjectsV2. */
import type { StoredHere } from './s3-server.ts'

export function listObjects(objects: ReadonlyMap<string, StoredHere>, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const most = Math.min(1000, Number(query.get('max-keys') ?? 1000))
  const all = [...objects]
    .filter(([key]) => key.startsWith(prefix))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  const some = all.slice(0, most)
  const contents = some.map(
    ([key, { body, size = body.length }]) => `<Contents><Key>${escape(key)}</Key><Size>${size}</Size></Contents>`,
  )
  const more = `<KeyCount>${some.length}</KeyCount><IsTruncated>${all.length > some.length}</IsTruncated>`
  return `<?xml version="1.0"?><ListBucketResult>${more}${contents.join('')}</ListBucketResult>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
