/**
 * A view on its channel: takes what the page sends, in order, and answers each push once with what it changed. It ends with the
 * channel, the connection, a redirect or a throwing callback; whatever its callbacks do after that reaches nobody.
 */
import { diffTree, renderTree } from '../diff/diff.ts'
import type { StructPrint } from '../diff/print.ts'
import { describeClaim, LiveError } from '../errors.ts'
import type { WireMessage } from '../protocol/keys.ts'
import { reservedEventPrefix, type ReplyStatus, unlockEvents, viewEvents } from '../protocol/message.ts'
import type { ProgressPayload } from '../protocol/payloads.ts'
import {
  diffReply,
  joinReply,
  otherViewReply,
  preflightReply,
  refusedPreflight,
  reloadReply,
} from '../protocol/replies.ts'
import type { Timer, UploadChannel, UploadOutlet } from '../upload/channel.ts'
import type { JoinRefusal } from '../upload/uploads.ts'
import { toEvent } from './event.ts'
import type { LiveHost, Stage } from './host.ts'
import { type InstanceOwner, ViewInstance } from './instance.ts'
import { isPromise, Mailbox } from './mailbox.ts'
import { type Message, type MessageOf, readPush, sameProgress, standingOf } from './message.ts'
import type { LiveView, Params, SessionData } from './view.ts'

/** A push that is not answered by then is answered with nothing; the client reloads the page at 30 s. */
const answerWithin = 20_000

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
  /** The session is over, by whatever way; called once. */
  ended(session: LiveSession): void
}

/** What a session is made for. */
export interface SessionOptions {
  readonly view: LiveView
  /** The route of the view. */
  readonly name: string
  /** The DOM id. */
  readonly id: string
  /** Ours, unguessable: what upload tokens are bound to. */
  readonly instanceId: string
  readonly url: string
  readonly params: Params
  readonly session: SessionData
  readonly host: LiveHost
  readonly outlet: SessionOutlet
  readonly connection: SessionConnection
}

export type PatchTarget = { readonly kind: 'same'; readonly params: Params } | { readonly kind: 'other' }

