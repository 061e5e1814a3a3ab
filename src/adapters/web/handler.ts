/** The views of a server for what speaks `Request` and `Response`: Bun, Deno, Hono. What the runtimes do otherwise they hand in. */
import { describe, LiveError } from '../../errors.ts'
import type { AnyTopic } from '../../pubsub/topic.ts'
import type { Admission } from '../../server/connection.ts'
import type { LiveRequest, LiveResponse } from '../../server/http.ts'
import type { LiveServer } from '../../server/live-server.ts'
import type { RunningServer } from '../../server/running-server.ts'
import { type CloseOptions, type HandlerOptions, isDevelopment } from '../node/handler.ts'
import { resolveTrustProxy } from '../node/http.ts'
import { startMachine } from '../node/machine.ts'
import { sendDownload } from '../node/send-download.ts'
import { settlesWithin } from '../node/within.ts'
import { connectLine, type Line, type LineEvents } from './line.ts'
import { Outgoing } from './outgoing.ts'
import { pathOf, toLiveRequest } from './request.ts'
import { toResponse } from './response.ts'
import type { LiveMethods } from '../node/live-methods.ts'

/** What a server of `Request` and `Response` can do with its views. */
export interface WebLive extends Omit<LiveMethods<Request, Response>, 'stats'> {
  /** The server's page for 404. */
  notFound(request: Request): Response
  /** The server's page for 500; the error is reported. */
  failed(error: unknown, request: Request): Response
  /**
   * Tells the pages to come back later, lets saves finish, and deletes what uploads left.
   *
   * @throws {LiveError} `ERR_CLOSE_TIMEOUT` when something was given up after `timeout` ms.
   */
  close(options?: CloseOptions): Promise<void>
}

/** What each runtime does in its own way. */
export interface WebRuntime<Source> {
  /** Turns a request into a socket; `undefined` when it cannot. `opened` is called when it is open. */
  upgrade(request: Request, source: Source, opened: (line: Line) => LineEvents): Response | undefined
  /** Has a request not ended because nothing goes for a while: it has a clock of its own. Absent where nothing ends them. */
  leaveTime?(request: Request, source: Source): void
}

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
  runtime: WebRuntime<Source>,
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
    if (admission instanceof Response) return admission
    if (closed) return new Response(null, { status: 503 })
    const upgraded = runtime.upgrade(request, source, (line) => opened(line, admission))
    return upgraded ?? new Response('This server has no sockets here\n', { status: 426 })
  }
  const handle = async (request: Request, source: Source): Promise<Response | undefined> => {
    const path = pathOf(request)
    if (running.paths.isSocket(path) && isWebSocket(request)) return open(request, source)
    if (running.paths.isUpload(path) || running.paths.isPoll(path)) runtime.leaveTime?.(request, source)
    const found = await running.handle(toLive(request))
    if (found?.handover === undefined) return found && answer(request, found)
    runtime.leaveTime?.(request, source)
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

/** What a socket may be opened with, or what refuses it. */
async function admit(running: RunningServer, request: LiveRequest): Promise<Admission | Response> {
  const { upgradeTimeout } = running.limits
  const refusal = (status: number, headers: Readonly<Record<string, string>> = {}): Response =>
    new Response(null, { status, headers })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Response>((resolve) => {
    timer = setTimeout(() => {
      running.limitReached('upgradeTimeout', { stage: 'session' })
      resolve(refusal(503))
    }, upgradeTimeout)
  })
  const decided = running.admit(request).then(
    (decision) => (decision.ok ? decision.admission : refusal(decision.status, decision.headers)),
    (error: unknown) => {
      running.report(error, { stage: 'session' })
      return refusal(500)
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
