/** Multipart uploads of the small S3. */
import { type CameBody, etagOf, md5Of } from './s3-bodies.ts'
import { Refusal } from './s3-refusal.ts'

export interface Upload {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly parts: Map<number, CameBody>
}

const leastPart = 5 * 1024 * 1024

/** The answer to ListParts. */
export function listed({ parts }: Upload, query: URLSearchParams): string {
  const after = Number(query.get('part-number-marker') ?? 0)
  const most = Math.min(1000, Number(query.get('max-parts') ?? 1000))
  const all = [...parts].filter(([number]) => number > after).toSorted(([one], [other]) => one - other)
  const some = all.slice(0, most)
  const xml = some.map(
    ([number, body]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etagOf(body.md5).replaceAll('"', '&quot;')}</ETag><Size>${body.size}</Size></Part>`,
  )
  const more = `<IsTruncated>${all.length > some.length}</IsTruncated><NextPartNumberMarker>${some.at(-1)?.[0] ?? 0}</NextPartNumberMarker>`
  return `<ListPartsResult>${more}${xml.join('')}</ListPartsResult>`
}

interface PutTogether {
  readonly body: Buffer
  readonly size: number
  readonly etag: string
}

/** The object, of the parts that `xml` lists. */
export function putTogether({ parts }: Upload, xml: string): PutTogether {
  const list = [...xml.matchAll(/<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag><\/Part>/g)].map(
    ([, number, etag]) => ({ number: Number(number), etag: etag!.replaceAll(/&(?:#34|quot);/g, '"') }),
  )
  if (list.length === 0) throw new Refusal(400, 'MalformedXML')
  const bodies = list.map(({ number, etag }, at) => {
    const body = parts.get(number)
    if (body === undefined || etagOf(body.md5) !== etag) throw new Refusal(400, 'InvalidPart')
    if (at > 0 && number <= list[at - 1]!.number) throw new Refusal(400, 'InvalidPartOrder')
    if (at < list.length - 1 && body.size < leastPart) throw new Refusal(400, 'EntityTooSmall')
    return body
  })
  return {
    body: Buffer.concat(bodies.map(({ bytes }) => bytes)),
    size: bodies.reduce((sum, { size }) => sum + size, 0),
    etag: `"${md5Of(Buffer.concat(bodies.map(({ md5 }) => md5))).toString('hex')}-${bodies.length}"`,
  }
}
