import { describe } from '../../errors.ts'
import type { EngineDriver, EngineEvents } from '../../pubsub/driver.ts'
import { Engine, type EnginePubSub } from '../../pubsub/engine.ts'
import { type EngineOptions, pubSubOptions, resolveEngineOptions } from '../../pubsub/engine-options.ts'
import { startTimer } from '../node/timer.ts'
import { type PostgresClient, type PostgresLine, toLine } from './lines.ts'
import { maxPayload, Parts, toParts } from './parts.ts'
import { Statements } from './statements.ts'

/** What `createPostgresPubSub` takes. */
export interface PostgresPubSubOptions extends EngineOptions {
  /**
   * A `Pool` of `pg`, of which one connection is taken, or what `postgres()` of the package `postgres` gives. Made by you, and never closed here.
   * It must lead to the server itself, or to a pooler of sessions: one of transactions (PgBouncer's) cannot listen.
   */
  readonly client: PostgresClient
  /** What is listened to: two applications on one database have two. 63 bytes at most. @default 'liveloom' */
  readonly channel?: string | undefined
}

/**
 * Messages between the views of many processes by way of Postgres: `LISTEN` and `NOTIFY`, without a table. It keeps nothing. Whoever is not
 * there misses it, and is told so when it is back (`handleGap`). Every process is sent all messages of all topics.
 *
 * @throws {LiveError} `ERR_PUBSUB_OPTIONS` for a wrong option, and for a client of another shape.
 * @example
 * import { createLiveServer } from 'liveloom'
 * import { createPostgresPubSub, type PostgresClient } from 'liveloom/pubsub-postgres'
 *
 * export const serverOn = (client: PostgresClient) =>
 *   createLiveServer({ routes: {}, pubsub: createPostgresPubSub({ client }) })
 */
export function createPostgresPubSub(options: PostgresPubSubOptions): EnginePubSub {
  const where = 'createPostgresPubSub'
  const settings = resolveEngineOptions(where, options, ['client', 'channel'])
  const { client, channel = 'liveloom' } = options
  if (typeof channel !== 'string' || channel === '' || channel.includes('\0') || Buffer.byteLength(channel) > 63) {
    throw pubSubOptions(where, `channel must be a name of 63 bytes at most, got ${describe(channel)}`)
  }
  return new Engine(new PostgresDriver(toLine(where, client, channel), channel), settings)
}

class PostgresDriver implements EngineDriver {
  readonly name = 'Postgres'
  readonly #line: PostgresLine
  readonly #statements: Statements
  readonly #parts = new Parts()
  #events: EngineEvents | undefined
  /** Payloads that were sent in parts. */
  #split = 0

  constructor(line: PostgresLine, channel: string) {
    this.#line = line
    this.#statements = new Statements(channel, (text, values) => line.run(text, values))
  }

  maxPayload(): number {
    return maxPayload
  }

  start(events: EngineEvents): void {
    this.#events = events
    this.#line.start({
      receive: (part) => {
        const payload = this.#parts.add(part)
        if (payload !== undefined) this.#events?.receive(payload)
      },
      sends: (able) => this.#events?.sends(able),
      hears: (able) => {
        this.#parts.clear()
        this.#events?.hears(able)
      },
      failed: (error) => this.#events?.failed(error),
    })
  }

  send(_topic: string, payload: string): Promise<void> {
    return this.#statements.notify(toParts(String(++this.#split), payload))
  }

  /** All of them come by the one channel. */
  async subscribe(): Promise<void> {}
  async unsubscribe(): Promise<void> {}

  /** The server has answered, and not that it is leaving, coming or full. */
  refused(error: unknown): boolean {
    const { code } = (error ?? {}) as { readonly code?: unknown }
    if (typeof code !== 'string' || !/^(?=.*\d)[\dA-Z]{5}$/.test(code)) return false
    return !/^(?:08|40|53|57)/.test(code)
  }

  startTimer(ms: number, fire: () => void): { cancel(): void } {
    return startTimer(ms, fire)
  }

  close(): Promise<void> {
    this.#events = undefined
    return this.#line.close()
  }
}
