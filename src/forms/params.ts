/**
 * Rules over what a form sent, before any schema sees it: which fields the user has used, which maps are lists, and what is only
 * there for us. All of it comes from the browser, so whatever stands where is a value, and nothing here throws.
 */

/** A group of fields: a map, not a list. */
export type Group = Readonly<Record<string, unknown>>

/** One row of a list. */
export interface Row {
  /** Who the row is, as long as it lives: a whole number. It stands in the names of the row's fields. */
  readonly key: string
  readonly value: unknown
  /** Asked for in this very event: the page has not shown it yet. */
  readonly fresh: boolean
}

/** The client writes `_unused_<name>` beside a field that the user has not touched. */
const unusedPrefix = '_unused_'
/** `_sort_<list>[]`: the keys of its rows, in order. What is no key asks for a new row. */
export const sortPrefix = '_sort_'
/** `_drop_<list>[]`: the keys of rows to remove. */
export const dropPrefix = '_drop_'

const prefixes: readonly string[] = [unusedPrefix, sortPrefix, dropPrefix]
const ours: ReadonlySet<string> = new Set(['_target', '_csrf_token', '_method', '__proto__'])

/** Names that are no fields. A schema never sees them, at any depth. */
export function isReserved(name: string): boolean {
  return name.startsWith('_') && (ours.has(name) || prefixes.some((prefix) => name.startsWith(prefix)))
}

export function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The deepest nesting that is looked at. A form's own limit is lower, but a hook may send any JSON under a form's name. */
const maxDepth = 64

/** What was sent for a form, or nothing, when it has no such shape. */
export function toParams(sent: unknown): Group {
  return isGroup(sent) && isShallow(sent, maxDepth) ? sent : {}
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1))
}

/** What was sent under a name; `undefined` for nothing. */
export function paramOf(params: unknown, name: string): unknown {
  return isGroup(params) && Object.hasOwn(params, name) ? params[name] : undefined
}

/** What the program put under a name. Its objects may be instances, so inherited properties count. */
export function initialOf(values: unknown, name: string): unknown {
  return typeof values === 'object' && values !== null ? (values as Group)[name] : undefined
}

/**
 * Whether the user has used a field. Before a submit: it was sent, without its marker, and of a group one field at least. After
 * one, what is not sent at all counts too: an unticked box sends nothing.
 */
export function isUsed(params: unknown, name: string, submitted: boolean): boolean {
  if (paramOf(params, unusedPrefix + name) !== undefined) return false
  const value = paramOf(params, name)
  if (value === undefined) return submitted
  return isGroup(value) ? isGroupUsed(value, submitted) : true
}

export function isGroupUsed(group: unknown, submitted: boolean): boolean {
  const names = isGroup(group) ? Object.keys(group).filter((name) => !isReserved(name)) : []
  return names.length === 0 ? submitted : names.some((name) => isUsed(group, name, submitted))
}

/** The same, with every field used. */
export function withoutUnused(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnused)
  if (!isGroup(value)) return value
  const kept = Object.entries(value).filter(([name]) => !name.startsWith(unusedPrefix))
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutUnused(inner)]))
}

/**
 * Which map without markers is a list: one whose keys are all whole numbers, or only one whose keys count from 0. The second is for
 * those who have no other way to say that theirs is a map.
 */
export type ListRule = 'numbered' | 'counted'

/** The rows of the list `name` of a group: as sent, without what is dropped, in the order asked for. `undefined`: no list. */
export function rowsOf(
  params: unknown,
  name: string,
  initial: unknown,
  rule: ListRule = 'numbered',
): readonly Row[] | undefined {
  const markers = { sort: paramOf(params, sortPrefix + name), drop: paramOf(params, dropPrefix + name) }
  return toRows(paramOf(params, name), initial, rule, markers)
}

