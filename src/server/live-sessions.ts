/** Live sessions: groups of routes that share a layout, hooks for their mounts, and session data. */
import { describe, type LiveError } from '../errors.ts'
import { type Container, type ContainerOptions, mergeContainers, resolveContainer, tagOf } from '../live/container.ts'
import type { LiveView, SessionData } from '../live/definitions.ts'
import type { OnMount } from '../live/socket.ts'
import { isListOfFunctions } from '../live/view.ts'
import type { Rendered } from '../template/rendered.ts'
import type { LiveRequest } from './http.ts'
import type { LayoutPage } from './layout.ts'
import type { Route } from './router.ts'

/** What every live session may have, the default one (the server's own options) included. */
export interface LiveSessionParts {
  /** The page around a view. Never patched: what it shows changes with a page load. @default the server's */
  readonly layout?: ((page: LayoutPage) => Rendered) | undefined
  /** What the default layout is told. @default the server's */
  readonly page?: PageOptions | undefined
  /**
   * The element around each of its views: a tag, and attributes. What a view says itself goes over it. All views of a live session
   * have the same tag. @default the server's, else a `div`
   */
  readonly container?: ContainerOptions | undefined
  /** Called before each mount of its views, over HTTP and connected: who may see them, what they need. @default [] */
  readonly onMount?: readonly OnMount[] | undefined
}

/**
 * A group of routes. Navigation between its views keeps the socket; into it and out of it the page is loaded anew, so that what
 * `onMount` asks is asked.
 */
export interface LiveSessionOptions extends LiveSessionParts {
  /** Views by path, as the server's `routes`. */
  readonly routes: Readonly<Record<string, LiveView>>
  /**
   * Given to `mount` over the session of the request. Signed into the page, not encrypted. @default {}
   */
  readonly session?: SessionData | ((request: LiveRequest) => SessionData | Promise<SessionData>) | undefined
}

/** What the default layout is told of every page. */
export interface PageOptions {
  /** For views that set none. @default 'Liveloom' */
  readonly title?: string | undefined
  /** Stands before the title of every view. @default '' */
  readonly titlePrefix?: string | undefined
  /** Stands behind the title of every view. @default '' */
  readonly titleSuffix?: string | undefined
  /** @default 'en' */
  readonly lang?: string | undefined
  /** More of the head: stylesheets, icons, scripts. */
  readonly head?: Rendered | undefined
}

export interface PageSettings {
  readonly title: string
  readonly titlePrefix: string
  readonly titleSuffix: string
  readonly lang: string
  readonly head: Rendered | undefined
}

/** A live session with everything decided. */
export interface LiveSessionSettings {
  readonly name: string
  readonly layout: (page: LayoutPage) => Rendered
  readonly page: PageSettings
  readonly container: Container
  readonly onMount: readonly OnMount[]
  readonly session: NonNullable<LiveSessionOptions['session']>
}

export type LiveRoute = Route<LiveSessionSettings>

/** What all live sessions have unless they say otherwise. */
export interface LiveSessionDefaults {
  readonly layout: (page: LayoutPage) => Rendered
  readonly page: PageSettings
  readonly container: Container
}

const known: ReadonlySet<string> = new Set('routes layout page container onMount session'.split(' '))

/** The routes of one live session. `fail` throws, and says whose option it was. */
export function resolveLiveSession(
  name: string,
  options: LiveSessionOptions,
  defaults: LiveSessionDefaults,
  fail: (message: string) => LiveError,
): readonly LiveRoute[] {
  if (typeof options !== 'object' || options === null) throw fail(`expected an object, got ${describe(options)}`)
  for (const option of Object.keys(options)) {
    if (!known.has(option)) throw fail(`unknown option '${option}'; known are ${[...known].join(', ')}`)
  }
  const { routes, onMount = [], session = {}, layout = defaults.layout, page, container } = options
  if (!isListOfFunctions(onMount)) throw fail(`onMount must be an array of functions, got ${describe(onMount)}`)
  if (typeof routes !== 'object' || routes === null) {
    throw fail(`routes must be an object of views by path, got ${describe(routes)}`)
  }
  const group = {
    name,
    layout,
    onMount,
    session,
    page: resolvePage(page, defaults.page),
    container: mergeContainers(defaults.container, resolveContainer(container, fail)),
  }
  const resolved = Object.entries(routes).map(([path, view]) => {
    if (!path.startsWith('/')) throw fail(`a route must start with '/', got ${describe(path)}`)
    if (!isLiveView(view)) throw fail(`the route ${path} must be a view of createLiveView, got ${describe(view)}`)
    return { path, view, group }
  })
  checkTags(resolved, fail)
  return resolved
}

/** The client cannot make another element of a container when it navigates: it would go on with the one before. */
function checkTags([first, ...rest]: readonly LiveRoute[], fail: (message: string) => LiveError): void {
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
export function containerOf({ view, group }: LiveRoute): Container {
  return mergeContainers(group.container, view.container)
}

export function resolvePage(page: PageOptions | undefined, defaults: PageSettings): PageSettings {
  return { ...defaults, ...Object.fromEntries(Object.entries(page ?? {}).filter(([, value]) => value !== undefined)) }
}

export function isLiveView(view: unknown): view is LiveView {
  const callbacks = (view as Partial<LiveView> | undefined)?.callbacks as { readonly render?: unknown } | undefined
  return typeof callbacks?.render === 'function'
}
