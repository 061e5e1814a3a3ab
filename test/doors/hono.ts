import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { StartDoor } from './app.ts'
import { createHonoApp } from './hono-app.ts'
import { listenOn } from './listen.ts'

export const start: StartDoor = async (options) => {
  const { app, live } = createHonoApp(options)
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  live.attach(server)
  return listenOn(server, live)
}