export class LiveSession implements InstanceOwner {
  readonly #options: SessionOptions
  readonly #instance: ViewInstance
  readonly #mailbox: Mailbox<Message>
  #print: StructPrint | undefined
  #phase: 'joining' | 'joined' | 'ended' = 'joining'
  #stage: Stage = 'mount'
  #renderPosted = false
  /** True once the callback that ran is rendered; the mailbox goes on only a moment later. */
  #settled = true
  #watch: Timer | undefined
  #unsubscribes: (() => void)[] | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#instance = new ViewInstance(options.view, options.id, options.url, this)
    this.#mailbox = new Mailbox(
      (message) => this.#handle(message),
      (error, message) => this.#crash(error, message),
    )
  }

  // What the connection does.

  get instanceId(): string {
    return this.#options.instanceId
  }

  /** How many of the view's files are being sent. */
  get sendingFiles(): number {
    return this.#instance.uploads?.sending ?? 0
  }

  join(ref: string | null): void {
    this.#post({ kind: 'join', ref, at: this.host.now(), answered: false })
  }

  /** A push of the page. */
  receive(ref: string | null, event: string, payload: unknown): void {
    const message = readPush(ref, event, payload, this.host.now())
    if (message === undefined) this.#options.outlet.reply(ref, 'error', '{"reason":"unknown message"}')
    else if (message.kind === 'progress') this.#postProgress(message)
    else this.#post(message)
  }

  leave(ref: string | null): void {
    this.#options.outlet.reply(ref, 'ok', '{}')
    if (this.#phase === 'ended') return
    this.#options.outlet.close()
    this.end()
  }

  /** Opens the channel of an upload, without waiting for the mailbox. */
  joinUpload(configRef: string, entryUuid: string, outlet: UploadOutlet): UploadChannel | JoinRefusal {
    return this.#instance.uploads?.join(configRef, entryUuid, outlet) ?? 'disallowed'
  }

  /** Ends the view without telling the page. */
  end(): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#watch?.cancel()
    this.#mailbox.close()
    this.#instance.end()
    for (const unsubscribe of this.#unsubscribes ?? []) this.#guard('connection', unsubscribe)
    this.#options.connection.ended(this)
    this.#shutdown()
  }

  // What the instance asks for.

  get host(): LiveHost {
    return this.#options.host
  }

  get connected(): boolean {
    return true
  }

  changed(): void {
    // A callback that runs will be followed by a render; without one this is a message of its own.
    const inCallback = this.#mailbox.running !== undefined && !this.#settled
    if (this.#phase !== 'joined' || this.#renderPosted || inCallback) return
    this.#renderPosted = true
    queueMicrotask(() => {
      this.#renderPosted = false
      if (this.#instance.dirty || this.#hasEffects()) {
        this.#post({ kind: 'render', ref: null, at: 0, answered: false })
      }
    })
  }

  sendInfo(info: unknown): void {
    this.#post({ kind: 'info', info, ref: null, at: 0, answered: false })
  }

  subscribe(topic: string): void {
    this.#unsubscribes ??= []
    this.#unsubscribes.push(this.host.pubsub.subscribe(topic, (info) => this.sendInfo(info)))
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

  report(error: unknown): void {
    this.#report('upload', error)
  }

  csrfToken(): string {
    return this.#options.connection.csrfToken()
  }

  // The mailbox.

  #post(message: Message): void {
    if (this.#phase === 'ended') return
    if (message.kind !== 'progress' && message.kind !== 'render' && this.#isFull()) {
      this.#crash(
        new LiveError('ERR_MAILBOX_FULL', `${this.host.maxMailbox} messages wait for the view (maxMailbox)`),
        message,
      )
      return
    }
    this.#mailbox.post(message)
    if (message.ref !== null && this.#mailbox.running !== undefined) this.#watchAnswers()
  }

  #isFull(): boolean {
    const { maxMailbox } = this.host
    const { waiting } = this.#mailbox
    return waiting.length >= maxMailbox && waiting.filter((other) => other.kind !== 'progress').length >= maxMailbox
  }

  /**
   * Of an entry's waiting progress only the newest counts; its end and its failure are never replaced. So each entry has three
   * messages waiting at most, and none of them counts against the mailbox's limit.
   */
  #postProgress(message: MessageOf<'progress'>): void {
    const { ref, entryRef } = message.payload
    if (this.#instance.uploads?.find(ref, entryRef) === undefined) return this.#answer(message, {})
    const same = sameProgress(this.#mailbox.waiting, message)
    if (same !== undefined) {
      if (standingOf(message.payload) !== 'underway') return this.#answer(message, {})
      this.#mailbox.remove(same)
      this.#answer(same, {})
    }
    this.#post(message)
  }

  #handle(message: Message): void | Promise<void> {
    // A preflight that was refused for its wait must not go on to allow anything.
    if (message.kind === 'preflight' && message.answered) return
    this.#settled = false
    const work = this.#dispatch(message)
    if (!isPromise(work)) return this.#settle(message)
    return Promise.resolve(work).then(() => {
      this.#settle(message)
      this.#settled = true
    })
  }

  #dispatch(message: Message): void | Promise<void> {
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
      case 'info':
        this.#stage = 'info'
        return this.#instance.handleInfo(message.info)
      case 'render':
    }
  }

  #mount(): void | Promise<void> {
    const { session, params, url } = this.#options
    this.#stage = 'mount'
    const mounted = this.#instance.mount(session, params)
    const next = (): void | Promise<void> => {
      if (this.#instance.redirected !== undefined || this.#phase === 'ended') return
      this.#stage = 'params'
      return this.#instance.handleParams(url, params)
    }
    return isPromise(mounted) ? Promise.resolve(mounted).then(next) : next()
  }

  #handleEvent(message: MessageOf<'event'>): void | Promise<void> {
    const { event, uploads } = message.payload
    for (const [ref, files] of uploads) this.#instance.uploads?.select(ref, files)
    if (uploads.size > 0) this.#instance.dirty = true
    if (event.startsWith(reservedEventPrefix)) return
    const decoded = toEvent(message.payload, this.host.formLimits)
    if (!decoded.ok) {
      // An error reply would leave the form locked; answered with nothing, it is as it was.
      const { formLimits } = this.host
      const limits = `limits: ${formLimits.maxFields} fields, ${formLimits.maxNesting} brackets`
      const reason = `the form of ${describeClaim(event)} cannot be read: ${decoded.reason} (${limits})`
      this.host.report(new LiveError('ERR_FORM', reason), { stage: 'event', view: this.#options.name, event })
      return
    }
    this.#stage = 'event'
    return this.#instance.handleEvent(decoded.event)
  }

  #patch(message: MessageOf<'patch'>): void | Promise<void> {
    const { connection, name } = this.#options
    const target = connection.patch(name, message.url)
    if (target.kind === 'other') {
      this.#answer(message, otherViewReply())
      return
    }
    this.#stage = 'params'
    return this.#instance.handleParams(message.url, target.params)
  }

  #preflight(message: MessageOf<'preflight'>): void {
    const { ref, entries } = message.payload
    const answer = this.#instance.uploads?.preflight(ref, entries) ?? refusedPreflight(message.payload, 'disallowed')
    this.#instance.dirty = true
    const diff = this.#update()
    this.#answer(message, preflightReply(answer, diff))
  }

  #progress({ ref, entryRef, progress }: ProgressPayload): void | Promise<void> {
    const found = this.#instance.uploads?.find(ref, entryRef)
    // The input's attributes count what was written since the last render.
    this.#instance.dirty = true
    if (found === undefined) return
    if (typeof progress === 'object') {
      this.#instance.uploads!.fail(found.entry, progress.error)
      return
    }
    const callback = found.state.limits.progress
    if (callback === undefined) return
    this.#stage = 'progress'
    return this.#instance.handleProgress(found.entry, callback)
  }

  // What goes out.

  #settle(message: Message): void {
    if (this.#phase === 'ended') return
    if (this.#instance.redirected !== undefined) return this.#redirect(message)
    if (message.kind === 'join') return this.#joined(message)
    const diff = this.#update()
    if (message.ref !== null && !message.answered) this.#answer(message, diffReply(diff))
    else if (diff !== undefined) this.#options.outlet.push(viewEvents.diff, JSON.stringify(diff))
  }

  #joined(message: Message): void {
    this.#stage = 'render'
    const { print, tree } = this.#instance.render(renderTree)
    this.#print = print
    this.#phase = 'joined'
    this.#answer(message, joinReply(this.#withEffects(tree)))
  }

  /** What changed since the page was last sent something, effects included. */
  #update(): WireMessage | undefined {
    let diff: WireMessage | undefined
    if (this.#instance.dirty) {
      this.#stage = 'render'
      const update = this.#instance.render((rendered) => diffTree(this.#print!, rendered))
      this.#print = update.print
      diff = update.diff
    }
    return this.#hasEffects() ? this.#withEffects(diff ?? {}) : diff
  }

  #hasEffects(): boolean {
    const { events, title, redirected } = this.#instance
    return events !== undefined || title !== undefined || redirected !== undefined
  }

  #withEffects(message: WireMessage): WireMessage {
    const { events, title } = this.#instance
    if (events !== undefined) message.e = events
    if (title !== undefined) message.t = title
    this.#instance.events = undefined
    this.#instance.title = undefined
    return message
  }

  #answer(message: Message, response: object): void {
    if (message.answered) {
      if ('diff' in response) this.#options.outlet.push(viewEvents.diff, JSON.stringify(response.diff))
      return
    }
    message.answered = true
    this.#options.outlet.reply(message.ref, 'ok', JSON.stringify(response))
  }

  #redirect(message: Message): void {
    const { outlet } = this.#options
    const { to } = this.#instance.redirected!
    const { events } = this.#instance
    if (message.kind === 'join') {
      outlet.reply(message.ref, 'error', JSON.stringify({ redirect: { to }, events: events ?? [] }))
      this.end()
      return
    }
    if (events !== undefined) outlet.push(viewEvents.diff, JSON.stringify({ e: events }))
    if (message.ref !== null && !message.answered) outlet.reply(message.ref, 'ok', JSON.stringify({ redirect: { to } }))
    else outlet.push('redirect', JSON.stringify({ to }))
    outlet.close()
    this.end()
  }

  // Time, and the end.

  /** Sees to it that what waits behind a slow handler is answered before the client gives up. */
  #watchAnswers(): void {
    if (this.#watch !== undefined) return
    const oldest = this.#unanswered()[0]
    if (oldest === undefined) return
    const wait = Math.max(0, oldest.at + answerWithin - this.host.now())
    this.#watch = this.host.startTimer(wait, () => {
      this.#watch = undefined
      for (const message of this.#unanswered())
        if (message.at + answerWithin <= this.host.now()) this.#answerLate(message)
      this.#watchAnswers()
    })
  }

  #unanswered(): readonly Message[] {
    const { running, waiting } = this.#mailbox
    const all = running === undefined ? waiting : [running, ...waiting]
    return all.filter((message) => message.ref !== null && !message.answered && message.kind !== 'join')
  }

  #answerLate(message: Message): void {
    // An empty answer to a preflight would break the client; this one lets the user send again.
    const response = message.kind === 'preflight' ? refusedPreflight(message.payload, 'timeout') : {}
    message.answered = true
    this.#options.outlet.reply(message.ref, 'ok', JSON.stringify(response))
  }

  #crash(error: unknown, message: Message): void {
    // Whatever the callback of a view that has ended throws concerns nobody any more.
    if (this.#phase === 'ended') return
    const event = message.kind === 'event' ? message.payload.event : undefined
    this.host.report(error, { stage: this.#stage, view: this.#options.name, event })
    if (message.kind === 'join') this.#refuseJoin(message, error)
    else this.#options.outlet.error()
    this.end()
  }

  #refuseJoin(message: Message, error: unknown): void {
    const status = statusOf(error)
    const response =
      status === undefined ? { reason: 'join crashed' } : reloadReply(status, this.host.signer.sign('reload', status))
    this.#options.outlet.reply(message.ref, 'error', JSON.stringify(response))
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

/** The 4xx status that an error carries, as errors of HTTP libraries do. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  const { status } = error
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}
