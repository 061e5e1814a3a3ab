/** Puts the rooms together: answers HTTP requests, admits sockets, and ends everything in order. Runtimes attach to it. */
import { describeClaim, LiveError } from '../errors.ts'
import { type Flash, noFlash, toFlash } from '../live/flash.ts'
import type { FormToken } from '../live/form-tokens.ts'
import type { ErrorContext, LiveHost } from '../live/host.ts'
import { Failures, type KeepingHost } from '../live/keeping.ts'
import type { SessionData } from '../live/definitions.ts'
import { toAddress } from '../live/navigation.ts'
import { isPromise } from '../live/steps.ts'
import { Turns } from '../live/turns.ts'
import { printUnder, urlWithoutBase } from '../protocol/base-path.ts'
import type { WireEvent } from '../protocol/keys.ts'
import { frameLimitDefaults } from '../protocol/frame-limits.ts'
import { pageEvents, serializerVersion } from '../protocol/message.ts'
import { measuredCall } from '../telemetry/measure.ts'
import { type AnyTopic, topicName } from '../pubsub/topic.ts'
import { refusalError } from '../template/safe-values.ts'
import { renderHtml } from '../template/to-html.ts'
import { directionOf } from '../texts/lang.ts'
import { type Texts, textsIn } from '../texts/texts.ts'
import { isCsrfToken } from '../token/csrf.ts'
import { randomText } from '../token/random.ts'
import { createSealer } from '../token/sealer.ts'
import { createSigner, type Signer } from '../token/signer.ts'
import { Admission as UploadsAdmission } from '../upload/admission.ts'
import type { Timer } from '../upload/channel.ts'
import { createDayBytes } from '../upload/day-bytes.ts'
import type { UploadLedger } from '../upload/ledger.ts'
import { Slots } from '../upload/slots.ts'
import type { Sniffing } from '../upload/sniffing.ts'
import type { FileStore, OpenWriter } from '../upload/writer.ts'
import { downloadsFolder } from '../protocol/downloads.ts'
import { uploadsFolder } from '../protocol/http-uploads.ts'
import type { UploadSettings } from './upload-options.ts'
import { UploadRequests } from './upload-requests.ts'
import { Downloads } from './downloads.ts'
import { Adoptables } from './adoptables.ts'
import { type Admission, Connection, type ConnectionLimit, type Peer } from './connection.ts'
import { drain, type DrainOptions, resolveDrain } from './drain.ts'
import { type DeadRender, deadRender, openPage, statusForError } from './dead-render.ts'
import { ViewFailure } from './dead-view.ts'
import { DevelopmentServer, type DevelopmentTools } from './development.ts'
import { besideResponse, isOtherBeside } from './beside.ts'
import { scriptResponse, type ShippedScript } from './encoding.ts'
import { FormPosts } from './form-posts.ts'
import { isAllowedHost } from './hosts.ts'
import { htmlResponse, type LiveRequest, type LiveResponse } from './http.ts'
import { LimitReports } from './limit-reports.ts'
import type { ServerLimits } from './limits.ts'
import type { ReadMultipart, Spool } from './multipart.ts'
import { LongPolls } from './long-poll.ts'
import { langOf, type LiveRoute, type PageLang } from './live-sessions.ts'
import { titleOf } from './error-page.ts'
import { policyHeader } from './security-headers.ts'
import { type LiveServerOptions, resolveServerOptions, type ServerSettings } from './options.ts'
import { type OwnPageContent, type OwnPageOptions, renderOwnPage, toOwnPage } from './own-page.ts'
import { type Post, type PostRoute, resolvePost } from './post.ts'
import { Posts } from './posts.ts'
import { Parking } from './parking.ts'
import { ProcessBudget } from './process-budget.ts'
import { Refusals } from './refusals.ts'
import { createLiveRouter, type RouteMatch, type Router } from './router.ts'
import {
  flashCookie,
  passedCookie,
  readPassing,
  readVisitor,
  tokenMaxAge,
  type Visitor,
  visitorCookie,
  withSession,
} from './visitor.ts'

