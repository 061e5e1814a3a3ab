import { keysOf, toList } from './list.ts'
import type { Template } from './parse.ts'
import { Rendered } from './rendered.ts'
import { printValue } from './values.ts'

/** The HTML of a render, as the first page load sends it. */
export function renderHtml(rendered: Rendered): string {
  const { template, values } = rendered
  let html = template.statics[0]!
  for (let index = 0; index < values.length; index++) {
    html += slotHtml(template, index, values[index]) + template.statics[index + 1]!
  }
  return html
}

function slotHtml(template: Template, index: number, value: unknown): string {
  if (typeof value === 'object' && value !== null && template.slots[index]!.kind === 'text') {
    if (value instanceof Rendered) return renderHtml(value)
    const list = toList(value)
    if (list !== undefined) {
      // Nobody needs them here, but a key that occurs twice is told at once.
      keysOf(list, template, index)
      let html = ''
      for (const item of list.items) html += slotHtml(template, index, list.render(item))
      return html
    }
  }
  return printValue(template, index, value)
}
