/**
 * Attributes in which escaping is not enough: the browser follows what they hold as an address, the client runs it as commands, or
 * it is a document again. Which of a template's values stand in such a place is found out once, when the template is parsed;
 * `safe-values.ts` looks at those before each print.
 */
import { addressKindOf, animatedAttributes, isScriptAddress, isSettled } from '../protocol/addresses.ts'

/**
 * - `address`: a browser follows or loads it; `picture` is one that may hold a picture itself, `addresses` a list with semicolons.
 * - `commands`: the client runs it when it is a list of JS commands.
 * - `document`: HTML again.
 * - `spread`: any of these, by the names that it brings.
 */
export type GuardKind = 'address' | 'picture' | 'addresses' | 'commands' | 'document' | 'spread'

/** A place of a template that is looked at before each print: one attribute, or one spread. */
export interface Guard {
  readonly kind: GuardKind
  /** The attribute's name; empty for a spread. */
  readonly name: string
  readonly tag: string
  /** The slot that it begins with; the attribute's others follow. */
  readonly first: number
  /** The text between its slots, as a browser reads it; one more than slots. */
  readonly pieces: readonly string[]
}

/** They may give an address to the `href` of a link around them. */
const animations: ReadonlySet<string> = new Set(['animate', 'set'])
/** What the client never runs, though it reads it. */
const notRun = /^phx-(?:value-|target$|viewport-overrun-target$|disable-with$)/

/** What is looked for in an attribute; `name` in small letters, `tag` may be any when it is not known. */
export function guardKindOf(name: string, tag: string | undefined): GuardKind | undefined {
  if (name.startsWith('data-')) return 'commands'
  if (name.startsWith('phx-')) return notRun.test(name) ? undefined : 'commands'
  if (name === 'srcdoc') return 'document'
  if (animatedAttributes.has(name) && (tag === undefined || animations.has(tag))) return 'addresses'
  // Of other elements it is no attribute of HTML: a custom element may take anything by that name.
  if (name === 'data' && tag !== undefined && tag !== 'object') return undefined
  return addressKindOf(name)
}

/** A guard that is needed; why the template is wrong, as a text; or `undefined` where the template's own text leaves no choice. */
export function toGuard(guard: Guard): Guard | string | undefined {
  const { kind, name } = guard
  const pieces = guard.pieces.map(decode)
  const [start] = pieces as [string]
  if (kind === 'address' || kind === 'picture') {
    if (isScriptAddress(start) || isScriptAddress(pieces.join(''))) {
      return `a value cannot stand in the script of ${name}, where no escaping is safe`
    }
    if (isSettled(start)) return undefined
  }
  if (kind === 'commands' && start !== '') {
    if (!start.startsWith('[')) return undefined
    if (name.startsWith('phx-'))
      return `a value cannot stand in the text of commands; build the list of ${name} with js`
  }
  return { ...guard, pieces }
}

/** What may stand in an address or a list of commands, and be written as an entity. */
const entities: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  colon: ':',
  comma: ',',
  gt: '>',
  lbrack: '[',
  lsqb: '[',
  lt: '<',
  NewLine: '\n',
  num: '#',
  period: '.',
  plus: '+',
  quest: '?',
  quot: '"',
  rbrack: ']',
  rsqb: ']',
  semi: ';',
  sol: '/',
  Tab: '\t',
}

/** The text of an attribute as the browser reads it. */
export function decode(html: string): string {
  if (!html.includes('&')) return html
  return html.replaceAll(/&(?:#(?:x([\da-f]{1,6})|(\d{1,7}));?|([a-z]+);)/gi, (entity, hex, decimal, name) => {
    if (name !== undefined) return entities[name as string] ?? entity
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity
  })
}
