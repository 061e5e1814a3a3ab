import { describe, LiveError } from '../errors.ts'
import { placeOf, type Template } from './parse.ts'
import { Rendered } from './rendered.ts'
import { templateError } from './site.ts'
import { type Stream, WaitingStream } from './stream.ts'
import { unchanged, type Unchanged } from './values.ts'

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

/** What {@link each} makes of a stream. */
export class EachStream {
  readonly stream: WaitingStream
  readonly render: (item: unknown, domId: string) => unknown

  constructor(stream: WaitingStream, render: (item: unknown, domId: string) => unknown) {
    this.stream = stream
    this.render = render
  }
}

/**
 * Renders what a stream has to tell the page. It must be the content of an element with an `id` and `phx-update="stream"`, and each
 * item one element whose `id` is the `domId` it is given.
 *
 * @example
 * import { each, html, type Stream } from 'liveloom'
 *
 * export const log = (lines: Stream<string>) => html`<ul id="log" phx-update="stream">
 *   ${each(lines, (line, domId) => html`<li id="${domId}">${line}</li>`)}
 * </ul>`
 */
export function each<Item>(stream: Stream<Item>, render: (item: Item, domId: string) => unknown): EachStream
/**
 * Renders a list whose items have an identity, so that a row that moves, comes or goes costs only itself.
 *
 * @param items Any iterable; read once. `unchanged` leaves the list as the page has it.
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
  items: Iterable<Item> | Unchanged,
  key: (item: Item) => Key,
  render: (item: Item) => unknown,
  deps?: readonly unknown[],
): Each
/** The same for a temporary assign, which may be {@link unchanged}. */
export function each<Item>(
  items: Iterable<Item> | Unchanged,
  key: (item: Item) => Key,
  render: (item: Item) => unknown,
  deps?: readonly unknown[],
): Each | Unchanged
export function each(
  items: Iterable<unknown> | Stream | Unchanged,
  key: (item: never, domId: string) => unknown,
  render?: (item: never) => unknown,
  deps?: readonly unknown[],
): Each | EachStream | Unchanged {
  if (typeof key !== 'function') {
    const what = items instanceof WaitingStream ? 'render' : 'key'
    throw new LiveError('ERR_TEMPLATE_KEY', `each: ${what} must be a function, got ${describe(key)}`)
  }
  if (items instanceof WaitingStream) return new EachStream(items, key as EachStream['render'])
  if (typeof render !== 'function')
    throw new LiveError('ERR_TEMPLATE_KEY', `each: render must be a function, got ${describe(render)}`)
  if (items === unchanged) return unchanged
  const list = items as Iterable<unknown>
  return new Each({
    items: Array.isArray(list) ? list : [...list],
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
      const message = `each: the key ${describe(itemKey)} occurs twice, at ${place}`
      throw templateError('ERR_TEMPLATE_KEY', template.strings, message)
    }
    seen.add(itemKey)
    keys.push(itemKey)
  }
  return keys
}

/** Renders the items of a stream that wait, each with its place; an item that is not one element of its own is told at once. */
export function streamRows({ stream, render }: EachStream, template: Template, index: number): readonly unknown[] {
  return Array.from(stream.inserts, ({ item, domId }) => {
    const row = render(item, domId)
    if (row instanceof Rendered && !hasId(row, domId)) {
      const place = placeOf(template.strings, index)
      throw templateError(
        'ERR_STREAM',
        template.strings,
        `the items of the stream '${stream.name}' must each be one element with id="\${domId}", the second argument of ` +
          `its render; ${describe(domId)} is none, at ${place}`,
      )
    }
    return row
  })
}

/** Whether the first tag carries the id; a spread may, which is not looked into. */
function hasId({ template, values }: Rendered, domId: string): boolean {
  if (template.slots[0]?.kind === 'text' && template.statics[0]!.trim() === '') {
    const [inner] = values
    return inner instanceof Rendered ? hasId(inner, domId) : typeof inner === 'object'
  }
  const text = template.slots.findIndex((slot) => slot.kind === 'text')
  const inTag = text < 0 ? template.slots : template.slots.slice(0, text)
  return inTag.some((slot, at) => slot.kind === 'spread' || (slot.name === 'id' && String(values[at]) === domId))
}

function identity(item: unknown): unknown {
  return item
}
