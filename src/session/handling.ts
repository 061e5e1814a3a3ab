/** What each message of a view's mailbox asks for. */
import type { ComponentInstance } from '../live/component-instance.ts'
import type { ViewInstance } from '../live/instance.ts'
import { leaves } from '../live/navigation.ts'
import { isSamePath } from '../live/same-path.ts'
import type { Steps } from '../live/steps.ts'
import { urlWithoutBase } from '../protocol/base-path.ts'
import { viewEvents } from '../protocol/message.ts'
import type { ExternalReply } from '../protocol/external-uploads.ts'
import { awaitsAnswer } from '../protocol/payloads.ts'
import { forgottenReply, otherViewReply, patchOf, preflightReply, refusedPreflight } from '../protocol/replies.ts'
import { publish } from '../telemetry/measure.ts'
import { deliverEvent, type EventHost } from './deliver-event.ts'
import type { Delivered, Delivery } from './delivery.ts'
import { type Message, type MessageOf, stageOf } from './message.ts'
import type { AdoptableView, PatchTarget } from './options.ts'
import type { PageFiles } from './page-files.ts'
import { leftOut as leftOutOf, strayFiles } from './unread.ts'

const noFiles: ReadonlySet<string> = new Set()

export class Handling {
  readonly #of: Delivered
  readonly #files: PageFiles
  readonly #delivery: Delivery
  readonly #host: EventHost

  constructor(of: Delivered, files: PageFiles, delivery: Delivery, host: EventHost) {
    this.#of = of
    this.#files = files
    this.#delivery = delivery
    this.#host = host
  }

