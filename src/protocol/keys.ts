/** The letters of the rendered tree, as the client spells them. */
export const keys = {
  statics: 's',
  templates: 'p',
  root: 'r',
  keyed: 'k',
  keyedCount: 'kc',
  keyedMoved: 'km',
  stream: 'stream',
  components: 'c',
  /** Top level of a message only: pushed events. */
  events: 'e',
  /** Top level of a message only: what an event is answered with. */
  reply: 'r',
  /** Top level of a message only: the page title. */
  title: 't',
} as const

/** A slot of the tree: escaped HTML, a component's number, a nested struct, or a keyed list. */
export type WireDynamic = string | number | WireStruct | WireKeyed

/** Statics by their number in the message's table, or in place. As a component's own, a number is the component to copy from. */
export type WireStatics = number | readonly string[]

export type WireTemplates = Record<number, readonly string[]>

/** A struct or an entry: slots by number; `s` when the client does not have its statics yet. */
export interface WireStruct {
  [slot: number]: WireDynamic
  s?: WireStatics
  r?: 1
}

/** An entry at a position: its changed slots, the old position it came from, or both. */
export type WireEntry = WireStruct | number | [number, WireStruct]

/** One item of a stream: where it goes, how many the page keeps, and whether it is only for a page that has it. */
export type WireStreamInsert = readonly [domId: string, at: number, limit: number | null, updateOnly: boolean]

/** A fourth element, whatever it is, empties the stream first. */
export type WireStream =
  | readonly [ref: string, inserts: readonly WireStreamInsert[], deletes: readonly string[]]
  | readonly [ref: string, inserts: readonly WireStreamInsert[], deletes: readonly string[], reset: true]

export interface WireKeyed {
  s?: WireStatics
  k: { [position: number]: WireEntry; kc?: number; km?: true }
  stream?: WireStream
  p?: WireTemplates
}

/** An event for the page: dispatched after the patch, or before it. */
export type WireEvent =
  | readonly [name: string, payload: unknown]
  | readonly [name: string, payload: unknown, early: true]

/** A whole message: the tree or its diff, with what travels at its top. */
export interface WireMessage {
  [slot: number]: WireDynamic
  s?: WireStatics
  p?: WireTemplates
  c?: Record<number, WireStruct>
  e?: readonly WireEvent[]
  r?: unknown
  t?: string
}
