/** Runs with a real Postgres: `npm run test:engines` installs one. */
import { createPostgresPubSub } from 'liveloom/pubsub-postgres'
import { Client, Pool } from 'pg'
import postgres from 'postgres'
import { engineMetricsContract } from '../contracts/engine-metrics.ts'
import { type EngineCase, enginePubSubContract } from '../contracts/engine-pubsub.ts'

const place = (port: number) => ({ host: '127.0.0.1', port, user: 'live', database: 'postgres' })

const intrude: EngineCase['intrude'] = async (port, _topic, payload) => {
  const client = new Client(place(port))
  await client.connect()
  await client.query('SELECT pg_notify($1, $2)', ['liveloom', payload])
  await client.end()
}

const pg: EngineCase = {
  engine: 'postgres',
  intrude,
  join: async (port, options) => {
    const pool = new Pool(place(port))
    pool.on('error', () => {})
    return {
      pubsub: createPostgresPubSub({ client: pool, ...options }),
      isOpen: async () => (await pool.query('SELECT 1')).rowCount === 1,
      closeClient: () => pool.end(),
    }
  },
  waitsForUs: true,
}

enginePubSubContract('pg', pg)
engineMetricsContract('Postgres', pg)

enginePubSubContract('postgres', {
  engine: 'postgres',
  intrude,
  join: async (port, options) => {
    const sql = postgres({ ...place(port), backoff: () => 0.05, max: 2, fetch_types: false })
    return {
      pubsub: createPostgresPubSub({ client: sql, ...options }),
      isOpen: async () => (await sql`SELECT 1`).length === 1,
      closeClient: () => sql.end({ timeout: 1 }),
    }
  },
})
