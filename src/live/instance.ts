/**
 * One mounted view: its state and its callbacks. Serves the first page over HTTP and the connected page alike; who owns it decides
 * when to render and where its effects go.
 */
import { describe, describeClaim, LiveError } from '../errors.ts'
import type { FormError } from '../forms/error.ts'
import { type EventReading, readEvent } from '../forms/events.ts'
import { type AnyTopic, topicName } from '../pubsub/topic.ts'
import { type Fields, measured } from '../telemetry/measure.ts'
import { assertRendered } from '../diff/diff.ts'
import type { Rendered } from '../template/rendered.ts'
import type { AsyncOutcome } from './async.ts'
import type { ChildChange, LiveView, Params, SessionData } from './definitions.ts'
import type { Flash } from './flash.ts'
import { type FormFacts, FormTokens, refuseNested } from './form-tokens.ts'
import { type AnyHook, haltOf, type Hooked, type HookStage } from './hooks.ts'
import { type Steps, isPromise } from './steps.ts'
import { checkHead, type HeadOptions } from './head.ts'
import { Meta, MetaOfShell, type PageFacts } from './meta.ts'
import { leaves, toRedirect } from './navigation.ts'
import { Part } from './part.ts'
import type { EventHandlers } from './part-life.ts'
import type { PartOwner } from './part-owner.ts'
import { isSamePath } from './same-path.ts'
import { type AnyShell, isShell, type Shell } from './shell.ts'
import { pageEvents } from '../protocol/message.ts'
import type { LiveViewSocket, OnMount, ParentView } from './socket.ts'
import type { LiveViewCallbacks } from './view.ts'

type Callbacks = LiveViewCallbacks<object, { type: string }, string, unknown>

/** What a view needs of its owner beside what every part does. */
export interface ViewOwner extends PartOwner {
  subscribe(topic: string): Promise<void> | undefined
  unsubscribe(topic: string): void
  csrfToken(): string
}

/** What a route says of the view that it leads to. */
export interface RouteFacts {
  readonly action: string | undefined
  /** What stands around the view; `false` is none. */
  readonly shell: AnyShell | false | undefined
}

/** Of a view that no route leads to. */
export const noRoute: RouteFacts = { action: undefined, shell: undefined }

/** What a view is made for. */
export interface ViewFacts {
  readonly view: LiveView
  readonly route: RouteFacts
  /** The DOM id. */
  readonly id: string
  readonly url: string
  /** `undefined` for a view that no route leads to: a nested one. */
  readonly params: Params | undefined
  readonly nonce: string
  /** Where it stands, when it is nested. */
  readonly around: ParentView | undefined
  /** The visitor's session alone. */
  readonly visitor: SessionData
  /** How often the page had joined it before. */
  readonly mounts: number
  /** The page's language: that which `<html>` has. */
  readonly lang: string
  /** The hooks of the live session. */
  readonly onMount: readonly OnMount[]
  readonly connectParams: Readonly<Record<string, unknown>>
  readonly staticChanged: boolean
}

export class ViewInstance extends Part implements LiveViewSocket<object>, PageFacts {
  readonly id: string
  readonly pageId: string
  readonly nonce: string
  connectParams: Readonly<Record<string, unknown>>
  staticChanged: boolean
  readonly parent: ParentView | undefined
  readonly session: SessionData
  readonly mounts: number
  stashed: Readonly<Record<string, never>> | undefined
  /** Those of its URL, whatever a schema makes of them. */
  rawParams: Params
  declare owner: ViewOwner
  readonly #callbacks: Callbacks
  readonly #onMount: readonly OnMount[]
  protected override readonly hooked: Hooked
  #pastMountHooks = false
  #mounted = false
  /** While `mount` awaits. */
  #mounting: Promise<void> | undefined
  #lastTitle: string | undefined
  /** What `socket.shell` has said. */
  #shell: AnyShell | false | undefined
  #head: HeadOptions = {}
  #formTokens: FormTokens | undefined
  #read: ReadParams | undefined
  #url: string
  #route: RouteFacts

  constructor(facts: ViewFacts, owner: ViewOwner) {
    super(owner)
    this.id = this.pageId = facts.id
    this.#url = facts.url
    this.#route = facts.route
    this.nonce = facts.nonce
    this.connectParams = facts.connectParams
    this.staticChanged = facts.staticChanged
    this.parent = facts.around
    this.session = facts.visitor
    this.mounts = facts.mounts
    this.rawParams = facts.params ?? {}
    this.#callbacks = facts.view.callbacks as Callbacks
    this.#onMount = facts.onMount
    this.hooked = facts.params === undefined ? 'nested view' : 'view'
  }

  override get componentId(): undefined {
    return undefined
  }

  protected override get streamPrefix(): string {
    return ''
  }

  protected override get isView(): boolean {
    return true
  }

  protected override get handleAsync():
    | ((socket: never, name: string, outcome: AsyncOutcome) => void | Promise<void>)
    | undefined {
    return this.#callbacks.handleAsync as never
  }

  // What the owner does.

