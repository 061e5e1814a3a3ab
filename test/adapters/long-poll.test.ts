/** Long polling on a real port: request by request, and by the official client's own transport. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createLiveServer,
  createLiveView,
  html,
  live_file_input,
  type LiveServerOptions,
  type LiveView,
  type SessionData,
} from 'liveloom'
import { type Middleware, type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { BrowserRendered, wholeHtml } from '../conformance/real-client.ts'
import { encodeBinary, fetchPage, joinPayload, type Page } from '../support/raw-client.ts'
import { LongPollClient, PollSocket } from '../support/long-poll-client.ts'

const secret = 'a secret of the tests, long enough'

let ended: string[] = []

/** A counter that writes down when it ends. */
const counter = createLiveView<{ count: number }>({
  mount: (socket) => {
    socket.assign({ count: 0 })
    void socket.subscribe('add')
  },
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  handleInfo: (socket, by) => socket.assign({ count: socket.context.count + Number(by) }),
  shutdown: () => void ended.push('counter'),
  render: ({ count }) => html`<button phx-click="inc">${count}</button>`,
})

function createAlbum(folder: string): LiveView {
  return createLiveView<object, { type: string }, 'photos'>({
    mount: (socket) => {
      void socket.allowUpload('photos', { maxFileSize: 1e8, maxEntries: 3 })
    },
    async handleEvent(socket, { type }) {
      if (type !== 'save') return
      await socket.consumeUploadedEntries('photos', async ({ path, fileSystem }, { uuid }) => {
        await fileSystem.createOrAppendFile(join(folder, uuid), path)
      })
    },
    render: (
      _,
      { uploads },
    ) => html`<form phx-change="validate" phx-submit="save">${live_file_input(uploads.photos)}</form>
      <p>${uploads.photos.entries.map(({ progress }) => html`${progress} `)}</p>`,
  })
}

let server: NodeServer | undefined
const sockets: PollSocket[] = []
const folders: string[] = []

async function start(
  options: Partial<LiveServerOptions> = {},
  port = 0,
  use: readonly Middleware[] = [],
): Promise<NodeServer> {
  const routes = { '/': counter }
  server = await serve(createLiveServer({ secret, routes, onError() {}, ...options }), {
    port,
    use,
    signals: false,
    // Longer than a test may take: whatever holds the server's end up fails.
    closeTimeout: 600_000,
  })
  return server
}

