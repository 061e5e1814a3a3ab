/** Joins that are counted in a real Redis, by each of its clients, and two servers that share one count. */
import { createLiveServer, createLiveView, html } from 'liveloom'
import { serve } from 'liveloom/node'
import { createRedisJoinCounts, type RedisJoinCounts } from 'liveloom/quotas-redis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { joinCountsContract } from '../contracts/join-counts.ts'
import { EngineProcess, hasEngine } from '../support/engines.ts'
import { fetchPage, RawClient } from '../support/raw-client.ts'
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
    let counts: RedisJoinCounts
    joinCountsContract('in Redis', {
      create: async () => {
        own = await connect(redis.port)
        return (counts = createRedisJoinCounts({ client: own.client, prefix: `test-${made++}:`, gather: 20 }))
      },
      end: async () => {
        await counts.close()
        own.end()
      },
    })
  })

  it('a visitor who has joined at one server is over its quota at the other, and let in while Redis is away', async () => {
    const view = createLiveView({ render: () => html`<p>Hello</p>` })
    const reports: string[] = []
    const start = async () => {
      const { client, end } = await redisClients.ioredis(redis.port)
      const joined = createRedisJoinCounts({ client, gather: 20, onError: () => {} })
      const live = createLiveServer({
        ...{ secret: 's'.repeat(32), routes: { '/': view }, limits: { maxVisitorJoins: 2 }, joins: { joined } },
        onError: (error, { stage, limit }) => reports.push(`${stage} ${limit ?? String(error)}`),
      })
      const server = await serve(live, { port: 0, host: '127.0.0.1', signals: false, development: false })
      const close = async (): Promise<void> => {
        await server.close()
        await joined.close()
        end()
      }
      return { url: server.url, joined, close }
    }
    const [one, other] = [await start(), await start()]
    const page = await fetchPage(one.url)
    for (let at = 0; at < 2; at++) {
      const client = await RawClient.open(page)
      await client.joinView(page)
      await client.leave()
    }
    const there = { ...page, url: page.url.replace(one.url, other.url) }
    await vi.waitFor(() => expect(RawClient.open(there)).rejects.toThrow('429'), { timeout: 5000 })
    expect(reports).toEqual(['connection maxVisitorJoins'])
    // Another visitor is none of its business.
    await (await RawClient.open(await fetchPage(other.url))).leave()

    await redis.kill()
    await vi.waitFor(async () => (await RawClient.open(there)).leave(), { timeout: 5000 })
    expect(reports).toHaveLength(2)
    expect(reports[1]).toMatch(/^connection \w*Error: /)
    for (const { close } of [one, other]) await close()
  })
})

it.each([
  [{ client: {} }, 'createRedisJoinCounts: expected a client of redis, ioredis or iovalkey'],
  [{ client: { status: 'ready', call: () => {} }, gather: NaN }, 'createRedisJoinCounts: gather must be from 0'],
])('refuses a wrong option: %#', (options, says) => {
  expect(() => createRedisJoinCounts(options as never)).toThrow(
    expect.objectContaining({ code: 'ERR_SERVER_OPTIONS', message: expect.stringContaining(says) as string }),
  )
})
