/** What every door gives an application to do with its views, whatever its requests and pages are. */
import type { SessionData } from '../../live/definitions.ts'
import type { Flash } from '../../live/flash.ts'
import type { Topic } from '../../pubsub/topic.ts'
import type { DrainOptions } from '../../server/drain.ts'
import type { LiveServer } from '../../server/live-server.ts'
import type { OwnPageContent, OwnPageOptions } from '../../server/own-page.ts'
import type { RenderedView, RenderOptions } from '../../server/placed-views.ts'
import type { ServerStats, StatsOptions } from '../../server/stats.ts'

export interface LiveMethods<Asked, Page> {
  /** Handles forms that are submitted over HTTP: `post` of `createLiveServer`. */
  readonly post: LiveServer['post']
  /**
   * Sends `info` to every view that subscribed to the topic.
   *
   * @throws {LiveError} `ERR_TOPIC` for what is no topic.
   */
  publish(topic: string, info: unknown): void | Promise<void>
  publish<Message>(topic: Topic<Message>, info: NoInfer<Message>): void | Promise<void>
  /**
   * A `Set-Cookie` header that gives the visitor the session `data`, for a response of yours: a login, say. Forms of pages from before fit
   * no more, and such pages are loaded anew when they connect again; sockets and uploads that are open go on.
   *
   * @throws {LiveError} `ERR_COOKIE` when the data is no object, or too large for a cookie: about 2,900 bytes of JSON have room.
   */
  sessionCookie(request: Asked, data: SessionData): string
  /**
   * A page of your own, without a view: a login form, a page that was not found. It has the layout and the shell of a live session, the
   * messages that the page before has left, which it shows once, and live links into the live session, which load the page. On Node send
   * it with `response.writeHead(page.status, page.headers).end(page.body)`.
   *
   * @param content A template, or a function that is given the CSRF token for its forms, the messages, the nonce, the URL and the session.
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option; rejects with whatever the layout, the shell or the content throws.
   */
  page(request: Asked, content: OwnPageContent, options?: OwnPageOptions): Promise<Page>
  /**
   * A view of `views` of `createLiveServer`, for a page that your own templates make: its element for the body, and what the head needs.
   *
   * @throws {LiveError} Rejects with `ERR_SERVER_OPTIONS` for a name that is not there, or a wrong option; with `ERR_VIEW` when the view
   * leads elsewhere; with whatever a callback of the view throws.
   */
  render(request: Asked, name: string, options?: RenderOptions): Promise<RenderedView>
  /** The session that views of this visitor are given, for a middleware of yours. */
  sessionOf(request: Asked): Promise<SessionData>
  /**
   * A `Set-Cookie` header that has the visitor's next page show these messages: what `putFlash` does in a view.
   *
   * @throws {LiveError} `ERR_COOKIE` when they are too large for a cookie.
   */
  flashCookie(request: Asked, flash: Flash): string
  /** Whether `token`, which a form of yours sent, is a `meta.csrfToken` of this visitor's pages, loaded since the last login. */
  isCsrfToken(request: Asked, token: unknown): boolean
  /**
   * Cuts the connections of this process whose session `fits`, and says how many there were. Their pages connect again by themselves:
   * `onMount` is asked anew, with the session that the cookie has then.
   */
  disconnect(fits: (session: SessionData) => boolean): number
  /**
   * What the server is doing at this moment: sockets, views by route with their mailboxes, uploads. It is counted when it is asked, so ask
   * each second at most. For graphs there is `liveloom/metrics`.
   *
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option.
   */
  stats(options?: StatsOptions): ServerStats
  /** Whether new visitors may be sent here: false from the beginning of {@link drain} or {@link close} on. For a readiness check. */
  isReady(): boolean
  /**
   * Leaves in peace, before `close`: refuses new pages, sockets and long polling (503), tells the pages that are there to come back, the
   * oldest connection first and spread over a time, and lets events, uploads, requests and saves finish. Forms over HTTP and the client's
   * script are still answered. Resolves when that is done, or has had its time. A second call joins the first.
   *
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option, at once.
   */
  drain(options?: DrainOptions): Promise<void>
}
