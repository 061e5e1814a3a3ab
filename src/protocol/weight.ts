/**
 * What a value of JSON takes in memory, in bytes, about. Two bytes of JSON can be an object that takes sixty, so whoever keeps what a
 * browser sent counts this, not characters. The figures are those of V8 and err on the side of too much.
 */

const scalar = 4
const text = 24
const container = 56
const element = 12
const property = 8
/** A name that no object before had: the name itself, and the part of a table, or of a shape, that is made for it. */
const newName = 72
const bytesHeader = 128

/** The weight of a value; counting stops once it is beyond `enough`. Any depth is counted: nothing recurses. */
export function weightOf(value: unknown, enough: number = Infinity): number {
  const waiting: unknown[] = [value]
  /** Objects alike share their names. */
  const names = new Set<string>()
  let weight = 0
  while (waiting.length > 0 && weight <= enough) {
    const next = waiting.pop()
    if (typeof next === 'string') weight += text + lengthOf(next, enough)
    else if (typeof next !== 'object' || next === null) weight += scalar
    // A view on bytes keeps all of them.
    else if (ArrayBuffer.isView(next)) weight += bytesHeader + next.buffer.byteLength
    else if (Array.isArray(next)) {
      weight += container + next.length * element
      if (weight <= enough) for (const inner of next as readonly unknown[]) waiting.push(inner)
    } else {
      weight += container
      for (const name in next) {
        if (!Object.hasOwn(next, name)) continue
        weight += property
        if (!names.has(name)) weight += newName + lengthOf(name, enough)
        if (weight > enough) break
        names.add(name)
        waiting.push((next as Readonly<Record<string, unknown>>)[name])
      }
    }
  }
  return weight
}

export function isHeavier(value: unknown, bound: number): boolean {
  return weightOf(value, bound) > bound
}

/** In bytes. A text with one character past Latin-1 takes two for each; one that is too long anyway is not looked at. */
function lengthOf(value: string, enough: number): number {
  return value.length <= enough && /[\u0100-\uffff]/.test(value) ? value.length * 2 : value.length
}
