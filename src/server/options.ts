import { describe, LiveError } from '../errors.ts'
import type { ErrorContext } from '../live/host.ts'
import type { LiveView, SessionData } from '../live/view.ts'
import { createLocalPubSub, type PubSub } from '../pubsub/pubsub.ts'
import type { Rendered } from '../template/rendered.ts'
import { defaultErrorPage, type ErrorPage } from './error-page.ts'
import type { LiveRequest } from './http.ts'
import { defaultLayout, type LayoutPage } from './layout.ts'

/** What `createLiveServer` takes. */
export interface LiveServerOptions {
  /** Views by path. `:name` is a parameter, `**` the rest of the path. */
  readonly routes: Readonly<Record<string, LiveView>>
  /**
   * Signs tokens and cookies: 32 bytes or more, the same in every process. @default the environment's `LIVELOOM_SECRET`; in
   * development one that is made once and kept in `.liveloom/`
   */
  readonly secret?: string | undefined
  /** The page around a view. @default a plain page with the prebuilt client */
  readonly layout?: ((page: LayoutPage) => Rendered) | undefined
  /** What the default layout is told. */
  readonly page?: PageOptions | undefined
  /** The session's data for a request. @default what `sessionCookie` of the running server put into the signed cookie */
  readonly session?: ((request: LiveRequest) => SessionData | Promise<SessionData>) | undefined
  /** The pages of 404, 500 and other failures. */
  readonly errorPage?: ((page: ErrorPage) => Rendered) | undefined
  /** Where the socket and the client's script are. @default '/live' */
  readonly path?: string | undefined
  /** Origins that may open the socket, beside the page's own host. `'any'` turns the check off. @default [] */
  readonly origins?: readonly string[] | 'any' | undefined
  /** How views send messages to one another. @default within this process */
  readonly pubsub?: PubSub | undefined
  /** What one client may make the server do; each limit has a default. */
  readonly limits?: Partial<ServerLimits> | undefined
  /** Called with what went wrong and did not end the process. @default printed to the terminal by the adapter */
  readonly onError?: ((error: unknown, context: ErrorContext) => void) | undefined
}

/** What the default layout is told of every page. */
export interface PageOptions {
  /** @default 'Liveloom' */
  readonly title?: string | undefined
  /** @default 'en' */
  readonly lang?: string | undefined
  /** More of the head: stylesheets, icons, scripts. */
  readonly head?: Rendered | undefined
}

/** What one client may make the server do. Every limit is finite. */
export interface ServerLimits {
  /** Bytes of one frame; a larger one closes the connection (1009). @default 2097152 (2 MiB) */
  readonly maxMessageSize: number
  /** Bytes that wait for a client that does not read; more close the connection. @default 16777216 (16 MiB) */
  readonly maxUnsentBytes: number
  /** How long those bytes may stand still, in ms. @default 30000 */
  readonly unsentTimeout: number
  /** Messages that wait for one view; more end it. @default 1000 */
  readonly maxMailbox: number
  /** Views of one connection. @default 100 */
  readonly maxTopics: number
  /** Joins of views a minute on one connection; more close it (1008). @default 300 */
  readonly maxJoins: number
  /** Upload channels of one connection. @default 1000 */
  readonly maxUploadChannels: number
  /** Connection without a frame of the client, in ms; the client sends a heartbeat every 30 s. @default 60000 */
  readonly idleTimeout: number
  /** Fields of one form. @default 10000 */
  readonly maxFormFields: number
  /** Brackets in the name of a field. @default 32 */
  readonly maxFormNesting: number
}

export const limitDefaults: ServerLimits = {
  maxMessageSize: 2 * 1024 * 1024,
  maxUnsentBytes: 16 * 1024 * 1024,
  unsentTimeout: 30_000,
  maxMailbox: 1000,
  maxTopics: 100,
  maxJoins: 300,
  maxUploadChannels: 1000,
  idleTimeout: 60_000,
  maxFormFields: 10_000,
  maxFormNesting: 32,
}

/** The options of a server, checked and all present, but for what the machine decides. */
export interface ServerSettings {
  readonly routes: Readonly<Record<string, LiveView>>
  readonly secret: string | undefined
  readonly layout: (page: LayoutPage) => Rendered
  readonly page: { readonly title: string; readonly lang: string; readonly head: Rendered | undefined }
  readonly session: LiveServerOptions['session']
  readonly errorPage: (page: ErrorPage) => Rendered
  readonly path: string
  readonly origins: readonly string[] | 'any'
  readonly pubsub: PubSub
  readonly limits: ServerLimits
  readonly onError: LiveServerOptions['onError']
}

const known: ReadonlySet<string> = new Set(
  'routes secret layout page session errorPage path origins pubsub limits onError'.split(' '),
)

export function resolveServerOptions(options: LiveServerOptions): ServerSettings {
  const fail = (message: string): never => {
    throw new LiveError('ERR_SERVER_OPTIONS', `createLiveServer: ${message}`)
  }
  for (const name of Object.keys(options)) {
    if (!known.has(name)) fail(`unknown option '${name}'; known are ${[...known].join(', ')}`)
  }
  const { routes, path = '/live', page = {} } = options
  if (typeof routes !== 'object' || routes === null)
    fail(`routes must be an object of views by path, got ${describe(routes)}`)
  for (const [route, view] of Object.entries(routes)) {
    if (!route.startsWith('/')) fail(`a route must start with '/', got ${describe(route)}`)
    if (`${route}/`.startsWith(`${path}/`))
      fail(`the route ${route} lies under ${path}, where the socket is (option path)`)
    if (typeof (view as LiveView | undefined)?.callbacks?.render !== 'function') {
      fail(`the route ${route} must be a view of createLiveView, got ${describe(view)}`)
    }
  }
  if (!/^\/[\w/-]*[\w-]$/.test(path)) fail(`path must be like '/live', got ${describe(path)}`)
  return {
    routes,
    secret: options.secret,
    layout: options.layout ?? defaultLayout,
    page: { title: page.title ?? 'Liveloom', lang: page.lang ?? 'en', head: page.head },
    session: options.session,
    errorPage: options.errorPage ?? defaultErrorPage,
    path,
    origins: options.origins ?? [],
    pubsub: options.pubsub ?? createLocalPubSub(),
    limits: resolveLimits(options.limits ?? {}, fail),
    onError: options.onError,
  }
}

function resolveLimits(given: Partial<ServerLimits>, fail: (message: string) => never): ServerLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(limitDefaults, name))
      fail(`unknown limit '${name}'; known are ${Object.keys(limitDefaults).join(', ')}`)
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      fail(`limits.${name} must be a positive integer, got ${describe(value)}`)
    }
  }
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...limitDefaults, ...present }
}
