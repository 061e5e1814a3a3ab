import { describe, LiveError } from '../errors.ts'
import { resolveContainer } from '../live/container.ts'
import type { LiveView, SessionData } from '../live/definitions.ts'
import type { ErrorContext } from '../live/host.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import type { Rendered } from '../template/rendered.ts'
import { defaultApp } from '../token/signer.ts'
import { type CookieOptions, type CookieSettings, resolveCookie } from './cookie-options.ts'
import { defaultErrorPage, type ErrorPage } from './error-page.ts'
import { type Hosts, resolveHosts } from './hosts.ts'
import type { LiveRequest } from './http.ts'
import { type JoinOptions, type JoinSettings, resolveJoins } from './join-quota.ts'
import { defaultLayout } from './layout.ts'
import { resolveLimits, type ServerLimits } from './limits.ts'
import { sameData } from './same-session.ts'
import {
  type LiveRoute,
  type LiveRoutes,
  type LiveSessionOptions,
  type LiveSessionParts,
  type PageLang,
  type LiveSessionSettings,
  resolveLiveSession,
  type PageSettings,
  resolvePage,
} from './live-sessions.ts'
import { resolveTexts, type Texts, type TextsOptions } from '../texts/texts.ts'
import { type HeaderOptions, resolveHeaders } from './security-headers.ts'
import { resolveUploadSettings, type UploadOptions, type UploadSettings } from './upload-options.ts'
import { resolveStashOptions, type StashOptions, type StashSettings } from './stash-options.ts'

