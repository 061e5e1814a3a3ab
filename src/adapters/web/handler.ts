/** The views of a server for what speaks `Request` and `Response`: Bun, Deno, Hono. What the runtimes do otherwise they hand in. */
import { describe, LiveError } from '../../errors.ts'
import type { SessionData } from '../../live/definitions.ts'
import type { Flash } from '../../live/flash.ts'
import type { AnyTopic, Topic } from '../../pubsub/topic.ts'
import type { Admission } from '../../server/connection.ts'
import type { DrainOptions } from '../../server/drain.ts'
import type { LiveRequest, LiveResponse } from '../../server/http.ts'
import type { LiveServer, RunningServer } from '../../server/live-server.ts'
import type { OwnPageContent, OwnPageOptions } from '../../server/own-page.ts'
import type { RenderedView, RenderOptions } from '../../server/placed-views.ts'
import { type CloseOptions, type HandlerOptions, isDevelopment } from '../node/handler.ts'
import { resolveTrustProxy } from '../node/http.ts'
import { startMachine } from '../node/machine.ts'
import { sendDownload } from '../node/send-download.ts'
import { settlesWithin } from '../node/within.ts'
import { connectLine, type Line, type LineEvents } from './line.ts'
import { Outgoing } from './outgoing.ts'
import { pathOf, toLiveRequest } from './request.ts'
import { toResponse } from './response.ts'

/** What a server of `Request` and `Response` can do with its views. */
export interface WebLive {
  /** Handles forms that are submitted over HTTP: `post` of `createLiveServer`. */
  readonly post: LiveServer['post']
  /** The server's page for 404. */
  notFound(request: Request): Response
  /** The server's page for 500; the error is reported. */
  failed(error: unknown, request: Request): Response
  /**
   * Sends `info` to every view that subscribed to the topic.
   *
   * @throws {LiveError} `ERR_TOPIC` for what is no topic.
   */
  publish(topic: string, info: unknown): void | Promise<void>
  publish<Message>(topic: Topic<Message>, info: NoInfer<Message>): void | Promise<void>
  /**
   * A `Set-Cookie` header that gives the visitor the session `data`, for a response of yours: a login, say.
   *
   * @throws {LiveError} `ERR_COOKIE` when the data is no object, or too large for a cookie: about 2,900 bytes of JSON have room.
   */
  sessionCookie(request: Request, data: SessionData): string
  /**
   * A page of your own, without a view, in the layout of a live session.
   *
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option; rejects with whatever the layout, the shell or the content throws.
   */
  page(request: Request, content: OwnPageContent, options?: OwnPageOptions): Promise<Response>
  /**
   * A view of `views` of `createLiveServer`, for a page that your own templates make: its element for the body, and what the head needs.
   *
   * @throws {LiveError} Rejects with `ERR_SERVER_OPTIONS` for a name that is not there, or a wrong option; with `ERR_VIEW` when the view
   * leads elsewhere; with whatever a callback of the view throws.
   */
  render(request: Request, name: string, options?: RenderOptions): Promise<RenderedView>
  /** The session that views of this visitor are given. */
  sessionOf(request: Request): Promise<SessionData>
  /**
   * A `Set-Cookie` header that has the visitor's next page show these messages.
   *
   * @throws {LiveError} `ERR_COOKIE` when they are too large for a cookie.
   */
  flashCookie(request: Request, flash: Flash): string
  /** Whether `token`, which a form of yours sent, is a `meta.csrfToken` of this visitor's pages, loaded since the last login. */
  isCsrfToken(request: Request, token: unknown): boolean
  /** Cuts the connections of this process whose session `fits`, and says how many there were. */
  disconnect(fits: (session: SessionData) => boolean): number
  /** Whether new visitors may be sent here. */
  isReady(): boolean
  /**
   * Leaves in peace, before `close`, as that of `liveloom/node`.
   *
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option, at once.
   */
  drain(options?: DrainOptions): Promise<void>
  /**
   * Tells the pages to come back later, lets saves finish, and deletes what uploads left.
   *
   * @throws {LiveError} `ERR_CLOSE_TIMEOUT` when something was given up after `timeout` ms.
   */
  close(options?: CloseOptions): Promise<void>
}

/** Turns a request into a socket; `undefined` when the runtime cannot. `opened` is called when it is open. */
export type UpgradeWeb<Source> = (
  request: Request,
  source: Source,
  opened: (line: Line) => LineEvents,
) => Response | undefined

/** The parts of a handler of which a door is made. */
export interface WebHandler<Source> {
  readonly live: WebLive
  readonly running: RunningServer
  /** `undefined` when the request is for no view. `source`: the request as the framework or the runtime has it. */
  handle(request: Request, source: Source): Promise<Response | undefined>
  /** What else is to be closed first. */
  onClose(run: () => void): void
}

