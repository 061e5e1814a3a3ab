/** The application of Hono, for whatever runs it. */
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { HTTPException } from 'hono/http-exception'
import { type HonoLive, liveloom } from 'liveloom/hono'
import { createDoorApp, type DoorOptions, policy, userOf } from './app.ts'

type Env = { readonly Variables: { user: string } }

export function createHonoApp({ basePath, proxy }: DoorOptions): { app: Hono<Env>; live: HonoLive } {
  const { server, bytes, release } = createDoorApp(basePath)
  const live = liveloom(server, {
    development: false,
    trustProxy: proxy,
    session: (context: { get(name: 'user'): string } & Parameters<HonoLive>[0]) => ({ user: context.get('user') }),
  })
  const app = new Hono<Env>()
  app.use(compress())
  app.use(async (context, next) => {
    context.set('user', userOf(context.req.header('cookie')))
    context.header('content-security-policy', policy)
    if (context.get('user') === 'banned') throw new HTTPException(401)
    await next()
  })
  app.use(live)
  app.get('/api/bytes', (context) => context.json(bytes))
  app.get('/api/release', (context) => {
    release()
    return context.json({ ok: true })
  })
  app.get('/api/silent', () => new Promise<Response>(() => {}))
  app.post('/api/echo', async (context) => context.json(await context.req.json()))
  app.notFound((context) => live.notFound(context.req.raw))
  return { app, live }
}
