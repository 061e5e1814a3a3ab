/**
 * Who a request comes from: an id that stays, the secret that CSRF tokens are bound to, and the session's data, all of one signed
 * cookie. Beside it the two cookies that the official client writes before it loads a page: messages, and how a mount failed.
 */
import { parseCookie, stringifySetCookie } from 'cookie'
import { describe, LiveError } from '../errors.ts'
import type { SessionData } from '../live/definitions.ts'
import { type Flash, flashCookieName, flashCookieSizeError } from '../live/flash.ts'
import { cookieSizeError } from '../token/cookie-size.ts'
import { randomText } from '../token/random.ts'
import type { Signer } from '../token/signer.ts'
import type { CookieSettings } from './cookie-options.ts'
import type { LiveRequest } from './http.ts'

export interface Visitor {
  /**
   * Random, and the same for as long as the browser keeps the cookie: through logins and logouts. It tells one browser from another
   * where something must outlast a login. It does not say who somebody is, and who knows it can do nothing with it.
   */
  readonly id: string
  /** What the CSRF tokens of this visitor's pages are bound to. New with each session that is given. */
  readonly csrfSecret: string
  readonly session: SessionData
  /** True when the request brought no cookie of ours. */
  readonly isNew: boolean
}

/** How long tokens live: 14 days. */
export const tokenMaxAge: number = 14 * 24 * 60 * 60 * 1000

/**
 * How long what goes from one page to the next is taken: 10 minutes. The browser keeps it for one; the rest is for processes whose
 * clocks differ. Longer, and whoever can plant a cookie could show the same message on every page.
 */
const passingMaxAge = 10 * 60 * 1000
const passingSeconds = 60
/**
 * Cookies of one name that are looked at: a subdomain beside this one can set one for each domain above and each step of the path.
 * So many cost 0.1 ms.
 */
const mostOfOneName = 32
const secretBytes = 18

/** The official client's names. */
const passingNames = { flash: flashCookieName, reload: '__phoenix_reload_status__' } as const

export function readVisitor(
  request: LiveRequest,
  signer: Signer,
  cookie: CookieSettings,
  newId: () => string,
): Visitor {
  const data = readSigned(request, cookie.name, (token) => signer.verify('cookie', token, cookie.maxAge))
  if (data === undefined) return { id: newId(), csrfSecret: newSecret(), session: {}, isNew: true }
  const [id, csrfSecret, session] = data as [string, string, SessionData]
  return { id, csrfSecret, session, isNew: false }
}

/**
 * The same visitor with another session. What pages knew before does not fit any more.
 *
 * @throws {LiveError} `ERR_COOKIE` for what is no object: each request that brings it would have no session but `null`, say.
 */
export function withSession(visitor: Visitor, session: SessionData): Visitor {
  if (typeof session !== 'object' || session === null || Array.isArray(session)) {
    const expected = 'an object, {} for a session without data'
    throw new LiveError('ERR_COOKIE', `sessionCookie: expected ${expected}, got ${describe(session)}`)
  }
  return { ...visitor, csrfSecret: newSecret(), session }
}

/** 18 random bytes. */
export function randomVisitorId(): string {
  return randomText(secretBytes)
}

function newSecret(): string {
  return randomText(secretBytes)
}

/**
 * Whether a page has to bring the visitor a cookie. Where another site leads to it, browsers hold back a strict cookie: there may be
 * one, with a login in it, and a new one would take its place. Such a page finds out when it connects, and is loaded anew from here.
 */
export function needsCookie({ isNew }: Visitor, request: LiveRequest, { sameSite }: CookieSettings): boolean {
  return isNew && !(sameSite === 'strict' && request.headers.get('sec-fetch-site') === 'cross-site')
}

/**
 * The `Set-Cookie` header for a visitor. Readable by no script, sent to this site alone.
 *
 * @throws {LiveError} `ERR_COOKIE` when the session is too large for a cookie.
 */
export function visitorCookie(
  request: LiveRequest,
  signer: Signer,
  settings: CookieSettings,
  { id, csrfSecret, session }: Visitor,
): string {
  const { name, path, domain, sameSite, maxAge } = settings
  const header = stringifySetCookie({
    name,
    value: signer.sign('cookie', [id, csrfSecret, session]),
    path,
    ...(domain !== undefined && { domain }),
    httpOnly: true,
    sameSite,
    secure: isSecure(request, settings),
    maxAge: Math.floor(maxAge / 1000),
  })
  const tooLarge = cookieSizeError(
    'sessionCookie',
    header,
    'Put an id into the session, and keep what belongs to it on the server, where onMount looks it up',
  )
  if (tooLarge !== undefined) throw tooLarge
  return header
}

/**
 * The `Set-Cookie` header for the messages of a redirect, signed. Its name and path are those of the official client, which sets the
 * same one before it leaves for a full page; and a script could not set one again that is `HttpOnly`. `where` says who leads on.
 *
 * @throws {LiveError} `ERR_COOKIE` when the messages are too large for a cookie.
 */
export function flashCookie(
  request: LiveRequest,
  signer: Signer,
  settings: CookieSettings,
  flash: Flash,
  where = 'flashCookie',
): string {
  const header = stringifySetCookie({
    name: flashCookieName,
    value: signer.sign('flash', flash),
    path: '/',
    maxAge: passingSeconds,
    sameSite: settings.sameSite,
    secure: isSecure(request, settings),
  })
  const tooLarge = flashCookieSizeError(where, header)
  if (tooLarge !== undefined) throw tooLarge
  return header
}

/** What the page before has left for this one, if it is ours: messages, or the status of a mount that failed. */
export function readPassing(request: LiveRequest, signer: Signer, purpose: 'flash' | 'reload'): unknown {
  return readSigned(request, passingNames[purpose], (token) => signer.verify(purpose, token, passingMaxAge))
}

/** The `Set-Cookie` header that takes away what {@link readPassing} found. */
export function passedCookie(purpose: 'flash' | 'reload'): string {
  return stringifySetCookie({ name: passingNames[purpose], value: '', path: '/', maxAge: 0 })
}

function isSecure(request: LiveRequest, { secure }: CookieSettings): boolean {
  return secure === 'auto' ? request.url.startsWith('https:') : secure
}

/**
 * What the first cookie of that name says that verifies. There may be several: those of other applications on this host, and those
 * that a subdomain beside this one set to hide ours. A browser sends first what has the longer path, or is older.
 */
function readSigned(request: LiveRequest, name: string, verify: (token: string) => unknown): unknown {
  let looked = 0
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    if (!pair.trimStart().startsWith(name)) continue
    const token = parseCookie(pair)[name]
    if (token === undefined) continue
    const data = verify(token)
    if (data !== undefined) return data
    if (++looked === mostOfOneName) return undefined
  }
  return undefined
}
