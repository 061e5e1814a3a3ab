/** The headers that every response has unless the application says otherwise, and the policy that a page can be given. */
import { describe, LiveError } from '../errors.ts'

/** Headers by name; `null` leaves one of the defaults out. */
export type HeaderOptions = Readonly<Record<string, string | null | undefined>>

const frameAncestors = `frame-ancestors 'self'`

const defaults: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'content-security-policy': frameAncestors,
}

const namePattern = /^[!#$%&'*+\-.^_`|~\w]+$/
/** What HTTP takes as a value: no control characters, a line's end above all. */
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/

/** The default headers with those of the option `headers` in their place; names in lower case. */
export function resolveHeaders(
  given: HeaderOptions | undefined,
  fail: (message: string) => LiveError,
): Readonly<Record<string, string>> {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw fail(`headers must be an object of headers by name, got ${describe(given)}`)
  }
  const headers = new Map(Object.entries(defaults))
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!namePattern.test(name)) throw fail(`headers: ${describe(name)} is no name of a header`)
    if (value === undefined) continue
    if (value === null) headers.delete(name.toLowerCase())
    else if (typeof value === 'string' && valuePattern.test(value)) headers.set(name.toLowerCase(), value)
    else throw fail(`headers['${name}'] must be the text of a header or null, got ${describe(value)}`)
  }
  return Object.fromEntries(headers)
}

/**
 * The header of a policy of the application's own. It may be written over several lines, which a header cannot be; and one that says
 * nothing of frames keeps other sites from framing the page all the same.
 *
 * @throws {LiveError} `ERR_SERVER_OPTIONS` for what no header can hold.
 */
export function policyHeader(policy: string): string {
  if (typeof policy !== 'string') throw wrongPolicy(policy)
  const line = policy.replaceAll(/\s*[\r\n]\s*/g, ' ').trim()
  if (!valuePattern.test(line)) throw wrongPolicy(policy)
  if (/(?:^|;)\s*frame-ancestors(?:\s|;|$)/i.test(line)) return line
  const own = line.replace(/;$/, '')
  return own === '' ? frameAncestors : `${own}; ${frameAncestors}`
}

function wrongPolicy(came: unknown): LiveError {
  const message = `contentSecurityPolicy must return the text of a header, got ${describe(came)}`
  return new LiveError('ERR_SERVER_OPTIONS', message)
}

/** Directives of a `Content-Security-Policy` by name; `null` leaves one of the strict ones out. */
export type PolicyDirectives = Readonly<Record<string, string | null>>

/**
 * A strict `Content-Security-Policy` under which all of Liveloom works: scripts and styles run with the page's nonce alone, or come
 * from a stylesheet of this server; everything else comes from this server; other sites may not frame the page; and text does not
 * become HTML or code in the browser but through the client's own policy for trusted types. `directives` replaces directives, adds
 * others, and leaves out those that are `null`.
 *
 * @example
 * import { createLiveServer, strictContentSecurityPolicy } from 'liveloom'
 *
 * export const plain = createLiveServer({ routes: {}, contentSecurityPolicy: strictContentSecurityPolicy })
 *
 * export const withImages = createLiveServer({
 *   routes: {},
 *   contentSecurityPolicy: (nonce) =>
 *     strictContentSecurityPolicy(nonce, { 'img-src': "'self' data: blob: https://images.example.com" }),
 * })
 */
export function strictContentSecurityPolicy(nonce: string, directives: PolicyDirectives = {}): string {
  const all: PolicyDirectives = {
    'default-src': `'self'`,
    'script-src': `'nonce-${nonce}'`,
    'style-src': `'self' 'nonce-${nonce}'`,
    // A preview of an upload is a blob.
    'img-src': `'self' data: blob:`,
    'object-src': `'none'`,
    'base-uri': `'none'`,
    'form-action': `'self'`,
    'frame-ancestors': `'self'`,
    'require-trusted-types-for': `'script'`,
    'trusted-types': 'default',
    ...directives,
  }
  return Object.entries(all)
    .flatMap(([name, value]) => (value === null ? [] : [value === '' ? name : `${name} ${value}`]))
    .join('; ')
}
