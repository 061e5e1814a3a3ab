import type { JsCommands } from '../js/commands.ts'
import type { WireJsCommand } from '../protocol/js-commands.ts'
import type { Renderable } from '../protocol/renderable.ts'
import type { AnyTopic, Topic } from '../pubsub/topic.ts'
import type { ConsumeFunction, ConsumeUploadedEntriesMeta } from '../upload/consume.ts'
import type { UploadEntry } from '../upload/entry.ts'
import type { UploadConfigOptions } from '../upload/options.ts'
import type { TempFileMeta } from '../upload/writer.ts'
import type { AsyncFunction, AsyncNames, AsyncOptions, AsyncOutcome, AsyncValues } from './async.ts'
import type { LiveComponent, Params, SessionData } from './definitions.ts'
import type { FlashKind } from './flash.ts'
import type { DownloadOptions, DownloadSource } from './download.ts'
import type { HeadOptions } from './head.ts'
import type { ExternalTarget, NavigateOptions, RedirectOptions } from './navigation.ts'
import type { Shell } from './shell.ts'
import type { StreamInsertOptions, StreamItem, StreamNames, StreamOptions } from './streams.ts'

/** What views and live components have in common. The first argument of every callback. */
export interface LiveSocket<Context = Record<string, unknown>, UploadName extends string = string> {
  /** False while the page is first rendered over HTTP, true once it is connected. */
  readonly connected: boolean
  /** The page's language: what `page.lang` of the server or the live session gave when it was loaded, and `<html lang>` has. */
  readonly lang: string
  /** The state. Change it with `assign`. */
  readonly context: Readonly<Context>
  /** Aborts when the view ends, or the component leaves the page. */
  readonly signal: AbortSignal

  /**
   * Merges `changes` into the context and has it rendered after the callback.
   * @throws {LiveError} `ERR_VIEW` when `changes` is no object.
   */
  assign(changes: Partial<Context>): void
  /**
   * Names what is kept for one render only: after each render the context has these values again. Give `unchanged` as the value of
   * something large: its place on the page stays as it is, and the server forgets what it shows.
   */
  temporaryAssigns(values: Partial<Context>): void
  /**
   * Dispatches `phx:<name>` on the page's window, with `payload` as its `detail`; a client hook gets it with `handleEvent(name)`.
   * It reaches the hooks of the whole page.
   * @param options `beforePatch`: dispatch it before the page shows what changed, not after.
   */
  pushEvent(
    name: string,
    payload?: Readonly<Record<string, unknown>>,
    options?: { readonly beforePatch?: boolean | undefined },
  ): void
  /**
   * Runs JS commands of `liveloom/js` in the page, after it shows what changed. It needs the client that the server serves, or
   * `connect` of `liveloom/client`.
   * @param commands As `js` makes them, or what its `toJSON` gave.
   * @param options `to`: a selector over the whole page; the commands run on every element that it finds. @default the view's own
   * element
   * @throws {LiveError} `ERR_VIEW` for what are no commands, or no selector.
   */
  pushJs(commands: JsCommands | readonly WireJsCommand[], options?: { readonly to?: string | undefined }): void
  /**
   * Empties a form after it was saved, say: its fields show what this render gives them, whatever was typed, and count as unused; its
   * chosen files go. The form keeps its id, so that it is still recovered after a reconnect. Fields that the browser keeps by itself
   * (`value` not rendered) are empty then. It needs the client that the server serves, or `connect` of `liveloom/client`.
   * @param id The form's DOM id.
   * @throws {LiveError} `ERR_VIEW` for anything but text, or an empty one.
   */
  resetForm(id: string): void
  /**
   * Answers the event that is being handled: what the hook's `pushEvent` resolves to. Returning an object does the same for hooks. It
   * must come within 20 s; later it is lost, and reported.
   */
  reply(payload: Readonly<Record<string, unknown>>): void
  /** Sends `info` to the view's `handleInfo`, behind what waits already. Dropped over HTTP; with `adopt` it comes behind the join. */
  sendInfo(info: unknown): void
  /**
   * Gives a live component of this view new props, by the component and its `id`; its `update` is called with them. One that is not
   * on the page is ignored.
   * @param options `delay` in ms. @default 0
   * @throws {LiveError} `ERR_VIEW` for a `delay` that is not a finite number of at least 0.
   */
  sendUpdate<Props>(
    component: LiveComponent<Props>,
    props: Partial<Props> & { readonly id: string | number },
    options?: { readonly delay?: number | undefined },
  ): void
  /**
   * Sends `info` to every view that subscribed to the topic, this one included.
   * @throws {LiveError} `ERR_TOPIC` for what is no topic.
   */
  publish(topic: string, info: unknown): void
  publish<Message>(topic: Topic<Message>, info: NoInfer<Message>): void
  /**
   * Calls `run` every `interval` ms, in the order of the view's other messages, until the view ends (or the component leaves the
   * page) or the returned function is called. A turn that comes while the last one still waits is left out. Does nothing
   * over HTTP; with `adopt` it begins when the page connects.
   * @throws {LiveError} `ERR_VIEW` when `run` is no function or `interval` not above 0, or not finite.
   */
  repeat(run: () => void | Promise<void>, interval: number): () => void

