/** The WebSockets of a server: a request is decided on, `ws` takes the socket over, and its frames go to a connection. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Admission, Connection } from '../../server/connection.ts'
import type { LiveRequest } from '../../server/http.ts'
import type { RunningServer } from '../../server/running-server.ts'
import { WebSocketPeer } from './peer.ts'
import { refuseUpgrade } from './upgrade.ts'

/** The versions of the protocol that `ws` speaks: told to a client whose handshake is none. */
const versions = ['Sec-WebSocket-Version: 13, 8']

export class LiveSockets {
  readonly #running: RunningServer
  readonly #toLive: (request: IncomingMessage) => LiveRequest
  readonly #sockets: WebSocketServer
  /** Those that are not decided on yet, each with what gives it up. */
  readonly #pending = new Set<() => void>()
  #closed = false

  constructor(running: RunningServer, toLive: (request: IncomingMessage) => LiveRequest) {
    this.#running = running
    this.#toLive = toLive
    // Its types do not know `closeTimeout` yet.
    const settings = {
      noServer: true,
      perMessageDeflate: false,
      maxPayload: running.limits.maxMessageSize,
      closeTimeout,
      clientTracking: false,
    }
    this.#sockets = new WebSocketServer(settings)
    // By itself `ws` would wait for ever for a client that does not read why it is refused.
    this.#sockets.on('wsClientError', (_, socket) => refuseUpgrade(socket, 400, versions))
  }

  open(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#closed) return refuseUpgrade(socket, 503)
    const running = this.#running
    // Until `ws` takes the socket over, an error on it is nobody's.
    const onError = (): void => void socket.destroy()
    socket.on('error', onError)
    /** True for the first who decides; a socket that has gone is decided on. */
    const decide = (): boolean => {
      clearTimeout(timer)
      socket.removeListener('close', decide)
      return this.#pending.delete(giveUp)
    }
    const giveUp = (): void => {
      if (decide()) refuseUpgrade(socket, 503)
    }
    const { upgradeTimeout } = running.limits
    const timer = setTimeout(() => {
      giveUp()
      running.limitReached('upgradeTimeout', { stage: 'session' })
    }, upgradeTimeout)
    this.#pending.add(giveUp)
    socket.once('close', decide)
    running.admit(this.#toLive(request)).then(
      (decision) => {
        if (!decide()) return
        if (!decision.ok) return refuseUpgrade(socket, decision.status, linesOf(decision.headers))
        socket.removeListener('error', onError)
        this.#sockets.handleUpgrade(request, socket as Socket, head, (ws) =>
          connect(running, ws, socket as Socket, decision.admission),
        )
      },
      (error: unknown) => {
        running.report(error, { stage: 'session' })
        if (decide()) refuseUpgrade(socket, 500)
      },
    )
  }

  /** Gives up those that are not decided on yet. */
  close(): void {
    this.#closed = true
    for (const giveUp of [...this.#pending]) giveUp()
  }
}

function linesOf(headers: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
}

/** How long a client may take to close its side, in ms, before the socket is destroyed. */
const closeTimeout = 5000

/** What a `ws` socket leads to; it stands on that, and on the TCP socket: maps by them would cost the garbage collector more. */
const served: unique symbol = Symbol('served')

interface Served {
  [served]?: { readonly running: RunningServer; readonly connection: Connection }
}

function servedBy(socket: WebSocket | Socket): NonNullable<Served[typeof served]> {
  return (socket as Served)[served]!
}

function connect(running: RunningServer, ws: WebSocket, socket: Socket, admission: Admission): void {
  const connection = running.connect(new WebSocketPeer(ws, socket), admission)
  ;(ws as Served)[served] = (socket as Served)[served] = { running, connection }
  // Shared functions: an idle connection should cost no closures.
  socket.prependListener('data', onData)
  ws.on('message', onMessage)
  ws.on('ping', onControl)
  ws.on('pong', onControl)
  ws.on('close', onClose)
  ws.on('error', onSocketError)
}

/** `ws` keeps a frame until it is whole. */
function onData(this: Socket, piece: Buffer): void {
  servedBy(this).connection.arriving(piece.length)
}

function onMessage(this: WebSocket, data: Buffer, isBinary: boolean): void {
  const { connection } = servedBy(this)
  connection.arrived()
  if (isBinary) connection.binary(data)
  else connection.text(data)
}

/** Two bytes of header and four of the mask stand before what it holds. */
function onControl(this: WebSocket, data: Buffer): void {
  servedBy(this).connection.control(data.length + 6)
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  const { running, connection } = servedBy(this)
  running.disconnect(connection, isLost(code, reason))
}

/** A page that closes says so; a network that goes does not, and a client that has not been answered says why it gives up. */
function isLost(code: number, reason: Buffer): boolean {
  return code === 1006 || (code === 1000 && reason.toString() === 'heartbeat timeout')
}

/** A frame that is no WebSocket frame, or too large: `ws` closes the socket by itself. */
function onSocketError(this: WebSocket, error: Error): void {
  if ((error as { readonly code?: unknown }).code === tooLargeCode) servedBy(this).connection.tooLarge()
}

const tooLargeCode = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
