import type { Template } from '../template/parse.ts'
import type { Refusal } from '../template/safe-values.ts'

/**
 * The places of templates where a value was left out of a page. One text of a user may be refused in each of 10,000 rows, for every
 * visitor, with every render: a place is told of once while the process runs.
 */
export class Refusals {
  readonly #places = new WeakMap<Template, Set<number>>()

  /** Whether it is the first one of its place. */
  isNew({ template, index }: Refusal): boolean {
    let slots = this.#places.get(template)
    if (slots === undefined) this.#places.set(template, (slots = new Set()))
    if (slots.has(index)) return false
    slots.add(index)
    return true
  }
}
