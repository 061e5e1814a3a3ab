/** Answers for pages: of the views that routes lead to, of forms that are sent to them, and of the application's own. */
import { type Flash, noFlash, toFlash } from '../live/flash.ts'
import type { ErrorContext, LiveHost } from '../live/host.ts'
import { measuredCall } from '../telemetry/measure.ts'
import type { Adoptables } from './adoptables.ts'
import type { ClientFiles } from './client-files.ts'
import { type DeadRender, deadRender, openPage, type OpenPage, statusForError } from './dead-render.ts'
import { ViewFailure } from './dead-view.ts'
import type { DevelopmentServer } from './development.ts'
import type { FormPosts } from './form-posts.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import type { LiveRoute } from './live-sessions.ts'
import type { ServerSettings } from './options.ts'
import { type OwnPageContent, type OwnPageOptions, renderOwnPage } from './own-page.ts'
import type { RouteMatch, Router } from './router.ts'
import { passedCookie, readPassing } from './visitor.ts'
import type { Visits } from './visits.ts'

export interface PagesParts {
  readonly settings: ServerSettings
  readonly host: LiveHost
  readonly router: Router<LiveRoute>
  readonly visits: Visits
  readonly files: ClientFiles
  readonly adoptables: Adoptables
  readonly development: DevelopmentServer | undefined
  readonly formPosts: FormPosts
  /** The server takes no new pages any more. */
  isLeaving(): boolean
  errorResponse(status: number, error: unknown, context: ErrorContext | undefined, lang: string): LiveResponse
}

export class Pages {
  readonly #parts: PagesParts

  constructor(parts: PagesParts) {
    this.#parts = parts
  }

  /** `undefined`: no route leads there. */
  async answer(request: LiveRequest, url: URL): Promise<LiveResponse | undefined> {
    const { host, router, visits } = this.#parts
    const match = router.match(url)
    if (match === undefined) return undefined
    if (match === 'unreadable') return this.#parts.errorResponse(400, undefined, undefined, visits.langFor(request))
    const lang = (): string => visits.langFor(request, match.route.group.page.lang)
    if (this.#parts.isLeaving()) {
      const response = this.#parts.errorResponse(503, undefined, undefined, lang())
      return { ...response, headers: { ...response.headers, ...elsewhere } }
    }
    const failed = readPassing(request, host.signer, 'reload')
    if (typeof failed === 'number')
      return withCookie(this.#parts.errorResponse(failed, undefined, undefined, lang()), passedCookie('reload'))
    return this.#page(request, url, match)
  }

  /** A form of a view, sent to its page. */
  async post(request: LiveRequest, url: URL): Promise<LiveResponse | undefined> {
    const match = this.#parts.router.match(url)
    if (match === undefined || !this.#parts.formPosts.takes(request)) return undefined
    if (match === 'unreadable')
      return this.#parts.errorResponse(400, undefined, undefined, this.#parts.visits.langFor(request))
    return this.#page(request, url, match, () => this.#parts.formPosts.answer({ request, url, match }))
  }

  async #page(
    request: LiveRequest,
    url: URL,
    match: RouteMatch<LiveRoute>,
    answer: () => Promise<LiveResponse> = () => this.#answer(request, url, match),
  ): Promise<LiveResponse> {
    const view = match.route.path
    let status = 200
    let failed: ErrorContext = { stage: 'http', view }
    try {
      return await measuredCall(
        'http',
        () => ({ view, url: url.href, status }),
        async () => {
          try {
            const response = await answer()
            status = response.status
            return response
          } catch (thrown) {
            failed = thrown instanceof ViewFailure ? thrown.context : failed
            const error = thrown instanceof ViewFailure ? thrown.error : thrown
            status = statusForError(error)
            throw error
          }
        },
      )
    } catch (error) {
      if (status >= 500) this.#parts.host.report(error, failed)
      const lang = this.#parts.visits.langFor(request, match.route.group.page.lang)
      return this.#parts.errorResponse(status, error, failed, lang)
    }
  }

  async #answer(request: LiveRequest, url: URL, match: RouteMatch<LiveRoute>): Promise<LiveResponse> {
    const left = readPassing(request, this.#parts.host.signer, 'flash')
    const page = await this.#firstPage(request, url, match, left === undefined ? noFlash : toFlash(left))
    const response = await deadRender(page, this.#parts.host, this.#parts.settings)
    return left === undefined ? response : withCookie(response, passedCookie('flash'))
  }

  /** The page that a form was sent to: it is opened before its files come. */
  async open(request: LiveRequest, url: URL, match: RouteMatch<LiveRoute>): Promise<OpenPage> {
    return openPage(await this.#firstPage(request, url, match, noFlash), this.#parts.host, this.#parts.settings, true)
  }

  async #firstPage(request: LiveRequest, url: URL, match: RouteMatch<LiveRoute>, flash: Flash): Promise<DeadRender> {
    const { visits, files, development, adoptables } = this.#parts
    const visitor = visits.visitor(request)
    const session = await visits.sessionOf(request, visitor.session)
    return { request, url, match, visitor, session, flash, clientUrl: files.clientUrl, development, adoptables }
  }

  /** A page of the application's own, in the layout of a live session. `url`: without what stands before the server's paths. */
  async own(request: LiveRequest, url: URL, content: OwnPageContent, options: OwnPageOptions): Promise<LiveResponse> {
    const { visits, files, development, host, settings } = this.#parts
    const visitor = visits.visitor(request)
    const left = readPassing(request, host.signer, 'flash')
    const facts = {
      ...{ request, url, visitor, session: await visits.sessionOf(request, visitor.session) },
      ...{ flash: left === undefined ? noFlash : toFlash(left), clientUrl: files.clientUrl, development },
    }
    const response = await renderOwnPage(facts, content, options, host, settings)
    return left === undefined ? response : withCookie(response, passedCookie('flash'))
  }
}

/** What a refused page is told beside: a proxy that keeps connections should not come back by this one. */
const elsewhere = { 'retry-after': '2', connection: 'close' }

/** A response that sets one more cookie; one that the page sets anew by itself is not taken away. */
function withCookie(response: LiveResponse, cookie: string): LiveResponse {
  const set = response.headers['set-cookie'] ?? []
  const cookies = typeof set === 'string' ? [set] : set
  const name = cookie.slice(0, cookie.indexOf('=') + 1)
  if (cookies.some((other) => other.startsWith(name))) return response
  return { ...response, headers: { ...response.headers, 'set-cookie': [...cookies, cookie] } }
}
