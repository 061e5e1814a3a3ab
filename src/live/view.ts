import { describe, LiveError } from '../errors.ts'
import type { FormError } from '../forms/error.ts'
import type { EventsOption, ParamsOption } from '../forms/events.ts'
import type { StandardSchema } from '../forms/schema.ts'
import type { Rendered } from '../template/rendered.ts'
import type { AsyncOutcome } from './async.ts'
import type { ChildChange, EventReply, LiveEvent, LiveView, Params, SessionData } from './definitions.ts'
import { type ContainerOptions, resolveContainer } from './container.ts'
import type { RenderMeta } from './render-meta.ts'
import type { ResumeInfo } from './resume.ts'
import { isShell, type Shell } from './shell.ts'
import { resolveStash, type StashParts } from './stash.ts'
import type { LiveViewSocket, OnMount } from './socket.ts'
import { checkStickyName, nameSticky } from './sticky-views.ts'

type MaybePromise<T = void> = T | Promise<T>

/** A payload that its schema refused. */
export interface InvalidEvent {
  readonly type: string
  /** What came, decoded. From the browser. */
  readonly values: unknown
  readonly issues: readonly FormError[]
}

/** The callbacks of a view. All but `render` may be async; one at a time runs. */
export type LiveViewCallbacks<
  Context,
  Events extends LiveEvent,
  UploadName extends string,
  Info,
  ViewParams = Params,
> = EventsOption<Events> &
  StashParts<NoInfer<keyof Context & string>, NoInfer<Partial<Context>>> &
  ParamsOption<ViewParams, Params> &
  ViewCallbacks<Context, Events, UploadName, Info, ViewParams>

/** Params that their schema refused. */
export interface InvalidParams {
  readonly url: URL
  /** What came, decoded. From the browser. */
  readonly params: Params
  readonly issues: readonly FormError[]
}

interface ViewCallbacks<Context, Events extends LiveEvent, UploadName extends string, Info, ViewParams> {
  /** The element around it: a tag, and attributes. @default a `div` */
  readonly container?: ContainerOptions | undefined
  /**
   * The name under which `live_view(view, { sticky: true })` may place it: one of its own, the same in every process and after each
   * deployment, as pages that come back join it by this name. @default it may not be sticky
   */
  readonly sticky?: string | undefined
  /**
   * What stands around it, and is patched with it; `false` is nothing. @default the one of its route, live session or server
   */
  readonly shell?: Shell<NoInfer<Context>> | false | undefined
  /** Called before `mount`, in this order, after those of the live session: who may see the view, what it needs. */
  readonly onMount?: readonly OnMount<NoInfer<Context>>[] | undefined
  /** Called when the page is first rendered, and again when it connects. */
  mount?(socket: LiveViewSocket<Context, UploadName, Info>, session: SessionData, params: ViewParams): MaybePromise
  /** Called after `mount`, and when the URL changes while the view stays. Not in a nested view. */
  handleParams?(socket: LiveViewSocket<Context, UploadName, Info>, url: URL, params: ViewParams): MaybePromise
  /**
   * Called in place of `mount` or `handleParams` when the schema of `params` refused: to lead on to another address. A patch may also be
   * answered with a message, and the view stays as it is. @default the page of 404; a patch has it loaded
   */
  handleInvalidParams?(socket: LiveViewSocket<Context, UploadName, Info>, invalid: InvalidParams): MaybePromise
  /**
   * Called once when its page is connected, after `mount` and `handleParams` and before the page is sent anything: for what needs the page
   * itself, `socket.connectParams` say. Not over HTTP, and not again when a lost connection comes back.
   */
  handleConnect?(socket: LiveViewSocket<Context, UploadName, Info>): MaybePromise
  /** Called with each event of the page. Its values come from the browser. An object answers a hook's. */
  handleEvent?(
    socket: LiveViewSocket<Context, UploadName, Info>,
    event: Events & { readonly values: unknown },
  ): MaybePromise<EventReply>
  /** Called with an event that its schema in `events` refused. @default it is reported */
  handleInvalidEvent?(socket: LiveViewSocket<Context, UploadName, Info>, event: InvalidEvent): MaybePromise<EventReply>
  /** Called with what `sendInfo` and `publish` sent. */
  handleInfo?(socket: LiveViewSocket<Context, UploadName, Info>, info: Info): MaybePromise
  /**
   * Called when messages of other processes may have been lost, with the names of the topics: the engine of `pubsub` was away, or had no room for
   * them. What is published from now on comes; what was missed is to be read anew. @default nothing
   */
  handleGap?(socket: LiveViewSocket<Context, UploadName, Info>, topics: readonly string[]): MaybePromise
  /** Called with what `startAsync` came to. */
  handleAsync?(socket: LiveViewSocket<Context, UploadName, Info>, name: string, outcome: AsyncOutcome): MaybePromise
  /** Called when a view nested in this one has mounted on the socket, or has ended. Not of a sticky one, which outlives it. */
  handleChild?(socket: LiveViewSocket<Context, UploadName, Info>, change: ChildChange): MaybePromise
  /**
   * Whether the view that is mounted for the first page goes on when that connects: one mount, and not two. What the mount starts begins
   * then; what needs the connection belongs in `handleConnect`. When the page does not connect in time, or elsewhere, `mount` is called
   * again as without it.
   *
   * @default that of its live session or server: false
   */
  readonly adopt?: boolean | undefined
  /**
   * How long the view is kept when its connection is lost, in ms: a page that comes back finds it as it was. 0 ends it at once.
   *
   * @default that of its live session or server: 3 minutes
   */
  readonly resumeWindow?: number | undefined
  /** Called when its connection is lost and it is kept. Nothing is rendered until the page comes back. */
  handlePark?(socket: LiveViewSocket<Context, UploadName, Info>): MaybePromise
  /**
   * Called when the page has come back, before it is answered with the whole view: to bring anew what is not kept. A view with streams or
   * temporary assigns has to have it, or it is mounted anew.
   */
  handleResume?(socket: LiveViewSocket<Context, UploadName, Info>, resume: ResumeInfo): MaybePromise
  /** What the page shows. Synchronous, and without effects. */
  render(context: Readonly<Context>, meta: RenderMeta<UploadName>): Rendered
  /**
   * Called once when the connected view ends, for whatever reason, if its `mount` succeeded: also when that awaited meanwhile. No
   * other callback is called after it; one that awaits may finish.
   */
  shutdown?(socket: LiveViewSocket<Context, UploadName, Info>): MaybePromise
}

