/** Live sessions: groups of routes that share a layout, hooks for their mounts, and session data. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import { type Container, type ContainerOptions, mergeContainers, resolveContainer, tagOf } from '../live/container.ts'
import type { LiveView, SessionData, StashPlan } from '../live/definitions.ts'
import { isShell, type Shell } from '../live/shell.ts'
import { resolveStash, type StashParts, type StashPlace } from '../live/stash.ts'
import type { OnMount } from '../live/socket.ts'
import { checkAdopt, checkResumeWindow, isListOfFunctions } from '../live/view.ts'
import type { OnResume } from '../session/resumption.ts'
import type { RouteFacts } from '../live/instance.ts'
import type { Rendered } from '../template/rendered.ts'
import { canonicalLang } from '../texts/lang.ts'
import type { LiveRequest } from './http.ts'
import type { Layout } from './layout.ts'
import type { Route } from './router.ts'

/** What every live session may have, the default one (the server's own options) included. */
export interface LiveSessionParts {
  /** The page around a view. Never patched: what it shows changes with a page load. @default the server's */
  readonly layout?: Layout | undefined
  /**
   * What stands around each of its views within the document, and is patched with them; `false` is nothing. @default the server's, else
   * nothing
   */
  readonly shell?: Shell | false | undefined
  /** What the default layout is told. @default the server's */
  readonly page?: PageOptions | undefined
  /**
   * The element around each of its views: a tag, and attributes. What a view says itself goes over it. All views of a live session
   * have the same tag. @default the server's, else a `div`
   */
  readonly container?: ContainerOptions | undefined
  /** Called before each mount of its views, over HTTP and connected: who may see them, what they need. @default [] */
  readonly onMount?: readonly OnMount[] | undefined
  /**
   * How long its views are kept when their connection is lost, in ms, 0 to a day: a page that comes back finds them as they were. 0 ends
   * them at once. What a view says itself goes over it.
   *
   * @default the server's, else 180000 (3 minutes)
   */
  readonly resumeWindow?: number | undefined
  /** Whether views of first pages go on when those connect: see `adopt` of a view. @default the server's, else false */
  readonly adopt?: boolean | undefined
  /**
   * Called when a page has come back to a view that was kept, before anything of it is shown: with `false` the view ends, and is mounted
   * anew. Its visitor and session are the same then: that is asked before.
   *
   * @default the view goes on
   */
  readonly onResume?: OnResume | undefined
}

/** Views by path: a view alone, or with what its route says of it. */
export type LiveRoutes = Readonly<Record<string, LiveView | LiveRouteOptions>>

/** A view at a path, and what is special there. */
export interface LiveRouteOptions {
  readonly view: LiveView
  /** What the view is there for, when it has several routes: its `socket.action` and `meta.action`. @default none */
  readonly action?: string | undefined
  /** The page around it. Between routes of different layouts the page is loaded. @default that of its live session */
  readonly layout?: Layout | undefined
  /** What stands around the view within the document, and is patched with it; `false` is nothing. @default that of its live session */
  readonly shell?: Shell | false | undefined
}

/**
 * A group of routes. Navigation between its views keeps the socket; into it and out of it the page is loaded anew, so that what
 * `onMount` asks is asked.
 */
export interface LiveSessionOptions extends LiveSessionParts, StashParts<string, Readonly<Record<string, unknown>>> {
  /** Views by path, as the server's `routes`. */
  readonly routes: LiveRoutes
  /**
   * Given to `mount` over the session of the request. Signed into the page, not encrypted. @default {}
   */
  readonly session?: SessionData | ((request: LiveRequest) => SessionData | Promise<SessionData>) | undefined
}

/** A language, or what finds the visitor's. What it gives must be a language tag: `'de'`, `'pt-BR'`. */
export type PageLang = string | ((request: LiveRequest, session: SessionData) => string)

/** What the default layout is told of every page. */
export interface PageOptions {
  /** For views that set none. @default 'Liveloom' */
  readonly title?: string | undefined
  /** Stands before the title of every view. @default '' */
  readonly titlePrefix?: string | undefined
  /** Stands behind the title of every view. @default '' */
  readonly titleSuffix?: string | undefined
  /**
   * The visitor's language, as `<html lang>` has it: `'de'`, or a function of the request and the session. It is found out when a page is
   * loaded, and signed into it: the connected view, and live navigation in the live session, have the same (`socket.lang`, `meta.lang`).
   * An error page that comes before the session is known is handed an empty one.
   *
   * @default 'en'
   */
  readonly lang?: PageLang | undefined
  /** What search engines show of views that say none with `socket.head`. @default none */
  readonly description?: string | undefined
  /** Classes of the body, of views that say none with `socket.head`. @default none */
  readonly bodyClass?: string | undefined
  /** More of the head: stylesheets, icons, scripts. */
  readonly head?: Rendered | undefined
}

