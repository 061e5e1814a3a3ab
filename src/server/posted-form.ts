/**
 * A form of a view that was sent over HTTP: the view is mounted for it, hears what it would have heard of the page, and its page is the
 * answer. Nobody else sends it anything meanwhile, so that there is no mailbox.
 */
import { describeClaim, LiveError } from '../errors.ts'
import type { FormToken } from '../live/form-tokens.ts'
import { type Navigation, leaves } from '../live/navigation.ts'
import type { Part } from '../live/part.ts'
import type { Steps } from '../live/steps.ts'
import { deliverEvent, type EventHost } from '../session/deliver-event.ts'
import type { EventPayload } from '../protocol/payloads.ts'
import { keepForAdoption, leavingResponse, type OpenPage, pageResponse } from './dead-render.ts'
import { Leaving } from './dead-view.ts'
import { FormRefusal } from './form-body.ts'
import type { LiveResponse } from './http.ts'
import type { Spool } from './multipart.ts'
import { PostedFiles } from './posted-files.ts'

const noFiles: EventPayload['uploads'] = new Map()

/** The view, when it was mounted, has led elsewhere: that is the answer, whatever the form holds. */
export class FormAnswer extends Error {
  readonly response: LiveResponse

  constructor(response: LiveResponse) {
    super('the form is answered already')
    this.response = response
  }
}

export class PostedForm {
  readonly files: PostedFiles
  readonly #open: OpenPage
  readonly #token: FormToken
  readonly #part: Part
  readonly #heard: (() => Steps<void>)[] = []
  #status = 200
  /** A patch that the change of the form asked for: its submit may say otherwise. */
  #patch: Navigation | undefined
  /** That nobody waits for the page any more. */
  readonly #gone: AbortSignal | undefined
  #kept = false

