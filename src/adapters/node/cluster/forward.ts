/**
 * Hands a request to another worker of this machine, and its answer back. The worker listens for it in a folder that only this user may open,
 * and takes the client's address from a header that is set here alone.
 */
import {
  Agent,
  type ClientRequest,
  createServer,
  type IncomingMessage,
  maxHeaderSize,
  request as ask,
  type RequestOptions,
  type Server,
  type ServerResponse,
} from 'node:http'
import { isIP } from 'node:net'
import { join } from 'node:path'

const clientHeader = 'x-liveloom-client'
/** Bytes that are added to the headers of a request. */
const headerRoom = 256
/** What is between two ends of one connection. */
const ofConnection: ReadonlySet<string> = new Set(['keep-alive', 'transfer-encoding', 'proxy-connection', 'trailer'])

/** Where a worker listens for others. */
export function privatePath(folder: string, slot: number): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\${folder}-${slot}` : join(folder, `${slot}.sock`)
}

/** How long after a worker had no room for one more connection it is tried again, in ms. */
const busyRetry = 20

export interface Handing {
  /** Nothing of the request has arrived there, or it only asks and was not answered. */
  unreached(): void
  /** The last of the answer has been given to the client, who may not take it. */
  answered(): void
}

export class Forwarder {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  send(slot: number, request: IncomingMessage, response: ServerResponse, handing: Handing): void {
    const asked = new Asked(request, response, handing, {
      agent: this.#agent,
      socketPath: privatePath(this.#folder, slot),
      maxHeaderSize: maxHeaderSize + headerRoom,
    })
    asked.begin()
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** One request on its way to another worker. */
class Asked {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #handing: Handing
  readonly #options: RequestOptions
  #asked: ClientRequest | undefined

  constructor(request: IncomingMessage, response: ServerResponse, handing: Handing, to: RequestOptions) {
    const { method, url: path } = request
    const headers = [clientHeader, clientOf(request), ...keptHeaders(request.rawHeaders, true)]
    this.#request = request
    this.#response = response
    this.#handing = handing
    // Types know of objects alone.
    this.#options = { ...to, method, path, headers: headers as never, setHost: false }
    response.on('close', () => {
      if (!response.writableFinished) this.#asked?.destroy()
    })
    request.on('close', () => {
      if (!request.complete) this.#asked?.destroy()
    })
  }

  begin(): void {
    let asked: ClientRequest
    try {
      asked = this.#asked = ask(this.#options)
    } catch {
      // A header that Node takes from a client, and does not send itself.
      return void this.#response.writeHead(400, { connection: 'close' }).end()
    }
    let [begun, answered] = [false, false]
    asked.on('socket', (socket) => {
      const connected = (): void => {
        begun = true
        this.#give(asked)
      }
      // Nothing is read before that: what does not get there can be asked of somebody else.
      if (socket.connecting) socket.once('connect', connected)
      else connected()
    })
    asked.on('error', (error: NodeJS.ErrnoException) => {
      // What is refused early is answered, and the rest of it is not taken.
      if (answered) return
      answered = true
      if (this.#gone) return
      // What only asks is asked of somebody else, however far it came.
      if (begun && !this.#onlyAsks) this.#response.destroy()
      // So many connect at once that it has no room for more of them.
      else if (error.code === 'EAGAIN') setTimeout(() => this.#gone || this.begin(), busyRetry)
      else this.#handing.unreached()
    })
    asked.on('response', (answer) => {
      if (answered) return void answer.resume()
      answered = true
      this.#pass(answer)
    })
  }

  get #gone(): boolean {
    return this.#response.destroyed || this.#request.socket.destroyed
  }

  /** What has no length would be read as the next request there, and the next visitor be given its answer. */
  get #hasBody(): boolean {
    const { headers } = this.#request
    return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
  }

  get #onlyAsks(): boolean {
    const { method } = this.#request
    return (method === 'GET' || method === 'HEAD') && !this.#hasBody
  }

  #give(asked: ClientRequest): void {
    if (this.#hasBody) this.#request.pipe(asked)
    else asked.end()
  }

  #pass(answer: IncomingMessage): void {
    const response = this.#response
    response.sendDate = false
    try {
      response.writeHead(answer.statusCode!, answer.statusMessage, keptHeaders(answer.rawHeaders, false))
    } catch {
      return void response.destroy()
    }
    answer.pipe(response)
    answer.on('end', () => this.#handing.answered())
    answer.on('error', () => void response.destroy())
    answer.on('close', () => {
      if (!answer.complete) response.destroy()
    })
  }
}

/** A server for requests that were handed on: what the first one took it takes too. */
export function createPrivateServer(): Server {
  const options = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 0, requireHostHeader: false }
  return withAllHeaders(createServer({ ...options, maxHeaderSize: maxHeaderSize + headerRoom }))
}

/**
 * Node shows the first thousand headers of a request, and reads its body by all of them: a request that is written anew from those would have
 * another length. How large they are together is limited anyway.
 */
export function withAllHeaders(server: Server): Server {
  server.maxHeadersCount = 0
  return server
}

/** Whose a request is, and the version of HTTP that it came by. */
function clientOf({ socket: { remoteAddress = '', remotePort = 0 }, httpVersion }: IncomingMessage): string {
  return `${remoteAddress} ${remotePort} ${httpVersion}`
}

/** A request was handed on: it looks as if it had come by itself then. */
export function arrived(request: IncomingMessage): void {
  // Node makes both out of what is shortened here, when they are asked for.
  const { headers, headersDistinct, rawHeaders, socket } = request
  const [remoteAddress, port, httpVersion] = (headers[clientHeader] as string).split(' ') as [string, string, string]
  // It stands first.
  rawHeaders.splice(0, 2)
  delete headers[clientHeader]
  delete headersDistinct[clientHeader]
  request.httpVersion = httpVersion
  ;[request.httpVersionMajor, request.httpVersionMinor] = httpVersion.split('.').map(Number) as [number, number]
  // One connection brings requests of many clients, one after another.
  const told = { remoteAddress, remoteFamily: `IPv${isIP(remoteAddress)}`, remotePort: Number(port) }
  for (const [name, value] of Object.entries(told)) Object.defineProperty(socket, name, { value, configurable: true })
}

function keptHeaders(raw: readonly string[], isRequest: boolean): string[] {
  const kept: string[] = []
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase()
    const value = raw[at + 1]!
    if (name === clientHeader || name === 'expect') continue
    // That the body is in pieces has to be said again; of an answer Node says it.
    if (name === 'transfer-encoding' ? !isRequest : ofConnection.has(name)) continue
    if (name === 'connection' && (isRequest || value.toLowerCase() !== 'close')) continue
    kept.push(raw[at]!, value)
  }
  return kept
}
