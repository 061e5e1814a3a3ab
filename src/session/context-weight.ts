/**
 * What a context takes in memory, in bytes, about. Texts, numbers, plain objects, lists, maps, sets and bytes are looked into; of anything
 * else (a connection, a class of yours) only the place is counted: it is likely shared, and what is in it is its own business. Getters are
 * not called.
 */

const scalar = 8
const text = 24
const container = 56
const element = 8
/** So many values are looked at: a context of a million would stop the process for what is an estimate. */
const mostValues = 10_000

export function contextWeight(context: unknown): number {
  const seen = new Set<object>()
  const waiting: unknown[] = [context]
  let weight = 0
  for (let looked = 0; waiting.length > 0 && looked < mostValues; looked++) {
    const next = waiting.pop()
    if (typeof next === 'string') weight += text + next.length
    else if (typeof next !== 'object' || next === null) weight += scalar
    else if (!seen.has(next)) {
      seen.add(next)
      weight += container + weightInside(next, waiting)
    }
  }
  return weight
}

/** What an object takes by itself; what is in it is left in `waiting`. */
function weightInside(value: object, waiting: unknown[]): number {
  try {
    if (ArrayBuffer.isView(value)) return value.byteLength
    if (value instanceof ArrayBuffer) return value.byteLength
    if (Array.isArray(value)) return weightOfAll(value, waiting)
    if (value instanceof Set) return weightOfAll(value, waiting)
    if (value instanceof Map) return weightOfAll(value.keys(), waiting) + weightOfAll(value.values(), waiting)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return 0
    // By their descriptors: a getter is a function of somebody's.
    const own = Object.values(Object.getOwnPropertyDescriptors(value))
    return weightOfAll(
      own.map(({ value }) => value as unknown),
      waiting,
    )
  } catch {
    // A proxy may throw at anything.
    return 0
  }
}

function weightOfAll(values: Iterable<unknown>, waiting: unknown[]): number {
  let count = 0
  for (const value of values) {
    if (waiting.length < mostValues) waiting.push(value)
    count++
  }
  return count * element
}
