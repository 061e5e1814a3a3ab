/**
 * A part of a page with a state of its own: a view, or a live component. Here is what both can do; what is special to each stands in
 * `instance.ts` and `component-instance.ts`. Who owns the page decides when it is rendered and where its effects go.
 */
import { assertRendered } from '../diff/diff.ts'
import { describe, describeClaim, LiveError } from '../errors.ts'
import type { JsCommands } from '../js/commands.ts'
import { printUnder } from '../protocol/base-path.ts'
import type { WireJsCommand } from '../protocol/js-commands.ts'
import type { LostFile } from '../protocol/lost-files.ts'
import { pageEvents } from '../protocol/message.ts'
import { type AnyTopic, topicName } from '../pubsub/topic.ts'
import type { OfPart, OfView } from '../telemetry/events.ts'
import { type Fields, measured, measuredCall } from '../telemetry/measure.ts'
import type { EventSchemas } from '../forms/events.ts'
import type { Rendered } from '../template/rendered.ts'
import { randomText } from '../token/random.ts'
import type { ConsumeFunction } from '../upload/consume.ts'
import type { UploadConfig, UploadEntry } from '../upload/entry.ts'
import type { UploadConfigOptions } from '../upload/options.ts'
import { whileRendering } from '../upload/tags.ts'
import { type UploadHost, Uploads } from '../upload/uploads.ts'
import {
  type AsyncFunction,
  type AsyncOptions,
  type AsyncOutcome,
  type AsyncTarget,
  AsyncResult,
  AsyncTasks,
  isAsyncResult,
} from './async.ts'
import { readComponentId } from './component-slot.ts'
import type { LiveComponent } from './definitions.ts'
import type { Effects } from './effects.ts'
import { isReply } from './event.ts'
import { type AnyHook, type Halt, type Hooked, type HookStage, HookTable } from './hooks.ts'
import type { LiveHost, Stage } from './host.ts'
import { type Steps, isPromise, runSteps } from './steps.ts'
import {
  type ExternalTarget,
  type NavigateOptions,
  type Navigation,
  type RedirectOptions,
  toNavigation,
  toRedirect,
} from './navigation.ts'
import type { ResumeInfo } from './resume.ts'
import type { LiveSocket } from './socket.ts'
import { Work } from './work.ts'
import { type StreamInsertOptions, type StreamOptions, Streams } from './streams.ts'
import type { InvalidEvent } from './view.ts'

/** What a part needs of the page it is on. */
export interface PartOwner {
  readonly host: LiveHost
  /** Whose steps telemetry tells of. */
  readonly place: OfView
  readonly connected: boolean
  /** The page's language. */
  readonly lang: string
  readonly effects: Effects
  /** Something is to be sent or rendered. Called inside callbacks and outside. */
  changed(): void
  /** Runs something in the order of the view's messages. Dropped while not connected. */
  call(stage: Stage, run: () => void | Promise<void>, of?: Part): void
  sendInfo(info: unknown): void
  sendUpdate(component: LiveComponent<never>, props: Readonly<Record<string, unknown>>): void
  /** A timer that ends with the view. */
  startTimer(ms: number, fire: () => void): { cancel(): void }
  /** What uploads need beyond the host: the token that admits an entry's channel, and how busy the connection is. */
  uploadToken(configRef: string, entryUuid: string): string
  sending(): number
  uploadFailed(): void
  /** A choice of files was refused, since the connection sends as many as it may. */
  tooManyFiles(): void
  /** The files of an upload that went with the view before. */
  lostFiles(upload: string, component: string | number | undefined): readonly LostFile[]
  /** What went wrong beside the callbacks: nothing ends by it. */
  report(error: unknown, stage: Stage, of: Part): void
}

type HandleAsync = ((socket: never, name: string, outcome: AsyncOutcome) => void | Promise<void>) | undefined

