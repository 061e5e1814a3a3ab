/** Puts the parts of a server together: shows requests their way, admits sockets, and ends everything in order. Runtimes attach to it. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import type { FormToken } from '../live/form-tokens.ts'
import type { ErrorContext, LiveHost } from '../live/host.ts'
import { Failures, type KeepingHost } from '../live/keeping.ts'
import type { SessionData } from '../live/definitions.ts'
import { toAddress } from '../live/navigation.ts'
import { Turns } from '../live/turns.ts'
import type { WireEvent } from '../protocol/keys.ts'
import { serializerVersion } from '../protocol/message.ts'
import { createLocalPubSub, type PubSub } from '../pubsub/pubsub.ts'
import { type AnyTopic, topicName } from '../pubsub/topic.ts'
import type { LiveSession } from '../session/session.ts'
import { refusalError } from '../template/safe-values.ts'
import { createSealer } from '../token/sealer.ts'
import { createSigner, type Signer } from '../token/signer.ts'
import type { Timer } from '../time/timer.ts'
import { Admission as UploadsAdmission } from '../upload/admission.ts'
import { createDayBytes } from '../upload/day-bytes.ts'
import type { UploadLedger } from '../upload/ledger.ts'
import { Slots } from '../upload/slots.ts'
import { Adoptables } from './adoptables.ts'
import { ClientFiles } from './client-files.ts'
import { type Admission, Connection, type ConnectionLimit, type Peer } from './connection.ts'
import { DevelopmentServer } from './development.ts'
import { Downloads } from './downloads.ts'
import { drain, type DrainOptions, resolveDrain } from './drain.ts'
import { ErrorResponses } from './error-responses.ts'
import { FormPosts } from './form-posts.ts'
import { type LiveRequest, type LiveResponse } from './http.ts'
import { createJoinCounts } from './join-counts.ts'
import { JoinQuota } from './join-quota.ts'
import { LimitReports } from './limit-reports.ts'
import type { ServerLimits } from './limits.ts'
import type { LiveServer } from './live-server.ts'
import { type LiveRoute } from './live-sessions.ts'
import { LongPolls } from './long-poll.ts'
import { type ServerSettings } from './options.ts'
import { OwnAddresses, strangeHost, toUrl } from './own-addresses.ts'
import { type OwnPageContent, type OwnPageOptions, toOwnPage } from './own-page.ts'
import { OwnPaths } from './own-paths.ts'
import { pageNote } from './page-note.ts'
import { Pages } from './pages.ts'
import { Parking } from './parking.ts'
import { type PostRoute } from './post.ts'
import { Posts } from './posts.ts'
import { PlacedViews, type RenderedView, type RenderOptions } from './placed-views.ts'
import { ProcessBudget } from './process-budget.ts'
import { Refusals } from './refusals.ts'
import { type Report, reporter } from './reporter.ts'
import { createLiveRouter, type Router } from './router.ts'
import type { ServerHost } from './server-host.ts'
import type { UploadSettings } from './upload-options.ts'
import { UploadRequests } from './upload-requests.ts'
import { type ServerStats, type StatsOptions, viewStatsOf } from './stats.ts'
import { randomVisitorId, tokenMaxAge } from './visitor.ts'
import { Visits } from './visits.ts'

/** Whether a socket may open: what to open it with, or the HTTP status that refuses it. */
export type UpgradeDecision =
  | { readonly ok: true; readonly admission: Admission }
  | {
      readonly ok: false
      readonly status: 400 | 403 | 429 | 503
      readonly headers?: Readonly<Record<string, string>> | undefined
    }

const checkEvery = 5_000

