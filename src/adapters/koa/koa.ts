import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LiveServer } from '../../server/live-server.ts'
import { type FrameworkOptions, headersOf, withSessions } from '../node/framework.ts'
import { createFramed, type LiveHandler } from '../node/handler.ts'
import { joinCookies } from '../node/http.ts'

/** What is asked of a context of Koa. */
export interface KoaContextLike {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** As `app.proxy` has it. */
  readonly protocol: string
  readonly host: string
  respond?: boolean | undefined
  status: number
  body: unknown
  set(headers: Record<string, string | string[]>): void
}

/** What the door takes beside the server. Proxies are trusted as `app.proxy` says. */
export type KoaOptions<Context extends KoaContextLike = KoaContextLike> = FrameworkOptions<Context>

/** The views of a server for `app.use`, and all that a handler of `liveloom/node` can do: it takes `context.req` as the request. */
export interface KoaLive extends LiveHandler {
  /** Answers requests for views, their socket, the client's script and long polling; hands others on. */
  (context: KoaContextLike, next: () => Promise<unknown>): Promise<void>
  /** For the beginning of the application: what fails behind it is the server's page for 500, and what nobody answers that for 404. */
  errors(context: KoaContextLike, next: () => Promise<unknown>): Promise<void>
}

/**
 * The views of a server as a middleware of Koa. What stands before it, sessions and logins, stands before the socket as well; pages go
 * through what compresses. What reads bodies comes behind it.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import Koa from 'koa'
 * import { createLiveServer } from 'liveloom'
 * import { liveloom } from 'liveloom/koa'
 *
 * export function start() {
 *   const app = new Koa()
 *   const live = liveloom(createLiveServer({ routes: {} }))
 *   app.use(live)
 *   live.attach(app.listen(4000))
 * }
 */
export function liveloom<Context extends KoaContextLike = KoaContextLike>(
  live: LiveServer,
  options: KoaOptions<Context> = {},
): KoaLive {
  const contexts = new WeakMap<IncomingMessage, KoaContextLike>()
  const { handler, answer } = createFramed(withSessions(live, options), options, (request) => {
    const context = contexts.get(request)
    return context && { source: context, protocol: context.protocol, host: context.host }
  })
  const takeOver = (context: KoaContextLike): void => void (context.respond = false)
  const middleware = async (context: KoaContextLike, next: () => Promise<unknown>): Promise<void> => {
    const { req, res } = context
    contexts.set(req, context)
    const found = await answer(req, res, () => takeOver(context))
    if (found === undefined) await next()
    else if (found !== 'taken') {
      const cookies = joinCookies(res.getHeader('set-cookie'), found.headers['set-cookie'])
      context.status = found.status
      context.set({
        ...headersOf(found, (name) => res.hasHeader(name)),
        ...(cookies.length > 0 && { 'set-cookie': cookies }),
      })
      context.body = found.body
    }
  }
  const errors = async (context: KoaContextLike, next: () => Promise<unknown>): Promise<void> => {
    try {
      await next()
    } catch (error) {
      // Koa answers what was thrown for the client to know: `context.throw(401)`.
      if ((error as { readonly expose?: unknown } | null)?.expose === true) throw error
      takeOver(context)
      return handler.failed(error, context.res)
    }
    if (context.respond === false || context.status !== 404 || context.body != null) return
    takeOver(context)
    handler.notFound(context.req, context.res)
  }
  return Object.assign(middleware, handler, { errors })
}
