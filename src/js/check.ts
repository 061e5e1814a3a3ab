/** Reads what a command is given. What does not fit throws `ERR_JS`, and says which command and which option it is. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import {
  addressKindOf,
  animatedAttributes,
  areSafeAddresses,
  isLocalPath,
  isSafeAddress,
} from '../protocol/addresses.ts'
import { makeText } from '../protocol/base-path.ts'
import { holdsCommands, isCommands, type WireJsTarget, type WireJsTransition } from '../protocol/js-commands.ts'
import { isRenderable, renderable } from '../protocol/renderable.ts'
import { findUnsendable, isPlain } from '../protocol/json-values.ts'
import { type JsCommandWithOptions, knownOptions } from './options.ts'

/** A longer timer of the browser fires at once. */
const maxTime = 2 ** 31 - 1

export function fail(command: string, what: string, expected: string, came: unknown): never {
  throw new LiveError('ERR_JS', `js.${command}(): ${what} must be ${expected}, got ${describeClaim(came)}`)
}

export function checkOptions(command: JsCommandWithOptions, options: unknown): void {
  const known = knownOptions[command]
  if (!isPlain(options)) {
    fail(command, 'the options', `an object like { ${Object.keys(known)[0]}: … }`, options)
  }
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(known, option)) continue
    const names = Object.keys(known).join(', ')
    throw new LiveError('ERR_JS', `js.${command}(): unknown option ${describe(option)}; known are ${names}`)
  }
}

export function readText(command: string, what: string, value: unknown): string {
  return isText(value) ? value : fail(command, what, 'a string that is not empty', value)
}

export function readSelector(command: string, what: string, value: unknown): string | undefined {
  return value === undefined || isText(value) ? value : fail(command, what, 'a CSS selector', value)
}

export function readFlag(command: string, what: string, value: unknown): boolean | undefined {
  return value === undefined || typeof value === 'boolean' ? value : fail(command, what, 'true or false', value)
}

export function readTime(command: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= maxTime) return value as number
  return fail(command, 'time', `a whole number of ms, from 0 to ${maxTime}`, value)
}

export function readTarget(command: string, value: unknown): WireJsTarget | undefined {
  if (value === undefined || isText(value)) return value
  if (isPlain(value)) {
    const [[kind, selector] = [], ...more] = Object.entries(value) as [string, unknown][]
    if (more.length === 0 && isText(selector)) {
      if (kind === 'closest') return { closest: selector }
      if (kind === 'inner') return { inner: selector }
    }
  }
  return fail(command, 'to', 'a CSS selector, { closest: selector } or { inner: selector }', value)
}

export function readEventTarget(command: string, value: unknown): string | number | undefined {
  if (value === undefined || isText(value)) return value
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  if (typeof value === 'object' && value !== null && isRenderable(value)) {
    const text: unknown = value[renderable]()
    if (isText(text)) return /^\d+$/.test(text) ? Number(text) : text
  }
  return fail(command, 'target', "a CSS selector, or a component's myself or number", value)
}

/** One name or more: a string is split at its blanks, also within a list. */
export function readClasses(command: string, value: unknown): readonly string[] {
  const names = classesOf(value)
  return names !== undefined && names.length > 0
    ? names
    : fail(command, 'classes', "class names in a string or a list: 'a b' or ['a', 'b']", value)
}

export function readTransition(command: string, what: string, value: unknown): WireJsTransition | undefined {
  if (value === undefined) return undefined
  const parts: unknown = typeof value === 'string' ? [value, [], []] : value
  if (Array.isArray(parts) && parts.length === 3) {
    const [run, start, end] = parts.map(classesOf)
    // Without a class that runs, the client skips the start's and the end's too.
    if (run !== undefined && start !== undefined && end !== undefined && run.length > 0) return [run, start, end]
  }
  return fail(
    command,
    what,
    "class names 'a b' or the three parts [run, start, end], each a string or a list, with something in run",
    value,
  )
}