export interface PageSettings {
  readonly title: string
  readonly titlePrefix: string
  readonly titleSuffix: string
  readonly lang: PageLang
  readonly description: string | undefined
  readonly bodyClass: string | undefined
  readonly head: Rendered | undefined
}

/** A live session with everything decided. */
export interface LiveSessionSettings {
  readonly name: string
  /** Around what is no view: of a view its route says it. */
  readonly layout: Layout
  readonly shell: Shell | false | undefined
  readonly page: PageSettings
  readonly container: Container
  readonly onMount: readonly OnMount[]
  readonly resumeWindow: number
  readonly onResume: OnResume | undefined
  readonly adopt: boolean
  readonly session: NonNullable<LiveSessionOptions['session']>
}

/** A route with everything decided. */
export interface LiveRoute extends Route {
  readonly group: LiveSessionSettings
  readonly layout: Layout
  readonly facts: RouteFacts
  readonly stash: StashPlace
}

type RouteWithoutStash = Omit<LiveRoute, 'stash'>

/** What all live sessions have unless they say otherwise. */
export interface LiveSessionDefaults {
  readonly layout: Layout
  readonly shell: Shell | false | undefined
  readonly page: PageSettings
  readonly container: Container
  readonly resumeWindow: number
  readonly onResume: OnResume | undefined
  readonly adopt: boolean
}

const known: ReadonlySet<string> = new Set(
  'routes layout shell page container onMount session resumeWindow onResume adopt stash stashVersion migrate stashKey'.split(
    ' ',
  ),
)
const knownOfRoute: ReadonlySet<string> = new Set('view action layout shell'.split(' '))

/** One live session and its routes. `fail` throws, and says whose option it was. */
export function resolveLiveSession(
  name: string,
  options: LiveSessionOptions,
  defaults: LiveSessionDefaults,
  fail: (message: string) => LiveError,
): { readonly group: LiveSessionSettings; readonly routes: readonly LiveRoute[] } {
  if (typeof options !== 'object' || options === null) throw fail(`expected an object, got ${describe(options)}`)
  for (const option of Object.keys(options)) {
    if (!known.has(option)) throw fail(`unknown option '${option}'; known are ${[...known].join(', ')}`)
  }
  const {
    routes,
    onMount = [],
    session = {},
    layout = defaults.layout,
    shell = defaults.shell,
    page,
    container,
    resumeWindow = defaults.resumeWindow,
    onResume = defaults.onResume,
    adopt = defaults.adopt,
  } = options
  if (!isListOfFunctions(onMount)) throw fail(`onMount must be an array of functions, got ${describe(onMount)}`)
  if (typeof routes !== 'object' || routes === null) {
    throw fail(`routes must be an object of views by path, got ${describe(routes)}`)
  }
  const group = {
    name,
    layout,
    shell,
    onMount,
    resumeWindow,
    onResume,
    adopt,
    session,
    page: resolvePage(page, defaults.page, fail),
    container: mergeContainers(defaults.container, resolveContainer(container, fail)),
  }
  checkLayouts(layout, shell, fail)
  checkResumeWindow(resumeWindow, fail)
  checkAdopt(adopt, fail)
  if (onResume !== undefined && typeof onResume !== 'function') {
    throw fail(`onResume must be a function, got ${describe(onResume)}`)
  }
  const resolved = Object.entries(routes).map(([path, route]) =>
    resolveRoute(path, route, { group, layout, shell }, fail),
  )
  checkTags(resolved, fail)
  const stash = resolveStash(options, fail)
  return { group, routes: resolved.map((route) => Object.assign(route, { stash: placeOf(route, resolved, stash) })) }
}

