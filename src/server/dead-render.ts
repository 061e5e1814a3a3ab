/** The first page over HTTP: renders the view whole, and puts into its container what the socket needs to join. */
import { renderContainer } from '../live/container.ts'
import type { SessionData } from '../live/definitions.ts'
import type { Flash } from '../live/flash.ts'
import type { LiveHost } from '../live/host.ts'
import { type Navigation, targetOf } from '../live/navigation.ts'
import type { ViewToken } from '../session/nested-views.ts'
import { statusOf } from '../session/failure.ts'
import { printUnder } from '../protocol/base-path.ts'
import { viewTopicPrefix } from '../protocol/message.ts'
import { renderHtml } from '../template/to-html.ts'
import { raw } from '../template/values.ts'
import { createCsrfToken } from '../token/csrf.ts'
import { randomText } from '../token/random.ts'
import type { CookieSettings } from './cookie-options.ts'
import type { Adoptables } from './adoptables.ts'
import { DeadView, Leaving } from './dead-view.ts'
import type { DevelopmentServer } from './development.ts'
import { documentHeaders, printDocument, withCookies } from './document.ts'
import { htmlResponse, type LiveRequest, type LiveResponse } from './http.ts'
import { containerOf, langOf, type LiveRoute } from './live-sessions.ts'
import type { ServerSettings } from './options.ts'
import { keyOf } from './parked-page.ts'
import { toLocation } from './post.ts'
import type { RouteMatch } from './router.ts'
import { staticToken } from './static-token.ts'
import { flashCookie, needsCookie, type Visitor, visitorCookie } from './visitor.ts'

export interface DeadRender {
  readonly request: LiveRequest
  readonly url: URL
  readonly match: RouteMatch<LiveRoute>
  readonly visitor: Visitor
  readonly session: SessionData
  /** What the page before has left to be shown. */
  readonly flash: Flash
  readonly clientUrl: string
  readonly development: DevelopmentServer | undefined
  readonly adoptables: Adoptables
}

/** A page that is being made: its view, and what goes around it. */
export interface OpenPage {
  readonly of: DeadRender
  readonly host: LiveHost
  readonly settings: ServerSettings
  readonly view: DeadView
  readonly nonce: string
  readonly lang: string
  readonly csrfToken: string
  /** What the live session says of the view's session. */
  readonly own: SessionData
  readonly cookies: readonly string[]
  readonly adoptable: boolean
}

export async function deadRender(page: DeadRender, host: LiveHost, settings: ServerSettings): Promise<LiveResponse> {
  const open = await openPage(page, host, settings, mayConnect(page.request))
  // Who asks for it later hears nothing of what has happened before.
  const gone = open.adoptable ? page.request.signal : undefined
  let kept = false
  try {
    const response = pageResponse(open, await open.view.render())
    if (open.adoptable && gone?.aborted !== true) {
      kept = true
      keepForAdoption(open)
    }
    return response
  } catch (error) {
    if (!(error instanceof Leaving)) throw error
    return leavingResponse(open, error)
  } finally {
    if (!kept) open.view.end()
  }
}

/** `connects`: its page may go on with the very view. */
export async function openPage(
  page: DeadRender,
  host: LiveHost,
  settings: ServerSettings,
  connects: boolean,
): Promise<OpenPage> {
  const { request, url, match, visitor, session, flash } = page
  const { signer } = host
  const { group } = match.route
  const { cookie } = settings
  const cookies = needsCookie(visitor, request, cookie) ? [visitorCookie(request, signer, cookie, visitor)] : []
  const own = typeof group.session === 'function' ? await group.session(request) : group.session
  // Short, since every frame carries it; it only has to differ from other ids of its page.
  const id = `phx-${randomText(3)}`
  const nonce = randomText(16)
  const csrfToken = createCsrfToken(signer, visitor.csrfSecret)
  const { view: shownView, facts: route } = match.route
  const place = { view: shownView, route, around: undefined, id, url: url.href }
  const facts = { ...place, onMount: group.onMount, params: match.params, stash: match.route.stash }
  const lang = langOf(group.page.lang, request, session)
  const shared = { host, nonce, lang, csrfToken, session, visitorId: visitor.id }
  const given = { ...session, ...own }
  const adoptable = (shownView.adopt ?? group.adopt) && connects
  const view = new DeadView({ ...facts, name: match.route.path, flash, adoptable, session: given }, shared)
  return { of: page, host, settings, view, nonce, lang, csrfToken, own, cookies, adoptable }
}

