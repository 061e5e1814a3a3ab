/** A server that leaves while its pages go elsewhere: `drain` and `isReady`, on real sockets and polls. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLiveServer, createLiveView, html, live_file_input } from 'liveloom'
import { createHandler, type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LongPollClient, PollSocket } from '../support/long-poll-client.ts'
import { fetchPage, type Page, RawClient, type RawView } from '../support/raw-client.ts'

let release = (): void => {}
let held = new Promise<void>(() => {})
let saved: string[] = []
/** How often `slow` was begun. */
let asked = 0

/** Counts; handles `slow` until it is released; saves what was sent. */
const view = createLiveView<{ count: number }, { type: string }, 'photos'>({
  mount(socket) {
    socket.assign({ count: 0 })
    void socket.allowUpload('photos', { chunkSize: 1000 })
  },
  async handleEvent(socket, { type }) {
    if (type === 'slow') {
      asked++
      await held
    }
    if (type === 'save') {
      saved = await socket.consumeUploadedEntries('photos', (_, entry) => entry.clientName)
    } else if (type !== 'validate') socket.assign({ count: socket.context.count + 1 })
  },
  render: ({ count }, { uploads }) =>
    html`<p>Count ${count}</p>
      <form phx-change="validate" phx-submit="save">${live_file_input(uploads.photos)}</form>`,
})

const live = () =>
  createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/': view },
    onError() {},
  })

let server: NodeServer | undefined
const clients: RawClient[] = []

async function start(): Promise<NodeServer> {
  held = new Promise((resolve) => (release = resolve))
  saved = []
  asked = 0
  server = await serve(live(), { port: 0, signals: false, closeTimeout: 5000 })
  return server
}

async function visit({ url }: NodeServer): Promise<{ page: Page; client: RawClient; view: RawView }> {
  const page = await fetchPage(url)
  const client = await RawClient.open(page)
  clients.push(client)
  return { page, client, view: await client.joinView(page) }
}

/** No test waits for so long. */
const ages = 600_000

afterEach(async () => {
  release()
  for (const client of clients.splice(0)) client.socket.terminate()
  await server?.close()
})

