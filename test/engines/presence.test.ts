/** Servers in processes of their own that know by a real Redis who is where, also when one of them dies, or Redis does. */
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { EngineProcess, hasEngine } from '../support/engines.ts'
import type { Page, RawClient, RawView } from '../support/raw-client.ts'
import { RestartedServer } from '../support/restarted-server.ts'

const source = fileURLToPath(new URL('../support/pubsub-server.ts', import.meta.url))

describe.skipIf(!hasEngine('redis'))('servers on one Redis', () => {
  let redis: EngineProcess
  let program: string
  let servers: RestartedServer[] = []
  let clients: RawClient[] = []

  beforeAll(async () => {
    redis = await EngineProcess.start('redis')
    program = await buildProgram(source)
  }, 60_000)

  beforeEach(async () => {
    const env = { REDIS: String(redis.port), NODE_ENV: 'production' }
    servers = await Promise.all([1, 2, 3].map(() => RestartedServer.start(program, env)))
  })

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.close()
    await Promise.all(servers.map((server) => server.end('SIGKILL')))
  })
  afterAll(() => redis.stop())

  async function join(at: number, name: string): Promise<{ readonly page: Page; readonly view: RawView }> {
    const { page, client } = await servers[at]!.visit(`/lobby/${name}`)
    clients.push(client)
    return { page, view: await client.joinView(page) }
  }

  const shows = (view: RawView, text: string): Promise<void> =>
    vi.waitFor(() => expect(view.html).toContain(text), { timeout: 10_000 })

  /** Who came and who left, by what a view was told. */
  const told = ({ html }: RawView): readonly string[] => /told ([^<]*)/.exec(html)![1]!.split(' ')

  it('each show all, and lose within a moment whom one had that was killed', async () => {
    const watcher = await join(0, 'nobody')
    const ada = await join(1, 'ada')
    await join(2, 'bob')
    await shows(watcher.view, '<p>here ada1 bob1 </p>')
    await shows(ada.view, '<p>here ada1 bob1 </p>')
    await servers[2]!.end('SIGKILL')
    await shows(watcher.view, '<p>here ada1 </p>')
    // What two processes tell comes in any order.
    expect(told(watcher.view).toSorted()).toEqual(['+ada', '+bob', '-bob'])
  })

  it('tell nobody that a page has left whose line is lost, or whose process ends and which is elsewhere a moment later', async () => {
    const watcher = await join(0, 'nobody')
    const ada = await join(1, 'ada')
    await shows(watcher.view, 'here ada1 ')
    // Its view is parked.
    await ada.view.client.cut()
    const ended = servers[1]!.end('SIGTERM')
    await join(2, 'ada')
    await ended
    const eve = await join(2, 'eve')
    await shows(watcher.view, 'here ada1 eve1 ')
    await eve.view.client.leave()
    await shows(watcher.view, 'here ada1 </p>')
    expect(told(watcher.view)).toEqual(['+ada', '+eve', '-eve'])
  })

  it('keep what they know while Redis is away, and are right again when it is back', async () => {
    const watcher = await join(0, 'nobody')
    await join(1, 'ada')
    const bob = await join(1, 'bob')
    await shows(watcher.view, 'here ada1 bob1 ')
    await redis.kill()
    await vi.waitFor(() => expect(servers[0]!.output).toContain('presence:'))
    await bob.view.client.leave()
    await join(1, 'eve')
    expect(told(watcher.view).toSorted()).toEqual(['+ada', '+bob'])
    await redis.start()
    await shows(watcher.view, 'here ada1 eve1 ')
    expect(watcher.view.html).not.toContain('-ada')
  })
})