/** The machine that a server runs on, as its runtime's adapter gives it. */
export interface ServerHost {
  readonly development: boolean
  /** What development takes beside; without it there are no overlay, no warnings and no page that comes up to date by itself. */
  readonly tools?: DevelopmentTools | undefined
  /** Used when the options name none. */
  readonly secret: string
  readonly files: FileStore
  readonly openWriter: OpenWriter
  /** What knows types of files by their first bytes, for the option `sniff` of uploads. */
  readonly sniffing?: Sniffing | undefined
  /** What remembers the files of uploads, when the options name nothing else. */
  readonly ledger?: UploadLedger | undefined
  /** Reads files out of forms; without it and `openSpool` a form with files is answered 415. */
  readonly readMultipart?: ReadMultipart | undefined
  /** Puts bytes aside. */
  readonly openSpool?: (() => Promise<Spool>) | undefined
  /** The prebuilt client. */
  readonly client: ShippedScript
  /** Milliseconds of a clock that only goes forward, from anywhere: what intervals are measured on. */
  now(): number
  /** Milliseconds since 1970, as the machine believes: what tokens are dated with. It may jump. */
  wallClock(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Calls `run` when whatever else of the process was due has had its turn: requests, sockets, timers, signals. */
  nextTurn(run: () => void): void
  /** Bytes that are free where uploads are stored; `undefined` when nobody can tell. @default nobody can */
  freeBytes?(): Promise<number | undefined>
  /** Where errors go when the options have no `onError`. */
  report(error: unknown, context: ErrorContext): void
}

/** A server that is not running yet. Hand it to a runtime: `serve` of `liveloom/node`. */
export interface LiveServer {
  readonly settings: ServerSettings
  /** What `post` was given, by path. */
  readonly posts: ReadonlyMap<string, PostRoute>
  readonly post: Post
}

/** Whether a socket may open: what to open it with, or the HTTP status that refuses it. */
export type UpgradeDecision =
  | { readonly ok: true; readonly admission: Admission }
  | { readonly ok: false; readonly status: 400 | 403 | 503 }

const checkEvery = 5_000

/**
 * Describes a server: its views by path, and what they share.
 *
 * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import { createLiveServer, createLiveView, html } from 'liveloom'
 * import { serve } from 'liveloom/node'
 *
 * const hello = createLiveView({ render: () => html`<h1>Hello</h1>` })
 * export const start = () => serve(createLiveServer({ routes: { '/': hello } }), { port: 4000 })
 */
export function createLiveServer(options: LiveServerOptions): LiveServer {
  const settings = resolveServerOptions(options)
  const posts = new Map<string, PostRoute>()
  const isReserved = (path: string): boolean =>
    [settings.path, settings.basePath].some((other) => other !== '' && `${path}/`.startsWith(`${other}/`))
  const post = (path: string, ...rest: readonly unknown[]): void => {
    posts.set(
      path,
      resolvePost(path, rest, (other) => posts.has(other), isReserved),
    )
  }
  return { settings, posts, post }
}

/** A server on its runtime. */
export class RunningServer {
  readonly #settings: ServerSettings
  readonly #machine: ServerHost
  readonly #host: LiveHost
  readonly #router: Router<LiveRoute>
  readonly #posts: Posts
  readonly #formPosts: FormPosts
  readonly #longPolls: LongPolls
  readonly #uploads: UploadRequests
  readonly #downloads: Downloads
  readonly #admission: UploadsAdmission
  readonly #development: DevelopmentServer | undefined
  readonly #connections = new Set<Connection>()
  readonly #parking: Parking
  readonly #adoptables: Adoptables
  readonly #holders = new Map<string, Connection>()
  readonly #background = new Set<Promise<void>>()
  readonly #clock = { now: 0 }
  readonly #budget: ProcessBudget
  readonly #limitReports: LimitReports
  readonly #refusals = new Refusals()
  readonly #endPubSubReports: (() => void) | undefined
  #check: Timer | undefined
  #closed = false
  #drained: Promise<void> | undefined
  /** It leaves, and takes no new pages. */
  #leaving = false
  /** Requests that are worked on, but for those of long polling. */
  #requests = 0

