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
 */
export function findUnsendable(value: unknown, path = '', depth = 0): { path: string; value: unknown } | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : { path, value }
    case 'object':
      break
    default:
      return { path, value }
  }
  if (value === null) return undefined
  if (depth === maxDepth) return { path, value }
  if (Array.isArray(value)) {
    // By index: a hole in the list would be sent as null.
    for (let at = 0; at < value.length; at++) {
      const found = findUnsendable(value[at], `${path}[${at}]`, depth + 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return findUnsendable(value.toJSON() as unknown, path, depth + 1)
  }
  if (!isPlain(value)) return { path, value }
  for (const [field, inner] of Object.entries(value)) {
    const found = inner === undefined ? undefined : findUnsendable(inner, `${path}.${field}`, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
