/** The letters of the rendered tree, as the client spells them. */
export const keys = {
  statics: 's',
  templates: 'p',
  root: 'r',
  keyed: 'k',
  keyedCount: 'kc',
  keyedMoved: 'km',
  components: 'c',
  /** Top level of a message only: pushed events. */
  events: 'e',
  /** Top level of a message only: the page title. */
  title: 't',
} as const

/** A slot of the tree: escaped HTML, a nested struct, or a keyed list. */
export type WireDynamic = string | WireStruct | WireKeyed

/** A struct or an entry: slots by number; `s` when the client does not have its statics yet. */
export interface WireStruct {
  [slot: number]: WireDynamic
  s?: number | readonly string[]
  r?: 1
}

/** An entry at a position: its changed slots, the old position it came from, or both. */
export type WireEntry = WireStruct | number | [number, WireStruct]

export interface WireKeyed {
  s?: number
  k: { [position: number]: WireEntry; kc?: number; km?: true }
}

/** A whole message: the tree or its diff, with what travels at its top. */
export interface WireMessage extends WireStruct {
  p?: { [index: number]: readonly string[] }
  e?: (readonly [name: string, payload: unknown])[]
  t?: string
}
