import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ShippedScript } from '../../server/encoding.ts'

/** The prebuilt client that the package ships. */
export function readClientScript(): ShippedScript {
  return readShipped('liveloom.min.js')
}

/** What pages of a development server load beside it. */
export function readDevelopmentScript(): ShippedScript {
  return readShipped('development.min.js')
}

function readShipped(name: string): ShippedScript {
  const read = (end: string): Buffer => readFileSync(new URL(`../../client/${name}${end}`, import.meta.url))
  const bytes = read('')
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 16)
  return { script: bytes.toString(), hash, br: read('.br'), gzip: read('.gz') }
}
