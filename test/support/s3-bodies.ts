/** Bodies that came to the small S3: whole, or no more than their length and digests, so that gigabytes take no memory. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface CameBody {
  /** Empty where there were too many to keep. */
  readonly bytes: Buffer
  readonly size: number
  readonly md5: Buffer
  /** In hex; `undefined` where the request does not say it. */
  readonly sha256: string | undefined
}

/** Of more than `most` bytes none is kept. */
export async function readBody(request: IncomingMessage, most: number): Promise<CameBody> {
  const said = request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD'
  const md5 = createHash('md5')
  const sha256 = said === 'UNSIGNED-PAYLOAD' ? undefined : createHash('sha256')
  let size = 0
  let pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) {
    md5.update(piece)
    sha256?.update(piece)
    size += piece.length
    if (size <= most) pieces.push(piece)
    else pieces = []
  }
  return { bytes: Buffer.concat(pieces), size, md5: md5.digest(), sha256: sha256?.digest('hex') }
}

export function etagOf(md5: Buffer): string {
  return `"${md5.toString('hex')}"`
}

export function md5Of(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest()
}
