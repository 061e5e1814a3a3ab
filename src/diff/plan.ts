/** Decides, before anything is said, what became of each row of a list: where it came from, and what is rendered again. */
import type { Key, List } from '../template/list.ts'
import type { Template } from '../template/parse.ts'
import { Rendered } from '../template/rendered.ts'
import type { ListPrint } from './print.ts'

/** A row whose item and dependencies are those of the last render, so that it was not rendered. */
export const sameRow: unique symbol = Symbol('same row')

export interface ListPlan {
  /** By position: the old position of the row, or -1 for a new one. */
  readonly origins: readonly number[]
  /** By position: what the row rendered to, or {@link sameRow}. */
  readonly values: readonly unknown[]
}

/** Plans the rows against the last render; `undefined` when the list has to be sent anew. */
export function planList(print: ListPrint, list: List, keys: readonly Key[] | undefined): ListPlan | undefined {
  // Rows that had keys and now have none (or the reverse) are strangers to one another.
  if ((keys === undefined) !== (print.keys === undefined)) return undefined
  const origins = keys === undefined ? byPosition(list.items.length, print.rows.length) : byKey(keys, print.keys!)
  const skips = sameDeps(print, list)
  const values = list.items.map((item, at) => {
    const from = origins[at]!
    return skips && from >= 0 && Object.is(print.items![from], item) ? sameRow : list.render(item)
  })
  const { template } = print
  if (template !== undefined && values.some((value) => value !== sameRow && !isOf(value, template))) return undefined
  return { origins, values }
}

/**
 * The positions of items that changed, when nothing else did: same length, same keys at the same positions. The usual case of
 * a long list in which one row changed, found without touching the others.
 */
export function changedInPlace(print: ListPrint, list: List): readonly number[] | undefined {
  const { items, keys } = print
  if (items === undefined || keys === undefined || list.key === undefined) return undefined
  if (items.length !== list.items.length || !sameDeps(print, list)) return undefined
  const changed: number[] = []
  for (let at = 0; at < items.length; at++) {
    const item = list.items[at]
    // The plain comparison costs half as much, and nearly all are the same.
    if (item === items[at] || Object.is(item, items[at])) continue
    if (list.key(item) !== keys[at]) return undefined
    changed.push(at)
  }
  return changed
}

/** Keeps what the next render of the list is compared with. */
export function rememberList(print: ListPrint, list: List, keys: readonly Key[] | undefined): void {
  print.keys = keys
  print.deps = list.deps
  // A copy: the view may go on to change its array in place.
  print.items = list.deps === undefined ? undefined : [...list.items]
}

/** The template that all rows share, if they do. */
export function commonTemplate(values: readonly unknown[]): Template | undefined {
  const first = values[0]
  if (!(first instanceof Rendered)) return undefined
  return values.every((value) => isOf(value, first.template)) ? first.template : undefined
}

export function isOf(value: unknown, template: Template): value is Rendered {
  return value instanceof Rendered && value.template === template
}

function sameDeps(print: ListPrint, list: List): boolean {
  const { deps, items } = print
  if (items === undefined || deps === undefined || list.deps === undefined || deps.length !== list.deps.length)
    return false
  return deps.every((dep, at) => Object.is(dep, list.deps![at]))
}

function byPosition(length: number, before: number): readonly number[] {
  return Array.from({ length }, (_, at) => (at < before ? at : -1))
}

function byKey(keys: readonly Key[], before: readonly Key[]): readonly number[] {
  const positions = new Map<Key, number>()
  for (let at = 0; at < before.length; at++) positions.set(before[at]!, at)
  return keys.map((key) => positions.get(key) ?? -1)
}
