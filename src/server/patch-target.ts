import type { PatchTarget } from '../session/options.ts'
import { type LiveRoute, shareDocument } from './live-sessions.ts'
import type { Router } from './router.ts'

/** Whether the route `view` answers `url` as well, in the same document: then a patch leads there, and the view stays. */
export function patchTarget(router: Router<LiveRoute>, view: string, url: string): PatchTarget {
  const match = router.match(new URL(url))
  const current = router.route(view)
  if (match === undefined || match === 'unreadable' || current === undefined) return { kind: 'other' }
  const { route, params } = match
  if (route.view !== current.view || route.group !== current.group) return { kind: 'other' }
  return shareDocument(route, current) ? { kind: 'same', params, route: route.facts } : { kind: 'other document' }
}