function toRows(
  value: unknown,
  initial: unknown,
  rule: ListRule,
  { sort, drop }: { readonly sort?: unknown; readonly drop?: unknown } = {},
): readonly Row[] | undefined {
  const marked = Array.isArray(sort) || Array.isArray(drop)
  if (!marked && !isList(value, initial, rule)) return undefined
  const entries = entriesOf(value)
  const order = Array.isArray(sort) ? (sort as unknown[]) : []
  const dropped = new Set<unknown>(Array.isArray(drop) ? (drop as unknown[]) : [])
  let freshKey: (() => string) | undefined
  const rows = new Map<string, Row>()
  for (const wanted of order) {
    if (typeof wanted !== 'string' || wanted === '' || dropped.has(wanted)) continue
    if (isRowKey(wanted)) {
      rows.set(wanted, { key: wanted, value: entries.get(wanted) ?? {}, fresh: false })
      continue
    }
    freshKey ??= freshKeys([entries.keys(), order, dropped, keysOf(initial)])
    const key = freshKey()
    rows.set(key, { key, value: {}, fresh: true })
  }
  for (const [key, row] of entries) {
    if (!dropped.has(key) && !rows.has(key)) rows.set(key, { key, value: row, fresh: false })
  }
  return [...rows.values()]
}

function keysOf(initial: unknown): readonly string[] {
  return Array.isArray(initial) ? initial.map((_, index) => String(index)) : []
}

/** A map of whole numbers is a list, unless the program put a map there. */
function isList(value: unknown, initial: unknown, rule: ListRule): boolean {
  if (Array.isArray(value)) return true
  if (!isGroup(value) || isGroup(initial)) return false
  let count = 0
  let last = 0
  for (const name of Object.keys(value)) {
    if (isReserved(name)) continue
    if (!isRowKey(name)) return false
    count++
    last = Math.max(last, Number(name))
  }
  // No two are the same number, so they count from 0 when none is beyond their count.
  return count > 0 && (rule === 'numbered' || last < count)
}

/** The rows by key, in the order of their keys: an object lists its whole numbers so, and all of them first. */
function entriesOf(value: unknown): Map<string, unknown> {
  if (Array.isArray(value)) return new Map(value.map((row: unknown, index) => [String(index), row]))
  return new Map(isGroup(value) ? Object.entries(value).filter(([name]) => isRowKey(name)) : [])
}

/** A whole number of at most nine digits, spelled as such. A pattern takes three times as long, and a browser can send many. */
function isRowKey(name: unknown): name is string {
  if (typeof name !== 'string' || name.length === 0 || name.length > 9) return false
  for (let at = 0; at < name.length; at++) {
    const digit = name.charCodeAt(at) - zero
    if (digit < 0 || digit > 9) return false
  }
  return name.length === 1 || name.charCodeAt(0) !== zero
}

const zero = 0x30

/** Keys that no row has, nor had in this event: the page would take a new row for the old one. */
function freshKeys(taken: readonly Iterable<unknown>[]): () => string {
  const known = new Set<string>()
  let next = 0
  for (const keys of taken) {
    for (const key of keys) {
      if (!isRowKey(key)) continue
      known.add(key)
      next = Math.max(next, Number(key) + 1)
    }
  }
  // Only a client that makes up keys comes near the end of them.
  if (!isRowKey(String(next + known.size))) next = 0
  return () => {
    while (known.has(String(next))) next++
    return String(next++)
  }
}

/** What a schema sees: groups as plain objects, lists as arrays, and fields alone. */
export function toInput(value: unknown, initial: unknown, rule: ListRule = 'numbered'): unknown {
  if (typeof value !== 'object' || value === null) return value
  return inputOf(value, toRows(value, initial, rule), initial, rule)
}

function inputOf(value: unknown, rows: readonly Row[] | undefined, initial: unknown, rule: ListRule): unknown {
  if (rows !== undefined) return rows.map((row) => toInput(row.value, initialOf(initial, row.key), rule))
  if (!isGroup(value)) return value
  const input: Record<string, unknown> = {}
  const names = Object.keys(value)
  // Most groups have no markers: there is nothing to look for then.
  const marked = names.some((name) => name.startsWith('_'))
  for (const name of marked ? namesOf(value) : names) {
    const inner = initialOf(initial, name)
    const rows = marked ? rowsOf(value, name, inner, rule) : toRows(value[name], inner, rule)
    input[name] = inputOf(value[name], rows, inner, rule)
  }
  return input
}

/** The fields of a group, and its lists of which only the markers are left. */
function namesOf(group: Group): Set<string> {
  const names = new Set<string>()
  for (const name of Object.keys(group)) {
    if (!isReserved(name)) names.add(name)
    for (const prefix of [sortPrefix, dropPrefix]) {
      const list = name.slice(prefix.length)
      if (name.startsWith(prefix) && list !== '' && Array.isArray(group[name]) && !isReserved(list)) names.add(list)
    }
  }
  return names
}
