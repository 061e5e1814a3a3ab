/** Answers forms that are submitted over HTTP: asks whose they are before it reads what they say. */
import { addRoute, createRouter, findRoute, type RouterContext } from 'rou3'
import { decodeForm, type FormLimits } from '../forms/decode.ts'
import type { Params, SessionData } from '../live/definitions.ts'
import type { Flash } from '../live/flash.ts'
import { statusOf } from '../session/failure.ts'
import { measuredCall } from '../telemetry/measure.ts'
import type { Timer } from '../time/timer.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import type { OwnPage, OwnPageContent, OwnPageOptions } from './own-page.ts'
import { callPost, type PostRequest, type PostRoute, toPostResponse } from './post.ts'
import { readBody } from './post-body.ts'
import type { ProcessBudget } from './process-budget.ts'
import { Resubmissions } from './resubmissions.ts'
import type { Visitor } from './visitor.ts'

/** What they need of their server. */
export interface PostsServer extends FormLimits {
  readonly maxPostSize: number
  readonly maxFrameValues: number
  readonly basePath: string
  /** What they hold of the browser's counts with what sockets hold. */
  readonly budget: Pick<ProcessBudget, 'add' | 'isOver'>
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  path(path: string): string
  page(request: LiveRequest, content: OwnPageContent, options?: OwnPageOptions): Promise<OwnPage>
  visitor(request: LiveRequest): Visitor
  sessionOf(request: LiveRequest, visitor: Visitor): Promise<SessionData>
  isCsrfToken(visitor: Visitor, token: unknown): boolean
  isOwnOrigin(origin: string | null, url: URL): boolean
  sessionCookie(request: LiveRequest, data: SessionData): string
  flashCookie(request: LiveRequest, flash: Flash): string
  disconnect(fits: (session: SessionData) => boolean): number
  errorResponse(request: LiveRequest, status: number, error?: unknown): LiveResponse
  report(error: unknown): void
  limitReached(limit: 'maxPostSize' | 'maxProcessBytes'): void
}

interface Posted {
  readonly route: PostRoute
  readonly request: LiveRequest
  readonly url: URL
  readonly params: Params
}

const tokenField = '_csrf_token'
const tokenHeader = 'x-csrf-token'

export class Posts {
  readonly #routes: ReadonlyMap<string, PostRoute>
  readonly #server: PostsServer
  readonly #again: Resubmissions
  #router: RouterContext<PostRoute> = createRouter<PostRoute>()
  #known = 0

  constructor(routes: ReadonlyMap<string, PostRoute>, server: PostsServer) {
    this.#routes = routes
    this.#server = server
    this.#again = new Resubmissions(() => server.now())
  }

