/** Quotas in a real Redis, by each of its clients, also while it is away. */
import { createRedisDayBytes, type RedisDayBytes } from 'liveloom/quotas-redis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dayBytesContract } from '../contracts/day-bytes.ts'
import { EngineProcess, hasEngine } from '../support/engines.ts'
import { type OpenClient, redisClients } from '../support/redis-clients.ts'

describe.skipIf(!hasEngine('redis'))('on Redis', () => {
  let redis: EngineProcess
  let made = 0
  beforeAll(async () => {
    redis = await EngineProcess.start('redis')
  }, 60_000)
  afterAll(() => redis.stop())

  describe.each(Object.entries(redisClients))('by %s', (_, connect) => {
    let own: OpenClient
    let counted: RedisDayBytes
    const create = async (): Promise<RedisDayBytes> => {
      own = await connect(redis.port)
      return (counted = createRedisDayBytes({ client: own.client, prefix: `test-${made++}:`, gather: 20 }))
    }
    const end = async (): Promise<void> => {
      await counted.close()
      own.end()
    }
    dayBytesContract('in Redis', { create, end })

    it('is one over all that share it', async () => {
      const first = await create()
      const second = createRedisDayBytes({ client: own.client, prefix: `test-${made - 1}:`, gather: 20 })
      first.add('ada', 5)
      second.add('ada', 7)
      await vi.waitFor(async () => {
        expect(await first.of('ada')).toMatchObject({ bytes: 12 })
        expect(await second.of('ada')).toMatchObject({ bytes: 12 })
      })
      await second.close()
      await end()
    })
  })

  it('is told what came while it was away, and says once that it is', async () => {
    const { client, end } = await redisClients.ioredis(redis.port)
    const reported: unknown[] = []
    const counted = createRedisDayBytes({
      client,
      prefix: 'away:',
      gather: 20,
      onError: (error) => reported.push(error),
    })
    await redis.kill()
    counted.add('ada', 5)
    counted.add('ada', 7)
    await vi.waitFor(() => expect(reported).toHaveLength(1))
    await expect(counted.of('ada')).rejects.toThrow()
    await redis.start()
    const other = await redisClients.redis(redis.port)
    const elsewhere = createRedisDayBytes({ client: other.client, prefix: 'away:' })
    await vi.waitFor(async () => expect(await elsewhere.of('ada')).toMatchObject({ bytes: 12 }), 10_000)
    expect(reported).toHaveLength(1)
    await counted.close()
    end()
    other.end()
  })
})

it.each([
  [{ client: {} }, 'expected a client of redis, ioredis or iovalkey'],
  [{ client: undefined }, 'expected a client of redis, ioredis or iovalkey'],
  [{ client: { status: 'ready', call: () => {} }, prefix: 7 }, 'prefix must be a text'],
  [{ client: { status: 'ready', call: () => {} }, gather: -1 }, 'gather must be from 0'],
  [{ client: { status: 'ready', call: () => {} }, onError: 1 }, 'onError must be a function'],
])('refuses a wrong option: %#', (options, says) => {
  expect(() => createRedisDayBytes(options as never)).toThrow(
    expect.objectContaining({ code: 'ERR_UPLOAD_OPTIONS', message: expect.stringContaining(says) as string }),
  )
})
