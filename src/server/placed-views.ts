/** Views inside pages of the application's own, which its own templates make: placed by a name that every process knows. */
import { describe, LiveError } from '../errors.ts'
import { type ContainerOptions, mergeContainers, renderContainer, resolveContainer } from '../live/container.ts'
import type { LiveView, SessionData } from '../live/definitions.ts'
import type { LiveHost } from '../live/host.ts'
import { noRoute } from '../live/instance.ts'
import { isDomId } from '../live/nested.ts'
import type { ViewToken } from '../session/nested-views.ts'
import { printUnder } from '../protocol/base-path.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { renderHtml } from '../template/to-html.ts'
import { raw } from '../template/values.ts'
import { createCsrfToken } from '../token/csrf.ts'
import { randomText } from '../token/random.ts'
import { DeadView, Leaving, ViewFailure } from './dead-view.ts'
import { reaches } from './cookie-options.ts'
import type { LiveRequest } from './http.ts'
import { langOf } from './live-sessions.ts'
import type { ServerSettings } from './options.ts'
import { staticToken } from './static-token.ts'
import { needsCookie, type Visitor, visitorCookie } from './visitor.ts'
import type { Visits } from './visits.ts'

/** How a view is placed in a page of the application's own. */
export interface RenderOptions {
  /** Given to its `mount` over the session of the visitor. Signed into the page, not encrypted. @default {} */
  readonly session?: SessionData | undefined
  /** Its DOM id: unique in the page, without spaces and quotes. @default a random one */
  readonly id?: string | undefined
  /** The element around it: a tag, and attributes. Goes over what the view says itself. @default what the view says */
  readonly container?: ContainerOptions | undefined
  /** Of the page's `Content-Security-Policy`: for the script in `head`, and `meta.nonce`. @default a random one */
  readonly nonce?: string | undefined
}

/** A view for a page of the application's own. */
export interface RenderedView {
  /** Its element, with all that it shows. Stands in the body as it is, unescaped. */
  readonly html: string
  /** For the head, once for all views of a page: the CSRF token and the client. Unescaped. */
  readonly head: string
  /** `Set-Cookie` headers that the page has to bring: without the visitor's cookie no view connects. Empty when there is one. */
  readonly cookies: readonly string[]
  /** What stands in `head`, for a page with a bundle of its own: `<meta name="csrf-token" content="…">`. */
  readonly csrfToken: string
}

export interface PlacedViewsParts {
  readonly settings: ServerSettings
  readonly host: LiveHost
  readonly visits: Visits
  readonly clientUrl: string
  /** Told of likely mistakes, in development. */
  readonly warn: ((mistake: LiveError) => void) | undefined
}

/** The page that a view is for. */
export interface PlacedAt {
  readonly request: LiveRequest
  /** Without the prefix. */
  readonly url: URL
  /** As it was asked for. */
  readonly path: string
}

/** What all views of one page have in common. */
interface OfPage {
  readonly visitor: Visitor
  readonly csrfToken: string
  readonly cookies: readonly string[]
}

export class PlacedViews {
  readonly #parts: PlacedViewsParts
  /** By the request as the framework has it: a visitor who is new is one for all views of a page. */
  readonly #pages = new WeakMap<object, OfPage>()

  constructor(parts: PlacedViewsParts) {
    this.#parts = parts
  }

  /**
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a name that `views` does not have, and for a wrong option; `ERR_VIEW` when it leads
   * elsewhere. Rejects with whatever a callback of the view throws.
   */
  async render({ request, url, path }: PlacedAt, name: string, options: RenderOptions): Promise<RenderedView> {
    const { settings, host, visits, clientUrl } = this.#parts
    const placed = this.#check(name, options)
    const { visitor, csrfToken, cookies } = this.#pageOf(request, path)
    const own = options.session ?? {}
    const visitorSession = await visits.sessionOf(request, visitor.session)
    const lang = langOf(settings.lang, request, visitorSession)
    const { id = `phx-${randomText(3)}`, nonce = randomText(16) } = options
    const view = new DeadView(
      {
        ...{ view: placed, route: noRoute, id, name, url: url.href, onMount: [], flash: {} },
        ...{ around: undefined, params: undefined, adoptable: false, session: { ...visitorSession, ...own } },
      },
      { host, nonce, lang, csrfToken, session: visitorSession, visitorId: visitor.id },
    )
    try {
      const content = await view.render()
      const token: ViewToken = { kind: 'placed', id, name, nonce, lang, session: own }
      const identity = {
        id,
        'data-phx-session': host.signer.sign('view', token),
        'data-phx-static': host.signer.sign('static', staticToken(id, view.effects.flash.current)),
      }
      const container = mergeContainers(placed.container, resolveContainer(options.container, wrong))
      return {
        html: printUnder(host.basePath, () => renderHtml(renderContainer(container, identity, raw(content)))),
        head: renderHtml(headOf(csrfToken, clientUrl, nonce)),
        cookies,
        csrfToken,
      }
    } catch (error) {
      if (error instanceof Leaving) {
        throw new LiveError(
          'ERR_VIEW',
          `render('${name}'): the view leads to ${error.navigation.to}, and its page is not ours to send there`,
        )
      }
      throw error instanceof ViewFailure ? error.error : error
    } finally {
      view.end()
    }
  }

  #pageOf(request: LiveRequest, path: string): OfPage {
    const { host, visits, settings, warn } = this.#parts
    const key = (request.source ?? request) as object
    let page = this.#pages.get(key)
    if (page === undefined) {
      const visitor = visits.visitor(request)
      page = {
        visitor,
        csrfToken: createCsrfToken(host.signer, visitor.csrfSecret),
        cookies: needsCookie(visitor, request, settings.cookie)
          ? [visitorCookie(request, host.signer, settings.cookie, visitor)]
          : [],
      }
      this.#pages.set(key, page)
      const { path: cookiePath } = settings.cookie
      if (!reaches(cookiePath, path)) {
        const why = `the visitor's cookie is for ${cookiePath} alone, so each load of ${path} makes a new visitor`
        const what = `pages of yours outside of it need cookie: { path: '/' } of createLiveServer`
        warn?.(wrong(`${why}; ${what}. Where a proxy takes the prefix away all is well`))
      }
    }
    return page
  }

  #check(name: string, options: RenderOptions): LiveView {
    const { views } = this.#parts.settings
    const view = views.get(name)
    if (view === undefined) {
      throw wrong(
        `expected one of the views of createLiveServer({ views }), ${[...views.keys()].join(', ') || 'which has none'}; got ${describe(name)}`,
      )
    }
    for (const option of Object.keys(options)) {
      if (!known.has(option)) throw wrong(`unknown option '${option}'; known are ${[...known].join(', ')}`)
    }
    const { session = {}, id, nonce } = options
    if (typeof session !== 'object' || session === null)
      throw wrong(`session must be an object, got ${describe(session)}`)
    if (id !== undefined && (typeof id !== 'string' || !isDomId(id))) {
      throw wrong(`id must be a text without spaces and quotes, got ${describe(id)}`)
    }
    if (nonce !== undefined && typeof nonce !== 'string') throw wrong(`nonce must be text, got ${describe(nonce)}`)
    return view
  }
}

const known: ReadonlySet<string> = new Set(['session', 'id', 'container', 'nonce'] satisfies (keyof RenderOptions)[])

const wrong = (message: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', `render: ${message}`)

function headOf(csrfToken: string, clientUrl: string, nonce: string): Rendered {
  return html`<meta name="csrf-token" content="${csrfToken}" /><script defer phx-track-static nonce="${nonce}" src="${clientUrl}"></script>`
}
