import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, LiveError } from '../../errors.ts'
import { type DrainOptions, resolveDrain } from '../../server/drain.ts'
import type { LiveServer } from '../../server/live-server.ts'
import { excuseBody, limitBody } from './body-clock.ts'
import { backlog } from './backlog.ts'
import { checkTimeout, closeTimeoutError } from './close-timeout.ts'
import { withAllHeaders } from './cluster/forward.ts'
import { resolveWorkers } from './cluster/options.ts'
import { servePrimary } from './cluster/primary.ts'
import { Worker } from './cluster/worker.ts'
import { isDevelopment, type LiveHandler, type Middleware, createFramed } from './handler.ts'
import type { NodeServer, ServeOptions } from './node-server.ts'
import { leaveOnSignals } from './signals.ts'
import { Unanswered } from './unanswered.ts'
import { isWebSocket, refuseUpgrade, serveWithoutUpgrade } from './upgrade.ts'
import { settlesWithin } from './within.ts'

/**
 * Node's clock for a request as a whole would cut a long upload; `body-clock.ts` has one for each body. The one for its head is Node's, and has
 * to be said: without the other there would be none.
 */
const httpOptions = { requestTimeout: 0, headersTimeout: 60_000 }

/** In development: how long a port that is taken is waited for, and how often it is tried, in ms. */
const busyTimeout = 3000
const busyRetry = 50

/**
 * Serves views on Node.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option; `ERR_PORT` when the port is
 * taken; `ERR_WORKER` when one of `workers` ends before it listens; whatever else listening throws.
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
  const settings = resolveServe(options)
  const workers = resolveWorkers(options.workers)
  if (workers === undefined) return serveHere(live, options, settings)
  const worker = Worker.here()
  if (worker === undefined) return servePrimary(live, { ...settings, workers })
  try {
    return await serveHere(live, options, settings, worker)
  } catch (error) {
    worker.failed(error)
    throw error
  }
}

interface Settings {
  readonly host: string
  readonly port: number
  readonly development: boolean
  readonly signals: boolean
  readonly closeTimeout: number
  readonly drain: DrainOptions | false
}

function resolveServe(options: ServeOptions): Settings {
  const { host = process.env['HOST'] ?? 'localhost', signals = true } = options
  const development = isDevelopment(options)
  const closeTimeout = checkTimeout('serve: closeTimeout', options.closeTimeout ?? (development ? 2000 : 10_000))
  const drain = options.drain === true ? {} : (options.drain ?? false)
  if (drain !== false) resolveDrain('serve: drain', drain, development)
  return { host, port: options.port ?? portOf(process.env['PORT']), development, signals, closeTimeout, drain }
}

async function serveHere(
  live: LiveServer,
  options: ServeOptions,
  { host, port, development, signals, closeTimeout, drain: drainOptions }: Settings,
  worker?: Worker,
): Promise<NodeServer> {
  const { use = [] } = options
  const { handler, visitorOf, inTurn, limitUnsent } = createFramed(live, options, undefined, worker)
  // The views ask it themselves.
  const before = use.length === 0 ? [] : [handler.guard, ...use]
  const chain = [...before, handler.middleware, handler.notFound]
  const unanswered = new Unanswered()
  const answer: RequestListener = (request, response) => {
    limitBody(request, response)
    unanswered.add(request, response)
    runChain(chain, handler, request, response)
  }
  const handsOn: RequestListener = (request, response) => {
    // The one that reads it has a clock for its body; here is one for what is left when it is answered.
    excuseBody(request)
    limitBody(request, response)
    unanswered.add(request, response)
  }
  const front = { visitorOf, answer, inTurn, handsOn, limitUnsent }
  const server = withAllHeaders(createServer(httpOptions, worker?.route(front) ?? answer))
  server.on('upgrade', (request, socket, head) => {
    if (isWebSocket(request) && worker?.handsOver(visitorOf(request), request, socket, head) === true) return
    if (handler.upgrade(request, socket, head)) return
    if (isWebSocket(request)) refuseUpgrade(socket, 404)
    else serveWithoutUpgrade(server, request, socket, head)
  })
  await worker?.open()
  await listen(server, port, host, development ? busyTimeout : 0)
  let closing: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closing ??= closeAll(server, handler, unanswered, closeTimeout).finally(() => worker?.close()))
  const drained = (): Promise<void> => (drainOptions === false ? Promise.resolve() : handler.drain(drainOptions))
  if (signals) {
    const stop = leaveOnSignals(async (signal) => {
      if (signal === 'SIGTERM') await drained()
      await close()
    })
    server.once('close', stop)
  }
  const { post, publish, page, render, sessionOf, sessionCookie, flashCookie, isCsrfToken } = handler
  const { disconnect, stats, isReady, drain } = handler
  const cookies = { page, render, sessionOf, sessionCookie, flashCookie, isCsrfToken }
  const url = urlOf(server, host) + live.settings.basePath
  worker?.began(server, url, { drain, close })
  return { url, server, worker: worker?.slot, post, publish, ...cookies, disconnect, stats, isReady, drain, close }
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
    server.once('listening', listening).once('error', refused).listen({ port, host, backlog })
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
