/**
 * A view on its channel: takes what the page sends, in order, and answers each push once with what it changed. It ends with the
 * channel, the connection, a navigation or a throwing callback; whatever its callbacks do after that reaches nobody.
 */
import { describe, describeClaim, LiveError } from '../errors.ts'
import type { FormLimits } from '../forms/decode.ts'
import { urlWithoutBase } from '../protocol/base-path.ts'
import type { WireEvent, WireMessage } from '../protocol/keys.ts'
import type { FileFailure } from '../protocol/file-notes.ts'
import type { LostFile, LostFiles } from '../protocol/lost-files.ts'
import { pageEvents, type ReplyStatus, unlockEvents, viewEvents } from '../protocol/message.ts'
import { awaitsAnswer, type ProgressPayload } from '../protocol/payloads.ts'
import {
  diffReply,
  forgottenReply,
  givenUpReply,
  joinReply,
  leaveReply,
  otherViewReply,
  patchOf,
  preflightReply,
  refusedPreflight,
  reloadReply,
  type WirePatch,
} from '../protocol/replies.ts'
import type { OfView } from '../telemetry/events.ts'
import { measured, publish } from '../telemetry/measure.ts'
import type { Rendered } from '../template/rendered.ts'
import type { Timer, UploadChannel, UploadOutlet } from '../upload/channel.ts'
import type { UploadEntry } from '../upload/entry.ts'
import { uploadError } from '../upload/errors.ts'
import type { JoinRefusal } from '../upload/uploads.ts'
import type { ChildChange, LiveComponent, Params, SessionData } from '../live/definitions.ts'
import { ChildNews } from './child-news.ts'
import type { ComponentInstance } from '../live/component-instance.ts'
import { attributeTexts, type Container, tagOf } from '../live/container.ts'
import { deliverEvent, type EventHost } from './deliver-event.ts'
import { Effects } from '../live/effects.ts'
import { encodeMessage } from './encode.ts'
import { type Flash, flashSizeError, FlashState } from '../live/flash.ts'
import type { LiveHost, Stage, ViewLimit } from '../live/host.ts'
import { type RouteFacts, type ViewFacts, ViewInstance, type ViewOwner } from '../live/instance.ts'
import { answerWithin, LateAnswers } from './late-answers.ts'
import { type Steps, isPromise, runSteps } from '../live/steps.ts'
import { Mailbox } from './mailbox.ts'
import { type Message, type MessageOf, readPush, sameProgress, stageOf, standingOf } from './message.ts'
import { type Navigation, targetOf } from '../live/navigation.ts'
import { type NestedChild, NestedViews } from './nested-views.ts'
import { LivePage } from './page.ts'
import { Pace } from './pace.ts'
import type { Part } from '../live/part.ts'
import { Restless } from './restless.ts'
import { leftOut as leftOutOf, strayFiles, unreadPush } from './unread.ts'

/** Patches that one callback may lead to, one out of another. */
const mostPatches = 20

/** The view's channel, as its connection sees to it. */
export interface SessionOutlet {
  reply(ref: string | null, status: ReplyStatus, response: string): void
  push(event: string, payload: string): void
  /** An orderly end. */
  close(): void
  /** The view failed: the client joins again. */
  error(): void
}

/** The connection that the view lives on. */
export interface SessionConnection {
  csrfToken(): string
  /** How many files are being sent on it, of all its views. */
  readonly sendingFiles: number
  /** Tells whether the route `view` also answers `url`. */
  patch(view: string, url: string): PatchTarget
  /** So many bytes of the page's wait for a view, or are worked on by one. */
  hold(bytes: number): void
  /** They concern nobody any more. */
  release(bytes: number): void
  /** The session is over, by whatever way; called once. */
  ended(session: LiveSession): void
}

/** What a session is made for. */
export interface SessionOptions extends ViewFacts {
  /** The route of the view, or what a nested one is called. */
  readonly name: string
  /** Ours, unguessable: what upload tokens are bound to. */
  readonly instanceId: string
  readonly session: SessionData
  readonly flash: Flash
  /** The view that this one is nested in. */
  readonly parent: LiveSession | undefined
  /** It goes on when it sends the page elsewhere. */
  readonly sticky: boolean
  /** The files that were chosen on the page and went with the view before. */
  readonly lostFiles: readonly LostFiles[]
  /** When this join fails, the client gives the view up, and the page must go on without it. */
  readonly lastTry: boolean
  /** What the element of the view before is to become; absent when the page has one of its own. */
  readonly container?: Container | undefined
  readonly host: LiveHost
  readonly outlet: SessionOutlet
  readonly connection: SessionConnection
}