const names: ReadonlySet<string> = new Set([
  'mount',
  'handleParams',
  'handleConnect',
  'handleInvalidParams',
  'handleEvent',
  'handleInvalidEvent',
  'handleInfo',
  'handleGap',
  'handleAsync',
  'handleChild',
  'render',
  'shutdown',
  'onMount',
  'events',
  'container',
  'sticky',
  'shell',
  'params',
  'adopt',
  'resumeWindow',
  'handlePark',
  'handleResume',
  'stash',
  'stashVersion',
  'migrate',
  'stashKey',
] satisfies (keyof LiveViewCallbacks<object, LiveEvent, string, unknown>)[])

/**
 * Makes a view of its callbacks.
 *
 * @typeParam Context The view's state.
 * @typeParam Events What `handleEvent` gets: a union told apart by `type`.
 * @typeParam UploadName The names given to `allowUpload`, so that `uploads` is exact.
 * @typeParam Info What `handleInfo` gets.
 * @typeParam ViewParams What the schema `params` makes of the query and the path: `ParamsOf` of it.
 * @throws {LiveError} `ERR_VIEW` when `render` is missing, a callback is not a function, or for a `container` or a `sticky` that cannot be.
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
  ViewParams = Params,
>(callbacks: LiveViewCallbacks<Context, Events, UploadName, Info, ViewParams>): LiveView {
  const wrong = (message: string): LiveError => new LiveError('ERR_VIEW', `createLiveView: ${message}`)
  const fail = (message: string): never => {
    throw wrong(message)
  }
  if (typeof callbacks?.render !== 'function') fail(`render must be a function, got ${describe(callbacks?.render)}`)
  const { onMount, events, params, container, sticky, shell, resumeWindow, adopt, ...others } = callbacks
  const { stash: _stash, stashVersion: _version, ...functions } = others
  for (const [name, callback] of Object.entries(functions)) {
    if (!names.has(name)) fail(`unknown callback '${name}'; known are ${[...names].join(', ')}`)
    if (callback !== undefined && typeof callback !== 'function') {
      fail(`${name} must be a function, got ${describe(callback)}`)
    }
  }
  if (onMount !== undefined && !isListOfFunctions(onMount)) {
    fail(`onMount must be an array of functions, got ${describe(onMount)}`)
  }
  if (!isShell(shell)) fail(`shell must be a function or false, got ${describe(shell)}`)
  checkEvents(events, fail)
  if (params !== undefined) checkEventSchema('params', params, fail)
  checkStickyName(sticky, fail)
  checkResumeWindow(resumeWindow, wrong)
  checkAdopt(adopt, wrong)
  const stash = resolveStash(callbacks as StashParts<string, object>, wrong)
  const element = resolveContainer(container, wrong)
  const view: LiveView = { callbacks, container: element, sticky, resumeWindow, adopt, stash }
  nameSticky(view)
  return view
}

/** Also used for those of live sessions and servers. */
export function checkResumeWindow(ms: unknown, fail: (message: string) => LiveError): void {
  if (ms === undefined || (typeof ms === 'number' && ms >= 0 && ms <= longestWindow)) return
  throw fail(`resumeWindow must be a time in ms from 0 to ${longestWindow} (a day), got ${describe(ms)}`)
}

const longestWindow = 86_400_000

/** The same. */
export function checkAdopt(adopt: unknown, fail: (message: string) => LiveError): void {
  if (adopt === undefined || typeof adopt === 'boolean') return
  throw fail(`adopt must be true or false, got ${describe(adopt)}`)
}

/** Also used for those of components. */
export function checkEvents(events: unknown, fail: (message: string) => never): void {
  if (events === undefined) return
  if (typeof events !== 'object' || events === null) fail(`events must be an object, got ${describe(events)}`)
  for (const [type, schema] of Object.entries(
    events as Readonly<Record<string, Partial<StandardSchema> | undefined>>,
  )) {
    checkEventSchema(`events.${type}`, schema, fail)
  }
}

function checkEventSchema(
  where: string,
  schema: Partial<StandardSchema> | undefined,
  fail: (message: string) => never,
): void {
  if (typeof schema?.['~standard']?.validate === 'function') return
  fail(`${where} must be a Standard Schema (zod, valibot, arktype, …), got ${describe(schema)}`)
}

/** Also used for the lists of live sessions. */
export function isListOfFunctions(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'function')
}
