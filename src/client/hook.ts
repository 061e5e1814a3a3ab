/**
 * The type of a client hook in a file of its own. Written here and not taken from the official client's, which has `any` in every
 * corner, and is not found at all with some settings of a project's.
 */
import type { LiveSocket } from 'phoenix_live_view'

/** What `pushEventTo` sends to: a selector (each match), an element, or the number of a component. */
export type HookTarget = string | number | HTMLElement

/** What the callbacks of a hook have as `this`, beside what the hook itself has. */
export interface HookContext<Element extends HTMLElement = HTMLElement> {
  /** The element. */
  readonly el: Element
  /** The client of the page, as `connect` returned it. */
  readonly liveSocket: LiveSocket
  /**
   * Sends an event to the view. Resolves to what its handler returned, or to null, when the page shows what changed. Rejects while
   * the page is not connected, and when nothing answers.
   */
  pushEvent(event: string, payload?: unknown): Promise<unknown>
  /** The same for each target: to the view or the component around it. Resolves to an outcome for each. */
  pushEventTo(
    target: HookTarget,
    event: string,
    payload?: unknown,
  ): Promise<PromiseSettledResult<{ readonly reply: unknown; readonly ref: number }>[]>
  /**
   * Calls back with what `socket.pushEvent(event, payload)` sends, until the hook is destroyed.
   * @param callback The type of its payload is yours to say: it is what your server sends.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Nobody but the caller knows what comes; `unknown` would have to be cast.
  handleEvent<Payload = unknown>(event: string, callback: (payload: Payload) => void): HookListener
  /** Takes a callback back. */
  removeHandleEvent(listener: HookListener): void
  /** Puts files into an upload of the view that the element is in. */
  upload(name: string, files: Iterable<Blob> | ArrayLike<Blob>): void
  /** The same for the view or component around `target`. */
  uploadTo(target: HookTarget, name: string, files: Iterable<Blob> | ArrayLike<Blob>): void
  /** Runs JS commands on elements, in step with the patches of the page. */
  js(): ReturnType<LiveSocket['js']>
}

/** What `handleEvent` gives, for `removeHandleEvent`. */
export interface HookListener {
  readonly event: string
}

/**
 * A client hook: JavaScript for one element. `this` of its callbacks is the {@link HookContext}, with what the hook itself has.
 *
 * @typeParam Own What the hook has beside its callbacks: fields that it keeps, methods of its own.
 * @typeParam Element The element that it is for: `HTMLCanvasElement`, say.
 * @example
 * import { connect, type Hook } from 'liveloom/client'
 *
 * const Chart: Hook<{ draw(points: readonly number[]): void }, HTMLCanvasElement> = {
 *   mounted() {
 *     this.handleEvent<{ points: number[] }>('points', ({ points }) => this.draw(points))
 *   },
 *   draw(points) {
 *     const context = this.el.getContext('2d')
 *     points.forEach((point, at) => context?.lineTo(at * 10, point))
 *     context?.stroke()
 *   },
 * }
 *
 * export const start = () => connect({ hooks: { Chart } })
 */
export type Hook<Own extends object = object, Element extends HTMLElement = HTMLElement> = HookCallbacks<Element> &
  Own &
  ThisType<Own & HookContext<Element>>

/** When the client calls a hook. */
export interface HookCallbacks<Element extends HTMLElement = HTMLElement> {
  /** The element is on the page, and its view connected. */
  mounted?(): void | Promise<void>
  /** A patch is about to change the element, or what is in it. `to` is what it will be like, outside of the page. Cannot wait. */
  beforeUpdate?(to: Element): void
  /** It has. */
  updated?(): void | Promise<void>
  /** The element is gone. */
  destroyed?(): void | Promise<void>
  /** The view has lost its connection. */
  disconnected?(): void | Promise<void>
  /** It has it again. */
  reconnected?(): void | Promise<void>
}