  /**
   * Leaves for another page, with a full page load.
   * @param to A path of this site, which starts with one `/`; `{ external: url }` for another site, or for a path of this host that is
   * not below `basePath`. A path may come from the browser, an external URL may not: whoever chooses it sends your visitors anywhere.
   * @throws {LiveError} `ERR_NAVIGATION` for anything else.
   */
  redirect(to: string | ExternalTarget, options?: RedirectOptions): void
  /**
   * Changes the URL of this view and calls its `handleParams`; the page stays.
   * @param to A path of this view's routes, with or without a query.
   * @throws {LiveError} `ERR_NAVIGATION` for what is no path; the view ends when the path is another view's.
   */
  pushPatch(to: string, options?: NavigateOptions): void
  /**
   * Leaves for another view: within a live session over the open socket, else with a page load.
   * @param to A path that starts with one `/`.
   * @throws {LiveError} `ERR_NAVIGATION` for anything else.
   */
  pushNavigate(to: string, options?: NavigateOptions): void

  /**
   * Has the browser save a file; the page stays, and so does the view. The address is for this visitor alone and for one download. It
   * needs the client that the server serves, `connect` or `followDownloads` of `liveloom/client`.
   * @param source The absolute path of a file on the server (`{ path, root }` for one that a visitor chooses), bytes, a stream, or a
   * function that opens one when the browser asks; a `URL` or `{ url }` for another site, which has to answer with a file.
   * @throws {LiveError} `ERR_DOWNLOAD` for what is none of these, a wrong option, and while the page is first rendered over HTTP.
   */
  download(source: DownloadSource, options?: DownloadOptions): void

  /** Sets a message that the page shows until it is cleared, also across one navigation or redirect. Read it in `meta.flash`. */
  putFlash(kind: FlashKind, message: string): void
  /** Clears one message, or all. */
  clearFlash(kind?: FlashKind): void

  /**
   * Begins or adds to a stream: a list that the page keeps and the server forgets. `context[name]` is the stream; render it with
   * `each(stream, (item, domId) => …)`.
   * @throws {LiveError} `ERR_STREAM` for a wrong option, or an item without an id.
   */
  stream<Name extends StreamNames<Context>>(
    name: Name,
    items: Iterable<StreamItem<Context, Name>>,
    options?: StreamOptions<StreamItem<Context, Name>>,
  ): void
  /** Inserts one item, or updates it where it is when the page has it. */
  streamInsert<Name extends StreamNames<Context>>(
    name: Name,
    item: StreamItem<Context, Name>,
    options?: StreamInsertOptions,
  ): void
  /** Takes an item out of the page; its id is enough of it. */
  streamDelete<Name extends StreamNames<Context>>(name: Name, item: StreamItem<Context, Name>): void
  /** Takes the item with this DOM id out of the page. */
  streamDeleteByDomId(name: StreamNames<Context>, domId: string): void
  /** Says how the DOM ids of a stream are made, before its first use. @default `<name>-<item.id>` */
  streamConfigure<Name extends StreamNames<Context>>(
    name: Name,
    options: { readonly domId: (item: StreamItem<Context, Name>) => string },
  ): void
  /**
   * Loads items for a stream without keeping the view from rendering. The stream is there at once, with what it had before; with
   * `reset` that goes when the new items come. Does not run while the page is first rendered over HTTP; with `adopt` it begins when the
   * page connects.
   * @param options Those of `stream`, and `status`: a key of the context that becomes an `AsyncResult` (its value is `true`), for
   * `async_result` to show that it loads or why it failed. A failure is reported to `onError` as well.
   */
  streamAsync<Name extends StreamNames<Context>, Status extends AsyncNames<Context>>(
    name: Name,
    load: AsyncFunction<Iterable<StreamItem<Context, Name>>>,
    options?: StreamAsyncOptions<StreamItem<Context, Name>, Status>,
  ): void

