/** Reads the tags of a printed page: enough to look for mistakes in one, in development. */

export interface Tag {
  readonly name: string
  /** A repeated attribute counts once, as in the browser. */
  readonly attributes: ReadonlyMap<string, string>
}

export interface Token {
  readonly closing: boolean
  readonly tag: Tag
  /** `<br />`. */
  readonly selfClosing: boolean
}

const markup = /<!--[\s\S]*?-->|<(\/?)([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/gi
const attribute = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?/g
/** Their content is text, whatever it looks like. */
const textTags: ReadonlySet<string> = new Set('script style textarea title'.split(' '))
export const voidTags: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
)

/** The opening tags of a page, in order. */
export function* openTags(html: string): Generator<Tag> {
  for (const token of tokens(html)) if (!token.closing) yield token.tag
}

/** The elements that are still open at the end of `html`, the outermost first. */
export function openElements(html: string): readonly Tag[] {
  const open: Tag[] = []
  for (const { closing, tag } of tokens(html)) {
    if (!closing) {
      if (!voidTags.has(tag.name)) open.push(tag)
      continue
    }
    const at = open.findLastIndex(({ name }) => name === tag.name)
    if (at >= 0) open.length = at
  }
  return open
}

/** The tags of `html`, in order. What stands in an element of text is none. */
export function* tokens(html: string): Generator<Token> {
  const scan = new RegExp(markup)
  for (let match = scan.exec(html); match !== null; match = scan.exec(html)) {
    const [, slash, tagName, rest = ''] = match
    if (tagName === undefined) continue
    const name = tagName.toLowerCase()
    const closing = slash === '/'
    yield {
      closing,
      selfClosing: rest.endsWith('/'),
      tag: { name, attributes: closing ? new Map() : attributesIn(rest) },
    }
    if (closing || !textTags.has(name)) continue
    const end = html.toLowerCase().indexOf(`</${name}`, scan.lastIndex)
    if (end < 0) return
    scan.lastIndex = end
  }
}

function attributesIn(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name, double, single, bare] of text.matchAll(attribute)) {
    const key = name!.toLowerCase()
    if (!attributes.has(key)) attributes.set(key, double ?? single ?? bare ?? '')
  }
  return attributes
}

/** A tag as a developer would find it. */
export function printTag({ name, attributes }: Tag): string {
  const shown = [...attributes].map(([key, value]) => (value === '' ? ` ${key}` : ` ${key}="${value}"`)).join('')
  const text = `<${name}${shown}>`
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
