/** Runs where a Redis is: `npm test` installs one. */
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createRedisPubSub } from 'liveloom/pubsub-redis'
import { createClient } from 'redis'
import { describe } from 'vitest'
import { type EngineCase, enginePubSubContract } from '../contracts/engine-pubsub.ts'
import { hasEngine } from '../support/engines.ts'

const retry = 50

const intrude: EngineCase['intrude'] = async (port, topic, payload) => {
  const client = new Redis(port)
  await client.publish(`liveloom:${topic}`, payload)
  client.disconnect()
}

describe.skipIf(!hasEngine('redis'))('on Redis', () => {
  enginePubSubContract('redis', {
    engine: 'redis',
    intrude,
    join: async (port, options) => {
      const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: retry } })
      client.on('error', () => {})
      await client.connect()
      return {
        pubsub: createRedisPubSub({ client, ...options }),
        isOpen: async () => (await client.ping()) === 'PONG',
        closeClient: async () => client.destroy(),
      }
    },
  })

  const clients = {
    ioredis: (port: number) => new Redis({ port, retryStrategy: () => retry }),
    iovalkey: (port: number) => new Valkey({ port, retryStrategy: () => retry }),
  }
  for (const [name, open] of Object.entries(clients)) {
    enginePubSubContract(name, {
      engine: 'redis',
      intrude,
      join: async (port, options) => {
        const client = open(port)
        client.on('error', () => {})
        return {
          pubsub: createRedisPubSub({ client, ...options }),
          isOpen: async () => (await client.ping()) === 'PONG',
          closeClient: async () => client.disconnect(),
        }
      },
    })
  }
})
