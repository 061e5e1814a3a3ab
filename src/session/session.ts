/**
 * A view on its channel: takes what the page sends, in order, and answers each push once with what it changed. It ends with the
 * channel, the connection, a navigation or a throwing callback; whatever its callbacks do after that reaches nobody. When the
 * connection is lost it may be parked, and go on when the page comes back.
 */
import { LiveError } from '../errors.ts'
import type { FormLimits } from '../forms/decode.ts'
import type { FileFailure } from '../protocol/file-notes.ts'
import type { LostFile } from '../protocol/lost-files.ts'
import { pageEvents, unlockEvents } from '../protocol/message.ts'
import type { EventPayload } from '../protocol/payloads.ts'
import { refusedPreflight } from '../protocol/replies.ts'
import type { OfView } from '../telemetry/events.ts'
import { clock, isMeasured, measured } from '../telemetry/measure.ts'
import type { Rendered } from '../template/rendered.ts'
import type { Timer } from '../time/timer.ts'
import type { UploadChannel, UploadOutlet } from '../upload/channel.ts'
import type { NotAdmitted } from '../upload/admission.ts'
import { admissionOf } from '../upload/admission-of.ts'
import type { UploadAdmission } from '../upload/host.ts'
import type { UploadKeeping } from '../upload/keeping.ts'
import type { Full } from '../upload/ledger.ts'
import type { JoinRefusal } from '../upload/uploads.ts'
import type { ChildChange, LiveComponent } from '../live/definitions.ts'
import { Effects } from '../live/effects.ts'
import { type Flash, FlashState } from '../live/flash.ts'
import type { PartOwner } from '../live/part-owner.ts'
import type { LiveHost, Stage, ViewLimit } from '../live/host.ts'
import { ViewInstance, type ViewOwner } from '../live/instance.ts'
import type { PartPlace } from '../live/part-owner.ts'
import { isPromise, runSteps, type Steps } from '../live/steps.ts'
import { Absence } from './absence.ts'
import { ChildNews } from './child-news.ts'
import { contextWeight } from './context-weight.ts'
import { Course } from './course.ts'
import type { EventHost } from './deliver-event.ts'
import { type Delivered, Delivery } from './delivery.ts'
import { eventOf, failWith } from './failure.ts'
import { FormMemory } from './form-memory.ts'
import { Handling } from './handling.ts'
import { answerWithin, LateAnswers } from './late-answers.ts'
import { KeptFiles } from './kept-files.ts'
import { Lifeline } from './lifeline.ts'
import { Mailbox } from './mailbox.ts'
import { type Message, type MessageOf, readPush, sameProgress, stageOf, standingOf } from './message.ts'
import { type NestedChild, NestedViews } from './nested-views.ts'
import type { FilesAtEnd, RunningView, SessionConnection, SessionOptions, SessionOutlet } from './options.ts'
import { Pace } from './pace.ts'
import { LivePage } from './page.ts'
import { PageFiles } from './page-files.ts'
import { Restless } from './restless.ts'
import type { ResumeRequest } from './resumption.ts'
import { Stash } from './stash.ts'
import { Ties } from './ties.ts'
import { unreadPush } from './unread.ts'

export class LiveSession implements RunningView, ViewOwner, EventHost {
  readonly effects: Effects
  readonly #options: SessionOptions
  readonly #course = new Course()
  readonly #lifeline: Lifeline
  readonly #instance: ViewInstance
  readonly #page: LivePage
  readonly #files: PageFiles
  readonly #delivery: Delivery
  readonly #of: Delivered
  readonly #handling: Handling
  readonly #mailbox: Mailbox<Message>
  readonly #ties: Ties
  readonly #stash: Stash | undefined
  readonly #kept: KeptFiles | undefined
  readonly #pace = new Pace()
  readonly #lateAnswers: LateAnswers
  /** Made when its connection is first lost: most never are. */
  #absence: Absence | undefined
  #nested: NestedViews | undefined
  #childNews: ChildNews | undefined
  #forms: FormMemory | undefined
  #crashed = false
  #renderPosted = false
  /** How many infos wait. What the page sends, the connection holds to its bytes; updates and results are as many as were asked for. */
  #infos = 0
  readonly #restless = new Restless()
  /** True once the callback that ran is rendered; the mailbox goes on only a moment later. */
  #settled = true

