/** A server that leaves while it is flooded: it leaves all the same, in its time. */
import { createLiveServer, createLiveView, html } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPage, openBareSocket, RawClient } from '../support/raw-client.ts'

const reports: unknown[] = []
const view = createLiveView<{ count: number }, { type: string }>({
  mount: (socket) => socket.assign({ count: 0 }),
  async handleEvent(socket, { type }) {
    if (type === 'hang') await new Promise(() => {})
    socket.assign({ count: socket.context.count + 1 })
  },
  render: ({ count }) => html`<p>${count}</p>`,
})

let server: NodeServer | undefined
const clients: RawClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  await server?.close()
})

async function start(): Promise<NodeServer> {
  reports.length = 0
  server = await serve(
    createLiveServer({
      secret: 'a secret of the tests, long enough',
      routes: { '/': view },
      onError: (error) => void reports.push(error),
    }),
    { port: 0, signals: false, development: false },
  )
  return server
}

async function visit({ url }: NodeServer): Promise<RawClient> {
  const page = await fetchPage(url)
  const client = await RawClient.open(page)
  clients.push(client)
  await client.joinView(page)
  return client
}

/** Sends frames for as long as there is a connection. */
function flood(client: RawClient, id: string): void {
  const more = (): void => {
    if (client.closed !== undefined) return
    for (let i = 0; i < 50; i++) client.push(`lv:${id}`, 'event', { type: 'click', event: 'add', value: {} }, '1')
    setTimeout(more, 1)
  }
  more()
}

describe('drain', () => {
  it('is through in its time with pages that flood, that hang, and that do not read', async () => {
    const running = await start()
    const page = await fetchPage(running.url)
    const [flooding, hanging] = [await RawClient.open(page), await RawClient.open(page)]
    clients.push(flooding, hanging)
    for (const client of [flooding, hanging]) await client.joinView(page)
    flood(flooding, page.id)
    hanging.push(`lv:${page.id}`, 'event', { type: 'click', event: 'hang', value: {} }, '1')
    await hanging.heartbeat()
    const deaf = await openBareSocket(page)
    deaf.pause()
    const from = performance.now()
    await running.drain({ over: 200, grace: 500 })
    const took = performance.now() - from
    expect(took).toBeGreaterThan(400)
    // The machine may be busy.
    expect(took).toBeLessThan(5000)
    expect((await hanging.waitForClose()).code).toBe(1012)
    expect((await flooding.waitForClose()).code).toBe(1012)
    deaf.destroy()
    expect(reports).toEqual([])
  })

  it('refuses whoever comes while it runs, as many as they are, and looks after those that are there', async () => {
    const running = await start()
    const page = await fetchPage(running.url)
    const client = await RawClient.open(page)
    clients.push(client)
    const view = await client.joinView(page)
    void running.drain({ over: 600_000 })
    const pages = Array.from({ length: 200 }, async () => (await fetch(running.url)).status)
    const sockets = Array.from({ length: 200 }, () => RawClient.open(page).catch((error: Error) => error.message))
    expect(new Set(await Promise.all(pages))).toEqual(new Set([503]))
    expect(new Set(await Promise.all(sockets))).toEqual(new Set(['Unexpected server response: 503']))
    expect((await view.event('add')).status).toBe('ok')
    expect(reports).toEqual([])
  })

  it('is not held up by pages that come and go', async () => {
    const running = await start()
    const all = await Promise.all(Array.from({ length: 20 }, () => visit(running)))
    const drained = running.drain({ over: 600_000, grace: 600_000 })
    for (const client of all) client.socket.terminate()
    await drained
  })
})
