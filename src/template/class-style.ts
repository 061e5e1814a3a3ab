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
    if (char === '\\') at++
    else if (quote === '"' || quote === "'") {
      if (char === quote) closers.pop()
      else if (char === '\n') return ''
    } else if (char === '"' || char === "'") closers.push(char)
    else if (char === '(' || char === '[' || char === '{') closers.push(closing[char]!)
    else if (char === ')' || char === ']' || char === '}') {
      if (closers.pop() !== char) return ''
    } else if (char === ';' && closers.length === 0) return ''
    else if (char === '/' && text[at + 1] === '*') return ''
  }
  return closers.length === 0 && !text.endsWith('\\') ? text : ''
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
