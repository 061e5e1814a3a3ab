/** The official client's own classes, from the sources it ships: the oracle for what our frames and trees mean. */
// @ts-expect-error The client ships this source without types.
import RenderedClass from '../../node_modules/phoenix_live_view/assets/js/phoenix_live_view/rendered.js'
// @ts-expect-error The client ships this source without types.
import serializer from '../../node_modules/phoenix/assets/js/phoenix/serializer.js'

Object.assign(globalThis, { window: globalThis })

export interface BrowserTree {
  readonly rendered: Record<string, unknown>
  mergeDiff(diff: unknown): void
  toString(onlyCids?: readonly number[]): { readonly buffer: string; readonly streams: ReadonlySet<unknown> }
  recursiveToString(
    rendered: unknown,
    components: unknown,
    onlyCids: undefined,
    changeTracking: boolean,
    rootAttrs: object,
    cid: null,
  ): { readonly buffer: string }
}

export const BrowserRendered = RenderedClass as {
  new (viewId: string, rendered: unknown): BrowserTree
  extract(diff: unknown): {
    readonly diff: unknown
    readonly title?: string
    readonly reply: unknown
    readonly events: unknown
  }
}

interface ClientMessage {
  readonly join_ref: string | null
  readonly ref: string | null
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

export const clientSerializer = serializer as {
  encode(message: ClientMessage, callback: (frame: string | ArrayBuffer) => void): void
  decode(frame: string | ArrayBuffer, callback: (message: ClientMessage) => void): void
}

/** The page as the client would print it whole: without its skip optimisation and its own marks on root elements. */
export function wholeHtml(tree: BrowserTree): string {
  const copy = structuredClone(tree.rendered)
  // Within components it is what this flag does.
  for (const component of Object.values(copy['c'] as Record<string, { reset?: boolean }>)) component.reset = true
  return tree
    .recursiveToString(copy, copy['c'], undefined, false, {}, null)
    .buffer.replaceAll(/ data-phx-id="m\d+-[^"]*"/g, '')
}

/** The same without any of the client's marks. Printing it also makes the client forget the items of streams. */
export function bareHtml(client: BrowserTree): string {
  const shown = withoutMarks(wholeHtml(client))
  client.toString()
  return shown
}

/** HTML as the client prints it, without what it writes into root elements for itself. */
export function withoutMarks(printed: string): string {
  return printed.replaceAll(/ data-phx-(?:id="[mc]\d+-[^"]*"|component="\d+"|view="[^"]*")/g, '')
}

/** What crosses the wire is JSON; the client may keep and change what it is given. */
export function overTheWire<T>(message: T): T {
  return JSON.parse(JSON.stringify(message)) as T
}
