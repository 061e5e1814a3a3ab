import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, LiveError } from '../../errors.ts'
import type { SessionData } from '../../live/definitions.ts'
import type { Flash } from '../../live/flash.ts'
import type { Topic } from '../../pubsub/topic.ts'
import { type DrainOptions, resolveDrain } from '../../server/drain.ts'
import type { LiveServer } from '../../server/live-server.ts'
import type { OwnPage, OwnPageContent, OwnPageOptions } from '../../server/own-page.ts'
import type { RenderedView, RenderOptions } from '../../server/placed-views.ts'
import type { ServerStats, StatsOptions } from '../../server/stats.ts'
import { limitBody } from './body-clock.ts'
import { checkTimeout, closeTimeoutError } from './close-timeout.ts'
import { createHandler, type HandlerOptions, isDevelopment, type LiveHandler, type Middleware } from './handler.ts'
import { Unanswered } from './unanswered.ts'
import { isWebSocket, refuseUpgrade, serveWithoutUpgrade } from './upgrade.ts'
import { settlesWithin } from './within.ts'

/** What `serve` takes beside the server. */
export interface ServeOptions extends HandlerOptions {
  /** 0 takes a free one. @default the environment's `PORT`, else 4000 */
  readonly port?: number | undefined
  /** @default the environment's `HOST`, else 'localhost' */
  readonly host?: string | undefined
  /** What sees each request before the views do. @default [] */
  readonly use?: readonly Middleware[] | undefined
  /**
   * Close on SIGTERM and SIGINT, then leave the process: with the exit code 0, or 1 when something was given up, which is said on stderr. A
   * second signal, half a second after the first or later, leaves at once, with 1.
   *
   * @default true
   */
  readonly signals?: boolean | undefined
  /**
   * Drain on SIGTERM before closing: `true`, or the options of `drain`. Whoever sends the signal has to wait for as long as `notice`, `over`,
   * `grace` and `closeTimeout` take together before it kills. SIGINT closes at once.
   *
   * @default false
   */
  readonly drain?: boolean | DrainOptions | undefined
  /** How long closing may take, in ms, before what still runs is given up; up to 2147483647. @default 10000; in development 2000 */
  readonly closeTimeout?: number | undefined
}

/** A server that listens. */
export interface NodeServer {
  /** Where it listens, as `http://localhost:4000`, with the `basePath` of the server. */
  readonly url: string
  readonly server: Server
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
  sessionCookie(request: IncomingMessage, data: SessionData): string
  /**
   * A page of your own, without a view: a login form, a page that was not found. It has the layout and the shell of a live session, the
   * messages that the page before has left, which it shows once, and live links into the live session, which load the page. Send it with
   * `response.writeHead(page.status, page.headers).end(page.body)`.
   *
   * @param content A template, or a function that is given the CSRF token for its forms, the messages, the nonce, the URL and the session.
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option; rejects with whatever the layout, the shell or the content throws.
   */
  page(request: IncomingMessage, content: OwnPageContent, options?: OwnPageOptions): Promise<OwnPage>
  /**
   * A view of `views` of `createLiveServer`, for a page that your own templates make: its element for the body, and what the head needs.
   *
   * @throws {LiveError} Rejects with `ERR_SERVER_OPTIONS` for a name that is not there, or a wrong option; with `ERR_VIEW` when the view
   * leads elsewhere; with whatever a callback of the view throws.
   */
  render(request: IncomingMessage, name: string, options?: RenderOptions): Promise<RenderedView>
  /** The session that views of this visitor are given, for a middleware of yours. */
  sessionOf(request: IncomingMessage): Promise<SessionData>
  /**
   * A `Set-Cookie` header that has the visitor's next page show these messages: what `putFlash` does in a view.
   *
   * @throws {LiveError} `ERR_COOKIE` when they are too large for a cookie.
   */
  flashCookie(request: IncomingMessage, flash: Flash): string
  /** Whether `token`, which a form of yours sent, is a `meta.csrfToken` of this visitor's pages, loaded since the last login. */
  isCsrfToken(request: IncomingMessage, token: unknown): boolean
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
  /**
   * Stops accepting, tells the pages, finishes the writes, and cleans up.
   *
   * @throws {LiveError} `ERR_CLOSE_TIMEOUT`, behind all that, when something was given up after `closeTimeout` ms: the message says what.
   */
  close(): Promise<void>
}

/**
 * Node's clock for a request as a whole would cut a long upload; `body-clock.ts` has one for each body. The one for its head is Node's, and has
 * to be said: without the other there would be none.
 */
const httpOptions = { requestTimeout: 0, headersTimeout: 60_000 }

/** In development: how long a port that is taken is waited for, and how often it is tried, in ms. */
const busyTimeout = 3000
const busyRetry = 50

/**
 * Signals that come within so many ms are one. A terminal and a supervisor send theirs to all processes of a group, and what started this
 * one (tsx, a watcher) hands its own on.
 */
const sameSignal = 500

