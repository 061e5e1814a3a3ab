/** The clients of Redis that quotas are counted by, known by their shape, and the options that all of them take. */
import { describe, LiveError, type LiveErrorCode } from '../../errors.ts'

/** What a quota needs of a client: of `redis`, `ioredis` or `iovalkey`. */
export type RedisCommands =
  | { readonly isReady: boolean; sendCommand(command: string[]): Promise<unknown> }
  | { readonly status: string; call(command: string, ...given: string[]): Promise<unknown> }

export interface RedisQuotaOptions {
  /** Connected by you, and never closed here. */
  readonly client: RedisCommands
  /** What its keys begin with: two applications on one server have two. @default 'liveloom:' */
  readonly prefix?: string | undefined
  /** How long what comes is gathered before Redis is told, in ms. @default 500 */
  readonly gather?: number | undefined
  /** Is told when Redis cannot be, once until it can. @default a line on the console */
  readonly onError?: ((error: unknown) => void) | undefined
}

export type Call = (...command: string[]) => Promise<unknown>

export interface QuotaSettings {
  readonly call: Call
  readonly prefix: string
  readonly gather: number
  onError(error: unknown): void
}

/** `code` and `where`: of what is thrown for a wrong option. */
export function resolveQuotaOptions(where: string, code: LiveErrorCode, options: RedisQuotaOptions): QuotaSettings {
  const fail = (message: string): never => {
    throw new LiveError(code, `${where}: ${message}`)
  }
  // oxlint-disable-next-line no-console -- There is no server here that could be told.
  const { client, prefix = 'liveloom:', gather = 500, onError = (error: unknown) => console.error(error) } = options
  if (typeof prefix !== 'string') fail(`prefix must be a text, got ${describe(prefix)}`)
  if (typeof gather !== 'number' || !(gather >= 0 && gather <= 60_000))
    fail(`gather must be from 0 to 60000 ms, got ${describe(gather)}`)
  if (typeof onError !== 'function') fail(`onError must be a function, got ${describe(onError)}`)
  const call = toCall(client) ?? fail(`expected a client of redis, ioredis or iovalkey, got ${describe(client)}`)
  return { call, prefix, gather, onError }
}

function toCall(client: unknown): Call | undefined {
  const given = (client ?? {}) as Partial<Record<'isReady' | 'status' | 'sendCommand' | 'call', unknown>>
  if (typeof given.isReady === 'boolean' && typeof given.sendCommand === 'function')
    return (...command) => (client as { sendCommand(command: string[]): Promise<unknown> }).sendCommand(command)
  if (typeof given.status === 'string' && typeof given.call === 'function')
    return (name, ...rest) =>
      (client as { call(command: string, ...given: string[]): Promise<unknown> }).call(name!, ...rest)
  return undefined
}
