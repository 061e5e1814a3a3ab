/**
 * Reads a template's strings once and learns what each slot is: text, part of a quoted attribute, a whole attribute, or a
 * spread. It knows as much HTML as that needs, and refuses slots where no escaping would be safe.
 */
import { type Guard, guardKindOf, toGuard } from './guard.ts'
import { rememberSite, siteOf, templateError } from './site.ts'

export type SlotKind = 'text' | 'quoted' | 'attribute' | 'spread'

export interface Slot {
  readonly kind: SlotKind
  /** The attribute's name; empty for text and spreads. */
  readonly name: string
}

/** The identity of a template's statics. Two renders are of the same template iff this is the same object. */
export interface Template {
  readonly strings: readonly string[]
  /** One more than `slots`; a whole attribute's ` name=` is taken out, since its slot prints it. */
  readonly statics: readonly string[]
  readonly slots: readonly Slot[]
  /** The places whose values are looked at before each print. Most templates have none. */
  readonly guards: readonly Guard[]
  /** True when the template is exactly one element, so that the client may mark it and skip it when nothing changed. */
  readonly root: boolean
}

type State =
  | 'text'
  | 'tag-open'
  | 'tag-name'
  | 'in-tag'
  | 'attribute-name'
  | 'after-attribute-name'
  | 'before-value'
  | 'double-quoted'
  | 'single-quoted'
  | 'unquoted'
  | 'after-slot'
  | 'comment'
  | 'declaration'
  | 'raw-text'

const voidTags: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
)
const rawTextTags: ReadonlySet<string> = new Set(['script', 'style'])
/** https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inbody, "If the next token is a U+000A LINE FEED". */
const breakLosingTags: ReadonlySet<string> = new Set(['pre', 'textarea', 'listing'])
/** What HTML takes for white space; a no-break space, say, is part of a name or a value. */
const space = /[\t\n\f\r ]/
const trailingSpace = /[\t\n\f\r ]+$/
const parsed = new WeakMap<readonly string[], Template>()

/** The templates that nobody has asked for with {@link takeFreshTemplates} yet. They live as long as the program anyway. */
let fresh: (readonly string[])[] = []
const mostFresh = 10_000

/** The strings of the templates that are new since the last call, for who looks for mistakes in them. */
export function takeFreshTemplates(): readonly (readonly string[])[] {
  const taken = fresh
  fresh = []
  return taken
}

/** `tag`: the function whose caller has written the template. */
export function templateOf(strings: TemplateStringsArray, tag?: (...args: never[]) => unknown): Template {
  let template = parsed.get(strings)
  if (template === undefined) {
    if (tag !== undefined) {
      rememberSite(strings, tag)
      if (fresh.length < mostFresh) fresh.push(strings)
    }
    template = new Parser(strings).parse()
    parsed.set(strings, template)
  }
  return template
}

/** Shows where slot `index` stands: the static text around it, and the template's place in the program. */
export function placeOf(strings: readonly string[], index: number): string {
  const before = strings[index]!.replace(/\s+/g, ' ').slice(-40)
  const after = (strings[index + 1] ?? '').replace(/\s+/g, ' ').slice(0, 20)
  const site = siteOf(strings)
  return `\`…${before}\${here}${after}…\` (value ${index + 1} of the template)${site === '' ? '' : `, in ${site}`}`
}

class Parser {
  readonly #strings: readonly string[]
  readonly #statics: string[] = []
  readonly #slots: Slot[] = []
  readonly #guards: Guard[] = []
  #state: State = 'text'
  #static = ''
  #tag = ''
  #closing = false
  #attribute = ''
  /** Where the current attribute begins in `#static`, its leading space included; -1 when it began before a slot. */
  #attributeStart = -1
  /** Where the value of the current attribute goes on in `#static`. */
  #valueStart = 0
  /** The text between the slots of the current attribute, if that has any. */
  #pieces: string[] = []
  /** The attributes of the tag so far that the client wants together. */
  #hasHook = false
  #mayHaveId = false
  /** An element has just begun whose first line break the browser takes away. */
  #losesBreak = false

