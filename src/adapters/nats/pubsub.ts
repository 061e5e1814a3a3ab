import { describe } from '../../errors.ts'
import type { EngineDriver, EngineEvents } from '../../pubsub/driver.ts'
import { Engine, type EnginePubSub } from '../../pubsub/engine.ts'
import { type EngineOptions, pubSubOptions, resolveEngineOptions } from '../../pubsub/engine-options.ts'
import { startTimer } from '../node/timer.ts'
import { subjectOf } from './subject.ts'

/** A connection of `@nats-io/transport-node`, as far as it is used. */
export interface NatsConnection {
  readonly info?: { readonly max_payload: number } | undefined
  isClosed(): boolean
  publish(subject: string, payload: string): void
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: { string(): string }) => void },
  ): { unsubscribe(): void }
  flush(): Promise<void>
  status(): AsyncIterable<{ readonly type: string }>
}

/** What `createNatsPubSub` takes. */
export interface NatsPubSubOptions extends EngineOptions {
  /**
   * A connection of `@nats-io/transport-node` 3, made by you and never closed here. Have it come back however long that takes:
   * `connect({ servers, maxReconnectAttempts: -1 })`.
   */
  readonly connection: NatsConnection
  /** What the subjects begin with, one or more words: two applications on one server have two. @default 'liveloom' */
  readonly prefix?: string | undefined
}

/** What a server of NATS takes, unless it says otherwise. */
const maxPayload = 1024 * 1024

/**
 * Messages between the views of many processes by way of NATS, without JetStream: it keeps nothing. Whoever is not there misses it, and is
 * told so when it is back (`handleGap`).
 *
 * @throws {LiveError} `ERR_PUBSUB_OPTIONS` for a wrong option, and for a connection of another shape.
 * @example
 * import { createLiveServer } from 'liveloom'
 * import { createNatsPubSub, type NatsConnection } from 'liveloom/pubsub-nats'
 *
 * export const serverOn = (connection: NatsConnection) =>
 *   createLiveServer({ routes: {}, pubsub: createNatsPubSub({ connection }) })
 */
export function createNatsPubSub(options: NatsPubSubOptions): EnginePubSub {
  const where = 'createNatsPubSub'
  const settings = resolveEngineOptions(where, options, ['connection', 'prefix'])
  const { connection, prefix = 'liveloom' } = options
  if (!isConnection(connection)) {
    throw pubSubOptions(where, `connection: expected one of @nats-io/transport-node 3, got ${describe(connection)}`)
  }
  if (typeof prefix !== 'string' || !/^[\w-]+(?:\.[\w-]+)*$/.test(prefix) || prefix.length > 100) {
    throw pubSubOptions(where, `prefix must be words like 'liveloom' or 'shop.live', got ${describe(prefix)}`)
  }
  return new Engine(new NatsDriver(connection, prefix), settings)
}

function isConnection(given: unknown): given is NatsConnection {
  const methods = ['isClosed', 'publish', 'subscribe', 'flush', 'status'] satisfies (keyof NatsConnection)[]
  const connection = given as Partial<NatsConnection> | null | undefined
  return typeof connection === 'object' && methods.every((method) => typeof connection?.[method] === 'function')
}

class NatsDriver implements EngineDriver {
  readonly name = 'NATS'
  readonly #connection: NatsConnection
  readonly #prefix: string
  readonly #subscriptions = new Map<string, { unsubscribe(): void }>()
  #events: EngineEvents | undefined
  #statuses: AsyncIterable<{ readonly type: string }> | undefined
  #flushing: Promise<void> | undefined

  constructor(connection: NatsConnection, prefix: string) {
    this.#connection = connection
    this.#prefix = prefix
  }

  maxPayload(): number {
    return this.#connection.info?.max_payload ?? maxPayload
  }

  start(events: EngineEvents): void {
    this.#events = events
    this.#stands(!this.#connection.isClosed())
    if (this.#connection.isClosed()) return
    this.#statuses = this.#connection.status()
    void this.#follow(this.#statuses)
  }

  async send(topic: string, payload: string): Promise<void> {
    this.#connection.publish(subjectOf(this.#prefix, topic), payload)
    await this.#flushed()
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      // One that was interrupted the client has brought back by itself.
      if (this.#subscriptions.has(topic)) continue
      const callback = (error: Error | null, message: { string(): string }): void => {
        if (error === null) this.#events?.receive(message.string())
        else this.#events?.failed(error)
      }
      this.#subscriptions.set(topic, this.#connection.subscribe(subjectOf(this.#prefix, topic), { callback }))
    }
    await this.#flushed()
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      this.#subscriptions.get(topic)?.unsubscribe()
      this.#subscriptions.delete(topic)
    }
  }

  /** A payload that the server has no room for. */
  refused(error: unknown): boolean {
    return error instanceof Error && /max_payload/.test(error.message)
  }

  startTimer(ms: number, fire: () => void): { cancel(): void } {
    return startTimer(ms, fire)
  }

  async close(): Promise<void> {
    this.#events = undefined
    const statuses = this.#statuses as { stop?(): void } | undefined
    statuses?.stop?.()
    if (!this.#connection.isClosed()) await this.unsubscribe([...this.#subscriptions.keys()])
  }

  #stands(able: boolean): void {
    this.#events?.sends(able)
    this.#events?.hears(able)
  }

  async #follow(statuses: AsyncIterable<{ readonly type: string }>): Promise<void> {
    for await (const { type } of statuses) {
      if (type === 'disconnect' || type === 'close') this.#stands(false)
      else if (type === 'reconnect') this.#stands(true)
    }
    this.#stands(false)
  }

  /** The server answers behind what it was told before; what is told in one go is answered at once. */
  #flushed(): Promise<void> {
    this.#flushing ??= Promise.resolve().then(() => {
      this.#flushing = undefined
      return this.#connection.flush()
    })
    return this.#flushing
  }
}
