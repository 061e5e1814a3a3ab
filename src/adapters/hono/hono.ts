import type { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { LiveServer } from '../../server/live-server.ts'
import { type BunServerLike, type BunWebSocketHandler, createBunSockets } from '../web/bun-sockets.ts'
import { upgradeDeno } from '../web/deno-sockets.ts'
import { type FrameworkOptions, withSessions } from '../node/framework.ts'
import type { HandlerOptions } from '../node/handler.ts'
import { pathOf, resolveTrustProxy } from '../node/http.ts'
import { passUpgrade, takeUpgrade } from '../node/passed-upgrade.ts'
import { LiveSockets } from '../node/sockets.ts'
import { attachUpgrades, isWebSocket } from '../node/upgrade.ts'
import { createWebHandler, type WebLive } from '../web/handler.ts'
import { toLiveRequest } from '../web/request.ts'

/** What is asked of a context of Hono. */
export interface HonoContextLike {
  readonly req: { readonly raw: Request }
  /** On Node the request that came, on Bun the server. */
  readonly env: unknown
  readonly res: Response
}

/** What the door takes beside the server. Hono trusts no proxies by itself: `trustProxy` does. */
export interface HonoOptions<Context extends HonoContextLike = HonoContextLike>
  extends FrameworkOptions<Context>, Pick<HandlerOptions, 'trustProxy'> {}

/** The views of a server for `app.use`. Its methods take `c.req.raw` as the request. */
export interface HonoLive extends WebLive {
  /** Answers requests for views, their socket, the client's script and long polling; hands others on. */
  (context: HonoContextLike, next: () => Promise<void>): Promise<Response | undefined>
  /** On Node: has the HTTP server of `@hono/node-server` take the sockets, `live.attach(serve(app))`. */
  attach(server: EventEmitter): void
  /** On Bun: `Bun.serve({ fetch: app.fetch, websocket: live.websocket })`. On Deno, `Deno.serve(app.fetch)` is all. */
  readonly websocket: BunWebSocketHandler
}

/**
 * The views of a server as a middleware of Hono, on Node, Bun and Deno. What stands before it, sessions and logins, stands before the
 * socket as well; pages go through what compresses or sets headers.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import { serve } from '@hono/node-server'
 * import { Hono } from 'hono'
 * import { createLiveServer } from 'liveloom'
 * import { liveloom } from 'liveloom/hono'
 *
 * export function start() {
 *   const app = new Hono()
 *   const live = liveloom(createLiveServer({ routes: {} }))
 *   app.use(live)
 *   live.attach(serve({ fetch: app.fetch, port: 4000 }))
 * }
 */
export function liveloom<Context extends HonoContextLike = HonoContextLike>(
  live: LiveServer,
  options: HonoOptions<Context> = {},
): HonoLive {
  const contexts = new WeakMap<Request, HonoContextLike>()
  const sourceOf = (request: Request): unknown => contexts.get(request) ?? { req: { raw: request } }
  const bun = createBunSockets(live.settings.limits)
  const web = createWebHandler<HonoContextLike>(
    withSessions(live, options, ['trustProxy']),
    options,
    {
      upgrade(request, { env }, opened) {
        const server = bunOf(env)
        return server === undefined ? upgradeDeno(request, opened) : bun.upgrade(request, server, opened)
      },
      leaveTime(request, { env }) {
        const server = bunOf(env)
        if (server !== undefined) bun.leaveTime(request, server)
      },
    },
    sourceOf,
  )
  const node = nodeSockets(web, resolveTrustProxy(options.trustProxy), sourceOf)
  web.onClose(node.close)
  const middleware = async (context: HonoContextLike, next: () => Promise<void>): Promise<Response | undefined> => {
    const request = context.req.raw
    contexts.set(request, context)
    const found = node.take(context) ?? (await web.handle(request, context))
    // Headers that were set before stand, which they do once there is a response for them.
    if (found !== undefined) return context.res && found
    await next()
    return undefined
  }
  return Object.assign(middleware, web.live, { attach: node.attach, websocket: bun.websocket })
}

/** Under Hono's adapter the server of Bun is what `fetch` is given beside the request, or stands in it. */
function bunOf(env: unknown): BunServerLike | undefined {
  const { server = env } = (env ?? {}) as { readonly server?: unknown }
  return typeof (server as { readonly upgrade?: unknown } | undefined)?.upgrade === 'function'
    ? (server as BunServerLike)
    : undefined
}

interface NodeSockets {
  attach(server: EventEmitter): void
  /** The answer to a request whose socket has been taken. */
  take(context: HonoContextLike): Response | undefined
  close(): void
}

/** Sockets of `@hono/node-server`, by `ws`. */
function nodeSockets(
  { running }: Pick<ReturnType<typeof createWebHandler>, 'running'>,
  proxies: number,
  sourceOf: (request: Request) => unknown,
): NodeSockets {
  const requests = new WeakMap<IncomingMessage, Request>()
  const sockets = new LiveSockets(running, (incoming) => {
    const request = requests.get(incoming)!
    return toLiveRequest(request, proxies, sourceOf(request))
  })
  return {
    attach(given) {
      // One of HTTP/2, which Hono's type allows for as well, has no upgrades.
      const server = given as Server
      attachUpgrades(server, {
        isSocketPath: running.paths.isSocket.bind(running.paths),
        upgrade(request, socket, head) {
          if (!running.paths.isSocket(pathOf(request)) || !isWebSocket(request)) return false
          passUpgrade(server, request, socket, { head, owner: running, timeout: running.limits.upgradeTimeout })
          return true
        },
      })
    },
    take({ env, req }) {
      const { incoming } = (env ?? {}) as { readonly incoming?: IncomingMessage }
      const passed = incoming && takeUpgrade(incoming, running)
      if (passed === undefined) return undefined
      requests.set(incoming!, req.raw)
      sockets.open(incoming!, passed.socket, passed.head)
      // What `@hono/node-server` leaves alone.
      return new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
    },
    close: () => sockets.close(),
  }
}
