import { LiveError } from '../errors.ts'
import type { WireDynamic, WireEntry, WireKeyed, WireMessage, WireStruct } from '../protocol/keys.ts'
import { keysOf, type List, toList } from '../template/list.ts'
import type { Template } from '../template/parse.ts'
import { Rendered } from '../template/rendered.ts'
import { printValue } from '../template/values.ts'
import { changedInPlace, commonTemplate, isOf, type ListPlan, planList, rememberList, sameRow } from './plan.ts'
import { ListPrint, type PrintSlot, type RowPrint, StructPrint } from './print.ts'
import { StaticsTable } from './statics.ts'

/** The statics of a list whose rows are of several templates: each row is one slot. */
const wrapper: Template = {
  strings: ['', ''],
  statics: ['', ''],
  slots: [{ kind: 'text', name: '' }],
  root: false,
}

const largestIndex = 2 ** 32 - 2

/** Where a slot's value stands in its template, for what it may be and for error messages. */
interface Place {
  readonly template: Template
  readonly index: number
}

/** The whole tree of a first render, and the print to say later diffs against. */
export function renderTree(rendered: Rendered): { readonly print: StructPrint; readonly tree: WireMessage } {
  const statics = new StaticsTable()
  const [print, tree] = fullStruct(rendered, statics)
  return { print, tree: withTemplates(rootOf(tree), statics) }
}

/**
 * What changed since `print`, or `undefined` when nothing did. Updates `print`; when the root template itself is another one,
 * the new print comes back and the diff is the whole tree.
 */
export function diffTree(
  print: StructPrint,
  rendered: Rendered,
): { readonly print: StructPrint; readonly diff: WireMessage | undefined } {
  if (print.template !== rendered.template) {
    const full = renderTree(rendered)
    return { print: full.print, diff: full.tree }
  }
  const statics = new StaticsTable()
  const diff = diffSlots(print.slots, rendered, statics)
  return { print, diff: diff === undefined ? undefined : withTemplates(diff, statics) }
}

/** Every slot of a struct that the page does not have yet. */
function fullStruct(rendered: Rendered, statics: StaticsTable): [StructPrint, WireStruct] {
  const [slots, wire] = fullSlots(rendered, statics)
  wire.s = statics.numberOf(rendered.template)
  if (rendered.template.root) wire.r = 1
  return [new StructPrint(rendered.template, slots), wire]
}

/** Every slot, without naming the template: what a row of a list is. */
function fullSlots(rendered: Rendered, statics: StaticsTable): [PrintSlot[], WireStruct] {
  const { template, values } = rendered
  const slots: PrintSlot[] = []
  const wire: WireStruct = {}
  for (let index = 0; index < values.length; index++) {
    const [print, dynamic] = fullSlot(template, index, values[index], statics)
    slots.push(print)
    wire[index] = dynamic
  }
  return [slots, wire]
}

function fullSlot(template: Template, index: number, value: unknown, statics: StaticsTable): [PrintSlot, WireDynamic] {
  if (typeof value === 'object' && value !== null && template.slots[index]!.kind === 'text') {
    if (value instanceof Rendered) return fullStruct(value, statics)
    const list = toList(value)
    // A list that never had a row sends nothing: its statics come with the first one.
    if (list !== undefined) return list.items.length === 0 ? ['', ''] : fullList(list, { template, index }, statics)
  }
  const text = printValue(template, index, value)
  return [text, text]
}

/** Every row of a list that the page does not have yet. */
function fullList(list: List, place: Place, statics: StaticsTable): [ListPrint, WireKeyed] {
  const values = list.items.map((item) => list.render(item))
  const print = new ListPrint(commonTemplate(values))
  const k: WireKeyed['k'] = {}
  const s = statics.numberOf(print.template ?? wrapper)
  for (let at = 0; at < values.length; at++) {
    const [row, entry] = fullRow(print, values[at], place, statics)
    print.rows.push(row)
    k[at] = entry
  }
  k.kc = values.length
  rememberList(print, list, keysOf(list, place.template, place.index))
  return [print, { s, k }]
}

function fullRow(print: ListPrint, value: unknown, place: Place, statics: StaticsTable): [RowPrint, WireStruct] {
  if (print.template !== undefined) return fullSlots(value as Rendered, statics)
  const [slot, dynamic] = fullSlot(place.template, place.index, value, statics)
  return [[slot], { 0: dynamic }]
}

/** What changed in the slots of a struct or row whose template stayed the same. */
function diffSlots(slots: PrintSlot[], rendered: Rendered, statics: StaticsTable): WireStruct | undefined {
  const { template, values } = rendered
  let wire: WireStruct | undefined
  for (let index = 0; index < values.length; index++) {
    const change = diffSlot(slots, index, template, index, values[index], statics)
    if (change === undefined) continue
    wire ??= {}
    wire[index] = change
  }
  return wire
}

