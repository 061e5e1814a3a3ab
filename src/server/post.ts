/** Forms that are submitted over HTTP: what `server.post` takes, who may send them, and what their handlers answer. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import type { FormValues } from '../forms/decode.ts'
import type { FormError } from '../forms/error.ts'
import { readEvent } from '../forms/events.ts'
import { checkSchema, type InferOutput, type StandardSchema } from '../forms/schema.ts'
import type { Params, SessionData } from '../live/definitions.ts'
import type { Flash } from '../live/flash.ts'
import { type ExternalTarget, targetOf, toRedirect } from '../live/navigation.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import type { OwnPage, OwnPageContent, OwnPageOptions } from './own-page.ts'

/** The request that brought a form. */
export interface PostRequest {
  /** Where it was sent, without the `basePath` of the server. */
  readonly url: URL
  /** Of the path and the query, as views have them. From the browser. */
  readonly params: Params
  /** What views of this visitor are given. */
  readonly session: SessionData
  readonly headers: LiveRequest['headers']
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined
  /** A page of yours in the layout, as an answer: the form again, say, with what is wrong in it. As `page` of `serve` has it. */
  page(content: OwnPageContent, options?: OwnPageOptions): Promise<OwnPage>
  /** A path of this site as the browser has it, with the `basePath` of the server. */
  path(path: string): string
  /**
   * Cuts the connections of this process whose session `fits`, and says how many there were. Their pages connect again by themselves:
   * `onMount` is asked anew.
   */
  disconnect(fits: (session: SessionData) => boolean): number
}

/** Where a form leads to, or what is shown instead. */
export interface PostAnswer {
  /** Answers 303. A path of this site: text of the browser goes through `localPath` first. @default a response of `status` and `body` */
  readonly redirect?: string | ExternalTarget | undefined
  /** The visitor's session from now on; `null` is none: a logout. Renews the CSRF secret. @default it stays */
  readonly session?: SessionData | null | undefined
  /** What the next page shows. */
  readonly flash?: Flash | undefined
  /** Without `body` the server's page for it. @default 200 with a body */
  readonly status?: number | undefined
  readonly headers?: LiveResponse['headers'] | undefined
  /** HTML, unless `headers` say otherwise. */
  readonly body?: string | undefined
}

export type PostHandler<Form> = (form: Form, request: PostRequest) => PostAnswer | Promise<PostAnswer>

/** What a form must be. */
export interface PostOptions<Schema extends StandardSchema = StandardSchema> {
  /** What the fields must be; the handler gets what comes out of it. Without one it gets texts, lists and groups. */
  readonly schema?: Schema | undefined
  /** Answers a form that the schema refused. @default the server's page for 422 */
  readonly invalid?:
    | ((issues: readonly FormError[], request: PostRequest) => PostAnswer | Promise<PostAnswer>)
    | undefined
  /** Take JSON too (`application/json`), from a script that sends the page's CSRF token as `x-csrf-token`. @default false */
  readonly json?: boolean | undefined
}

/** Takes forms at a path. */
export interface Post {
  /**
   * Handles forms that are submitted to `path`, declared as routes are: decoded, and from a page of this visitor alone, by its
   * `_csrf_token`. What is not is answered 403, and no handler is called.
   *
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a path that is none or is taken, or without a handler.
   * @example
   * import { createLiveServer } from 'liveloom'
   *
   * declare function logIn(name: unknown, password: unknown): Promise<string | undefined>
   *
   * export const server = createLiveServer({ routes: {} })
   * server.post('/login', async (form) => {
   *   const login = await logIn(form.name, form.password)
   *   if (login === undefined) return { redirect: '/login', flash: { error: 'That is not the password.' } }
   *   return { redirect: '/account', session: { login } }
   * })
   */
  (path: string, handler: PostHandler<FormValues>): void
  <Schema extends StandardSchema>(
    path: string,
    options: PostOptions<Schema> & { readonly schema: Schema },
    handler: PostHandler<InferOutput<Schema>>,
  ): void
  (path: string, options: PostOptions & { readonly schema?: undefined }, handler: PostHandler<FormValues>): void
}

