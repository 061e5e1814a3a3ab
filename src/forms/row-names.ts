/** What the fields are called that order, add and drop the rows of a list, where a form says it: Ecto's `users_sort`, say. */
import { describe, LiveError } from '../errors.ts'
import { dropPrefix, type Group, isGroup, sortPrefix } from './params.ts'

/** Names with a `*` where the name of the list stands. */
export interface RowNames {
  /** Of the fields that order the rows, and of the button that adds one. @default '_sort_*' */
  readonly sort?: string | undefined
  /** Of the buttons that remove a row, and of the list's own hidden field. @default '_drop_*' */
  readonly drop?: string | undefined
}

/** The same, checked: what stands before and behind the name of the list. */
export type RowPatterns = Readonly<Record<'sort' | 'drop', readonly [before: string, behind: string]>>

export const ownPatterns: RowPatterns = { sort: [sortPrefix, ''], drop: [dropPrefix, ''] }

/** @throws {LiveError} `ERR_FORM` for what are no such names, or the same twice. */
export function resolveRowNames(names: RowNames): RowPatterns {
  if (!isGroup(names)) throw new LiveError('ERR_FORM', `form: rows must be an object, got ${describe(names)}`)
  const patterns = { ...ownPatterns }
  for (const [kind, name] of Object.entries(names) as [string, unknown][]) {
    if (kind !== 'sort' && kind !== 'drop') {
      throw new LiveError('ERR_FORM', `form: unknown option 'rows.${kind}'; known are sort, drop`)
    }
    if (name === undefined) continue
    const parts = typeof name === 'string' ? name.split('*') : []
    const [before = '', behind = ''] = parts
    if (parts.length !== 2 || before + behind === '' || /[[\]]/.test(before + behind)) {
      const expected = "a name with one * for that of the list, like '*_sort', and without brackets"
      throw new LiveError('ERR_FORM', `form: rows.${kind} must be ${expected}, got ${describe(name)}`)
    }
    patterns[kind] = [before, behind]
  }
  if (patterns.sort.join('*') === patterns.drop.join('*')) {
    throw new LiveError(
      'ERR_FORM',
      `form: rows.sort and rows.drop must differ, got ${describe(patterns.sort.join('*'))} for both`,
    )
  }
  return patterns
}

export function rowName([before, behind]: RowPatterns['sort'], list: string): string {
  return before + list + behind
}

/** What was sent, with the markers of its rows under the names that everything else knows them by. A field may have such a name as well: markers are lists. */
export function withOwnNames(sent: Group, patterns: RowPatterns): Group {
  return patterns === ownPatterns ? sent : (renamed(sent, patterns) as Group)
}

function renamed(value: unknown, patterns: RowPatterns): unknown {
  if (Array.isArray(value)) return value.map((inner) => renamed(inner, patterns))
  if (!isGroup(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      Array.isArray(inner) ? ownName(name, patterns) : name,
      renamed(inner, patterns),
    ]),
  )
}

function ownName(name: string, patterns: RowPatterns): string {
  for (const kind of ['sort', 'drop'] as const) {
    const [before, behind] = patterns[kind]
    const fits = name.length > before.length + behind.length && name.startsWith(before) && name.endsWith(behind)
    if (fits) return rowName(ownPatterns[kind], name.slice(before.length, name.length - behind.length))
  }
  return name
}