interface PartEvent {
  readonly type: string
  readonly values: unknown
}

/** The callbacks of a view or component that the life of its connection leads to. */
export interface ConnectionHandlers {
  handlePark?(socket: Part): void | Promise<void>
  handleResume?(socket: Part, resume: ResumeInfo): void | Promise<void>
}

/** The callbacks of a view or component that an event of the page may lead to. */
export interface EventHandlers extends ConnectionHandlers {
  readonly events?: EventSchemas | undefined
  handleEvent?(socket: Part, event: PartEvent): unknown
  handleInvalidEvent?(socket: Part, event: InvalidEvent): unknown
}

const noUploads: Readonly<Record<string, UploadConfig>> = Object.freeze({})

export abstract class Part implements LiveSocket<object> {
  readonly owner: PartOwner
  #context: Record<string, unknown> = {}
  #temporary: Readonly<Record<string, unknown>> | undefined
  #uploads: Uploads | undefined
  #streams: Streams | undefined
  #tasks: AsyncTasks | undefined
  #hooks: HookTable | undefined
  #abort: AbortController | undefined
  #ended = false
  #dirty = true
  /** The page shows something of it that it does not hold any more. */
  forgets: boolean = false

  constructor(owner: PartOwner) {
    this.owner = owner
  }

  /** The id of a live component; `undefined` for a view. */
  abstract readonly componentId: string | number | undefined
  /** What the refs of its streams begin with. */
  protected abstract readonly streamPrefix: string
  protected abstract readonly isView: boolean
  /** What decides which stages its hooks may have. */
  protected abstract readonly hooked: Hooked
  protected abstract readonly handleAsync: HandleAsync

  protected abstract readonly handlers: EventHandlers
  /** What to say of an event that has no handler. `type`: as it may be printed. */
  protected abstract unhandled(type: string): string

  // What the owner does.

  /** True when the part may look different from its last render. */
  get dirty(): boolean {
    return this.#dirty
  }

  set dirty(dirty: boolean) {
    this.#dirty = dirty
  }

  /** Renders, and has `print` make of it what is sent: rows of a list are rendered only then. */
  protected renderWith<T>(render: () => unknown, where: string, print: (rendered: Rendered) => T): T {
    return measuredCall(
      'render',
      () => ({ ...this.place, connected: this.connected }),
      () => this.#renderWith(render, where, print),
    )
  }

  #renderWith<T>(render: () => unknown, where: string, print: (rendered: Rendered) => T): T {
    this.dirty = false
    const { basePath, development } = this.owner.host
    const renderOnce = (): T => {
      const rendered = render()
      assertRendered(rendered, where)
      development?.checkRender(rendered)
      return print(rendered)
    }
    const printed = printUnder(basePath, () => whileRendering(this.uploadConfigs, renderOnce))
    this.#streams?.rendered()
    if (this.#temporary !== undefined) this.#context = { ...this.#context, ...this.#temporary }
    this.#rendered()
    return printed
  }

  /** The message that it was rendered for is complete, what its components show of its streams included. */
  sent(): void {
    this.#streams?.sent()
  }

