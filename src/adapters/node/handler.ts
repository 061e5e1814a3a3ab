import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { describe, LiveError } from '../../errors.ts'
import type { AnyTopic } from '../../pubsub/topic.ts'
import type { LiveRequest, LiveResponse } from '../../server/http.ts'
import type { LiveServer } from '../../server/live-server.ts'
import { type OwnPage, toOwnPage } from '../../server/own-page.ts'
import { excuseBody } from './body-clock.ts'
import { type Frame, limitUnsent, lingers, mountOf, pathOf, resolveTrustProxy, respond, toLiveRequest } from './http.ts'
import { type MachineCrew, startMachine } from './machine.ts'
import { inTurn } from './pipeline.ts'
import { sendDownload } from './send-download.ts'
import { LiveSockets } from './sockets.ts'
import { passUpgrade, takeUpgrade } from './passed-upgrade.ts'
import { attachUpgrades, isWebSocket } from './upgrade.ts'
import type { LiveMethods } from './live-methods.ts'

/**
 * A function of the connect kind: it answers, or calls `next`. `sirv`, `compression`, `helmet`, `cors` and the like are such, also where
 * their types ask for a request of Express.
 */
// A method's parameters are compared both ways, so that one whose request is a kind of `IncomingMessage` fits.
export type Middleware = {
  handle(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): unknown
}['handle']

/** What `createHandler` takes beside the server. */
export interface HandlerOptions {
  /**
   * Shows errors in pages, warns of likely mistakes, brings open pages up to date after a restart, and makes up a secret.
   *
   * @default true unless `NODE_ENV` is `production`
   */
  readonly development?: boolean | undefined
  /**
   * Believe `X-Forwarded-Proto` and `X-Forwarded-Host`: only behind a proxy of yours that sets both. How many proxies there are: each
   * adds its value to the right, and the one that counts is the `trustProxy`th from there; of fewer the leftmost. `true` is 1.
   *
   * @default false
   */
  readonly trustProxy?: boolean | number | undefined
  /**
   * Write each file of `createOrAppendFile` through to the disk before it counts as saved, so that it outlives a power failure. Costs a
   * turn of the disk for each file.
   *
   * @default false
   */
  readonly fsync?: boolean | undefined
}

/** How a handler is closed. */
export interface CloseOptions {
  /** How long it may take, in ms, before what still runs is given up; up to 2147483647. @default without end */
  readonly timeout?: number | undefined
}

/** The views of a server for an HTTP server of your own: Express, or `node:http`. */
export interface LiveHandler extends LiveMethods<IncomingMessage, OwnPage> {
  /**
   * Refuses a request whose address is none (400), or for another host than `hosts` of the server allows (403); hands others on. The
   * views are behind it in any case; `serve` has it before all else.
   */
  guard(request: IncomingMessage, response: ServerResponse, next: () => void): void
  /** Answers requests for views, the client's script, and long polling; hands others on. */
  middleware(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
  /** Answers with the server's page for 404. */
  notFound(request: IncomingMessage, response: ServerResponse): void
  /** Answers with the server's page for 500, and reports the error. */
  failed(error: unknown, response: ServerResponse): void
  /** Takes an upgrade request that is for the socket; false for any other. One that is refused is answered, and its socket closed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /**
   * Has `upgrade` called by an HTTP server. Requests for a WebSocket that are neither for this one nor for another that is attached are
   * left to the server's other listeners; without one they are refused. One that offers another protocol (`Upgrade: h2c`) is served as if it did not.
   */
  attach(server: Server): void
  /**
   * Tells the pages to come back later, lets saves finish, and deletes what uploads left.
   *
   * @throws {LiveError} `ERR_CLOSE_TIMEOUT` when something was given up after `timeout` ms. Of a file that was being saved nothing is left;
   * one that was being appended to is as it was before.
   */
  close(options?: CloseOptions): Promise<void>
}

/**
 * Makes the middleware and the upgrade handler of a server, for an HTTP server of your own.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import { createServer } from 'node:http'
 * import { createLiveServer } from 'liveloom'
 * import { createHandler } from 'liveloom/node'
 *
 * export function start() {
 *   const live = createHandler(createLiveServer({ routes: {} }))
 *   const server = createServer((request, response) => live.middleware(request, response, () => response.end('mine')))
 *   live.attach(server)
 *   server.listen(4000)
 * }
 */
export function createHandler(live: LiveServer, options: HandlerOptions = {}): LiveHandler {
  return createFramed(live, options).handler
}

/** What a framework makes of a request before the views do. */
export type FrameOf = (request: IncomingMessage) => Frame | undefined

/** A handler inside a framework, which sends by itself what it can. */
export interface FramedHandler {
  readonly handler: LiveHandler
  /**
   * What the framework is to send; `undefined` when it is for no view, `'taken'` when it is answered here: `taking` is called before that.
   */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    taking?: () => void,
  ): Promise<LiveResponse | 'taken' | undefined>
  /** Whose a request is: `undefined` where it does not say, in a cookie of ours. */
  visitorOf(request: IncomingMessage): string | undefined
  /** Calls `run` when the requests before it on its connection are answered. */
  inTurn(request: IncomingMessage, response: ServerResponse, run: () => void): void
  /** Cuts off a client that takes nothing of an answer for too long. */
  limitUnsent(response: ServerResponse): void
}

/**
 * With `frameOf` the request of a socket goes through the whole application as any other, so that its sessions, its logins and the proxies
 * that it trusts count for the socket as well. `crew`: of a process that is one of several.
 */
