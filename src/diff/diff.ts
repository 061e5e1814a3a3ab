/**
 * Compares renders with what the page was last sent, and says the difference in the wire's words. A view's own tree and the trees
 * of its components are compared each by itself; the {@link Embedder} tells which component stands where.
 */
import { describe, LiveError } from '../errors.ts'
import type { WireDynamic, WireEntry, WireKeyed, WireMessage, WireStreamInsert, WireStruct } from '../protocol/keys.ts'
import { Embedded } from '../template/embedded.ts'
import { EachStream, keysOf, type List, streamRows, toList } from '../template/list.ts'
import type { Template } from '../template/parse.ts'
import { Rendered } from '../template/rendered.ts'
import { type Refuse, safeValues } from '../template/safe-values.ts'
import { printValue, unchanged } from '../template/values.ts'
import { changedInPlace, commonTemplate, isOf, type ListPlan, planList, rememberList, sameRow } from './plan.ts'
import { ListPrint, type PrintSlot, type RowPrint, StreamPrint, StructPrint } from './print.ts'
import { Statics } from './statics.ts'

/** Decides what the page gets for a part with a life of its own: the number of a component, or markup for a nested view. */
export interface Embedder {
  /** `item`: it stands in an item of a stream. `before`: what the page has in its place, if that is known. */
  embed(value: Embedded, item: boolean, before?: unknown): number | Rendered
  /** The page shows something that cannot be printed again: a value that is `unchanged`. */
  forgot?(): void
  /** A value was left out of the page, whose attribute is no place for it. */
  readonly refused: Refuse
}

/** What goes through one comparison. */
interface Pass {
  readonly statics: Statics
  readonly embedder: Embedder
  readonly item?: true
}

/** The statics of a list whose rows are of several templates: each row is one slot. */
const wrapper: Template = {
  strings: ['', ''],
  statics: ['', ''],
  slots: [{ kind: 'text', name: '' }],
  guards: [],
  root: false,
}

const largestIndex = 2 ** 32 - 2

/** Where a slot's value stands in its template, for what it may be and for error messages. */
interface Place {
  readonly template: Template
  readonly index: number
}

/** The whole tree of a view's first render, and the print to say later diffs against. */
export function renderTree(rendered: Rendered, embedder: Embedder): { print: StructPrint; tree: WireMessage } {
  const pass = { statics: Statics.table(), embedder }
  const [print, tree] = fullStruct(rendered, pass)
  return { print, tree: pass.statics.writeTo<WireMessage>(withoutRoot(tree)) }
}

/**
 * What changed since `print`, or `undefined` when nothing did. Updates `print`; when the root template itself is another one,
 * the new print comes back and the diff is the whole tree.
 */
export function diffTree(
  print: StructPrint,
  rendered: Rendered,
  embedder: Embedder,
): { print: StructPrint; diff: WireMessage | undefined } {
  if (print.template !== rendered.template) {
    const full = renderTree(rendered, embedder)
    return { print: full.print, diff: full.tree }
  }
  const pass = { statics: Statics.table(), embedder }
  const diff: WireMessage | undefined = diffSlots(print.slots, rendered, pass) as WireMessage | undefined
  return { print, diff: diff && pass.statics.writeTo(diff) }
}

/** A component whose statics another one of its kind may copy: its number, negative for the one that the page has already. */
export interface StaticsSource {
  readonly cid: number
  readonly print: StructPrint
}

/** The whole tree of a component, with the statics of `source` where they are the same. */
export function renderComponent(
  rendered: Rendered,
  embedder: Embedder,
  source: StaticsSource | undefined,
): { print: StructPrint; tree: WireStruct } {
  const pass = { statics: Statics.inPlace(), embedder }
  if (source === undefined || source.print.template !== rendered.template) {
    const [print, tree] = fullStruct(rendered, pass)
    return { print, tree }
  }
  const [slots, tree] = copiedSlots(source.print.slots, rendered, pass)
  tree.s = source.cid
  return { print: new StructPrint(rendered.template, slots), tree }
}