/** Compares `value` with the print in `slots[at]`. */
function diffSlot(
  slots: PrintSlot[],
  at: number,
  template: Template,
  index: number,
  value: unknown,
  statics: StaticsTable,
): WireDynamic | undefined {
  const print = slots[at]!
  if (typeof value === 'object' && value !== null && template.slots[index]!.kind === 'text') {
    if (value instanceof Rendered) {
      if (print instanceof StructPrint && print.template === value.template)
        return diffSlots(print.slots, value, statics)
      return replace(slots, at, fullStruct(value, statics))
    }
    const list = toList(value)
    if (list !== undefined) {
      if (print instanceof ListPrint) return diffList(slots, at, print, list, { template, index }, statics)
      if (list.items.length > 0) return replace(slots, at, fullList(list, { template, index }, statics))
      return print === '' ? undefined : replace(slots, at, ['', ''])
    }
  }
  const text = printValue(template, index, value)
  if (text === print) return undefined
  slots[at] = text
  return text
}

function diffList(
  slots: PrintSlot[],
  at: number,
  print: ListPrint,
  list: List,
  place: Place,
  statics: StaticsTable,
): WireDynamic | undefined {
  const positions = changedInPlace(print, list)
  if (positions === undefined) {
    const keys = keysOf(list, place.template, place.index)
    const plan = planList(print, list, keys)
    if (plan === undefined) return replace(slots, at, fullList(list, place, statics))
    const wire = diffRows(print, plan, place, statics)
    rememberList(print, list, keys)
    return wire
  }
  const values = positions.map((position) => list.render(list.items[position]))
  const { template } = print
  if (template !== undefined && !values.every((value) => isOf(value, template))) {
    return replace(slots, at, fullList(list, place, statics))
  }
  for (const position of positions) print.items![position] = list.items[position]
  return diffInPlace(print, positions, values, place, statics)
}

function diffInPlace(
  print: ListPrint,
  positions: readonly number[],
  values: readonly unknown[],
  place: Place,
  statics: StaticsTable,
): WireKeyed | undefined {
  let k: WireKeyed['k'] | undefined
  for (const [nth, position] of positions.entries()) {
    const change = diffRow(print, print.rows[position]!, values[nth], place, statics)
    if (change === undefined) continue
    k ??= sparse()
    k[position] = change
  }
  if (k === undefined) return undefined
  k.kc = print.rows.length
  return { k }
}

/**
 * An object for a few integer keys that may be large: kept as a hash. By itself V8 would keep it as an array with room for every
 * smaller key, which costs more than all the rest of a diff.
 */
function sparse(): WireKeyed['k'] {
  const k: WireKeyed['k'] = {}
  k[largestIndex] = 0
  delete k[largestIndex]
  return k
}

function diffRows(print: ListPrint, plan: ListPlan, place: Place, statics: StaticsTable): WireKeyed | undefined {
  const { origins, values } = plan
  const rows: RowPrint[] = []
  const k: WireKeyed['k'] = {}
  let moved = false
  let changed = values.length !== print.rows.length
  for (let at = 0; at < values.length; at++) {
    const from = origins[at]!
    let entry: WireEntry | undefined
    if (from < 0) {
      const [row, full] = fullRow(print, values[at], place, statics)
      rows.push(row)
      entry = full
    } else {
      const row = print.rows[from]!
      rows.push(row)
      const change = values[at] === sameRow ? undefined : diffRow(print, row, values[at], place, statics)
      entry = at === from ? change : change === undefined ? from : [from, change]
      moved ||= at !== from
    }
    if (entry === undefined) continue
    k[at] = entry
    changed = true
  }
  print.rows = rows
  if (!changed) return undefined
  k.kc = rows.length
  if (moved) k.km = true
  return { k }
}

function diffRow(
  print: ListPrint,
  row: RowPrint,
  value: unknown,
  place: Place,
  statics: StaticsTable,
): WireStruct | undefined {
  if (print.template !== undefined) return diffSlots(row, value as Rendered, statics)
  const change = diffSlot(row, 0, place.template, place.index, value, statics)
  return change === undefined ? undefined : { 0: change }
}

/** The part of a template that a view's `render` must be. */
export function assertRendered(value: unknown, where: string): asserts value is Rendered {
  if (value instanceof Rendered) return
  const came =
    typeof value === 'object' && value !== null && 'then' in value ? 'a promise: render cannot be async' : typeof value
  throw new LiveError('ERR_TEMPLATE_VALUE', `${where}: expected html\`…\`, got ${came}`)
}

function replace(slots: PrintSlot[], at: number, [print, wire]: readonly [PrintSlot, WireDynamic]): WireDynamic {
  slots[at] = print
  return wire
}

/** `r` at the top of a message is an event's reply to the client, so the root goes unflagged. */
function rootOf(tree: WireStruct): WireStruct {
  delete tree.r
  return tree
}

function withTemplates(wire: WireStruct, statics: StaticsTable): WireMessage {
  const message: WireMessage = wire
  const templates = statics.toWire()
  if (templates !== undefined) message.p = templates
  return message
}
