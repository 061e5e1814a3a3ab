import { liveloom } from 'liveloom/deno'
import { createDoorApp, type StartDoor } from './app.ts'
import { createHonoApp } from './hono-app.ts'
import { toDoor, webAnswer } from './web-app.ts'

interface DenoServer {
  readonly addr: { readonly port: number }
  shutdown(): Promise<void>
}

declare const Deno: {
  serve(options: object, handler: (request: Request) => Response | Promise<Response>): DenoServer
}

const place = { port: 0, hostname: '127.0.0.1', onListen() {} }

export const start: StartDoor = async (options) => {
  const app = createDoorApp(options.basePath)
  const { live, answer } = webAnswer(app, options, liveloom)
  const aborted = new AbortController()
  const server = Deno.serve({ ...place, signal: aborted.signal }, (request) =>
    answer(request, () => live.handle(request)),
  )
  return toDoor(server.addr.port, live, () => aborted.abort())
}

export const startHono: StartDoor = async (options) => {
  const { app, live } = createHonoApp(options)
  const aborted = new AbortController()
  const server = Deno.serve({ ...place, signal: aborted.signal }, app.fetch)
  return toDoor(server.addr.port, live, () => aborted.abort())
}
