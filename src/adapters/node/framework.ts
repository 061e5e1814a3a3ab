/** What the doors of the frameworks have in common. */
import { describe, LiveError } from '../../errors.ts'
import type { SessionData } from '../../live/definitions.ts'
import type { LiveResponse } from '../../server/http.ts'
import type { LiveServer } from '../../server/live-server.ts'
import type { HandlerOptions } from './handler.ts'

/** What the door of a framework takes beside the server. `Source`: its own kind of request. */
export interface FrameworkOptions<Source> extends Omit<HandlerOptions, 'trustProxy'> {
  /**
   * The session's data, of the request as the framework has it: with the session and the login of the application, where what makes them
   * stands before the views. Asked for each page, and for each socket.
   *
   * @default the `session` of `createLiveServer`, else that of the signed cookie
   */
  readonly session?: ((request: Source) => SessionData | Promise<SessionData>) | undefined
}

/**
 * The server, with sessions of the framework.
 *
 * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option.
 */
export function withSessions<Source>(
  live: LiveServer,
  options: FrameworkOptions<Source>,
  known: readonly string[] = [],
): LiveServer {
  const all = ['development', 'fsync', 'session', ...known]
  for (const name of Object.keys(options)) {
    if (!all.includes(name)) throw wrong(`unknown option '${name}'; known are ${all.join(', ')}`)
  }
  const { session } = options
  if (session === undefined) return live
  if (typeof session !== 'function') throw wrong(`session must be a function, got ${describe(session)}`)
  // The adapter of the same framework made the request.
  return { ...live, settings: { ...live.settings, session: ({ source }) => session(source as Source) } }
}

function wrong(message: string): LiveError {
  return new LiveError('ERR_SERVER_OPTIONS', `liveloom: ${message}`)
}

/** The headers of a response for a framework to send; what it has set already stands before the defaults. */
export function headersOf(
  { headers, defaultHeaders = {} }: LiveResponse,
  isSet: (name: string) => boolean,
): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(defaultHeaders)) if (!isSet(name)) all[name] = value
  for (const [name, value] of Object.entries(headers)) all[name] = typeof value === 'string' ? value : [...value]
  return all
}
