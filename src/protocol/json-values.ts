/** What can be sent as JSON. A field that is `undefined` is left out; a `Date` is sent as its ISO text. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | { readonly toJSON: () => string }
  | readonly JsonValue[]
  | JsonObject

/** A plain object of such values. */
export interface JsonObject {
  readonly [field: string]: JsonValue
}

/** Deeper than any sensible payload; what is still deeper holds itself. */
const maxDepth = 64

/**
 * Finds what JSON would lose without a word (a `Map`, a function, `NaN`) or refuse (a bigint, a circle). Gives the path to it and the
 * value, or `undefined` when all is well.
 *
 * @param lossless `false` looks for what JSON refuses alone.
 * @param exact `true` finds what JSON would make something else of, too: a `Date`.
 */
export function findUnsendable(
  value: unknown,
  { lossless = true, exact = false }: Partial<Search> = {},
): Unsendable | undefined {
  return find(value, '', 0, { lossless, exact })
}

interface Search {
  readonly lossless: boolean
  readonly exact: boolean
}

interface Unsendable {
  readonly path: string
  readonly value: unknown
}

function find(value: unknown, path: string, depth: number, search: Search): Unsendable | undefined {
  const { lossless, exact } = search
  const lost = lossless ? { path, value } : undefined
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : lost
    case 'bigint':
      return { path, value }
    case 'object':
      break
    default:
      return lost
  }
  if (value === null) return undefined
  if (depth === maxDepth) return { path, value }
  if (Array.isArray(value)) {
    // By index: a hole in the list would be sent as null.
    for (let at = 0; at < value.length; at++) {
      const found = find(value[at], `${path}[${at}]`, depth + 1, search)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (!exact && 'toJSON' in value && typeof value.toJSON === 'function') {
    return find(value.toJSON() as unknown, path, depth + 1, search)
  }
  if (lossless && !isPlain(value)) return lost
  for (const [field, inner] of Object.entries(value)) {
    const found = inner === undefined ? undefined : find(inner, `${path}.${field}`, depth + 1, search)
    if (found !== undefined) return found
  }
  return undefined
}

export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
