/** One view of the first page: mounted, rendered with its components and nested views, and forgotten. */
import type { Timer } from '../time/timer.ts'
import type { LiveView, Params, SessionData } from '../live/definitions.ts'
import type { ComponentInstance } from '../live/component-instance.ts'
import type { StructPrint } from '../diff/print.ts'
import { Components, type ComponentsHost } from '../session/components.ts'
import { Effects } from '../live/effects.ts'
import { type Flash, FlashState } from '../live/flash.ts'
import type { ErrorContext, LiveHost, Stage } from '../live/host.ts'
import { noRoute, type RouteFacts, ViewInstance, type ViewOwner } from '../live/instance.ts'
import type { Navigation } from '../live/navigation.ts'
import { NestedView } from '../live/nested.ts'
import { nestedContainer, stickyToken, stickyUrl } from '../session/nested-views.ts'
import type { PartPlace } from '../live/part-owner.ts'
import type { StashPlace } from '../live/stash.ts'
import type { AdoptableView } from '../session/options.ts'
import { peek } from '../session/stash.ts'
import { Ties } from '../session/ties.ts'
import type { OnMount, ParentView } from '../live/socket.ts'
import { runSteps, type Steps } from '../live/steps.ts'
import type { OfView } from '../telemetry/events.ts'
import type { Embedded } from '../template/embedded.ts'
import type { Rendered } from '../template/rendered.ts'
import { renderHtml } from '../template/to-html.ts'
import { raw } from '../template/values.ts'
import { LiveError } from '../errors.ts'
import { randomText } from '../token/random.ts'
import { admissionOf } from '../upload/admission-of.ts'
import type { UploadAdmission } from '../upload/host.ts'
import { Deferred } from './deferred.ts'
import { staticToken } from './static-token.ts'

/** A callback asked for another page. It ends all views of this one, as {@link ViewFailure} does. */
export class Leaving extends Error {
  readonly navigation: Navigation
  readonly flash: Flash

  constructor(navigation: Navigation, flash: Flash) {
    super('the view leaves for another page')
    this.navigation = navigation
    this.flash = flash
  }
}

/** What a callback threw, and where. It ends the page. */
export class ViewFailure extends Error {
  readonly error: unknown
  readonly context: ErrorContext

  constructor(error: unknown, context: ErrorContext) {
    super('a view of the page failed')
    this.error = error
    this.context = context
  }
}

/** What all views of one page share. */
export interface DeadPage {
  readonly host: LiveHost
  readonly nonce: string
  /** The page's language. */
  readonly lang: string
  readonly csrfToken: string
  /** That of the request. */
  readonly session: SessionData
  readonly visitorId: string
}

export interface DeadViewFacts {
  readonly view: LiveView
  readonly route: RouteFacts
  readonly id: string
  /** The route, or what a nested view is called. */
  readonly name: string
  readonly url: string
  readonly onMount: readonly OnMount[]
  readonly flash: Flash
  /** Where it stands, when it is nested. */
  readonly around: ParentView | undefined
  /** `undefined` for a nested view. */
  readonly params: Params | undefined
  /** It may go on when its page connects. */
  readonly adoptable: boolean
  /** What it is mounted with. */
  readonly session: SessionData
  /** That of its route. */
  readonly stash?: StashPlace | undefined
}

/** What is said in a view while something happens in it that no page waits for. */
export interface DeadInbox {
  info(info: unknown): void
  update(...given: Parameters<ViewOwner['sendUpdate']>): void
}

/** That there is something; nobody compares with it. */
const printed = {} as StructPrint

export class DeadView implements ViewOwner, ComponentsHost, AdoptableView {
  readonly effects: Effects
  readonly connected = false
  readonly page: ViewInstance
  readonly ties: Ties
  readonly later: ((begin: () => void) => void) | undefined
  readonly connectedRead: (() => void) | undefined
  readonly facts: DeadViewFacts
  /** What waits for the connection; `undefined` when there will be none. */
  readonly #deferred: Deferred | undefined
  readonly #shared: DeadPage
  readonly #components: Components
  /** Stands in the HTML for what lives and is rendered after it; nothing that a user wrote can look like it. */
  readonly #mark = `\0${randomText(9)}:`
  readonly #html = new Map<string, string>()
  readonly #nested: NestedView[] = []
  #children: DeadView[] = []
  /** What the view itself was last printed as, with marks in it. */
  #content = ''
  /** What it and its components say to one another, for whoever has that heard. */
  inbox: DeadInbox | undefined
  /** Where it is: whatever is thrown was thrown there. */
  #stage: Stage = 'mount'