export function createFramed(
  live: LiveServer,
  options: HandlerOptions,
  frameOf?: FrameOf,
  crew?: MachineCrew,
): FramedHandler {
  const proxies = resolveTrustProxy(options.trustProxy)
  const { fsync = false } = options
  if (typeof fsync !== 'boolean') {
    throw new LiveError('ERR_SERVER_OPTIONS', `createHandler: fsync must be true or false, got ${describe(fsync)}`)
  }
  const development = isDevelopment(options)
  const machine = startMachine(live, { development, fsync, crew })
  const { running } = machine
  const toLive = (request: IncomingMessage, response?: ServerResponse): LiveRequest =>
    toLiveRequest(request, proxies, response, frameOf?.(request))
  const sockets = new LiveSockets(running, toLive)
  const { unsentTimeout } = running.limits
  const onUnread = (): void => running.limitReached('unsentTimeout', { stage: 'http' })
  const send = (response: ServerResponse, found: LiveResponse, method?: string): void =>
    respond(response, found, { headOnly: method === 'HEAD', unsentTimeout, onUnread })
  const turn = (request: IncomingMessage, response: ServerResponse, run: () => void): void =>
    inTurn(request, response, run, (most) => running.limitReached('maxRequestsAhead', { stage: 'http' }, most))
  const isOurs = (request: IncomingMessage): boolean => running.paths.isSocket(pathOf(request)) && isWebSocket(request)
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    if (!isOurs(request)) return false
    sockets.open(request, socket, head)
    return true
  }
  const failed = (error: unknown, response: ServerResponse): void => {
    running.report(error, { stage: 'http' })
    if (response.headersSent) return void response.destroy()
    try {
      send(response, running.errorResponse(500, error, undefined, running.visits.langFor(toLive(response.req))))
    } catch (failure) {
      // A header that Node does not send, say. Nobody is left who could answer; and nobody would catch this.
      running.report(failure, { stage: 'http' })
      response.destroy()
    }
  }
  const lookUp = async (
    request: IncomingMessage,
    response: ServerResponse,
    taking: () => void,
  ): Promise<LiveResponse | 'taken' | undefined> => {
    if (running.paths.isUpload(pathOf(request))) excuseBody(request)
    const found = await running.handle(toLive(request, response))
    if (found === undefined || (found.handover === undefined && !lingers(request, found))) return found
    taking()
    // Some begin with another.
    response.statusCode = 200
    if (found.handover === undefined) send(response, found, request.method)
    else await sendDownload(request, response, found.handover, found.defaultHeaders)
    return 'taken'
  }
  const answer: FramedHandler['answer'] = (request, response, taking = () => {}) => {
    const passed = takeUpgrade(request, running)
    if (passed !== undefined) {
      taking()
      sockets.open(request, passed.socket, passed.head)
      return Promise.resolve('taken')
    }
    const mount = mountOf(request)
    if (mount !== '') running.mountedUnder(mount)
    return new Promise((resolve, reject) =>
      turn(request, response, () => void lookUp(request, response, taking).then(resolve, reject)),
    )
  }
  const handler: LiveHandler = {
    upgrade,
    failed,
    post: live.post,
    middleware(request, response, next) {
      const answered = async (): Promise<void> => {
        const found = await answer(request, response)
        if (found === undefined) next()
        else if (found !== 'taken') send(response, found, request.method)
      }
      answered().catch(next)
    },
    notFound(request, response) {
      send(
        response,
        running.errorResponse(404, undefined, undefined, running.visits.langFor(toLive(request))),
        request.method,
      )
    },
    guard(request, response, next) {
      const refused = running.refuse(toLive(request))
      if (refused === undefined) next()
      else send(response, refused, request.method)
    },
    attach(server) {
      const passOn = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
        if (!isOurs(request)) return false
        passUpgrade(server, request, socket, { head, owner: running, timeout: running.limits.upgradeTimeout })
        return true
      }
      attachUpgrades(server, {
        isSocketPath: running.paths.isSocket.bind(running.paths),
        upgrade: frameOf === undefined ? upgrade : passOn,
      })
    },
    publish: (topic: string | AnyTopic, info: unknown) => running.publish(topic, info),
    sessionCookie: (request, data) => running.visits.sessionCookie(toLive(request), data),
    page: async (request, content, options) => toOwnPage(await running.page(toLive(request), content, options)),
    render: async (request, name, more) => running.render(toLive(request), name, more),
    async sessionOf(request) {
      const live = toLive(request)
      // Such a request is refused; before it is, a middleware may ask. A `session` of yours is handed addresses alone.
      return live.url === '' ? {} : running.visits.sessionOf(live)
    },
    flashCookie: (request, flash) => running.visits.flashCookie(toLive(request), flash),
    isCsrfToken: (request, token) => running.visits.isCsrfToken(toLive(request), token),
    disconnect: (fits) => running.disconnectWhere(fits),
    stats: (options) => running.stats(options),
    isReady: () => running.ready,
    drain: (options) => running.drain(options),
    async close({ timeout } = {}) {
      sockets.close()
      await machine.close(timeout)
    },
  }
  return {
    handler,
    answer,
    visitorOf(request) {
      const { isNew, id } = running.visits.visitor(toLive(request))
      return isNew ? undefined : id
    },
    inTurn: turn,
    limitUnsent(response) {
      if (!response.writableFinished) limitUnsent(response, unsentTimeout, onUnread)
    },
  }
}

export function isDevelopment({ development }: HandlerOptions): boolean {
  return development ?? process.env['NODE_ENV'] !== 'production'
}
