import { LiveError } from '../../errors.ts'
import { addressOf, forwardedValue } from '../../server/address.ts'
import type { LiveRequest } from '../../server/http.ts'

/**
 * A `Request` as the server reads it. Behind `proxies` that are trusted, with the address that the browser used. `source`: what the
 * framework or the runtime has it as.
 */
export function toLiveRequest(request: Request, proxies: number, source: unknown = request): LiveRequest {
  const { method, headers } = request
  return {
    method,
    url: urlOf(request, proxies),
    source,
    headers,
    get body() {
      if (request.bodyUsed) {
        throw new LiveError(
          'ERR_SERVER_OPTIONS',
          `a middleware before the views read the body of ${method} ${pathOf(request)}: it must leave those of long polling alone`,
        )
      }
      return request.body === null ? null : piecesOf(request.body)
    },
    get signal() {
      return request.signal
    },
  }
}

export function pathOf({ url }: Request): string {
  return new URL(url).pathname
}

/** Empty when the request does not say for certain where it goes. */
function urlOf({ url, headers }: Request, proxies: number): string {
  const { protocol, host, pathname, search } = new URL(url)
  const forwarded = (name: string): string | undefined =>
    proxies === 0 ? undefined : forwardedValue(headers.get(name), proxies)
  const claim = {
    target: pathname + search,
    host: forwarded('x-forwarded-host') ?? host,
    protocol: forwarded('x-forwarded-proto') ?? protocol.slice(0, -1),
  }
  return addressOf(claim) ?? ''
}

/** Reading may stop in the middle, and the request be answered all the same: the body is not cancelled. */
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    reader.releaseLock()
  }
}
