/** `class` and `style` of lists and objects. */

/** What may stand for a class: names, lists of them, and objects whose keys count where their value does. */
export type ClassValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly ClassValue[]
  | { readonly [name: string]: unknown }

/** Declarations by property: `{ width: '3rem', backgroundColor: color, '--gap': 4 }`. */
export interface StyleValue {
  readonly [property: string]: string | number | boolean | null | undefined
}

/** Names, apart; `undefined` for what is neither a list nor a plain object. */
export function classText(value: object): string | undefined {
  if (Array.isArray(value)) {
    const parts: string[] = []
    for (const part of value as readonly unknown[]) {
      const text = classPart(part)
      if (text === undefined) return undefined
      if (text !== '') parts.push(text)
    }
    return parts.join(' ')
  }
  if (!isPlain(value)) return undefined
  return Object.keys(value)
    .filter((name) => Boolean(value[name]))
    .join(' ')
}

function classPart(part: unknown): string | undefined {
  switch (typeof part) {
    case 'string':
      return part
    case 'number':
    case 'bigint':
      return part === 0 || part === 0n ? '' : String(part)
    case 'boolean':
    case 'undefined':
      return ''
    case 'object':
      return part === null ? '' : classText(part)
    default:
      return undefined
  }
}

/** Declarations; `undefined` for what is no plain object, or holds what is no text, number, false, null or undefined. */
export function styleText(value: object): string | undefined {
  if (!isPlain(value)) return undefined
  const declarations: string[] = []
  for (const [name, entry] of Object.entries(value)) {
    if (entry === null || entry === undefined || entry === false || entry === '') continue
    if (typeof entry !== 'string' && typeof entry !== 'number') return undefined
    const property = propertyOf(name)
    if (property === undefined) return undefined
    declarations.push(`${property}: ${oneValue(String(entry))}`)
  }
  return declarations.join('; ')
}

/** `backgroundColor` and `background-color` are one; `WebkitMask` begins with a hyphen. */
function propertyOf(name: string): string | undefined {
  if (/^--[\w-]+$/.test(name)) return name
  if (!/^-?[a-z][a-z-]*$/i.test(name)) return undefined
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/**
 * A value that stays one: a semicolon in it would begin another declaration, and a bracket or a quote that is not closed would take in the
 * next ones. Where that can be, nothing is printed.
 */
function oneValue(text: string): string {
  const closers: string[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    const quote = closers.at(-1)
    if (quote === '"' || quote === "'") {
      if (char === '\\') at++
      else if (char === quote) closers.pop()
      // To CSS each of them ends a line, and with it the text.
      else if (char === '\n' || char === '\r' || char === '\f') return ''
    } else if (char === '"' || char === "'") closers.push(char)
    else if (char === '(') {
      const bare = !/^[\t\n\f\r ]*["']/.test(text.slice(at + 1)) && /url$/i.test(text.slice(Math.max(0, at - 3), at))
      if (!bare) closers.push(')')
      else if (longerName.test(text.slice(Math.max(0, at - 4), at))) return ''
      else {
        // Here quotes and brackets are no pairs: one of them breaks the address, which then ends at the next bracket.
        const address = /^[\t\n\f\r ]*[^\s"'()\\\p{Cc}]*[\t\n\f\r ]*\)/u.exec(text.slice(at + 1))
        if (address === null) return ''
        at += address[0].length
      }
    } else if (char === '[') closers.push(']')
    else if (char === ')' || char === ']') {
      if (closers.pop() !== char) return ''
    } else if (char === ';' && closers.length === 0) return ''
    // A block ends a nested rule without a semicolon; an escape may spell `url`.
    else if (char === '{' || char === '}' || char === '\\') return ''
    else if (char === '/' && text[at + 1] === '*') return ''
  }
  return closers.length === 0 ? text : ''
}

/** A name that only ends like it (`xurl(`, `#url(`) holds blocks and comments, as any other: what is no address ends elsewhere. */
const longerName = /[\w\-#@\0\u0080-\u{10ffff}]url$/iu

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
