import { Embedded } from './embedded.ts'
import { EachStream, keysOf, streamRows, toList } from './list.ts'
import { LiveError } from '../errors.ts'
import { placeOf, type Template } from './parse.ts'
import { Rendered } from './rendered.ts'
import { type Refuse, safeValues } from './safe-values.ts'
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
  throw new LiveError('ERR_TEMPLATE_VALUE', `html: ${value.label} can only stand in the render of a view, at ${place}`)
}
