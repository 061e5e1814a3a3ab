/** Reads `a=1&b[]=2&c[d]=3`: forms, and the queries of URLs. The rules are those of the wire document, section 5.5. */

export type FormValue = string | FormValue[] | FormValues
export interface FormValues {
  [name: string]: FormValue
}

export interface FormLimits {
  /** Pairs in one form. */
  readonly maxFields: number
  /** Brackets in one name. */
  readonly maxNesting: number
}

/** A form that cannot be read is the browser's fault, so it is a value. */
export type DecodedForm =
  | { readonly ok: true; readonly values: FormValues }
  | { readonly ok: false; readonly reason: 'too_many_fields' | 'too_deep' | 'bad_encoding' }

/** The names of a key from outside in; `''` is a list. */
type Path = readonly string[]

export function decodeForm(text: string, limits: FormLimits): DecodedForm {
  const pairs = text.split('&').filter((pair) => pair !== '')
  if (pairs.length > limits.maxFields) return { ok: false, reason: 'too_many_fields' }
  const root = new Branch('map')
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const name = unescapeText(equals < 0 ? pair : pair.slice(0, equals))
    const value = unescapeText(equals < 0 ? '' : pair.slice(equals + 1))
    if (name === undefined || value === undefined) return { ok: false, reason: 'bad_encoding' }
    const path = pathOf(name)
    if (path.length - 1 > limits.maxNesting) return { ok: false, reason: 'too_deep' }
    root.put(path, value)
  }
  return { ok: true, values: root.toValue() as FormValues }
}

/** The names in `_target`, from outside in: `user[tags][]` is `['user', 'tags']`. */
export function targetPath(target: string): string[] {
  return pathOf(target).filter((name) => name !== '')
}

function pathOf(name: string): Path {
  const open = name.indexOf('[')
  if (open < 1 || !name.endsWith(']')) return [name]
  return [name.slice(0, open), ...name.slice(open + 1, -1).split('][')]
}

function unescapeText(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** One map or list while it is built. A later pair of the other kind takes its place. */
class Branch {
  readonly kind: 'map' | 'list'
  readonly #map = new Map<string, string | Branch>()
  readonly #list: string[] = []
  /** All maps (or lists) inside one list are one element, as the wire document says; it stands where the first pair put it. */
  #inner: { readonly at: number; branch: Branch } | undefined

  constructor(kind: 'map' | 'list') {
    this.kind = kind
  }

  put(path: Path, value: string): void {
    const [name, ...rest] = path as [string, ...string[]]
    if (this.kind === 'list') this.#append(rest, value)
    else if (rest.length === 0) this.#map.set(name, value)
    else {
      const branch = fitting(this.#map.get(name), rest)
      this.#map.set(name, branch)
      branch.put(rest, value)
    }
  }

  #append(rest: Path, value: string): void {
    if (rest.length === 0) {
      this.#list.push(value)
      return
    }
    const branch = fitting(this.#inner?.branch, rest)
    this.#inner = { at: this.#inner?.at ?? this.#list.length, branch }
    branch.put(rest, value)
  }

  toValue(): FormValue {
    if (this.kind === 'list') {
      const list: FormValue[] = [...this.#list]
      if (this.#inner !== undefined) list.splice(this.#inner.at, 0, this.#inner.branch.toValue())
      return list
    }
    // Without a prototype, so that a field called __proto__ is a field.
    const values: FormValues = Object.create(null) as FormValues
    for (const [name, value] of this.#map) values[name] = typeof value === 'string' ? value : value.toValue()
    return values
  }
}

function fitting(existing: string | Branch | undefined, rest: Path): Branch {
  const kind = rest[0] === '' ? 'list' : 'map'
  return existing instanceof Branch && existing.kind === kind ? existing : new Branch(kind)
}