  constructor({ settings, posts }: LiveServer, machine: ServerHost) {
    const { limits } = settings
    this.#settings = settings
    this.#machine = machine
    this.#clock.now = machine.now()
    this.#budget = new ProcessBudget(limits.maxProcessBytes)
    this.#limitReports = new LimitReports(
      limits,
      () => machine.now(),
      (error, context) => this.report(error, context),
    )
    const formLimits = { maxFields: limits.maxFormFields, maxNesting: limits.maxFormNesting }
    this.#router = createLiveRouter(settings.routes, formLimits)
    this.#development = this.#createDevelopment()
    const secret = settings.secret ?? machine.secret
    this.#uploads = new UploadRequests({
      visitorId: (request) => this.#visitor(request).id,
      isOwnOrigin: (origin, url) => this.#isOwnOrigin(origin, url),
      startTimer: (ms, fire) => machine.startTimer(ms, fire),
      wallClock: () => machine.wallClock(),
      path: (id) => `${settings.basePath}${settings.path}/${uploadsFolder}/${id}`,
      budget: this.#budget,
      full: () => this.limitReached('maxProcessBytes', { stage: 'http' }),
      unverified: ({ origin }) => this.#development?.warn(unverified(origin)),
    })
    const signer = createSigner(secret, () => machine.wallClock(), settings.name)
    this.#downloads = this.#createDownloads(signer)
    this.#admission = new UploadsAdmission(
      settings.uploads,
      {
        now: () => machine.now(),
        startTimer: (ms, fire) => machine.startTimer(ms, fire),
        freeBytes: async () => machine.freeBytes?.(),
      },
      createDayBytes(() => machine.now()),
    )
    this.#host = {
      basePath: settings.basePath,
      path: (path) => toAddress('path', settings.basePath, path),
      signer,
      stash: {
        ...settings.stash,
        sealer: createSealer(settings.stash.keys ?? [secret], () => machine.wallClock(), settings.name),
        holders: new Map(),
      },
      pubsub: settings.pubsub,
      files: machine.files,
      openWriter: machine.openWriter,
      scans: new Slots(settings.uploads.maxScans),
      sniffing: machine.sniffing,
      uploadCeilings: {
        ...limits,
        maxFiles: settings.uploads.maxFiles,
        maxStored: settings.uploads.ledger === undefined ? settings.uploads.maxStored.visitor : undefined,
      },
      admission: this.#admission,
      resources: this.#uploads,
      downloads: this.#downloads,
      keeping: keepingOf(settings.uploads, machine.ledger),
      formLimits,
      maxMailbox: limits.maxMailbox,
      now: () => machine.now(),
      startTimer: (ms, fire) => machine.startTimer(ms, fire),
      nextTurn: (run) => machine.nextTurn(run),
      turns: new Turns(machine),
      report: (error, context) => this.report(error, context),
      limitReached: (limit, context, more) => this.#limitReports.reached(limit, context, more),
      textsIn: settings.textsIn,
      pageNote: (lang) => pageNote(limits, settings.textsIn(lang)),
      refused: (refusal, context) => {
        if (this.#refusals.isNew(refusal)) this.report(refusalError(refusal), context)
      },
      background: (work) => this.#track(work),
      development: this.#development,
    }
    this.#adoptables = new Adoptables({
      maxAdoptable: limits.maxAdoptable,
      adoptWindow: settings.adoptWindow,
      startTimer: (ms, fire) => machine.startTimer(ms, fire),
      full: () => this.limitReached('maxAdoptable', { stage: 'connection' }),
    })
    this.#parking = new Parking({
      maxParked: limits.maxParked,
      startTimer: (ms, fire) => machine.startTimer(ms, fire),
      count: (bytes) => this.#budget.add(bytes),
      isFull: () => this.#budget.held > limits.maxProcessBytes,
      full: () => this.limitReached('maxParked', { stage: 'connection' }),
    })
    this.#longPolls = this.#createLongPolls()
    this.#posts = this.#createPosts(posts)
    this.#formPosts = this.#createFormPosts()
    this.#endPubSubReports = settings.pubsub.onError?.((error) => this.report(error, { stage: 'info' }))
    this.#scheduleCheck()
  }

  get limits(): ServerLimits {
    return this.#settings.limits
  }

  /**
   * Whether an upgrade request of that path is for {@link admit} to decide. `by`: as the browser has the address, or without the prefix,
   * as a proxy may hand it on.
   */
  isSocketPath(path: string, by?: 'address' | 'proxy'): boolean {
    const inside = `${this.#settings.path}/websocket`
    const address = this.#settings.basePath + inside
    return (by !== 'proxy' && path === address) || (by !== 'address' && path === inside)
  }

  /** Whether a request is one of an upload, whose body may take long. */
  isUpload(path: string): boolean {
    const inside = `${this.#settings.path}/${uploadsFolder}/`
    return path.startsWith(this.#settings.basePath + inside) || path.startsWith(inside)
  }

  /** Answers a request, or `undefined` when it is for none of the views. */
  async handle(request: LiveRequest): Promise<LiveResponse | undefined> {
    const url = this.#ownUrl(request)
    const response = url instanceof URL ? await this.#route(request, this.#inside(url)) : url
    return response === undefined ? undefined : this.#withDefaults(response)
  }

  /** A router hands on requests without what stands before their paths: the pages have to know of it. */
  mountedUnder(prefix: string): void {
    const { basePath } = this.#settings
    if (basePath.endsWith(prefix)) return
    const given = basePath === '' ? 'no basePath' : `basePath: '${basePath}'`
    const message =
      `the middleware is mounted under '${prefix}', as app.use('${prefix}', …) does, and createLiveServer has ${given}: its links, ` +
      `its socket and its script are looked for elsewhere. Give it basePath: '${prefix}'`
    this.#development?.warn(new LiveError('ERR_SERVER_OPTIONS', message))
  }

  /** Answers a request whose address is none, or whose host the server does not answer for; `undefined` for any other. */
  refuse(request: LiveRequest): LiveResponse | undefined {
    const url = this.#ownUrl(request)
    return url instanceof URL ? undefined : url
  }

  /** Where a request goes, or why it goes nowhere. */
  #ownUrl(request: LiveRequest): URL | LiveResponse {
    const url = toUrl(request.url)
    if (url === undefined) return this.errorResponse(400, undefined, undefined, this.langFor(request))
    if (this.#isOwnHost(url)) return url
    const error = strangeHost(url)
    this.#development?.warn(error)
    return this.errorResponse(403, error, undefined, this.langFor(request))
  }

  /** An address as the routes have it. */
  #inside(url: URL): URL {
    const { basePath } = this.#settings
    return basePath === '' ? url : new URL(urlWithoutBase(basePath, url.href))
  }

  #isOwnHost(url: URL): boolean {
    return isAllowedHost(url, this.#settings.hosts, this.#machine.development)
  }

  #withDefaults(response: LiveResponse): LiveResponse {
    return { ...response, defaultHeaders: this.#settings.headers }
  }

  async #route(request: LiveRequest, url: URL): Promise<LiveResponse | undefined> {
    if (url.pathname === `${this.#settings.path}/longpoll`) return this.#longPolls.answer(request, url)
    this.#requests++
    try {
      return await this.#routeOnce(request, url)
    } finally {
      this.#requests--
    }
  }

  async #routeOnce(request: LiveRequest, url: URL): Promise<LiveResponse | undefined> {
    const folder = `${this.#settings.path}/${uploadsFolder}/`
    if (url.pathname.startsWith(folder)) return this.#uploads.answer(request, url, url.pathname.slice(folder.length))
    const downloads = `${this.#settings.path}/${downloadsFolder}/`
    if (url.pathname.startsWith(downloads)) return this.#downloads.answer(request, url.pathname.slice(downloads.length))
    if (request.method === 'POST') return (await this.#posts.answer(request, url)) ?? this.#postForm(request, url)
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
    if (url.pathname.startsWith(`${this.#settings.path}/`)) return this.#asset(url, request)
    const match = this.#router.match(url)
    if (match === undefined) return undefined
    if (match === 'unreadable') return this.errorResponse(400, undefined, undefined, this.langFor(request))
    if (this.#leaving) {
      const response = this.errorResponse(503, undefined, undefined, this.langFor(request, match.route.group.page.lang))
      return { ...response, headers: { ...response.headers, ...elsewhere } }
    }
    const failed = readPassing(request, this.#host.signer, 'reload')
    if (typeof failed === 'number') {
      const lang = this.langFor(request, match.route.group.page.lang)
      return withCookie(this.errorResponse(failed, undefined, undefined, lang), passedCookie('reload'))
    }
    return this.#page(request, url, match)
  }

  /** A form of a view, sent to its page. */
  async #postForm(request: LiveRequest, url: URL): Promise<LiveResponse | undefined> {
    const match = this.#router.match(url)
    if (match === undefined || !this.#formPosts.takes(request)) return undefined
    if (match === 'unreadable') return this.errorResponse(400, undefined, undefined, this.langFor(request))
    return this.#page(request, url, match, () => this.#formPosts.answer({ request, url, match }))
  }

  async #page(
    request: LiveRequest,
    url: URL,
    match: RouteMatch<LiveRoute>,
    answer: () => Promise<LiveResponse> = () => this.#answer(request, url, match),
  ): Promise<LiveResponse> {
    const view = match.route.path
    let status = 200
    let failed: ErrorContext = { stage: 'http', view }
    try {
      return await measuredCall(
        'http',
        () => ({ view, url: url.href, status }),
        async () => {
          try {
            const response = await answer()
            status = response.status
            return response
          } catch (thrown) {
            failed = thrown instanceof ViewFailure ? thrown.context : failed
            const error = thrown instanceof ViewFailure ? thrown.error : thrown
            status = statusForError(error)
            throw error
          }
        },
      )
    } catch (error) {
      if (status >= 500) this.report(error, failed)
      return this.errorResponse(status, error, failed, this.langFor(request, match.route.group.page.lang))
    }
  }

  async #answer(request: LiveRequest, url: URL, match: RouteMatch<LiveRoute>): Promise<LiveResponse> {
    const left = readPassing(request, this.#host.signer, 'flash')
    const page = await this.#firstPage(request, url, match, left === undefined ? noFlash : toFlash(left))
    const response = await deadRender(page, this.#host, this.#settings)
    return left === undefined ? response : withCookie(response, passedCookie('flash'))
  }

  async #firstPage(request: LiveRequest, url: URL, match: RouteMatch<LiveRoute>, flash: Flash): Promise<DeadRender> {
    const visitor = this.#visitor(request)
    return {
      request,
      url,
      match,
      visitor,
      session: await this.sessionOf(request, visitor.session),
      flash,
      clientUrl: this.#clientUrl(),
      development: this.#development,
      adoptables: this.#adoptables,
    }
  }

  /** A page of the application's own, in the layout of a live session. */
  async page(request: LiveRequest, content: OwnPageContent, options: OwnPageOptions = {}): Promise<LiveResponse> {
    const url = this.#ownUrl(request)
    if (!(url instanceof URL)) return url
    const visitor = this.#visitor(request)
    const left = readPassing(request, this.#host.signer, 'flash')
    const facts = {
      ...{ request, url: this.#inside(url), visitor, session: await this.sessionOf(request, visitor.session) },
      ...{ flash: left === undefined ? noFlash : toFlash(left) },
      ...{ clientUrl: this.#clientUrl(), development: this.#development },
    }
    const response = this.#withDefaults(await renderOwnPage(facts, content, options, this.#host, this.#settings))
    return left === undefined ? response : withCookie(response, passedCookie('flash'))
  }

  /** Decides on a request to open the socket. */
  async admit(request: LiveRequest): Promise<UpgradeDecision> {
    const url = toUrl(request.url)
    if (request.method !== 'GET' || url === undefined) return { ok: false, status: 400 }
    if (this.#leaving) return { ok: false, status: 503 }
    if (!this.#isOwnHost(url)) {
      this.#development?.warn(strangeHost(url))
      return { ok: false, status: 403 }
    }
    if (!this.#isOwnOrigin(request.headers.get('origin'), url)) return { ok: false, status: 403 }
    if (url.searchParams.get('vsn') !== serializerVersion) return { ok: false, status: 403 }
    if (this.#connections.size >= this.#settings.limits.maxConnections) {
      this.limitReached('maxConnections', { stage: 'connection' })
      return { ok: false, status: 503 }
    }
    const visitor = this.#visitor(request)
    const trusted = this.#isCsrfToken(visitor, url.searchParams.get('_csrf_token'))
    const session = trusted ? await this.sessionOf(request, visitor.session) : undefined
    return { ok: true, admission: { visitorId: visitor.id, csrfSecret: visitor.csrfSecret, session } }
  }

  /** Takes in a socket that was admitted. The runtime hands it what the peer sends. */
  connect(peer: Peer, admission: Admission): Connection {
    const { limits } = this.#settings
    const connection = new Connection(
      {
        host: this.#host,
        limits,
        budget: this.#budget,
        router: this.#router,
        parking: this.#parking,
        adoptables: this.#adoptables,
        holders: this.#holders,
        resumeWindow: this.#settings.resumeWindow,
        sameVisitor: this.#settings.sameVisitor,
        staticChanged: (urls) => this.#staticChanged(urls),
        stale: (what) => this.#development?.stale(what),
        limitReached: (limit, context) => this.limitReached(limit, context),
        showRefused: (view) => this.#showRefused(view),
        clock: this.#clock,
      },
      peer,
      admission,
    )
    // It may have been decided on before.
    if (this.#closed || this.#leaving) connection.goAway()
    else this.#connections.add(connection)
    return connection
  }

  /** `lost`: nobody has closed it, and its page may come back. */
  disconnect(connection: Connection, lost = false): void {
    connection.closed(undefined, lost)
    this.#connections.delete(connection)
  }

  /** Sends `info` to every view that subscribed to `topic`. */
  publish(topic: string | AnyTopic, info: unknown): void | Promise<void> {
    return this.#settings.pubsub.publish(topicName('publish', topic), info)
  }

  /**
   * The `Set-Cookie` header that gives a visitor the session `data`, for a response of yours: a login, say. The visitor's id stays, the
   * CSRF secret is a new one: a page that was opened before is loaded anew when it connects again, and its forms fit no more.
   * Signed, not encrypted.
   *
   * @throws {LiveError} `ERR_COOKIE` when the data is too large for a cookie, or no object.
   */
  sessionCookie(request: LiveRequest, data: SessionData): string {
    const visitor = withSession(this.#visitor(request), data)
    return visitorCookie(request, this.#host.signer, this.#settings.cookie, visitor)
  }

  /** The session of a request, as views are given it. */
  async sessionOf(
    request: LiveRequest,
    fromCookie: SessionData = this.#visitor(request).session,
  ): Promise<SessionData> {
    const { session } = this.#settings
    return session === undefined ? fromCookie : await session(request)
  }

  /**
   * The `Set-Cookie` header that has the next page show `flash`, for a redirect of yours. Signed, not encrypted.
   *
   * @throws {LiveError} `ERR_COOKIE` when the messages are too large for a cookie.
   */
  flashCookie(request: LiveRequest, flash: Flash): string {
    return flashCookie(request, this.#host.signer, this.#settings.cookie, flash)
  }

  /** Whether `token` is one that a page of this visitor carried: `meta.csrfToken`, sent back by a form. */
  isCsrfToken(request: LiveRequest, token: unknown): boolean {
    return this.#isCsrfToken(this.#visitor(request), token)
  }

  #isCsrfToken({ csrfSecret, isNew }: Visitor, token: unknown): boolean {
    return !isNew && typeof token === 'string' && isCsrfToken(this.#host.signer, csrfSecret, token)
  }

  #visitor(request: LiveRequest): Visitor {
    return readVisitor(request, this.#host.signer, this.#settings.cookie)
  }

  /** Cuts the connections whose session `fits`, and says how many there were. Their pages come back and are mounted anew. */
  disconnectWhere(fits: (session: SessionData) => boolean): number {
    let count = 0
    for (const connection of [...this.#connections]) {
      const { session } = connection
      if (session === undefined || !fits(session)) continue
      connection.goAway('disconnected')
      this.#connections.delete(connection)
      count++
    }
    this.#adoptables.endWhere(fits)
    return count + this.#parking.endWhere(fits)
  }

  /** The language of an error page. The session is that of the cookie: one of your own may take its time, or be what failed. */
  langFor(request: LiveRequest, lang: PageLang = this.#settings.lang): string {
    if (typeof lang === 'string') return langOf(lang, request, {})
    // Such an address is none, and your function is handed addresses alone.
    if (toUrl(request.url) === undefined) return 'en'
    try {
      const session = this.#settings.session === undefined ? this.#visitor(request).session : {}
      return langOf(lang, request, session)
    } catch (error) {
      this.report(error, { stage: 'http' })
      return 'en'
    }
  }

  /** Where nothing is known of a visitor. */
  get #ownLang(): string {
    const { lang } = this.#settings
    return typeof lang === 'string' ? lang : 'en'
  }

  /** The page for a failure; a plain line when the page for it fails too. */
  errorResponse(
    status: number,
    error?: unknown,
    context: ErrorContext = { stage: 'http' },
    lang: string = this.#ownLang,
  ): LiveResponse {
    const headers = { 'cache-control': 'no-store' }
    try {
      const nonce = randomText(18)
      const policy = this.#settings.contentSecurityPolicy?.(nonce)
      const development = this.#development
      const details = error === undefined ? undefined : development?.details(error, context)
      const shown = this.#machine.development ? error : undefined
      const { path } = this.#host
      const about = { status, title: titleOf(status, this.#settings.textsIn(lang)), lang, dir: directionOf(lang) }
      const page = printUnder(this.#settings.basePath, () =>
        renderHtml(this.#settings.errorPage({ ...about, error: shown, details, path, nonce }), undefined, (refusal) => {
          this.#host.refused(refusal, { stage: 'http' })
        }),
      )
      const response = htmlResponse(status, development?.errorPage(page, nonce) ?? page, {
        ...headers,
        ...(policy !== undefined && { 'content-security-policy': policyHeader(policy) }),
      })
      return this.#withDefaults(response)
    } catch (failure) {
      this.report(failure, { stage: 'http' })
      const plain = { ...headers, 'content-type': 'text/plain; charset=utf-8' }
      return this.#withDefaults({ status, body: `Error ${status}`, headers: plain })
    }
  }

  /** Has `onError` told of a limit that was reached: once an hour at most. `fixed`: how much it is, where no option sets it. */
  limitReached(limit: ConnectionLimit, context: ErrorContext, fixed?: number): void {
    this.#limitReports.reached(limit, context, { fixed })
  }

  /** Never throws. */
  report(error: unknown, context: ErrorContext): void {
    const report = this.#settings.onError ?? ((...args) => this.#machine.report(...args))
    const failed = (failure: unknown): void => {
      try {
        this.#machine.report(failure, context)
      } catch {
        // Nobody is left to tell.
      }
    }
    try {
      // It may be async, whatever its type says.
      const work: unknown = report(error, context)
      if (isPromise(work)) Promise.resolve(work).catch(failed)
    } catch (failure) {
      failed(failure)
    }
  }

  /** Pieces of work of views that have ended: `close` waits for them. */
  get unfinished(): number {
    return this.#background.size
  }

  /** Whether new visitors may be sent here. */
  get ready(): boolean {
    return !this.#closed && this.#drained === undefined
  }

  /**
   * Leaves in peace: refuses new pages, tells those that are there to come back, one by one, and lets finish what runs. A second call
   * joins the first.
   *
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option, at once.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    const settings = resolveDrain('drain', options, this.#machine.development)
    this.#drained ??= drain(settings, {
      now: () => this.#machine.now(),
      startTimer: (ms, fire) => this.#machine.startTimer(ms, fire),
      connections: () => [...this.#connections],
      refuse: () => {
        this.#leaving = true
        this.#longPolls.refuse()
      },
      unfinished: () =>
        this.#requests + this.#downloads.running + this.#background.size + this.#longPolls.leaving + this.#parking.busy,
      closed: () => this.#closed,
    })
    return this.#drained
  }

  /** Tells every client to come back later, ends the views, and waits for what must be finished: saves that run, files to delete. */
  async close(): Promise<void> {
    this.#closed = true
    this.#check?.cancel()
    this.#uploads.close()
    this.#downloads.close()
    this.#admission.end()
    for (const connection of this.#connections) connection.goAway()
    this.#connections.clear()
    this.#longPolls.close()
    this.#parking.close()
    this.#adoptables.close()
    while (this.#background.size > 0) await Promise.allSettled(this.#background)
    this.#endPubSubReports?.()
  }

  #createDevelopment(): DevelopmentServer | undefined {
    const { development, tools } = this.#machine
    if (!development || tools === undefined) return undefined
    return new DevelopmentServer({
      tools,
      path: this.#settings.path,
      basePath: this.#settings.basePath,
      clientUrl: this.#clientUrl(),
      texts: this.#settings.textsIn(this.#ownLang),
      routeOf: (view) => this.#router.route(view),
      report: (error, context) => this.report(error, context),
    })
  }

  #createDownloads(signer: Signer): Downloads {
    const { basePath, path } = this.#settings
    return new Downloads({
      signer,
      visitorId: (request) => this.#visitor(request).id,
      startTimer: (ms, fire) => this.#machine.startTimer(ms, fire),
      now: () => this.#machine.now(),
      path: (token) => `${basePath}${path}/${downloadsFolder}/${token}`,
      full: (most) => this.#limitReports.reached('maxDownloads', { stage: 'download' }, { fixed: most }),
    })
  }

  #createLongPolls(): LongPolls {
    const { maxMessageSize, maxLongPolls } = this.#settings.limits
    return new LongPolls({
      signer: this.#host.signer,
      visitorId: (request) => this.#visitor(request).id,
      maxMessageSize,
      maxLongPolls,
      startTimer: (ms, fire) => this.#machine.startTimer(ms, fire),
      isOwnOrigin: (origin, url) => this.#isOwnOrigin(origin, url),
      admit: (request) =>
        this.admit(request).catch((error: unknown) => {
          this.report(error, { stage: 'session' })
          return undefined
        }),
      connect: (peer, admission) => this.connect(peer, admission),
      disconnect: (connection) => this.disconnect(connection, true),
      limitReached: (limit, fixed) => this.limitReached(limit, { stage: 'connection' }, fixed),
    })
  }

  #createPosts(routes: ReadonlyMap<string, PostRoute>): Posts {
    const { maxPostSize, maxFrameValues } = this.#settings.limits
    return new Posts(routes, {
      ...this.#host.formLimits,
      maxPostSize,
      maxFrameValues,
      budget: this.#budget,
      basePath: this.#settings.basePath,
      now: () => this.#machine.now(),
      startTimer: (ms, fire) => this.#machine.startTimer(ms, fire),
      path: this.#host.path,
      page: async (request, content, options) => toOwnPage(await this.page(request, content, options)),
      visitor: (request) => this.#visitor(request),
      sessionOf: (request, visitor) => this.sessionOf(request, visitor.session),
      isCsrfToken: (visitor, token) => this.#isCsrfToken(visitor, token),
      isOwnOrigin: (origin, url) => this.#isOwnOrigin(origin, url),
      sessionCookie: (request, data) => this.sessionCookie(request, data),
      flashCookie: (request, flash) => this.flashCookie(request, flash),
      disconnect: (fits) => this.disconnectWhere(fits),
      errorResponse: (request, status, error) => this.errorResponse(status, error, undefined, this.langFor(request)),
      report: (error) => this.report(error, { stage: 'http' }),
      limitReached: (limit) => this.limitReached(limit, { stage: 'http' }),
    })
  }

  #createFormPosts(): FormPosts {
    const { readMultipart, openSpool } = this.#machine
    return new FormPosts({
      ...this.#host.formLimits,
      maxPostSize: this.#settings.limits.maxPostSize,
      budget: this.#budget,
      readMultipart,
      openSpool,
      now: () => this.#machine.now(),
      startTimer: (ms, fire) => this.#machine.startTimer(ms, fire),
      visitor: (request) => this.#visitor(request),
      isCsrfToken: (visitor, token) => this.#isCsrfToken(visitor, token),
      isOwnOrigin: (origin, url) => this.#isOwnOrigin(origin, url),
      readToken: (text) => this.#host.signer.verify('form', text, tokenMaxAge) as FormToken | undefined,
      viewOf: (route) => this.#router.route(route)?.view,
      open: async ({ request, url, match }) =>
        openPage(await this.#firstPage(request, url, match, noFlash), this.#host, this.#settings, true),
      errorResponse: (request, status) => this.errorResponse(status, undefined, undefined, this.langFor(request)),
      limitReached: (limit, fixed) => this.limitReached(limit, { stage: 'http' }, fixed),
    })
  }

  #showRefused(view: string): WireEvent | undefined {
    const context = { stage: 'connection', view, limit: 'maxTopics' } as const
    return this.#development?.crashed(this.#limitReports.describe('maxTopics'), context, false)
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#background.delete(tracked))
    this.#background.add(tracked)
  }

  #scheduleCheck(): void {
    this.#check = this.#machine.startTimer(checkEvery, () => {
      this.#clock.now = this.#machine.now()
      for (const connection of this.#connections) connection.check()
      this.#scheduleCheck()
    })
  }

  /** A page of another site may not open the socket in its visitor's name. */
  #isOwnOrigin(origin: string | null, url: URL): boolean {
    const { origins } = this.#settings
    if (origin === null || origins === 'any' || origins.includes(origin)) return true
    if (!URL.canParse(origin)) return false
    const { host, protocol, port } = new URL(origin)
    // A proxy that ends TLS may not say so: an https page then asks what looks like http, also where the proxy names the port of https,
    // which its page does not. The other way round there is a page that somebody on the way may have written.
    if (protocol === 'https:') return host === url.host || (port === '' && url.host === `${host}:443`)
    return protocol === 'http:' && url.protocol === 'http:' && host === url.host
  }

  /** Whether one of the scripts and styles that a page has is not the server's any more. */
  #staticChanged(urls: readonly string[]): boolean {
    const { assets, basePath, path } = this.#settings
    const folder = `${basePath}${path}/`
    const client = `${folder}client`
    const current = new Set([this.#clientUrl(), `${client}.js`])
    return urls.some((url) => {
      if (!URL.canParse(url)) return false
      const { pathname } = new URL(url)
      if (pathname.startsWith(client)) return !current.has(pathname)
      if (pathname.startsWith(`${folder}beside-`)) return isOtherBeside(pathname.slice(folder.length))
      return assets !== undefined && !assets.some((asset) => pathname.endsWith(asset))
    })
  }

  /** Where the browser finds it. */
  #clientUrl(): string {
    return `${this.#settings.basePath}${this.#settings.path}/client-${this.#machine.client.hash}.js`
  }

  #asset(url: URL, request: LiveRequest): LiveResponse {
    const forDevelopment = this.#development?.answer(url, request)
    if (forDevelopment !== undefined) return forDevelopment
    const { path } = this.#settings
    const beside = besideResponse(url.pathname.slice(path.length + 1), request)
    if (beside !== undefined) return beside
    const { client } = this.#machine
    const hashed = url.pathname === `${path}/client-${client.hash}.js`
    if (!hashed && url.pathname !== `${path}/client.js`) {
      return this.errorResponse(404, undefined, undefined, this.langFor(request))
    }
    return scriptResponse(request, client, hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  }
}

/** What a refused page is told beside: a proxy that keeps connections should not come back by this one. */
const elsewhere = { 'retry-after': '2', connection: 'close' }

/** A response that sets one more cookie; one that the page sets anew by itself is not taken away. */
function withCookie(response: LiveResponse, cookie: string): LiveResponse {
  const set = response.headers['set-cookie'] ?? []
  const cookies = typeof set === 'string' ? [set] : set
  const name = cookie.slice(0, cookie.indexOf('=') + 1)
  if (cookies.some((other) => other.startsWith(name))) return response
  return { ...response, headers: { ...response.headers, 'set-cookie': [...cookies, cookie] } }
}

function keepingOf(
  { ledger, ownerOf, keepFor }: UploadSettings,
  own: UploadLedger | undefined,
): KeepingHost | undefined {
  const used = ledger ?? own
  return used === false || used === undefined
    ? undefined
    : { ledger: used, ownerOf, keepFor, failures: new Failures(), holders: new Map(), keepers: new Map() }
}

function strangeHost({ host }: URL): LiveError {
  // The list takes no final dot, and has a name with one match all the same.
  const entry = describeClaim(host.replace(/\.(?=:|$)/, ''))
  return new LiveError(
    'ERR_HOST',
    `the host ${entry} is not one of this server: allow it with hosts: [${entry}] of createLiveServer`,
  )
}

function unverified(origin: string): LiveError {
  return new LiveError(
    'ERR_UPLOAD_OPTIONS',
    `allowUpload with verify: a file comes unverified. Browsers compute digests for pages of https: and of localhost alone, and this ` +
      `one is at ${describeClaim(origin)}`,
  )
}

/** What our client module says over a page. */
function linesOf({ lines }: Texts, most: number): object {
  return {
    tooLarge: lines.tooLarge({ most }),
    tooManyFields: lines.tooManyFields({}),
    tooManyFiles: lines.tooManyFiles({}),
  }
}

const englishLines = JSON.stringify(linesOf(textsIn(undefined)('en'), frameLimitDefaults.maxTextSize))

/** Our client module holds back what is larger: it knows the defaults by itself. */
function pageNote({ maxMessageSize, maxTextSize, maxFrameValues }: ServerLimits, texts: Texts): WireEvent | undefined {
  const limits = { maxTextSize: Math.min(maxTextSize, maxMessageSize), maxFrameValues }
  const isDefault =
    limits.maxTextSize === frameLimitDefaults.maxTextSize && maxFrameValues === frameLimitDefaults.maxFrameValues
  const lines = linesOf(texts, limits.maxTextSize)
  const isEnglish = JSON.stringify(lines) === englishLines
  return isDefault && isEnglish ? undefined : [pageEvents.note, { limits, lines }]
}

/** Asked first whether it can be one, a URL would be parsed twice. */
function toUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

/** Starts a server on a machine; what a runtime's adapter calls. */
export function startServer(server: LiveServer, machine: ServerHost): RunningServer {
  if (!Array.isArray(server?.settings?.routes)) {
    throw new LiveError('ERR_SERVER_OPTIONS', 'serve: expected a server of createLiveServer')
  }
  return new RunningServer(server, machine)
}