/** What changed in a component. One with another root template is sent whole. */
export function diffComponent(
  print: StructPrint,
  rendered: Rendered,
  embedder: Embedder,
): { print: StructPrint; diff: WireStruct | undefined } {
  if (print.template !== rendered.template) {
    const full = renderComponent(rendered, embedder, undefined)
    return { print: full.print, diff: full.tree }
  }
  return { print, diff: diffSlots(print.slots, rendered, { statics: Statics.inPlace(), embedder }) }
}

/** What may be printed of a render. */
function valuesOf(rendered: Rendered, { embedder }: Pass): readonly unknown[] {
  if (rendered.template.guards.length === 0) return rendered.values
  return safeValues(rendered, embedder.refused)
}

/** Every slot of a struct that the page does not have yet. */
function fullStruct(rendered: Rendered, pass: Pass): [StructPrint, WireStruct] {
  const [slots, wire] = fullSlots(rendered, pass)
  wire.s = pass.statics.of(rendered.template)
  if (rendered.template.root) wire.r = 1
  return [new StructPrint(rendered.template, slots), wire]
}

/**
 * Every slot of a struct that the page makes from a copy of another, whose slots are `sources`. What is nested and of the same
 * template there comes with the copy and needs no statics.
 */
function copiedSlots(sources: readonly PrintSlot[], rendered: Rendered, pass: Pass): [PrintSlot[], WireStruct] {
  const { template } = rendered
  const values = valuesOf(rendered, pass)
  const slots: PrintSlot[] = []
  const wire: WireStruct = {}
  for (let index = 0; index < values.length; index++) {
    const [print, dynamic] = copiedSlot(sources[index]!, template, index, values[index], pass)
    slots.push(print)
    wire[index] = dynamic
  }
  return [slots, wire]
}

function copiedSlot(
  source: PrintSlot,
  template: Template,
  index: number,
  value: unknown,
  pass: Pass,
): [PrintSlot, WireDynamic] {
  if (source instanceof StructPrint && value instanceof Rendered && value.template === source.template) {
    const [slots, wire] = copiedSlots(source.slots, value, pass)
    return [new StructPrint(value.template, slots), wire]
  }
  const full = fullSlot(template, index, value, pass)
  const [print, dynamic] = full
  if (source instanceof ListPrint && print instanceof ListPrint && source.template === print.template) {
    delete (dynamic as WireKeyed).s
  }
  return full
}

/** Every slot, without naming the template: what a row of a list is. */
function fullSlots(rendered: Rendered, pass: Pass): [PrintSlot[], WireStruct] {
  const { template } = rendered
  const values = valuesOf(rendered, pass)
  const slots: PrintSlot[] = []
  const wire: WireStruct = {}
  for (let index = 0; index < values.length; index++) {
    const [print, dynamic] = fullSlot(template, index, values[index], pass)
    slots.push(print)
    wire[index] = dynamic
  }
  return [slots, wire]
}

function fullSlot(template: Template, index: number, value: unknown, pass: Pass): [PrintSlot, WireDynamic] {
  if (typeof value === 'object' && value !== null && template.slots[index]!.kind === 'text') {
    if (value instanceof Rendered) return fullStruct(value, pass)
    if (value instanceof Embedded) return fullEmbedded(value, pass)
    if (value instanceof EachStream) return fullStream(value, { template, index }, pass)
    const list = toList(value)
    // A list that never had a row sends nothing: its statics come with the first one.
    if (list !== undefined) return list.items.length === 0 ? ['', ''] : fullList(list, { template, index }, pass)
  }
  const text = printValue(template, index, value)
  return [text, text]
}

function fullEmbedded(value: Embedded, pass: Pass): [PrintSlot, WireDynamic] {
  const placed = pass.embedder.embed(value, pass.item === true)
  return typeof placed === 'number' ? [placed, placed] : fullStruct(placed, pass)
}

/** Every row of a list that the page does not have yet. */
function fullList(list: List, place: Place, pass: Pass): [ListPrint, WireKeyed] {
  const values = list.items.map((item) => list.render(item))
  const print = new ListPrint(commonTemplate(values))
  const k: WireKeyed['k'] = {}
  const s = pass.statics.of(print.template ?? wrapper)
  const rows = rowPass(pass)
  for (let at = 0; at < values.length; at++) {
    const [row, entry] = fullRow(print.template, values[at], place, rows)
    print.rows.push(row)
    k[at] = entry
  }
  k.kc = values.length
  rememberList(print, list, keysOf(list, place.template, place.index))
  return [print, withRowStatics({ s, k }, rows, pass)]
}

