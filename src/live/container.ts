/** The element around a view: what it is, and the attributes that are not the client's. */
import { describe, type LiveError } from '../errors.ts'
import { isRenderable, type Renderable, renderable } from '../protocol/renderable.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { attrs } from '../template/values.ts'

/** The element around a view. */
export interface ContainerOptions {
  /** Its name. @default 'div' */
  readonly tag?: string | undefined
  /** `class`, `role`, `aria-label`, … Not the `id`, and nothing of the client's own (`data-phx-…`). */
  readonly [attribute: string]: unknown
}

/** The same, checked. */
export interface Container {
  readonly tag: string | undefined
  /**
   * Unescaped; those that are not set are not there. What prints itself is kept as it is: of a list of commands its text would not tell
   * whose it is.
   */
  readonly attributes: Readonly<Record<string, string | Renderable>>
}

export const plainContainer: Container = { tag: undefined, attributes: {} }

const defaultTag = 'div'

/** Elements that cannot hold what a view renders. */
const holdNothing: ReadonlySet<string> = new Set(
  (
    'area base br col embed hr img input link meta param source track wbr ' +
    'html head body title script style template textarea select option iframe noscript object svg math'
  ).split(' '),
)

/** `fail` says whose option it was. */
export function resolveContainer(
  options: ContainerOptions | undefined,
  fail: (message: string) => LiveError,
): Container {
  if (options === undefined) return plainContainer
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw fail(`container must be an object like { tag: 'main', class: 'wide' }, got ${describe(options)}`)
  }
  const { tag, ...given } = options
  if (tag !== undefined && (typeof tag !== 'string' || !/^[a-z][a-z\d-]*$/.test(tag) || holdNothing.has(tag))) {
    throw fail(
      `container.tag must be the name of an element that may hold others, in small letters, got ${describe(tag)}`,
    )
  }
  const attributes: Record<string, string | Renderable> = {}
  for (const [name, value] of entriesOf(given, fail)) {
    if (/^(?:id|data-phx-.*)$/i.test(name)) throw fail(`container.${name} belongs to the page, and cannot be set`)
    const kept = toKeep(value)
    if (kept === null) throw fail(`container.${name} must be a text, a number or a boolean, got ${describe(value)}`)
    if (kept !== undefined) attributes[name] = kept
  }
  return { tag, attributes }
}

/** Those that a template would print. */
function entriesOf(
  given: Readonly<Record<string, unknown>>,
  fail: (message: string) => LiveError,
): [string, unknown][] {
  try {
    return Object.entries(attrs(given).entries)
  } catch (error) {
    throw fail(`container: ${(error as LiveError).message}`)
  }
}

/** What an attribute holds; `undefined` when it is not set, `null` for what cannot stand in one. */
function toKeep(value: unknown): string | Renderable | undefined | null {
  if (value === undefined || value === null || value === false) return undefined
  if (value === true) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return typeof value === 'object' && isRenderable(value) ? value : null
}

/** The attributes as texts, for the client that sets them itself. */
export function attributeTexts({ attributes }: Container): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'string' ? value : value[renderable]()]),
  )
}

/** `outer`, with what `inner` says in place of it. */
export function mergeContainers(outer: Container, inner: Container): Container {
  return { tag: inner.tag ?? outer.tag, attributes: { ...outer.attributes, ...inner.attributes } }
}

export function tagOf({ tag }: Container): string {
  return tag ?? defaultTag
}

/** `identity`: what the client knows the view by. */
export function renderContainer(
  container: Container,
  identity: Readonly<Record<string, string | true | undefined>>,
  content: unknown,
): Rendered {
  const tag = tagOf(container)
  return htmlOf([`<${tag} `, '>', `</${tag}>`], attrs({ ...identity, ...container.attributes }), content)
}

const templates = new Map<string, TemplateStringsArray>()

/** A template with a tag that only a render knows. The same strings are the same template. */
export function htmlOf(strings: readonly string[], ...values: readonly unknown[]): Rendered {
  const key = strings.join('\0')
  let template = templates.get(key)
  if (template === undefined) {
    template = Object.assign([...strings], { raw: strings })
    templates.set(key, template)
  }
  return html(template, ...values)
}
