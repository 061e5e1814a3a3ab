import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { describe, LiveError } from '../../errors.ts'
import { excuseBody } from './body-clock.ts'
import { addressOf, forwardedValue } from '../../server/address.ts'
import type { LiveRequest, LiveResponse } from '../../server/http.ts'

/** How many proxies before the server are trusted, of the option `trustProxy`. */
export function resolveTrustProxy(trustProxy: unknown = false): number {
  if (typeof trustProxy === 'boolean') return trustProxy ? 1 : 0
  if (Number.isSafeInteger(trustProxy) && (trustProxy as number) > 0) return trustProxy as number
  const came = describe(trustProxy)
  throw new LiveError(
    'ERR_SERVER_OPTIONS',
    `trustProxy must be true, false, or how many proxies are trusted, got ${came}`,
  )
}

/** What a framework says of a request. */
export interface Frame {
  /** The request as the framework has it. */
  readonly source: unknown
  /** What it takes for the browser's, by the proxies that it trusts. */
  readonly protocol: string | undefined
  readonly host: string | undefined
}

/**
 * A request of `node:http` as the server reads it. Behind `proxies` that are trusted, with the address that the browser used.
 * `response`: what tells that the client has gone.
 */
export function toLiveRequest(
  request: IncomingMessage,
  proxies: number,
  response?: ServerResponse,
  frame?: Frame,
): LiveRequest {
  const { headers, method = 'GET' } = request
  return {
    method,
    url: urlOf(request, proxies, frame),
    source: frame?.source ?? request,
    headers: {
      get(name) {
        // As of a `Request`: names in any case. Node's are small, in an object that has its own inherited ones.
        const key = name.toLowerCase()
        const value = Object.hasOwn(headers, key) ? headers[key] : undefined
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
    bodyTakesLong: () => excuseBody(request),
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

/** What a router has taken from the path before it handed the request on: `app.use('/shop', …)`. */
export function mountOf(
  request: IncomingMessage & { readonly baseUrl?: unknown; readonly originalUrl?: unknown },
): string {
  const { url = '', baseUrl, originalUrl } = request
  if (typeof baseUrl === 'string') return baseUrl
  // `connect` says only what it was.
  return typeof originalUrl === 'string' && originalUrl.endsWith(url)
    ? originalUrl.slice(0, -url.length || undefined)
    : ''
}

/** Empty when the request does not say for certain where it goes. */
function urlOf(request: IncomingMessage, proxies: number, frame: Frame | undefined): string {
  const { url: target = '/', socket, headers } = request
  const encrypted = (socket as Partial<TLSSocket>).encrypted === true
  const protocol = forwarded(request, 'x-forwarded-proto', proxies) ?? frame?.protocol ?? (encrypted ? 'https' : 'http')
  // Without a proxy the request says it more exactly than a framework does.
  const framed = headers['x-forwarded-host'] === undefined ? undefined : frame?.host
  const own = hostOf(request)
  // What names several hosts names none, whatever a framework has made of it.
  const host = forwarded(request, 'x-forwarded-host', proxies) ?? (own && (framed ?? own))
  return (host === undefined ? undefined : addressOf({ target, host, protocol })) ?? ''
}

function hostOf(request: IncomingMessage): string | undefined {
  const { headers, rawHeaders } = request
  // Node keeps the first of several; whoever stands before it may have kept the last.
  const count = rawHeaders.filter(
    (name, at) => at % 2 === 0 && name.length === 4 && name.toLowerCase() === 'host',
  ).length
  if (count > 1) return undefined
  const authority = headers[':authority']
  return (
    headers.host ??
    (typeof authority === 'string' ? authority : request.httpVersion === '1.0' ? 'localhost' : undefined)
  )
}

/** Node joins the values of several lines. */
function forwarded({ headers }: IncomingMessage, name: string, proxies: number): string | undefined {
  const value = proxies === 0 ? undefined : headers[name]
  return typeof value === 'string' ? forwardedValue(value, proxies) : undefined
}

export interface RespondOptions {
  readonly headOnly: boolean
  readonly unsentTimeout: number
  /** The client took nothing for that long. */
  onUnread(): void
}

/**
 * `unsentTimeout`: how long what the client does not read may stand still, in ms. A middleware's own headers stand before the default
 * ones.
 */
export function respond(
  response: ServerResponse,
  { status, headers, defaultHeaders = {}, body }: LiveResponse,
  { headOnly, unsentTimeout, onUnread }: RespondOptions,
): void {
  // Of what was not sent again the length would be that of nothing, and where there is never anything none is told.
  const length = status === 304 || status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const defaults = withoutSet(defaultHeaders, response)
  const cookies = joinCookies(response.getHeader('set-cookie'), headers['set-cookie'])
  const all = { ...defaults, ...headers, ...length, ...(cookies.length > 0 && { 'set-cookie': cookies }) }
  response.writeHead(status, all as Record<string, string | string[]>)
  if (lingers(response.req, { headers })) return linger(response, body)
  response.end(headOnly ? undefined : body)
  // Most are taken by the system at once, and nobody is waited for.
  if (!response.writableFinished && response.socket?.writableLength !== 0)
    limitUnsent(response, unsentTimeout, onUnread)
}

/** It refuses a request that is still being sent. */
export function lingers({ complete }: IncomingMessage, { headers }: Pick<LiveResponse, 'headers'>): boolean {
  return headers['connection'] === 'close' && !complete
}

/** How long what a refused request still sends is read and thrown away, in ms. */
const lingerFor = 1000

/**
 * Answers a request that is not read to its end. Closed at once, the connection would be reset under a client that is still sending, and
 * the answer be lost with it.
 */
function linger(response: ServerResponse, body: string | Uint8Array): void {
  const { req: request } = response
  if (body.length === 0) response.flushHeaders()
  else response.write(body)
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, lingerFor)
  request.once('end', end)
  request.once('error', end)
  request.resume()
}

function withoutSet(
  defaults: Readonly<Record<string, string>>,
  response: ServerResponse,
): Readonly<Record<string, string>> {
  if (response.getHeaderNames().length === 0) return defaults
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !response.hasHeader(name)))
}

/** Node waits for ever for a client that does not read. */
export function limitUnsent(response: ServerResponse, unsentTimeout: number, onUnread: () => void): void {
  const socket = response.socket as (Socket & { readonly server?: Partial<Server> }) | null
  // Whoever listens ends it by himself.
  response.setTimeout(unsentTimeout, () => {
    if (response.writableFinished) return
    onUnread()
    response.destroy()
  })
  response.once('finish', () => {
    // After a response Node sets the time of an idle connection, unless that is for ever: then the one from above would stay.
    if (socket?.server?.keepAliveTimeout === 0) socket.setTimeout(0)
  })
}

/** Cookies that are set already, and those of a response: setting the header anew would lose the first. */
export function joinCookies(before: unknown, more: string | readonly string[] | undefined): string[] {
  const list = (cookies: unknown): string[] =>
    Array.isArray(cookies) ? cookies.map(String) : typeof cookies === 'string' ? [cookies] : []
  return [...list(before), ...list(more)]
}
