/** What goes to the page because of a message: what changed, where the page goes, and the answer to what it sent. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import type { Effects } from '../live/effects.ts'
import { flashSizeError } from '../live/flash.ts'
import { attributeTexts, tagOf } from '../live/container.ts'
import type { LiveHost } from '../live/host.ts'
import type { ViewInstance } from '../live/instance.ts'
import { type Navigation, targetOf } from '../live/navigation.ts'
import type { Steps } from '../live/steps.ts'
import type { WireMessage } from '../protocol/keys.ts'
import { viewEvents } from '../protocol/message.ts'
import { diffReply, joinReply, leaveReply, patchOf, type WirePatch } from '../protocol/replies.ts'
import type { OfView } from '../telemetry/events.ts'
import { publish } from '../telemetry/measure.ts'
import type { Course } from './course.ts'
import { encodeMessage } from './encode.ts'
import { createGate, type Gate } from './gate.ts'
import { answerWithin } from './late-answers.ts'
import type { Lifeline } from './lifeline.ts'
import type { Message } from './message.ts'
import type { RunningView, SessionOptions } from './options.ts'
import type { LivePage } from './page.ts'
import type { KeptFiles } from './kept-files.ts'
import type { Stash } from './stash.ts'

/** Patches that one callback may lead to, one out of another. */
const mostPatches = 20

/** What is needed of the session whose messages are delivered. */
export interface Delivered {
  readonly session: RunningView & { sendInfo(info: unknown): void }
  readonly options: SessionOptions
  readonly course: Course
  readonly lifeline: Lifeline
  readonly instance: ViewInstance
  readonly page: LivePage
  readonly effects: Effects
  readonly stash: Stash | undefined
  /** What views before have left; `undefined` where nothing is kept. */
  readonly kept: KeptFiles | undefined
}

export class Delivery {
  readonly #of: Delivered
  readonly #host: LiveHost
  #rendering = false
  #whenRendered: Gate | undefined

  constructor(of: Delivered) {
    this.#of = of
    this.#host = of.options.host
  }

  /** A render is under way, and waits for a component. */
  get isRendering(): boolean {
    return this.#rendering
  }

  /** Resolves when what is rendered is through. */
  rendered(): Promise<void> {
    this.#whenRendered ??= createGate()
    return this.#whenRendered.opened
  }

  /** A message was handled: what it changed goes out. */
  *settle(message: Message): Steps<void> {
    const { effects, course, lifeline } = this.#of
    const patch = effects.navigation?.kind === 'patch' ? yield* this.followPatches() : undefined
    const { stash } = this.#of
    if (stash !== undefined) yield* this.#noteStash(stash, message)
    const navigation = effects.takeNavigation()
    if (navigation !== undefined) return this.leave(message, navigation)
    if (message.kind === 'join') return yield* this.#joined(message, patch)
    // What comes of it is said with what comes of the messages behind it, or a moment later.
    if (patch === undefined && (message.kind === 'info' || message.kind === 'call')) return
    const diff = yield* this.update()
    if (course.hasEnded()) return
    if (patch !== undefined) {
      lifeline.lastPatch = patch
      lifeline.push(viewEvents.livePatch, JSON.stringify(patch))
    }
    const reply = effects.takeReply()
    if (message.ref !== null && !message.answered && message.answersLater !== true) {
      return lifeline.answer(message, diffReply(reply === undefined ? diff : Object.assign(diff ?? {}, { r: reply })))
    }
    if (reply !== undefined) this.#lostReply(message)
    if (diff !== undefined) lifeline.push(viewEvents.diff, encodeMessage(diff))
  }

