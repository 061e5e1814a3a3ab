/** The application around the views, for what has `Request` and `Response` and no framework. */
import type { FrameworkSession } from './app.ts'
import { type Door, type DoorApp, type DoorOptions, policy, userOf } from './app.ts'

interface Live {
  drain(options: object): Promise<void>
  close(options: object): Promise<void>
  notFound(request: Request): Response
}

export function webAnswer<Of extends Live>(
  { server, bytes, release }: DoorApp,
  { proxy }: DoorOptions,
  liveloom: (
    server: DoorApp['server'],
    options: { development: boolean; trustProxy: boolean; session: FrameworkSession<Request> },
  ) => Of,
): { live: Of; answer(request: Request, handle: () => Promise<Response | undefined>): Promise<Response> } {
  const session = ({ headers }: Request): { user: string } => ({ user: userOf(headers.get('cookie')) })
  const live = liveloom(server, { development: false, trustProxy: proxy, session })
  const own = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname === '/api/bytes') return Response.json(bytes)
    if (pathname === '/api/release') release()
    if (pathname === '/api/silent') return new Promise(() => {})
    if (pathname === '/api/echo') return Response.json(await request.json())
    return live.notFound(request)
  }
  return {
    live,
    async answer(request, handle) {
      if (userOf(request.headers.get('cookie')) === 'banned') return new Response('banned', { status: 401 })
      // The answer to a request for a socket is the runtime's own, and the request is over with it.
      const isPlain = request.headers.get('upgrade') === null
      const response = (await handle()) ?? (await own(request))
      if (isPlain) response.headers.set('content-security-policy', policy)
      return isPlain ? packed(request, response) : response
    },
  }
}

/** Pages, for a browser that takes them so. */
function packed(request: Request, { status, headers, body }: Response): Response {
  const isPage = headers.get('content-type')?.startsWith('text/html') === true
  if (!isPage || body === null || !/\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')) {
    return new Response(body, { status, headers })
  }
  headers.set('content-encoding', 'gzip')
  headers.delete('content-length')
  return new Response(body.pipeThrough(new CompressionStream('gzip')), { status, headers })
}

export function toDoor(port: number, live: Live, stop: () => unknown): Door {
  return {
    url: `http://127.0.0.1:${port}`,
    drain: () => live.drain({ notice: 0, over: 0, grace: 1000 }),
    async close() {
      await live.close({ timeout: 5000 })
      await stop()
    },
  }
}
