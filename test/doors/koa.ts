import { createServer } from 'node:http'
import compress from 'koa-compress'
import Koa, { type ParameterizedContext } from 'koa'
import { liveloom } from 'liveloom/koa'
import { createDoorApp, policy, type StartDoor, userOf } from './app.ts'
import { listenOn } from './listen.ts'

type Context = ParameterizedContext<{ user?: string }>

export const start: StartDoor = async ({ basePath, proxy }) => {
  const { server, bytes, release } = createDoorApp(basePath)
  const live = liveloom(server, { development: false, session: ({ state }: Context) => ({ user: state.user }) })
  const app = new Koa()
  app.proxy = proxy
  app.use(live.errors)
  app.use(compress())
  app.use(async (context, next) => {
    context.state['user'] = userOf(context.get('cookie'))
    context.set('content-security-policy', policy)
    if (context.state['user'] === 'banned') context.throw(401, 'banned')
    await next()
  })
  app.use(live)
  app.use(async (context, next) => {
    if (context.path === '/api/bytes') context.body = bytes
    else if (context.path === '/api/release') {
      release()
      context.body = { ok: true }
    } else if (context.path === '/api/echo') context.body = context.req
    else await next()
  })
  const answer = app.callback()
  const http = createServer((request, response) => void answer(request, response))
  live.attach(http)
  return listenOn(http, live)
}
