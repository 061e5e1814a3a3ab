/**
 * What a part of a page is to whoever owns the page: a state that is rendered, with the hooks and the handlers that change it. What
 * its callbacks can do beside stands in `part.ts`.
 */
import { assertRendered } from '../diff/diff.ts'
import { describe, describeClaim, LiveError } from '../errors.ts'
import { printUnder } from '../protocol/base-path.ts'
import type { OfPart } from '../telemetry/events.ts'
import { type Fields, measured, measuredCall } from '../telemetry/measure.ts'
import type { EventSchemas } from '../forms/events.ts'
import type { Rendered } from '../template/rendered.ts'
import type { UploadConfig } from '../upload/entry.ts'
import { whileRendering } from '../upload/tags.ts'
import type { Uploads } from '../upload/uploads.ts'
import type { AsyncOutcome } from './async.ts'
import { isReply } from './event.ts'
import { type AnyHook, type Halt, type Hooked, type HookStage, HookTable } from './hooks.ts'
import type { Loading } from './loading.ts'
import type { PartOwner, PartPlace } from './part-owner.ts'
import type { ResumeInfo } from './resume.ts'
import { type Steps, isPromise } from './steps.ts'
import type { Streams } from './streams.ts'
import type { InvalidEvent } from './view.ts'

type HandleAsync = ((socket: never, name: string, outcome: AsyncOutcome) => void | Promise<void>) | undefined

interface PartEvent {
  readonly type: string
  readonly values: unknown
}

/** The callbacks of a view or component that the life of its connection leads to. */
export interface ConnectionHandlers {
  handleConnect?(socket: PartLife): void | Promise<void>
  handlePark?(socket: PartLife): void | Promise<void>
  handleResume?(socket: PartLife, resume: ResumeInfo): void | Promise<void>
}

/** The callbacks of a view or component that an event of the page may lead to. */
export interface EventHandlers extends ConnectionHandlers {
  readonly events?: EventSchemas | undefined
  handleEvent?(socket: PartLife, event: PartEvent): unknown
  handleInvalidEvent?(socket: PartLife, event: InvalidEvent): unknown
}

const noUploads: Readonly<Record<string, UploadConfig>> = Object.freeze({})

export abstract class PartLife implements PartPlace {
  /** The page that it is on. It may go on to another: from HTTP to the socket. */
  owner: PartOwner
  /** Each is made with its first use: most parts have none of them. */
  uploads: Uploads | undefined = undefined
  protected streams: Streams | undefined = undefined
  protected loading: Loading | undefined = undefined
  #context: Record<string, unknown> = {}
  #temporary: Readonly<Record<string, unknown>> | undefined
  #hooks: HookTable | undefined
  #abort: AbortController | undefined
  #ended = false
  #greeted = false
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
      () => ({ ...this.place, connected: this.owner.connected }),
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
    this.streams?.rendered()
    // What is only shown over HTTP is shown once more.
    const again = this.owner.later !== undefined
    if (this.#temporary !== undefined && !again) this.#context = { ...this.#context, ...this.#temporary }
    this.#rendered()
    return printed
  }

  /** The message that it was rendered for is complete, what its components show of its streams included. */
  sent(): void {
    this.streams?.sent()
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

  get uploadConfigs(): Readonly<Record<string, UploadConfig>> {
    return this.uploads?.configs ?? noUploads
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
    if (halt.reply !== undefined) this.owner.effects.reply = halt.reply as Readonly<Record<string, unknown>>
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
    return !this.forgets && this.#temporary === undefined && this.streams?.hadItems !== true
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

  /** It goes on to another page, with all that it holds. */
  moveTo(owner: PartOwner): void {
    this.owner = owner
    this.streams?.shownAgain()
  }

  /** Whether its `handleConnect` has had its turn. */
  get greeted(): boolean {
    return this.#greeted
  }

  /** It is on a page that is connected, for the first time. */
  *connect(): Steps<void> {
    this.#greeted = true
    if ((yield* this.runHooks('handleConnect')) !== undefined) return
    yield this.handlers.handleConnect?.(this)
  }

  get ended(): boolean {
    return this.#ended
  }

  end(): void {
    this.#ended = true
    this.#abort?.abort()
    this.loading?.end()
    this.uploads?.end()
  }

  /** Takes in what `startAsync` came to. */
  settleAsync(name: string, outcome: AsyncOutcome): Steps<void> {
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

  // Its state.

  get connected(): boolean {
    this.owner.connectedRead?.()
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

  // Hooks.

  attachHook(name: string, stage: HookStage, hook: AnyHook): void {
    if (stage === 'handleConnect' && this.#greeted) {
      const why = 'it is connected already; attach it in mount, or in a hook of onMount'
      throw new LiveError('ERR_HOOK', `attachHook(${describe(name)}, 'handleConnect'): ${why}`)
    }
    this.#hooks ??= new HookTable(this.hooked)
    this.#hooks.attach(name, stage, hook)
  }

  detachHook(name: string, stage: HookStage): void {
    this.#hooks?.detach(name, stage)
  }
}

function unasked(type: string): LiveError {
  const event = describeClaim(type)
  return new LiveError(
    'ERR_EVENT',
    `the handler of the event ${event} returned an object, and nobody waits for it: only hooks are answered. It is not sent; ` +
      'return nothing, or call socket.reply',
  )
}
