import { Embedded } from './embedded.ts'
import { EachStream, keysOf, streamRows, toList } from './list.ts'
import { describe, LiveError } from '../errors.ts'
import { placeOf, type Template } from './parse.ts'
import { Rendered } from './rendered.ts'
import { type Refuse, refusalError, safeValues } from './safe-values.ts'
import { templateError } from './site.ts'
import { printValue } from './values.ts'

/** Prints what stands for a live component or a nested view. */
export type PrintEmbedded = (value: Embedded) => string

/**
 * The HTML of a render, as the first page load sends it. Without `embed` it may hold nothing that lives; `refuse` is told of values
 * that are left out.
 */
export function renderHtml(rendered: Rendered, embed?: PrintEmbedded, refuse?: Refuse): string {
  const { template } = rendered
  const values = safeValues(rendered, refuse)
  let html = template.statics[0]!
  for (let index = 0; index < values.length; index++) {
    html += slotHtml(template, index, values[index], embed, refuse) + template.statics[index + 1]!
  }
  return html
}

/** How {@link renderToString} tells what it left out. */
export interface RenderToStringOptions {
  /** Called with each value that is left out since the browser would run it: a link with `javascript:`, say. @default not told */
  readonly onError?: ((error: Error) => void) | undefined
}

/**
 * The HTML of a template outside of a view: for an e-mail, a feed, a test. Values are escaped and looked at as in a page.
 *
 * @throws {LiveError} `ERR_TEMPLATE_VALUE` for what is no template, and for one that holds what lives only in a view: a live component,
 * a nested view, a portal.
 * @example
 * import { html, renderToString } from 'liveloom'
 *
 * export const mail = (name: string) => renderToString(html`<p>Hello ${name}, your album is there.</p>`)
 */
export function renderToString(rendered: Rendered, { onError }: RenderToStringOptions = {}): string {
  if (!(rendered instanceof Rendered)) {
    throw new LiveError('ERR_TEMPLATE_VALUE', `renderToString: expected html\`…\`, got ${describe(rendered)}`)
  }
  return renderHtml(
    rendered,
    undefined,
    onError === undefined ? undefined : (refusal) => onError(refusalError(refusal)),
  )
}

function slotHtml(
  template: Template,
  index: number,
  value: unknown,
  embed: PrintEmbedded | undefined,
  refuse: Refuse | undefined,
): string {
  if (typeof value !== 'object' || value === null || template.slots[index]!.kind !== 'text')
    return printValue(template, index, value)
  if (value instanceof Rendered) return renderHtml(value, embed, refuse)
  if (value instanceof Embedded) return embeddedHtml(template, index, value, embed)
  const rowHtml = (row: unknown): string => slotHtml(template, index, row, embed, refuse)
  if (value instanceof EachStream) return streamRows(value, template, index).map(rowHtml).join('')
  const list = toList(value)
  if (list === undefined) return printValue(template, index, value)
  // Nobody needs them here, but a key that occurs twice is told at once.
  keysOf(list, template, index)
  let html = ''
  for (const item of list.items) html += rowHtml(list.render(item))
  return html
}

function embeddedHtml(template: Template, index: number, value: Embedded, embed: PrintEmbedded | undefined): string {
  if (embed !== undefined) return embed(value)
  const place = placeOf(template.strings, index)
  const message = `html: ${value.label} can only stand in the render of a view, at ${place}`
  throw templateError('ERR_TEMPLATE_VALUE', template.strings, message)
}