  /**
   * Loads values for the context without keeping the view from rendering. Each named value is an `AsyncResult` at once (loading),
   * and again when `load` settled. What `load` throws, or lacks, is reported and becomes `error`. Does not run while the page is
   * first rendered over HTTP; with `adopt` it begins when the page connects. Each key belongs to the newest work for it: an older result
   * does not change it any more, and the signal of work that has no key left aborts.
   * @param names A key of the context, or several; `load` resolves to an object with those keys.
   * @throws {LiveError} `ERR_ASYNC` when `load` is no function, or `reset` names another key.
   */
  assignAsync<Name extends AsyncNames<Context>>(
    names: Name | readonly Name[],
    load: AsyncFunction<AsyncValues<Context, Name>>,
    options?: AsyncOptions<NoInfer<Name>>,
  ): void
  /**
   * Runs `work` beside the view and gives its outcome to `handleAsync`. A second start of the same name replaces the first, whose
   * signal aborts and whose outcome is dropped. Does not run while the page is first rendered over HTTP; with `adopt` it begins when the page
   * connects.
   * @throws {LiveError} `ERR_ASYNC` when `work` is no function.
   */
  startAsync(name: string, work: AsyncFunction<unknown>): void
  /**
   * Aborts the signal of what runs under `name`: of `startAsync`, `streamAsync`, or of an `assignAsync` that loads that key. Its
   * outcome is a failure with `reason`, whatever it still does.
   * @param reason @default an `AbortError`
   */
  cancelAsync(name: string, reason?: unknown): void

  /**
   * Has `hook` called in a stage of this life, before the own callback. Names are unique within a stage.
   * @throws {LiveError} `ERR_HOOK` for an unknown stage, one that never comes (any more), or a name that is taken. A hook that gives
   * back what is no {@link HookResult} fails with it as well.
   */
  attachHook<Stage extends keyof ComponentHooks>(name: string, stage: Stage, hook: ComponentHooks<this>[Stage]): void
  /** Takes a hook away again; an unknown one is ignored. */
  detachHook(name: string, stage: keyof ComponentHooks): void

