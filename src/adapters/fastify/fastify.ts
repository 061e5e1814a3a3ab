import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { LiveError } from '../../errors.ts'
import type { LiveServer } from '../../server/live-server.ts'
import { type FrameworkOptions, headersOf, withSessions } from '../node/framework.ts'
import { type CloseOptions, createFramed, type LiveHandler } from '../node/handler.ts'

/** What is asked of a request of Fastify. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage
  /** As `trustProxy` of Fastify has it. */
  readonly protocol: string
  readonly host: string
}

/** What is asked of a reply of Fastify. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse
  code(status: number): unknown
  header(name: string, value: unknown): unknown
  hasHeader(name: string): boolean
  getHeaders(): Record<string, number | string | string[] | undefined>
  send(body: unknown): unknown
  hijack(): unknown
}

/** What is asked of an application of Fastify. */
export interface FastifyLike {
  readonly server: Server
  // Methods, whose parameters are compared both ways: the hooks of Fastify are typed more narrowly.
  addHook(name: 'onRequest', hook: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>): unknown
  addHook(name: 'preClose', hook: () => Promise<void>): unknown
  decorate(name: string, value: unknown): unknown
}

/** What `app.register(liveloom, …)` takes. Proxies are trusted as `trustProxy` of Fastify says. */
export interface FastifyOptions<Request extends FastifyRequestLike = FastifyRequestLike>
  extends FrameworkOptions<Request>, Pick<CloseOptions, 'timeout'> {
  /** What `createLiveServer` made. */
  readonly server: LiveServer
}

/** `app.live`: all that a handler of `liveloom/node` can do. It takes `request.raw` as the request. */
export type FastifyLive = Omit<LiveHandler, 'middleware' | 'guard' | 'attach' | 'upgrade'>

/**
 * The views of a server as a plugin of Fastify 5: `await app.register(liveloom, { server })`. Plugins that are registered before it,
 * sessions and logins, stand before the views and their socket. `app.close()` closes it.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import fastify from 'fastify'
 * import { createLiveServer } from 'liveloom'
 * import { liveloom } from 'liveloom/fastify'
 *
 * export async function start() {
 *   const app = fastify()
 *   await app.register(liveloom, { server: createLiveServer({ routes: {} }) })
 *   await app.listen({ port: 4000 })
 * }
 */
export const liveloom: <Request extends FastifyRequestLike = FastifyRequestLike>(
  app: FastifyLike,
  options: FastifyOptions<Request>,
) => Promise<void> = Object.assign(register, {
  // For the whole application, not for a scope of its own.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'liveloom',
  [Symbol.for('plugin-meta')]: { name: 'liveloom', fastify: '5.x' },
})

async function register<Request extends FastifyRequestLike>(
  app: FastifyLike,
  options: FastifyOptions<Request>,
): Promise<void> {
  const { server, timeout = 10_000, ...more } = options
  if (server === undefined) {
    throw new LiveError(
      'ERR_SERVER_OPTIONS',
      'liveloom: app.register(liveloom, { server }) needs a server of createLiveServer',
    )
  }
  const requests = new WeakMap<IncomingMessage, FastifyRequestLike>()
  // What a prefix of `register` would add is Fastify's own.
  const { handler, answer } = createFramed(withSessions(server, more, ['prefix', 'logLevel']), more, (raw) => {
    const request = requests.get(raw)
    return request && { source: request, protocol: request.protocol, host: request.host }
  })
  app.addHook('onRequest', async (request, reply) => {
    requests.set(request.raw, request)
    const found = await answer(request.raw, reply.raw, () => takeOver(reply))
    if (found === undefined || found === 'taken') return
    reply.code(found.status)
    // Cookies are added to those that are set.
    const headers = headersOf(found, (name) => reply.hasHeader(name))
    for (const [name, value] of Object.entries(headers)) reply.header(name, value)
    reply.send(found.body === '' ? undefined : found.body)
    return reply
  })
  app.addHook('preClose', () => handler.close({ timeout }))
  const { middleware: _m, guard: _g, attach, upgrade: _u, ...rest } = handler
  attach(app.server)
  app.decorate('live', rest satisfies FastifyLive)
}

/** Fastify sends nothing of it any more, and what was set for it stands. */
function takeOver(reply: FastifyReplyLike): void {
  reply.hijack()
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined && !reply.raw.hasHeader(name)) reply.raw.setHeader(name, value)
  }
}
