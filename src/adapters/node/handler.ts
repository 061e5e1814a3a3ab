import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { SessionData } from '../../live/definitions.ts'
import type { Flash } from '../../live/flash.ts'
import type { Admission, Connection } from '../../server/connection.ts'
import { type LiveServer, type RunningServer, startServer } from '../../server/live-server.ts'
import { readClientScript, readDevelopmentScript } from './client-script.ts'
import { createFileStore } from './file-store.ts'
import { pathOf, respond, toLiveRequest } from './http.ts'
import { WebSocketPeer } from './peer.ts'
import { reportToTerminal } from './report.ts'
import { findSecret } from './secret.ts'
import { traceOf } from './stack.ts'
import { createTempFolder } from './temp-files.ts'
import { startTimer } from './timer.ts'

/** A function of the connect kind: it answers, or calls `next`. `sirv`, `compression` and the like are such. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void | Promise<void>

/** What `createHandler` takes beside the server. */
export interface HandlerOptions {
  /**
   * Shows errors in pages, warns of likely mistakes, brings open pages up to date after a restart, and makes up a secret.
   *
   * @default true unless `NODE_ENV` is `production`
   */
  readonly development?: boolean | undefined
  /** Believe `X-Forwarded-Proto` and `X-Forwarded-Host`: only behind a proxy of yours that sets them. @default false */
  readonly trustProxy?: boolean | undefined
}