/** Within a component the rows of a list have statics of their own. */
function rowPass(pass: Pass): Pass {
  const statics = pass.statics.ofRows()
  return statics === pass.statics ? pass : { ...pass, statics }
}

function withRowStatics(keyed: WireKeyed, rows: Pass, pass: Pass): WireKeyed {
  return rows.statics === pass.statics ? keyed : rows.statics.writeTo(keyed)
}

/** A stream that the page does not have yet; also an empty one is sent, unlike a list. */
function fullStream(each: EachStream, place: Place, pass: Pass): [StreamPrint, WireKeyed] {
  const print = new StreamPrint(each.stream.ref, undefined)
  const wire = streamWire(print, each, place, pass)
  wire.s ??= pass.statics.of(print.template ?? wrapper)
  return [print, wire]
}

/** What a stream has to tell, with the statics of its rows when the page does not have those. */
function streamWire(print: StreamPrint, each: EachStream, place: Place, pass: Pass): WireKeyed {
  const { stream } = each
  const values = streamRows(each, place.template, place.index)
  const rows: Pass = { statics: pass.statics.ofRows(), embedder: pass.embedder, item: true }
  const k: WireKeyed['k'] = {}
  const wire: WireKeyed = { k }
  if (values.length > 0) {
    const template = commonTemplate(values)
    if (template === undefined || template !== print.template) wire.s = pass.statics.of(template ?? wrapper)
    print.template = template
  }
  for (let at = 0; at < values.length; at++) k[at] = fullRow(print.template, values[at], place, rows)[1]
  k.kc = values.length
  const inserts = Array.from(stream.inserts, ({ domId, at, limit, updateOnly }): WireStreamInsert => {
    return [domId, at, limit, updateOnly]
  })
  wire.stream = stream.isReset
    ? [stream.ref, inserts, [...stream.deletes], true]
    : [stream.ref, inserts, [...stream.deletes]]
  return withRowStatics(wire, rows, pass)
}

/** `template`: that of every row, if they share one. */
function fullRow(template: Template | undefined, value: unknown, place: Place, pass: Pass): [RowPrint, WireStruct] {
  if (template !== undefined) return fullSlots(value as Rendered, pass)
  const [slot, dynamic] = fullSlot(place.template, place.index, value, pass)
  return [[slot], { 0: dynamic }]
}

