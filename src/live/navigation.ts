/** Where a view may leave for, and how it asks for it. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import { isExternalUrl, isLocalPath } from '../protocol/addresses.ts'

/** What lies outside of the server: another site, an address for mail, a number to call, a path that is not below its `basePath`. */
export interface ExternalTarget {
  /**
   * A full `http(s)` URL, or one of `mailto:` or `tel:`. Not one that a visitor chooses: it leaves your site. Or a path of this host,
   * which stays as it is: `basePath` is not put in front.
   */
  readonly external: string
}

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
  | {
      readonly kind: 'redirect'
      readonly to: string
      readonly status: number
      /** It has no prefix, and gets none. */
      readonly isExternal?: boolean
    }
  | { readonly kind: 'navigate' | 'patch'; readonly to: string; readonly replace: boolean }

/** A patch stays with the view. */
export function leaves(navigation: Navigation | undefined): boolean {
  return navigation !== undefined && navigation.kind !== 'patch'
}

/** Where that leads, as the browser has to be told. */
export function targetOf(navigation: Navigation, basePath: string): string {
  const isExternal = navigation.kind === 'redirect' && navigation.isExternal === true
  return isExternal ? navigation.to : basePath + navigation.to
}

const redirectStatuses: ReadonlySet<unknown> = new Set([301, 302, 303, 307, 308])

export function toRedirect(target: string | ExternalTarget, { status = 302 }: RedirectOptions = {}): Navigation {
  if (!redirectStatuses.has(status)) {
    const expected = [...redirectStatuses].join(', ')
    throw new LiveError('ERR_NAVIGATION', `redirect: status must be one of ${expected}, got ${describe(status)}`)
  }
  if (isLocalPath(target)) return { kind: 'redirect', to: target, status }
  return { kind: 'redirect', to: readExternal(target), status, isExternal: true }
}

function readExternal(target: unknown): string {
  if (typeof target === 'object' && target !== null && Object.keys(target).join() === 'external') {
    const { external } = target as ExternalTarget
    if (isExternalUrl(external) || isLocalPath(external)) return external
    throw new LiveError(
      'ERR_NAVIGATION',
      `redirect: external must be an http(s), mailto or tel URL, or a path of this host, got ${describeClaim(external)}`,
    )
  }
  const hint = isExternalUrl(target) ? `; another site is written redirect({ external: url })` : ''
  throw new LiveError('ERR_NAVIGATION', `redirect: expected a path like '/home', got ${describeClaim(target)}${hint}`)
}

export function toNavigation(
  kind: 'navigate' | 'patch',
  to: string,
  { replace = false }: NavigateOptions = {},
): Navigation {
  if (isLocalPath(to)) return { kind, to, replace }
  const call = kind === 'patch' ? 'pushPatch' : 'pushNavigate'
  throw new LiveError('ERR_NAVIGATION', `${call}: expected a path like '/home?page=2', got ${describeClaim(to)}`)
}

/**
 * A path as the browser has it. `where` says who was given it.
 *
 * @throws {LiveError} `ERR_NAVIGATION` for anything but a path.
 */
export function toAddress(where: string, basePath: string, path: string): string {
  if (isLocalPath(path)) return basePath + path
  throw new LiveError('ERR_NAVIGATION', `${where}: expected a path like '/home', got ${describeClaim(path)}`)
}
