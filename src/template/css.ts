/** Styles that are written beside the template that they are for, and reach nothing else. */
import { describe } from '../errors.ts'
import { type Renderable, renderable } from '../protocol/renderable.ts'
import { keepBeside, markOf, mostBeside } from './beside.ts'
import { type Template, templateOf } from './parse.ts'
import { Rendered } from './rendered.ts'
import { rememberSite, templateError } from './site.ts'

/** Styles of one element and what is in it. Made by {@link css}. In a template it prints its name: `data-css=${card}`. */
export interface ScopedStyle extends Renderable {
  /** A mark of its text, so that no two are taken for one another. */
  readonly name: string
  /**
   * The styles as an element, for a page that does not load those of the server: one whose layout leaves `page.head` out, or that was
   * open before the module was imported.
   * @param page The `meta` of a render, for the `nonce` that the page's Content-Security-Policy names.
   */
  style(page: { readonly nonce?: string | undefined }): Rendered
  toString(): string
}

/**
 * Makes styles for the element with `data-css=${…}` and what is in it, down to the next element with a `data-css` of its own; `:scope` is
 * the element itself. The page loads them by itself, with the head of its layout: call it once, outside of a render.
 *
 * @throws {LiveError} `ERR_TEMPLATE` for a value in it (set a property instead: `style=${{ '--gap': gap }}`), for brackets, quotes and
 * comments that are not closed, for `</style`, for `@import`, `@charset` and `@namespace`, which must begin a file, and when all styles of the
 * program together have more than 1 MiB.
 * @example
 * import { createLiveComponent, css, html } from 'liveloom'
 *
 * const card = css`
 *   :scope { padding: 1rem }
 *   h2 { color: rebeccapurple }
 * `
 *
 * export const Card = createLiveComponent<{ title: string }>({
 *   render: ({ title }) => html`<article data-css=${card}><h2>${title}</h2></article>`,
 * })
 */
export function css(strings: TemplateStringsArray, ...values: readonly never[]): ScopedStyle {
  rememberSite(strings, css)
  if (values.length > 0) {
    throw templateError(
      'ERR_TEMPLATE',
      strings,
      `css: a value cannot stand in styles, got ${describe(values[0])}; set a property on the element: style=\${{ '--gap': … }}`,
    )
  }
  // As it is written: the backslashes are those of CSS.
  const text = strings.raw[0]!
  const fault = faultIn(text)
  if (fault !== undefined) throw templateError('ERR_TEMPLATE', strings, `css: ${fault}`)
  const style = new Scoped(text)
  if (!keepBeside('css', style.name, style.text)) {
    throw templateError('ERR_TEMPLATE', strings, `css: all styles together have more than ${mostBeside} characters`)
  }
  return style
}

/** What would leave the scope, or the element that holds it. */
function faultIn(text: string): string | undefined {
  const end = /<\/style|<!--/i.exec(text)
  if (end !== null) return `'${end[0]}' ends or hides styles in HTML`
  const closers: string[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    // The bracket that closes the scope would be taken for part of a name.
    if (char === '\\' && ++at === text.length) return 'a backslash stands last'
    else if (char === '\\') continue
    else if (char === '/' && text[at + 1] === '*') {
      at = text.indexOf('*/', at + 2) + 1
      if (at === 0) return 'a comment is not closed'
    } else if (char === '"' || char === "'") {
      const string = (char === '"' ? /^"(?:[^"\\\n\r\f]|\\[\s\S])*"/ : /^'(?:[^'\\\n\r\f]|\\[\s\S])*'/).exec(
        text.slice(at),
      )
      if (string === null) return `a quote is not closed: ${describe(text.slice(at, at + 40))}`
      at += string[0].length - 1
    } else if (char === '(' && /url$/i.test(text.slice(Math.max(0, at - 3), at))) {
      // Without quotes, slashes and stars in it are no comment.
      const address = /^\(\s*(?:[^\s"'()\\]*\s*\)|(?=["']))/.exec(text.slice(at))
      if (address === null) return 'an address in url(…) is not closed, or needs quotes'
      if (address[0].endsWith(')')) at += address[0].length - 1
      else closers.push(')')
    } else if (char === '{' || char === '(' || char === '[') closers.push(pairs[char])
    else if (char === '}' || char === ')' || char === ']') {
      if (closers.pop() !== char) return `a '${char}' closes nothing`
    } else if (char === '@') {
      const rule = /^@(?:import|charset|namespace)(?![\w-])/i.exec(text.slice(at, at + 12))
      if (rule !== null) return `${rule[0]} must begin a file; give the layout a stylesheet of its own`
    }
  }
  return closers.length === 0 ? undefined : `a '${closers.at(-1)}' is missing`
}

const pairs = { '{': '}', '(': ')', '[': ']' } as const

class Scoped implements ScopedStyle {
  readonly name: string
  readonly text: string
  #template: Template | undefined

  constructor(text: string) {
    this.name = markOf(text)
    this.text = `@scope ([data-css="${this.name}"]) to (:scope [data-css]) {${text}}`
  }

  style({ nonce }: { readonly nonce?: string | undefined }): Rendered {
    if (this.#template === undefined) {
      const strings = ['<style nonce=', `>${this.text}</style>`]
      this.#template = templateOf(Object.assign(strings, { raw: strings }))
    }
    return new Rendered(this.#template, [nonce === '' ? undefined : nonce])
  }

  [renderable](): string {
    return this.name
  }

  toString(): string {
    return this.name
  }
}
