import type { LiveServer } from '../../server/live-server.ts'
import { type FrameworkOptions, withSessions } from '../node/framework.ts'
import type { HandlerOptions } from '../node/handler.ts'
import { createWebHandler, type WebLive } from '../web/handler.ts'
import { type BunServerLike, type BunWebSocketHandler, createBunSockets } from '../web/bun-sockets.ts'

/** What the door takes beside the server. */
export interface BunOptions extends FrameworkOptions<Request>, Pick<HandlerOptions, 'trustProxy'> {}

/** The views of a server for `Bun.serve`. */
export interface BunLive extends WebLive {
  /** Answers each request: `Bun.serve({ fetch: live.fetch, … })`. What is for no view is the server's page for 404. */
  fetch(request: Request, server: BunServerLike): Promise<Response>
  /** The same, and `undefined` for what is for no view. */
  handle(request: Request, server: BunServerLike): Promise<Response | undefined>
  /** `Bun.serve({ websocket: live.websocket, … })`. */
  readonly websocket: BunWebSocketHandler
}

/**
 * The views of a server for `Bun.serve`.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import { createLiveServer } from 'liveloom'
 * import { liveloom } from 'liveloom/bun'
 *
 * declare const Bun: { serve(options: object): unknown }
 *
 * export function start() {
 *   const { fetch, websocket } = liveloom(createLiveServer({ routes: {} }))
 *   Bun.serve({ port: 4000, fetch, websocket })
 * }
 */
export function liveloom(live: LiveServer, options: BunOptions = {}): BunLive {
  const sockets = createBunSockets(live.settings.limits)
  const { live: own, handle } = createWebHandler<BunServerLike>(
    withSessions(live, options, ['trustProxy']),
    options,
    sockets,
  )
  return {
    ...own,
    handle,
    websocket: sockets.websocket,
    async fetch(request, server) {
      try {
        return (await handle(request, server)) ?? own.notFound(request)
      } catch (error) {
        return own.failed(error, request)
      }
    },
  }
}
