import { describe, LiveError } from '../errors.ts'
import type { FormValues } from '../forms/decode.ts'
import type { Rendered } from '../template/rendered.ts'
import type { UploadConfig } from '../upload/entry.ts'
import type { LiveViewSocket } from './socket.ts'

/** What a `phx-*` event brings. `type` is its name; `values` what came with it, whole; its other keys are spread beside. */
export interface LiveEvent {
  readonly type: string
}

/** The data of the HTTP session, as your server's `session` option gives it. */
export type SessionData = Readonly<Record<string, unknown>>

/** Query and path parameters; path parameters win. From the browser. */
export type Params = Readonly<FormValues>

/** What a render knows beside the context. */
export interface RenderMeta<UploadName extends string = string> {
  /** The allowed uploads by name. */
  readonly uploads: Readonly<Record<UploadName, UploadConfig>>
  /** For a form that is submitted over HTTP: the value of its hidden field `_csrf_token`. */
  readonly csrfToken: string
  /** Where the page is. */
  readonly url: URL
  /** False while the page is first rendered over HTTP. */
  readonly connected: boolean
}

type MaybePromise = void | Promise<void>

/** The callbacks of a view. All but `render` may be async; one at a time runs. */
export interface LiveViewCallbacks<Context, Events extends LiveEvent, UploadName extends string, Info> {
  /** Called when the page is first rendered, and again when it connects. */
  mount?(socket: LiveViewSocket<Context, UploadName>, session: SessionData, params: Params): MaybePromise
  /** Called after `mount`, and when the URL changes while the view stays. */
  handleParams?(socket: LiveViewSocket<Context, UploadName>, url: URL, params: Params): MaybePromise
  /** Called with each event of the page. Its values come from the browser. */
  handleEvent?(socket: LiveViewSocket<Context, UploadName>, event: Events & { readonly values: unknown }): MaybePromise
  /** Called with what `sendInfo` and `publish` sent. */
  handleInfo?(socket: LiveViewSocket<Context, UploadName>, info: Info): MaybePromise
  /** What the page shows. Synchronous, and without effects. */
  render(context: Readonly<Context>, meta: RenderMeta<UploadName>): Rendered
  /** Called once when the connected view ends, for whatever reason, if its `mount` succeeded. */
  shutdown?(socket: LiveViewSocket<Context, UploadName>): MaybePromise
}

/** A page whose state lives on the server. Made by {@link createLiveView}. */
export interface LiveView {
  readonly callbacks: LiveViewCallbacks<never, never, string, never>
}

const names: ReadonlySet<string> = new Set(['mount', 'handleParams', 'handleEvent', 'handleInfo', 'render', 'shutdown'])

/**
 * Makes a view of its callbacks.
 *
 * @typeParam Context The view's state.
 * @typeParam Events What `handleEvent` gets: a union told apart by `type`.
 * @typeParam UploadName The names given to `allowUpload`, so that `uploads` is exact.
 * @typeParam Info What `handleInfo` gets.
 * @throws {LiveError} `ERR_VIEW` when `render` is missing or a callback is not a function.
 * @example
 * import { createLiveView, html } from 'liveloom'
 *
 * export const counter = createLiveView<{ count: number }, { type: 'inc' }>({
 *   mount: (socket) => socket.assign({ count: 0 }),
 *   handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
 *   render: ({ count }) => html`<button phx-click="inc">${count}</button>`,
 * })
 */
export function createLiveView<
  Context extends object = Record<string, unknown>,
  Events extends LiveEvent = LiveEvent & Record<string, unknown>,
  UploadName extends string = string,
  Info = unknown,
>(callbacks: LiveViewCallbacks<Context, Events, UploadName, Info>): LiveView {
  if (typeof callbacks?.render !== 'function') {
    throw new LiveError('ERR_VIEW', `createLiveView: render must be a function, got ${describe(callbacks?.render)}`)
  }
  for (const [name, callback] of Object.entries(callbacks)) {
    if (!names.has(name)) {
      throw new LiveError('ERR_VIEW', `createLiveView: unknown callback '${name}'; known are ${[...names].join(', ')}`)
    }
    if (callback !== undefined && typeof callback !== 'function') {
      throw new LiveError('ERR_VIEW', `createLiveView: ${name} must be a function, got ${describe(callback)}`)
    }
  }
  return { callbacks: callbacks }
}
