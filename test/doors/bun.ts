import type { BunLive } from 'liveloom/bun'
import { liveloom } from 'liveloom/bun'
import { createDoorApp, type StartDoor } from './app.ts'
import { createHonoApp } from './hono-app.ts'
import { toDoor, webAnswer } from './web-app.ts'

declare const Bun: {
  serve(options: object): { readonly port: number; stop(force: boolean): Promise<void> }
}

/** What is silent for some seconds is ended, the sooner the faster the suite. */
const place = { port: 0, hostname: '127.0.0.1', idleTimeout: 1 }

export const start: StartDoor = async (options) => {
  const app = createDoorApp(options.basePath)
  const { live, answer } = webAnswer(app, options, liveloom)
  const server = Bun.serve({
    ...place,
    fetch: (request: Request, own: Parameters<BunLive['fetch']>[1]) => answer(request, () => live.handle(request, own)),
    websocket: live.websocket,
  })
  return toDoor(server.port, live, () => server.stop(true))
}

export const startHono: StartDoor = async (options) => {
  const { app, live } = createHonoApp(options)
  const server = Bun.serve({ ...place, fetch: app.fetch, websocket: live.websocket })
  return toDoor(server.port, live, () => server.stop(true))
}
