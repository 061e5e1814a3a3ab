/** Where a view may leave for, and how it asks for it. */
import { describe, LiveError } from '../errors.ts'

/** How `redirect` leaves. */
export interface RedirectOptions {
  /** The HTTP status when the page is rendered for the first time. @default 302 */
  readonly status?: 301 | 302 | 303 | 307 | 308 | undefined
}

/** How `pushPatch` and `pushNavigate` change the history. */
export interface NavigateOptions {
  /** Take the place of the current entry in the history, instead of adding one. @default false */
  readonly replace?: boolean | undefined
}

/** Where a callback asked to go; the last word counts. */
export type Navigation =
  | { readonly kind: 'redirect'; readonly to: string; readonly status: number }
  | { readonly kind: 'navigate' | 'patch'; readonly to: string; readonly replace: boolean }

const redirectStatuses: ReadonlySet<unknown> = new Set([301, 302, 303, 307, 308])

export function toRedirect(to: string, { status = 302 }: RedirectOptions = {}): Navigation {
  if (!redirectStatuses.has(status)) {
    const expected = [...redirectStatuses].join(', ')
    throw new LiveError('ERR_NAVIGATION', `redirect: status must be one of ${expected}, got ${describe(status)}`)
  }
  if (isLocalPath(to) || isWebUrl(to)) return { kind: 'redirect', to, status }
  throw new LiveError('ERR_NAVIGATION', `redirect: expected a path like '/home' or an http(s) URL, got ${describe(to)}`)
}

export function toNavigation(
  kind: 'navigate' | 'patch',
  to: string,
  { replace = false }: NavigateOptions = {},
): Navigation {
  if (isLocalPath(to)) return { kind, to, replace }
  const call = kind === 'patch' ? 'pushPatch' : 'pushNavigate'
  throw new LiveError('ERR_NAVIGATION', `${call}: expected a path like '/home?page=2', got ${describe(to)}`)
}

/** What a browser drops or reads as a slash, and half a character, which no URL can carry. */
const unfit = /[\\\p{Cc}\p{Cs}]/u

/** A path of this site: nothing that a browser would read as another host's. */
export function isLocalPath(to: unknown): to is string {
  if (typeof to !== 'string' || unfit.test(to)) return false
  return to.startsWith('/') && !to.startsWith('//') && !to.startsWith('/%09')
}

function isWebUrl(to: unknown): to is string {
  return typeof to === 'string' && !unfit.test(to) && /^https?:\/\//.test(to) && URL.canParse(to)
}