/** What `createLiveServer` takes. */
export interface LiveServerOptions extends LiveSessionParts {
  /**
   * Views by path, or `{ view, action, layout, shell }`. `:name` is a parameter, `**` the rest of the path. They make up the live session
   * `default`.
   */
  readonly routes: LiveRoutes
  /**
   * Views without a route, by name: letters, digits, `-`, `_` and `.`. `render` of the running server places them in pages of the
   * application's own.
   *
   * @default {}
   */
  readonly views?: Readonly<Record<string, LiveView>> | undefined
  /** More groups of routes by name, each with hooks, a session and a layout of its own. @default {} */
  readonly liveSessions?: Readonly<Record<string, LiveSessionOptions>> | undefined
  /**
   * Signs tokens and cookies: 32 bytes or more, the same in every process. @default the environment's `LIVELOOM_SECRET`; in
   * development one that is made once and kept in `.liveloom/`
   */
  readonly secret?: string | undefined
  /**
   * The application's name: letters, digits, `-`, `_` and `.`. Part of what each token is signed for, so that of two applications with
   * one secret neither takes the other's sessions; and of the cookie's default name, so that on one host neither logs the other's
   * visitors out. A new name makes all tokens and sessions void.
   *
   * @default 'liveloom'
   */
  readonly name?: string | undefined
  /** How the visitor's cookie is set. */
  readonly cookie?: CookieOptions | undefined
  /** The session's data for a request. @default what `sessionCookie` of the running server put into the signed cookie */
  readonly session?: ((request: LiveRequest) => SessionData | Promise<SessionData>) | undefined
  /** The pages of 404, 500 and other failures. */
  readonly errorPage?: ((page: ErrorPage) => Rendered) | undefined
  /** Where the socket and the client's script are, below `basePath`. @default '/live' */
  readonly path?: string | undefined
  /**
   * Where the whole server is in the browser's eyes, like '/acme': pages, socket, script and cookie. All paths in code are without it: of
   * routes, links, redirects, `meta.url`; what is printed or sent has it. A request may come with it, or without: through a proxy or a
   * mount that takes it away. What is no link of ours, an asset or the `action` of a form, is written with `meta.path('/logo.svg')`.
   *
   * @default '', no prefix
   */
  readonly basePath?: string | undefined
  /** Origins that may open the socket, beside the page's own host. `'any'` turns the check off. @default [] */
  readonly origins?: readonly string[] | 'any' | undefined
  /**
   * The hosts that the server answers for; a request for another is refused with 403. `'example.com'`, `'.example.com'` with all that is
   * below it, each with a port or for any. In development loopback names and IP addresses are always allowed. `'any'` turns the check off.
   *
   * @default in development none but those; in production any
   */
  readonly hosts?: readonly string[] | 'any' | undefined
  /**
   * The paths of the scripts and styles that the server has now, as the page tracks them with `phx-track-static`; a view learns in
   * `staticChanged` when the page has others. @default the client's script alone is compared
   */
  readonly assets?: readonly string[] | undefined
  /**
   * Makes the `Content-Security-Policy` header of a page; the nonce is the one of `meta.nonce`. `strictContentSecurityPolicy` is one. A
   * policy that says nothing of `frame-ancestors` is given `'self'`.
   *
   * @default what `headers` has
   */
  readonly contentSecurityPolicy?: ((nonce: string) => string) | undefined
  /**
   * Headers of every response, beside the defaults or in their place; `null` leaves a default out. A header that a middleware has set on
   * the response stays as it is.
   *
   * @default `X-Content-Type-Options: nosniff`, `Referrer-Policy: strict-origin-when-cross-origin`, and
   *   `Content-Security-Policy: frame-ancestors 'self'`
   */
  readonly headers?: HeaderOptions | undefined
  /** How views send messages to one another. @default within this process, and between the `workers` of `serve` */
  readonly pubsub?: PubSub | undefined
  /**
   * What pages say by themselves, in other languages and words: errors of uploads, error pages, the lines that the connection is lost or
   * that something is too large. By language, as `page.lang` has it; what is not here is said in English.
   *
   * @default English
   * @example
   * import { createLiveServer } from 'liveloom'
   *
   * export const live = createLiveServer({
   *   routes: {},
   *   page: { lang: 'de' },
   *   texts: { de: { uploads: { too_large: ({ maxFileSize }, say) => `Größer als ${say.limit(maxFileSize)}` } } },
   * })
   */
  readonly texts?: Readonly<Record<string, TextsOptions>> | undefined
  /**
   * Where views' stashes are kept, and whose they are; which keys of a view are stashed, the view says. @default in the memory of each page
   */
  readonly stash?: StashOptions | undefined
  /** Where the files of uploads are kept, whose they are, and for how long. */
  readonly uploads?: UploadOptions | undefined
  /** Whose joins count together for `limits.maxVisitorJoins`, and where they are counted. */
  readonly joins?: JoinOptions | undefined
  /** What one client may make the server do; each limit has a default. */
  readonly limits?: Partial<ServerLimits> | undefined
  /** Called with what went wrong and did not end the process. @default printed to the terminal by the adapter */
  readonly onError?: ((error: unknown, context: ErrorContext) => void) | undefined
  /** How long the view of a first page waits for that to connect, with `adopt`, in ms: 1 to 60000. @default 10000 */
  readonly adoptWindow?: number | undefined
  /**
   * Whether a page that comes back, with the session `now`, may have the view that was kept with the session `before`. Both as `mount`
   * has it. The visitor is the same anyway.
   *
   * @default they say the same, all of it
   */
  readonly sameVisitor?: ((before: SessionData, now: SessionData) => boolean) | undefined
}