/**
 * Serves views on Node.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option; `ERR_PORT` when the port is
 * taken; whatever else listening throws.
 * @example
 * import { createLiveServer, createLiveView, html } from 'liveloom'
 * import { serve } from 'liveloom/node'
 *
 * const hello = createLiveView({ render: () => html`<h1>Hello</h1>` })
 *
 * export async function main() {
 *   const { url } = await serve(createLiveServer({ routes: { '/': hello } }))
 *   console.log(url)
 * }
 */
export async function serve(live: LiveServer, options: ServeOptions = {}): Promise<NodeServer> {
  const { host = process.env['HOST'] ?? 'localhost', use = [], signals = true } = options
  const development = isDevelopment(options)
  const closeTimeout = checkTimeout('serve: closeTimeout', options.closeTimeout ?? (development ? 2000 : 10_000))
  const drainOptions = options.drain === true ? {} : (options.drain ?? false)
  if (drainOptions !== false) resolveDrain('serve: drain', drainOptions, development)
  const port = options.port ?? portOf(process.env['PORT'])
  const handler = createHandler(live, options)
  // The views ask it themselves.
  const before = use.length === 0 ? [] : [handler.guard, ...use]
  const chain = [...before, handler.middleware, handler.notFound]
  const unanswered = new Unanswered()
  const server = createServer(httpOptions, (request, response) => {
    limitBody(request, response)
    unanswered.add(request, response)
    runChain(chain, handler, request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    if (handler.upgrade(request, socket, head)) return
    if (isWebSocket(request)) refuseUpgrade(socket, 404)
    else serveWithoutUpgrade(server, request, socket, head)
  })
  await listen(server, port, host, development ? busyTimeout : 0)
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= closeAll(server, handler, unanswered, closeTimeout))
  const drained = (): Promise<void> => (drainOptions === false ? Promise.resolve() : handler.drain(drainOptions))
  if (signals) leaveOnSignals(server, close, drained)
  const { post, publish, page, render, sessionOf, sessionCookie, flashCookie, isCsrfToken } = handler
  const { disconnect, stats, isReady, drain } = handler
  const cookies = { page, render, sessionOf, sessionCookie, flashCookie, isCsrfToken }
  const url = urlOf(server, host) + live.settings.basePath
  return { url, server, post, publish, ...cookies, disconnect, stats, isReady, drain, close }
}

function portOf(text: string | undefined): number {
  if (text === undefined || text === '') return 4000
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new LiveError('ERR_SERVER_OPTIONS', `serve: PORT must be a port number, got ${describe(text)}`)
}

function runChain(
  chain: readonly Middleware[],
  handler: LiveHandler,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const step = (at: number, error?: unknown): void => {
    if (error !== undefined && error !== null) return handler.failed(error, response)
    const run = async (): Promise<unknown> => chain[at]!(request, response, (failure) => step(at + 1, failure))
    // One that is async may reject.
    run().catch((thrown: unknown) => handler.failed(thrown, response))
  }
  step(0)
}

/** Listens; a port that is taken is tried again for `patience` ms: the process before may just be ending. */
async function listen(server: Server, port: number, host: string, patience: number): Promise<void> {
  for (let waited = 0; ; waited += busyRetry) {
    try {
      return await listenOnce(server, port, host)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      if (waited >= patience) {
        const message = `serve: the port ${port} is taken by another program; end that, or set PORT or the option port`
        throw new LiveError('ERR_PORT', message, { cause: error })
      }
    }
    await delay(busyRetry)
  }
}

function listenOnce(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Both are taken away again: a server that tries for long would have a listener of each try.
    const listening = (): void => {
      server.removeListener('error', refused)
      resolve()
    }
    const refused = (error: Error): void => {
      server.removeListener('listening', listening)
      reject(error)
    }
    server.once('listening', listening).once('error', refused).listen(port, host)
  })
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function closeAll(server: Server, handler: LiveHandler, unanswered: Unanswered, timeout: number): Promise<void> {
  server.close()
  // What is asked for already is answered; a request that never arrived whole is not waited for.
  const { settled, left } = unanswered.watch()
  const [failure] = await Promise.all([
    handler.close({ timeout }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    ),
    settlesWithin(settled, timeout),
  ])
  const givenUp = left.size
  server.closeAllConnections()
  if (givenUp > 0) throw closeTimeoutError(timeout, [[givenUp, 'request', 'requests']], failure?.error)
  if (failure !== undefined) throw failure.error
}

function leaveOnSignals(server: Server, close: () => Promise<void>, drained: () => Promise<void>): void {
  let signalledAt: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signalledAt !== undefined) {
      if (performance.now() - signalledAt > sameSignal) process.exit(1)
      return
    }
    signalledAt = performance.now()
    const left = signal === 'SIGTERM' ? drained().then(close) : close()
    left.then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${signal}: ${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  server.once('close', () => {
    if (signalledAt !== undefined) return
    process.removeListener('SIGTERM', onSignal)
    process.removeListener('SIGINT', onSignal)
  })
}
