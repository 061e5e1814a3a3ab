/**
 * The way of a page back to its parked view: the application is asked, the URL is agreed on, and the page is sent the whole view, in
 * place of what a join answers. It goes before all that waits, and between the steps of a handler that runs.
 */
import type { LiveViewSocket } from '../live/socket.ts'
import type { SessionData } from '../live/definitions.ts'
import type { ResumeInfo } from '../live/resume.ts'
import { isSamePlace } from '../live/same-path.ts'
import type { Steps } from '../live/steps.ts'
import { resumedKey } from '../protocol/lost-files.ts'
import { joinReply, patchOf, type WirePatch } from '../protocol/replies.ts'
import type { Delivered, Delivery } from './delivery.ts'
import { encodeMessage } from './encode.ts'
import type { Message } from './message.ts'
import type { NestedViews } from './nested-views.ts'
import type { SessionConnection, SessionOutlet } from './options.ts'
import type { PageFiles } from './page-files.ts'

/** A live session's word on whether a view may go on. */
export type OnResume = (socket: LiveViewSocket<object>, session: SessionData) => unknown

/** A join that finds its view parked. */
export interface ResumeRequest extends ResumeInfo {
  readonly ref: string | null
  /** Where the page is. Means nothing for a nested view. */
  readonly url: string
  readonly outlet: SessionOutlet
  readonly connection: SessionConnection
  /** The page's inputs have their files again. */
  readonly filesBack: boolean
  /** The refs of the files that the page is sending over HTTP. */
  readonly sending: ReadonlySet<string>
  readonly staticChanged: boolean
  readonly onResume: OnResume | undefined
}

export class Resumption {
  readonly #of: Delivered
  readonly #delivery: Delivery
  readonly #files: PageFiles
  readonly #nested: () => NestedViews | undefined

  constructor(of: Delivered, delivery: Delivery, files: PageFiles, nested: () => NestedViews | undefined) {
    this.#of = of
    this.#delivery = delivery
    this.#files = files
    this.#nested = nested
  }

  /** True when the page has its view again; false when that may not or cannot go on. `current`: the page still waits for it. */
  *steps(request: ResumeRequest, current: () => boolean): Steps<boolean> {
    const { course, effects } = this.#of
    // Of a handler that runs, and is not through: its settling is still to come.
    const { navigation, reply, answers } = effects
    const { stage } = course
    effects.navigation = effects.reply = undefined
    try {
      return yield* this.#steps(request, current)
    } finally {
      effects.navigation ??= navigation
      effects.reply = reply
      effects.answers = answers
      course.stage = stage
    }
  }

  *#steps(request: ResumeRequest, current: () => boolean): Steps<boolean> {
    const { course, effects, instance, page, options } = this.#of
    course.stage = 'resume'
    instance.rejoined(request.connectParams, request.staticChanged)
    if ((yield request.onResume?.(instance as never, options.session)) === false) return false
    for (const part of [...this.#files.parts()]) yield part.handleResume(request)
    // Also one that came onto the page while it was parked, or has begun a stream.
    for (const part of this.#files.parts()) if (!part.canResume) return false
    for (const { uploads } of this.#files.parts()) uploads?.rejoined(request.filesBack, request.sending)
    const patch = yield* this.#agreeOnUrl(request)
    if (patch === 'elsewhere') return false
    const followed = effects.navigation?.kind === 'patch' ? yield* this.#delivery.followPatches() : undefined
    const leaves = effects.takeNavigation()
    if (leaves !== undefined) {
      if (!current()) return true
      this.#comeBack(request)
      this.#delivery.leave({ ...joining, ref: request.ref }, leaves)
      return true
    }
    this.#nested()?.beginWhole()
    const tree = yield* this.#delivery.again()
    yield* this.#delivery.stashAgain()
    page.components.endUnplaced()
    page.components.shown()
    this.#nested()?.endWhole()
    if (course.hasEnded() || !current()) return true
    this.#comeBack(request)
    instance.sayAgain()
    this.#delivery.greet(request.staticChanged)
    const answer = { ...joinReply(this.#delivery.withEffects(tree), followed ?? patch), [resumedKey]: true }
    request.outlet.reply(request.ref, 'ok', encodeMessage(answer))
    this.#of.lifeline.payOwed()
    this.#delivery.pushLater()
    return true
  }

  #comeBack({ outlet, connection, url }: ResumeRequest): void {
    const { lifeline, course } = this.#of
    course.phase = 'joined'
    lifeline.pageUrl = url
    lifeline.restore(outlet, connection)
  }

  /**
   * The page and its view may disagree on where they are: the page has moved, or it has not heard of the patch that the view told last.
   */
  *#agreeOnUrl({ url, connection }: ResumeRequest): Steps<WirePatch | undefined | 'elsewhere'> {
    const { options, instance, lifeline, course } = this.#of
    if (options.params === undefined || isSamePlace(url, instance.url)) return undefined
    if (isSamePlace(url, lifeline.pageUrl)) {
      const { pathname, search } = new URL(instance.url)
      const replace = lifeline.lastPatch?.kind === 'replace'
      return patchOf(options.host.basePath + pathname + search, replace)
    }
    const target = connection.patch(options.name, url)
    if (target.kind !== 'same') return 'elsewhere'
    instance.clearFlash()
    course.stage = 'params'
    yield* instance.handleParams(url, target.params, target.route)
    return undefined
  }
}

const joining: Message = { kind: 'join', ref: null, at: 0, size: 0, answered: false }