async function open({ url }: NodeServer): Promise<{ page: Page; client: LongPollClient }> {
  const page = await fetchPage(url)
  return { page, client: await LongPollClient.open(page) }
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await server?.close()
  server = undefined
  ended = []
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

describe('the requests of a session', () => {
  it('open it, post a frame, and poll the answer', async () => {
    const page = await fetchPage((await start()).url)
    const client = new LongPollClient(page)
    const opened = await client.get()
    expect(opened).toEqual({ status: 410, token: expect.any(String) as string, messages: [] })
    client.token = opened.token!
    expect(await client.post('["6","6","lvu:0","phx_join",{"token":"t"}]')).toEqual({ status: 200 })
    expect(await client.get()).toEqual({
      status: 200,
      token: expect.any(String) as string,
      messages: ['["6","6","lvu:0","phx_reply",{"status":"error","response":{"reason":"invalid_token"}}]'],
    })
  })

  it('take a frame that is a whole body of another type', async () => {
    const { client } = await open(await start())
    expect(await client.post('[null,"1",\n"phoenix","heartbeat",{}]', { 'content-type': 'application/json' })).toEqual({
      status: 200,
    })
    expect((await client.poll()).messages).toEqual(['[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]'])
  })

  it('take lines in order, of text and of base64', async () => {
    const { client } = await open(await start())
    const chunk = encodeBinary(['7', '2', 'lvu:0', 'chunk'], Uint8Array.of(1, 2, 255))
    const heartbeat = (ref: number): string => `[null,"${ref}","phoenix","heartbeat",{}]`
    const lines = [heartbeat(1), Buffer.from(chunk).toString('base64'), heartbeat(3), '']
    expect(await client.post(lines.join('\n'))).toEqual({ status: 200 })
    const { messages } = await client.poll()
    expect(messages!.map((frame) => (JSON.parse(frame) as unknown[])[1])).toEqual(['1', '2', '3'])
  })

  it('may carry the token in a header, which goes before the address', async () => {
    const { client } = await open(await start())
    const token = client.token!
    client.token = 'not.one'
    const headers = { 'x-phoenix-longpoll-token': token }
    expect(await client.post('[null,"1","phoenix","heartbeat",{}]', headers)).toEqual({ status: 200 })
    expect((await client.get(headers)).status).toBe(200)
  })

  it('may carry a parameter of the application that is called token too', async () => {
    const page = await fetchPage((await start()).url)
    const client = new LongPollClient(page, { token: 'mine' })
    const { status, token } = await client.get()
    expect(status).toBe(410)
    client.token = token!
    expect(await client.post('[null,"1","phoenix","heartbeat",{}]')).toEqual({ status: 200 })
  })

  it('are answered with what no cache keeps', async () => {
    const { url } = await start()
    const { headers, status } = await fetch(`${url}/live/longpoll?vsn=2.0.0`)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  it('of any other method are bad', async () => {
    const { url } = await start()
    for (const method of ['PUT', 'DELETE', 'HEAD']) {
      expect((await fetch(`${url}/live/longpoll?vsn=2.0.0`, { method })).status).toBe(400)
    }
  })

  it('are at the path of the socket', async () => {
    const { url } = await start({ path: '/somewhere/live' })
    expect(await (await fetch(`${url}/somewhere/live/longpoll?vsn=2.0.0`)).json()).toMatchObject({ status: 410 })
    expect((await fetch(`${url}/live/longpoll?vsn=2.0.0`)).status).toBe(404)
  })
})

describe('a poll', () => {
  it('waits until there is something, also of another request', async () => {
    const running = await start()
    const { page, client } = await open(running)
    await client.post(JSON.stringify(['4', '4', `lv:${page.id}`, 'phx_join', joinPayload(page)]))
    await client.poll()
    const polled = client.poll()
    await running.publish('add', 5)
    expect((await polled).messages).toEqual([`["4",null,"lv:${page.id}","diff",{"0":"5"}]`])
  })

  it('that is broken off loses nothing', async () => {
    const running = await start()
    const { page, client } = await open(running)
    await client.post(JSON.stringify(['4', '4', `lv:${page.id}`, 'phx_join', joinPayload(page)]))
    await client.poll()
    const left = new AbortController()
    const asked = once(running.server, 'request')
    const polled = client.get({}, left.signal)
    await asked
    left.abort()
    await expect(polled).rejects.toThrow('aborted')
    await running.publish('add', 5)
    const { messages } = await client.poll()
    expect(messages).toEqual([`["4",null,"lv:${page.id}","diff",{"0":"5"}]`])
  })

  it('whose answer was lost is answered with the same again', async () => {
    const { client } = await open(await start())
    const heartbeat = async (ref: number): Promise<unknown> => client.post(`[null,"${ref}","phoenix","heartbeat",{}]`)
    await heartbeat(1)
    const { messages: lost } = await client.get()
    await heartbeat(2)
    const { messages } = await client.poll()
    expect(messages).toEqual(lost)
    expect((await client.poll()).messages).toEqual([expect.stringContaining('"2"')])
  })

  it('is superseded by a newer one', async () => {
    const { client } = await open(await start())
    const first = client.get()
    // The second is only newer if it comes later.
    await client.post('')
    const second = client.get()
    expect((await first).status).toBe(204)
    await client.post('[null,"1","phoenix","heartbeat",{}]')
    expect((await second).messages).toHaveLength(1)
  })

  it('is answered at once by a server that closes, and the view ends', async () => {
    const running = await start()
    const { page, client } = await open(running)
    await client.post(JSON.stringify(['4', '4', `lv:${page.id}`, 'phx_join', joinPayload(page)]))
    await client.poll()
    const polled = client.get()
    await client.post('')
    await running.close()
    expect((await polled).status).toBe(410)
    expect(ended).toEqual(['counter'])
  })
})

describe('a server that closes', () => {
  it('does not wait for the rest of a POST', async () => {
    const running = await start()
    const { client } = await open(running)
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('[null,"1",')) })
    const asked = once(running.server, 'request')
    const posted = client.post(body)
    await asked
    await running.close()
    // Either the answer, or the end of the connection.
    expect(await posted.catch(() => ({ status: 0 }))).not.toEqual({ status: 200 })
  })
})

