/**
 * The views that may be sticky, by the names that they give themselves. A page that comes back after a restart, or to another process,
 * joins such a view by its name alone, before any other view has placed it: so it is looked up among all that the program has made.
 */
import { describe, LiveError } from '../errors.ts'
import type { LiveView } from './definitions.ts'

const views = new Map<string, LiveView>()

export function checkStickyName(name: unknown, fail: (message: string) => never): asserts name is string | undefined {
  if (name === undefined || (typeof name === 'string' && /^[\w.:/-]{1,64}$/.test(name))) return
  fail(`sticky must be a name of 1 to 64 letters, digits, '-', '_', '.', ':' and '/', got ${describe(name)}`)
}

/** The newest of a name is the one that is found: a module that is loaded again makes its views again. */
export function nameSticky(view: LiveView): void {
  if (view.sticky !== undefined) views.set(view.sticky, view)
}

export function stickyView(name: string): LiveView | undefined {
  return views.get(name)
}

/**
 * The name of a view that is placed with `sticky`.
 *
 * @throws {LiveError} `ERR_VIEW` for a view without one, or whose name another view has as well.
 */
export function stickyNameOf(view: LiveView, id: string): string {
  const { sticky } = view
  const fail = (message: string): LiveError => new LiveError('ERR_VIEW', `live_view('${id}'): ${message}`)
  if (sticky === undefined) {
    throw fail(`a sticky view needs a name that stays the same: createLiveView({ sticky: 'player', … })`)
  }
  if (views.get(sticky) !== view) throw fail(`two views have the sticky name '${sticky}'; each needs one of its own`)
  return sticky
}
