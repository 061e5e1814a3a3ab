import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { LiveError } from '../../errors.ts'
import type { LiveRequest, LiveResponse } from '../../server/http.ts'

/**
 * A request of `node:http` as the server reads it. Behind a proxy that is trusted, the address that the browser used. `response`:
 * what tells that the client has gone.
 */
export function toLiveRequest(request: IncomingMessage, trustProxy: boolean, response?: ServerResponse): LiveRequest {
  const { headers, method = 'GET', url = '/' } = request
  const forwarded = (name: string): string | undefined => {
    const value = trustProxy ? headers[name] : undefined
    return typeof value === 'string' ? value.split(',', 1)[0]!.trim() : undefined
  }
  const encrypted = (request.socket as Partial<TLSSocket>).encrypted === true
  const protocol = forwarded('x-forwarded-proto') ?? (encrypted ? 'https' : 'http')
  const host = forwarded('x-forwarded-host') ?? headers.host ?? 'localhost'
  return {
    method,
    url: `${protocol}://${host}${url}`,
    headers: {
      get(name) {
        const value = headers[name]
        return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
      },
    },
    get body() {
      if (request.readableDidRead) {
        throw new LiveError(
          'ERR_SERVER_OPTIONS',
          `a middleware before the views read the body of ${method} ${pathOf(request)}: it must leave those of long polling alone`,
        )
      }
      // Reading may stop in the middle, and the request be answered all the same.
      return request.iterator({ destroyOnReturn: false })
    },
    get signal() {
      const gone = new AbortController()
      response?.once('close', () => gone.abort())
      return gone.signal
    },
  }
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]!
}

export function respond(response: ServerResponse, { status, headers, body }: LiveResponse, headOnly: boolean): void {
  // Of what was not sent again the length would be that of nothing.
  const length = status === 304 ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  response.writeHead(status, { ...headers, ...length } as Record<string, string | string[]>)
  response.end(headOnly ? undefined : body)
}