/** How long clients may take to answer a goodbye, in ms. */
const goodbyeTimeout = 1000

/** `sourceOf`: finds the same for the methods that are given the request alone. */
export function createWebHandler<Source>(
  live: LiveServer,
  options: HandlerOptions,
  upgrade: UpgradeWeb<Source>,
  sourceOf: (request: Request) => unknown = (request) => request,
): WebHandler<Source> {
  const proxies = resolveTrustProxy(options.trustProxy)
  const { fsync = false } = options
  if (typeof fsync !== 'boolean') {
    throw new LiveError('ERR_SERVER_OPTIONS', `liveloom: fsync must be true or false, got ${describe(fsync)}`)
  }
  const machine = startMachine(live, { development: isDevelopment(options), fsync })
  const { running } = machine
  const closing: (() => void)[] = []
  let closed = false
  const lines = new Set<Line>()
  let lastClosed = (): void => {}
  const opened = (line: Line, admission: Admission): LineEvents => {
    const events = connectLine(running, line, admission)
    lines.add(line)
    const left = (code: number, reason: string): void => {
      events.closed(code, reason)
      lines.delete(line)
      if (lines.size === 0) lastClosed()
    }
    return { ...events, closed: left }
  }
  const toLive = (request: Request): LiveRequest => toLiveRequest(request, proxies, sourceOf(request))
  const answer = (request: Request, found: LiveResponse): Response => toResponse(found, request.method === 'HEAD')
  const open = async (request: Request, source: Source): Promise<Response> => {
    const admission = await admit(running, toLive(request))
    if (typeof admission === 'number') return new Response(null, { status: admission })
    if (closed) return new Response(null, { status: 503 })
    const upgraded = upgrade(request, source, (line) => opened(line, admission))
    return upgraded ?? new Response('This server has no sockets here\n', { status: 426 })
  }
  const handle = async (request: Request, source: Source): Promise<Response | undefined> => {
    if (running.isSocketPath(pathOf(request)) && isWebSocket(request)) return open(request, source)
    const found = await running.handle(toLive(request))
    if (found?.handover === undefined) return found && answer(request, found)
    const outgoing = new Outgoing(request)
    const { request: asked, response } = outgoing.forNode
    void sendDownload(asked, response, found.handover, found.defaultHeaders)
    return outgoing.response
  }
  const { visits } = running
  const error = (request: Request, status: number, thrown?: unknown): Response =>
    answer(request, running.errorResponse(status, thrown, undefined, visits.langFor(toLive(request))))
  return {
    running,
    handle,
    onClose: (run) => void closing.push(run),
    live: {
      post: live.post,
      notFound: (request) => error(request, 404),
      failed(thrown, request) {
        running.report(thrown, { stage: 'http' })
        return error(request, 500, thrown)
      },
      publish: (topic: string | AnyTopic, info: unknown) => running.publish(topic, info),
      sessionCookie: (request, data) => visits.sessionCookie(toLive(request), data),
      page: async (request, content, more) => answer(request, await running.page(toLive(request), content, more)),
      render: async (request, name, more) => running.render(toLive(request), name, more),
      async sessionOf(request) {
        const asked = toLive(request)
        // Such a request is refused; before it is, a middleware may ask. A `session` of yours is handed addresses alone.
        return asked.url === '' ? {} : visits.sessionOf(asked)
      },
      flashCookie: (request, flash) => visits.flashCookie(toLive(request), flash),
      isCsrfToken: (request, token) => visits.isCsrfToken(toLive(request), token),
      disconnect: (fits) => running.disconnectWhere(fits),
      isReady: () => running.ready,
      drain: (more) => running.drain(more),
      async close({ timeout } = {}) {
        closed = true
        for (const run of closing) run()
        await machine.close(timeout)
        // What ends the runtime's server, or the process, would cut off the goodbyes that are on their way.
        if (lines.size > 0) await settlesWithin(new Promise<void>((resolve) => (lastClosed = resolve)), goodbyeTimeout)
      },
    },
  }
}

/** What a socket may be opened with, or the status that refuses it. */
async function admit(running: RunningServer, request: LiveRequest): Promise<Admission | number> {
  const { upgradeTimeout } = running.limits
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<503>((resolve) => {
    timer = setTimeout(() => {
      running.limitReached('upgradeTimeout', { stage: 'session' })
      resolve(503)
    }, upgradeTimeout)
  })
  const decided = running.admit(request).then(
    (decision) => (decision.ok ? decision.admission : decision.status),
    (error: unknown) => {
      running.report(error, { stage: 'session' })
      return 500
    },
  )
  try {
    return await Promise.race([decided, late])
  } finally {
    clearTimeout(timer)
  }
}

export function isWebSocket({ headers }: Request): boolean {
  return (headers.get('upgrade') ?? '').split(',').some((offered) => offered.trim().toLowerCase() === 'websocket')
}
