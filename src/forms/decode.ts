/**
 * Reads `a=1&b[]=2&c[d]=3`: forms, and the queries of URLs. The rules are those of the wire document, section 5.5. The text comes from
 * the browser and may be made to be slow, so nothing here is done twice over the same characters, and the limits are looked at first.
 */

import { copyOf } from '../protocol/own-text.ts'

export type FormValue = string | FormValue[] | FormValues
export interface FormValues {
  [name: string]: FormValue
}

export interface FormLimits {
  /** Pairs in one form; also the groups and lists that their names make. */
  readonly maxFields: number
  /** Brackets in one name. */
  readonly maxNesting: number
}

/** Why a form cannot be read. */
export type FormRefusal = 'too_many_fields' | 'too_many_groups' | 'too_deep' | 'bad_encoding'

/** A form that cannot be read is the browser's fault, so it is a value. */
export type DecodedForm =
  | { readonly ok: true; readonly values: FormValues }
  | { readonly ok: false; readonly reason: FormRefusal }

const ampersand = 0x26
const plus = 0x2b
const space = 0x20

export function decodeForm(text: string, { maxFields, maxNesting }: FormLimits): DecodedForm {
  if (!hasAtMost(maxFields, text)) return { ok: false, reason: 'too_many_fields' }
  const form = text.includes('+') ? withSpaces(text) : text
  const tree = new Tree(maxFields)
  for (let from = 0; from < form.length; from++) {
    if (form.charCodeAt(from) === ampersand) continue
    const next = form.indexOf('&', from)
    const end = next < 0 ? form.length : next
    const reason = readPair(tree, form.slice(from, end), maxNesting)
    if (reason !== undefined) return { ok: false, reason }
    from = end
  }
  return { ok: true, values: tree.root }
}

/** The names in `_target`, from outside in: `user[tags][]` is `['user', 'tags']`. `undefined` when it is nested too deep. */
export function targetPath(target: string, maxNesting: number): string[] | undefined {
  if (isTooDeep(target, maxNesting)) return undefined
  const { outer, inner } = partsOf(target)
  const names = inner === undefined ? [outer] : [outer, ...inner.split('][')]
  return names.filter((name) => name !== '').map(copyOf)
}

/** Whether there are no more pairs than that; between two separators there may be none. */
function hasAtMost(most: number, text: string): boolean {
  let count = 0
  let before = ampersand
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (before === ampersand && char !== ampersand && ++count > most) return false
    before = char
  }
  return true
}

function readPair(tree: Tree, pair: string, maxNesting: number): FormRefusal | undefined {
  const equals = pair.indexOf('=')
  const rawName = equals < 0 ? pair : pair.slice(0, equals)
  if (isTooDeep(rawName, maxNesting)) return 'too_deep'
  // Names become properties, whose texts are their own anyway.
  const name = rawName.includes('%') ? unescapeText(rawName) : rawName
  const value = unescapeText(equals < 0 ? '' : pair.slice(equals + 1))
  if (name === undefined || value === undefined) return 'bad_encoding'
  return tree.put(partsOf(name), value) ? undefined : 'too_many_groups'
}

/** A name without the last bracket, in two: `a[b][c]` is `a` and `b][c`. A name without brackets that match is one. */
interface NameParts {
  readonly outer: string
  readonly inner: string | undefined
}

function partsOf(name: string): NameParts {
  const open = name.indexOf('[')
  if (open < 1 || !name.endsWith(']')) return { outer: name, inner: undefined }
  return { outer: name.slice(0, open), inner: name.slice(open + 1, -1) }
}

/** Whether a name has more brackets than may be, told before it is unescaped. */
function isTooDeep(rawName: string, most: number): boolean {
  // Each of them but the last has two characters.
  if (rawName.length < most * 2) return false
  const begins = /\[|%5b/i.exec(rawName)
  if (begins === null || begins.index === 0 || !/(?:\]|%5d)$/i.test(rawName)) return false
  const between = /(?:\]|%5d)(?:\[|%5b)/gi
  between.lastIndex = begins.index + begins[0].length
  let depth = 1
  while (depth <= most && between.test(rawName)) depth++
  return depth > most
}

/** What comes of it is a text of its own: a view that keeps one field does not keep the form. */
function unescapeText(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Shorter texts are split and joined in less time than two calls take. */
const shortText = 128
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text with each `+` as a space. `replaceAll` takes a hundred times as long where there are many. */
function withSpaces(text: string): string {
  // Half a character would not come back from bytes.
  if (text.length < shortText || /\p{Surrogate}/u.test(text)) return text.split('+').join(' ')
  const bytes = encoder.encode(text)
  for (let at = bytes.indexOf(plus); at >= 0 && at < bytes.length; at++) if (bytes[at] === plus) bytes[at] = space
  return decoder.decode(bytes)
}

/** The values of a form while they are put together. A later pair of the other kind takes the place of what was there. */
class Tree {
  readonly root: FormValues = createGroup()
  readonly #most: number
  #groups = 0
  /** All maps (or lists) inside one list are one element, as the wire document says; it stands where the first pair put it. */
  readonly #innerAt = new Map<readonly FormValue[], number>()

  /** `most` groups and lists are made. */
  constructor(most: number) {
    this.#most = most
  }

  /** False when that would take more groups than there may be. */
  put({ outer, inner }: NameParts, value: string): boolean {
    if (inner === undefined) {
      this.root[outer] = value
      return true
    }
    let name = outer
    let holder: FormValues | FormValue[] = this.root
    for (let from = 0, next = 0; next >= 0; from = next + 2) {
      next = inner.indexOf('][', from)
      const innerName = inner.slice(from, next < 0 ? undefined : next)
      let branch = fitting(this.#standing(holder, name), innerName)
      if (branch === undefined) {
        if (this.#groups++ === this.#most) return false
        branch = innerName === '' ? [] : createGroup()
        this.#place(holder, name, branch)
      }
      holder = branch
      name = innerName
    }
    if (Array.isArray(holder)) holder.push(value)
    else holder[name] = value
    return true
  }

  #standing(holder: FormValues | FormValue[], name: string): FormValue | undefined {
    if (!Array.isArray(holder)) return holder[name]
    const at = this.#innerAt.get(holder)
    return at === undefined ? undefined : holder[at]
  }

  #place(holder: FormValues | FormValue[], name: string, branch: FormValues | FormValue[]): void {
    if (!Array.isArray(holder)) holder[name] = branch
    else {
      const at = this.#innerAt.get(holder) ?? holder.length
      this.#innerAt.set(holder, at)
      holder[at] = branch
    }
  }
}

/** What stands there already, when the name inside it fits it. */
function fitting(existing: FormValue | undefined, innerName: string): FormValues | FormValue[] | undefined {
  if (existing === undefined || typeof existing === 'string') return undefined
  return Array.isArray(existing) === (innerName === '') ? existing : undefined
}

/** Without a prototype, so that a field called __proto__ is a field. `Object.create` would make it a table, which takes longer to fill. */
function createGroup(): FormValues {
  return Object.setPrototypeOf({}, null) as FormValues
}
