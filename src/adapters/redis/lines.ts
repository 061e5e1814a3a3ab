/** The clients of Redis, by their shape: what a `PubSub` needs of them, said in one way. */
import { describe } from '../../errors.ts'
import { pubSubOptions } from '../../pubsub/engine-options.ts'

type Listener = (...given: unknown[]) => void

interface Emitter {
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
}

/** A client of the package `redis`. */
export interface NodeRedisClient extends Emitter {
  readonly isReady: boolean
  publish(channel: string, message: string): Promise<unknown>
  subscribe(channels: string[], listener: (message: string) => void): Promise<unknown>
  unsubscribe(channels: string[], listener: (message: string) => void): Promise<unknown>
  duplicate(): NodeRedisClient
  connect(): Promise<unknown>
  destroy(): void
}

/** A client of the packages `ioredis` and `iovalkey`. */
export interface IoRedisClient extends Emitter {
  readonly status: string
  publish(channel: string, message: string): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  unsubscribe(...channels: string[]): Promise<unknown>
  duplicate(options?: { readonly autoResubscribe: boolean }): IoRedisClient
  disconnect(): void
}

export type RedisClient = NodeRedisClient | IoRedisClient

/** A connection. */
export interface RedisLine {
  publish(channel: string, payload: string): Promise<unknown>
  subscribe(channels: readonly string[]): Promise<unknown>
  unsubscribe(channels: readonly string[]): Promise<unknown>
  /** Tells whether it stands, once that is known and whenever it changes. Called once. */
  watch(stands: (able: boolean) => void): void
  /** Another one to the same place, which is ours: with all that goes wrong told to `failed`. Not before that is it connected. */
  duplicate(failed: (error: unknown) => void): RedisLine
  /** Forgets the client. One that is ours is closed. */
  leave(): void
}

/** @param hear Called with what comes on the channels that the line is subscribed to. */
export function toLine(where: string, client: unknown, hear: (payload: string) => void): RedisLine {
  if (isNodeRedis(client)) return nodeRedisLine(client, hear)
  if (isIoRedis(client)) return ioRedisLine(client, hear)
  throw pubSubOptions(where, `expected a client of redis, ioredis or iovalkey, got ${describe(client)}`)
}

function isNodeRedis(client: unknown): client is NodeRedisClient {
  const given = client as Partial<NodeRedisClient> | null | undefined
  return typeof given?.isReady === 'boolean' && has(given, 'publish', 'subscribe', 'duplicate', 'connect', 'on')
}

function isIoRedis(client: unknown): client is IoRedisClient {
  const given = client as (Partial<IoRedisClient> & { readonly isCluster?: unknown }) | null | undefined
  if (typeof given?.status !== 'string' || given.isCluster === true) return false
  return has(given, 'publish', 'subscribe', 'duplicate', 'disconnect', 'on')
}

function has(given: object, ...methods: readonly string[]): boolean {
  return methods.every((method) => typeof (given as Record<string, unknown>)[method] === 'function')
}

function nodeRedisLine(client: NodeRedisClient, hear: (payload: string) => void, ours = false): RedisLine {
  const listeners = new Listeners(client)
  // The client keeps a set of listeners: this one is one.
  const receive = (message: string): void => hear(message)
  return {
    publish: (channel, payload) => client.publish(channel, payload),
    subscribe: (channels) => client.subscribe([...channels], receive),
    unsubscribe: (channels) => client.unsubscribe([...channels], receive),
    watch: (stands) => {
      let told: boolean | undefined
      const look = (): void => {
        if (told !== client.isReady) stands((told = client.isReady))
      }
      if (client.isReady) look()
      for (const event of ['ready', 'error', 'reconnecting', 'end']) listeners.on(event, look)
    },
    duplicate: (failed) => {
      const made = client.duplicate()
      tellFirst(made, failed)
      // Told by the event before.
      made.connect().catch(() => {})
      return nodeRedisLine(made, hear, true)
    },
    leave: () => {
      listeners.end()
      if (ours) client.destroy()
    },
  }
}

function ioRedisLine(client: IoRedisClient, hear: (payload: string) => void, ours = false): RedisLine {
  const listeners = new Listeners(client)
  const channels = new Set<string>()
  listeners.on('message', (channel, payload) => {
    // The connection may be the application's, with channels of its own.
    if (channels.has(channel as string)) hear(payload as string)
  })
  return {
    publish: (channel, payload) => client.publish(channel, payload),
    subscribe: (added) => {
      for (const channel of added) channels.add(channel)
      return client.subscribe(...added)
    },
    unsubscribe: (left) => {
      for (const channel of left) channels.delete(channel)
      return client.unsubscribe(...left)
    },
    watch: (stands) => {
      if (client.status === 'ready') stands(true)
      listeners.on('ready', () => stands(true))
      for (const event of ['close', 'end']) listeners.on(event, () => stands(false))
    },
    duplicate: (failed) => {
      // What it would ask for by itself nobody awaits: an answer that fails would end the process.
      const made = client.duplicate({ autoResubscribe: false })
      tellFirst(made, failed)
      return ioRedisLine(made, hear, true)
    },
    leave: () => {
      listeners.end()
      if (ours) client.disconnect()
    },
  }
}

/** A client that does not come through says so at every attempt. */
function tellFirst(client: Emitter, failed: (error: unknown) => void): void {
  let told = false
  client.on('error', (error) => {
    if (!told) failed(error)
    told = true
  })
  client.on('ready', () => (told = false))
}

/** What we listen to at a client that is somebody else's. */
class Listeners {
  readonly #emitter: Emitter
  readonly #listeners: (readonly [event: string, listener: Listener])[] = []

  constructor(emitter: Emitter) {
    this.#emitter = emitter
  }

  on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener])
    this.#emitter.on(event, listener)
  }

  end(): void {
    for (const [event, listener] of this.#listeners) this.#emitter.off(event, listener)
  }
}
