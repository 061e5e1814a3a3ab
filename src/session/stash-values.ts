/** The values of a stash as text: those alone that come back as they were. */
import { describe } from '../errors.ts'

/** How deep they may be nested. */
const mostDepth = 64

/** JSON of the `keys` of a context that have a value; or which of them does not fit, and why. */
export function printValues(
  context: object,
  keys: readonly string[],
): { readonly text: string } | { readonly misfit: string } {
  const values: Record<string, unknown> = {}
  for (const key of keys) {
    const value = (context as Readonly<Record<string, unknown>>)[key]
    if (value === undefined) continue
    const misfit = misfitOf(value, key, 0)
    if (misfit !== undefined) return { misfit }
    values[key] = value
  }
  return { text: JSON.stringify(values) }
}

function misfitOf(value: unknown, path: string, depth: number): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
    return undefined
  if (depth === mostDepth) return `${path} is nested deeper than ${mostDepth} levels`
  if (Array.isArray(value)) return misfitIn(value.entries(), depth, (at) => `${path}[${at}]`)
  if (isPlain(value)) return misfitIn(Object.entries(value), depth, (name) => `${path}.${name}`)
  return `${path} is ${describe(value)}`
}

function misfitIn<Key>(
  entries: Iterable<readonly [Key, unknown]>,
  depth: number,
  pathOf: (key: Key) => string,
): string | undefined {
  for (const [key, value] of entries) {
    // An optional field; as an item of a list it would come back as `null`.
    if (value === undefined && typeof key === 'string') continue
    const misfit = misfitOf(value, pathOf(key), depth + 1)
    if (misfit !== undefined) return misfit
  }
  return undefined
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Those of `keys` that an object has. */
export function pick(given: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const key of keys) if (Object.hasOwn(given, key) && given[key] !== undefined) picked[key] = given[key]
  return picked
}

/** JSON that is the same for all objects alike, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? ''
  )
}
