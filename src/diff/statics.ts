import type { Template } from '../template/parse.ts'

/** The statics of one message: each template that the page needs is sent once and referred to by its number. */
export class StaticsTable {
  /** Made with the first template: most diffs have none. */
  #numbers: Map<Template, number> | undefined

  numberOf(template: Template): number {
    this.#numbers ??= new Map()
    let number = this.#numbers.get(template)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(template, number)
    }
    return number
  }

  toWire(): Record<number, readonly string[]> | undefined {
    if (this.#numbers === undefined) return undefined
    const wire: Record<number, readonly string[]> = {}
    for (const [template, number] of this.#numbers) wire[number] = template.statics
    return wire
  }
}