/** `other document`: the view is the same, but what is around it is exchanged by a page load alone. */
export type PatchTarget =
  | { readonly kind: 'same'; readonly params: Params; readonly route: RouteFacts }
  | { readonly kind: 'other' | 'other document' }

export class LiveSession implements ViewOwner, EventHost {
  readonly effects: Effects
  readonly #options: SessionOptions
  readonly #instance: ViewInstance
  readonly #page: LivePage
  readonly #mailbox: Mailbox<Message>
  readonly #timers = new Set<Timer>()
  readonly #pace = new Pace()
  readonly #lateAnswers: LateAnswers
  #nested: NestedViews | undefined
  #childNews: ChildNews | undefined
  #sentAway = false
  #phase: 'joining' | 'joined' | 'ended' = 'joining'
  #stage: Stage = 'mount'
  readonly #atStage = (stage: Stage): void => void (this.#stage = stage)
  #crashed = false
  #renderPosted = false
  /** How many infos wait. What the page sends, the connection holds to its bytes; updates and results are as many as were asked for. */
  #infos = 0
  readonly #restless = new Restless()
  /** True once the callback that ran is rendered; the mailbox goes on only a moment later. */
  #settled = true
  #subscriptions: Map<string, () => void> | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.effects = new Effects(new FlashState(options.flash))
    this.#instance = new ViewInstance(options, this)
    this.#page = new LivePage(this.#instance, (nested) => this.#nest(nested))
    this.#mailbox = new Mailbox({
      turns: options.host.turns,
      handle: (message) => this.#handle(message),
      onThrow: (error, message) => this.#crash(error, message),
      onGone: (message) => this.#letGo(message),
      onRest: () => this.#restsAgain(),
    })
    this.#lateAnswers = new LateAnswers(options.host, this.#mailbox, (message) => this.#answerLate(message))
  }

  // What the connection does.

  get instanceId(): string {
    return this.#options.instanceId
  }

  /** Where the page is. */
  get url(): string {
    return this.#instance.url
  }

  /** It ended because it sent the page elsewhere. */
  get hasSentAway(): boolean {
    return this.#sentAway
  }

  get parent(): LiveSession | undefined {
    return this.#options.parent
  }

  /** How many of the view's files are being sent. */
  get sendingFiles(): number {
    let count = this.#instance.uploads?.sending ?? 0
    for (const component of this.#page.components.all()) count += component.uploads?.sending ?? 0
    return count
  }

  join(ref: string | null): void {
    this.#post({ kind: 'join', ref, at: this.host.now(), size: 0, answered: false })
  }

  /** A push of the page. `size`: what it holds, in bytes, and is charged to the connection as long as it does. */
  receive(ref: string | null, event: string, payload: unknown, size = 0): void {
    const message = readPush({ ref, event, payload, size }, this.host.now())
    if (message === undefined) {
      this.warn(() => unreadPush(event, payload))
      this.#options.outlet.reply(ref, 'error', '{"reason":"unknown message"}')
    } else if (message.kind === 'progress') this.#postProgress(message)
    else this.#post(message)
  }

  leave(ref: string | null): void {
    this.#options.outlet.reply(ref, 'ok', '{}')
    if (this.#phase === 'ended') return
    this.#options.parent?.childLeft(this.#options.id)
    this.#options.outlet.close()
    this.end()
  }

  /** Ends a view because the one around it has ended. */
  closeWithParent(): void {
    if (this.#phase === 'ended') return
    this.#options.outlet.close()
    this.end()
  }

  /** Opens the channel of an upload, without waiting for the mailbox. */
  joinUpload(configRef: string, entryUuid: string, outlet: UploadOutlet): UploadChannel | JoinRefusal {
    for (const part of this.#parts()) {
      if (part.uploads?.knows(configRef) === true) return part.uploads.join(configRef, entryUuid, outlet)
    }
    return 'disallowed'
  }

  /** A view that this one has placed in its page, by its DOM id. */
  child(id: string): NestedChild | undefined {
    return this.#nested?.get(id)
  }

  /** The page has left a view that this one had placed. */
  childLeft(id: string): void {
    this.#nested?.left(id)
  }

  /** A view inside this one has mounted, or has ended. */
  childChanged(change: ChildChange): void {
    if (this.#phase === 'ended' || !this.#instance.handlesChildren) return
    this.#childNews ??= new ChildNews(() => this.call('child', () => this.#hearOfChild()))
    this.#childNews.told(change)
  }

  #hearOfChild(): void | Promise<void> {
    const change = this.#childNews?.next()
    return change === undefined ? undefined : this.#instance.handleChild(change)
  }

  /** Ends the view without telling the page. */
  end(): void {
    if (this.#phase === 'ended') return
    const { id, parent } = this.#options
    if (this.#phase === 'joined' || this.#crashed) parent?.childChanged({ type: 'ended', id, failed: this.#crashed })
    this.#phase = 'ended'
    this.#lateAnswers.end()
    for (const timer of this.#timers) timer.cancel()
    this.#mailbox.close()
    this.#forgetRunning()
    this.#instance.end()
    this.#page.components.end()
    for (const unsubscribe of this.#subscriptions?.values() ?? []) this.#guard('connection', unsubscribe)
    this.#options.connection.ended(this)
    this.#shutdown()
  }

  // What the view and its components ask for.

  get host(): LiveHost {
    return this.#options.host
  }

  get connected(): boolean {
    return true
  }

  get lang(): string {
    return this.#options.lang
  }

  get place(): OfView {
    return { view: this.#options.name, id: this.#options.id }
  }

  changed(): void {
    // A callback that runs will be followed by a render; without one this is a message of its own.
    const inCallback = this.#mailbox.running !== undefined && !this.#settled
    if (this.#phase !== 'joined' || this.#renderPosted || inCallback) return
    this.#renderPosted = true
    const wait = this.#pace.wait(this.host.now())
    if (wait > 0) this.startTimer(wait, () => this.#postRender())
    else queueMicrotask(() => this.#postRender())
  }

  /** What messages before its turn change, it takes along; what a push is answered with meanwhile, it has no part in. */
  #postRender(): void {
    if (this.#page.dirty || this.effects.waiting) this.#post({ kind: 'render', ...own })
    else this.#renderPosted = false
  }

  call(stage: Stage, run: () => void | Promise<void>, of?: Part): void {
    this.#post({ kind: 'call', stage, run, of, ...own })
  }

  sendInfo(info: unknown): void {
    this.#post({ kind: 'info', info, ...own })
  }

  sendUpdate(kind: LiveComponent<never>, props: Readonly<Record<string, unknown>>): void {
    this.call('component', () => runSteps(this.#page.components.update(kind, props), () => this.#hasEnded))
  }

  startTimer(ms: number, fire: () => void): Timer {
    const timer = this.host.startTimer(ms, () => {
      this.#timers.delete(timer)
      fire()
    })
    this.#timers.add(timer)
    return {
      cancel: () => {
        this.#timers.delete(timer)
        timer.cancel()
      },
    }
  }

  subscribe(topic: string): void {
    this.#subscriptions ??= new Map()
    if (this.#subscriptions.has(topic)) return
    this.#subscriptions.set(
      topic,
      this.host.pubsub.subscribe(topic, (info) => this.sendInfo(info)),
    )
  }

  unsubscribe(topic: string): void {
    this.#subscriptions?.get(topic)?.()
    this.#subscriptions?.delete(topic)
  }

  uploadToken(configRef: string, entryUuid: string): string {
    return this.host.signer.sign('upload', [this.#options.instanceId, configRef, entryUuid])
  }

  sending(): number {
    return this.#options.connection.sendingFiles
  }

  uploadFailed(): void {
    this.#instance.pushEvent(unlockEvents.ask, { id: this.#options.id })
  }

  tooManyFiles(): void {
    const limit = 'maxUploadChannels'
    this.host.limitReached(limit, { stage: 'upload', view: this.#options.name })
    this.tellPage(limit)
  }

  lostFiles(upload: string, component: string | number | undefined): readonly LostFile[] {
    // What is placed later is not what was there before.
    if (this.#phase !== 'joining') return []
    const id = component === undefined ? undefined : String(component)
    return this.#options.lostFiles.find((lost) => lost.upload === upload && lost.component === id)?.files ?? []
  }

  report(error: unknown, stage: Stage, { componentId }: Part): void {
    this.host.report(error, { stage, view: this.#options.name, component: componentId })
  }

  csrfToken(): string {
    return this.#options.connection.csrfToken()
  }

  // What the delivery of events asks for.

  get formLimits(): FormLimits {
    return this.host.formLimits
  }

  clearFlash(kind: string | undefined): void {
    this.#instance.clearFlash(kind)
  }

  fileFailed({ ref, code }: FileFailure): void {
    for (const part of this.#parts()) {
      const entry = part.uploads?.find(null, ref)
      if (entry !== undefined) return part.uploads!.failWith(entry, uploadError(code, {}))
    }
  }

  filesReset(configRef: string): void {
    for (const part of this.#parts()) {
      if (part.uploads?.knows(configRef) !== true) continue
      part.uploads.reset(configRef)
      part.dirty = true
    }
  }

  warn(mistake: () => LiveError): void {
    this.host.development?.warn(mistake(), this.#options.name)
  }

  limitReached(limit: ViewLimit, event: string, detail: string): void {
    this.host.limitReached(limit, { stage: 'event', view: this.#options.name, event }, { detail })
  }

  tellPage(limit: ViewLimit): void {
    this.#instance.pushEvent(pageEvents.limit, { limit })
  }

  refuse(code: 'ERR_FORM' | 'ERR_EVENT', event: string, reason: string): void {
    this.host.report(new LiveError(code, reason), { stage: 'event', view: this.#options.name, event })
  }

  #nest(nested: Parameters<NestedViews['place']>[0]): Rendered {
    const { id, instanceId } = this.#options
    this.#nested ??= new NestedViews(id, instanceId, this.#options, this.host)
    return this.#nested.place(nested, this.#phase === 'joining')
  }

  *#parts(): IterableIterator<Part> {
    yield this.#instance
    yield* this.#page.components.all()
  }

  /** The view, or the component that a message is for. */
  #partOf(cid: number | undefined): ViewInstance | ComponentInstance | undefined {
    return cid === undefined ? this.#instance : this.#page.components.get(cid)
  }

  // The mailbox.

  #post(message: Message): void {
    if (this.#phase === 'ended') return
    if (message.kind === 'info') {
      if (this.#infos === this.host.maxMailbox) {
        const reason = `${this.host.maxMailbox} infos wait for the view (limits.maxMailbox of createLiveServer)`
        this.#crash(new LiveError('ERR_MAILBOX_FULL', reason), message, stageOf(message))
        return
      }
      this.#infos++
    }
    if (message.size > 0) this.#options.connection.hold(message.size)
    this.#mailbox.post(message)
    if (message.ref !== null && !this.#mailbox.idle) this.#lateAnswers.watch()
  }

  /**
   * Of an entry's waiting progress only the newest counts; its end and its failure are never replaced. So each entry has three
   * messages waiting at most, and none of them counts against the mailbox's limit.
   */
  #postProgress(message: MessageOf<'progress'>): void {
    const found = this.#entryOf(message.payload)
    if (found === undefined) return this.#answer(message, {})
    found.part.uploads!.heard(found.entry, message.payload.progress)
    const same = sameProgress(this.#mailbox.waiting, message)
    if (same !== undefined) {
      if (standingOf(message.payload) !== 'underway') return this.#answer(message, {})
      this.#mailbox.remove(same)
      this.#answer(same, {})
    }
    this.#post(message)
  }

  /** It has had its part of a turn, and more to do. */
  #restsAgain(): void {
    const { development } = this.host
    if (development === undefined || !this.#restless.waits(this.host.now())) return
    const why =
      'the view has handled one message after another for seconds, and its page waits: does handleInfo send an info for each that it gets, ' +
      'or handleAsync start what is there already? What shall come again and again belongs in a timer (repeat)'
    development.warn(new LiveError('ERR_BUSY', why), this.#options.name)
  }

  #handle(message: Message): void | Promise<void> {
    if (message.kind === 'info') this.#infos--
    // A preflight that was refused for its wait must not go on to allow anything.
    if (message.kind === 'preflight' && message.answered) return
    this.#settled = false
    this.effects.reply = undefined
    const joining = message.kind === 'join'
    const work = runSteps(this.#measured(message, this.#steps(message)), () => this.#hasEnded)
    // Its `mount` has ended it, and was not through then.
    if (joining && this.#hasEnded) this.#shutdown()
    if (!isPromise(work)) return this.#done()
    return work.then(() => this.#done())
  }

  #measured(message: Message, steps: Steps<void>): Steps<void> {
    if (message.kind === 'join') return measured('join', () => this.place, steps)
    return measured('turn', () => ({ ...this.place, stage: stageOf(message) }), steps)
  }

  *#steps(message: Message): Steps<void> {
    const work = this.#dispatch(message)
    if (work !== undefined) yield* work
    yield* this.#settle(message)
    if (!this.#hasEnded) this.#pushLater()
  }

  #pushLater(): void {
    for (const later of this.#page.takeLater()) this.#options.outlet.push(viewEvents.diff, encodeMessage(later))
  }

  #done(): void {
    this.#settled = true
    this.effects.flash.stay()
    // What hooks, components and timers did meanwhile.
    if (this.#page.dirty || this.effects.waiting) this.changed()
  }

  /** Does what a message asks for; gives back what of it may have to wait. */
  #dispatch(message: Message): Steps<void> | undefined {
    this.#stage = stageOf(message)
    switch (message.kind) {
      case 'join':
        return this.#mount()
      case 'event':
        return this.#handleEvent(message)
      case 'patch':
        return this.#patch(message)
      case 'preflight':
        return this.#preflight(message)
      case 'progress':
        return this.#progress(message.payload)
      case 'leaving':
        this.#page.announceLeaving(message.cids)
        return undefined
      case 'forgotten':
        this.#answer(message, forgottenReply(this.#page.components.leave(message.cids)))
        return undefined
      case 'info':
        return this.#instance.handleInfo(message.info)
      case 'call':
        return this.#call(message)
      case 'render':
        this.#renderPosted = false
        this.#pace.rendered(this.host.now())
        return undefined
    }
  }

  *#call({ run }: MessageOf<'call'>): Steps<void> {
    yield run()
  }

  *#mount(): Steps<void> {
    const { session, params, url, route } = this.#options
    yield* this.#instance.mount(session, params ?? {})
    const { navigation } = this.effects
    const leaves = navigation !== undefined && navigation.kind !== 'patch'
    if (leaves || params === undefined) return
    this.#stage = 'params'
    yield* this.#instance.handleParams(url, params, route)
  }

  #handleEvent({ payload }: MessageOf<'event'>): Steps<void> | undefined {
    this.effects.answers = awaitsAnswer(payload)
    const part = this.#partOf(payload.cid)
    // Without one it was for a component that has left the page meanwhile.
    return part === undefined ? undefined : deliverEvent(part, payload, this)
  }

  *#patch(message: MessageOf<'patch'>): Steps<void> {
    const { connection, name, params } = this.#options
    const url = urlWithoutBase(this.host.basePath, message.url)
    const target: PatchTarget = params === undefined ? { kind: 'other' } : connection.patch(name, url)
    if (target.kind !== 'same') {
      if (!message.answered) return this.#answer(message, otherViewReply())
      // The page took the empty answer for a patch: it has the URL already, but not what is there.
      return this.#options.outlet.push(viewEvents.liveRedirect, JSON.stringify(patchOf(message.url, true)))
    }
    this.#instance.clearFlash()
    this.#stage = 'params'
    yield* this.#instance.handleParams(url, target.params, target.route)
  }

  *#preflight(message: MessageOf<'preflight'>): Steps<void> {
    const { ref, entries, cid, leftOut } = message.payload
    const part = this.#partOf(cid)
    if (leftOut !== undefined) this.warn(() => leftOutOf(viewEvents.allowUpload, leftOut))
    const decided = part?.uploads === undefined ? undefined : yield* part.uploads.preflight(ref, entries)
    if (part !== undefined && decided === undefined) this.warn(strayFiles)
    const answer = decided ?? refusedPreflight(message.payload, 'disallowed')
    if (part !== undefined) part.dirty = true
    const diff = yield* this.#update()
    this.#answer(message, preflightReply(answer, diff))
    // Before whatever changed meanwhile.
    this.#pushLater()
  }

  *#progress(payload: ProgressPayload): Steps<void> {
    const found = this.#entryOf(payload)
    if (found === undefined) return
    const { part, entry } = found
    // The input's attributes count what was written since the last render.
    part.dirty = true
    if (typeof payload.progress === 'object') {
      part.uploads!.fail(entry, payload.progress.error)
      return
    }
    yield part.uploads!.report(entry.uuid, part)
  }

  /** The entry that a report speaks of; the official client may have lost the input's ref. */
  #entryOf({ ref, entryRef, cid }: ProgressPayload): { part: Part; entry: UploadEntry } | undefined {
    const parts = cid === undefined && ref !== null ? [this.#instance] : this.#parts()
    for (const part of parts) {
      const entry = part.uploads?.find(ref, entryRef)
      if (entry !== undefined) return { part, entry }
    }
    return undefined
  }

  // What goes out.

  *#settle(message: Message): Steps<void> {
    const patch = this.effects.navigation?.kind === 'patch' ? yield* this.#followPatches() : undefined
    const navigation = this.effects.takeNavigation()
    if (navigation !== undefined) return this.#leave(message, navigation)
    if (message.kind === 'join') return yield* this.#joined(message, patch)
    // What comes of it is said with what comes of the messages behind it, or a moment later.
    if (patch === undefined && (message.kind === 'info' || message.kind === 'call')) return
    const diff = yield* this.#update()
    if (this.#hasEnded) return
    if (patch !== undefined) this.#options.outlet.push(viewEvents.livePatch, JSON.stringify(patch))
    const reply = this.effects.takeReply()
    if (message.ref !== null && !message.answered) {
      return this.#answer(message, diffReply(reply === undefined ? diff : Object.assign(diff ?? {}, { r: reply })))
    }
    if (reply !== undefined) this.#lostReply(message)
    if (diff !== undefined) this.#options.outlet.push(viewEvents.diff, encodeMessage(diff))
  }

  /** An answer that came when the push had been answered without it. */
  #lostReply(message: Message): void {
    if (message.kind !== 'event' || !this.effects.answers) return
    const { event } = message.payload
    const reason =
      `the answer to the event ${describeClaim(event)} came after ${answerWithin / 1000} s, when the page had been answered ` +
      'without it: for work that takes so long use startAsync, and pushEvent when it is done'
    this.host.report(new LiveError('ERR_EVENT', reason), { stage: 'event', view: this.#options.name, event })
  }

  /** Behind a call of user code: narrowing does not see that it may have ended the view. */
  get #hasEnded(): boolean {
    return this.#phase === 'ended'
  }

  /** Takes the view along to where its callbacks patched the URL; only the last of several is told to the page. */
  *#followPatches(): Steps<WirePatch | undefined> {
    const { connection, name, params, parent, url } = this.#options
    let patch: WirePatch | undefined
    for (let count = 1; this.effects.navigation?.kind === 'patch'; count++) {
      const { to, replace } = this.effects.takeNavigation() as Navigation & { kind: 'patch' }
      if (params === undefined) {
        parent?.patchFor(to, replace, this.effects.flash.fresh)
        if (parent === undefined) throw patchError(to, 'this view has no URL of its own; use pushNavigate')
        continue
      }
      if (count > mostPatches)
        throw patchError(to, `it was patched ${mostPatches} times in a row; does handleParams patch?`)
      const target = connection.patch(name, new URL(to, url).href)
      if (target.kind === 'other') throw patchError(to, 'the path is not one of this view; use pushNavigate')
      if (target.kind !== 'same') {
        this.effects.navigation = { kind: 'redirect', to, status: 302 }
        return undefined
      }
      patch = patchOf(this.host.basePath + to, replace)
      publish('navigation', () => ({ ...this.place, kind: 'patch', to }))
      // What was shown belonged to the URL before.
      this.effects.flash.keepFresh()
      this.#stage = 'params'
      yield* this.#instance.handleParams(new URL(to, url).href, target.params, target.route)
    }
    return patch
  }

  /** A view inside this one has patched the URL: it is this one's. */
  patchFor(to: string, replace: boolean, flash: Flash): void {
    if (this.#options.parent !== undefined) return this.#options.parent.patchFor(to, replace, flash)
    this.call('params', () => {
      for (const [kind, message] of Object.entries(flash)) this.#instance.putFlash(kind, message)
      this.#instance.pushPatch(to, { replace })
    })
  }

  *#joined(message: Message, patch: WirePatch | undefined): Steps<void> {
    this.#stage = 'render'
    const tree = yield* this.#page.whole(this.#atStage)
    if (this.#hasEnded) return
    const { development } = this.host
    if (development !== undefined) {
      this.effects.push(development.joined(this.#options.name, this.#options.staticChanged), true)
    }
    const note = this.#options.params === undefined ? undefined : this.host.pageNote?.(this.lang)
    if (note !== undefined) this.effects.push(note, true)
    this.#phase = 'joined'
    const { container } = this.#options
    if (container !== undefined) this.#instance.replaceHead()
    const element = container && { tag: tagOf(container), attributes: attributeTexts(container) }
    this.#answer(message, joinReply(this.#withEffects(tree), patch, element))
    this.#options.parent?.childChanged({ type: 'mounted', id: this.#options.id })
  }

  /** What changed since the page was last sent something, effects included. */
  *#update(): Steps<WireMessage | undefined> {
    let diff: WireMessage | undefined
    if (this.#page.dirty) {
      this.#stage = 'render'
      diff = yield* this.#page.changes(this.#atStage)
    }
    return this.effects.forMessage ? this.#withEffects(diff ?? {}) : diff
  }

  #withEffects(message: WireMessage): WireMessage {
    const events = this.effects.takeEvents()
    const title = this.effects.takeTitle()
    if (events !== undefined) message.e = events
    if (title !== undefined) message.t = title
    return message
  }

  #answer(message: Message, response: object): void {
    if (message.answered) {
      if ('diff' in response) this.#options.outlet.push(viewEvents.diff, encodeMessage(response.diff as object))
      return
    }
    message.answered = true
    this.#options.outlet.reply(message.ref, 'ok', encodeMessage(response))
  }

  /** Sends the page elsewhere, with the messages that it shall show there. */
  #leave(message: Message, navigation: Navigation): void {
    const { outlet, sticky } = this.#options
    const events = this.effects.takeEvents()
    const flash = this.#leftFlash(navigation)
    const { kind, to } = navigation
    publish('navigation', () => ({ ...this.place, kind, to }))
    const event = navigation.kind === 'redirect' ? viewEvents.redirect : viewEvents.liveRedirect
    const address = targetOf(navigation, this.host.basePath)
    const where = navigation.kind === 'redirect' ? { to: address } : patchOf(address, navigation.replace)
    const target = { ...where, flash }
    if (message.kind === 'join') {
      outlet.reply(message.ref, 'error', JSON.stringify({ ...leaveReply(event, target), events: events ?? [] }))
      this.end()
      return
    }
    if (events !== undefined) outlet.push(viewEvents.diff, encodeMessage({ e: events }))
    if (message.ref !== null && !message.answered) {
      message.answered = true
      outlet.reply(message.ref, 'ok', JSON.stringify(leaveReply(event, target)))
    } else outlet.push(event, JSON.stringify(target))
    // It goes with the page to where that goes.
    if (sticky && navigation.kind === 'navigate') return
    this.#sentAway = true
    outlet.close()
    this.end()
  }

  /** The messages for the page that it goes to, signed. */
  #leftFlash({ kind }: Navigation): string | undefined {
    const { fresh } = this.effects.flash
    if (Object.keys(fresh).length === 0) return undefined
    const token = this.host.signer.sign('flash', fresh)
    // A page that is loaded gets them in a cookie of the client's, which the browser drops when it is too large.
    const tooLarge = kind === 'redirect' ? flashSizeError('redirect', token) : undefined
    if (tooLarge === undefined) return token
    this.#report(this.#stage, tooLarge)
    return undefined
  }

  // Time, and the end.

  /** A handler that never settles would be charged to the process for ever: some time after the view it counts no more. */
  #forgetRunning(): void {
    const { running } = this.#mailbox
    if (running !== undefined && running.size > 0) this.host.startTimer(forgetAfter, () => this.#letGo(running))
  }

  #letGo(message: Message): void {
    const { size } = message
    if (size === 0) return
    message.size = 0
    this.#options.connection.release(size)
  }

  #answerLate(message: Message): void {
    // An empty answer to a preflight would break the client; this one lets the user send again.
    const response = message.kind === 'preflight' ? refusedPreflight(message.payload, 'timeout') : {}
    const context = { stage: stageOf(message), view: this.#options.name, event: eventOf(message) }
    this.host.limitReached('pushTimeout', context, { fixed: answerWithin })
    message.answered = true
    this.#options.outlet.reply(message.ref, 'ok', JSON.stringify(response))
  }

  #crash(error: unknown, message: Message, stage: Stage = this.#stage): void {
    // Whatever the callback of a view that has ended throws concerns nobody any more. And who is told of it may send the view more.
    if (this.#phase === 'ended' || this.#crashed) return
    this.#crashed = true
    const component = this.#componentOf(message, stage)
    const context = { stage, view: this.#options.name, event: eventOf(message), component }
    const joining = message.kind === 'join'
    // What is the visitor's doing is answered with the page for it, as over HTTP.
    const isAnswer = joining && statusOf(error) !== undefined
    if (!isAnswer) this.host.report(error, context)
    // A nested view is joined again by the client itself.
    const waits = joining && this.#options.params !== undefined
    let shown: WireEvent | undefined
    this.#guard(stage, () => (shown = this.host.development?.crashed(error, context, waits)))
    if (joining) this.#refuseJoin(message, error, shown)
    else {
      if (shown !== undefined) this.#options.outlet.push(viewEvents.diff, JSON.stringify({ e: [shown] }))
      this.#options.outlet.error()
    }
    this.end()
  }

  /** The id of the component whose callback threw. */
  #componentOf(message: Message, stage: Stage): string | number | undefined {
    if (stage === 'render' || stage === 'params') return undefined
    // One that found no room in the mailbox is not what runs.
    if (stage === 'component') return message === this.#mailbox.running ? this.#page.components.working?.id : undefined
    if (message.kind === 'call') return message.of?.componentId
    if (message.kind === 'event' || message.kind === 'progress') return this.#partOf(message.payload.cid)?.componentId
    return undefined
  }

  /** `shown`: the event that shows the error, in development. */
  #refuseJoin(message: Message, error: unknown, shown: WireEvent | undefined): void {
    const { outlet, lastTry } = this.#options
    const status = statusOf(error)
    if (lastTry && status === undefined) {
      outlet.reply(message.ref, 'ok', JSON.stringify(givenUpReply(this.#options.id, shown)))
      return outlet.close()
    }
    const response =
      status === undefined
        ? { reason: 'join crashed', events: shown && [shown] }
        : reloadReply(status, this.host.signer.sign('reload', status))
    outlet.reply(message.ref, 'error', JSON.stringify(response))
  }

  #shutdown(): void {
    this.#guard('shutdown', () => {
      const work = this.#instance.shutdown()
      if (isPromise(work)) {
        this.host.background(Promise.resolve(work).catch((error: unknown) => this.#report('shutdown', error)))
      }
    })
  }

  /** Runs what must not keep the rest from running. */
  #guard(stage: Stage, run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#report(stage, error)
    }
  }

  #report(stage: Stage, error: unknown): void {
    this.host.report(error, { stage, view: this.#options.name })
  }
}

/** Ms that a handler may take behind the end of its view before what it was given is not counted any more. */
const forgetAfter = 60_000

/** What a view gives itself. */
const own = { ref: null, at: 0, size: 0, answered: false } as const

function eventOf(message: Message): string | undefined {
  return message.kind === 'event' ? message.payload.event : undefined
}

function patchError(to: string, why: string): LiveError {
  return new LiveError('ERR_NAVIGATION', `pushPatch(${describe(to)}): ${why}`)
}

/** The 4xx status that an error carries, as errors of HTTP libraries do. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  try {
    const { status } = error as { readonly status?: unknown }
    return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
  } catch {
    // It is an object that breaks whoever looks at it.
    return undefined
  }
}
