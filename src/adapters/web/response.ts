import type { LiveResponse } from '../../server/http.ts'

/** What has no body, whatever is given. */
const bodiless: ReadonlySet<number> = new Set([204, 304])

/** `headOnly`: the request was a HEAD, and is told how much there would be. */
export function toResponse({ status, headers, defaultHeaders, body }: LiveResponse, headOnly: boolean): Response {
  const all = new Headers(defaultHeaders)
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') all.set(name, value)
    else for (const one of value) all.append(name, one)
  }
  // The runtime knows the connection, and whether the rest of a body is still to come.
  all.delete('connection')
  if (bodiless.has(status)) return new Response(null, { status, headers: all })
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  all.set('content-length', String(bytes.length))
  return new Response(headOnly ? null : (bytes as Uint8Array<ArrayBuffer>), { status, headers: all })
}
