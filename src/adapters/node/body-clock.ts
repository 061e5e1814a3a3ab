/**
 * How long the body of a request may take. Node's own limit is for all of them, and would cut an upload that is well on its way: `serve`
 * takes it away, and holds all but uploads to the same time here. An upload is held to clocks of its own as long as it is read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** For a body as a whole, in ms: Node's own. */
const wholeTime = 300_000
/** For what is left of a body whose request has been answered, in ms: nobody reads it. */
const restTime = 30_000

const excused = new WeakSet<IncomingMessage>()

/** Whoever reads its body has clocks of its own. */
export function excuseBody(request: IncomingMessage): void {
  excused.add(request)
}

/** Ends the connection of a request whose body does not come in time: with a 408, where nothing was answered yet. */
export function limitBody(request: IncomingMessage, response: ServerResponse): void {
  const { headers, socket } = request
  if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') return
  let timer = setTimeout(() => {
    if (!excused.has(request)) cut(request, response)
  }, wholeTime)
  const over = (): void => {
    clearTimeout(timer)
    socket.removeListener('close', over)
    response.removeListener('finish', answered)
  }
  const answered = (): void => {
    if (request.complete) return over()
    clearTimeout(timer)
    timer = setTimeout(() => socket.destroy(), restTime).unref()
  }
  timer.unref()
  response.once('finish', answered)
  request.once('end', over)
  socket.once('close', over)
}

function cut(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return
  const { socket } = request
  if (response.headersSent || response.destroyed) return void socket.destroy()
  response.writeHead(408, { connection: 'close' })
  response.end(() => socket.destroy())
}