describe('a middleware that reads what long polling is sent', () => {
  it('is reported, and no frame gets lost unnoticed', async () => {
    const errors: unknown[] = []
    const { url } = await start({ onError: (error) => errors.push(error) }, 0, [
      (request, _response, next) => {
        request.resume()
        request.once('end', next)
      },
    ])
    const client = await LongPollClient.open(await fetchPage(url))
    await expect(client.post('[null,"1","phoenix","heartbeat",{}]')).rejects.toThrow('JSON')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SERVER_OPTIONS' })])
  })
})

describe('a session', () => {
  it.each([
    ['a token of nothing', () => ''],
    ['a token that is none', () => 'x'],
    ['a forged token', (token: string) => `${token.slice(0, -2)}AA`],
  ])('is not found by %s', async (_, change) => {
    const { client } = await open(await start())
    client.token = change(client.token!)
    expect(await client.post('[null,"1","phoenix","heartbeat",{}]')).toEqual({ status: 410 })
    expect(await client.get()).toEqual({ status: 410, token: expect.any(String) as string, messages: [] })
  })

  it('is not found by another visitor', async () => {
    const running = await start()
    const { page, client } = await open(running)
    const other = new LongPollClient(await fetchPage(running.url))
    other.token = client.token
    expect(await other.post('[null,"1","phoenix","heartbeat",{}]')).toEqual({ status: 410 })
    const nobody = new LongPollClient({ ...page, cookie: '' })
    nobody.token = client.token
    expect(await nobody.post('[null,"1","phoenix","heartbeat",{}]')).toEqual({ status: 410 })
  })

  it('is gone in a server that is started again', async () => {
    const running = await start()
    const { client } = await open(running)
    await running.close()
    await start({}, Number(new URL(running.url).port))
    // A connection that was kept is tried first, and is known to be closed a moment later.
    const heartbeat = '[null,"1","phoenix","heartbeat",{}]'
    await vi.waitFor(async () => expect(await client.post(heartbeat)).toEqual({ status: 410 }))
    expect((await client.get()).status).toBe(410)
  })

  it('has the limits of a socket', async () => {
    const { page, client } = await open(await start({ limits: { maxJoins: 2 } }))
    const frame = JSON.stringify(['4', '4', `lv:${page.id}`, 'phx_join', joinPayload(page, { session: 'x' })])
    expect(await client.post([frame, frame, frame].join('\n'))).toEqual({ status: 410 })
    // What was answered before the end is still given.
    expect((await client.poll()).messages).toHaveLength(2)
    expect((await client.get()).status).toBe(410)
  })

  it('is one of so many', async () => {
    const running = await start({ limits: { maxLongPolls: 2 } })
    await open(running)
    await open(running)
    expect(await new LongPollClient(await fetchPage(running.url)).get()).toEqual({ status: 500 })
  })

  it('that cannot be decided on is tried again later', async () => {
    const errors: unknown[] = []
    let broken = false
    const session = (): SessionData => {
      if (broken) throw new Error('no database')
      return {}
    }
    const { url } = await start({ session, onError: (_, { stage }) => errors.push(stage) })
    const client = new LongPollClient(await fetchPage(url))
    broken = true
    expect(await client.get()).toEqual({ status: 500 })
    expect(errors).toEqual(['session'])
  })
})

