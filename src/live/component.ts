import { describe, LiveError } from '../errors.ts'
import type { EventsOption } from '../forms/events.ts'
import type { Rendered } from '../template/rendered.ts'
import type { AsyncOutcome } from './async.ts'
import type { EventReply, LiveComponent, LiveEvent } from './definitions.ts'
import type { LiveComponentSocket, Myself } from './socket.ts'
import type { RenderMeta } from './render-meta.ts'
import type { ResumeInfo } from './resume.ts'
import { checkEvents, type InvalidEvent } from './view.ts'

type MaybePromise<T = void> = T | Promise<T>

/** What a component's render knows beside its context. */
export interface ComponentMeta<UploadName extends string = string> extends RenderMeta<UploadName> {
  /** The component itself, as a target: `phx-target=${myself}`. Without a target, an event goes to the view. */
  readonly myself: Myself
}

/** The callbacks of a live component. All but `render` may be async. */
export type LiveComponentCallbacks<
  Context,
  Events extends LiveEvent,
  Props,
  UploadName extends string = string,
> = EventsOption<Events> & ComponentCallbacks<Context, Events, Props, UploadName>

interface ComponentCallbacks<Context, Events extends LiveEvent, Props, UploadName extends string> {
  /** Called once, when the component first comes onto the page. */
  mount?(socket: LiveComponentSocket<Context, UploadName>): MaybePromise
  /** Called with the props, each time that they may have changed. @default assigns them all */
  update?(socket: LiveComponentSocket<Context, UploadName>, props: Props): MaybePromise
  /**
   * In place of `update`: called once for all components of this kind that one render places, so that a query can serve them all.
   */
  updateMany?(
    updates: readonly { readonly socket: LiveComponentSocket<Context, UploadName>; readonly props: Props }[],
  ): MaybePromise
  /**
   * Called once when its page is connected, and it has its first props: for what needs the page itself. Not over HTTP, and not again when a
   * lost connection comes back.
   */
  handleConnect?(socket: LiveComponentSocket<Context, UploadName>): MaybePromise
  /** Called with the events whose `phx-target` is the component. Their values come from the browser. An object answers a hook's. */
  handleEvent?(
    socket: LiveComponentSocket<Context, UploadName>,
    event: Events & { readonly values: unknown },
  ): MaybePromise<EventReply>
  /** Called with an event that its schema in `events` refused. @default it is reported */
  handleInvalidEvent?(socket: LiveComponentSocket<Context, UploadName>, event: InvalidEvent): MaybePromise<EventReply>
  /** Called with what `startAsync` of the component came to. */
  handleAsync?(socket: LiveComponentSocket<Context, UploadName>, name: string, outcome: AsyncOutcome): MaybePromise
  /** Called when the connection of its view is lost and the view is kept. */
  handlePark?(socket: LiveComponentSocket<Context, UploadName>): MaybePromise
  /** Called when the page has come back, before it is answered: to bring anew what is not kept. See that of views. */
  handleResume?(socket: LiveComponentSocket<Context, UploadName>, resume: ResumeInfo): MaybePromise
  /** What it shows: one element. Synchronous, and without effects. */
  render(context: Readonly<Context>, meta: ComponentMeta<UploadName>): Rendered
}

const names: ReadonlySet<string> = new Set([
  'mount',
  'update',
  'updateMany',
  'handleConnect',
  'handleEvent',
  'handleInvalidEvent',
  'handleAsync',
  'handlePark',
  'handleResume',
  'render',
  'events',
] satisfies (keyof LiveComponentCallbacks<object, LiveEvent, object>)[])

/**
 * Makes a live component of its callbacks: a part of a view with a state and events of its own. A view places it with
 * `meta.live_component(component, { id, ...props })`; who it is, is told by its `id`.
 *
 * @typeParam Context Its state; the props are assigned to it unless it has an `update`.
 * @typeParam Events What `handleEvent` gets: a union told apart by `type`.
 * @typeParam Props What it is placed with, beside its id.
 * @typeParam UploadName The names given to its `allowUpload`.
 * @throws {LiveError} `ERR_COMPONENT` when `render` is missing or a callback is not a function.
 * @example
 * import { createLiveComponent, createLiveView, html } from 'liveloom'
 *
 * const stars = createLiveComponent<{ count: number }, { type: 'more' }, { count: number }>({
 *   handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
 *   render: ({ count }, { myself }) => html`<button phx-click="more" phx-target=${myself}>${'★'.repeat(count)}</button>`,
 * })
 *
 * export const review = createLiveView({
 *   render: (_, { live_component }) => html`<p>Taste: ${live_component(stars, { id: 'taste', count: 3 })}</p>`,
 * })
 */
export function createLiveComponent<
  Context extends object = Record<string, unknown>,
  Events extends LiveEvent = LiveEvent & Record<string, unknown>,
  Props extends object = Partial<Context>,
  UploadName extends string = string,
>(callbacks: LiveComponentCallbacks<Context, Events, Props, UploadName>): LiveComponent<Props> {
  const fail = (message: string): never => {
    throw new LiveError('ERR_COMPONENT', `createLiveComponent: ${message}`)
  }
  if (typeof callbacks?.render !== 'function') fail(`render must be a function, got ${describe(callbacks?.render)}`)
  const { events, ...functions } = callbacks
  for (const [name, callback] of Object.entries(functions)) {
    if (!names.has(name)) fail(`unknown callback '${name}'; known are ${[...names].join(', ')}`)
    if (callback !== undefined && typeof callback !== 'function') {
      fail(`${name} must be a function, got ${describe(callback)}`)
    }
  }
  checkEvents(events, fail)
  if (callbacks.update !== undefined && callbacks.updateMany !== undefined) {
    fail('it has both update and updateMany; updateMany alone serves one as well')
  }
  return { component: callbacks }
}