  /** What its hooks assign shows with the next render, and causes none: otherwise there would be no last one. */
  #rendered(): void {
    const hooks = this.hooks('afterRender')
    if (hooks.length === 0) return
    for (const [, hook] of hooks) {
      const result = hook(this as never)
      if (isPromise(result)) {
        const stage = this.isView ? 'render' : 'component'
        Promise.resolve(result).catch((error: unknown) => this.owner.report(error, stage, this))
      }
    }
    this.dirty = false
  }

  get uploads(): Uploads | undefined {
    return this.#uploads
  }

  get uploadConfigs(): Readonly<Record<string, UploadConfig>> {
    return this.#uploads?.configs ?? noUploads
  }

  protected hooks(stage: HookStage): ReturnType<HookTable['of']> {
    return this.#hooks?.of(stage) ?? []
  }

  /** Runs the part's hooks of a stage, with what its callback is given. */
  protected *runHooks(stage: HookStage, ...given: readonly unknown[]): Steps<Halt | undefined> {
    return this.#hooks === undefined ? undefined : yield* this.#hooks.run(stage, this, ...given)
  }

  /** Offers its hooks an event that is not listed in `events`. True when one of them takes it. */
  *hooksTake(event: PartEvent): Steps<boolean> {
    if (this.hooks('handleEvent').length === 0) return false
    return yield* measured('event', () => ({ ...this.place, event: event.type }), this.#hookTakes(event))
  }

  *#hookTakes(event: PartEvent): Steps<boolean> {
    const halt = yield* this.runHooks('handleEvent', event)
    if (halt === undefined) return false
    // It said that it answers: whoever asked.
    if (halt.reply !== undefined) this.reply(halt.reply as Readonly<Record<string, unknown>>)
    return true
  }

  /** What its events may bring. */
  get eventSchemas(): EventSchemas | undefined {
    return this.handlers.events
  }

  get handlesInvalidEvents(): boolean {
    return this.handlers.handleInvalidEvent !== undefined
  }

  handleEvent(event: PartEvent): Steps<void> {
    return measured('event', () => ({ ...this.place, event: event.type }), this.#handleEvent(event))
  }

  *#handleEvent(event: PartEvent): Steps<void> {
    if (this.#hooks !== undefined && (yield* this.#hookTakes(event))) return
    const { handlers } = this
    if (handlers.handleEvent === undefined) {
      throw new LiveError('ERR_NO_HANDLER', this.unhandled(describeClaim(event.type)))
    }
    this.#takeReply(event, yield handlers.handleEvent(this, event))
  }

  *handleInvalidEvent(event: InvalidEvent): Steps<void> {
    this.#takeReply(event, yield this.handlers.handleInvalidEvent!(this, event))
  }

  /**
   * What a handler of events gave back: an object is the answer, where somebody waits for one. To others nothing is sent that nobody
   * meant to send: a handler may well end in a call that gives back a row of the database.
   */
  #takeReply({ type }: PartEvent, returned: unknown): void {
    if (!isReply(returned)) return
    if (this.owner.effects.answers) this.owner.effects.reply = returned
    else this.owner.host.development?.warn(unasked(type), this.owner.place.view)
  }

  /**
   * Whether it can be shown again from what it holds: what streams and temporary assigns brought has been forgotten on purpose, and only
   * `handleResume` brings it anew.
   */
  get canResume(): boolean {
    if (this.handlers.handleResume !== undefined) return true
    return !this.forgets && this.#temporary === undefined && this.#streams?.hadItems !== true
  }

  handlePark(): void | Promise<void> {
    return this.handlers.handlePark?.(this)
  }

  handleResume({ reason, connectParams }: ResumeInfo): void | Promise<void> {
    return this.handlers.handleResume?.(this, { reason, connectParams })
  }

  get handlesPark(): boolean {
    return this.handlers.handlePark !== undefined
  }

  get ended(): boolean {
    return this.#ended
  }

  end(): void {
    this.#ended = true
    this.#abort?.abort()
    this.#tasks?.end()
    this.#uploads?.end()
  }

  // What callbacks do.

  get connected(): boolean {
    return this.owner.connected
  }

  get lang(): string {
    return this.owner.lang
  }

  get context(): Readonly<object> {
    return this.#context
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#ended) this.#abort.abort()
    return this.#abort.signal
  }

  assign(changes: object): void {
    if (typeof changes !== 'object' || changes === null) {
      throw new LiveError('ERR_VIEW', `assign: expected an object, got ${describe(changes)}`)
    }
    this.#context = { ...this.#context, ...changes }
    this.markChanged()
  }

  temporaryAssigns(values: object): void {
    if (typeof values !== 'object' || values === null) {
      throw new LiveError('ERR_VIEW', `temporaryAssigns: expected an object, got ${describe(values)}`)
    }
    this.#temporary = { ...this.#temporary, ...values }
  }

  pushEvent(
    name: string,
    payload: Readonly<Record<string, unknown>> = {},
    { beforePatch = false }: { readonly beforePatch?: boolean | undefined } = {},
  ): void {
    if (this.#ended) return
    this.owner.effects.push(beforePatch ? [name, payload, true] : [name, payload], this.isView)
    this.owner.changed()
  }

  pushJs(commands: JsCommands | readonly WireJsCommand[], { to }: { readonly to?: string | undefined } = {}): void {
    // Also a list that was kept as data: both are an array as JSON.
    const isList = typeof commands === 'object' && commands !== null
    const encoded = isList ? printUnder(this.owner.host.basePath, () => JSON.stringify(commands)) : ''
    if (!encoded.startsWith('[')) {
      throw new LiveError(
        'ERR_VIEW',
        `pushJs: expected JS commands, as js.show() makes them, got ${describe(commands)}`,
      )
    }
    if (to !== undefined && (typeof to !== 'string' || to.trim() === '')) {
      throw new LiveError('ERR_VIEW', `pushJs: to must be a selector like '#menu', got ${describe(to)}`)
    }
    this.pushEvent(pageEvents.exec, { id: this.pageId, to: to ?? null, commands: encoded })
  }

  resetForm(id: string): void {
    if (typeof id !== 'string' || id === '') {
      throw new LiveError('ERR_VIEW', `resetForm: expected the id of a form, got ${describe(id)}`)
    }
    this.pushEvent(pageEvents.resetForm, { id, ahead: true }, { beforePatch: true })
    this.pushEvent(pageEvents.resetForm, { id })
  }

  /** The DOM id of the view. */
  abstract readonly pageId: string

  reply(payload: Readonly<Record<string, unknown>>): void {
    if (!isReply(payload)) {
      throw new LiveError('ERR_EVENT', `reply: expected an object, got ${describe(payload)}`)
    }
    this.owner.effects.reply = payload
  }

  sendInfo(info: unknown): void {
    if (!this.#ended) this.owner.sendInfo(info)
  }

  sendUpdate(
    component: LiveComponent<never>,
    props: Readonly<Record<string, unknown>>,
    { delay = 0 }: { readonly delay?: number | undefined } = {},
  ): void {
    readComponentId('sendUpdate', component, props)
    if (typeof delay !== 'number' || !(delay >= 0 && delay < Infinity)) {
      throw new LiveError('ERR_VIEW', `sendUpdate: delay must be a time in ms, 0 or more, got ${describe(delay)}`)
    }
    if (this.#ended) return
    if (delay > 0) this.owner.startTimer(delay, () => this.owner.sendUpdate(component, props))
    else this.owner.sendUpdate(component, props)
  }

  publish(topic: string | AnyTopic, info: unknown): void {
    const published = this.owner.host.pubsub.publish(topicName('publish', topic), info)
    published?.catch((error: unknown) => this.owner.report(error, 'info', this))
  }

  repeat(run: () => void | Promise<void>, interval: number): () => void {
    if (typeof run !== 'function' || typeof interval !== 'number' || !(interval > 0 && interval < Infinity)) {
      const got = `${describe(run)} and ${describe(interval)}`
      throw new LiveError('ERR_VIEW', `repeat: expected a function and an interval in ms above 0, got ${got}`)
    }
    let timer: { cancel(): void } | undefined
    let stopped = false
    let waits = false
    const next = (): void => {
      if (stopped || this.#ended || !this.connected) return
      timer = this.owner.startTimer(interval, () => {
        next()
        // What a slow view has not come to yet is not piled up before it.
        if (waits || stopped || this.#ended) return
        waits = true
        const tick = (): void | Promise<void> => {
          waits = false
          if (!stopped && !this.#ended) return measuredCall('timer', () => this.place, run)
        }
        this.owner.call('timer', tick, this)
      })
    }
    next()
    return () => {
      stopped = true
      timer?.cancel()
    }
  }

  redirect(to: string | ExternalTarget, options?: RedirectOptions): void {
    this.#goTo(toRedirect(to, options))
  }

  pushPatch(to: string, options?: NavigateOptions): void {
    this.#goTo(toNavigation('patch', to, options))
  }

  pushNavigate(to: string, options?: NavigateOptions): void {
    this.#goTo(toNavigation('navigate', to, options))
  }

  #goTo(navigation: Navigation): void {
    // Also a component that has left the page takes nobody along.
    if (this.#ended) return
    this.owner.effects.navigation = navigation
    this.owner.changed()
  }

  putFlash(kind: string, message: string): void {
    if (this.#ended) return
    this.owner.effects.flash.put(String(kind), String(message))
    this.markChanged()
  }

  clearFlash(kind?: string): void {
    if (!this.#ended && this.owner.effects.flash.clear(kind)) this.markChanged()
  }

  // Streams.

  stream(name: string, items: Iterable<unknown>, options?: StreamOptions<never>): void {
    this.assign({ [name]: this.#streamsOf().put(name, items, options) })
  }

  streamInsert(name: string, item: unknown, options?: StreamInsertOptions): void {
    this.#streamsOf().insert(name, item, options)
    this.markChanged()
  }

  streamDelete(name: string, item: unknown): void {
    this.#streamsOf().delete(name, item)
    this.markChanged()
  }

  streamDeleteByDomId(name: string, domId: string): void {
    this.#streamsOf().deleteByDomId(name, domId)
    this.markChanged()
  }

  streamConfigure(name: string, options: { readonly domId: (item: never) => string }): void {
    this.#streamsOf().configure(name, options)
  }

  streamAsync(
    name: string,
    load: AsyncFunction<Iterable<unknown>>,
    { status, ...options }: StreamOptions<never> & { readonly status?: string | undefined } = {},
  ): void {
    assertAsync(`streamAsync('${name}')`, load)
    // There is something to render from the start. What the page has of it stays until there is something new to show.
    this.stream(name, [], { ...options, reset: false })
    const show = (make: (before: AsyncResult | undefined) => AsyncResult): void => {
      if (status !== undefined) this.assign({ [status]: make(this.#asyncOf(status)) })
    }
    show((before) => AsyncResult.loading(options.reset === true ? undefined : before))
    this.#load(
      { call: 'streamAsync', names: [name] },
      load,
      (items) => {
        this.stream(name, items, options)
        show(() => AsyncResult.ok(true))
      },
      (error) => show((before) => AsyncResult.failed(error, before)),
    )
  }

  #streamsOf(): Streams {
    return (this.#streams ??= new Streams(this.streamPrefix))
  }

  // Async.

  assignAsync(
    names: string | readonly string[],
    load: AsyncFunction<Readonly<Record<string, unknown>>>,
    { reset = false }: AsyncOptions = {},
  ): void {
    const keys = typeof names === 'string' ? [names] : names
    if (!Array.isArray(keys) || keys.length === 0) {
      throw new LiveError('ERR_ASYNC', `assignAsync: expected a key of the context, or several, got ${describe(names)}`)
    }
    assertAsync(`assignAsync('${keys.join("', '")}')`, load)
    const forgets = resets(reset, keys)
    const change = (of: readonly string[], make: (key: string) => AsyncResult): void => {
      this.assign(Object.fromEntries(of.map((key) => [key, make(key)])))
    }
    change(keys, (key) => AsyncResult.loading(forgets(key) ? undefined : this.#asyncOf(key)))
    this.#load(
      { call: 'assignAsync', names: keys },
      load,
      (values, left) => {
        for (const key of left) {
          if (typeof values === 'object' && values !== null && key in values) continue
          const got = describe(values)
          throw new LiveError('ERR_ASYNC', `assignAsync('${key}'): its function must give { ${key}: … }, got ${got}`)
        }
        change(left, (key) => AsyncResult.ok(values[key]))
      },
      (error, left) => change(left, (key) => AsyncResult.failed(error, this.#asyncOf(key))),
    )
  }

  startAsync(name: string, work: AsyncFunction<unknown>): void {
    assertAsync(`startAsync(${describe(name)})`, work)
    const settled = (outcome: AsyncOutcome): void | Promise<void> =>
      runSteps(this.#settleAsync(name, outcome), () => this.#ended)
    this.#start({ call: 'startAsync', names: [name], settled }, work)
  }

  cancelAsync(name: string, reason: unknown = new DOMException('cancelled', 'AbortError')): void {
    this.#tasks?.cancel(name, reason)
  }

  /** Loads something whose failure becomes state, and is reported unless it was cancelled. */
  #load<T>(
    target: Omit<AsyncTarget, 'settled'>,
    load: AsyncFunction<T>,
    ready: (value: T, names: readonly string[]) => void,
    failed: (error: unknown, names: readonly string[]) => void,
  ): void {
    const settled = (outcome: AsyncOutcome, names: readonly string[], cancelled: boolean): void => {
      const fail = (error: unknown): void => {
        if (!cancelled) this.owner.report(error, 'async', this)
        failed(error, names)
      }
      if (!outcome.ok) return fail(outcome.error)
      try {
        ready(outcome.value as T, names)
      } catch (error) {
        // It is not what was to be loaded.
        fail(error)
      }
    }
    this.#start({ ...target, settled }, load)
  }

  #start(target: AsyncTarget, work: AsyncFunction<unknown>): void {
    if (!this.connected || this.#ended) return
    this.#tasks ??= new AsyncTasks((run) => this.owner.call('async', run, this))
    const name = target.names.join(' ')
    this.#tasks.start(target, (signal) =>
      measuredCall(
        'async',
        () => ({ ...this.place, name }),
        () => work(signal),
      ),
    )
  }

  #settleAsync(name: string, outcome: AsyncOutcome): Steps<void> {
    const fields = (): Fields<'outcome'> => ({ ...this.place, name, ok: outcome.ok })
    return measured('outcome', fields, this.#handleAsync(name, outcome))
  }

  *#handleAsync(name: string, outcome: AsyncOutcome): Steps<void> {
    if ((yield* this.runHooks('handleAsync', name, outcome)) !== undefined) return
    if (this.handleAsync === undefined) {
      throw new LiveError('ERR_NO_HANDLER', `the result of startAsync('${name}') came, but there is no handleAsync`)
    }
    yield this.handleAsync(this as never, name, outcome)
  }

  #asyncOf(key: string): AsyncResult | undefined {
    const value = this.#context[key]
    return isAsyncResult(value) ? value : undefined
  }

  // Hooks.

  attachHook(name: string, stage: HookStage, hook: AnyHook): void {
    this.#hooks ??= new HookTable(this.hooked)
    this.#hooks.attach(name, stage, hook)
  }

  detachHook(name: string, stage: HookStage): void {
    this.#hooks?.detach(name, stage)
  }

  // Uploads.

  allowUpload(name: string, options?: UploadConfigOptions<this>): Promise<void> {
    this.#known().allow(name, options)
    this.markChanged()
    return Promise.resolve()
  }

  cancelUpload(configName: unknown, ref: unknown): Promise<void> {
    const cancelled = this.#known().cancel(configName as string, ref as string)
    this.markChanged()
    // The page does not await it; a wrong ref may come from the browser and must not end the process.
    return this.#work(cancelled)
  }

  dismissLost(configName: string): void {
    this.#known().dismissLost(configName)
    this.markChanged()
  }

  consumeUploadedEntries<T>(configName: string, fn: ConsumeFunction<T>): Promise<T[]> {
    const consumed = this.#known().consumeAll(configName, fn)
    return this.#work(consumed.finally(() => this.markChanged()))
  }

  consumeUploadedEntry<T>(entry: UploadEntry, fn: ConsumeFunction<T>): Promise<T> {
    const consumed = this.#known().consume(entry, fn)
    return this.#work(consumed.finally(() => this.markChanged()))
  }

  uploadedEntries(configName: string): Promise<{ completed: UploadEntry[]; inProgress: UploadEntry[] }> {
    return this.#work((async () => this.#known().entries(configName))())
  }

  /** What fails and nobody awaits is reported, and ends neither the view nor the process. */
  #work<T>(promise: Promise<T>): Promise<T> {
    return new Work(promise, (error) => this.owner.report(error, 'upload', this))
  }

  /** Whose steps telemetry tells of. */
  get place(): OfPart {
    const { componentId } = this
    const { place } = this.owner
    return componentId === undefined ? place : { ...place, component: componentId }
  }

  /** It has to be rendered again. */
  markChanged(): void {
    // The page has forgotten it.
    if (this.#ended) return
    this.dirty = true
    this.owner.changed()
  }

  /** Also a part that allowed nothing answers with the message of an unknown name. */
  #known(): Uploads {
    return (this.#uploads ??= new Uploads(this.#uploadHost()))
  }

  #uploadHost(): UploadHost {
    const { owner } = this
    const { host } = owner
    const place = (): OfPart => this.place
    return {
      get place() {
        return place()
      },
      ceilings: host.uploadCeilings,
      words: host.textsIn(owner.lang).uploads,
      files: host.files,
      openWriter: host.openWriter,
      uuid: () => crypto.randomUUID(),
      domId: () => `phx-${randomText(6)}`,
      token: (configRef, entryUuid) => owner.uploadToken(configRef, entryUuid),
      sending: () => owner.sending(),
      lostFiles: (name) => owner.lostFiles(name, this.componentId),
      startTimer: (ms, fire) => host.startTimer(ms, fire),
      nextTurn: (run) => host.nextTurn(run),
      failed: () => {
        this.dirty = true
        owner.uploadFailed()
      },
      reportDue: (entryUuid) => {
        const report = (): void | Promise<void> => {
          this.dirty = true
          return this.#uploads?.report(entryUuid, this)
        }
        owner.call('progress', report, this)
      },
      tooManyFiles: () => owner.tooManyFiles(),
      background: (work) => host.background(work),
      report: (error) => owner.report(error, 'upload', this),
      suspect: (what) => host.development?.warn(new LiveError('ERR_PAYLOAD', what), owner.place.view),
    }
  }
}

/** Which of the keys forget their value while they load again. */
function resets(reset: boolean | readonly string[], keys: readonly string[]): (key: string) => boolean {
  if (typeof reset === 'boolean') return () => reset
  if (Array.isArray(reset) && reset.every((key) => keys.includes(key))) return (key) => reset.includes(key)
  const got = Array.isArray(reset) ? reset.map(describe).join(', ') : describe(reset)
  throw new LiveError(
    'ERR_ASYNC',
    `assignAsync('${keys.join("', '")}'): reset must be true, false, or a list of these keys, got ${got}`,
  )
}

function unasked(type: string): LiveError {
  const event = describeClaim(type)
  return new LiveError(
    'ERR_EVENT',
    `the handler of the event ${event} returned an object, and nobody waits for it: only hooks are answered. It is not sent; ` +
      'return nothing, or call socket.reply',
  )
}

function assertAsync(where: string, work: unknown): void {
  if (typeof work === 'function') return
  throw new LiveError('ERR_ASYNC', `${where}: expected a function, got ${describe(work)}`)
}
