import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The prebuilt client that the package ships. */
export function readClientScript(): { readonly script: string; readonly hash: string } {
  const script = readShipped('liveloom.min.js')
  return { script, hash: createHash('sha256').update(script).digest('base64url').slice(0, 16) }
}

/** What pages of a development server load beside it. */
export function readDevelopmentScript(): string {
  return readShipped('development.min.js')
}

function readShipped(name: string): string {
  return readFileSync(new URL(`../../client/${name}`, import.meta.url), 'utf8')
}
