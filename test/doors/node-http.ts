import { createServer } from 'node:http'
import compression from 'compression'
import { createHandler, type Middleware } from 'liveloom/node'
import { createDoorApp, policy, type StartDoor, userOf } from './app.ts'
import { listenOn } from './listen.ts'

export const start: StartDoor = async ({ basePath, proxy }) => {
  const { server, bytes, release } = createDoorApp(basePath)
  const live = createHandler(
    {
      ...server,
      settings: { ...server.settings, session: ({ headers }) => ({ user: userOf(headers.get('cookie')) }) },
    },
    { development: false, trustProxy: proxy },
  )
  const compress = compression() as unknown as Middleware
  const http = createServer((request, response) => {
    response.setHeader('content-security-policy', policy)
    compress(request, response, () =>
      live.middleware(request, response, () => {
        if (request.url === '/api/bytes') return response.end(JSON.stringify(bytes))
        if (request.url === '/api/release') release()
        response.end('{"ok":true}')
      }),
    )
  })
  live.attach(http)
  return listenOn(http, live)
}