/** The options of a server, checked and all present, but for what the machine decides. */
export interface ServerSettings {
  readonly routes: readonly LiveRoute[]
  /** Those of pages of the application's own, by name. */
  readonly views: ReadonlyMap<string, LiveView>
  /** By name. */
  readonly liveSessions: ReadonlyMap<string, LiveSessionSettings>
  readonly secret: string | undefined
  readonly name: string
  readonly cookie: CookieSettings
  readonly session: LiveServerOptions['session']
  readonly errorPage: (page: ErrorPage) => Rendered
  readonly path: string
  readonly basePath: string
  readonly origins: readonly string[] | 'any'
  /** `undefined`: as the machine has it, in development or not. */
  readonly hosts: Hosts | undefined
  readonly assets: readonly string[] | undefined
  readonly contentSecurityPolicy: LiveServerOptions['contentSecurityPolicy']
  readonly headers: Readonly<Record<string, string>>
  /** Absent: that of the machine, which is this process by default. */
  readonly pubsub: PubSub | undefined
  /** What pages say, by language. */
  readonly textsIn: (lang: string) => Texts
  /** Of the server's own routes, and of what no route is. */
  readonly lang: PageLang
  readonly stash: StashSettings
  readonly uploads: UploadSettings
  readonly joins: JoinSettings
  readonly limits: ServerLimits
  readonly onError: LiveServerOptions['onError']
  /** Of what stands in no live session: sticky views. */
  readonly resumeWindow: number
  readonly adoptWindow: number
  readonly sameVisitor: (before: SessionData, now: SessionData) => boolean
}

const known: ReadonlySet<string> = new Set([
  'routes',
  'views',
  'liveSessions',
  'layout',
  'shell',
  'page',
  'container',
  'onMount',
  'secret',
  'name',
  'cookie',
  'session',
  'errorPage',
  'path',
  'basePath',
  'origins',
  'hosts',
  'assets',
  'contentSecurityPolicy',
  'headers',
  'pubsub',
  'texts',
  'stash',
  'uploads',
  'joins',
  'limits',
  'onError',
  'resumeWindow',
  'onResume',
  'sameVisitor',
  'adopt',
  'adoptWindow',
] satisfies (keyof LiveServerOptions)[])

export const defaultPage: PageSettings = {
  title: 'Liveloom',
  titlePrefix: '',
  titleSuffix: '',
  lang: 'en',
  description: undefined,
  bodyClass: undefined,
  head: undefined,
}
/** A client does not connect again while its page is hidden, in ms. */
const defaultWindow = 180_000
/** The live session of the server's own routes. */
const defaultName = 'default'

export function resolveServerOptions(options: LiveServerOptions): ServerSettings {
  const fail = (message: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', `createLiveServer: ${message}`)
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw fail(`unknown option '${name}'; known are ${[...known].join(', ')}`)
  }
  const { path = '/live', name = defaultApp } = options
  if (!/^\/[\w/-]*[\w-]$/.test(path)) throw fail(`path must be like '/live', got ${describe(path)}`)
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name)) {
    throw fail(`name must be 1 to 64 letters, digits, '-', '_' and '.', got ${describe(name)}`)
  }
  const basePath = resolveBasePath(options.basePath, fail)
  const { assets, sameVisitor, adoptWindow = 10_000 } = options
  if (typeof adoptWindow !== 'number' || !(adoptWindow >= 1 && adoptWindow <= 60_000)) {
    throw fail(`adoptWindow must be a time in ms from 1 to 60000, got ${describe(adoptWindow)}`)
  }
  if (sameVisitor !== undefined && typeof sameVisitor !== 'function') {
    throw fail(`sameVisitor must be a function, got ${describe(sameVisitor)}`)
  }
  if (assets !== undefined && !(Array.isArray(assets) && assets.every((asset) => typeof asset === 'string'))) {
    throw fail(`assets must be an array of paths, got ${describe(assets)}`)
  }
  const { routes, liveSessions } = resolveRoutes(options, path, basePath, fail)
  const stash = resolveStashOptions(options.stash ?? {}, fail)
  const paths = [path, ...routes.map((route) => route.path)].map((inside) => basePath + inside)
  return {
    routes,
    liveSessions,
    views: resolveViews(options.views, fail),
    secret: options.secret,
    name,
    cookie: resolveCookie(options.cookie ?? {}, { name, basePath, paths }, fail),
    session: options.session,
    errorPage: options.errorPage ?? defaultErrorPage,
    path,
    basePath,
    origins: options.origins ?? [],
    hosts: resolveHosts(options.hosts, fail),
    assets,
    contentSecurityPolicy: options.contentSecurityPolicy,
    headers: resolveHeaders(options.headers, fail),
    pubsub: options.pubsub,
    textsIn: resolveTexts(options.texts, fail),
    lang: resolvePage(options.page, defaultPage, fail).lang,
    stash,
    uploads: resolveUploadSettings(options.uploads ?? {}, stash.ownerOf, fail),
    joins: resolveJoins(options.joins ?? {}, fail),
    limits: resolveLimits(options.limits ?? {}, fail),
    onError: options.onError,
    resumeWindow: options.resumeWindow ?? defaultWindow,
    adoptWindow,
    sameVisitor: options.sameVisitor ?? sameData,
  }
}