  /** With the answer to what changed it, or the process may die between the two; what is no answer may wait. */
  *#noteStash(stash: Stash, { kind }: Message): Steps<void> {
    this.#of.course.stage = 'stash'
    if (kind === 'info' || kind === 'call' || kind === 'render') stash.later()
    // That is told with the view itself, when it is known whether there is one.
    else if (kind !== 'join') yield* stash.note()
  }

  pushLater(): void {
    const { page, lifeline } = this.#of
    for (const later of page.takeLater()) lifeline.push(viewEvents.diff, encodeMessage(later))
  }

  /** An answer that came when the push had been answered without it. */
  #lostReply(message: Message): void {
    const { effects, options } = this.#of
    if (message.kind !== 'event' || !effects.answers) return
    const { event } = message.payload
    const reason =
      `the answer to the event ${describeClaim(event)} came after ${answerWithin / 1000} s, when the page had been answered ` +
      'without it: for work that takes so long use startAsync, and pushEvent when it is done'
    this.#host.report(new LiveError('ERR_EVENT', reason), { stage: 'event', view: options.name, event })
  }

  /** Takes the view along to where its callbacks patched the URL; only the last of several is told to the page. */
  *followPatches(): Steps<WirePatch | undefined> {
    const { effects, options, course, instance, lifeline } = this.#of
    const { name, params, parent, url } = options
    let patch: WirePatch | undefined
    for (let count = 1; effects.navigation?.kind === 'patch'; count++) {
      const { to, replace } = effects.takeNavigation() as Navigation & { kind: 'patch' }
      if (params === undefined) {
        parent?.patchFor(to, replace, effects.flash.fresh)
        if (parent === undefined) throw patchError(to, 'this view has no URL of its own; use pushNavigate')
        continue
      }
      if (count > mostPatches)
        throw patchError(to, `it was patched ${mostPatches} times in a row; does handleParams patch?`)
      const target = lifeline.connection.patch(name, new URL(to, url).href)
      if (target.kind === 'other') throw patchError(to, 'the path is not one of this view; use pushNavigate')
      if (target.kind !== 'same') {
        effects.navigation = { kind: 'redirect', to, status: 302 }
        return undefined
      }
      patch = patchOf(this.#host.basePath + to, replace)
      publish('navigation', () => ({ ...this.#place, kind: 'patch', to }))
      // What was shown belonged to the URL before.
      effects.flash.keepFresh()
      course.stage = 'params'
      yield* instance.handleParams(new URL(to, url).href, target.params, target.route)
    }
    return patch
  }

  *#joined(message: Message, patch: WirePatch | undefined): Steps<void> {
    const { course, options, lifeline, instance, page } = this.#of
    const tree = yield* this.whole()
    page.components.shown()
    // The first page has shown them, and says nothing of those that it does not show any more.
    if (options.adopted !== undefined) page.components.endUnplaced()
    if (course.hasEnded()) return
    yield* this.stashAgain()
    if (course.hasEnded()) return
    instance.stashed = undefined
    this.greet(options.staticChanged)
    course.phase = 'joined'
    const { container } = options
    if (container !== undefined) instance.replaceHead()
    const element = container && { tag: tagOf(container), attributes: attributeTexts(container) }
    lifeline.answer(message, joinReply(this.withEffects(tree), patch, element))
    options.parent?.childChanged({ type: 'mounted', id: options.id })
  }

  /** The page is sent the whole view, and what it is to keep of it. */
  *stashAgain(): Steps<void> {
    if (this.#of.stash !== undefined) yield* this.#of.stash.note(true)
  }

  /** What the page has to know of the server that it has joined. */
  greet(staticChanged: boolean): void {
    const { options, effects } = this.#of
    const { development } = this.#host
    if (development !== undefined) effects.push(development.joined(options.name, staticChanged), true)
    const note = options.around !== undefined ? undefined : this.#host.pageNote?.(options.lang)
    if (note !== undefined) effects.push(note, true)
  }

  /** The whole page. */
  whole(): Steps<WireMessage> {
    return this.#render(this.#of.page.whole(this.#of.course.atStage))
  }

  /** The whole page, to one that has had it before. */
  again(): Steps<WireMessage> {
    return this.#render(this.#of.page.again(this.#of.course.atStage))
  }

  *#render<T>(steps: Steps<T>): Steps<T> {
    this.#of.course.stage = 'render'
    this.#rendering = true
    try {
      return yield* steps
    } finally {
      this.#rendering = false
      this.#whenRendered?.open()
      this.#whenRendered = undefined
    }
  }

  /** What changed since the page was last sent something, effects included; nothing while there is no page to send it to. */
  *update(): Steps<WireMessage | undefined> {
    const { page, effects, course, lifeline } = this.#of
    if (lifeline.isCut) return undefined
    let diff: WireMessage | undefined
    if (page.dirty) diff = yield* this.#render(page.changes(course.atStage))
    // It is lost meanwhile, and what was to be said with it is said to the page that comes back.
    if (lifeline.isCut) return undefined
    return effects.forMessage ? this.withEffects(diff ?? {}) : diff
  }

  withEffects(message: WireMessage): WireMessage {
    const { effects } = this.#of
    const events = effects.takeEvents()
    const title = effects.takeTitle()
    if (events !== undefined) {
      message.e = events
      this.#of.lifeline.unsure += events.length
    }
    if (title !== undefined) message.t = title
    return message
  }

  /** Sends the page elsewhere, with the messages that it shall show there. */
  leave(message: Message, navigation: Navigation): void {
    const { effects, options, lifeline, session } = this.#of
    const { sticky } = options
    // It goes with the page to where that goes: once there is one.
    const staysAlong = sticky && navigation.kind === 'navigate'
    if (staysAlong && lifeline.isCut) {
      effects.navigation = navigation
      return
    }
    const events = effects.takeEvents()
    const flash = this.#leftFlash(navigation)
    const { kind, to } = navigation
    publish('navigation', () => ({ ...this.#place, kind, to }))
    const event = navigation.kind === 'redirect' ? viewEvents.redirect : viewEvents.liveRedirect
    const address = targetOf(navigation, this.#host.basePath)
    const where = navigation.kind === 'redirect' ? { to: address } : patchOf(address, navigation.replace)
    const target = { ...where, flash }
    const answer = leaveReply(event, target)
    if (message.kind === 'join') {
      lifeline.refuse(message.ref, { ...answer, events: events ?? [] })
      return session.end('drop')
    }
    if (events !== undefined) lifeline.push(viewEvents.diff, encodeMessage({ e: events }))
    if (message.ref !== null && !message.answered) lifeline.answer(message, answer)
    else lifeline.push(event, JSON.stringify(target))
    if (staysAlong) return
    lifeline.connection.left(session, answer)
    lifeline.close()
    session.end('drop')
  }

  /** The messages for the page that it goes to, signed. */
  #leftFlash({ kind }: Navigation): string | undefined {
    const { effects, course, options } = this.#of
    const { fresh } = effects.flash
    if (Object.keys(fresh).length === 0) return undefined
    const token = this.#host.signer.sign('flash', fresh)
    // A page that is loaded gets them in a cookie of the client's, which the browser drops when it is too large.
    const tooLarge = kind === 'redirect' ? flashSizeError('redirect', token) : undefined
    if (tooLarge === undefined) return token
    this.#host.report(tooLarge, { stage: course.stage, view: options.name })
    return undefined
  }

  get #place(): OfView {
    return this.#of.session.place
  }
}

function patchError(to: string, why: string): LiveError {
  return new LiveError('ERR_NAVIGATION', `pushPatch(${describe(to)}): ${why}`)
}
