/** Multipart uploads of the small S3. */
import { createHash } from 'node:crypto'
import { Refusal } from './s3-refusal.ts'

export interface Upload {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly parts: Map<number, Buffer>
}

const leastPart = 5 * 1024 * 1024

export function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
}

/** The answer to ListParts. */
export function listed({ parts }: Upload, query: URLSearchParams): string {
  const after = Number(query.get('part-number-marker') ?? 0)
  const most = Math.min(1000, Number(query.get('max-parts') ?? 1000))
  const all = [...parts].filter(([number]) => number > after).toSorted(([one], [other]) => one - other)
  const some = all.slice(0, most)
  const xml = some.map(
    ([number, body]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etagOf(body).replaceAll('"', '&quot;')}</ETag><Size>${body.length}</Size></Part>`,
  )
  const more = `<IsTruncated>${all.length > some.length}</IsTruncated><NextPartNumberMarker>${some.at(-1)?.[0] ?? 0}</NextPartNumberMarker>`
  return `<ListPartsResult>${more}${xml.join('')}</ListPartsResult>`
}

/** The object, of the parts that `xml` lists. */
export function putTogether({ parts }: Upload, xml: string): { readonly body: Buffer; readonly etag: string } {
  const list = [...xml.matchAll(/<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag><\/Part>/g)].map(
    ([, number, etag]) => ({ number: Number(number), etag: etag!.replaceAll(/&(?:#34|quot);/g, '"') }),
  )
  if (list.length === 0) throw new Refusal(400, 'MalformedXML')
  const bodies = list.map(({ number, etag }, at) => {
    const body = parts.get(number)
    if (body === undefined || etagOf(body) !== etag) throw new Refusal(400, 'InvalidPart')
    if (at > 0 && number <= list[at - 1]!.number) throw new Refusal(400, 'InvalidPartOrder')
    if (at < list.length - 1 && body.length < leastPart) throw new Refusal(400, 'EntityTooSmall')
    return body
  })
  const hashes = Buffer.concat(bodies.map((body) => createHash('md5').update(body).digest()))
  const hash = createHash('md5').update(hashes).digest('hex')
  return { body: Buffer.concat(bodies), etag: `"${hash}-${bodies.length}"` }
}