  /** The view, or the component that a message is for. */
  #partOf(cid: number | undefined): ViewInstance | ComponentInstance | undefined {
    const { instance, page } = this.#of
    return cid === undefined ? instance : page.components.get(cid)
  }

  /** Does what a message asks for; gives back what of it may have to wait. */
  handle(message: Message): Steps<void> | undefined {
    this.#of.course.stage = stageOf(message)
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
        return this.#progress(message)
      case 'confirmed':
        return this.#confirmed(message)
      case 'question':
        return this.#question(message)
      case 'leaving':
        this.#of.page.announceLeaving(message.cids)
        return undefined
      case 'forgotten':
        this.#of.lifeline.answer(message, forgottenReply(this.#of.page.components.leave(message.cids)))
        return undefined
      case 'info':
        return this.#of.instance.handleInfo(message.info)
      case 'call':
        return this.#call(message)
      case 'render':
        return undefined
    }
  }

  *#call({ run }: MessageOf<'call'>): Steps<void> {
    yield run()
  }

  *#mount(): Steps<void> {
    const { adopted } = this.#of.options
    yield* adopted === undefined ? this.#mountAnew() : this.#adopt(adopted)
    this.#of.course.stage = 'connect'
    if (!leaves(this.#of.effects.navigation)) yield* this.#of.instance.connect()
  }

  /** The first page has mounted it. What it has begun goes on, and is not begun again. */
  *#adopt({ handOver }: AdoptableView): Steps<void> {
    const { instance, options, session, kept } = this.#of
    const { params, url, route } = options
    instance.adopted(options)
    if (kept !== undefined) {
      yield* kept.load(false, noFiles)
      for (const part of this.#files.parts()) part.uploads?.connected()
    }
    publish('adopt', () => session.place)
    handOver((info) => session.sendInfo(info))
    if (params === undefined || isSamePath(url, instance.url)) return
    this.#of.course.stage = 'params'
    yield* instance.handleParams(url, params, route)
  }

  *#mountAnew(): Steps<void> {
    const { session, params, url, route, stash, again = false, sending = noFiles } = this.#of.options
    if (this.#of.stash !== undefined) {
      this.#of.course.stage = 'stash'
      this.#of.instance.stashed = (yield* this.#of.stash.restore(stash?.sealed)) as Readonly<Record<string, never>>
      this.#of.course.stage = 'mount'
    }
    if (this.#of.kept !== undefined) yield* this.#of.kept.load(again, sending)
    yield* this.#of.instance.mount(session, params ?? {})
    if (leaves(this.#of.effects.navigation) || params === undefined) return
    this.#of.course.stage = 'params'
    yield* this.#of.instance.handleParams(url, params, route)
  }

  #handleEvent({ payload }: MessageOf<'event'>): Steps<void> | undefined {
    this.#of.effects.answers = awaitsAnswer(payload)
    const part = this.#partOf(payload.cid)
    // Without one it was for a component that has left the page meanwhile.
    return part === undefined ? undefined : deliverEvent(part, payload, this.#host)
  }

  *#patch(message: MessageOf<'patch'>): Steps<void> {
    const { name, params } = this.#of.options
    const url = urlWithoutBase(this.#of.options.host.basePath, message.url)
    const target: PatchTarget = params === undefined ? { kind: 'other' } : this.#of.lifeline.connection.patch(name, url)
    if (target.kind !== 'same') {
      if (!message.answered) return this.#of.lifeline.answer(message, otherViewReply())
      // The page took the empty answer for a patch: it has the URL already, but not what is there.
      return this.#of.lifeline.push(viewEvents.liveRedirect, JSON.stringify(patchOf(message.url, true)))
    }
    this.#of.lifeline.pageUrl = url
    this.#of.instance.clearFlash()
    this.#of.course.stage = 'params'
    yield* this.#of.instance.handleParams(url, target.params, target.route)
  }

  *#preflight(message: MessageOf<'preflight'>): Steps<void> {
    const { ref, entries, cid, leftOut } = message.payload
    const part = this.#partOf(cid)
    if (leftOut !== undefined) this.#host.warn(() => leftOutOf(viewEvents.allowUpload, leftOut))
    const validated = part?.uploads?.validated(ref, entries)
    if (validated !== undefined) {
      part!.dirty = true
      return this.#again(message, validated)
    }
    const decided =
      part?.uploads === undefined ? undefined : yield* part.uploads.preflight(ref, entries, () => !message.answered)
    if (part !== undefined && decided === undefined) this.#host.warn(strayFiles)
    const answer = decided ?? refusedPreflight(message.payload, 'disallowed')
    if (part !== undefined) part.dirty = true
    const diff = yield* this.#delivery.update()
    this.#of.lifeline.answer(message, preflightReply(answer, diff))
    // Before whatever changed meanwhile.
    this.#delivery.pushLater()
  }

  /** Handles it when `before` has settled: other messages have their turn meanwhile. */
  #again(message: Message, before: Promise<unknown>): void {
    const again = { ...message, size: 0 }
    message.answered = true
    void before.then(() => this.#host.post(again))
  }

  *#progress(message: MessageOf<'progress'>): Steps<void> {
    const { payload } = message
    const found = this.#files.entryOf(payload)
    if (found === undefined) return
    const { part, entry } = found
    // The input's attributes count what was written since the last render.
    part.dirty = true
    if (typeof payload.progress === 'object') {
      part.uploads!.fail(entry, payload.progress.error)
      return
    }
    const confirmed = part.uploads!.reached(entry, payload.progress)
    if (confirmed === undefined) return yield* part.uploads!.reportAll(entry, part)
    // The view goes on meanwhile; the browser says nothing more of the file, nor submits its form, until it is answered.
    message.answersLater = true
    const { ref, at } = message
    void confirmed.then((isThere) =>
      this.#host.post({ kind: 'confirmed', payload, isThere, ref, at, size: 0, answered: message.answered }),
    )
  }

  *#confirmed(message: MessageOf<'confirmed'>): Steps<void> {
    const found = this.#files.entryOf(message.payload)
    if (found !== undefined) found.part.dirty = true
    if (message.isThere) return found && (yield* found.part.uploads!.reportAll(found.entry, found.part))
    // After `ok` the browser would take the file for one that is done, and submit its form without it.
    if (!message.answered) this.#of.lifeline.refuse(message.ref, { reason: 'failed' })
    message.answered = true
  }

  #question(message: MessageOf<'question'>): undefined {
    const { question, ...where } = message.payload
    const found = this.#files.entryOf(where)
    message.answersLater = true
    const answer = (reply: ExternalReply): void => this.#of.lifeline.answer(message, reply)
    if (found === undefined) answer({ error: 'gone' })
    // Who asked may have been answered without, and asks again.
    else if (!message.answered) void found.part.uploads!.ask(found.entry, question).then(answer)
  }
}