  /** `outlet` and `connection` are what it begins with: a view may outlive both. */
  constructor(options: SessionOptions, outlet: SessionOutlet, connection: SessionConnection) {
    const { host } = options
    this.#options = options
    this.#lifeline = new Lifeline(outlet, connection)
    this.#lifeline.pageUrl = options.url
    const { adopted } = options
    this.effects = adopted?.effects ?? new Effects(new FlashState(options.flash))
    this.#ties = adopted?.ties ?? new Ties(host)
    this.#instance = adopted?.instance ?? new ViewInstance(options, this)
    adopted?.instance.moveTo(this)
    this.#page = new LivePage(this.#instance, (nested) => this.#nest(nested), adopted?.components)
    this.#files = new PageFiles(this.#instance, this.#page, options.lostFiles)
    this.#stash = this.#createStash()
    this.#kept = this.#createKept()
    this.#of = {
      session: this,
      options,
      course: this.#course,
      lifeline: this.#lifeline,
      instance: this.#instance,
      page: this.#page,
      effects: this.effects,
      stash: this.#stash,
      kept: this.#kept,
    }
    this.#delivery = new Delivery(this.#of)
    this.#handling = new Handling(this.#of, this.#files, this.#delivery, this)
    this.#mailbox = new Mailbox({
      turns: host.turns,
      handle: (message) => this.#handle(message),
      onThrow: (error, message) => this.#crash(error, message),
      onGone: (message) => this.#letGo(message),
      onRest: () => this.#restsAgain(),
    })
    this.#lateAnswers = new LateAnswers(host, this.#mailbox, (message) => this.#answerLate(message))
  }

  #createKept(): KeptFiles | undefined {
    const { uploadsOf, session, id, nonce, name, host, stash } = this.#options
    if (uploadsOf === undefined || host.keeping === undefined) return undefined
    const instance = this.#instance
    const facts = {
      visitorId: uploadsOf,
      visitor: session,
      id,
      nonce,
      view: name,
      place: stash?.place.name ?? name,
      get url() {
        return instance.url
      },
    }
    return new KeptFiles(facts, host, host.keeping, {
      places: new Set(),
      isAlive: () => this.#isAlive(),
      giveUp: () => {
        for (const part of this.#files.parts()) {
          part.uploads?.leave('visitor')
          part.dirty = true
        }
        this.changed()
      },
    })
  }

  /** Its page answers; or what it has sent still comes, before the answer. */
  async #isAlive(): Promise<boolean> {
    const before = this.#files.received
    const answers = await new Promise<boolean>((resolve) => this.#lifeline.connection.ask(resolve))
    return !this.#course.hasEnded() && (answers || this.#files.received > before)
  }

  #createStash(): Stash | undefined {
    const { stash, visitor, id, nonce, name, host } = this.#options
    if (host.stash === undefined || stash?.place.plan === undefined) return undefined
    const instance = this.#instance
    const facts = { ...stash, visitor, id, nonce, view: name }
    return new Stash(facts, stash.place.plan, host, host.stash, {
      get context() {
        return instance.context
      },
      get rawParams() {
        return instance.rawParams
      },
      effects: this.effects,
      isCut: () => this.#lifeline.isCut,
      isBusy: () => this.#mailbox.running !== undefined,
      startTimer: (ms, fire) => this.startTimer(ms, fire),
      changed: () => this.changed(),
    })
  }

  // What the connection does.

  get instanceId(): string {
    return this.#options.instanceId
  }

  /** Where the page is. */
  get url(): string {
    return this.#instance.url
  }

  get parent(): RunningView | undefined {
    return this.#options.parent
  }

  get stashPlace(): string {
    return this.#options.stash?.place.name ?? this.#options.name
  }

  get resumeWindow(): number {
    return this.#options.resumeWindow
  }

  /** It handles something, or something waits for it. */
  get busy(): boolean {
    return !this.#mailbox.idle
  }

  /** How many of the view's files are being sent. */
  get sendingFiles(): number {
    return this.#files.sending
  }

  /** How many messages wait for it. */
  get waitingMessages(): number {
    return this.#mailbox.length
  }

  /** What its context and those of its components take in memory, about. */
  contextBytes(): number {
    let bytes = 0
    for (const { context } of this.#files.parts()) bytes += contextWeight(context)
    return bytes
  }

  join(ref: string | null): void {
    this.#post({ kind: 'join', ref, at: this.host.now(), size: 0, answered: false })
  }

  /** A push of the page. `size`: what it holds, in bytes, and is charged to the connection as long as it does. */
  receive(ref: string | null, event: string, payload: unknown, size = 0): void {
    this.#lifeline.heard()
    const message = readPush({ ref, event, payload, size }, this.host.now())
    if (message === undefined) {
      this.warn(() => unreadPush(event, payload))
      this.#lifeline.refuse(ref, { reason: 'unknown message' })
    } else if (message.kind === 'progress') this.#postProgress(message)
    else this.#post(message)
  }

  leave(ref: string | null): void {
    this.#lifeline.answer({ kind: 'render', ...own, ref }, {})
    if (this.#course.hasEnded()) return
    this.#options.parent?.childLeft(this.#options.id)
    this.#lifeline.close()
    this.end('drop')
  }

  /** Ends a view because the one around it has ended. */
  closeWithParent(files: FilesAtEnd): void {
    if (this.#course.hasEnded()) return
    this.#lifeline.close()
    this.end(files)
  }

  /** Opens the channel of an upload, without waiting for the mailbox. */
  joinUpload(configRef: string, entryUuid: string, outlet: UploadOutlet): UploadChannel | JoinRefusal {
    return this.#files.join(configRef, entryUuid, outlet)
  }

  /** Whether one of its uploads has that entry. */
  hasFile(configRef: string, entryUuid: string): boolean {
    return this.#files.has(configRef, entryUuid)
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
    if (this.#course.hasEnded() || !this.#instance.handlesChildren) return
    this.#childNews ??= new ChildNews(() => this.call('child', () => this.#hearOfChild()))
    this.#childNews.told(change)
  }

  #hearOfChild(): void | Promise<void> {
    const change = this.#childNews?.next()
    return change === undefined ? undefined : this.#instance.handleChild(change)
  }

  /** Ends the view without telling the page. */
  end(files: FilesAtEnd = 'drop'): void {
    const course = this.#course
    if (course.hasEnded()) return
    if (files === 'leave') for (const part of this.#files.parts()) part.uploads?.leave('page')
    const { id, parent } = this.#options
    if (course.phase !== 'joining' || this.#crashed) {
      parent?.childChanged({ type: 'ended', id, failed: this.#crashed })
    }
    course.phase = 'ended'
    this.#stash?.end()
    this.#kept?.end()
    this.#lateAnswers.stand()
    this.#absence?.over()
    this.#ties.endTimers()
    this.#mailbox.close()
    this.#forgetRunning()
    this.#instance.end()
    this.#page.components.end()
    this.#ties.unsubscribeAll((unsubscribe) => this.#guard('connection', unsubscribe))
    this.#lifeline.connection.ended(this, files)
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
    if (this.#course.phase === 'parked') return this.#checkEvents()
    // A callback that runs will be followed by a render; without one this is a message of its own.
    const inCallback = this.#mailbox.running !== undefined && !this.#settled
    if (this.#course.phase !== 'joined' || this.#renderPosted || inCallback) return
    this.#renderPosted = true
    const wait = this.#pace.wait(this.host.now())
    if (wait > 0) this.startTimer(wait, () => this.#postRender())
    else queueMicrotask(() => this.#postRender())
  }

  /** A page that comes back must miss none of them. */
  #checkEvents(): void {
    const most = this.host.maxMailbox
    if (this.effects.events <= most) return
    const reason = `${most} events of pushEvent wait for a page whose connection is lost (limits.maxMailbox of createLiveServer)`
    this.#crash(new LiveError('ERR_MAILBOX_FULL', reason), { kind: 'render', ...own }, 'park')
  }

  /** What messages before its turn change, it takes along; what a push is answered with meanwhile, it has no part in. */
  #postRender(): void {
    if (this.#page.dirty || this.effects.waiting) this.#post({ kind: 'render', ...own })
    else this.#renderPosted = false
  }

  call(stage: Stage, run: () => void | Promise<void>, of?: PartPlace): void {
    this.#post({ kind: 'call', stage, run, of, ...own })
  }

  sendInfo(info: unknown): void {
    this.#post({ kind: 'info', info, ...own })
  }

  sendUpdate(kind: LiveComponent<never>, props: Readonly<Record<string, unknown>>): void {
    this.call('component', () => runSteps(this.#page.components.update(kind, props), () => this.#course.hasEnded()))
  }

  startTimer(ms: number, fire: () => void): Timer {
    return this.#ties.startTimer(ms, fire)
  }

  subscribe(topic: string): Promise<void> | undefined {
    const missed = (): void => this.call('info', () => this.#instance.handleGap(this.#ties.takeMissed()))
    return this.#ties.subscribe(topic, (info) => this.sendInfo(info), missed)
  }

  unsubscribe(topic: string): void {
    this.#ties.unsubscribe(topic)
  }

  uploadToken(configRef: string, entryUuid: string): string {
    return this.host.signer.sign('upload', [this.#options.instanceId, configRef, entryUuid])
  }

  keeping(componentId: string | number | undefined): UploadKeeping | undefined {
    return this.#kept?.of(componentId)
  }

  get shelve(): PartOwner['shelve'] {
    const { uploadsOf } = this.#options
    const { resources } = this.host
    if (uploadsOf === undefined || resources === undefined) return undefined
    return (resource, id) => resources.add(resource, uploadsOf, id)
  }

  get offer(): PartOwner['offer'] {
    const { downloadsOf } = this.#options
    const { downloads } = this.host
    if (downloadsOf === undefined || downloads === undefined) return undefined
    return (download) => downloads.offer(download, downloadsOf)
  }

  get admission(): UploadAdmission | undefined {
    const { admission } = this.host
    const { stash, uploadsOf, instanceId } = this.#options
    const visitorId = uploadsOf ?? stash?.visitorId ?? instanceId
    return admissionOf(admission, visitorId, this)
  }

  sending(): number {
    return this.#lifeline.connection.sendingFiles
  }

  uploadFailed(): void {
    this.#instance.pushEvent(unlockEvents.ask, { id: this.#options.id })
  }

  tooManyFiles(): void {
    const limit = 'maxUploadChannels'
    this.host.limitReached(limit, { stage: 'upload', view: this.#options.name })
    this.tellPage(limit)
  }

  storageFull(whose: Full): void {
    const detail = whose === 'visitor' ? 'for one visitor' : 'for all visitors together'
    this.host.limitReached('maxStored', { stage: 'upload', view: this.#options.name }, { detail })
  }

  notAdmitted({ limit }: NotAdmitted): void {
    this.host.limitReached(limit, { stage: 'upload', view: this.#options.name })
  }

  lostFiles(upload: string, component: string | number | undefined, configRef: string): readonly LostFile[] {
    // What is placed later is not what was there before.
    return this.#course.phase === 'joining' ? this.#files.lostOf(upload, component, configRef) : []
  }

  report(error: unknown, stage: Stage, { componentId }: PartPlace): void {
    this.host.report(error, { stage, view: this.#options.name, component: componentId })
  }

  csrfToken(): string {
    return this.#lifeline.connection.csrfToken()
  }

  // What the delivery of events asks for.

  get formLimits(): FormLimits {
    return this.host.formLimits
  }

  isSaidAgain(payload: EventPayload): boolean {
    if (this.#forms?.isSaidAgain(payload) === true) return true
    if (payload.type !== 'form' || this.#options.resumeWindow === 0) return false
    this.#forms ??= new FormMemory()
    this.#forms.note(payload)
    return false
  }

  clearFlash(kind: string | undefined): void {
    this.#instance.clearFlash(kind)
  }

  fileFailed(failure: FileFailure): void {
    this.#files.failed(failure)
  }

  filesReset(configRef: string): void {
    this.#files.reset(configRef)
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
    return this.#nested.place(nested, this.#course.phase !== 'joined')
  }

  // Its connection is lost, and the page comes back.

  /** Keeps the view without a page, seen to by `connection`. False when it has to end. */
  park(connection: SessionConnection): boolean {
    this.#absence ??= new Absence({
      ...this.#of,
      delivery: this.#delivery,
      files: this.#files,
      mailbox: this.#mailbox,
      lateAnswers: this.#lateAnswers,
      ties: this.#ties,
      nested: () => this.#nested,
      call: (stage, run, of) => this.call(stage, run, of),
      resumed: () => this.#resumed(),
    })
    return this.#absence.begin(connection)
  }

  /** The page has come back for the view. False when that cannot go on: then it has ended. */
  resume(request: ResumeRequest): boolean | Promise<boolean> {
    return this.#absence!.end(request)
  }

  #resumed(): void {
    this.#forms?.expectAgain()
    this.#changedMeanwhile()
  }

  /** Whether it has a view in its page now, by its DOM id. */
  places(id: string): boolean {
    return this.#nested?.has(id) === true
  }

  // The mailbox.

  post(message: Message): void {
    this.#post(message)
  }

  #post(message: Message): void {
    if (this.#course.hasEnded()) return
    if (message.kind === 'info') {
      if (this.#infos === this.host.maxMailbox) {
        const reason = `${this.host.maxMailbox} infos wait for the view (limits.maxMailbox of createLiveServer)`
        this.#crash(new LiveError('ERR_MAILBOX_FULL', reason), message, stageOf(message))
        return
      }
      this.#infos++
    }
    if (message.size > 0) this.#lifeline.connection.hold(message.size)
    if (isMeasured('turn')) message.postedAt = clock()
    this.#mailbox.post(message)
    if (message.ref !== null && !this.#mailbox.idle) this.#lateAnswers.watch()
  }

  /**
   * Of an entry's waiting progress only the newest counts; its end and its failure are never replaced. So each entry has three
   * messages waiting at most, and none of them counts against the mailbox's limit.
   */
  #postProgress(message: MessageOf<'progress'>): void {
    const found = this.#files.entryOf(message.payload)
    if (found === undefined) return this.#lifeline.answer(message, {})
    found.part.uploads!.heard(found.entry, message.payload.progress)
    const same = sameProgress(this.#mailbox.waiting, message)
    if (same !== undefined) {
      if (standingOf(message.payload) !== 'underway') return this.#lifeline.answer(message, {})
      this.#mailbox.remove(same)
      this.#lifeline.answer(same, {})
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
    const work = runSteps(this.#measured(message, this.#steps(message)), () => this.#course.hasEnded())
    // Its `mount` has ended it, and was not through then.
    if (joining && this.#course.hasEnded()) this.#shutdown()
    if (!isPromise(work)) return this.#done()
    return work.then(() => this.#done())
  }

  #measured(message: Message, steps: Steps<void>): Steps<void> {
    if (message.kind === 'join') return measured('join', () => this.place, steps)
    const { postedAt } = message
    const waitedMs = postedAt === undefined ? 0 : clock() - postedAt
    const { name: view, id } = this.#options
    return measured('turn', () => ({ view, id, stage: stageOf(message), waitedMs }), steps)
  }

  *#steps(message: Message): Steps<void> {
    if (message.kind === 'render') {
      this.#renderPosted = false
      this.#pace.rendered(this.host.now())
    }
    const work = this.#handling.handle(message)
    if (work !== undefined) yield* work
    yield* this.#delivery.settle(message)
    if (!this.#course.hasEnded()) this.#delivery.pushLater()
  }

  #done(): void {
    this.#settled = true
    this.effects.flash.stay()
    this.#changedMeanwhile()
  }

  /** What hooks, components and timers did. */
  #changedMeanwhile(): void {
    if (this.#page.dirty || this.effects.waiting) this.changed()
  }

  /** A view inside this one has patched the URL: it is this one's. */
  patchFor(to: string, replace: boolean, flash: Flash): void {
    if (this.#options.parent !== undefined) return this.#options.parent.patchFor(to, replace, flash)
    this.call('params', () => {
      for (const [kind, message] of Object.entries(flash)) this.#instance.putFlash(kind, message)
      this.#instance.pushPatch(to, { replace })
    })
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
    this.#lifeline.connection.release(size)
  }

  #answerLate(message: Message): void {
    // An empty answer to a preflight would break the client; this one lets the user send again.
    const response = message.kind === 'preflight' ? refusedPreflight(message.payload, 'timeout') : {}
    const context = { stage: stageOf(message), view: this.#options.name, event: eventOf(message) }
    this.host.limitReached('pushTimeout', context, { fixed: answerWithin })
    this.#lifeline.answer(message, response)
  }

  #crash(error: unknown, message: Message, stage: Stage = this.#course.stage): void {
    // Whatever the callback of a view that has ended throws concerns nobody any more. And who is told of it may send the view more.
    if (this.#course.hasEnded() || this.#crashed) return
    this.#crashed = true
    const { id, nonce } = this.#options
    this.host.keeping?.failures.note(id, nonce)
    failWith(error, message, stage, this.#of, this.#mailbox, (run) => this.#guard(stage, run))
    this.end('drop')
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
