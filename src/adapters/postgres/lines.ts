/** The clients of Postgres, by their shape: what a `PubSub` needs of them, said in one way. */
import { describe } from '../../errors.ts'
import { pubSubOptions } from '../../pubsub/engine-options.ts'
import { startTimer } from '../node/timer.ts'

type Listener = (...given: unknown[]) => void

/** A pool of the package `pg`. */
export interface PgPool {
  readonly totalCount: number
  connect(): Promise<PgPoolClient>
}

export interface PgPoolClient {
  query(text: string, values?: unknown[]): Promise<unknown>
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
  release(destroy?: boolean): void
}

/** What `postgres()` of the package `postgres` gives. */
export interface PostgresSql {
  unsafe(text: string, values?: string[]): PromiseLike<unknown>
  listen(
    channel: string,
    receive: (payload: string) => void,
    listens?: () => void,
  ): Promise<{ unlisten(): Promise<unknown> }>
}

export type PostgresClient = PgPool | PostgresSql

export interface PostgresEvents {
  receive(payload: string): void
  /** Whether statements can reach the server. */
  sends(able: boolean): void
  /** Whether the channel is listened to; `true` again: it was not for a while. */
  hears(able: boolean): void
  failed(error: unknown): void
}

/** A way to the server that listens to one channel. */
export interface PostgresLine {
  start(events: PostgresEvents): void
  run(text: string, values: string[]): PromiseLike<unknown>
  close(): Promise<void>
}

/** How long after a failure it is tried again, in ms: longer each time. */
const pauses = [100, 250, 500, 1000, 2000]

export function toLine(where: string, client: unknown, channel: string): PostgresLine {
  if (isPool(client)) return new PoolLine(client, channel)
  if (isSql(client)) return new SqlLine(client, channel)
  throw pubSubOptions(
    where,
    `client: expected a Pool of pg, or what postgres() gives, got ${describe(client)}; a Client of pg does not connect again`,
  )
}

function isPool(client: unknown): client is PgPool {
  const given = client as Partial<PgPool> | null | undefined
  return typeof given?.totalCount === 'number' && typeof given.connect === 'function'
}

function isSql(client: unknown): client is PostgresSql {
  const given = client as Partial<PostgresSql> | null | undefined
  return (
    typeof given === 'function' && typeof (given as Partial<PostgresSql>).listen === 'function' && 'unsafe' in given
  )
}

function listenTo(channel: string): string {
  return `LISTEN "${channel.replaceAll('"', '""')}"`
}

/** Takes one connection of the pool for itself, and another one when that is lost. */
class PoolLine implements PostgresLine {
  readonly #pool: PgPool
  readonly #channel: string
  #events: PostgresEvents | undefined
  #client: PgPoolClient | undefined
  #letGo: (() => void) | undefined
  #attempts = 0
  #closed = false

  constructor(pool: PgPool, channel: string) {
    this.#pool = pool
    this.#channel = channel
  }

  start(events: PostgresEvents): void {
    this.#events = events
    void this.#connect()
  }

  run(text: string, values: string[]): PromiseLike<unknown> {
    return this.#client?.query(text, values) ?? Promise.reject(new Error('there is no connection'))
  }

  async close(): Promise<void> {
    this.#closed = true
    // It listens: nobody else shall be given it.
    this.#letGo?.()
  }

  async #connect(): Promise<void> {
    let client: PgPoolClient | undefined
    try {
      client = await this.#pool.connect()
      // It may be lost before it listens.
      this.#hold(client)
      await client.query(listenTo(this.#channel))
    } catch (error) {
      if (this.#attempts === 0) this.#events!.failed(error)
      this.#events!.sends(false)
      if (client === undefined) this.#later()
      else if (this.#client === client) this.#letGo!()
      return
    }
    if (this.#client !== client) return
    this.#attempts = 0
    this.#events!.sends(true)
    this.#events!.hears(true)
  }

  #hold(client: PgPoolClient): void {
    const hear: Listener = (notification) => {
      const { channel, payload = '' } = notification as { readonly channel: string; readonly payload?: string }
      if (channel === this.#channel) this.#events!.receive(payload)
    }
    const lost = (): void => {
      if (this.#client === client) this.#letGo!()
    }
    this.#client = client
    this.#letGo = () => {
      this.#client = this.#letGo = undefined
      client.off('notification', hear)
      client.off('end', lost)
      // It may fail once more, and an error that nobody hears ends the process.
      client.release(true)
      this.#events!.sends(false)
      this.#events!.hears(false)
      this.#later()
    }
    client.on('notification', hear)
    client.on('error', lost)
    client.on('end', lost)
    if (this.#closed) lost()
  }

  #later(): void {
    if (this.#closed) return
    const pause = pauses[Math.min(this.#attempts++, pauses.length - 1)]!
    startTimer(pause, () => void (this.#closed || this.#connect()))
  }
}

/** The package listens on a connection of its own, and again when that was lost; it says when it does, and not when it no longer does. */
class SqlLine implements PostgresLine {
  readonly #sql: PostgresSql
  readonly #channel: string
  #events: PostgresEvents | undefined
  #unlisten: (() => Promise<unknown>) | undefined
  #attempts = 0
  #closed = false

  constructor(sql: PostgresSql, channel: string) {
    this.#sql = sql
    this.#channel = channel
  }

  start(events: PostgresEvents): void {
    this.#events = events
    events.sends(true)
    void this.#listen()
  }

  run(text: string, values: string[]): PromiseLike<unknown> {
    return this.#sql.unsafe(text, values)
  }

  async close(): Promise<void> {
    this.#closed = true
    // When the server is away, there is nothing to be told.
    await this.#unlisten?.().catch(() => {})
  }

  async #listen(): Promise<void> {
    const receive = (payload: string): void => {
      if (!this.#closed) this.#events!.receive(payload)
    }
    const listens = (): void => {
      if (!this.#closed) this.#events!.hears(true)
    }
    try {
      const { unlisten } = await this.#sql.listen(this.#channel, receive, listens)
      this.#unlisten = unlisten
      if (this.#closed) await unlisten()
    } catch (error) {
      if (this.#closed) return
      if (this.#attempts === 0) this.#events!.failed(error)
      const pause = pauses[Math.min(this.#attempts++, pauses.length - 1)]!
      startTimer(pause, () => void (this.#closed || this.#listen()))
    }
  }
}
