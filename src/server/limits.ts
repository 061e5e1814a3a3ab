/** What a client may make a server hold, compute and keep open: each limit by name, with its default. */
import { describe, type LiveError } from '../errors.ts'
import { frameLimitDefaults } from '../protocol/frame-limits.ts'

/** What one client may make the server do. Every limit is finite. */
export interface ServerLimits {
  /** Bytes of one frame; a larger one closes the connection (1009). @default 2097152 (2 MiB) */
  readonly maxMessageSize: number
  /** Bytes of one text frame: whatever is no chunk of a file. A larger one closes the connection (1009). @default 1048576 (1 MiB) */
  readonly maxTextSize: number
  /** JSON values in one text frame; more close the connection (1009). @default 100000 */
  readonly maxFrameValues: number
  /**
   * What the page's own script may pass along when it joins a view, `socket.connectParams`: bytes that the server holds of it, some
   * more than it has as JSON. A join with more is refused, and its page shows the error page for 413. @default 65536 (64 KiB)
   */
  readonly maxJoinParams: number
  /** Bytes that wait for a client that does not read; more close the connection. @default 16777216 (16 MiB) */
  readonly maxUnsentBytes: number
  /** How long those bytes may stand still, in ms. @default 30000 */
  readonly unsentTimeout: number
  /**
   * Bytes of one connection that its client has sent and that wait for a view or a writer, or are worked on; past it nothing more is
   * read of the connection until half of them are through. @default 16777216 (16 MiB)
   */
  readonly maxPendingBytes: number
  /** How long a connection may stand still for that, in ms, before it is closed (1008). @default 20000 */
  readonly pendingTimeout: number
  /**
   * Bytes of all connections together, of both kinds: sent and not handled, and unsent. Past it, each connection that holds more than
   * 64 KiB waits, and one whose client does not read is cut. @default 268435456 (256 MiB)
   */
  readonly maxProcessBytes: number
  /**
   * Frames that one connection may send at once, pings included; more are read at `maxFrameRate`. A large frame counts once more for
   * each 2 KiB, and a chunk of an upload that is whole, and comes when the last one is written, not at all. @default 5000
   */
  readonly maxFrameBurst: number
  /** Frames a second that one connection may go on sending; a faster client is read more slowly. @default 1000 */
  readonly maxFrameRate: number
  /** Infos that wait for one view; more end it. @default 1000 */
  readonly maxMailbox: number
  /** Views of one connection; more stay empty, with the class `phx-error`. @default 500 */
  readonly maxTopics: number
  /** Joins of views a minute on one connection; more close it (1008). @default 1500 */
  readonly maxJoins: number
  /**
   * Views that one visitor joins a minute, on all connections together, in steps of ten seconds. More, and new sockets are refused (429) until
   * there is room; see the option `joins`. @default 3000
   */
  readonly maxVisitorJoins: number
  /** Upload channels of one connection. @default 1000 */
  readonly maxUploadChannels: number
  /** Joins of uploads a minute on one connection; more are read more slowly. @default 3000 */
  readonly maxUploadJoins: number
  /** Connections of the process, long-poll sessions included; more are refused (503) until some end. @default 20000 */
  readonly maxConnections: number
  /** Long-poll sessions of the process; more are refused until some end. @default 10000 */
  readonly maxLongPolls: number
  /** Pages whose connection is lost and whose views are kept, 20 of one visitor at most; the oldest end first. @default 10000 */
  readonly maxParked: number
  /** First pages whose views wait to be adopted, 20 of one visitor at most; the oldest end first. @default 1000 */
  readonly maxAdoptable: number
  /** Connection without a frame of the client, in ms; the client sends a heartbeat every 30 s. @default 60000 */
  readonly idleTimeout: number
  /** How long deciding on a new socket may take, in ms: your `session`. Past it the socket is refused (503). @default 10000 */
  readonly upgradeTimeout: number
  /** Bytes of a form that is submitted over HTTP, to `post` of the server; more are answered 413. @default 1048576 (1 MiB) */
  readonly maxPostSize: number
  /** Fields of one form; also the groups and lists that their names make. @default 10000 */
  readonly maxFormFields: number
  /** Brackets in the name of a field. @default 32 */
  readonly maxFormNesting: number
}

export const limitDefaults: ServerLimits = {
  maxMessageSize: 2 * 1024 * 1024,
  ...frameLimitDefaults,
  maxJoinParams: 64 * 1024,
  maxUnsentBytes: 16 * 1024 * 1024,
  unsentTimeout: 30_000,
  maxPendingBytes: 16 * 1024 * 1024,
  pendingTimeout: 20_000,
  maxProcessBytes: 256 * 1024 * 1024,
  maxFrameBurst: 5000,
  maxFrameRate: 1000,
  maxMailbox: 1000,
  maxTopics: 500,
  maxJoins: 1500,
  maxVisitorJoins: 3000,
  maxUploadChannels: 1000,
  maxUploadJoins: 3000,
  maxConnections: 20_000,
  maxLongPolls: 10_000,
  maxParked: 10_000,
  maxAdoptable: 1000,
  idleTimeout: 60_000,
  upgradeTimeout: 10_000,
  maxPostSize: 1024 * 1024,
  maxFormFields: 10_000,
  maxFormNesting: 32,
}

/** `fail` throws, and says whose option it was. */
export function resolveLimits(given: Partial<ServerLimits>, fail: (message: string) => LiveError): ServerLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(limitDefaults, name))
      throw fail(`unknown limit '${name}'; known are ${Object.keys(limitDefaults).join(', ')}`)
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      throw fail(`limits.${name} must be a positive integer, got ${describe(value)}`)
    }
  }
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...limitDefaults, ...present }
}