  // What decides whether the template has a single root element.
  readonly #open: string[] = []
  #roots = 0
  #single = true

  constructor(strings: readonly string[]) {
    this.#strings = strings
  }

  parse(): Template {
    for (const [index, string] of this.#strings.entries()) {
      if (index > 0) this.#slot(index - 1)
      this.#read(string, index)
    }
    if (this.#state !== 'text') {
      const last = this.#strings.length - 1
      throw templateError(
        'ERR_TEMPLATE',
        this.#strings,
        `html: the template ends inside ${nameOf(this.#state, this.#tag)}, after \`…${this.#strings[last]!.slice(-40)}\``,
      )
    }
    this.#statics.push(this.#static)
    const root = this.#single && this.#roots === 1 && this.#open.length === 0
    return { strings: this.#strings, statics: this.#statics, slots: this.#slots, guards: this.#guards, root }
  }

  #slot(index: number): void {
    this.#keepBreak('')
    const slot = this.#slotHere(index)
    this.#slots.push(slot)
    if (slot.kind === 'quoted') this.#pieces.push(this.#static.slice(this.#valueStart))
    else if (slot.kind === 'attribute') this.#guard(['', ''])
    else if (slot.kind === 'spread') {
      this.#guards.push({ kind: 'spread', name: '', tag: this.#tag, first: index, pieces: [] })
    }
    this.#valueStart = 0
    this.#statics.push(this.#static)
    this.#static = ''
    this.#attributeStart = -1
    if (slot.kind === 'text' && this.#open.length === 0) this.#single = false
    if (slot.kind === 'attribute' || slot.kind === 'spread') this.#state = 'after-slot'
  }

  #slotHere(index: number): Slot {
    switch (this.#state) {
      case 'text':
        return { kind: 'text', name: '' }
      case 'double-quoted':
      case 'single-quoted':
        this.#refuseHandler(index)
        return { kind: 'quoted', name: this.#attribute }
      case 'before-value':
        this.#refuseHandler(index)
        if (this.#attributeStart < 0) throw this.#refuse(index, 'an attribute value must follow its name')
        this.#static = this.#static.slice(0, this.#attributeStart)
        return { kind: 'attribute', name: this.#attribute }
      case 'in-tag':
      case 'after-attribute-name':
        if (this.#closing) throw this.#refuse(index, 'a value cannot stand in a closing tag')
        // The slot prints its own leading spaces.
        this.#static = this.#static.replace(trailingSpace, '')
        this.#mayHaveId = true
        return { kind: 'spread', name: '' }
      case 'unquoted':
        throw this.#refuse(index, `the value of ${this.#attribute} must be quoted, or be one slot alone`)
      case 'after-slot':
        throw this.#refuse(index, 'two values in a row must be in quotes, or apart')
      case 'attribute-name':
        throw this.#refuse(index, 'a value cannot be part of an attribute name; use attrs({ … })')
      case 'tag-open':
      case 'tag-name':
        throw this.#refuse(index, 'a value cannot be a tag name')
      case 'comment':
      case 'declaration':
        throw this.#refuse(index, 'a value cannot stand in a comment')
      case 'raw-text':
        throw this.#refuse(index, `a value cannot stand in <${this.#tag}>, where no escaping is safe`)
    }
  }

  #refuseHandler(index: number): void {
    if (isHandlerName(this.#attribute)) {
      throw this.#refuse(index, `a value cannot stand in ${this.#attribute}, which the browser runs as a script`)
    }
  }

  #refuse(index: number, why: string): Error {
    return templateError('ERR_TEMPLATE', this.#strings, `html: ${why}, at ${placeOf(this.#strings, index)}`)
  }

  #read(string: string, index: number): void {
    for (let at = 0; at < string.length; at++) {
      const char = string[at]!
      if (this.#losesBreak) this.#keepBreak(char)
      if (this.#state === 'raw-text') {
        const end = `</${this.#tag}`
        const next = string[at + end.length]
        // `</scripts` does not end a script.
        const ends = next !== undefined && /[\s/>]/.test(next)
        if (ends && string.slice(at, at + end.length).toLowerCase() === end) this.#state = 'text'
      }
      if (this.#state === 'comment' && string.startsWith('-->', at)) {
        this.#static += '--'
        at += 2
        this.#state = 'text'
        this.#static += '>'
        continue
      }
      if (this.#state === 'text' && string.startsWith('<!--', at)) {
        // The client finds a root only behind comments without line breaks.
        const end = string.indexOf('-->', at)
        if (end < 0 || string.slice(at, end).includes('\n')) this.#single = false
        this.#state = 'comment'
        this.#static += '<!--'
        at += 3
        continue
      }
      this.#step(char, index)
      this.#static += char
    }
  }

  #step(char: string, index: number): void {
    switch (this.#state) {
      case 'text':
        if (char === '<') this.#state = 'tag-open'
        else if (this.#open.length === 0 && !space.test(char)) this.#single = false
        return
      case 'tag-open':
        this.#tag = ''
        this.#closing = char === '/'
        if (this.#closing) this.#state = 'tag-name'
        else if (/[a-z]/i.test(char)) this.#startTag(char)
        else if (char === '!' || char === '?') {
          this.#state = 'declaration'
          this.#single = false
        } else {
          // The browser prints this one, and looks at the next anew.
          this.#state = char === '<' ? 'tag-open' : 'text'
          if (this.#open.length === 0) this.#single = false
        }
        return
      case 'tag-name':
        if (char === '>') this.#endTag(false)
        else if (char === '/' || space.test(char)) this.#state = 'in-tag'
        else this.#tag += char.toLowerCase()
        return
      case 'after-slot':
        if (!space.test(char) && char !== '>' && char !== '/') {
          throw templateError(
            'ERR_TEMPLATE',
            this.#strings,
            `html: a value with text behind it must be in quotes, at ${placeOf(this.#strings, index - 1)}`,
          )
        }
        this.#state = 'in-tag'
        this.#step(char, index)
        return
      case 'in-tag':
        if (char === '>') this.#endTag(this.#static.endsWith('/'))
        else if (char !== '/' && !space.test(char)) {
          this.#attribute = char.toLowerCase()
          this.#attributeStart = this.#static.replace(trailingSpace, '').length
          if (this.#inRootTag()) this.#spaceAttribute()
          this.#state = 'attribute-name'
        }
        return
      case 'attribute-name':
        if (char === '=') {
          if (this.#attribute === 'id' && !this.#static.endsWith(' id')) this.#hideRoot()
          this.#endName()
          this.#state = 'before-value'
        } else if (char === '>') {
          this.#endName()
          this.#endTag(false)
        } else if (char === '/') {
          this.#endName()
          this.#state = 'in-tag'
        } else if (space.test(char)) {
          this.#endName()
          this.#state = 'after-attribute-name'
        } else this.#attribute += char.toLowerCase()
        return
      case 'after-attribute-name':
        if (char === '=') {
          this.#hideRoot()
          this.#state = 'before-value'
        } else if (!space.test(char)) {
          this.#state = 'in-tag'
          this.#step(char, index)
        }
        return
      case 'before-value':
        if (char === '"' || char === "'") this.#startQuote(char)
        else if (char === '>') this.#endTag(false)
        else {
          if (space.test(char) || this.#attribute === 'id') this.#hideRoot()
          if (!space.test(char)) this.#state = 'unquoted'
        }
        return
      case 'double-quoted':
        if (char === '"') this.#endQuote()
        return
      case 'single-quoted':
        if (char === "'") this.#endQuote()
        return
      case 'unquoted':
        if (char === '>') this.#endTag(false)
        else if (space.test(char)) this.#state = 'in-tag'
        return
      case 'declaration':
        if (char === '>') this.#state = 'text'
        return
      case 'comment':
      case 'raw-text':
        return
    }
  }

  #startQuote(quote: string): void {
    this.#state = quote === '"' ? 'double-quoted' : 'single-quoted'
    this.#valueStart = this.#static.length + 1
    this.#pieces = []
  }

  #endQuote(): void {
    this.#state = 'in-tag'
    if (this.#pieces.length > 0) this.#guard([...this.#pieces, this.#static.slice(this.#valueStart)])
  }

  /** The attribute whose last slot has just been read is one whose values may have to be looked at. */
  #guard(pieces: readonly string[]): void {
    const name = this.#attribute
    const kind = guardKindOf(name, this.#tag)
    if (kind === undefined) return
    const first = this.#slots.length - pieces.length + 1
    const guard = toGuard({ kind, name, tag: this.#tag, first, pieces })
    if (typeof guard === 'string') throw this.#refuse(first, guard)
    if (guard !== undefined) this.#guards.push(guard)
  }

  /**
   * The browser drops a line break that stands first in these elements. One more is printed, so that those of a value stay; one that the
   * template itself begins with is its author's, and drops.
   */
  #keepBreak(next: string): void {
    if (this.#losesBreak && next !== '\n' && next !== '\r') this.#static += '\n'
    this.#losesBreak = false
  }

  #inRootTag(): boolean {
    return this.#open.length === 0 && !this.#closing
  }

  /**
   * The client reads a root's id with a scan of its own, which wants one space before the name. An id that it does not find makes
   * it drop the content of an element that did not change.
   */
  #spaceAttribute(): void {
    if (this.#attributeStart < this.#static.length) this.#static = `${this.#static.slice(0, this.#attributeStart)} `
  }

  /** The client's scan would miss the id of this root: it is better not told of the root. */
  #hideRoot(): void {
    if (this.#inRootTag()) this.#single = false
  }

  #endName(): void {
    if (this.#attribute === 'id') this.#mayHaveId = true
    if (this.#attribute === 'phx-hook') this.#hasHook = true
  }

  /** The tag as it was written, for a message. */
  #tagSoFar(): string {
    const source = [...this.#strings.slice(0, this.#slots.length), this.#static].join('${…}')
    return source
      .slice(source.lastIndexOf(`<${this.#tag}`))
      .replace(/\s+/g, ' ')
      .slice(0, 80)
  }

  #startTag(char: string): void {
    if (this.#open.length === 0) this.#roots++
    this.#hasHook = this.#mayHaveId = false
    this.#tag = char.toLowerCase()
    this.#state = 'tag-name'
  }

  #endTag(selfClosing: boolean): void {
    const tag = this.#tag
    this.#state = 'text'
    if (this.#closing) {
      if (this.#open.pop() !== tag) this.#single = false
      return
    }
    if (this.#hasHook && !this.#mayHaveId) {
      throw templateError(
        'ERR_TEMPLATE',
        this.#strings,
        `html: an element with phx-hook needs an id, at \`${this.#tagSoFar()}>\``,
      )
    }
    if (voidTags.has(tag)) return
    // Their content is a script or a style, whatever slash stands in the tag.
    if (selfClosing && !rawTextTags.has(tag)) {
      // Only foreign elements close themselves; elsewhere the slash is ignored and the element stays open.
      if (!this.#open.includes('svg') && !this.#open.includes('math')) this.#single = false
      return
    }
    this.#open.push(tag)
    this.#losesBreak = breakLosingTags.has(tag)
    if (rawTextTags.has(tag)) this.#state = 'raw-text'
  }
}

/** `onclick` and its like: what they hold is a script, for which HTML escaping is no protection. */
export function isHandlerName(name: string): boolean {
  return /^on/i.test(name)
}

function nameOf(state: State, tag: string): string {
  if (state === 'comment' || state === 'declaration') return 'a comment'
  return `<${tag}>`
}
