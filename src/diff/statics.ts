import type { Template } from '../template/parse.ts'

/**
 * How a message names the statics of a node. In a view's own tree each template is sent once, in the table of the message, and
 * referred to by its number. A component's tree has no such table: there statics stand in place, but for the rows of a list, which
 * share a table of their own.
 */
export class Statics {
  readonly #inPlace: boolean
  /** Made with the first template: most diffs have none. */
  #numbers: Map<Template, number> | undefined

  private constructor(inPlace: boolean) {
    this.#inPlace = inPlace
  }

  static table(): Statics {
    return new Statics(false)
  }

  static inPlace(): Statics {
    return new Statics(true)
  }

  of(template: Template): number | readonly string[] {
    if (this.#inPlace) return template.statics
    this.#numbers ??= new Map()
    let number = this.#numbers.get(template)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(template, number)
    }
    return number
  }

  /** For the rows of a list that stands here. */
  ofRows(): Statics {
    return this.#inPlace ? new Statics(false) : this
  }

  /** Puts the table, if any, into what it is the table of. */
  writeTo<Node extends { p?: Record<number, readonly string[]> }>(node: Node): Node {
    if (this.#numbers === undefined) return node
    const table: Record<number, readonly string[]> = {}
    for (const [template, number] of this.#numbers) table[number] = template.statics
    node.p = table
    return node
  }
}