/** The views of a server for an HTTP server of your own: Express, or `node:http`. */
export interface LiveHandler {
  /** Answers requests for views, the client's script, and long polling; hands others on. */
  middleware(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
  /** Answers with the server's page for 404. */
  notFound(request: IncomingMessage, response: ServerResponse): void
  /** Answers with the server's page for 500, and reports the error. */
  failed(error: unknown, response: ServerResponse): void
  /** Takes an upgrade request that is for the socket; false for any other. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Has `upgrade` called by an HTTP server; requests that are not for the socket are left to others. */
  attach(server: Server): void
  /** Sends `info` to every view that subscribed to `topic`. */
  publish(topic: string, info: unknown): void | Promise<void>
  /**
   * A `Set-Cookie` header that gives the visitor the session `data`, for a response of yours: a login, say. Forms of pages from before fit
   * no more, and such pages are loaded anew when they connect again; sockets and uploads that are open go on.
   *
   * @throws {LiveError} `ERR_COOKIE` when the data is too large for a cookie: about 2,900 bytes of JSON have room.
   */
  sessionCookie(request: IncomingMessage, data: SessionData): string
  /** The session that views of this visitor are given, for a middleware of yours. */
  sessionOf(request: IncomingMessage): Promise<SessionData>
  /**
   * A `Set-Cookie` header that has the visitor's next page show these messages: what `putFlash` does in a view.
   *
   * @throws {LiveError} `ERR_COOKIE` when they are too large for a cookie.
   */
  flashCookie(request: IncomingMessage, flash: Flash): string
  /** Whether `token`, which a form of yours sent, is a `meta.csrfToken` of this visitor's pages, loaded since the last login. */
  isCsrfToken(request: IncomingMessage, token: unknown): boolean
  /**
   * Cuts the connections of this process whose session `fits`, and says how many there were. Their pages connect again by themselves:
   * `onMount` is asked anew, with the session that the cookie has then.
   */
  disconnect(fits: (session: SessionData) => boolean): number
  /** Tells the pages to come back later, lets saves finish, and deletes what uploads left. */
  close(): Promise<void>
}

/**
 * Makes the middleware and the upgrade handler of a server, for an HTTP server of your own.
 *
 * @throws {LiveError} `ERR_SECRET` in production without a secret.
 * @example
 * import { createServer } from 'node:http'
 * import { createLiveServer } from 'liveloom'
 * import { createHandler } from 'liveloom/node'
 *
 * export function start() {
 *   const live = createHandler(createLiveServer({ routes: {} }))
 *   const server = createServer((request, response) => live.middleware(request, response, () => response.end('mine')))
 *   live.attach(server)
 *   server.listen(4000)
 * }
 */
export function createHandler(live: LiveServer, options: HandlerOptions = {}): LiveHandler {
  const { trustProxy = false } = options
  const development = isDevelopment(options)
  const temp = createTempFolder((error) => running.report(error, { stage: 'upload' }))
  const running: RunningServer = startServer(live, {
    development,
    tools: development ? { script: readDevelopmentScript(), trace: traceOf } : undefined,
    secret: live.settings.secret ?? findSecret(development),
    files: createFileStore(),
    openWriter: () => temp.openWriter(),
    client: readClientScript(),
    now: () => performance.now(),
    wallClock: () => Date.now(),
    nextTurn: (run) => void setImmediate(run),
    startTimer,
    report: reportToTerminal,
  })
  // Its types do not know `closeTimeout` yet.
  const settings = {
    noServer: true,
    perMessageDeflate: false,
    maxPayload: running.maxMessageSize,
    closeTimeout,
    clientTracking: false,
  }
  const sockets = new WebSocketServer(settings)
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    if (pathOf(request) !== running.socketPath) return false
    openSocket(running, sockets, trustProxy, { request, socket: socket as Socket, head })
    return true
  }
  const failed = (error: unknown, response: ServerResponse): void => {
    running.report(error, { stage: 'http' })
    if (response.headersSent) response.destroy()
    else respond(response, running.errorResponse(500, error), false)
  }
  const answer = async (request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> => {
    const found = await running.handle(toLiveRequest(request, trustProxy, response))
    if (found === undefined) next()
    else respond(response, found, request.method === 'HEAD')
  }
  return {
    upgrade,
    failed,
    middleware(request, response, next) {
      answer(request, response, next).catch(next)
    },
    notFound(request, response) {
      respond(response, running.errorResponse(404), request.method === 'HEAD')
    },
    attach(server) {
      server.on('upgrade', upgrade)
    },
    publish: (topic, info) => running.publish(topic, info),
    sessionCookie: (request, data) => running.sessionCookie(toLiveRequest(request, trustProxy), data),
    sessionOf: (request) => running.sessionOf(toLiveRequest(request, trustProxy)),
    flashCookie: (request, flash) => running.flashCookie(toLiveRequest(request, trustProxy), flash),
    isCsrfToken: (request, token) => running.isCsrfToken(toLiveRequest(request, trustProxy), token),
    disconnect: (fits) => running.disconnectWhere(fits),
    async close() {
      await running.close()
      await temp.close()
    },
  }
}

export function isDevelopment({ development }: HandlerOptions): boolean {
  return development ?? process.env['NODE_ENV'] !== 'production'
}

/** Answers an upgrade request over the bare socket: there is no response object for one. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

interface UpgradeRequest {
  readonly request: IncomingMessage
  readonly socket: Socket
  readonly head: Buffer
}

function openSocket(
  running: RunningServer,
  sockets: WebSocketServer,
  trustProxy: boolean,
  { request, socket, head }: UpgradeRequest,
): void {
  // Until `ws` takes the socket over, an error on it is nobody's.
  const onError = (): void => void socket.destroy()
  socket.on('error', onError)
  running.admit(toLiveRequest(request, trustProxy)).then(
    (decision) => {
      socket.removeListener('error', onError)
      if (!decision.ok) return refuseUpgrade(socket, decision.status)
      sockets.handleUpgrade(request, socket, head, (ws) => connect(running, ws, socket, decision.admission))
    },
    (error: unknown) => {
      running.report(error, { stage: 'session' })
      refuseUpgrade(socket, 500)
    },
  )
}

const connections = new WeakMap<WebSocket, { readonly running: RunningServer; readonly connection: Connection }>()

function connect(running: RunningServer, ws: WebSocket, socket: Socket, admission: Admission): void {
  const connection = running.connect(new WebSocketPeer(ws, socket), admission)
  connections.set(ws, { running, connection })
  bySocket.set(socket, connection)
  // Shared functions: an idle connection should cost no closures.
  socket.prependListener('data', onData)
  ws.on('message', onMessage)
  ws.on('close', onClose)
  ws.on('error', onSocketError)
}

/** How long a client may take to close its side, in ms, before the socket is destroyed. */
const closeTimeout = 5000

const bySocket = new WeakMap<Socket, Connection>()

/** `ws` keeps a frame until it is whole. */
function onData(this: Socket, piece: Buffer): void {
  bySocket.get(this)!.arriving(piece.length)
}

function onMessage(this: WebSocket, data: Buffer, isBinary: boolean): void {
  const { connection } = connections.get(this)!
  if (isBinary) connection.binary(data)
  else connection.text(data)
}

function onClose(this: WebSocket): void {
  const { running, connection } = connections.get(this)!
  running.disconnect(connection)
}

/** A frame that is no WebSocket frame, or too large: `ws` closes the socket by itself, and that is all there is to do. */
function onSocketError(this: WebSocket): void {}