  /** Runs the hooks and `mount`; stops as soon as one of them leaves for another page. */
  mount(session: SessionData, params: Params): Steps<void> {
    return measured('mount', () => ({ ...this.place, connected: this.owner.connected }), this.#mount(session, params))
  }

  *#mount(session: SessionData, params: Params): Steps<void> {
    for (const hook of [...this.#onMount, ...(this.#callbacks.onMount ?? [])]) {
      const where = hook.name === '' ? 'a hook of onMount' : `the hook '${hook.name}' of onMount`
      if (yield* this.#halts(where, hook, session, params)) return
    }
    // Those that the hooks before have attached.
    const attached = this.hooks('mount')
    this.#pastMountHooks = true
    for (const [name, hook] of attached) {
      if (yield* this.#halts(`the hook '${name}' of mount`, hook, session, params)) return
    }
    const read = yield* this.#paramsOf(this.#url, params)
    if (read !== undefined) yield this.#callMount(session, read.params)
  }

  /** That it is mounted is noted also when the view has ended meanwhile, and nobody goes on with these steps. */
  #callMount(session: SessionData, params: Params): void | Promise<void> {
    const done = (): void => {
      this.#mounting = undefined
      this.#mounted = !leaves(this.owner.effects.navigation)
    }
    const work = this.#callbacks.mount?.(this, session, params)
    return isPromise(work) ? (this.#mounting = Promise.resolve(work).then(done)) : done()
  }

  *#halts(where: string, hook: AnyHook, session: SessionData, params: Params): Steps<boolean> {
    const halt = haltOf(where, yield hook(this as never, session as never, params as never), 'mount')
    if (leaves(this.owner.effects.navigation)) return true
    if (halt === undefined) return false
    throw new LiveError(
      'ERR_HOOK',
      `${where} halted the mount and said nowhere to go: call redirect or pushNavigate in it`,
    )
  }

  /** `route`: that of the URL, which may be another one of the same view. */
  handleParams(url: string, params: Params, route: RouteFacts): Steps<void> {
    const fields = (): Fields<'params'> => ({ ...this.place, connected: this.owner.connected, url })
    return measured('params', fields, this.#handleParams(url, params, route))
  }

  *#handleParams(url: string, params: Params, route: RouteFacts): Steps<void> {
    this.#url = url
    this.#route = route
    this.rawParams = params
    this.dirty = true
    const parsed = new URL(url)
    if ((yield* this.runHooks('handleParams', parsed, params)) !== undefined) return
    const read = yield* this.#paramsOf(url, params)
    if (read !== undefined) yield this.#callbacks.handleParams?.(this, parsed, read.params)
  }

  /** What its schema makes of the params. `undefined` when that refused them: the view leads on, or stays as it is. */
  *#paramsOf(url: string, params: Params): Steps<ReadParams | undefined> {
    const { params: schema, handleInvalidParams } = this.#callbacks
    if (schema === undefined || this.hooked === 'nested view') return { raw: params, params }
    // `mount` and the first `handleParams` are given the same.
    if (this.#read?.raw === params) return this.#read
    const reading = (yield readEvent(schema, params, 'form')) as EventReading
    if (reading.ok) return (this.#read = { raw: params, params: reading.values as Params })
    const parsed = new URL(url)
    if (handleInvalidParams !== undefined) {
      yield handleInvalidParams(this, { url: parsed, params, issues: reading.issues })
      const { effects } = this.owner
      if (effects.navigation?.kind === 'patch' && !this.#mounted) {
        effects.navigation = toRedirect(effects.navigation.to)
      }
      if (this.#mounted || effects.navigation !== undefined) return undefined
    }
    if (!this.#mounted) throw paramsError(parsed, reading.issues)
    this.owner.effects.navigation = toRedirect(parsed.pathname + parsed.search)
    return undefined
  }

  protected override get handlers(): EventHandlers {
    return this.#callbacks as unknown as EventHandlers
  }

  protected override unhandled(type: string): string {
    return (
      `the page sent the event ${type}, but the view has no handleEvent; ` +
      'an element with phx-target sends to a component instead'
    )
  }

  handleInfo(info: unknown): Steps<void> {
    return measured('info', () => this.place, this.#handleInfo(info))
  }

  *#handleInfo(info: unknown): Steps<void> {
    if ((yield* this.runHooks('handleInfo', info)) !== undefined) return
    if (this.#callbacks.handleInfo === undefined) {
      throw new LiveError('ERR_NO_HANDLER', 'the view was sent an info, but has no handleInfo')
    }
    yield this.#callbacks.handleInfo(this, info)
  }

  handleGap(topics: readonly string[]): void | Promise<void> {
    // It may have unsubscribed meanwhile.
    if (topics.length > 0) return this.#callbacks.handleGap?.(this, topics)
  }

  get handlesChildren(): boolean {
    return this.#callbacks.handleChild !== undefined
  }

  handleChild(change: ChildChange): void | Promise<void> {
    return this.#callbacks.handleChild?.(this, change)
  }

  /** The end of the view for its callbacks, once. A `mount` that still runs comes first; when that fails, the view never was. */
  shutdown(): void | Promise<void> {
    if (this.#callbacks.shutdown === undefined) return
    if (this.#mounting !== undefined) {
      return this.#mounting.then(
        () => this.shutdown(),
        () => {},
      )
    }
    if (!this.#mounted) return
    this.#mounted = false
    return this.#callbacks.shutdown(this)
  }

  render<T>(print: (rendered: Rendered) => T): T {
    const meta = new Meta(this.uploadConfigs, this, undefined)
    return this.renderWith(() => this.#inShell(this.#callbacks.render(this.context, meta)), 'render', print)
  }

  #inShell(content: Rendered): Rendered {
    if (this.hooked === 'nested view') return content
    const shell = this.#shell ?? this.#callbacks.shell ?? this.#route.shell
    if (shell === undefined || shell === false) return content
    assertRendered(content, 'render')
    const rendered = (shell as Shell<object>)(content, new MetaOfShell(this, this.context))
    assertRendered(rendered, 'shell')
    return rendered
  }

  // What a render knows of the page.

  get url(): string {
    return this.#url
  }

  get action(): string | undefined {
    return this.#route.action
  }

  get flash(): Flash {
    return this.owner.effects.flash.current
  }

  /** The same as `connected`, for renders: those are done again for a page that connects. */
  get isConnected(): boolean {
    return this.owner.connected
  }

  get basePath(): string {
    return this.owner.host.basePath
  }

  csrfToken(): string {
    return this.owner.csrfToken()
  }

  formToken(form: FormFacts): string {
    if (this.hooked === 'nested view') refuseNested(this.id)
    this.#formTokens ??= new FormTokens(this.owner.host.signer)
    return this.#formTokens.of(form, this.place.view, () => this.csrfToken())
  }

  // What only a view's callbacks do.

  override attachHook(name: string, stage: HookStage, hook: AnyHook): void {
    if (stage === 'mount' && this.#pastMountHooks) {
      const why = 'the hooks of this mount have been called; attach it in a hook of onMount'
      throw new LiveError('ERR_HOOK', `attachHook(${describe(name)}, 'mount'): ${why}`)
    }
    super.attachHook(name, stage, hook)
  }

  pageTitle(title: string): void {
    if (typeof title !== 'string') {
      throw new LiveError('ERR_VIEW', `pageTitle: expected text, got ${describe(title)}`)
    }
    if (this.hooked === 'nested view' || title === this.#lastTitle) return
    this.#lastTitle = this.owner.effects.title = title
    this.owner.changed()
  }

  head(options: HeadOptions): void {
    const { title, ...given } = checkHead(options)
    if (this.hooked === 'nested view') return
    if (title !== undefined) this.pageTitle(title)
    const before = this.#head.description
    this.owner.effects.head = this.#head = { ...this.#head, ...given }
    const { description } = given
    if (this.owner.connected && description !== undefined && description !== before) {
      this.pushEvent(pageEvents.head, { description })
    }
  }

  /** The page has come back, with what it passes along now. */
  rejoined(connectParams: Readonly<Record<string, unknown>>, staticChanged: boolean): void {
    this.connectParams = connectParams
    this.staticChanged = staticChanged
  }

  /** The page that it was mounted for has connected, and says where it is: over HTTP a proxy may have said another origin. */
  adopted({ connectParams, staticChanged, url }: Pick<ViewFacts, 'connectParams' | 'staticChanged' | 'url'>): void {
    this.rejoined(connectParams, staticChanged)
    if (isSamePath(url, this.#url)) this.#url = url
  }

  /** What of the document the page may have missed. */
  sayAgain(): void {
    const { effects } = this.owner
    effects.title ??= this.#lastTitle
    const { description } = this.#head
    if (description !== undefined) effects.push([pageEvents.head, { description }], true)
  }

  /** The page has come from another view, whose description it shows: has it show none, unless this one has said another. */
  replaceHead(): void {
    if (this.#head.description === undefined) this.pushEvent(pageEvents.head, { description: null })
  }

  shell(shell: Shell<never> | false): void {
    if (shell === undefined || !isShell(shell)) {
      throw new LiveError('ERR_VIEW', `shell: expected a function or false, got ${describe(shell)}`)
    }
    this.#shell = shell
    this.dirty = true
    this.owner.changed()
  }

  subscribe(topic: string | AnyTopic): void | Promise<void> {
    const name = topicName('subscribe', topic)
    if (!this.ended) return this.owner.subscribe(name)
  }

  unsubscribe(topic: string | AnyTopic): void {
    const name = topicName('unsubscribe', topic)
    if (!this.ended) this.owner.unsubscribe(name)
  }
}

/** Params, and what a schema has made of them. */
interface ReadParams {
  readonly raw: Params
  readonly params: Params
}

/** The address is none of the server's: over HTTP the page of 404 is shown. */
function paramsError({ pathname, search }: URL, issues: readonly FormError[]): LiveError {
  const said = issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  const error = new LiveError(
    'ERR_PARAMS',
    `${describeClaim(pathname + search)} does not fit the view's params: ${said.join('; ')}`,
  )
  return Object.assign(error, { status: 404 })
}
