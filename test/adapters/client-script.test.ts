/** The prebuilt client over HTTP: compressed beforehand, in the form that the browser likes; and pages behind `compression()`. */
import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import compression from 'compression'
import cors from 'cors'
import helmet from 'helmet'
import { createLiveServer, createLiveView, html } from 'liveloom'
import { type NodeServer, serve, type ServeOptions } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPage, RawClient } from '../support/raw-client.ts'

const view = createLiveView<{ clicks: number }, { type: 'click' }>({
  mount: (socket) => socket.assign({ clicks: 0 }),
  handleEvent: (socket) => socket.assign({ clicks: socket.context.clicks + 1 }),
  render: ({ clicks }) => html`<p>${clicks} ${'text '.repeat(1000)}</p>`,
})

let server: NodeServer | undefined

afterEach(async () => server?.close())

async function start(options: ServeOptions = {}): Promise<NodeServer> {
  const live = createLiveServer({ secret: 'a secret of the tests, long enough', routes: { '/': view } })
  return (server = await serve(live, { port: 0, signals: false, development: false, ...options }))
}

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: Buffer
}

/** As it comes: `fetch` would unpack it. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, server!.url), { method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    asked.on('error', reject).end()
  })
}

const path = '/live/client.js'

describe('the prebuilt client', () => {
  it('comes compressed to whoever takes that', async () => {
    await start()
    const plain = await get(path)
    expect(plain.headers['content-encoding']).toBeUndefined()
    const br = await get(path, { 'accept-encoding': 'gzip, deflate, br' })
    const gzip = await get(path, { 'accept-encoding': 'gzip, deflate' })
    expect([br.headers['content-encoding'], gzip.headers['content-encoding']]).toEqual(['br', 'gzip'])
    expect(brotliDecompressSync(br.body).equals(plain.body)).toBe(true)
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true)
    expect(gzip.body.length).toBeLessThan(plain.body.length / 3)
    for (const { headers, body } of [plain, br, gzip]) {
      expect(headers['vary']).toBe('Accept-Encoding')
      expect(headers['content-length']).toBe(String(body.length))
    }
    expect(new Set([plain, br, gzip].map(({ headers }) => headers['etag'])).size).toBe(3)
  })

  it.each(['br', 'gzip', 'identity'])('is not sent again as %s, nor another form taken for it', async (encoding) => {
    await start()
    const { headers } = await get(path, { 'accept-encoding': encoding })
    const known = { 'if-none-match': String(headers['etag']) }
    const again = await get(path, { 'accept-encoding': encoding, ...known })
    expect([again.status, again.body.length, again.headers['vary']]).toEqual([304, 0, 'Accept-Encoding'])
    const other = await get(path, { 'accept-encoding': encoding === 'br' ? 'gzip' : 'br', ...known })
    expect(other.status).toBe(200)
  })

  it('tells its length for HEAD, and sends nothing', async () => {
    await start()
    const { headers, body } = await get(path, { 'accept-encoding': 'br' }, 'HEAD')
    expect([headers['content-encoding'], body.length]).toEqual(['br', 0])
    expect(Number(headers['content-length'])).toBeGreaterThan(10_000)
  })

  it('is compressed in development too, with what development loads', async () => {
    await start({ development: true })
    for (const script of [path, '/live/development.js']) {
      expect((await get(script, { 'accept-encoding': 'br' })).headers['content-encoding']).toBe('br')
    }
  })
})

describe('behind compression(), helmet() and cors()', () => {
  const use = (): ServeOptions => ({ use: [helmet({ contentSecurityPolicy: false }), cors(), compression()] })

  it('pages are compressed, and the client once', async () => {
    const { url } = await start(use())
    const page = await get('/', { 'accept-encoding': 'gzip' })
    expect(page.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(page.body).toString()).toContain('text text')
    expect(page.headers['x-frame-options']).toBe('SAMEORIGIN')
    const client = await get(path, { 'accept-encoding': 'gzip' })
    expect(gunzipSync(client.body).toString()).toContain('liveloom')
    expect((await get('/nothing', { 'accept-encoding': 'gzip' })).status).toBe(404)
    expect((await get('/', { 'accept-encoding': 'gzip' }, 'HEAD')).body.length).toBe(0)
    expect(url).toContain('http://')
  })

  it('views live, over a socket and by polling', async () => {
    const { url } = await start(use())
    const page = await fetchPage(url)
    const client = await RawClient.open(page)
    const shown = await client.joinView(page)
    await shown.event('click')
    expect(shown.html).toContain('<p>1 ')
    client.socket.terminate()
    const query = new URLSearchParams({ _csrf_token: page.csrfToken, vsn: '2.0.0' })
    const headers = { cookie: page.cookie }
    const opened = (await (await fetch(`${url}/live/longpoll?${query}`, { headers })).json()) as { token: string }
    const poll = `${url}/live/longpoll?vsn=2.0.0&token=${encodeURIComponent(opened.token)}`
    const join = { url, params: { _mounts: 0 }, session: page.session, static: page.static, sticky: false }
    const posted = await fetch(poll, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: JSON.stringify(['1', '1', `lv:${page.id}`, 'phx_join', join]),
    })
    expect(await posted.json()).toMatchObject({ status: 200 })
    const answer = await (await fetch(poll, { headers })).text()
    expect(answer).toContain('text text')
  })
})
