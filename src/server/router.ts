import { addRoute, createRouter, findRoute } from 'rou3'
import { decodeForm, type FormLimits } from '../forms/decode.ts'
import type { LiveView, Params } from '../live/definitions.ts'

/** A view at a path. */
export interface Route {
  /** The pattern; the name by which tokens know the view. */
  readonly path: string
  readonly view: LiveView
}

export interface RouteMatch<Of extends Route> {
  readonly route: Of
  /** Query parameters, overlaid with those of the path. */
  readonly params: Params
}

export interface Router<Of extends Route> {
  /** `unreadable`: the route is known, but its query or parameters cannot be decoded. */
  match(url: URL): RouteMatch<Of> | 'unreadable' | undefined
  /** The route of a pattern. */
  route(path: string): Of | undefined
}

export function createLiveRouter<Of extends Route>(routes: readonly Of[], limits: FormLimits): Router<Of> {
  const router = createRouter<Of>()
  const byPath = new Map<string, Of>()
  for (const route of routes) {
    addRoute(router, '', route.path, route)
    byPath.set(route.path, route)
  }
  return {
    route: (path) => byPath.get(path),
    match(url) {
      const match = findRoute(router, '', url.pathname)
      if (match === undefined) return undefined
      const query = decodeForm(url.search.slice(1), limits)
      const pathParams = decodeParams(match.params ?? {})
      if (!query.ok || pathParams === undefined) return 'unreadable'
      return { route: match.data, params: Object.assign(query.values, pathParams) }
    },
  }
}

function decodeParams(params: Readonly<Record<string, string>>): Record<string, string> | undefined {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch {
    return undefined
  }
}