  /** `undefined` when no form goes there. `url` has no prefix. */
  async answer(request: LiveRequest, url: URL): Promise<LiveResponse | undefined> {
    const match = findRoute(this.#current(), '', url.pathname)
    if (match === undefined) return undefined
    const params = this.#paramsOf(url, match.params ?? {})
    if (params === undefined) return this.#server.errorResponse(request, 400)
    const posted = { route: match.data, request, url, params }
    let status = 500
    const fields = (): { view: string; url: string; status: number } => ({
      view: match.data.path,
      url: url.href,
      status,
    })
    return measuredCall('http', fields, async () => {
      const response = await this.#handle(posted).catch((error: unknown) => this.#failed(request, error))
      status = response.status
      return response
    })
  }

  /** Some may have been added meanwhile. */
  #current(): RouterContext<PostRoute> {
    if (this.#routes.size === this.#known) return this.#router
    this.#router = createRouter<PostRoute>()
    for (const route of this.#routes.values()) addRoute(this.#router, '', route.path, route)
    this.#known = this.#routes.size
    return this.#router
  }

  #paramsOf(url: URL, ofPath: Readonly<Record<string, string>>): Params | undefined {
    const query = decodeForm(url.search.slice(1), this.#server)
    if (!query.ok) return undefined
    try {
      for (const [name, value] of Object.entries(ofPath)) query.values[name] = decodeURIComponent(value)
    } catch {
      return undefined
    }
    return query.values
  }

  #failed(request: LiveRequest, error: unknown): LiveResponse {
    const status = statusOf(error) ?? 500
    if (status >= 500) this.#server.report(error)
    return this.#server.errorResponse(request, status, error)
  }

  async #handle(posted: Posted): Promise<LiveResponse> {
    const { budget } = this.#server
    let held = 0
    let over = false
    try {
      return await this.#handleHolding(posted, (bytes) => {
        // What still comes of a body that was given up is held by nobody.
        if (over) return false
        held += bytes
        budget.add(bytes)
        return !budget.isOver(held)
      })
    } finally {
      over = true
      budget.add(-held)
    }
  }

  async #handleHolding(
    { route, request, url, params }: Posted,
    hold: (bytes: number) => boolean,
  ): Promise<LiveResponse> {
    const server = this.#server
    const origin = request.headers.get('origin')
    if (!server.isOwnOrigin(isOpaqueOwn(request, origin) ? null : origin, url)) return this.#refuse(request, 403)
    const body = await readBody(request, {
      ...limitsOf(server),
      maxPostSize: server.maxPostSize,
      maxFrameValues: server.maxFrameValues,
      json: route.options.json === true,
      hold,
      startTimer: (ms, fire) => server.startTimer(ms, fire),
    })
    if (!body.ok) return this.#refuse(request, body.status)
    const { token, values } = takeToken(request, body.values)
    const visitor = server.visitor(request)
    const key = `${visitor.id} ${String(token)} ${url.pathname}`
    if (!server.isCsrfToken(visitor, token)) {
      const location = visitor.isNew || typeof token !== 'string' ? undefined : this.#again.find(key)
      return location === undefined ? this.#refuse(request, 403) : { status: 303, headers: { location }, body: '' }
    }
    const answer = await callPost(route, values, body.encoding, await this.#requestOf(request, url, params, visitor))
    const found = toPostResponse(route.path, answer, server.basePath)
    const response = typeof found === 'number' ? server.errorResponse(request, found) : found
    const { location } = response.headers
    const renewed = answer.session !== undefined
    if (renewed && typeof location === 'string') this.#again.remember(key, location)
    return withCookies(response, [
      ...(renewed ? [server.sessionCookie(request, answer.session ?? {})] : []),
      ...(answer.flash === undefined ? [] : [server.flashCookie(request, answer.flash)]),
    ])
  }

  async #requestOf(request: LiveRequest, url: URL, params: Params, visitor: Visitor): Promise<PostRequest> {
    const server = this.#server
    return {
      url,
      params,
      session: await server.sessionOf(request, visitor),
      headers: request.headers,
      signal: request.signal,
      page: (content, options) => server.page(request, content, options),
      path: (path) => server.path(path),
      disconnect: (fits) => server.disconnect(fits),
    }
  }

  /** What is left of a body that nobody wants is not waited for. */
  #refuse(request: LiveRequest, status: number): LiveResponse {
    if (status === 413) this.#server.limitReached('maxPostSize')
    if (status === 503) this.#server.limitReached('maxProcessBytes')
    const response = this.#server.errorResponse(request, status)
    return { ...response, headers: { ...response.headers, connection: 'close' } }
  }
}

function limitsOf({ maxFields, maxNesting }: FormLimits): FormLimits {
  return { maxFields, maxNesting }
}

/** A page that tells nobody where it is sends `null` as its origin, also to its own site. The browser says so in another way. */
export function isOpaqueOwn({ headers }: LiveRequest, origin: string | null): boolean {
  return origin === 'null' && headers.get('sec-fetch-site') === 'same-origin'
}

/** The token of the page, which is no field of the form. */
function takeToken({ headers }: LiveRequest, values: unknown): { readonly token: unknown; readonly values: unknown } {
  const header = headers.get(tokenHeader)
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return { token: header, values }
  const { [tokenField]: field, ...rest } = values as Readonly<Record<string, unknown>>
  // What a form holds has no prototype: a field that was not sent is not there, whatever it is called.
  return { token: field ?? header, values: Object.setPrototypeOf(rest, Object.getPrototypeOf(values) as object | null) }
}

function withCookies(response: LiveResponse, cookies: readonly string[]): LiveResponse {
  if (cookies.length === 0) return response
  const before = response.headers['set-cookie'] ?? []
  const all = [...(typeof before === 'string' ? [before] : before), ...cookies]
  return { ...response, headers: { ...response.headers, 'set-cookie': all } }
}