/** The whole document, with the view's HTML in it. */
export function pageResponse(open: OpenPage, content: string, status = 200): LiveResponse {
  const { of: page, host, settings, view, nonce, lang, csrfToken, own, cookies } = open
  const { match, url } = page
  const { signer } = host
  const { group, layout } = match.route
  const { id } = view.facts
  const token: ViewToken = { kind: 'route', id, route: match.route.path, nonce, lang, session: own }
  const shown = view.effects.flash.current
  const identity = {
    id,
    'data-phx-main': true as const,
    'data-phx-session': signer.sign('view', token),
    'data-phx-static': signer.sign('static', staticToken(id, shown)),
  }
  const container = renderContainer(containerOf(match.route), identity, raw(content))
  const document = {
    ...{ layout, page: group.page, title: view.effects.title, head: view.effects.head ?? {} },
    ...{
      csrfToken,
      nonce,
      lang,
      texts: host.textsIn(lang),
      url,
      flash: shown,
      clientUrl: page.clientUrl,
      path: host.path,
    },
    content: raw(printUnder(host.basePath, () => renderHtml(container))),
  }
  const printed = printDocument(document, host.basePath, (refusal) => {
    host.refused(refusal, { stage: 'http', view: match.route.path })
  })
  const body = page.development?.page(printed, nonce, match.route) ?? printed
  return htmlResponse(status, body, documentHeaders(settings, nonce, cookies))
}

/** Leads to where a callback asked to go. What was to be shown here is shown there. */
export function leavingResponse(
  { of: page, host, settings, cookies }: OpenPage,
  { navigation, flash }: Pick<Leaving, 'navigation' | 'flash'>,
  status?: number,
): LiveResponse {
  const left = leftFlash(page, host, settings.cookie, flash)
  const response = leave(navigation, host.basePath, [...cookies, ...left])
  return status === undefined ? response : { ...response, status }
}

/** Keeps the view for the page that is to connect; sticky views go on by themselves. */
export function keepForAdoption({ of: page, view, own, nonce }: OpenPage): void {
  const { match, visitor, session, adoptables } = page
  const { id } = view.facts
  // What its token says of the session, as the join will read it.
  const given = { ...session, ...(JSON.parse(JSON.stringify(own)) as SessionData) }
  const claim = { view: match.route.view, name: match.route.path, visitor: session, session: given }
  adoptables.keep(visitor.id, { ...claim, key: keyOf(nonce, viewTopicPrefix + id, undefined, visitor.id) }, view)
}

/** A page that is fetched ahead may never be shown, and nobody asks for the head of one to connect it. */
function mayConnect({ method, headers }: LiveRequest): boolean {
  return method === 'GET' && headers.get('sec-purpose') === null && headers.get('purpose') === null
}

/** The page leads on, also where its messages are too large for a cookie: they alone are lost, and that is reported. */
function leftFlash(
  { request, match }: DeadRender,
  { signer, report }: LiveHost,
  cookie: CookieSettings,
  flash: Flash,
): readonly string[] {
  if (Object.keys(flash).length === 0) return []
  try {
    return [flashCookie(request, signer, cookie, flash, 'redirect')]
  } catch (error) {
    report(error, { stage: 'http', view: match.route.path })
    return []
  }
}

function leave(navigation: Navigation, basePath: string, cookies: readonly string[]): LiveResponse {
  const status = navigation.kind === 'redirect' ? navigation.status : 302
  return {
    status,
    headers: { location: toLocation(targetOf(navigation, basePath)), ...withCookies(cookies) },
    body: '',
  }
}

/** The HTTP status for what a mount threw. */
export function statusForError(error: unknown): number {
  return statusOf(error) ?? 500
}
