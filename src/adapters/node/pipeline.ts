/**
 * Requests that come before the last one of their connection is answered: HTTP/1.1 lets a client send as many as it likes, and Node
 * starts the work for all that are in one packet, 1,500 of them, at once. Their answers follow one another anyway. So does the work
 * here, with others in between.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests of one connection that wait. Browsers and proxies send none ahead; more than that is no client. */
const mostWaiting = 100

/** The requests that wait behind the one that is worked on; on their connection, since a map would cost each request more. */
const waiting: unique symbol = Symbol('waiting')

type Connected = Socket & { [waiting]?: (() => void)[] | undefined }

/** On the response of a request whose turn has come. */
const hasTurn: unique symbol = Symbol('has its turn')

type Taking = ServerResponse & { [hasTurn]?: true }

/**
 * Calls `run` when those before it on its connection are answered; never when the connection ends before that. `tooMany`: it ends,
 * since so many wait.
 */
export function inTurn(
  request: IncomingMessage,
  response: ServerResponse,
  run: () => void,
  tooMany: (most: number) => void,
): void {
  // Later versions have no order to keep, and limits of their own. What is in its turn already is not kept from it.
  if (request.httpVersionMajor !== 1 || (response as Taking)[hasTurn] === true) return run()
  const socket: Connected = request.socket
  if (socket.destroyed) return
  const line = socket[waiting]
  if (line === undefined) {
    socket[waiting] = []
    start(socket, response, run)
  } else if (line.length < mostWaiting) line.push(() => start(socket, response, run))
  else {
    socket.destroy()
    tooMany(mostWaiting)
  }
}

function start(socket: Connected, response: ServerResponse, run: () => void): void {
  ;(response as Taking)[hasTurn] = true
  response.once('close', () => {
    if (socket[waiting]!.length === 0) socket[waiting] = undefined
    else setImmediate(() => goOn(socket))
  })
  run()
}

function goOn(socket: Connected): void {
  if (!socket.destroyed) socket[waiting]!.shift()!()
}
