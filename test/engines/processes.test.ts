/** Servers in processes of their own whose views hear each other by a real Redis. */
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { EngineProcess, hasEngine } from '../support/engines.ts'
import type { RawView } from '../support/raw-client.ts'
import { RestartedServer } from '../support/restarted-server.ts'

const source = fileURLToPath(new URL('../support/pubsub-server.ts', import.meta.url))

describe.skipIf(!hasEngine('redis'))('two servers on one Redis', () => {
  let redis: EngineProcess
  let servers: readonly RestartedServer[] = []
  let views: readonly RawView[] = []

  beforeAll(async () => {
    redis = await EngineProcess.start('redis')
    const program = await buildProgram(source)
    const env = { REDIS: String(redis.port), NODE_ENV: 'production' }
    servers = await Promise.all([1, 2].map(() => RestartedServer.start(program, env)))
  }, 60_000)

  afterEach(() => {
    for (const { client } of views) client.socket.close()
  })

  afterAll(async () => {
    for (const server of servers) {
      server.signal('SIGCONT')
      await server.end('SIGKILL')
    }
    await redis.stop()
  })

  /** A page of each. */
  async function join(): Promise<readonly [RawView, RawView]> {
    views = await Promise.all(
      servers.map(async (server) => {
        const { page, client } = await server.visit()
        return client.joinView(page)
      }),
    )
    return [views[0]!, views[1]!]
  }

  const shows = (view: RawView, text: string): Promise<void> =>
    vi.waitFor(() => expect(view.html).toContain(text), { timeout: 10_000 })

  it('have what a view of one publishes in the views of both, in order', async () => {
    const [one, other] = await join()
    for (const text of ['a', 'b', 'c']) await one.event('say', { value: text })
    await shows(one, '<p>a,b,c</p>')
    await shows(other, '<p>a,b,c</p>')
    await other.event('say', { value: 'd' })
    await shows(one, '<p>a,b,c,d</p>')
    await shows(other, '<p>a,b,c,d</p>')
    expect(other.html).toContain('gaps 0')
  })

  it('live on while it is away, and tell their views of the gap when it is back', async () => {
    const [one, other] = await join()
    await redis.kill()
    // What is said before the driver has noticed may go when it is back.
    await vi.waitFor(async () => {
      await one.event('say', { value: 'early' })
      expect(servers[0]!.output).toContain('Redis is away')
    })
    await one.event('say', { value: 'alone' })
    await shows(one, 'alone</p>')
    await redis.start()
    await shows(one, 'gaps 1')
    await shows(other, 'gaps 1')
    await vi.waitFor(async () => {
      await one.event('say', { value: 'back' })
      expect(other.html).toContain('back')
    })
    expect(other.html).not.toContain('alone')
    expect([one.html, other.html].every((html) => html.includes('gaps 1'))).toBe(true)
  })

  it('tell views of the gap when Redis has cut a process that read too slowly', async () => {
    const [one, other] = await join()
    servers[1]!.signal('SIGSTOP')
    // More than sockets and Redis hold for it.
    await one.event('flood', { value: '50000000' })
    await shows(one, 'bytes 50000000')
    servers[1]!.signal('SIGCONT')
    await shows(other, 'gaps 1')
    await one.event('say', { value: 'on' })
    await shows(other, '<p>on</p>')
    await shows(one, 'gaps 0')
  })
})
