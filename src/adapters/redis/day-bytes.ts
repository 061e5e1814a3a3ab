import { describe, LiveError } from '../../errors.ts'
import type { DayBytes, Received } from '../../upload/day-bytes.ts'
import { startTimer } from '../node/timer.ts'
import { settlesWithin } from '../node/within.ts'

/** What `createRedisDayBytes` needs of a client: of `redis`, `ioredis` or `iovalkey`. */
export type RedisCommands =
  | { readonly isReady: boolean; sendCommand(command: string[]): Promise<unknown> }
  | { readonly status: string; call(command: string, ...given: string[]): Promise<unknown> }

export interface RedisDayBytesOptions {
  /** Connected by you, and never closed here. */
  readonly client: RedisCommands
  /** What its keys begin with: two applications on one server have two. @default 'liveloom:' */
  readonly prefix?: string | undefined
  /** How long what comes is gathered before Redis is told, in ms. @default 500 */
  readonly gather?: number | undefined
  /** Is told when Redis cannot be, once until it can. @default a line on the console */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A {@link DayBytes} that many processes share. */
export interface RedisDayBytes extends DayBytes {
  /** Tells Redis what is left to tell, unless it is away. Call it when your server is closed. */
  close(): Promise<void>
}

type Call = (...command: string[]) => Promise<unknown>

const hour = 60 * 60 * 1000
const hours = 24
/** What Redis is not told of while it is away. */
const mostVisitors = 100_000
/** How long an answer is waited for, in ms: a client may keep what it is asked until its server is back. */
const patience = 1000

/**
 * Counts in Redis or Valkey what visitors send, so that `uploads.maxReceived` holds over all processes: for the option `uploads.received` of
 * `createLiveServer`. The hours are those of the clock. While Redis is away nobody is kept from sending, and what has come is told later.
 *
 * @throws {LiveError} `ERR_UPLOAD_OPTIONS` for a wrong option, and for a client of another shape.
 * @example
 * import { createLiveServer } from 'liveloom'
 * import { createRedisDayBytes, type RedisCommands } from 'liveloom/quotas-redis'
 *
 * export const serverOn = (client: RedisCommands) =>
 *   createLiveServer({ routes: {}, uploads: { received: createRedisDayBytes({ client }) } })
 */
export function createRedisDayBytes(options: RedisDayBytesOptions): RedisDayBytes {
  const { call, prefix, gather, onError } = readOptions(options)
  const pending = new Map<string, number>()
  let timer: { cancel(): void } | undefined
  let isAway = false
  /** Questions that are not waited for any more. */
  let overdue = 0
  let telling: Promise<void> = Promise.resolve()
  const hourNow = (): number => Math.floor(Date.now() / hour)
  // In braces: on a cluster all keys of a visitor are at one server.
  const keyOf = (visitorId: string, at: number): string => `${prefix}received:{${visitorId}}:${at}`
  const add = (visitorId: string, bytes: number): void => {
    if (pending.size < mostVisitors || pending.has(visitorId))
      pending.set(visitorId, (pending.get(visitorId) ?? 0) + bytes)
    timer ??= startTimer(gather, () => void tell())
  }
  const tellOne = async (visitorId: string, bytes: number): Promise<void> => {
    const key = keyOf(visitorId, hourNow())
    await call('INCRBY', key, String(bytes))
    pending.set(visitorId, (pending.get(visitorId) ?? 0) - bytes)
    if (pending.get(visitorId) === 0) pending.delete(visitorId)
    await call('PEXPIRE', key, String((hours + 1) * hour))
  }
  /** One after the other: what was told must not be told twice. */
  const tell = (): Promise<void> => {
    timer?.cancel()
    timer = undefined
    telling = telling.then(async () => {
      const told = await Promise.allSettled([...pending].map(([visitorId, bytes]) => tellOne(visitorId, bytes)))
      const failed = told.find((one) => one.status === 'rejected')
      if (failed !== undefined && !isAway) onError(failed.reason)
      isAway = failed !== undefined
      if (pending.size > 0) timer ??= startTimer(gather, () => void tell())
    })
    return telling
  }
  const ask = async (keys: readonly string[]): Promise<readonly (string | null)[]> => {
    const silent = (): Error => new Error(`createRedisDayBytes: Redis has not answered within ${patience} ms`)
    // The next would wait behind it.
    if (overdue > 0) throw silent()
    const answer = call('MGET', ...keys)
    if (await settlesWithin(answer, patience)) return (await answer) as readonly (string | null)[]
    overdue++
    const over = (): void => void overdue--
    answer.then(over, over)
    throw silent()
  }
  const of = async (visitorId: string): Promise<Received> => {
    const now = hourNow()
    const keys = Array.from({ length: hours }, (_, at) => keyOf(visitorId, now - hours + 1 + at))
    const sent = (await ask(keys)).map((bytes) => Number(bytes ?? 0))
    // What Redis has not heard of.
    sent[hours - 1]! += pending.get(visitorId) ?? 0
    const oldest = sent.findIndex((bytes) => bytes > 0)
    if (oldest < 0) return { bytes: 0, resetsIn: 0 }
    return { bytes: sent.reduce((sum, bytes) => sum + bytes, 0), resetsIn: (now + oldest + 1) * hour - Date.now() }
  }
  const close = async (): Promise<void> => {
    await settlesWithin(tell(), patience)
    timer?.cancel()
  }
  return { add, of, close }
}

function readOptions(options: RedisDayBytesOptions): {
  readonly call: Call
  readonly prefix: string
  readonly gather: number
  onError(error: unknown): void
} {
  const fail = (message: string): never => {
    throw new LiveError('ERR_UPLOAD_OPTIONS', `createRedisDayBytes: ${message}`)
  }
  const { client, prefix = 'liveloom:', gather = 500, onError = (error: unknown) => console.error(error) } = options
  if (typeof prefix !== 'string') fail(`prefix must be a text, got ${describe(prefix)}`)
  if (typeof gather !== 'number' || !(gather >= 0 && gather <= 60_000))
    fail(`gather must be from 0 to 60000 ms, got ${describe(gather)}`)
  if (typeof onError !== 'function') fail(`onError must be a function, got ${describe(onError)}`)
  const known = toCall(client) ?? fail(`expected a client of redis, ioredis or iovalkey, got ${describe(client)}`)
  return { call: known, prefix, gather, onError }
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
