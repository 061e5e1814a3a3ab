/** The clients of Redis that quotas are counted by: each comes back by itself, and holds on to nothing that it was asked for meanwhile. */
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import type { RedisCommands } from 'liveloom/quotas-redis'
import { createClient } from 'redis'

export interface OpenClient {
  readonly client: RedisCommands
  end(): void
}

export const redisClients: Readonly<Record<'redis' | 'ioredis' | 'iovalkey', (port: number) => Promise<OpenClient>>> = {
  redis: async (port) => {
    const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: 50 } })
    client.on('error', () => {})
    await client.connect()
    return { client, end: () => client.destroy() }
  },
  ioredis: async (port) => {
    const client = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: 0 })
    client.on('error', () => {})
    return { client, end: () => client.disconnect() }
  },
  iovalkey: async (port) => {
    const client = new Valkey(port, { retryStrategy: () => 50, maxRetriesPerRequest: 0 })
    client.on('error', () => {})
    return { client, end: () => client.disconnect() }
  },
}
