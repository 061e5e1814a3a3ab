/**
 * Requests that ask for another protocol. Node hands over their bare socket, and from then on closes it for nobody: what is refused
 * here is also ended here, whatever the client does.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { pathOf } from './http.ts'

/** How long the answer of a refusal may wait for a client that does not read, in ms. */
const refusalTimeout = 5000

/** Answers over the bare socket, and destroys it. `headers` are whole lines. */
export function refuseUpgrade(socket: Duplex, status: number, headers: readonly string[] = []): void {
  const destroy = (): void => void socket.destroy()
  socket.on('error', destroy)
  if (!socket.writable) return destroy()
  const timer = setTimeout(destroy, refusalTimeout).unref()
  socket.once('close', () => clearTimeout(timer))
  // The client may keep its side open for as long as it likes.
  socket.once('finish', destroy)
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', 'Content-Length: 0', ...headers]
  socket.end(`${lines.join('\r\n')}\r\n\r\n`)
}

export function isWebSocket(request: IncomingMessage): boolean {
  return offers(request, 'websocket')
}

/** What `curl --http2` and clients on the JVM ask for beside each plain request. No server of `node:http` speaks it. */
function isHttp2(request: IncomingMessage): boolean {
  return offers(request, 'h2c')
}

function offers({ headers }: IncomingMessage, protocol: string): boolean {
  return (headers.upgrade ?? '').split(',').some((offered) => offered.trim().toLowerCase() === protocol)
}

/** One of those that take sockets of an HTTP server. */
export interface UpgradeTaker {
  /** Whether its socket is there: at the address of the browser, or at that of a proxy which takes the prefix away. */
  isSocketPath(path: string, by: 'address' | 'proxy'): boolean
  /** False for a request that is not for it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

const attached = new WeakMap<Server, Set<UpgradeTaker>>()

/**
 * Has `taker` asked for each upgrade of a server. All that are attached share one listener: if each had its own, each would leave to the
 * other what neither takes, and its socket would stay open for ever.
 */
export function attachUpgrades(server: Server, taker: UpgradeTaker): void {
  const known = attached.get(server)
  if (known !== undefined) return void known.add(taker)
  const takers = new Set([taker])
  attached.set(server, takers)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = pathOf(request)
    const all = [...takers]
    // Of two servers one may be at what the other would have without its prefix.
    const taker =
      all.find((one) => one.isSocketPath(path, 'address')) ?? all.find((one) => one.isSocketPath(path, 'proxy'))
    if (taker?.upgrade(request, socket, head) === true) return
    const ours = taker !== undefined
    const alone = server.listenerCount('upgrade') === 1
    if ((alone || ours || isHttp2(request)) && !isWebSocket(request)) serveWithoutUpgrade(server, request, socket, head)
    else if (alone) refuseUpgrade(socket, 404)
  })
}

/**
 * Serves a request as if it had not asked for another protocol, which a server is free to do. Node has ended its own reading of the
 * socket, so the request is put back without what it asked for, and the socket is given to the server once more. What follows on the
 * connection is read as ever.
 */
export function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  // An answer to a request before this one is still on its way: Node would never send the one to this, and one of ours would be taken for it.
  if ((socket as { readonly _httpMessage?: unknown })._httpMessage != null) return void socket.destroy()
  // What was cut away may have said how long the body is: that would be read as a request of its own.
  if (isCut(server, request)) return refuseUpgrade(socket, 431)
  socket.unshift(
    Buffer.concat([
      Buffer.from(
        printHead(request, (option) => !ofUpgrade.has(option)),
        'latin1',
      ),
      head,
    ]),
  )
  server.emit((socket as Partial<TLSSocket>).encrypted === true ? 'secureConnection' : 'connection', socket)
}

/** Whether a request may have had more headers than Node shows: 1,000 of them (its documentation says 2,000), unless the server says otherwise. */
function isCut({ maxHeadersCount }: Server, { rawHeaders }: IncomingMessage): boolean {
  const most = typeof maxHeadersCount === 'number' ? maxHeadersCount : 1000
  return most > 0 && rawHeaders.length >= most * 2
}

const ofUpgrade: ReadonlySet<string> = new Set(['upgrade', 'http2-settings'])

/** The head of a request as it came, but for what `keeps` refuses: headers, and options of the connection. */
export function printHead(
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  keeps: (name: string) => boolean,
): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    const value = rawHeaders[at + 1]!
    if (!keeps(name.toLowerCase())) continue
    if (name.toLowerCase() !== 'connection') lines.push(`${name}: ${value}`)
    else {
      const kept = value.split(',').filter((option) => keeps(option.trim().toLowerCase()))
      if (kept.length > 0) lines.push(`${name}: ${kept.join(',')}`)
    }
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}
