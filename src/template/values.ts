/** What a value prints in each kind of slot, and which values cannot be printed. */
import { describe, LiveError } from '../errors.ts'
import { isRenderable, renderable } from '../protocol/renderable.ts'
import { classText, styleText } from './class-style.ts'
import { escapeHtml } from './escape.ts'
import { guardKindOf } from './guard.ts'
import { isHandlerName, placeOf, type Template } from './parse.ts'
import { Rendered } from './rendered.ts'
import { templateError } from './site.ts'

/** HTML that is printed as it is. Made by {@link raw} alone. */
export class Raw {
  readonly html: string

  constructor(html: string) {
    this.html = html
  }
}

/** The attributes of a spread. Made by {@link attrs} alone. */
export class Attrs {
  readonly entries: Readonly<Record<string, unknown>>
  /** Whether some of them may have to be looked at before they are printed. */
  readonly guarded: boolean

  constructor(entries: Readonly<Record<string, unknown>>) {
    this.entries = entries
    this.guarded = Object.keys(entries).some((name) => guardKindOf(name.toLowerCase(), undefined) !== undefined)
  }
}

/** Leaves a place of the page as it is, whatever it shows. */
export type Unchanged = typeof unchanged

/**
 * Stands for what the page shows already: its slot is not touched, and the server forgets what it holds; the next value is sent
 * whole. What a temporary assign is set to after a render. In a part of the page that is new it prints nothing.
 */
export const unchanged: unique symbol = Symbol('unchanged')

/**
 * Prints `html` unescaped. It must come from you: text of a user here is a hole in the page. As the value of an attribute it is not
 * looked at either, whatever scheme it has.
 */
export function raw(html: string): Raw {
  if (typeof html !== 'string')
    throw new LiveError('ERR_TEMPLATE_VALUE', `raw: expected a string, got ${describe(html)}`)
  return new Raw(html)
}

/**
 * Spreads attributes into a tag: `<input ${attrs({ type: 'text', disabled: busy })}>`. `true` prints the bare name; `false`,
 * `null` and `undefined` print nothing; anything else is quoted and escaped.
 */
export function attrs(entries: Readonly<Record<string, unknown>>): Attrs {
  for (const name of Object.keys(entries)) {
    if (!/^[^\s"'<>/=\p{Cc}]+$/u.test(name)) {
      throw new LiveError('ERR_TEMPLATE_VALUE', `attrs: ${describe(name)} is not an attribute name`)
    }
    if (isHandlerName(name)) {
      throw new LiveError('ERR_TEMPLATE_VALUE', `attrs: ${name} cannot be set, since the browser runs it as a script`)
    }
  }
  return new Attrs(entries)
}

/** Prints a value that is neither a template nor a list, for slot `index` of `template`. */
export function printValue(template: Template, index: number, value: unknown): string {
  const { kind, name } = template.slots[index]!
  if (value === unchanged) return ''
  if (kind === 'text') return printText(value, template, index)
  if (kind === 'quoted') return printText(attributeValue(name, value), template, index)
  if (kind === 'attribute') return printAttribute(name, value, template, index)
  if (!(value instanceof Attrs)) {
    if (value === null || value === undefined || value === false || value === '') return ''
    throw unprintable(value, template, index, 'only attrs({ … }) can stand in a tag')
  }
  let html = ''
  for (const [key, entry] of Object.entries(value.entries)) html += printAttribute(key, entry, template, index)
  return html
}

function printAttribute(name: string, value: unknown, template: Template, index: number): string {
  if (value === true) return ` ${name}`
  if (value === false || value === null || value === undefined) return ''
  return ` ${name}="${printText(attributeValue(name, value), template, index)}"`
}

/** What of lists and objects two attributes print. */
function attributeValue(name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Raw) return value
  if (name === 'class') return isRenderable(value) ? value : (classText(value) ?? value)
  if (name === 'style') return isRenderable(value) ? value : (styleText(value) ?? value)
  return value
}

function printText(value: unknown, template: Template, index: number): string {
  switch (typeof value) {
    case 'string':
      return escapeHtml(value)
    case 'number':
    case 'bigint':
      return String(value)
    case 'undefined':
      return ''
    case 'boolean':
      return value ? 'true' : ''
    case 'object':
      if (value === null) return ''
      if (value instanceof Raw) return value.html
      if (isRenderable(value)) return escapeHtml(value[renderable]())
  }
  throw unprintable(value, template, index)
}

function unprintable(value: unknown, template: Template, index: number, hint = hintFor(value)): LiveError {
  return templateError(
    'ERR_TEMPLATE_VALUE',
    template.strings,
    `html: ${describe(value)} cannot be rendered${hint === '' ? '' : `: ${hint}`}, at ${placeOf(template.strings, index)}`,
  )
}

function hintFor(value: unknown): string {
  if (typeof value === 'function') return 'call it'
  if (typeof value !== 'object' || value === null) return ''
  if ('then' in value) return 'await it before the render'
  if (value instanceof Date) return 'say how: toLocaleDateString(…), toISOString()'
  if (value instanceof Rendered) return 'a template cannot stand in an attribute'
  if (value instanceof Attrs) return 'attrs({ … }) can only stand in a tag'
  return Symbol.iterator in value ? 'join a list to a string here' : 'render one of its fields, or a string made of it'
}