export function readHref(command: string, value: unknown): string {
  if (isLocalPath(value)) return value
  return fail(command, 'href', "a path of this site, like '/home?page=2'; a link leads to another one", value)
}

export function readAttributeName(command: string, what: string, value: unknown): string {
  return isAttributeName(value) ? value : fail(command, what, 'the name of an attribute', value)
}

/** Templates look for a user's commands in these attributes: those of another one, which may hold any text, would be run. */
export function readCommandAttribute(command: string, value: unknown): string {
  const name = readAttributeName(command, 'attribute', value)
  return /^(?:data-|phx-(?!value-))/i.test(name)
    ? name
    : fail(command, 'attribute', 'one that holds commands: phx-… (but phx-value-…) or data-…', value)
}

/** The browser runs what stands in `onclick` and the like, and reads a document in `srcdoc`: no value is safe there. */
export function readSettableName(command: string, value: unknown): string {
  const name = readAttributeName(command, 'name', value)
  return /^(?:on|srcdoc$)/i.test(name)
    ? fail(command, 'name', 'an attribute that the browser does not run as a script', name)
    : name
}

/** What an attribute is set to, which may be empty: `hidden=""`. Held to the rules that templates hold their values to. */
export function readAttributeValue(command: string, name: string, value: unknown): string {
  const isObject = typeof value === 'object' && value !== null
  const text = isObject && isRenderable(value) ? makeText(() => value[renderable]()) : value
  if (typeof text !== 'string') return fail(command, 'value', "a string, such as 'true'", value)
  const attribute = name.toLowerCase()
  if (!isSafeAt(attribute, text)) {
    return fail(command, `the value of ${name}`, 'a path, or an address with http, https, mailto, tel or blob', text)
  }
  if (!isCommands(value) && /^(?:phx|data)-/.test(attribute) && holdsCommands(text)) {
    return fail(command, `the value of ${name}`, 'a list of commands made with js, not its text', text)
  }
  return text
}

/** Of which element it is, nobody knows. */
function isSafeAt(attribute: string, text: string): boolean {
  if (animatedAttributes.has(attribute)) return areSafeAddresses(text)
  const kind = addressKindOf(attribute)
  return kind === undefined || isSafeAddress(text, { picture: kind === 'picture' })
}

/** Names, and patterns: the client matches one that has a `*` as a regular expression, and fails on one that is none. */
export function readAttributePatterns(command: string, value: unknown): readonly string[] {
  const patterns = (Array.isArray(value) ? value : [value]) as readonly unknown[]
  const fits = (pattern: unknown): boolean => isAttributeName(pattern) && (pattern === '*' || isRegExp(pattern))
  return patterns.length > 0 && patterns.every(fits)
    ? (patterns as readonly string[])
    : fail(command, 'names', "names of attributes, or patterns like 'data-*' and '*', one or a list", value)
}

/** `reserved` are the fields that the client sets itself. */
export function readObject(
  command: string,
  what: string,
  value: unknown,
  reserved: readonly string[] = [],
): object | undefined {
  if (value === undefined) return undefined
  if (!isPlain(value) || 'toJSON' in value) return fail(command, what, 'a plain object', value)
  const unsendable = findUnsendable(value)
  if (unsendable !== undefined) {
    return fail(command, `${what}${unsendable.path}`, 'something that JSON can say', unsendable.value)
  }
  const taken = reserved.find((field) => Object.hasOwn(value, field))
  if (taken !== undefined) return fail(command, `${what}.${taken}`, 'left to the client, which sets it', value)
  return value
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function isAttributeName(value: unknown): value is string {
  return typeof value === 'string' && /^[^\s"'<>/=\p{Cc}]+$/u.test(value)
}

function isRegExp(pattern: unknown): boolean {
  if (!String(pattern).includes('*')) return true
  try {
    return new RegExp(String(pattern)).source !== ''
  } catch {
    return false
  }
}

function classesOf(value: unknown): readonly string[] | undefined {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (!parts.every((part) => typeof part === 'string')) return undefined
  return parts.flatMap((part) => part.split(/\s+/)).filter((name) => name !== '')
}
