/**
 * Hands a request to another worker of this machine, and its answer back. The worker listens for it in a folder that only this user may open,
 * and takes the client's address from a header that is set here alone.
 */
import { Agent, type IncomingMessage, request as ask, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { join } from 'node:path'

const clientHeader = 'x-liveloom-client'
/** What is between two ends of one connection. */
const ofConnection: ReadonlySet<string> = new Set(['keep-alive', 'transfer-encoding', 'proxy-connection'])

/** Where a worker listens for others. */
export function privatePath(folder: string, slot: number): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\${folder}-${slot}` : join(folder, `${slot}.sock`)
}

export class Forwarder {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** `unreached`: called when nothing of the request has arrived there, or when it only asks and was not answered. */
  send(slot: number, request: IncomingMessage, response: ServerResponse, unreached: () => void): void {
    const client = `${request.socket.remoteAddress ?? ''} ${request.socket.remotePort ?? 0}`
    const headers = [...keptHeaders(request.rawHeaders, true), clientHeader, client]
    const { method, url: path } = request
    const socketPath = privatePath(this.#folder, slot)
    // Types know of objects alone.
    const asked = ask({ agent: this.#agent, socketPath, method, path, headers: headers as never, setHost: false })
    let answered = false
    asked.on('error', (error: NodeJS.ErrnoException) => {
      // What is refused early is answered, and the rest of it is not taken.
      if (answered) return
      answered = true
      if (response.destroyed) return
      const asks = method === 'GET' || method === 'HEAD'
      if (asks || error.code === 'ENOENT' || error.code === 'ECONNREFUSED') unreached()
      else response.destroy()
    })
    asked.on('response', (answer) => {
      if (answered) return void answer.resume()
      answered = true
      response.sendDate = false
      response.writeHead(answer.statusCode!, answer.statusMessage, keptHeaders(answer.rawHeaders, false))
      answer.pipe(response)
      answer.on('error', () => void response.destroy())
      answer.on('close', () => {
        if (!answer.complete) response.destroy()
      })
    })
    response.on('close', () => {
      if (!response.writableFinished) asked.destroy()
    })
    request.on('close', () => {
      if (!request.complete) asked.destroy()
    })
    request.pipe(asked)
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Whether a request was handed on: it looks as if it had come by itself then. */
export function arrived(request: IncomingMessage): void {
  const { rawHeaders, headers, socket } = request
  const at = rawHeaders.length - 2
  const [remoteAddress, port] = (headers[clientHeader] as string).split(' ') as [string, string]
  rawHeaders.splice(at, 2)
  delete headers[clientHeader]
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
