import { describe, LiveError } from '../errors.ts'
import { placeOf, type Template } from './parse.ts'

/** Who an item of a list is. `1` and `'1'` are two. */
export type Key = string | number

/** A list in a template, keyed or by position. The diff tells what moved, changed, came and went. */
export interface List {
  readonly items: readonly unknown[]
  /** Absent: items are known by their position. */
  readonly key: ((item: unknown) => Key) | undefined
  readonly render: (item: unknown) => unknown
  readonly deps: readonly unknown[] | undefined
}

/** What {@link each} makes. */
export class Each implements List {
  readonly items: readonly unknown[]
  readonly key: (item: unknown) => Key
  readonly render: (item: unknown) => unknown
  readonly deps: readonly unknown[] | undefined

  constructor(list: List & { readonly key: (item: unknown) => Key }) {
    this.items = list.items
    this.key = list.key
    this.render = list.render
    this.deps = list.deps
  }
}

/**
 * Renders a list whose items have an identity, so that a row that moves, comes or goes costs only itself.
 *
 * @param items Any iterable; read once.
 * @param key Says who an item is. Keys must be unique within the list.
 * @param render Renders one item, best to one template.
 * @param deps What `render` reads beside the item. With it (also when empty) a row is rendered again only if its item or one
 * of these is another value; without it every row is rendered every time.
 * @throws {LiveError} `ERR_TEMPLATE_KEY` when two items have the same key (while rendering).
 * @example
 * import { each, html } from 'liveloom'
 *
 * const people = [{ id: 1, name: 'Ada' }, { id: 2, name: 'Grace' }]
 * export const list = html`<ul>${each(people, (person) => person.id, (person) => html`<li>${person.name}</li>`)}</ul>`
 */
export function each<Item>(
  items: Iterable<Item>,
  key: (item: Item) => Key,
  render: (item: Item) => unknown,
  deps?: readonly unknown[],
): Each {
  if (typeof key !== 'function')
    throw new LiveError('ERR_TEMPLATE_KEY', `each: key must be a function, got ${describe(key)}`)
  return new Each({
    items: Array.isArray(items) ? items : [...items],
    key: key as (item: unknown) => Key,
    render: render as (item: unknown) => unknown,
    deps,
  })
}

/** The list that a slot's value is, or `undefined` when it is none. */
export function toList(value: object): List | undefined {
  if (value instanceof Each) return value
  if (!(Symbol.iterator in value)) return undefined
  const items: readonly unknown[] = Array.isArray(value) ? value : [...(value as Iterable<unknown>)]
  return { items, key: undefined, render: identity, deps: undefined }
}

/** The keys of a list that stands in slot `index` of `template`, in order; `undefined` when it has none. */
export function keysOf({ items, key }: List, template: Template, index: number): readonly Key[] | undefined {
  if (key === undefined) return undefined
  const keys: Key[] = []
  const seen = new Set<Key>()
  for (const item of items) {
    const itemKey = key(item)
    if (seen.has(itemKey)) {
      const place = placeOf(template.strings, index)
      throw new LiveError('ERR_TEMPLATE_KEY', `each: the key ${describe(itemKey)} occurs twice, at ${place}`)
    }
    seen.add(itemKey)
    keys.push(itemKey)
  }
  return keys
}

function identity(item: unknown): unknown {
  return item
}
