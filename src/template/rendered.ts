import type { Template } from './parse.ts'

/** What ``html`…` `` makes: a template and this render's values. Nothing is evaluated or escaped yet. */
export class Rendered {
  readonly template: Template
  readonly values: readonly unknown[]

  constructor(template: Template, values: readonly unknown[]) {
    this.template = template
    this.values = values
  }
}
