/** Runs where a Redis is: `npm test` installs one. */
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createRedisPubSub } from 'liveloom/pubsub-redis'
import { createClient } from 'redis'
import { describe, expect, it, vi } from 'vitest'
import { engineMetricsContract } from '../contracts/engine-metrics.ts'
import { type EngineCase, enginePubSubContract } from '../contracts/engine-pubsub.ts'
import { EngineProcess, hasEngine } from '../support/engines.ts'

const retry = 50

const intrude: EngineCase['intrude'] = async (port, topic, payload) => {
  const client = new Redis(port)
  await client.publish(`liveloom:${topic}`, payload)
  client.disconnect()
}

describe.skipIf(!hasEngine('redis'))('on Redis', () => {
  const nodeRedis: EngineCase = {
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
  }

  enginePubSubContract('redis', nodeRedis)
  engineMetricsContract('Redis', nodeRedis)

  it('leaves a subscriber of the application open, and subscribed to what is not ours', async () => {
    const server = await EngineProcess.start('redis')
    const client = new Redis(server.port)
    const subscriber = new Redis(server.port, { autoResubscribe: false })
    const theirs: string[] = []
    subscriber.on('message', (channel, text) => theirs.push(`${channel} ${text}`))
    await subscriber.subscribe('theirs')
    const [here, there] = [createRedisPubSub({ client, subscriber }), createRedisPubSub({ client })]
    const got: unknown[] = []
    await here.subscribe('a', (message) => got.push(message)).ready
    await there.publish('a', 1)
    await vi.waitFor(() => expect(got).toEqual([1]))

    await here.close()
    theirs.length = 0
    await there.publish('a', 2)
    await client.publish('theirs', 'x')
    await vi.waitFor(() => expect(theirs).toEqual(['theirs x']))
    await there.close()
    for (const each of [client, subscriber]) each.disconnect()
    await server.stop()
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
