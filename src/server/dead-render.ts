/** The first page over HTTP: mounts the view, renders it whole, and puts into its container what the socket needs to join. */
import { statusOf } from '../live/session.ts'
import type { LiveHost } from '../live/host.ts'
import { type InstanceOwner, ViewInstance } from '../live/instance.ts'
import type { SessionData } from '../live/view.ts'
import { html } from '../template/html.ts'
import { renderHtml } from '../template/to-html.ts'
import { raw } from '../template/values.ts'
import { createCsrfToken } from '../token/csrf.ts'
import { randomText } from '../token/random.ts'
import { htmlResponse, type LiveRequest, type LiveResponse } from './http.ts'
import type { ServerSettings } from './options.ts'
import type { RouteMatch } from './router.ts'
import { type Visitor, visitorCookie } from './visitor.ts'

export interface DeadRender {
  readonly request: LiveRequest
  readonly url: URL
  readonly match: RouteMatch
  readonly visitor: Visitor
  readonly session: SessionData
  readonly clientUrl: string
}

/** What a view's container carries so that the view can be joined. */
export interface ViewToken {
  readonly id: string
  readonly route: string
}

export async function deadRender(page: DeadRender, host: LiveHost, settings: ServerSettings): Promise<LiveResponse> {
  const { request, url, match, visitor, session } = page
  const { signer } = host
  const csrfToken = createCsrfToken(signer, visitor.csrfSecret)
  // Short, since every frame carries it; it only has to differ from other ids of its page.
  const id = `phx-${randomText(3)}`
  const owner = new DeadOwner(host, match.route.path, csrfToken)
  const instance = new ViewInstance(match.route.view, id, url.href, owner)
  const headers = visitor.isNew
    ? { 'set-cookie': visitorCookie(request, signer, visitor.csrfSecret, visitor.session) }
    : {}
  try {
    await instance.mount(session, match.params)
    if (instance.redirected === undefined) await instance.handleParams(url.href, match.params)
    if (instance.redirected !== undefined) {
      const { to, status } = instance.redirected
      return { status, headers: { ...headers, location: toLocation(to) }, body: '' }
    }
    const token: ViewToken = { id, route: match.route.path }
    const content = html`<div
      id="${id}"
      data-phx-main
      data-phx-session="${signer.sign('view', token)}"
      data-phx-static="${signer.sign('static', { id })}"
    >
      ${raw(instance.render(renderHtml))}
    </div>`
    const document = settings.layout({
      title: instance.title ?? settings.page.title,
      lang: settings.page.lang,
      head: settings.page.head,
      csrfToken,
      clientUrl: page.clientUrl,
      content: raw(renderHtml(content)),
    })
    return htmlResponse(200, renderHtml(document), { ...headers, 'cache-control': 'no-store' })
  } finally {
    instance.end()
  }
}

/** A header takes ASCII alone; what is encoded already stays as it is. */
function toLocation(to: string): string {
  return to.replaceAll(/[^\x21-\x7e]+/g, encodeURI)
}

/** The HTTP status for what a mount threw. */
export function statusForError(error: unknown): number {
  return statusOf(error) ?? 500
}

/** A view that is rendered once and forgotten: messages to it are dropped, and no upload can begin. */
class DeadOwner implements InstanceOwner {
  readonly host: LiveHost
  readonly connected = false
  readonly #view: string
  readonly #csrfToken: string

  constructor(host: LiveHost, view: string, csrfToken: string) {
    this.host = host
    this.#view = view
    this.#csrfToken = csrfToken
  }

  changed(): void {}
  sendInfo(): void {}
  subscribe(): void {}
  uploadFailed(): void {}

  uploadToken(): string {
    return ''
  }

  sending(): number {
    return 0
  }

  report(error: unknown): void {
    this.host.report(error, { stage: 'upload', view: this.#view })
  }

  csrfToken(): string {
    return this.#csrfToken
  }
}
