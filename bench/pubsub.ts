/**
 * Round trips by real engines: what one process publishes until another one has it, through `liveloom/pubsub-*` beside the bare driver. Both in
 * one process, each with clients of its own; runs alternate, and each figure is the median of its rounds.
 *
 *     npm run bench:pubsub -- [--only ioredis,pg] [--rounds 5] [--ms 2000] [--window 200]
 */
import { parseArgs } from 'node:util'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createNatsPubSub } from 'liveloom/pubsub-nats'
import { createPostgresPubSub } from 'liveloom/pubsub-postgres'
import { createRedisPubSub, type EnginePubSub } from 'liveloom/pubsub-redis'
import { Pool } from 'pg'
import postgres from 'postgres'
import { createClient } from 'redis'
import { type EngineName, EngineProcess, hasEngine } from '../test/support/engines.ts'
import { type Line, median, toTable } from './table.ts'

/** A way from one process to another. */
interface Way {
  send(message: string): unknown
  hear(receive: () => void): unknown
  end(): unknown
}

interface Driver {
  readonly engine: EngineName
  readonly bare: (port: number) => Promise<Way>
  readonly ours: (port: number) => Promise<Way>
}

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '2000' },
    window: { type: 'string', default: '200' },
  },
})
const message = 'x'.repeat(100)
const channel = 'bench'

const ioredisLike = (open: (port: number) => Redis | Valkey): Driver => ({
  engine: 'redis',
  bare: async (port) => {
    const [sender, hearer] = [open(port), open(port)]
    return {
      send: (text) => sender.publish(channel, text),
      hear: async (receive) => {
        hearer.on('message', receive)
        await hearer.subscribe(channel)
      },
      end: () => [sender, hearer].forEach((client) => client.disconnect()),
    }
  },
  ours: async (port) => {
    const clients = [open(port), open(port)]
    return wayOf(
      clients.map((client) => createRedisPubSub({ client })),
      () => clients.forEach((client) => client.disconnect()),
    )
  },
})

const postgresAt = (port: number) => ({ host: '127.0.0.1', port, user: 'live', database: 'postgres' })

const drivers: Readonly<Record<string, Driver>> = {
  redis: {
    engine: 'redis',
    bare: async (port) => {
      const [sender, hearer] = [await openRedis(port), await openRedis(port)]
      return {
        send: (text) => sender.publish(channel, text),
        hear: (receive) => hearer.subscribe(channel, receive),
        end: () => [sender, hearer].forEach((client) => client.destroy()),
      }
    },
    ours: async (port) => {
      const clients = [await openRedis(port), await openRedis(port)]
      return wayOf(
        clients.map((client) => createRedisPubSub({ client })),
        () => clients.forEach((client) => client.destroy()),
      )
    },
  },
  ioredis: ioredisLike((port) => new Redis(port)),
  iovalkey: ioredisLike((port) => new Valkey(port)),
  nats: {
    engine: 'nats',
    bare: async (port) => {
      const [sender, hearer] = [await connect({ port }), await connect({ port })]
      return {
        send: (text) => sender.publish(channel, text),
        hear: (receive) => {
          hearer.subscribe(channel, { callback: receive })
          return hearer.flush()
        },
        end: () => Promise.all([sender.close(), hearer.close()]),
      }
    },
    ours: async (port) => {
      const connections = [await connect({ port }), await connect({ port })]
      return wayOf(
        connections.map((connection) => createNatsPubSub({ connection })),
        () => Promise.all(connections.map((connection) => connection.close())),
      )
    },
  },
  pg: {
    engine: 'postgres',
    bare: async (port) => {
      const pool = new Pool(postgresAt(port))
      const hearer = await pool.connect()
      return {
        send: (text) => pool.query('SELECT pg_notify($1, $2)', [channel, text]),
        hear: (receive) => {
          hearer.on('notification', receive)
          return hearer.query(`LISTEN ${channel}`)
        },
        end: () => {
          hearer.release(true)
          return pool.end()
        },
      }
    },
    ours: async (port) => {
      const pools = [new Pool(postgresAt(port)), new Pool(postgresAt(port))]
      return wayOf(
        pools.map((client) => createPostgresPubSub({ client })),
        () => Promise.all(pools.map((pool) => pool.end())),
      )
    },
  },
  postgres: {
    engine: 'postgres',
    bare: async (port) => {
      const sql = postgres(postgresAt(port))
      return {
        send: (text) => sql.notify(channel, text),
        hear: (receive) => sql.listen(channel, receive),
        end: () => sql.end(),
      }
    },
    ours: async (port) => {
      const clients = [postgres(postgresAt(port)), postgres(postgresAt(port))]
      return wayOf(
        clients.map((client) => createPostgresPubSub({ client })),
        () => Promise.all(clients.map((sql) => sql.end())),
      )
    },
  },
}

async function openRedis(port: number) {
  const client = createClient({ socket: { host: '127.0.0.1', port } })
  await client.connect()
  return client
}

function wayOf([here, there]: readonly EnginePubSub[], endClients: () => unknown): Way {
  return {
    send: (text) => here!.publish(channel, text),
    hear: async (receive) => {
      await heard(there!)
      await there!.subscribe(channel, receive).ready
    },
    end: async () => {
      await Promise.all([here!.close(), there!.close()])
      await endClients()
    },
  }
}

/** Resolves when the engine hears it. */
function heard(pubsub: EnginePubSub): Promise<void> {
  return new Promise((resolve) => {
    const { ready } = pubsub.subscribe('first', () => {}, resolve)
    void ready?.then(resolve)
  })
}

/** Round trips a second, with so many under way. */
async function measure(open: (port: number) => Promise<Way>, port: number): Promise<number> {
  const way = await open(port)
  const window = Number(options.window)
  let [sent, received, until] = [0, 0, Infinity]
  let last: unknown
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  const send = (): void => {
    sent++
    last = way.send(message)
  }
  await way.hear(() => {
    received++
    if (performance.now() < until) send()
    else if (received === sent) end()
  })
  const begun = performance.now()
  until = begun + Number(options.ms)
  for (let at = 0; at < window; at++) send()
  await ended
  // It may have come before the engine has said so.
  await last
  const rate = (received / (performance.now() - begun)) * 1000
  await way.end()
  process.stderr.write(` ${Math.round(rate)}/s\n`)
  return rate
}

const engines = new Map<EngineName, EngineProcess>()
const lines: Line[] = []
for (const [name, { engine, bare, ours }] of Object.entries(drivers)) {
  if (options.only?.split(',').includes(name) === false) continue
  if (!hasEngine(engine)) {
    process.stderr.write(`${name}: ${engine} is not installed\n`)
    continue
  }
  if (!engines.has(engine)) engines.set(engine, await EngineProcess.start(engine))
  const { port } = engines.get(engine)!
  const rates = { ours: [] as number[], bare: [] as number[] }
  for (let round = 0; round < Number(options.rounds); round++) {
    const order = round % 2 === 0 ? (['bare', 'ours'] as const) : (['ours', 'bare'] as const)
    for (const which of order) {
      process.stderr.write(`${name} ${which}`)
      rates[which].push(await measure(which === 'ours' ? ours : bare, port))
    }
  }
  const figure = 'round trips of 100 bytes, 1/s'
  lines.push({ scenario: name, figure, ours: median(rates.ours), control: median(rates.bare) })
}
for (const engine of engines.values()) await engine.stop()
console.log(toTable(lines))
process.exit(0)
