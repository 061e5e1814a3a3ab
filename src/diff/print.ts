/**
 * What the page was last sent, slot by slot. A view keeps one print, and each of its components another; each diff is said against
 * it and updates it. A print that a failed render left half updated is thrown away with its view.
 */
import type { Key } from '../template/list.ts'
import type { Template } from '../template/parse.ts'
import type { Unchanged } from '../template/values.ts'

/** Text, the number of a component, or what is nested; `unchanged` for what the page shows and the server has forgotten. */
export type PrintSlot = string | number | Unchanged | StructPrint | ListPrint | StreamPrint

export class StructPrint {
  readonly template: Template
  readonly slots: PrintSlot[]

  constructor(template: Template, slots: PrintSlot[]) {
    this.template = template
    this.slots = slots
  }
}

/** One row of a list: the slots of its template, or a single slot when rows are of several templates. */
export type RowPrint = PrintSlot[]

export class ListPrint {
  /** The template of every row; `undefined` when each row is sent with a template of its own. */
  readonly template: Template | undefined
  rows: RowPrint[]
  /** Who the rows are; `undefined` for a list without keys. */
  keys: readonly Key[] | undefined
  /** The items and dependencies that the rows were rendered from; kept only for a list that gave dependencies. */
  items: unknown[] | undefined
  deps: readonly unknown[] | undefined

  constructor(template: Template | undefined) {
    this.template = template
    this.rows = []
    this.keys = undefined
    this.items = undefined
    this.deps = undefined
  }
}

/** A stream keeps no rows, only what the page knows of their statics. */
export class StreamPrint {
  readonly ref: string
  /** The template of its rows; `undefined` for rows of several templates, or while it never had one. */
  template: Template | undefined

  constructor(ref: string, template: Template | undefined) {
    this.ref = ref
    this.template = template
  }
}
