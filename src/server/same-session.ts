/** Whether two sessions say the same: plain data, compared by what it holds. */
export function sameData(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  // What says itself by a method, a date say, is compared by what it says.
  if (!isPlain(one) || !isPlain(other)) return !isPlain(one) && !isPlain(other) && saysTheSame(one, other)
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length) return false
  return keys.every((key) => Object.hasOwn(other, key) && sameData(valueOf(one, key), valueOf(other, key)))
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Array.isArray(value)
}

function saysTheSame(one: object, other: object): boolean {
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  return one instanceof Date && other instanceof Date && one.getTime() === other.getTime()
}

function valueOf(object: object, key: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[key]
}