  private constructor(open: OpenPage, token: FormToken, part: Part, openSpool: () => Promise<Spool>) {
    this.#open = open
    this.#token = token
    this.#part = part
    this.#gone = open.adoptable ? open.of.request.signal : undefined
    const { view, host } = open
    this.files = new PostedFiles(part, {
      openSpool,
      progress: (work) => view.act('progress', work, { component: part.componentId }),
      report: (error) => host.report(error, { stage: 'upload', view: view.facts.name, component: part.componentId }),
    })
    const most = host.maxMailbox
    const hear = (work: () => Steps<void>): void => {
      if (this.#heard.length < most) this.#heard.push(work)
    }
    view.inbox = {
      info: (info) => hear(() => view.page.handleInfo(info)),
      update: (kind, props) => hear(() => view.components.update(kind, props)),
    }
  }

  /**
   * Mounts the view. It ends with {@link end}, or with this when that fails.
   *
   * @throws {FormAnswer} when it leads elsewhere.
   * @throws {FormRefusal} 409 when the view, as it is mounted, does not show the component that the form stands in.
   */
  static async open(open: OpenPage, token: FormToken, openSpool: () => Promise<Spool>): Promise<PostedForm> {
    const { view } = open
    try {
      await view.open()
      const part = partOf(open, token)
      if (part === undefined) throw new FormRefusal(409)
      view.effects.flash.stay()
      return new PostedForm(open, token, part, openSpool)
    } catch (error) {
      view.end()
      throw error instanceof Leaving ? new FormAnswer(leavingResponse(open, error, 303)) : error
    }
  }

  /** Lets the view have the form, whose files are all here. `fields`: as a form is encoded. */
  async submit(fields: string): Promise<LiveResponse> {
    const { view } = this.#open
    this.files.choose()
    const { fault } = this.files
    const { change, submit } = this.#token
    if (change !== undefined) {
      await this.#tell(change, fields)
      if (leaves(view.effects.navigation)) return this.#leave(view.effects.takeNavigation()!)
      this.#patch = view.effects.takeNavigation()
    }
    if (this.#status !== 200) return this.#show(this.#status)
    if (fault !== undefined) return this.#show(statusOf[fault])
    const isSent = await this.files.send()
    // What is looked at as it is sent, or after it, may be refused only now.
    const late = this.files.fault ?? (isSent ? undefined : 'failed')
    if (late !== undefined) return this.#show(statusOf[late])
    await this.#tell(submit, fields)
    const navigation = view.effects.takeNavigation() ?? this.#patch
    return navigation === undefined || this.#status !== 200 ? this.#show(this.#status) : this.#leave(navigation)
  }

  /** Lets go of the view, unless its page goes on with it, and of what was put aside. */
  async end(): Promise<void> {
    await this.files.end()
    if (!this.#kept) this.#open.view.end()
  }

  async #tell(event: string, value: string): Promise<void> {
    const { view } = this.#open
    const payload = { type: 'form', event, value, meta: {}, cid: undefined, uploads: noFiles, leftOut: undefined }
    const place = { event, component: this.#part.componentId }
    await view.act('event', () => deliverEvent(this.#part, payload, this.#eventHost), place)
    for (let count = 0; !leaves(view.effects.navigation); count++) {
      if (count === this.#open.host.maxMailbox) throw new LiveError('ERR_MAILBOX_FULL', tooManyInfos)
      const work = this.#heard.shift()
      if (work === undefined) break
      await view.act('info', work)
    }
    if (!leaves(view.effects.navigation)) await view.update()
  }

  /** Behind a redirect a reload sends nothing again. */
  #leave(navigation: Navigation): LiveResponse {
    const { fresh: flash } = this.#open.view.effects.flash
    return leavingResponse(this.#open, { navigation, flash }, 303)
  }

  async #show(status: number): Promise<LiveResponse> {
    const { view, adoptable } = this.#open
    await view.update()
    const response = await this.#page(status)
    view.inbox = undefined
    if (adoptable && this.#gone?.aborted !== true) {
      this.#letGoOfFiles()
      this.#kept = true
      keepForAdoption(this.#open)
    }
    return response
  }

  async #page(status: number): Promise<LiveResponse> {
    try {
      return pageResponse(this.#open, await this.#open.view.show(), status)
    } catch (error) {
      // A view that is nested in what is shown now leads elsewhere.
      if (error instanceof Leaving) return leavingResponse(this.#open, error, 303)
      throw error
    }
  }

  /** The page that connects does not have them. What is wrong with the others it goes on showing. */
  #letGoOfFiles(): void {
    for (const { name, entries } of Object.values(this.#part.uploadConfigs))
      for (const { ref, valid, failed } of entries) if (valid && !failed) void this.#part.uploads!.cancel(name, ref)
  }

  get #eventHost(): EventHost {
    const { host, view } = this.#open
    const at = (event: string) => ({ stage: 'event', view: view.facts.name, event }) as const
    return {
      formLimits: host.formLimits,
      isSaidAgain: () => false,
      clearFlash: (kind) => view.page.clearFlash(kind),
      fileFailed() {},
      filesReset() {},
      warn: (mistake) => host.development?.warn(mistake(), view.facts.name),
      limitReached: (limit, event, detail) => {
        this.#status = 413
        host.limitReached(limit, at(event), { detail })
      },
      tellPage() {},
      // What waits in a view for the browser's word.
      post() {},
      refuse: (code, event, reason) => {
        this.#status = 422
        host.report(new LiveError(code, reason), at(event))
      },
    }
  }
}

/** A file that does not fit is the user's; one that could not be written is ours. */
const statusOf = { refused: 422, failed: 500 } as const

const tooManyInfos = 'infos of a form that was sent over HTTP lead to more infos, without end'

/** The numbers of components may be others than on the page that sent the form: what counts is the id. */
function partOf({ view, host }: OpenPage, { component, submit }: FormToken): Part | undefined {
  if (component === undefined) return view.page
  const alike = [...view.components.all()].filter(({ id }) => id === component.id)
  const part = alike.length === 1 ? alike[0] : alike.find(({ cid }) => cid === component.cid)
  if (part === undefined) {
    const reason =
      `the form of ${describeClaim(submit)} was sent over HTTP, and belongs to the component ${describeClaim(String(component.id))}, which the ` +
      'view does not show when it is mounted: have the URL say what is shown'
    host.report(new LiveError('ERR_FORM', reason), { stage: 'http', view: view.facts.name, component: component.id })
  }
  return part
}