/** A server on its runtime. */
export class RunningServer {
  /** What of it lies beside its pages. */
  readonly paths: OwnPaths
  readonly #settings: ServerSettings
  readonly #machine: ServerHost
  /** Never throws. */
  readonly report: Report
  readonly #pubsub: PubSub
  readonly #host: LiveHost
  readonly #addresses: OwnAddresses
  readonly #visits: Visits
  readonly #errors: ErrorResponses
  readonly #files: ClientFiles
  readonly #router: Router<LiveRoute>
  readonly #posts: Posts
  readonly #pages: Pages
  readonly #placed: PlacedViews
  readonly #longPolls: LongPolls
  readonly #uploads: UploadRequests
  readonly #downloads: Downloads
  readonly #admission: UploadsAdmission
  readonly #joins: JoinQuota
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
    this.paths = new OwnPaths(settings)
    this.report = reporter(settings.onError, (error, context) => machine.report(error, context))
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
    const secret = settings.secret ?? machine.secret
    const signer = createSigner(secret, () => machine.wallClock(), settings.name)
    this.#addresses = new OwnAddresses(settings, machine.development)
    this.#pubsub = settings.pubsub ?? machine.pubsub ?? createLocalPubSub()
    const newVisitorId = (): string => machine.newVisitorId?.() ?? randomVisitorId()
    this.#visits = new Visits(settings, signer, newVisitorId, (error) => this.report(error, { stage: 'http' }))
    this.#files = new ClientFiles(settings, machine.client)
    this.#development = this.#createDevelopment()
    this.#uploads = new UploadRequests({
      visitorId: (request) => this.#visits.visitor(request).id,
      isOwnOrigin: (origin, url) => this.#addresses.isOwnOrigin(origin, url),
      startTimer: (ms, fire) => machine.startTimer(ms, fire),
      wallClock: () => machine.wallClock(),
      path: (id) => this.paths.upload(id),
      budget: this.#budget,
      full: () => this.limitReached('maxProcessBytes', { stage: 'http' }),
      unverified: ({ origin }) => this.#development?.warn(unverified(origin)),
    })
    this.#downloads = this.#createDownloads(signer)
    this.#admission = new UploadsAdmission(
      settings.uploads,
      {
        now: () => machine.now(),
        startTimer: (ms, fire) => machine.startTimer(ms, fire),
        freeBytes: async () => machine.freeBytes?.(),
        report: (error) => this.report(error, { stage: 'upload' }),
      },
      settings.uploads.received ?? createDayBytes(() => machine.now()),
    )
    this.#joins = new JoinQuota(
      limits.maxVisitorJoins,
      settings.joins.joined ?? createJoinCounts(() => machine.now()),
      settings.joins.by,
      {
        startTimer: (ms, fire) => machine.startTimer(ms, fire),
        report: (error) => this.report(error, { stage: 'connection' }),
      },
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
      pubsub: this.#pubsub,
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
    this.#errors = new ErrorResponses({
      ...{ settings, host: this.#host, isDevelopment: machine.development, development: this.#development },
    })
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
    this.#pages = new Pages({
      ...{ settings, host: this.#host, router: this.#router, visits: this.#visits, files: this.#files },
      ...{ adoptables: this.#adoptables, development: this.#development, formPosts: this.#createFormPosts() },
      isLeaving: () => this.#leaving,
      errorResponse: (status, error, context, lang) => this.errorResponse(status, error, context, lang),
    })
    this.#placed = new PlacedViews({
      ...{ settings, host: this.#host, visits: this.#visits, clientUrl: this.#files.clientUrl },
      warn: this.#development && ((mistake) => this.#development?.warn(mistake)),
    })
    this.#endPubSubReports = this.#pubsub.onError?.((error) => this.report(error, { stage: 'info' }))
    this.#scheduleCheck()
  }

  get limits(): ServerLimits {
    return this.#settings.limits
  }

  /** Answers a request, or `undefined` when it is for none of the views. */
  async handle(request: LiveRequest): Promise<LiveResponse | undefined> {
    const url = this.#ownUrl(request)
    const response = url instanceof URL ? await this.#route(request, this.#addresses.inside(url)) : url
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
    if (url === undefined) return this.errorResponse(400, undefined, undefined, this.#visits.langFor(request))
    if (this.#addresses.isOwnHost(url)) return url
    const error = strangeHost(url)
    this.#development?.warn(error)
    return this.errorResponse(403, error, undefined, this.#visits.langFor(request))
  }

  #withDefaults(response: LiveResponse): LiveResponse {
    return { ...response, defaultHeaders: this.#settings.headers }
  }

  async #route(request: LiveRequest, url: URL): Promise<LiveResponse | undefined> {
    const own = this.paths.read(url.pathname)
    if (own?.kind === 'poll') return this.#longPolls.answer(request, url)
    this.#requests++
    try {
      if (own?.kind === 'upload') return await this.#uploads.answer(request, url, own.rest)
      if (own?.kind === 'download') return this.#downloads.answer(request, own.rest)
      if (request.method === 'POST')
        return (await this.#posts.answer(request, url)) ?? (await this.#pages.post(request, url))
      if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
      return own === undefined ? await this.#pages.answer(request, url) : this.#script(url, request)
    } finally {
      this.#requests--
    }
  }

  #script(url: URL, request: LiveRequest): LiveResponse {
    const found = this.#development?.answer(url, request) ?? this.#files.answer(url, request)
    return found ?? this.errorResponse(404, undefined, undefined, this.#visits.langFor(request))
  }

  /** A page of the application's own, in the layout of a live session. */
  async page(request: LiveRequest, content: OwnPageContent, options: OwnPageOptions = {}): Promise<LiveResponse> {
    const url = this.#ownUrl(request)
    if (!(url instanceof URL)) return url
    return this.#withDefaults(await this.#pages.own(request, this.#addresses.inside(url), content, options))
  }

  /** A view of `views`, for a page of the application's own. */
  async render(request: LiveRequest, name: string, options: RenderOptions = {}): Promise<RenderedView> {
    const url = this.#ownUrl(request)
    if (url instanceof URL) {
      return this.#placed.render({ request, url: this.#addresses.inside(url), path: url.pathname }, name, options)
    }
    throw new LiveError(
      'ERR_SERVER_OPTIONS',
      `render: the address of the request is none that the server answers for (option hosts)`,
    )
  }

  /** Decides on a request to open the socket. */
  async admit(request: LiveRequest): Promise<UpgradeDecision> {
    const url = toUrl(request.url)
    if (request.method !== 'GET' || url === undefined) return { ok: false, status: 400 }
    if (this.#leaving) return { ok: false, status: 503 }
    if (!this.#addresses.isOwnHost(url)) {
      this.#development?.warn(strangeHost(url))
      return { ok: false, status: 403 }
    }
    if (!this.#addresses.isOwnOrigin(request.headers.get('origin'), url)) return { ok: false, status: 403 }
    if (url.searchParams.get('vsn') !== serializerVersion) return { ok: false, status: 403 }
    if (this.#connections.size >= this.#settings.limits.maxConnections) {
      this.limitReached('maxConnections', { stage: 'connection' })
      return { ok: false, status: 503 }
    }
    const visitor = this.#visits.visitor(request)
    const joinsWith = this.#joins.whose(request, visitor.id)
    const wait = await this.#joins.wait(joinsWith)
    if (wait > 0) {
      this.limitReached('maxVisitorJoins', { stage: 'connection' })
      return { ok: false, status: 429, headers: { 'Retry-After': String(Math.ceil(wait / 1000)) } }
    }
    const trusted = this.#visits.isCsrfTokenOf(visitor, url.searchParams.get('_csrf_token'))
    const session = trusted ? await this.#visits.sessionOf(request, visitor.session) : undefined
    return { ok: true, admission: { visitorId: visitor.id, joinsWith, csrfSecret: visitor.csrfSecret, session } }
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
        views: this.#settings.views,
        parking: this.#parking,
        adoptables: this.#adoptables,
        holders: this.#holders,
        resumeWindow: this.#settings.resumeWindow,
        sameVisitor: this.#settings.sameVisitor,
        joins: this.#joins,
        staticChanged: (urls) => this.#files.haveChanged(urls),
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
    return this.#pubsub.publish(topicName('publish', topic), info)
  }

  /** The visitors of requests, and what responses say of them. */
  get visits(): Visits {
    return this.#visits
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

  /** The page for a failure; a plain line when the page for it fails too. */
  errorResponse(
    status: number,
    error?: unknown,
    context?: ErrorContext,
    lang: string = this.#visits.ownLang,
  ): LiveResponse {
    return this.#withDefaults(this.#errors.answer(status, lang, error, context))
  }

  /** Has `onError` told of a limit that was reached: once an hour at most. `fixed`: how much it is, where no option sets it. */
  limitReached(limit: ConnectionLimit, context: ErrorContext, fixed?: number): void {
    this.#limitReports.reached(limit, context, { fixed })
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
   * What it is doing at this moment: all views are gone through, some µs each hundred.
   *
   * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option.
   */
  stats({ contexts = 0 }: StatsOptions = {}): ServerStats {
    if (!Number.isSafeInteger(contexts) || contexts < 0) {
      const message = `stats: contexts must be a whole number, 0 or more, got ${describe(contexts)}`
      throw new LiveError('ERR_SERVER_OPTIONS', message)
    }
    const { sending, waiting, due, arrived, elsewhere } = this.#admission
    return {
      sockets: this.#connections.size,
      longPolls: this.#longPolls.size,
      parkedPages: this.#parking.size,
      adoptablePages: this.#adoptables.size,
      requests: this.#requests,
      heldBytes: this.#budget.held,
      uploads: { sending, waiting, dueBytes: due, receivedBytes: arrived, elsewhereBytes: elsewhere },
      downloads: this.#downloads.running,
      finishing: this.#background.size,
      ready: this.ready,
      views: viewStatsOf(this.#sessions(), this.#parking.sessions(), contexts),
    }
  }

  *#sessions(): Iterable<LiveSession> {
    for (const connection of this.#connections) yield* connection.sessions()
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
      clientUrl: this.#files.clientUrl,
      texts: this.#settings.textsIn(this.#visits.ownLang),
      routeOf: (view) => this.#router.route(view),
      report: (error, context) => this.report(error, context),
    })
  }

  #createDownloads(signer: Signer): Downloads {
    return new Downloads({
      signer,
      visitorId: (request) => this.#visits.visitor(request).id,
      startTimer: (ms, fire) => this.#machine.startTimer(ms, fire),
      now: () => this.#machine.now(),
      path: (token) => this.paths.download(token),
      full: (most) => this.#limitReports.reached('maxDownloads', { stage: 'download' }, { fixed: most }),
    })
  }

  #createLongPolls(): LongPolls {
    const { maxMessageSize, maxLongPolls } = this.#settings.limits
    return new LongPolls({
      signer: this.#host.signer,
      visitorId: (request) => this.#visits.visitor(request).id,
      maxMessageSize,
      maxLongPolls,
      startTimer: (ms, fire) => this.#machine.startTimer(ms, fire),
      isOwnOrigin: (origin, url) => this.#addresses.isOwnOrigin(origin, url),
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
      visitor: (request) => this.#visits.visitor(request),
      sessionOf: (request, visitor) => this.#visits.sessionOf(request, visitor.session),
      isCsrfToken: (visitor, token) => this.#visits.isCsrfTokenOf(visitor, token),
      isOwnOrigin: (origin, url) => this.#addresses.isOwnOrigin(origin, url),
      sessionCookie: (request, data) => this.#visits.sessionCookie(request, data),
      flashCookie: (request, flash) => this.#visits.flashCookie(request, flash),
      disconnect: (fits) => this.disconnectWhere(fits),
      errorResponse: (request, status, error) =>
        this.errorResponse(status, error, undefined, this.#visits.langFor(request)),
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
      visitor: (request) => this.#visits.visitor(request),
      isCsrfToken: (visitor, token) => this.#visits.isCsrfTokenOf(visitor, token),
      isOwnOrigin: (origin, url) => this.#addresses.isOwnOrigin(origin, url),
      readToken: (text) => this.#host.signer.verify('form', text, tokenMaxAge) as FormToken | undefined,
      viewOf: (route) => this.#router.route(route)?.view,
      open: ({ request, url, match }) => this.#pages.open(request, url, match),
      errorResponse: (request, status) =>
        this.errorResponse(status, undefined, undefined, this.#visits.langFor(request)),
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

function unverified(origin: string): LiveError {
  return new LiveError(
    'ERR_UPLOAD_OPTIONS',
    `allowUpload with verify: a file comes unverified. Browsers compute digests for pages of https: and of localhost alone, and this ` +
      `one is at ${describeClaim(origin)}`,
  )
}

/** Starts a server on a machine; what a runtime's adapter calls. */
export function startServer(server: LiveServer, machine: ServerHost): RunningServer {
  if (!Array.isArray(server?.settings?.routes)) {
    throw new LiveError('ERR_SERVER_OPTIONS', 'serve: expected a server of createLiveServer')
  }
  return new RunningServer(server, machine)
}
