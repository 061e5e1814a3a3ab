/** Who a request comes from: the secret that CSRF tokens are bound to, and the session's data, both of a signed cookie. */
import { parseCookie, stringifySetCookie } from 'cookie'
import type { SessionData } from '../live/definitions.ts'
import { randomText } from '../token/random.ts'
import type { Signer } from '../token/signer.ts'
import type { LiveRequest } from './http.ts'

export interface Visitor {
  readonly csrfSecret: string
  readonly session: SessionData
  /** True when the request brought no cookie of ours, so that the response has to set one. */
  readonly isNew: boolean
}

const cookieName = '_liveloom'
/** As long as tokens live: 14 days. */
export const tokenMaxAge: number = 14 * 24 * 60 * 60 * 1000

export function readVisitor(request: LiveRequest, signer: Signer): Visitor {
  const cookie = readCookie(request, cookieName)
  const data = cookie === undefined ? undefined : signer.verify('cookie', cookie, tokenMaxAge)
  if (data === undefined) return { csrfSecret: randomText(18), session: {}, isNew: true }
  const [csrfSecret, session] = data as [string, SessionData]
  return { csrfSecret, session, isNew: false }
}

/** The `Set-Cookie` header for a visitor. Readable by no script, sent to this site alone. */
export function visitorCookie(request: LiveRequest, signer: Signer, csrfSecret: string, session: SessionData): string {
  return stringifySetCookie({
    name: cookieName,
    value: signer.sign('cookie', [csrfSecret, session]),
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: request.url.startsWith('https:'),
    maxAge: tokenMaxAge / 1000,
  })
}

/** Carries messages to the page that is loaded next; the official client sets the same one before it leaves for a full page. */
export const flashCookieName = '__phoenix_flash__'

/** The `Set-Cookie` header for the messages of a redirect, signed. */
export function flashCookie(token: string): string {
  return stringifySetCookie({ name: flashCookieName, value: token, path: '/', maxAge: 60, sameSite: 'lax' })
}

export function readCookie(request: LiveRequest, name: string): string | undefined {
  const header = request.headers.get('cookie')
  return header === null ? undefined : parseCookie(header)[name]
}

/** The `Set-Cookie` header that takes a cookie away. */
export function expiredCookie(name: string): string {
  return stringifySetCookie({ name, value: '', path: '/', maxAge: 0 })
}