/** All routes of one view in a live session are one place to its stash. */
function placeOf(
  { view, group }: RouteWithoutStash,
  routes: readonly RouteWithoutStash[],
  ofGroup: StashPlan | undefined,
): StashPlace {
  const own = routes.filter((route) => route.view === view)
  const pathParams = own.flatMap(({ path }) => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!))
  const rest = own.some(({ path }) => path.includes('**')) ? ['_'] : []
  const name = `${group.name} ${own[0]!.path}`
  return { plan: view.stash ?? ofGroup, name, pathParams: [...new Set([...pathParams, ...rest])] }
}

function resolveRoute(
  path: string,
  given: LiveView | LiveRouteOptions,
  shared: Pick<LiveRoute, 'group' | 'layout'> & Pick<RouteFacts, 'shell'>,
  fail: (message: string) => LiveError,
): RouteWithoutStash {
  const { group } = shared
  if (!path.startsWith('/')) throw fail(`a route must start with '/', got ${describe(path)}`)
  if (isLiveView(given))
    return { path, view: given, group, layout: shared.layout, facts: { action: undefined, shell: shared.shell } }
  if (typeof given !== 'object' || given === null || !isLiveView(given.view)) {
    const came = describe(typeof given === 'object' && given !== null && 'view' in given ? given.view : given)
    throw fail(`the route ${path} must be a view of createLiveView, or { view, action, layout, shell }, got ${came}`)
  }
  for (const option of Object.keys(given)) {
    if (knownOfRoute.has(option)) continue
    throw fail(`the route ${path}: unknown option '${option}'; known are ${[...knownOfRoute].join(', ')}`)
  }
  const { view, action, layout = shared.layout, shell = shared.shell } = given
  const where = (message: string): LiveError => fail(`the route ${path}: ${message}`)
  if (action !== undefined && (typeof action !== 'string' || action === '')) {
    throw where(`action must be a text like 'edit', got ${describe(action)}`)
  }
  checkLayouts(layout, shell, where)
  return { path, view, group, layout, facts: { action, shell } }
}

function checkLayouts(layout: unknown, shell: unknown, fail: (message: string) => LiveError): void {
  if (!isShell(shell)) throw fail(`shell must be a function or false, got ${describe(shell)}`)
  if (typeof layout !== 'function') throw fail(`layout must be a function, got ${describe(layout)}`)
}

/** Whether both stand in the same document: only between such does a navigation keep the page. */
export function shareDocument(one: LiveRoute, other: LiveRoute): boolean {
  return one.group === other.group && one.layout === other.layout
}

/** The client cannot make another element of a container when it navigates: it would go on with the one before. */
function checkTags([first, ...rest]: readonly RouteWithoutStash[], fail: (message: string) => LiveError): void {
  if (first === undefined) return
  const tag = tagOf(containerOf(first))
  for (const route of rest) {
    const other = tagOf(containerOf(route))
    if (other === tag) continue
    throw fail(
      `all views of a live session must have the same container.tag: ${first.path} has <${tag}>, ${route.path} <${other}>; ` +
        'give them live sessions of their own, or all the same tag',
    )
  }
}

/** The element around the view of a route. */
export function containerOf({ view, group }: Pick<LiveRoute, 'view' | 'group'>): Container {
  return mergeContainers(group.container, view.container)
}

export function resolvePage(
  page: PageOptions | undefined,
  defaults: PageSettings,
  fail: (message: string) => LiveError,
): PageSettings {
  const lang: unknown = page?.lang ?? defaults.lang
  if (typeof lang !== 'function' && canonicalLang(lang) === undefined) {
    throw fail(
      `page.lang must be a language such as 'de' or 'pt-BR', or a function that gives one, got ${describe(lang)}`,
    )
  }
  return { ...defaults, ...Object.fromEntries(Object.entries(page ?? {}).filter(([, value]) => value !== undefined)) }
}

/** The language of a request's visitor. */
export function langOf(lang: PageLang, request: LiveRequest, session: SessionData): string {
  const found: unknown = typeof lang === 'function' ? lang(request, session) : lang
  const known = canonicalLang(found)
  if (known !== undefined) return known
  throw new LiveError(
    'ERR_SERVER_OPTIONS',
    `page.lang gave ${describeClaim(found)}: expected a language such as 'de' or 'pt-BR'`,
  )
}

export function isLiveView(view: unknown): view is LiveView {
  const callbacks = (view as Partial<LiveView> | undefined)?.callbacks as { readonly render?: unknown } | undefined
  return typeof callbacks?.render === 'function'
}
