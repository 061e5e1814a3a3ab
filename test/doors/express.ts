import { createServer } from 'node:http'
import compression from 'compression'
import express, { type Request } from 'express'
import { liveloom } from 'liveloom/express'
import { createDoorApp, policy, type StartDoor, userOf } from './app.ts'
import { listenOn } from './listen.ts'

type LoggedIn = Request & { user?: string }

export const start: StartDoor = async ({ basePath, proxy }) => {
  const { server, bytes, release } = createDoorApp(basePath)
  const live = liveloom(server, { development: false, session: ({ user }: LoggedIn) => ({ user }) })
  const app = express()
  app.set('trust proxy', proxy)
  app.use(compression())
  app.use((request: LoggedIn, response, next) => {
    request.user = userOf(request.headers.cookie)
    response.setHeader('content-security-policy', policy)
    if (request.user === 'banned') response.status(401).send('banned')
    else next()
  })
  app.use(basePath || '/', live)
  app.get('/api/bytes', (_, response) => void response.json(bytes))
  app.all('/api/release', (_, response) => {
    release()
    response.json({ ok: true })
  })
  app.post('/api/echo', express.json(), (request, response) => void response.json(request.body))
  app.use(live.notFound)
  app.use(live.errors)
  const http = createServer(app)
  live.attach(http)
  return listenOn(http, live)
}