/** What changed in the slots of a struct or row whose template stayed the same. */
function diffSlots(slots: PrintSlot[], rendered: Rendered, pass: Pass): WireStruct | undefined {
  const { template } = rendered
  const values = valuesOf(rendered, pass)
  let wire: WireStruct | undefined
  for (let index = 0; index < values.length; index++) {
    const change = diffSlot(slots, index, template, index, values[index], pass)
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
  pass: Pass,
): WireDynamic | undefined {
  const print = slots[at]!
  if (typeof value === 'object' && value !== null && template.slots[index]!.kind === 'text') {
    if (value instanceof Rendered) {
      if (print instanceof StructPrint && print.template === value.template) return diffSlots(print.slots, value, pass)
      return replace(slots, at, fullStruct(value, pass))
    }
    if (value instanceof Embedded) return diffEmbedded(slots, at, value, pass)
    if (value instanceof EachStream) return diffStream(slots, at, value, { template, index }, pass)
    const list = toList(value)
    if (list !== undefined) {
      if (print instanceof ListPrint) return diffList(slots, at, print, list, { template, index }, pass)
      if (list.items.length > 0) return replace(slots, at, fullList(list, { template, index }, pass))
      return print === '' ? undefined : replace(slots, at, ['', ''])
    }
  }
  if (value === unchanged) {
    // Forgotten here, so that what a temporary assign brings is kept by the page alone. A stream keeps no rows anyway.
    if (!(print instanceof StreamPrint)) slots[at] = unchanged
    pass.embedder.forgot?.()
    return undefined
  }
  const text = printValue(template, index, value)
  if (text === print) return undefined
  slots[at] = text
  return text
}

function diffEmbedded(slots: PrintSlot[], at: number, value: Embedded, pass: Pass): WireDynamic | undefined {
  const print = slots[at]
  const placed = pass.embedder.embed(value, pass.item === true, print)
  if (typeof placed === 'number') return print === placed ? undefined : replace(slots, at, [placed, placed])
  if (print instanceof StructPrint && print.template === placed.template) return diffSlots(print.slots, placed, pass)
  return replace(slots, at, fullStruct(placed, pass))
}

function diffStream(
  slots: PrintSlot[],
  at: number,
  each: EachStream,
  place: Place,
  pass: Pass,
): WireDynamic | undefined {
  const print = slots[at]
  if (!(print instanceof StreamPrint) || print.ref !== each.stream.ref) {
    return replace(slots, at, fullStream(each, place, pass))
  }
  return each.stream.isTouched ? streamWire(print, each, place, pass) : undefined
}

function diffList(
  slots: PrintSlot[],
  at: number,
  print: ListPrint,
  list: List,
  place: Place,
  pass: Pass,
): WireDynamic | undefined {
  const positions = changedInPlace(print, list)
  if (positions === undefined) {
    const keys = keysOf(list, place.template, place.index)
    const plan = planList(print, list, keys)
    if (plan === undefined) return replace(slots, at, fullList(list, place, pass))
    const wire = diffRows(print, plan, place, pass)
    rememberList(print, list, keys)
    return wire
  }
  const values = positions.map((position) => list.render(list.items[position]))
  const { template } = print
  if (template !== undefined && !values.every((value) => isOf(value, template))) {
    return replace(slots, at, fullList(list, place, pass))
  }
  for (const position of positions) print.items![position] = list.items[position]
  return diffInPlace(print, positions, values, place, pass)
}

function diffInPlace(
  print: ListPrint,
  positions: readonly number[],
  values: readonly unknown[],
  place: Place,
  pass: Pass,
): WireKeyed | undefined {
  let k: WireKeyed['k'] | undefined
  const rowsPass = rowPass(pass)
  for (const [nth, position] of positions.entries()) {
    const change = diffRow(print, print.rows[position]!, values[nth], place, rowsPass)
    if (change === undefined) continue
    k ??= sparse()
    k[position] = change
  }
  if (k === undefined) return undefined
  k.kc = print.rows.length
  return withRowStatics({ k }, rowsPass, pass)
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

function diffRows(print: ListPrint, plan: ListPlan, place: Place, pass: Pass): WireKeyed | undefined {
  const { origins, values } = plan
  const rows: RowPrint[] = []
  const rowsPass = rowPass(pass)
  const k: WireKeyed['k'] = {}
  let moved = false
  let changed = values.length !== print.rows.length
  for (let at = 0; at < values.length; at++) {
    const from = origins[at]!
    let entry: WireEntry | undefined
    if (from < 0) {
      const [row, full] = fullRow(print.template, values[at], place, rowsPass)
      rows.push(row)
      entry = full
    } else {
      const row = print.rows[from]!
      rows.push(row)
      const change = values[at] === sameRow ? undefined : diffRow(print, row, values[at], place, rowsPass)
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
  return withRowStatics({ k }, rowsPass, pass)
}

function diffRow(print: ListPrint, row: RowPrint, value: unknown, place: Place, pass: Pass): WireStruct | undefined {
  if (print.template !== undefined) return diffSlots(row, value as Rendered, pass)
  const change = diffSlot(row, 0, place.template, place.index, value, pass)
  return change === undefined ? undefined : { 0: change }
}

/** The part of a template that a view's `render` must be. */
export function assertRendered(value: unknown, where: string): asserts value is Rendered {
  if (value instanceof Rendered) return
  const came =
    typeof value === 'object' && value !== null && 'then' in value
      ? 'a promise: render cannot be async'
      : describe(value)
  throw new LiveError('ERR_TEMPLATE_VALUE', `${where}: expected html\`…\`, got ${came}`)
}

function replace(slots: PrintSlot[], at: number, [print, wire]: readonly [PrintSlot, WireDynamic]): WireDynamic {
  slots[at] = print
  return wire
}

/** `r` at the top of a message is an event's reply to the client, so the root goes unflagged. */
function withoutRoot(tree: WireStruct): WireMessage {
  delete tree.r
  return tree
}