  constructor(facts: DeadViewFacts, shared: DeadPage) {
    this.facts = facts
    this.#shared = shared
    this.ties = new Ties(shared.host)
    if (facts.adoptable) {
      const deferred = new Deferred(shared.host.maxMailbox)
      this.#deferred = deferred
      this.later = (begin) => deferred.later(begin)
      this.connectedRead = () => shared.host.development?.warn(connectedRead(), facts.name)
    }
    this.effects = new Effects(new FlashState(facts.flash))
    const { nonce, lang, session: visitor } = shared
    const unconnected = { connectParams: {}, staticChanged: false, mounts: 0 }
    this.page = new ViewInstance({ ...facts, ...unconnected, nonce, lang, visitor }, this)
    this.#components = new Components(this)
  }

  /** For the files of a form that comes over HTTP. */
  get admission(): UploadAdmission | undefined {
    const { host, visitorId } = this.#shared
    return admissionOf(host.admission, visitorId, this)
  }

  // What goes on when the page connects.

  get instance(): ViewInstance {
    return this.page
  }

  get components(): Components {
    return this.#components
  }

  /** It has missed an info, and what it shows may be wrong for good. */
  get missed(): boolean {
    return this.#deferred?.full === true
  }

  /** The views inside it, for whoever sees to them from now on. */
  takeChildren(): readonly DeadView[] {
    const children = this.#children
    this.#children = []
    return children
  }

  readonly handOver = (sendInfo: (info: unknown) => void): void => this.#deferred!.handOver(sendInfo)

  /**
   * The view's HTML, without its container.
   *
   * @throws {Leaving} when a callback asks for another page.
   * @throws {ViewFailure} when one fails, of a nested view as well.
   */
  async render(): Promise<string> {
    await this.open()
    return this.show()
  }

  /** Mounts it, and places its components: for what is to happen in it before it is shown. */
  open(): Promise<void> {
    return this.#guarded(async () => {
      await runSteps(this.#mount(this.facts.session))
      await runSteps(this.#update())
      this.#leaveIfAsked()
    })
  }

