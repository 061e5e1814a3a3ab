/** What waits inside a running view, by that: it ends with it. */
import type { RunningView } from '../session/options.ts'

export class Within<Item> {
  readonly #byParent = new Map<RunningView, Set<Item>>()

  /** Without a parent it stands inside none. */
  add(parent: RunningView | undefined, item: Item): void {
    if (parent === undefined) return
    const items = this.#byParent.get(parent) ?? new Set()
    this.#byParent.set(parent, items.add(item))
  }

  delete(parent: RunningView | undefined, item: Item): void {
    if (parent === undefined) return
    const items = this.#byParent.get(parent)
    if (items?.delete(item) === true && items.size === 0) this.#byParent.delete(parent)
  }

  /** Items may be deleted on the way. */
  of(parent: RunningView): Iterable<Item> {
    return this.#byParent.get(parent) ?? []
  }
}