describe('drain', () => {
  it('tells every page to come back, and resolves', async () => {
    const running = await start()
    const pages = [await visit(running), await visit(running), await visit(running)]
    await running.drain({ over: 300 })
    const closes = await Promise.all(pages.map(({ client }) => client.waitForClose()))
    expect(closes).toEqual(pages.map(() => ({ code: 1012, reason: 'server is restarting' })))
  })

  it('refuses new pages and sockets, and still answers forms and the script', async () => {
    const running = await start()
    const { page } = await visit(running)
    const script = /src="([^"]+client[^"]*\.js)"/.exec(await (await fetch(running.url)).text())![1]!
    void running.drain({ over: ages })
    const refused = await fetch(running.url)
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('connection')).toBe('close')
    expect(await refused.text()).toContain('Not available at the moment')
    await expect(RawClient.open(page)).rejects.toThrow('503')
    expect((await fetch(new URL(script, running.url))).status).toBe(200)
  })

  it('goes on serving a page whose turn has not come', async () => {
    const running = await start()
    const { client, view } = await visit(running)
    void running.drain({ over: ages })
    await view.event('add')
    expect(view.html).toContain('Count 1')
    expect(client.closed).toBeUndefined()
  })

  it('lets a view answer what it handles first', async () => {
    const running = await start()
    const { client, view } = await visit(running)
    const answer = view.event('slow')
    await client.heartbeat()
    const drained = running.drain({ over: 0, grace: ages })
    expect(client.closed).toBeUndefined()
    release()
    expect((await answer).status).toBe('ok')
    expect(view.html).toContain('Count 1')
    await drained
    expect((await client.waitForClose()).code).toBe(1012)
  })

  it('lets files that are being sent arrive, and their form be sent', async () => {
    const running = await start()
    const { client, view } = await visit(running)
    const claim = { ref: '0', name: 'a.txt', size: 3000, type: 'text/plain' }
    const ref = view.inputRef('photos')
    await view.choose({ [ref]: [claim] })
    const { entries } = await view.preflight(ref, [claim])
    const drained = running.drain({ over: 0, grace: ages })
    const { joinRef, reply } = client.join('lvu:0', { token: entries['0'] })
    await reply
    for (let at = 0; at < 3; at++) {
      await client.reply(client.pushBinary('lvu:0', 'chunk', new Uint8Array(1000), joinRef))
    }
    await view.request('progress', { event: null, ref, entry_ref: '0', progress: 100, cid: null })
    expect((await view.submit('save')).status).toBe('ok')
    expect(saved).toEqual(['a.txt'])
    await drained
    expect((await client.waitForClose()).code).toBe(1012)
  })

  it('gives up what runs after the grace', async () => {
    const running = await start()
    const { client, view } = await visit(running)
    view.push('event', { type: 'click', event: 'slow', value: {} })
    await client.heartbeat()
    await running.drain({ over: 0, grace: 100 })
    expect((await client.waitForClose()).code).toBe(1012)
  })

  it('joins the first drain when it is called again', async () => {
    const running = await start()
    const first = running.drain({ over: 0 })
    expect(running.drain({ over: ages })).toBe(first)
    expect(() => running.drain({ over: -1 })).toThrow('drain: over must be a number of ms from 0, got -1')
    await first
  })

  it('ends at once when the server is closed meanwhile', async () => {
    const running = await start()
    await visit(running)
    const drained = running.drain({ over: ages })
    await running.close()
    await drained
    server = undefined
  })

  it('tells those who poll, once they have the answer that they wait for', async () => {
    const running = await start()
    const page = await fetchPage(running.url)
    const socket = new PollSocket(page)
    await socket.opened
    const channel = socket.view(page)
    await channel.join()
    const answer = channel.push('event', { type: 'click', event: 'slow', value: {} })
    await vi.waitFor(() => expect(asked).toBe(1))
    // The other one has nothing to wait for.
    const idle = await LongPollClient.open(page)
    const polled = idle.poll()
    const drained = running.drain({ over: 0, grace: ages })
    expect((await polled).status).toBe(410)
    release()
    expect(await answer).toMatchObject({ diff: expect.anything() })
    await drained
    socket.close()
  })

  it('keeps no view of those who poll: their pages do not come back here', async () => {
    const running = await start()
    const page = await fetchPage(running.url)
    const socket = new PollSocket(page)
    await socket.opened
    await socket.view(page).join()
    // One page is one, not one more for what was kept of it.
    expect(running.disconnect(() => true)).toBe(1)
    socket.close()
  })

  it('refuses new polls in words that both a proxy and the client understand', async () => {
    const running = await start()
    const page = await fetchPage(running.url)
    await running.drain({ over: 0 })
    const refused = await fetch(new LongPollClient(page).url, { headers: { cookie: page.cookie } })
    expect(refused.status).toBe(503)
    expect(await refused.json()).toEqual({ status: 500 })
  })
})

describe('isReady', () => {
  it('is false from the beginning of the drain on, when pages are still taken for a while', async () => {
    const running = await start()
    expect(running.isReady()).toBe(true)
    void running.drain({ notice: ages })
    expect(running.isReady()).toBe(false)
    expect((await fetch(running.url)).status).toBe(200)
    const { view } = await visit(running)
    await view.event('add')
    expect(view.html).toContain('Count 1')
  })

  it('is false once the server is closed, also behind a server of your own', async () => {
    const handler = createHandler(live())
    const own = createServer((request, response) => {
      if (request.url === '/readyz') response.writeHead(handler.isReady() ? 200 : 503).end()
      else handler.middleware(request, response, () => response.writeHead(404).end())
    })
    handler.attach(own)
    await new Promise<void>((resolve) => own.listen(0, 'localhost', resolve))
    const ready = `http://localhost:${(own.address() as AddressInfo).port}/readyz`
    expect((await fetch(ready)).status).toBe(200)
    await handler.drain({ over: 0 })
    expect((await fetch(ready)).status).toBe(503)
    await handler.close()
    expect(handler.isReady()).toBe(false)
    own.close()
    own.closeAllConnections()
  })
})

describe('serve', () => {
  it.each([
    [{ over: -1 }, 'serve: drain: over must be a number of ms from 0, got -1'],
    ['yes' as unknown as boolean, `serve: drain: expected an object with notice, over, grace, got 'yes'`],
  ])('refuses drain: %j', async (drain, message) => {
    await expect(serve(live(), { port: 0, drain })).rejects.toMatchObject({ code: 'ERR_SERVER_OPTIONS', message })
  })
})
