/** The options of the visitor's cookie. A browser drops a cookie that breaks its rules without a word, so they are checked here. */
import { describe, type LiveError } from '../errors.ts'

/** How the visitor's cookie is set: the one that holds the session and the CSRF secret, signed. It is always `HttpOnly`. */
export interface CookieOptions {
  /**
   * A token of RFC 6265. With the prefix `__Host-` a browser takes it from this host alone, over HTTPS: no other subdomain can set
   * one. That needs the path '/', no `domain`, and `secure`, which is then true by default; `__Secure-` needs the last alone.
   *
   * @default `_` and the server's `name`: '_liveloom'
   */
  readonly name?: string | undefined
  /**
   * The part of the host that the browser sends it to. All routes must be there, and the socket's `path`.
   *
   * @default the server's `basePath`, so that applications side by side do not see one another's; '/' without one, or where the prefix
   *   `__Host-` needs it
   */
  readonly path?: string | undefined
  /** 'example.com' has all of its subdomains get the cookie too, and all of them can set it. @default this host alone */
  readonly domain?: string | undefined
  /**
   * Whether it comes along from other sites: 'lax' with links that lead here, 'strict' not even then, 'none' also in frames on other
   * sites, which needs `secure`.
   *
   * @default 'lax'
   */
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined
  /**
   * Whether the browser may send it over HTTPS alone. 'auto': if the request came so.
   *
   * @default 'auto'; true where the name's prefix or `sameSite` need it
   */
  readonly secure?: boolean | 'auto' | undefined
  /** How long a login lasts, in ms, from when the cookie was set; at most 400 days. @default 1209600000 (14 days) */
  readonly maxAge?: number | undefined
}

/** The same, checked and all present. */
export interface CookieSettings {
  readonly name: string
  readonly path: string
  readonly domain: string | undefined
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly secure: boolean | 'auto'
  readonly maxAge: number
}

/** Whom the cookie has to reach. */
interface Reach {
  /** Of the server: the default of the cookie's name. */
  readonly name: string
  /** The default of its path. */
  readonly basePath: string
  /** Paths that browsers must send the cookie to. */
  readonly paths: readonly string[]
}

const second = 1000
const day = 24 * 60 * 60 * second
/** As long as the tokens of pages. */
const defaultMaxAge = 14 * day
/** Browsers cut off what is more. */
const mostAge = 400 * day
/** Browsers drop attributes that are longer. */
const mostAttributeBytes = 1024
/** Far more than anyone needs, and little of what a cookie may hold. */
const mostNameBytes = 128

const token = /^[!#$%&'*+\-.^`|~\w]+$/
const pathValue = /^\/[\x21-\x3a\x3c-\x7e]*$/
const hostName = /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)+$/i
const known: ReadonlySet<string> = new Set([
  'name',
  'path',
  'domain',
  'sameSite',
  'secure',
  'maxAge',
] satisfies (keyof CookieOptions)[])
const sameSites: readonly unknown[] = ['lax', 'strict', 'none'] satisfies CookieSettings['sameSite'][]
/** The client's own. */
const reserved = /^__phoenix_/

/** `fail` says whose option it was. */
export function resolveCookie(
  given: CookieOptions,
  { name: app, basePath, paths }: Reach,
  fail: (message: string) => LiveError,
): CookieSettings {
  if (typeof given !== 'object' || given === null) throw fail(`cookie must be an object, got ${describe(given)}`)
  for (const option of Object.keys(given)) {
    if (!known.has(option)) throw fail(`unknown option cookie.${option}; known are ${[...known].join(', ')}`)
  }
  const { name = `_${app}`, domain, sameSite = 'lax', maxAge = defaultMaxAge } = given
  const isHostOnly = typeof name === 'string' && /^__host-/i.test(name)
  const { path = isHostOnly || basePath === '' ? '/' : basePath } = given
  const wrong = (option: keyof CookieOptions, expected: string): LiveError =>
    fail(`cookie.${option} must be ${expected}, got ${describe(given[option])}`)
  if (typeof name !== 'string' || !token.test(name) || name.length > mostNameBytes || reserved.test(name)) {
    throw wrong(
      'name',
      `letters, digits and !#$%&'*+-.^_\`|~, at most ${mostNameBytes}, and none of the client's (__phoenix_…)`,
    )
  }
  if (typeof path !== 'string' || !pathValue.test(path) || path.length > mostAttributeBytes) {
    throw wrong('path', `like '/shop'`)
  }
  if (domain !== undefined && !(typeof domain === 'string' && hostName.test(domain))) {
    throw wrong('domain', `like 'example.com'`)
  }
  if (!sameSites.includes(sameSite)) throw wrong('sameSite', `'lax', 'strict' or 'none'`)
  if (!Number.isSafeInteger(maxAge) || maxAge < second || maxAge > mostAge) {
    throw wrong('maxAge', `a whole number of milliseconds from ${second} to ${mostAge} (400 days)`)
  }
  const secure = resolveSecure({ ...given, name, sameSite }, fail)
  if (isHostOnly && (path !== '/' || domain !== undefined)) {
    throw fail(`cookie.name ${describe(name)} needs the path '/' and no domain: browsers take it from one host alone`)
  }
  const missed = paths.find((other) => !reaches(path, other))
  if (missed !== undefined) {
    throw fail(`cookie.path must cover ${missed}, where the cookie is needed too, got ${describe(path)}`)
  }
  return { name, path, domain, sameSite, secure, maxAge }
}

function resolveSecure(
  { name, sameSite, secure }: CookieOptions & { readonly name: string },
  fail: (message: string) => LiveError,
): CookieSettings['secure'] {
  const needed = /^__(?:host|secure|http)-/i.test(name)
    ? `cookie.name ${describe(name)}`
    : sameSite === 'none'
      ? `cookie.sameSite 'none'`
      : undefined
  if (secure === undefined) return needed === undefined ? 'auto' : true
  if (typeof secure !== 'boolean' && secure !== 'auto') {
    throw fail(`cookie.secure must be true, false or 'auto', got ${describe(secure)}`)
  }
  if (needed !== undefined && secure !== true) {
    throw fail(`${needed} needs cookie.secure true, got ${describe(secure)}: browsers drop it otherwise`)
  }
  return secure
}

/** Whether browsers send a cookie of `path` to `other`: RFC 6265, section 5.1.4. */
export function reaches(path: string, other: string): boolean {
  return other === path || other.startsWith(path.endsWith('/') ? path : `${path}/`)
}