function resolveRoutes(
  options: LiveServerOptions,
  socketPath: string,
  basePath: string,
  fail: (message: string) => LiveError,
): Pick<ServerSettings, 'routes' | 'liveSessions'> {
  const { routes, layout, shell, page, container, onMount, liveSessions = {} } = options
  const { resumeWindow = defaultWindow, onResume, adopt = false } = options
  const defaults = {
    layout: layout ?? defaultLayout,
    shell,
    page: resolvePage(page, defaultPage, fail),
    container: resolveContainer(container, fail),
    resumeWindow,
    onResume,
    adopt,
  }
  const own = resolveLiveSession(defaultName, { routes, onMount }, defaults, fail)
  const all = [...own.routes]
  const groups = new Map([[defaultName, own.group]])
  for (const [name, group] of Object.entries(liveSessions)) {
    const where = (message: string): LiveError => fail(`liveSessions.${name}: ${message}`)
    if (name === defaultName) throw where(`the name belongs to the server's own routes`)
    const resolved = resolveLiveSession(name, group, defaults, where)
    all.push(...resolved.routes)
    groups.set(name, resolved.group)
  }
  const seen = new Set<string>()
  for (const { path } of all) {
    if (seen.has(path)) throw fail(`the route ${path} occurs twice`)
    seen.add(path)
    if (basePath !== '' && `${path}/`.startsWith(`${basePath}/`)) {
      throw fail(`the route ${path} lies under basePath, ${basePath}: routes are written without it, '/photos' say`)
    }
    if (!`${path}/`.startsWith(`${socketPath}/`)) continue
    throw fail(`the route ${path} lies under ${socketPath}, where the socket is (option path)`)
  }
  return { routes: all, liveSessions: groups }
}

function resolveViews(views: unknown = {}, fail: (message: string) => LiveError): ReadonlyMap<string, LiveView> {
  if (typeof views !== 'object' || views === null)
    throw fail(`views must be an object of views, got ${describe(views)}`)
  for (const [name, view] of Object.entries(views)) {
    if (!/^[\w.-]{1,64}$/.test(name)) {
      throw fail(`views: a name has 1 to 64 letters, digits, '-', '_' and '.', got ${describe(name)}`)
    }
    const { render } = ((view as Partial<LiveView> | null)?.callbacks ?? {}) as { readonly render?: unknown }
    if (typeof render !== 'function') {
      throw fail(`views.${name}: expected a view of createLiveView, got ${describe(view)}`)
    }
  }
  return new Map(Object.entries(views as Readonly<Record<string, LiveView>>))
}

/** '/' is what a variable of the environment says that has no prefix to name. */
function resolveBasePath(basePath: unknown = '', fail: (message: string) => LiveError): string {
  if (basePath === '' || basePath === '/') return ''
  const fits = typeof basePath === 'string' && /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/.test(basePath)
  if (fits) return basePath
  throw fail(`basePath must be like '/acme', without a slash at its end, got ${describe(basePath)}`)
}
