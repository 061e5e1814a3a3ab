/**
 * Sees to it that the client looks at the components that changed. It passes over each element that was sent as the only root of its
 * template and that a message does not mention, with all that stands in it; so the message has to lead to what changed in there.
 */
import type { WireDynamic, WireEntry, WireKeyed, WireStruct } from '../protocol/keys.ts'
import { ListPrint, type PrintSlot, StructPrint } from './print.ts'

/** What is looked for: the numbers of components, and what to do with one that was found. */
export interface Sought {
  readonly cids: ReadonlySet<number>
  found(cid: number): void
}

/**
 * Finds components in what the page has of a tree, and adds to `wire`, what a message says of that tree, the way to those that the
 * client would pass over. Gives back what there is to say then.
 */
export function reach(print: StructPrint, wire: WireStruct | undefined, sought: Sought): WireStruct | undefined {
  return reachSlots(print.slots, wire, sought, false)
}

/** Whether a component stands in what the page has of a tree. Items of streams are not known. */
export function holds(print: StructPrint, cid: number): boolean {
  return anyHolds(print.slots, cid)
}

function anyHolds(slots: readonly PrintSlot[], cid: number): boolean {
  for (const slot of slots) {
    if (slot === cid) return true
    if (slot instanceof StructPrint && anyHolds(slot.slots, cid)) return true
    if (slot instanceof ListPrint && slot.rows.some((row) => anyHolds(row, cid))) return true
  }
  return false
}

/** The components that stand in what the page has of a tree. */
export function* cidsIn(print: StructPrint): Generator<number> {
  yield* cidsInSlots(print.slots)
}

function* cidsInSlots(slots: readonly PrintSlot[]): Generator<number> {
  for (const slot of slots) {
    if (typeof slot === 'number') yield slot
    else if (slot instanceof StructPrint) yield* cidsInSlots(slot.slots)
    else if (slot instanceof ListPrint) for (const row of slot.rows) yield* cidsInSlots(row)
  }
}

/** `passedOver`: an element around is one that the client may pass over. */
function reachSlots(
  slots: readonly PrintSlot[],
  wire: WireStruct | undefined,
  sought: Sought,
  passedOver: boolean,
): WireStruct | undefined {
  let reached = wire
  for (let at = 0; at < slots.length; at++) {
    const said = wire?.[at]
    const now = reachSlot(slots[at]!, said, sought, passedOver)
    if (now === said || now === undefined) continue
    reached ??= {}
    reached[at] = now
  }
  return reached
}

function reachSlot(
  slot: PrintSlot,
  said: WireDynamic | undefined,
  sought: Sought,
  passedOver: boolean,
): WireDynamic | undefined {
  if (typeof slot === 'number') {
    if (!sought.cids.has(slot)) return said
    sought.found(slot)
    return passedOver ? slot : said
  }
  if (slot instanceof StructPrint) {
    return reachSlots(slot.slots, said as WireStruct | undefined, sought, passedOver || slot.template.root)
  }
  return slot instanceof ListPrint ? reachRows(slot, said as WireKeyed | undefined, sought, passedOver) : said
}

function reachRows(
  { rows }: ListPrint,
  said: WireKeyed | undefined,
  sought: Sought,
  passedOver: boolean,
): WireKeyed | undefined {
  let keyed = said
  for (let at = 0; at < rows.length; at++) {
    const entry = said?.k[at]
    const change = changeOf(entry)
    const now = reachSlots(rows[at]!, change, sought, passedOver)
    if (now === change || now === undefined) continue
    keyed ??= { k: { kc: rows.length } }
    keyed.k[at] = typeof entry === 'number' ? [entry, now] : now
  }
  return keyed
}

/** What an entry says of its row, beside where it came from. */
function changeOf(entry: WireEntry | undefined): WireStruct | undefined {
  if (Array.isArray(entry)) return entry[1] as WireStruct
  return typeof entry === 'object' ? (entry as WireStruct) : undefined
}
