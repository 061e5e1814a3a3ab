/** Mistakes in the markup of a template: where the browser would make another tree of it than was written. In development alone. */
import { suggestion } from './suggestion.ts'
import { printTag, type Tag, type Token, tokens, voidTags } from './html-tags.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Their end may be left out: https://html.spec.whatwg.org/multipage/syntax.html#optional-tags */
const mayStayOpen = words('html head body li dt dd p rt rp optgroup option colgroup caption thead tbody tfoot tr td th')
/** What ends a `<p>` that is open. */
const endsParagraph = words(
  'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 ' +
    'header hgroup hr listing main menu nav ol p pre search section summary table ul xmp',
)
/** What a `<p>` outside of them knows nothing of. */
const scopes = words('button applet caption html marquee object table td th template svg math select')
const foreign = words('svg math')
const alone = words('form a button')

const rows = 'tr script style template'
const cells = 'td th script style template'
/** What may stand in a part of a table; the browser moves everything else out of it. */
const tableContent: Readonly<Record<string, ReadonlySet<string>>> = {
  table: words(`caption colgroup col thead tbody tfoot form input ${rows}`),
  thead: words(rows),
  tbody: words(rows),
  tfoot: words(rows),
  tr: words(cells),
}
/** What a part of a table must stand in; elsewhere the browser drops its tags. */
const tableParents: Readonly<Record<string, ReadonlySet<string>>> = {
  caption: words('table'),
  colgroup: words('table'),
  thead: words('table'),
  tbody: words('table'),
  tfoot: words('table'),
  tr: words('table thead tbody tfoot'),
  td: words('table thead tbody tfoot tr'),
  th: words('table thead tbody tfoot tr'),
}
/** A new one of these ends the one before it. */
const endsOfItsKind: Readonly<Record<string, ReadonlySet<string>>> = {
  li: words('li'),
  dt: words('dt dd'),
  dd: words('dt dd'),
  option: words('option'),
  optgroup: words('option optgroup'),
  rt: words('rt rp'),
  rp: words('rt rp'),
  tr: words('td th tr'),
  td: words('td th'),
  th: words('td th'),
  tbody: words('td th tr thead tbody'),
  tfoot: words('td th tr thead tbody'),
}

const fields = words('input select textarea button output fieldset object')

/** What is wrong with a template, or with a whole page, in words. */
export function* markupMistakes(html: string): Generator<string> {
  const open: Tag[] = []
  /** Paragraphs that the browser has ended, and by what. */
  const ended: Tag[] = []
  for (const token of tokens(html)) {
    if (token.closing) yield* close(token.tag.name, open, ended)
    else yield* start(token, open, ended)
  }
  for (const tag of open) if (!mayStayOpen.has(tag.name)) yield unclosed(tag)
}

function* start({ tag, selfClosing }: Token, open: Tag[], ended: Tag[]): Generator<string> {
  const { name } = tag
  yield* attributeMistakes(tag)
  if (open.some((outer) => foreign.has(outer.name))) {
    if (!selfClosing) open.push(tag)
    return
  }
  const kind = endsOfItsKind[name]
  if (kind !== undefined) while (kind.has(open.at(-1)?.name ?? '')) open.pop()
  const paragraph = endsParagraph.has(name) ? openParagraph(open) : -1
  if (paragraph >= 0) {
    // Two paragraphs in a row are good HTML; what of the first is closed later is told then.
    ended.push(tag)
    open.length = paragraph
  }
  yield* placeMistakes(tag, open)
  if (voidTags.has(name)) return
  if (selfClosing && !foreign.has(name)) {
    yield `<${name} /> does not close itself in HTML: write <${name}></${name}>`
    return
  }
  if (!selfClosing) open.push(tag)
}

function* placeMistakes(tag: Tag, open: readonly Tag[]): Generator<string> {
  const { name } = tag
  if (alone.has(name) && open.some((outer) => outer.name === name)) {
    yield `a <${name}> cannot stand in a <${name}>: the browser ${name === 'form' ? 'drops the inner one' : 'ends the outer one before it'}; got ${printTag(tag)}`
  }
  const parent = open.at(-1)
  // A template may be a part of anything.
  if (parent === undefined || parent.name === 'template') return
  if (tableContent[parent.name]?.has(name) === false && tableParents[name]?.has(parent.name) !== true) {
    yield `a <${name}> cannot stand in a <${parent.name}>: the browser moves it out of the table; got ${printTag(tag)}`
  } else if (tableParents[name]?.has(parent.name) === false) {
    yield `a <${name}> cannot stand in a <${parent.name}>: outside of a table the browser drops it`
  }
}

function openParagraph(open: readonly Tag[]): number {
  const at = open.findLastIndex(({ name }) => name === 'p' || scopes.has(name))
  return at >= 0 && open[at]!.name === 'p' ? at : -1
}

function* close(name: string, open: Tag[], ended: Tag[]): Generator<string> {
  const at = open.findLastIndex((tag) => tag.name === name)
  if (at >= 0) {
    for (const tag of open.slice(at + 1)) if (!mayStayOpen.has(tag.name)) yield unclosed(tag)
    open.length = at
    return
  }
  const by = name === 'p' ? ended.pop() : undefined
  yield by === undefined
    ? `</${name}> closes nothing that this template has opened`
    : `a <${by.name}> cannot stand in a <p>: the browser ends the <p> before it, and makes an empty one of </p>; got ${printTag(by)}`
}

function unclosed(tag: Tag): string {
  return `${printTag(tag)} is not closed: each template has to close what it opens`
}

function* attributeMistakes(tag: Tag): Generator<string> {
  if (fields.has(tag.name) && tag.attributes.get('name') === 'id') {
    yield `a field cannot be called 'id': the form's own id would be the field, and the client doubles the form; got ${printTag(tag)}`
  }
  for (const name of tag.attributes.keys()) {
    if (!name.startsWith('phx-') || bindings.has(name) || name.startsWith('phx-value-')) continue
    const near = suggestion(name, bindings)
    yield `the client knows no ${name}${near === undefined ? '' : `; ${near} is near`}: got ${printTag(tag)}`
  }
}

/** The attributes that the official client reads, and `phx-confirm` of ours. */
const bindings = words(
  'phx-auto-recover phx-blur phx-change phx-click phx-click-away phx-confirm phx-connected phx-debounce phx-disable-with ' +
    'phx-disconnected phx-drop-target phx-focus phx-hook phx-key phx-keydown phx-keyup phx-mounted phx-no-unused-field ' +
    'phx-patch-focused phx-progress phx-remove phx-submit phx-target phx-throttle phx-track-static phx-trigger-action phx-update ' +
    'phx-viewport-bottom phx-viewport-overrun-target phx-viewport-top phx-window-blur phx-window-focus phx-window-keydown ' +
    'phx-window-keyup',
)
