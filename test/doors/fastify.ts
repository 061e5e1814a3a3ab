import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import fastify, { type FastifyRequest } from 'fastify'
import { liveloom, type FastifyLive } from 'liveloom/fastify'
import { createDoorApp, policy, type StartDoor, userOf } from './app.ts'

const pack = promisify(gzip)

type LoggedIn = FastifyRequest & { user?: string }

export const start: StartDoor = async ({ basePath, proxy }) => {
  const { server, bytes, release } = createDoorApp(basePath)
  const app = fastify({ trustProxy: proxy })
  app.decorateRequest('user', '')
  app.addHook('onRequest', async (request: LoggedIn, reply) => {
    request.user = userOf(request.headers.cookie)
    reply.header('content-security-policy', policy)
    if (request.user === 'banned') return reply.code(401).send('banned')
    return undefined
  })
  app.addHook('onSend', async ({ headers }, reply, body) => {
    if (typeof body !== 'string' || !/\bgzip\b/.test(headers['accept-encoding'] ?? '')) return body
    reply.header('content-encoding', 'gzip').removeHeader('content-length')
    return pack(body)
  })
  await app.register(liveloom, { server, development: false, session: ({ user }: LoggedIn) => ({ user }) })
  app.get('/api/bytes', () => bytes)
  app.get('/api/release', () => {
    release()
    return { ok: true }
  })
  app.post('/api/echo', (request) => request.body)
  const { live } = app as unknown as { readonly live: FastifyLive }
  return {
    url: await app.listen({ port: 0, host: '127.0.0.1' }),
    drain: () => live.drain({ notice: 0, over: 0, grace: 1000 }),
    close: async () => app.close(),
  }
}
