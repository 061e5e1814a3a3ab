/** What a view says for the head of its document, and for its body: `socket.head`. */
import { describe, LiveError } from '../errors.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { attrs } from '../template/values.ts'

/** What `socket.head` takes. A part that is given takes the place of what was said of it before. */
export interface HeadOptions {
  /** As `pageTitle` sets it. Follows while the page lives. */
  readonly title?: string | undefined
  /** What search engines show. Follows while the page lives; `''` is none. @default `page.description` of the live session */
  readonly description?: string | undefined
  /** Classes of the body, for a layout that prints `page.bodyClass`. With the load. @default `page.bodyClass` of the live session */
  readonly bodyClass?: string | undefined
  /** `<meta>` elements: `{ property: 'og:image', content: '/cover.png' }`. With the load. @default [] */
  readonly meta?: readonly HeadMeta[] | undefined
  /** `<link>` elements: stylesheets, a canonical address, what is to be preloaded. With the load. @default [] */
  readonly links?: readonly HeadLink[] | undefined
  /** `<script>` elements, deferred unless they say otherwise: a path alone, or its attributes. With the load. @default [] */
  readonly scripts?: readonly (string | HeadScript)[] | undefined
}

/** The attributes of a `<meta>`. */
export interface HeadMeta {
  readonly content: string
  readonly [attribute: string]: unknown
}

/** The attributes of a `<link>`. */
export interface HeadLink {
  readonly rel: string
  readonly href: string
  readonly [attribute: string]: unknown
}

/** The attributes of a `<script>`; the page's nonce is among them by itself. */
export interface HeadScript {
  readonly src: string
  readonly [attribute: string]: unknown
}

const known: ReadonlySet<string> = new Set([
  'title',
  'description',
  'bodyClass',
  'meta',
  'links',
  'scripts',
] satisfies (keyof HeadOptions)[])

/** Without what is undefined. @throws {LiveError} `ERR_VIEW`, or what `wrong` makes of the message. */
export function checkHead(
  options: HeadOptions,
  wrong: (message: string) => LiveError = (message) => new LiveError('ERR_VIEW', `head: ${message}`),
): HeadOptions {
  if (typeof options !== 'object' || options === null) throw wrong(`expected an object, got ${describe(options)}`)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (!known.has(name)) throw wrong(`unknown option '${name}'; known are ${[...known].join(', ')}`)
    if (name === 'meta') checkTags(name, value, ['content'], wrong)
    else if (name === 'links') checkTags(name, value, ['rel', 'href'], wrong)
    else if (name === 'scripts') checkTags(name, value, ['src'], wrong)
    else if (typeof value !== 'string') throw wrong(`${name} must be text, got ${describe(value)}`)
  }
  return Object.fromEntries(given)
}

function checkTags(
  name: string,
  tags: unknown,
  needed: readonly string[],
  wrong: (message: string) => LiveError,
): void {
  if (!Array.isArray(tags)) throw wrong(`${name} must be an array, got ${describe(tags)}`)
  for (const [at, tag] of tags.entries()) {
    if (name === 'scripts' && typeof tag === 'string') continue
    const where = `${name}[${at}]`
    if (typeof tag !== 'object' || tag === null || Array.isArray(tag)) {
      throw wrong(`${where} must be an object of attributes, got ${describe(tag)}`)
    }
    const attributes = tag as Readonly<Record<string, unknown>>
    for (const attribute of needed) {
      if (typeof attributes[attribute] === 'string') continue
      throw wrong(`${where}.${attribute} must be text, got ${describe(attributes[attribute])}`)
    }
    checkAttributes(where, attributes, wrong)
  }
}

function checkAttributes(
  where: string,
  attributes: Readonly<Record<string, unknown>>,
  wrong: (message: string) => LiveError,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || /^(?:string|number|bigint|boolean)$/.test(typeof value)) continue
    throw wrong(`${where}.${name} must be a text, a number or a boolean, got ${describe(value)}`)
  }
  try {
    attrs(attributes)
  } catch (error) {
    throw wrong(`${where}: ${(error as LiveError).message}`)
  }
}

const takeNonce = /(?:^|\s)(?:stylesheet|preload|modulepreload)(?:\s|$)/i

/** The tags of a head, `undefined` for none. `fallback`: the description of a page that says none. */
export function headTags(
  { description, meta = [], links = [], scripts = [] }: HeadOptions,
  nonce: string,
  fallback: string | undefined,
): Rendered | undefined {
  const shown = description ?? fallback
  const hasDescription = (shown !== undefined && shown !== '') || fallback !== undefined
  if (!hasDescription && meta.length === 0 && links.length === 0 && scripts.length === 0) return undefined
  return html`${hasDescription && html`<meta name="description" content="${shown}" data-default=${fallback} />`}
  ${meta.map((tag) => html`<meta ${attrs(tag)} />`)}
  ${links.map((tag) => html`<link ${attrs(takeNonce.test(tag.rel) ? { nonce, ...tag } : tag)} />`)}
  ${scripts.map((tag) => html`<script ${attrs({ nonce, defer: true, ...(typeof tag === 'string' ? { src: tag } : tag) })}></script>`)}`
}
