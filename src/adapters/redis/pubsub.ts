import { describe } from '../../errors.ts'
import { Engine, type EnginePubSub } from '../../pubsub/engine.ts'
import { type EngineOptions, pubSubOptions, resolveEngineOptions } from '../../pubsub/engine-options.ts'
import type { EngineDriver, EngineEvents } from '../../pubsub/driver.ts'
import { startTimer } from '../node/timer.ts'
import { type RedisClient, type RedisLine, toLine } from './lines.ts'

/** What `createRedisPubSub` takes. */
export interface RedisPubSubOptions extends EngineOptions {
  /** A client of `redis` (5 or newer), `ioredis` or `iovalkey`, connected by you. It publishes, and is never closed here. */
  readonly client: RedisClient
  /**
   * A connection for subscriptions alone: of the same package, connected by you, and never closed here. @default a `duplicate()` of `client`,
   * which `close` closes
   */
  readonly subscriber?: RedisClient | undefined
  /** What the channels begin with: two applications on one server have two. @default 'liveloom:' */
  readonly prefix?: string | undefined
}

/** What Redis takes as one text, unless it was told otherwise. */
const maxPayload = 512 * 1024 * 1024

/**
 * Messages between the views of many processes by way of Redis or Valkey. Its `PUBLISH` keeps nothing: whoever is not there misses it, and is
 * told so when it is back (`handleGap`).
 *
 * @throws {LiveError} `ERR_PUBSUB_OPTIONS` for a wrong option, and for a client of another shape.
 * @example
 * import { createLiveServer } from 'liveloom'
 * import { createRedisPubSub, type RedisClient } from 'liveloom/pubsub-redis'
 *
 * export const serverOn = (client: RedisClient) =>
 *   createLiveServer({ routes: {}, pubsub: createRedisPubSub({ client }) })
 */
export function createRedisPubSub(options: RedisPubSubOptions): EnginePubSub {
  const where = 'createRedisPubSub'
  const settings = resolveEngineOptions(where, options, ['client', 'subscriber', 'prefix'])
  const { client, subscriber, prefix = 'liveloom:' } = options
  if (typeof prefix !== 'string') throw pubSubOptions(where, `prefix must be a text, got ${describe(prefix)}`)
  if (subscriber !== undefined && subscriber === client) {
    throw pubSubOptions(
      where,
      'subscriber must be another connection than client: one that subscribes does nothing else',
    )
  }
  return new Engine(new RedisDriver(where, client, subscriber, prefix), settings)
}

class RedisDriver implements EngineDriver {
  readonly name = 'Redis'
  readonly #sender: RedisLine
  readonly #given: RedisLine | undefined
  readonly #prefix: string
  #hearer: RedisLine | undefined
  #events: EngineEvents | undefined
  readonly #channels = new Set<string>()

  constructor(where: string, client: RedisClient, subscriber: RedisClient | undefined, prefix: string) {
    const hear = (payload: string): void => this.#events?.receive(payload)
    this.#sender = toLine(`${where}: client`, client, hear)
    this.#given = subscriber === undefined ? undefined : toLine(`${where}: subscriber`, subscriber, hear)
    this.#prefix = prefix
  }

  maxPayload(): number {
    return maxPayload
  }

  start(events: EngineEvents): void {
    this.#events = events
    this.#hearer = this.#given ?? this.#sender.duplicate((error) => events.failed(error))
    this.#sender.watch((able) => events.sends(able))
    this.#hearer.watch((able) => events.hears(able))
  }

  async send(topic: string, payload: string): Promise<void> {
    await this.#sender.publish(this.#channelOf(topic), payload)
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    const channels = topics.map((topic) => this.#channelOf(topic))
    for (const channel of channels) this.#channels.add(channel)
    await this.#hearer!.subscribe(channels)
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    const channels = topics.map((topic) => this.#channelOf(topic))
    for (const channel of channels) this.#channels.delete(channel)
    await this.#hearer!.unsubscribe(channels)
  }

  /** A channel is UTF-8, which has nothing for half a character. */
  #channelOf(topic: string): string {
    return this.#prefix + (/^"|\p{Surrogate}/u.test(topic) ? JSON.stringify(topic) : topic)
  }

  /** Its answers begin with a word for machines; these say to come later. */
  refused(error: unknown): boolean {
    const message = error instanceof Error ? error.message : ''
    return /^[A-Z]+ /.test(message) && !/^(?:LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN) /.test(message)
  }

  startTimer(ms: number, fire: () => void): { cancel(): void } {
    return startTimer(ms, fire)
  }

  async close(): Promise<void> {
    this.#events = undefined
    const left = [...this.#channels]
    // The subscriber that was given stays, and hears no more of this. When it is away, it has nothing to be told.
    if (this.#given !== undefined && left.length > 0) await this.#given.unsubscribe(left).catch(() => {})
    this.#hearer!.leave()
    this.#sender.leave()
  }
}
