import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The prebuilt client that the package ships. */
export function readClientScript(): { readonly script: string; readonly hash: string } {
  const script = readFileSync(new URL('../../client/liveloom.min.js', import.meta.url), 'utf8')
  return { script, hash: createHash('sha256').update(script).digest('base64url').slice(0, 16) }
}
