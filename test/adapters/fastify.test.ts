/** The program of the guide for Fastify, with a page, a route of Fastify, a click by each transport, and an end. */
import middie from '@fastify/middie'
import fastify, { type FastifyInstance } from 'fastify'
import { createLiveServer, createLiveView, html, type LiveServerOptions } from 'liveloom'
import { createHandler } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { PollSocket } from '../support/long-poll-client.ts'
import { fetchPage, RawClient } from '../support/raw-client.ts'

const counter = createLiveView<{ count: number }>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count }) => html`<button phx-click="inc">${count}</button>`,
})

let app: FastifyInstance | undefined

async function start(options: Partial<LiveServerOptions> = {}): Promise<string> {
  const secret = 'a secret of the tests, long enough'
  const live = createHandler(createLiveServer({ routes: { '/': counter }, secret, ...options }), { development: false })
  app = fastify()
  await app.register(middie)
  app.use(live.guard)
  app.use(live.middleware)
  app.get('/api/health', () => ({ ok: true }))
  app.post('/api/echo', (request) => request.body)
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    live.notFound(request.raw, reply.raw)
  })
  live.attach(app.server)
  app.addHook('preClose', () => live.close({ timeout: 10_000 }))
  return app.listen({ port: 0, host: '127.0.0.1' })
}

afterEach(async () => {
  await app?.close()
  app = undefined
})

describe('under Fastify', () => {
  it('a page is served, and a click reaches its view over the socket', async () => {
    const page = await fetchPage(`${await start()}/`)
    const client = await RawClient.open(page)
    const view = await client.joinView(page)
    await client.request(view.topic, 'event', { type: 'click', event: 'inc', value: {} }, view.joinRef)
    expect(view.html).toContain('>1</button>')
  })

  it('long polling has its bodies to itself', async () => {
    const page = await fetchPage(`${await start()}/`)
    const socket = new PollSocket(page)
    try {
      await socket.opened
      const view = socket.view(page)
      await view.join()
      expect(await view.push('event', { type: 'click', event: 'inc', value: {} })).toEqual({ diff: { 0: '1' } })
    } finally {
      socket.close()
    }
  })

  it('Fastify has what is for no view, with the body unread', async () => {
    const url = await start()
    const headers = { 'content-type': 'application/json' }
    const echo = await fetch(`${url}/api/echo`, { method: 'POST', headers, body: '{"a":1}' })
    expect(await echo.json()).toEqual({ a: 1 })
    expect(await (await fetch(`${url}/api/health`)).json()).toEqual({ ok: true })
  })

  it('what nobody has is the live server’s page for 404', async () => {
    const response = await fetch(`${await start()}/nowhere`)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toContain('text/html')
  })

  it('a request for another host is refused before all routes', async () => {
    const url = await start({ hosts: ['example.com'] })
    expect((await fetch(`${url}/api/health`)).status).toBe(403)
  })
})