  /**
   * Allows file uploads under `name`. Applies at once: it need not be awaited, and the same `mount` may render it.
   * @throws {LiveError} at once: `ERR_UPLOAD_OPTIONS` for a wrong option, `ERR_UPLOAD_ACTIVE` when the upload has entries.
   */
  allowUpload<Meta = TempFileMeta>(name: UploadName, options?: UploadConfigOptions<this, Meta>): Promise<void>
  /**
   * Takes an entry out, whatever its state: the same render shows it gone. The promise resolves when its bytes are deleted. An
   * unknown name or ref rejects with `ERR_UPLOAD_ENTRY`; when the promise is not awaited that is only reported.
   * @param configName A name of yours, or an event's value that has no type: both usually come from the browser.
   * @param ref The entry's `ref`, the same way.
   */
  cancelUpload<Name, Ref>(configName: UploadName | Untyped<Name>, ref: string | Untyped<Ref>): Promise<void>
  cancelUpload(configName: UploadName, ref: string): Promise<void>
  /**
   * Takes no more bytes of an entry until {@link resumeUpload}: its state is `paused`, a submit that waits for it waits on, and other
   * files have its turn. It is kept for 24 hours. Does nothing for an entry that is not being sent, and for one that travels over the socket,
   * as those of the official client alone do. An unknown name or ref rejects as that of `cancelUpload` does.
   */
  pauseUpload<Name, Ref>(configName: UploadName | Untyped<Name>, ref: string | Untyped<Ref>): Promise<void>
  pauseUpload(configName: UploadName, ref: string): Promise<void>
  /** Lets a paused entry go on from where it stands, when its turn comes. Does nothing for any other. */
  resumeUpload<Name, Ref>(configName: UploadName | Untyped<Name>, ref: string | Untyped<Ref>): Promise<void>
  resumeUpload(configName: UploadName, ref: string): Promise<void>
  /**
   * Has an entry that has failed begin anew: its errors go, and it is sent again at once. Does nothing for any other, and for one
   * that travelled over the socket, as those of the official client alone do: such a file has to be chosen again.
   */
  retryUpload<Name, Ref>(configName: UploadName | Untyped<Name>, ref: string | Untyped<Ref>): Promise<void>
  retryUpload(configName: UploadName, ref: string): Promise<void>
  /**
   * Empties `uploads.<name>.lost`: the user has seen which files were lost with the connection. Choosing files does the same.
   * @throws {LiveError} `ERR_UPLOAD_NAME` when there is no such upload.
   */
  dismissLost(configName: UploadName): void
  /**
   * Hands each finished entry to `fn`, one after another, and resolves to the results. An entry is dropped and its temporary file
   * deleted once its `fn` succeeded; one whose `fn` threw stays consumable. Invalid and failed entries are skipped.
   * One that is being consumed already is left out. Work that takes long belongs into `startAsync`: the page shows meanwhile that they are
   * `processing`, and how far that is.
   * @throws {LiveError} `ERR_UPLOAD_IN_PROGRESS` when an entry is still in progress; nothing is consumed then.
   */
  consumeUploadedEntries<T, Meta = ConsumeUploadedEntriesMeta>(
    configName: UploadName,
    fn: ConsumeFunction<T, Meta>,
  ): Promise<T[]>
  /**
   * The same for one finished entry while others run: what a `progress` callback needs.
   * @throws {LiveError} `ERR_UPLOAD_CLAIMED` when it is being consumed already.
   */
  consumeUploadedEntry<T, Meta = ConsumeUploadedEntriesMeta>(
    entry: UploadEntry,
    fn: ConsumeFunction<T, Meta>,
  ): Promise<T>
  /** The entries that are stored, and those still waiting or on their way. Invalid and failed ones are in neither. */
  uploadedEntries(configName: UploadName): Promise<{ completed: UploadEntry[]; inProgress: UploadEntry[] }>
}

/** A value that says nothing of its type, as those of an event that the view does not describe. */
export type Untyped<Value> = unknown extends Value ? Value : never

/** What `streamAsync` takes beside the options of `stream`. */
export interface StreamAsyncOptions<Item, Status extends string = string> extends StreamOptions<Item> {
  /** The key of the context that tells how the loading goes. @default none */
  readonly status?: Status | undefined
}

/** Where a nested view stands. */
export interface ParentView {
  /** The DOM id of the view around it; `undefined` for a sticky view, which outlives the one that placed it. */
  readonly id: string | undefined
  /** The `session` that `live_view` was given for it, and nothing else. */
  readonly session: SessionData
}

/**
 * A view's way to its page, its server and its uploads; the first argument of every callback.
 *
 * What changes outside a callback (a timer of yours, a promise not awaited) is rendered by itself. After the view ended, its
 * effects on the page are dropped.
 */
export interface LiveViewSocket<
  Context = Record<string, unknown>,
  UploadName extends string = string,
  Info = unknown,
