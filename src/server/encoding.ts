/** In which form a browser takes a script: as it is, or compressed beforehand. */
import type { LiveRequest, LiveResponse } from './http.ts'

/** A script that is shipped, with what was made of it when it was built. */
export interface ShippedScript {
  readonly script: string
  /** Of its content. */
  readonly hash: string
  readonly br?: Uint8Array | undefined
  readonly gzip?: Uint8Array | undefined
}

type Encoding = 'br' | 'gzip'

/** The smaller first: of what a browser likes as much. */
const encodings: readonly Encoding[] = ['br', 'gzip']

/** Which of `available` an `Accept-Encoding` header likes best; `undefined`: as it is. */
export function chooseEncoding(accepted: string | null, available: readonly Encoding[]): Encoding | undefined {
  const weights = weightsOf(accepted ?? '')
  const weightOf = (name: string): number | undefined => weights.get(name) ?? weights.get('*')
  let best: Encoding | undefined
  let most = 0
  for (const encoding of available) {
    const weight = weightOf(encoding) ?? 0
    if (weight > most) [best, most] = [encoding, weight]
  }
  const plain = weights.get('identity')
  return plain !== undefined && plain > most ? undefined : best
}

function weightsOf(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    if (name === '') continue
    const q = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '')
    const weight = q === undefined ? 1 : Number(q)
    // What is no weight is none: the script as it is fits everybody.
    const known = Number.isFinite(weight) ? Math.min(1, Math.max(0, weight)) : 0
    // `x-gzip` is its old name.
    weights.set(name === 'x-gzip' ? 'gzip' : name, known)
  }
  return weights
}

/** The script in the form that fits the request; 304 when the browser has it. */
export function scriptResponse(
  request: LiveRequest,
  shipped: ShippedScript,
  cacheControl: string,
  type = 'text/javascript',
): LiveResponse {
  const available = encodings.filter((encoding) => shipped[encoding] !== undefined)
  const encoding = chooseEncoding(request.headers.get('accept-encoding'), available)
  // Each form has a tag of its own: they are different bytes.
  const etag = encoding === undefined ? `"${shipped.hash}"` : `"${shipped.hash}-${encoding}"`
  const headers = {
    etag,
    'content-type': `${type}; charset=utf-8`,
    'cache-control': cacheControl,
    vary: 'Accept-Encoding',
  }
  const known = request.headers
    .get('if-none-match')
    ?.split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
  if (known === true) return { status: 304, headers, body: '' }
  if (encoding === undefined) return { status: 200, headers, body: shipped.script }
  return { status: 200, headers: { ...headers, 'content-encoding': encoding }, body: shipped[encoding]! }
}