/** One of them, checked. */
export interface PostRoute {
  readonly path: string
  readonly options: PostOptions
  readonly handler: PostHandler<unknown>
}

const known: ReadonlySet<string> = new Set(['schema', 'invalid', 'json'] satisfies (keyof PostOptions)[])
const answerKeys: ReadonlySet<string> = new Set([
  'redirect',
  'session',
  'flash',
  'status',
  'headers',
  'body',
] satisfies (keyof PostAnswer)[])

export function resolvePost(
  path: unknown,
  rest: readonly unknown[],
  taken: (path: string) => boolean,
  inside: (path: string) => boolean,
): PostRoute {
  const where = `post(${describe(path)})`
  const fail = (message: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', `${where}: ${message}`)
  if (typeof path !== 'string' || !path.startsWith('/')) throw fail(`the path must start with '/'`)
  if (inside(path)) throw fail('the path is written without basePath, and not below the socket (option path)')
  if (taken(path)) throw fail('there is one for that path already')
  const [options, handler] = rest.length === 1 ? [{}, rest[0]] : rest
  if (typeof handler !== 'function') throw fail(`expected a function of the form, got ${describe(handler)}`)
  if (typeof options !== 'object' || options === null) throw fail(`options must be an object, got ${describe(options)}`)
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw fail(`unknown option '${name}'; known are ${[...known].join(', ')}`)
  }
  const { schema, invalid, json } = options as PostOptions
  if (schema !== undefined) checkSchema(where, schema)
  if (invalid !== undefined && typeof invalid !== 'function') throw fail('invalid must be a function')
  if (json !== undefined && typeof json !== 'boolean') throw fail(`json must be true or false, got ${describe(json)}`)
  return { path, options: options as PostOptions, handler: handler as PostHandler<unknown> }
}

/** What the handler answers to a form, by way of its schema. */
export async function callPost(
  { options, handler }: PostRoute,
  values: unknown,
  encoding: 'form' | 'json',
  request: PostRequest,
): Promise<PostAnswer> {
  const { schema, invalid } = options
  if (schema === undefined) return handler(values, request)
  const read = await readEvent(schema, values, encoding)
  if (read.ok) return handler(read.values, request)
  return invalid === undefined ? { status: 422 } : invalid(read.issues, request)
}

/**
 * The response without its cookies; a status alone when the server has a page for it.
 *
 * @throws {LiveError} `ERR_POST` for an answer that is none; `ERR_NAVIGATION` for a redirect that leads nowhere.
 */
export function toPostResponse(path: string, answer: PostAnswer, basePath: string): LiveResponse | number {
  const fail = (message: string): LiveError => new LiveError('ERR_POST', `post('${path}'): ${message}`)
  if (typeof answer !== 'object' || answer === null) {
    throw fail(`the handler must answer with an object like { redirect: '/' }, got ${describe(answer)}`)
  }
  for (const key of Object.keys(answer)) {
    if (!answerKeys.has(key)) throw fail(`unknown answer '${key}'; known are ${[...answerKeys].join(', ')}`)
  }
  const { redirect, status, headers = {}, body } = answer
  if (redirect !== undefined) {
    if (status !== undefined || body !== undefined) throw fail('a redirect has neither status nor body')
    const location = targetOf(toRedirect(redirect, { status: 303 }), basePath)
    return { status: 303, headers: { ...headers, location: toLocation(location) }, body: '' }
  }
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status < 600)) {
    throw fail(`status must be one of HTTP, from 200 to 599, got ${describe(status)}`)
  }
  if (body === undefined) {
    if (status === undefined) throw fail('the answer needs a redirect, a status or a body')
    return status >= 400 ? status : { status, headers, body: '' }
  }
  if (typeof body !== 'string') throw fail(`body must be text, got ${describeClaim(body)}`)
  const type = 'text/html; charset=utf-8'
  return { status: status ?? 200, headers: { 'cache-control': 'no-store', 'content-type': type, ...headers }, body }
}

/** A header takes ASCII alone; what is encoded already stays as it is. */
export function toLocation(to: string): string {
  return to.replaceAll(/[^\x21-\x7e]+/g, encodeURI)
}
