/**
 * Requests for a socket that go through an application as any other: its sessions, its logins and its limits stand before the socket as
 * they stand before a page. Whatever answers one refuses it.
 */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { refuseUpgrade } from './upgrade.ts'

export interface PassedUpgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

const passing: unique symbol = Symbol('passing')

interface Passing {
  /** Whoever the socket is for: an application may have several servers, one behind another. */
  readonly owner: object
  take(): PassedUpgrade
}

type PassingRequest = IncomingMessage & { [passing]?: Passing | undefined }

/** Hands the request to whoever answers requests of `server`, for `owner` to take. `timeout`: how long that may take, in ms. */
export function passUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  { head, owner, timeout }: { readonly head: Buffer; readonly owner: object; readonly timeout: number },
): void {
  // An answer to a request before this one is still on its way.
  if ((socket as { readonly _httpMessage?: unknown })._httpMessage != null) return void socket.destroy()
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  const destroy = (): void => void socket.destroy()
  socket.on('error', destroy)
  const letGo = (): void => {
    clearTimeout(timer)
    response.removeListener('finish', refused)
    response.detachSocket(socket as Socket)
    ;(request as PassingRequest)[passing] = undefined
  }
  const refused = (): void => {
    letGo()
    // The client may keep its side open for as long as it likes.
    socket.once('finish', destroy)
    socket.end()
  }
  const timer = setTimeout(() => {
    letGo()
    refuseUpgrade(socket, 503)
  }, timeout)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
  response.once('finish', refused)
  const take = (): PassedUpgrade => {
    letGo()
    socket.removeListener('error', destroy)
    return { socket, head }
  }
  ;(request as PassingRequest)[passing] = { owner, take }
  server.emit('request', request, response)
}

/** The socket of a request that has come so far; `undefined` for a request that is for none, or for another. */
export function takeUpgrade(request: IncomingMessage, owner: object): PassedUpgrade | undefined {
  const found = (request as PassingRequest)[passing]
  return found?.owner === owner ? found.take() : undefined
}
