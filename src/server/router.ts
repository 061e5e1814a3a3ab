import { addRoute, createRouter, findRoute } from 'rou3'
import { decodeForm, type FormLimits } from '../forms/decode.ts'
import type { LiveView, Params } from '../live/view.ts'

export interface Route {
  /** The pattern; the name by which tokens know the view. */
  readonly path: string
  readonly view: LiveView
}

export interface RouteMatch {
  readonly route: Route
  /** Query parameters, overlaid with those of the path. */
  readonly params: Params
}

/** `unreadable`: the route is known, but its query or parameters cannot be decoded. */
export type Router = (url: URL) => RouteMatch | 'unreadable' | undefined

export function createLiveRouter(routes: Readonly<Record<string, LiveView>>, limits: FormLimits): Router {
  const router = createRouter<Route>()
  for (const [path, view] of Object.entries(routes)) addRoute(router, '', path, { path, view })
  return (url) => {
    const match = findRoute(router, '', url.pathname)
    if (match === undefined) return undefined
    const query = decodeForm(url.search.slice(1), limits)
    const pathParams = decodeParams(match.params ?? {})
    if (!query.ok || pathParams === undefined) return 'unreadable'
    return { route: match.data, params: Object.assign(query.values, pathParams) }
  }
}

function decodeParams(params: Readonly<Record<string, string>>): Record<string, string> | undefined {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch {
    return undefined
  }
}
