/**
 * Looks at the values of a render that stand where escaping is not enough ({@link Guard}), before they are printed. A text of a user
 * that is refused leaves its attribute empty and is told of; the page is shown all the same.
 */
import { describeClaim, LiveError } from '../errors.ts'
import { areSafeAddresses, isSafeAddress, isSettled } from '../protocol/addresses.ts'
import { holdsCommands, isCommands } from '../protocol/js-commands.ts'
import { isRenderable, renderable } from '../protocol/renderable.ts'
import { decode, type Guard, type GuardKind, guardKindOf } from './guard.ts'
import { placeOf, type Template } from './parse.ts'
import type { Rendered } from './rendered.ts'
import { templateError } from './site.ts'
import { Attrs, Raw, unchanged } from './values.ts'

/** A value that was left out of the page. */
export interface Refusal {
  readonly template: Template
  /** Which slot of it. */
  readonly index: number
  readonly name: string
  /** What the attribute would have held. */
  readonly text: string
  readonly kind: GuardKind
}

/** Is told of each value that is left out: also of the same one in each row, and in each render. */
export type Refuse = (refusal: Refusal) => void

/** What to report of a refusal. */
export function refusalError({ template, index, name, text, kind }: Refusal): LiveError {
  const why =
    kind === 'commands'
      ? `is a list of JS commands that js did not make: give ${name} the list itself, not its text`
      : `has a scheme other than http, https, mailto, tel and blob${kind === 'picture' ? ', and is no picture' : ''}`
  return templateError(
    'ERR_TEMPLATE_VALUE',
    template.strings,
    `html: ${name} was printed empty, since ${describeClaim(text)} ${why}; what is yours may be given by raw(…), ` +
      `at ${placeOf(template.strings, index)}`,
  )
}

/**
 * The values of a render as they may be printed.
 *
 * @throws {LiveError} `ERR_TEMPLATE_VALUE` for a text in `srcdoc`: it is HTML there, whatever it says.
 */
export function safeValues({ template, values }: Rendered, refuse: Refuse | undefined): readonly unknown[] {
  const { guards } = template
  if (guards.length === 0) return values
  let safe: unknown[] | undefined
  for (const guard of guards) {
    const { first, kind } = guard
    if (kind === 'spread') {
      const spread = values[first]
      const kept = spread instanceof Attrs && spread.guarded ? safeAttrs(spread, guard, template, refuse) : spread
      if (kept !== spread) (safe ??= [...values])[first] = kept
      continue
    }
    if (guard.pieces[0] === '' && isPlain(kind, values[first])) continue
    const text = refusedText(guard, values, template)
    if (text === undefined) continue
    refuse?.({ template, index: first, name: guard.name, text, kind })
    safe ??= [...values]
    safe.fill('', first, first + guard.pieces.length - 1)
    if (guard.pieces.every((piece) => piece === '')) safe[first] = leftOut(kind)
  }
  return safe ?? values
}

/** Most values: whatever stands behind them, no scheme and no list of commands comes of it. One look, since rows are many. */
function isPlain(kind: GuardKind, value: unknown): boolean {
  if (kind === 'document' || kind === 'addresses') return false
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'string' || value === '') return false
  const first = value.charCodeAt(0)
  if (kind === 'commands') return first !== bracket
  return first === slash || first === question || first === hash || value.startsWith('https:')
}

const bracket = 0x5b
const slash = 0x2f
const question = 0x3f
const hash = 0x23

/** For an event without a name the client would ask the server, with each click beside the element. An empty list does nothing. */
function leftOut(kind: GuardKind): string {
  return kind === 'commands' ? '[]' : ''
}

const alone: readonly string[] = ['', '']

function safeAttrs(spread: Attrs, { first, tag }: Guard, template: Template, refuse: Refuse | undefined): Attrs {
  let safe: Record<string, unknown> | undefined
  for (const [name, value] of Object.entries(spread.entries)) {
    const kind = guardKindOf(name.toLowerCase(), tag)
    if (kind === undefined) continue
    const text = refusedText({ kind, name, tag, first, pieces: alone }, [value], template, 0)
    if (text === undefined) continue
    refuse?.({ template, index: first, name, text, kind })
    safe ??= { ...spread.entries }
    safe[name] = leftOut(kind)
  }
  return safe === undefined ? spread : new Attrs(safe)
}

/** What the attribute would hold, when it may not; `undefined` when all is well. */
function refusedText(
  guard: Guard,
  values: readonly unknown[],
  template: Template,
  first = guard.first,
): string | undefined {
  const { kind, pieces } = guard
  if (kind === 'document') {
    assertRaw(guard, values, template, first)
    return undefined
  }
  if (pieces.length === 2) {
    const value = values[first]
    // Most values are these, and stand alone in their attribute.
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null || value instanceof Raw)) {
      if (pieces[0] === '') return undefined
    }
    if (kind === 'commands' && isCommands(value)) return undefined
  }
  return kind === 'commands' ? refusedCommands(guard, values, first) : refusedAddress(guard, values, first)
}

function refusedCommands({ pieces }: Guard, values: readonly unknown[], first: number): string | undefined {
  let text = pieces[0]!
  for (let at = 1; at < pieces.length; at++) {
    const value = values[first + at - 1]
    if (value === unchanged && text === '') return allUnchanged(values, first, pieces) ? undefined : unknownText
    text += textOf(value) + pieces[at]!
    if (text !== '' && !text.startsWith('[')) return undefined
  }
  return holdsCommands(text) ? text : undefined
}

function refusedAddress({ kind, pieces }: Guard, values: readonly unknown[], first: number): string | undefined {
  let text = pieces[0]!
  /** Whether the program has written all of it. */
  let own = true
  for (let at = 1; at < pieces.length; at++) {
    const value = values[first + at - 1]
    if (value === unchanged && (kind === 'addresses' || !isSettled(text))) {
      return allUnchanged(values, first, pieces) ? undefined : unknownText
    }
    const more = textOf(value)
    own &&= more === '' || value instanceof Raw
    text += more + pieces[at]!
    if (own && kind !== 'addresses' && isSettled(text)) return undefined
  }
  const safe = kind === 'addresses' ? areSafeAddresses(text) : isSafeAddress(text, { picture: kind === 'picture' })
  return safe ? undefined : text
}

/** Stands for what the page shows and the server has forgotten: nobody knows what a value beside it would make of it. */
const unknownText = '…'

function allUnchanged(values: readonly unknown[], first: number, pieces: readonly string[]): boolean {
  return values.slice(first, first + pieces.length - 1).every((value) => value === unchanged)
}

/** As the browser will read it. What cannot be printed throws when it is. */
function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
      return String(value)
    case 'boolean':
      return value ? 'true' : ''
    case 'object':
      if (value instanceof Raw) return decode(value.html)
      return value !== null && isRenderable(value) ? value[renderable]() : ''
    default:
      return ''
  }
}

function assertRaw({ name, pieces }: Guard, values: readonly unknown[], template: Template, first: number): void {
  for (let at = 0; at < pieces.length - 1; at++) {
    const value = values[first + at]
    if (value === unchanged || value instanceof Raw) continue
    if (value === '' || value === null || value === undefined || value === false) continue
    throw new LiveError(
      'ERR_TEMPLATE_VALUE',
      `html: ${name} is a document of its own, in which a text would be HTML again: expected raw(…), got ` +
        `${describeClaim(value)}, at ${placeOf(template.strings, Math.min(first + at, template.slots.length - 1))}`,
    )
  }
}
