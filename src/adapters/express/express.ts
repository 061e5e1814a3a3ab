import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LiveServer } from '../../server/live-server.ts'
import { type FrameworkOptions, withSessions } from '../node/framework.ts'
import { createFramed, type LiveHandler } from '../node/handler.ts'
import type { Frame } from '../node/http.ts'

/** What is asked of a request of Express. */
interface ExpressRequest extends IncomingMessage {
  /** As `trust proxy` has it. */
  readonly protocol?: string
  readonly host?: string
}

/** What the door takes beside the server. Proxies are trusted as `app.set('trust proxy', …)` says. */
export type ExpressOptions<Request extends IncomingMessage = IncomingMessage> = FrameworkOptions<Request>

/** The views of a server for `app.use`, and all that a handler of `liveloom/node` can do. */
export interface ExpressLive extends LiveHandler {
  /** Answers requests for views, their socket, the client's script and long polling; hands others on. */
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
  /** For the end of the application, `app.use(live.errors)`: the server's page for 500, and `onError`. */
  errors(error: unknown, request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
}

/**
 * The views of a server as a middleware of Express 5. Sessions, logins and what else is to stand before the views come first; what reads
 * bodies comes behind them, or is for routes alone.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import express from 'express'
 * import { createLiveServer } from 'liveloom'
 * import { liveloom } from 'liveloom/express'
 *
 * export function start() {
 *   const app = express()
 *   const live = liveloom(createLiveServer({ routes: {} }))
 *   app.use(live)
 *   live.attach(app.listen(4000))
 * }
 */
export function liveloom<Request extends IncomingMessage = IncomingMessage>(
  live: LiveServer,
  options: ExpressOptions<Request> = {},
): ExpressLive {
  const { handler } = createFramed(withSessions(live, options), options, frameOf)
  return Object.assign(handler.middleware, handler, {
    // Express tells what handles errors by its four parameters.
    errors: (error: unknown, _request: IncomingMessage, response: ServerResponse, _next: unknown) =>
      handler.failed(error, response),
  })
}

function frameOf(request: ExpressRequest): Frame {
  return { source: request, protocol: request.protocol, host: request.host }
}