describe('another origin', () => {
  const cases: readonly (readonly [string, LiveServerOptions['origins'], (own: string) => string, boolean])[] = [
    ['that is listed is let in by name', ['https://app.example'], () => 'https://app.example', true],
    ['is let in when any is', 'any', () => 'https://anywhere.example', true],
    ['that is not listed is refused', ['https://app.example'], () => 'https://evil.example', false],
    ['that is null is refused', [], () => 'null', false],
    ['that is the own one is none', [], (own) => own, true],
  ]
  it.each(cases)('%s', async (_, origins, originOf, allowed) => {
    const { url } = await start({ origins: origins ?? [] })
    const origin = originOf(url)
    const headers = { origin, 'access-control-request-headers': 'content-type' }
    const address = `${url}/live/longpoll?vsn=2.0.0`
    const preflight = await fetch(address, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(allowed ? 200 : 403)
    expect(preflight.headers.get('access-control-allow-headers')).toBe(allowed ? 'content-type' : null)
    const polled = await fetch(address, { headers })
    expect(await polled.json()).toMatchObject({ status: allowed ? 410 : 403 })
    const posted = await fetch(address, { method: 'POST', headers, body: '' })
    expect(await posted.json()).toEqual({ status: allowed ? 410 : 403 })
    for (const response of [preflight, polled, posted]) {
      expect(response.headers.get('vary')).toBe('origin')
      expect(response.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null)
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    }
  })
})

describe('the official client', () => {
  async function connect(page: Page): Promise<PollSocket> {
    const socket = new PollSocket(page)
    sockets.push(socket)
    await socket.opened
    return socket
  }

  it('joins a view, sends an event, and is sent what others publish', async () => {
    const running = await start()
    const page = await fetchPage(running.url)
    const socket = await connect(page)
    const view = socket.view(page)
    expect(await view.join()).toMatchObject({ rendered: { 0: '0' } })
    expect(await view.push('event', { type: 'click', event: 'inc', value: {} })).toEqual({ diff: { 0: '1' } })
    await running.publish('add', 10)
    await vi.waitFor(() => expect(view.pushed).toContainEqual({ 0: '11' }))
  })

  it('sends hundreds of frames in batches, and loses none', async () => {
    const page = await fetchPage((await start()).url)
    const socket = await connect(page)
    const view = socket.view(page)
    await view.join()
    const pushes = Array.from({ length: 450 }, () => view.push('event', { type: 'click', event: 'inc', value: {} }))
    expect((await Promise.all(pushes)).at(-1)).toEqual({ diff: { 0: '450' } })
  })

  it('comes back to a server that was started again, and joins anew', async () => {
    const running = await start()
    const page = await fetchPage(running.url)
    const socket = await connect(page)
    const view = socket.view(page)
    await view.join()
    await running.close()
    await start({}, Number(new URL(running.url).port))
    await vi.waitFor(() => expect(view.joins).toBe(2), { timeout: 20_000 })
    expect(await view.push('event', { type: 'click', event: 'inc', value: {} })).toEqual({ diff: { 0: '1' } })
  })

  it('comes back to a server that has ended its session, and joins anew', async () => {
    const page = await fetchPage((await start({ limits: { maxMessageSize: 10_000 } })).url)
    const socket = await connect(page)
    const view = socket.view(page)
    await view.join()
    view.push('event', { type: 'click', event: 'inc', value: 'x'.repeat(10_000) }).catch(() => {})
    await vi.waitFor(() => expect(view.joins).toBe(2), { timeout: 20_000 })
    expect(ended).toEqual(['counter'])
  })

  it('uploads files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'long-poll-'))
    folders.push(folder)
    const page = await fetchPage((await start({ routes: { '/': createAlbum(folder) } })).url)
    const socket = await connect(page)
    const view = socket.view(page)
    const { rendered } = (await view.join()) as { rendered: unknown }
    const shown = wholeHtml(new BrowserRendered(page.id, rendered))
    const [, input] = /data-phx-upload-ref="([^"]+)"/.exec(shown)!
    const file = randomBytes(1_000_000)
    const entry = { ref: '0', name: 'cat.png', size: file.length, type: 'image/png' }
    await view.push('event', { type: 'form', event: 'validate', value: '', uploads: { [input!]: [entry] } })
    const { config, entries } = (await view.push('allow_upload', { ref: input, entries: [entry], cid: null })) as {
      config: { chunk_size: number }
      entries: Record<string, string>
    }
    const upload = socket.upload('0', entries['0']!)
    await upload.join()
    for (let at = 0; at < file.length; at += config.chunk_size) {
      await upload.chunk(file.subarray(at, at + config.chunk_size))
    }
    await view.push('progress', { event: null, ref: input, entry_ref: '0', progress: 100, cid: null })
    await view.push('event', { type: 'form', event: 'save', value: '' })
    const [saved] = await readdir(folder)
    expect(file.equals(await readFile(join(folder, saved!)))).toBe(true)
  })
})