  /** Something happens in it before it is shown: in a component of that id, by an event of that name. */
  act(stage: Stage, work: () => Steps<void>, of: Pick<ErrorContext, 'component' | 'event'> = {}): Promise<void> {
    return this.#guarded(async () => {
      this.#stage = stage
      await runSteps(work())
    }, of)
  }

  /** Brings what is to be shown up to date. */
  update(): Promise<void> {
    return this.#guarded(async () => runSteps(this.#update()))
  }

  /** The HTML. Call it once, last. */
  show(): Promise<string> {
    return this.#guarded(async () => {
      const placed = this.#placedViews()
      for (const [at, nested] of this.#nested.entries())
        if (placed.has(at)) this.#html.set(`view ${at}`, await this.#renderNested(nested))
      const html = this.#filled(this.#content)
      // It may be kept for a while, and only its state is needed then.
      this.#html.clear()
      this.#nested.length = 0
      return html
    })
  }

  async #guarded<T>(work: () => Promise<T>, of: Pick<ErrorContext, 'component' | 'event'> = {}): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Leaving || error instanceof ViewFailure) throw error
      const component = this.#stage === 'component' ? this.#components.working?.id : of.component
      throw new ViewFailure(error, { stage: this.#stage, view: this.facts.name, ...of, component })
    }
  }

  *#update(): Steps<void> {
    this.#stage = 'render'
    this.#components.begin()
    if (this.page.dirty) {
      this.#content = this.#components.renderView(false, () => this.page.render((view) => this.#print(view)))
    }
    this.#stage = 'component'
    yield* this.#components.settle()
    this.#stage = 'render'
  }

  /** The nested views that are to be shown: a render that another has followed may have placed more. */
  #placedViews(): ReadonlySet<number> {
    const placed = new Set<number>()
    const look = (html: string): void => {
      for (const part of html.split(this.#mark).slice(1)) {
        const key = part.slice(0, part.indexOf(';'))
        if (key.startsWith('view ')) placed.add(Number(key.slice(5)))
        else look(this.#html.get(key)!)
      }
    }
    if (this.#nested.length > 0) look(this.#content)
    return placed
  }

  end(): void {
    this.page.end()
    this.#components.end()
    this.ties.unsubscribeAll((unsubscribe) => this.#guard(unsubscribe))
    for (const child of this.#children) child.end()
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.host.report(error, { stage: 'http', view: this.facts.name })
    }
  }

  *#mount(session: SessionData): Steps<void> {
    const { params, url, route } = this.facts
    yield* this.#restore()
    yield* this.page.mount(session, params ?? {})
    this.#leaveIfAsked()
    if (params === undefined) return
    this.#stage = 'params'
    yield* this.page.handleParams(url, params, route)
    this.#leaveIfAsked()
  }

  /** With a store there may be something of a page before. */
  *#restore(): Steps<void> {
    const { stash: place, params, id, name: view } = this.facts
    const { host, nonce, visitorId, session: visitor } = this.#shared
    if (place?.plan === undefined || params === undefined || host.stash?.store === undefined) return
    const facts = { place, visitorId, visitor, id, nonce, view }
    this.page.stashed = (yield peek(facts, place.plan, params, host, host.stash)) as Readonly<Record<string, never>>
  }

  #leaveIfAsked(): void {
    const { navigation, flash } = this.effects
    if (navigation !== undefined) throw new Leaving(navigation, flash.current)
  }

  #print(rendered: Rendered): string {
    return renderHtml(rendered, (value) => `${this.#mark}${this.#keyOf(value)};`, this.#components.refused)
  }

  #keyOf(value: Embedded): string | number {
    if (!(value instanceof NestedView)) return this.#components.embed(value) as number
    this.#components.assertOnce(value)
    return `view ${this.#nested.push(value) - 1}`
  }

  /** The HTML with everything in its place. */
  #filled(content: string): string {
    if (this.#html.size === 0) return content
    const [first, ...rest] = content.split(this.#mark)
    return rest.reduce((html, part) => {
      const end = part.indexOf(';')
      return html + this.#filled(this.#html.get(part.slice(0, end))!) + part.slice(end + 1)
    }, first!)
  }

  async #renderNested(nested: NestedView): Promise<string> {
    const { view, options } = nested
    const { id, sticky = false, session = {} } = options
    const { host } = this.#shared
    const { signer } = host
    const token = sticky ? signer.sign('view', stickyToken(view, id, this.#shared, session)) : ''
    const url = sticky ? stickyUrl : this.facts.url
    const around = { id: sticky ? undefined : this.facts.id, session }
    const place = { name: id, route: noRoute, around, url, onMount: [], flash: {}, params: undefined }
    // Where its stash is in a store, only the mount of its own join is given it.
    const awaitsStash = view.stash !== undefined && host.stash?.store !== undefined
    const adoptable = this.facts.adoptable && view.adopt !== false && !awaitsStash
    const given = { ...this.#shared.session, ...session }
    const child = new DeadView({ ...place, view, id, adoptable, session: given }, this.#shared)
    this.#children.push(child)
    const content = await child.render()
    const fixed = signer.sign('static', staticToken(id, child.effects.flash.current))
    return renderHtml(nestedContainer(nested, sticky ? undefined : this.facts.id, token, fixed, raw(content)))
  }

  // What its components ask for.

  get owner(): DeadView {
    return this
  }

  paint(component: ComponentInstance): void {
    this.#html.set(
      String(component.cid),
      component.render((rendered) => this.#print(rendered)),
    )
    // While it stays as it is it is not printed again.
    component.print = printed
  }

  shows(): boolean {
    return true
  }

  surelyShows(): boolean {
    return false
  }

  placedIn(): Iterable<number> {
    return []
  }

  nest(): never {
    throw new Error('nested views are printed by this page itself')
  }

  // What its callbacks ask for: messages to a view that is rendered once are dropped, and no upload can begin.

  get host(): LiveHost {
    return this.#shared.host
  }

  get lang(): string {
    return this.#shared.lang
  }

  get place(): OfView {
    return { view: this.facts.name, id: this.facts.id }
  }

  changed(): void {}

  /** Without a connection to come, all of it is dropped. */
  call(...given: Parameters<ViewOwner['call']>): void {
    this.#deferred?.later(() => this.page.owner.call(...given))
  }

  sendInfo(info: unknown): void {
    if (this.inbox !== undefined) this.inbox.info(info)
    else this.#deferred?.hear(info)
  }

  sendUpdate(...given: Parameters<ViewOwner['sendUpdate']>): void {
    if (this.inbox !== undefined) this.inbox.update(...given)
    else this.#deferred?.later(() => this.page.owner.sendUpdate(...given))
  }

  subscribe(topic: string): Promise<void> | undefined {
    const deferred = this.#deferred
    if (deferred === undefined) return undefined
    const missed = (): void => this.call('info', () => this.page.handleGap(this.ties.takeMissed()))
    return this.ties.subscribe(topic, (info) => deferred.hear(info), missed)
  }

  unsubscribe(topic: string): void {
    this.ties.unsubscribe(topic)
  }

  uploadFailed(): void {}
  tooManyFiles(): void {}
  storageFull(): void {}

  lostFiles(): readonly [] {
    return []
  }

  startTimer(ms: number, fire: () => void): Timer {
    let timer: Timer | undefined
    let cancelled = false
    this.#deferred?.later(() => {
      if (!cancelled) timer = this.page.owner.startTimer(ms, fire)
    })
    return {
      cancel() {
        cancelled = true
        timer?.cancel()
      },
    }
  }

  uploadToken(): string {
    return ''
  }

  sending(): number {
    return 0
  }

  report(error: unknown, stage: Stage, { componentId }: PartPlace): void {
    this.host.report(error, { stage, view: this.facts.name, component: componentId })
  }

  csrfToken(): string {
    return this.#shared.csrfToken
  }
}

function connectedRead(): LiveError {
  return new LiveError(
    'ERR_ADOPT',
    'the mount of a view with `adopt` asked for socket.connected, which is false in it, and is not asked again when the page connects: what ' +
      'needs the connection belongs in handleConnect; timers, loading values and subscriptions begin then by themselves',
  )
}