> extends LiveSocket<Context, UploadName> {
  /** The DOM id of the view. */
  readonly id: string
  /** The `action` of the route that leads to the view now, set before `handleParams`. `undefined` in a nested view. */
  readonly action: string | undefined
  /** The view around this one; `undefined` for the page's own. */
  readonly parent: ParentView | undefined
  /**
   * The visitor's session alone, as the cookie or the server's `session` has it: without what a live session or `live_view` laid over it for
   * `mount`.
   */
  readonly session: SessionData
  /**
   * How often this page had mounted the view on a socket before: 0 the first time and over HTTP, more after a lost connection or a crash.
   * From the browser.
   */
  readonly mounts: number
  /**
   * What of the view's `stash` was there before: after a restart, or with a store after a reload. In `mount`, its hooks, and the first
   * `handleParams`; `undefined` when there is none. It may be older than what was last seen.
   */
  readonly stashed: Readonly<Partial<Context>> | undefined
  /**
   * What the page's own script passed to the client as `params`. From the browser; empty while not connected, and in an adoptable mount: see
   * `handleConnect`.
   */
  readonly connectParams: Readonly<Record<string, unknown>>
  /** True when a script or stylesheet that the page loaded (`phx-track-static`) is no longer the server's. */
  readonly staticChanged: boolean
  /**
   * Sets the title of the page. Does nothing in a nested view: the page has one title, that of its own view.
   * @throws {LiveError} `ERR_VIEW` for anything but text.
   */
  pageTitle(title: string): void
  /**
   * Says more of the document than its title: description, class of the body, meta elements, links and scripts. Each part goes over
   * what was said of it before. Title and description follow while the page lives; the rest shows with a page load. Does nothing in a
   * nested view.
   * @throws {LiveError} `ERR_VIEW` for an unknown part, or one of another kind.
   */
  head(options: HeadOptions): void
  /**
   * Chooses what stands around the view, in place of what the view, its route, its live session or the server says; `false`: nothing.
   * Called in `mount` or later. Does nothing in a nested view.
   * @throws {LiveError} `ERR_VIEW` for anything but a function or `false`.
   */
  shell(shell: Shell<Context> | false): void
  /**
   * Has every message of the topic given to `handleInfo`, until the view ends. Twice is once. Does nothing over HTTP; with `adopt` it
   * takes effect at once, and what comes before the page connects waits for it.
   *
   * With an engine for several processes it gives back a promise, to be awaited before data is read: from then on nothing is missed that another
   * process publishes. It never rejects.
   * @throws {LiveError} `ERR_TOPIC` for what is no topic.
   */
  subscribe<Message extends Info>(topic: Topic<Message> | string): void | Promise<void>
  /** Takes a subscription back. What was published before may still come. */
  unsubscribe(topic: AnyTopic | string): void
  attachHook<Stage extends keyof Hooks>(name: string, stage: Stage, hook: Hooks<this>[Stage]): void
  detachHook(name: string, stage: keyof Hooks): void
}

/** A live component's way to its page; the first argument of its callbacks. */
export interface LiveComponentSocket<
  Context = Record<string, unknown>,
  UploadName extends string = string,
> extends LiveSocket<Context, UploadName> {
  /** The id that it was placed with. */
  readonly id: string | number
  /** Its number on the page: what `phx-target=${myself}` prints. */
  readonly myself: Myself
}

/** Prints the number of a live component: a target for events. */
export interface Myself extends Renderable {
  toString(): string
}

/** `'halt'` ends the stage: neither the hooks behind this one nor the view's own callback are called. */
export type HookResult = 'continue' | 'halt' | void

/** A halted event may be answered. */
export type EventHookResult = HookResult | { readonly halt: true; readonly reply?: Readonly<Record<string, unknown>> }

type MaybePromise<T> = T | Promise<T>

/** What a hook of each stage is given in a live component, or in any part of a page. */
export interface ComponentHooks<Socket = LiveComponentSocket> {
  handleConnect(socket: Socket): MaybePromise<HookResult>
  handleEvent(
    socket: Socket,
    event: { readonly type: string; readonly values: unknown } & Readonly<Record<string, unknown>>,
  ): MaybePromise<EventHookResult>
  handleAsync(socket: Socket, name: string, outcome: AsyncOutcome): MaybePromise<HookResult>
  /** Called after each render, and cannot wait. What it assigns shows with the next one. */
  afterRender(socket: Socket): void | undefined
}

/** What a hook of each stage is given in a view. Hooks of `mount` must redirect when they halt. */
export interface Hooks<Socket = LiveViewSocket> extends ComponentHooks<Socket> {
  mount(socket: Socket, session: SessionData, params: Params): MaybePromise<HookResult>
  handleParams(socket: Socket, url: URL, params: Params): MaybePromise<HookResult>
  handleInfo(socket: Socket, info: unknown): MaybePromise<HookResult>
}

/**
 * A hook for the mounts of a live session or a view: who may see it, and what all of them need.
 *
 * @typeParam Context What it needs of the context of the views that it is given to.
 */
export type OnMount<Context = Record<string, unknown>> = Hooks<LiveViewSocket<Context>>['mount']
