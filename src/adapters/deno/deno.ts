import type { LiveServer } from '../../server/live-server.ts'
import { type FrameworkOptions, withSessions } from '../node/framework.ts'
import type { HandlerOptions } from '../node/handler.ts'
import { createWebHandler, type WebLive } from '../web/handler.ts'
import { upgradeDeno } from '../web/deno-sockets.ts'

/** What the door takes beside the server. */
export interface DenoOptions extends FrameworkOptions<Request>, Pick<HandlerOptions, 'trustProxy'> {}

/** The views of a server for `Deno.serve`. */
export interface DenoLive extends WebLive {
  /** Answers each request: `Deno.serve(live.fetch)`. What is for no view is the server's page for 404. */
  fetch(request: Request): Promise<Response>
  /** The same, and `undefined` for what is for no view. */
  handle(request: Request): Promise<Response | undefined>
}

/**
 * The views of a server for `Deno.serve`.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret; `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import { createLiveServer } from 'liveloom'
 * import { liveloom } from 'liveloom/deno'
 *
 * declare const Deno: { serve(options: object, handler: (request: Request) => Promise<Response>): unknown }
 *
 * export function start() {
 *   const live = liveloom(createLiveServer({ routes: {} }))
 *   Deno.serve({ port: 4000 }, live.fetch)
 * }
 */
export function liveloom(live: LiveServer, options: DenoOptions = {}): DenoLive {
  const { live: own, handle } = createWebHandler<undefined>(withSessions(live, options, ['trustProxy']), options, {
    upgrade: (request, _, opened) => upgradeDeno(request, opened),
  })
  return {
    ...own,
    handle: (request) => handle(request, undefined),
    async fetch(request) {
      try {
        return (await handle(request, undefined)) ?? own.notFound(request)
      } catch (error) {
        return own.failed(error, request)
      }
    },
  }
}
