/**
 * The address of a request. Its path and query come from the request line alone, and its host only says where that is: whatever a
 * client writes into a header, the path that a middleware saw is the one that is routed.
 */

/** What a request says of its address. */
export interface AddressClaim {
  /** The target of the request line: `/path?query`. */
  readonly target: string
  /** `name`, `name:port`, `[v6]` or `[v6]:port`. */
  readonly host: string
  readonly protocol: string
}

/** A proxy may name the protocol of a socket. It is that of its page. */
const protocols: Readonly<Record<string, string>> = { http: 'http', https: 'https', ws: 'http', wss: 'https' }

const longestHost = 255
const hostPattern = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/** What the URL parser would leave out, or make something else of: blanks, control characters, a fragment, `\`. */
const rewritten = /[\0-\x20\x7f#\\]/
/** `.` and `..` between slashes, also encoded: the parser would take them, and what stands before, away. */
const dotSegment = /\/(?:\.|%2e){1,2}(?:\/|$)/i

/**
 * The whole address; `undefined` when it is none that can be told for certain. A target that is an address of its own
 * (`GET http://…`), `*`, or a path that the URL parser would read as another is none.
 */
export function addressOf({ target, host, protocol }: AddressClaim): string | undefined {
  const scheme = Object.hasOwn(protocols, protocol.toLowerCase()) ? protocols[protocol.toLowerCase()]! : undefined
  if (scheme === undefined || !isTarget(target) || !isHost(host)) return undefined
  // The authority of a URL ends at its first slash, so that nothing of the target becomes a part of it.
  const address = `${scheme}://${host}${target}`
  return URL.canParse(address) ? address : undefined
}

function isTarget(target: string): boolean {
  if (!target.startsWith('/') || rewritten.test(target)) return false
  const query = target.indexOf('?')
  return !dotSegment.test(query === -1 ? target : target.slice(0, query))
}

/** The last one that was a host: most requests are for that of the one before. */
let lastHost = 'localhost'

function isHost(host: string): boolean {
  if (host === lastHost) return true
  const found = isHostName(host)
  if (found) lastHost = host
  return found
}

function isHostName(host: string): boolean {
  if (host.length > longestHost || !hostPattern.test(host) || !URL.canParse(`http://${host}`)) return false
  // The parser makes an IPv4 address of `127.1` and of `0x7f000001`. A browser has done so before it asks.
  const { hostname } = new URL(`http://${host}`)
  return hostname.startsWith('[') || hostname === host.replace(/:\d+$/, '').toLowerCase()
}

/**
 * What the `n`th proxy from the server wrote into a list like `X-Forwarded-Host`: each adds its value to the right, and what stands
 * further left is the client's own word. Of fewer values the leftmost: a proxy may replace the list instead of adding to it.
 */
export function forwardedValue(list: string | null | undefined, n: number): string | undefined {
  if (list === null || list === undefined || list.trim() === '') return undefined
  const values = list.split(',')
  return values[Math.max(0, values.length - n)]!.trim()
}
