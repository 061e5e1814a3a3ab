/** An application on an HTTP server of Node, until it is closed. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LiveHandler } from 'liveloom/node'
import type { Door } from './app.ts'

export async function listenOn(server: Server, live: Pick<LiveHandler, 'drain' | 'close'>): Promise<Door> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    drain: () => live.drain({ notice: 0, over: 0, grace: 1000 }),
    async close() {
      server.close()
      await live.close({ timeout: 5000 })
      server.closeAllConnections()
    },
  }
}
