/** What holds on every server that has views: with the real framework or runtime on a real port, looked at from outside alone. */
import { get, request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { type Bytes, type Door, type DoorOptions, downloadSize, policy, type StartDoor } from '../doors/app.ts'
import { aliveQuestion } from '../../src/protocol/message.ts'
import type { DoorFacts } from '../doors/facts.ts'
import { start as startDownload } from '../support/downloads.ts'
import { askFor, grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { kernelBytes, tellsKernelBytes } from '../support/kernel-bytes.ts'
import { LongPollClient, PollSocket } from '../support/long-poll-client.ts'
import { fetchPage, type Page, RawClient, type RawView } from '../support/raw-client.ts'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte
/** More than buffers on the way hold: of the system, 10 MiB at most, and of the runtime. */
const buffers = 24 * mebibyte
const nothing: Bytes = { written: 0, read: 0, limits: [] }

export function describeDoor(name: string, start: StartDoor, facts: DoorFacts): void {
  const { SLOW_TESTS, RUNTIMES } = process.env
  /** In `npm test` these are of one door: they take seconds. */
  const seldom = it.runIf(name === 'node:http' || SLOW_TESTS !== undefined || RUNTIMES !== undefined)
  let door: Door
  const clients: RawClient[] = []

  const open = async (options: Partial<DoorOptions> = {}): Promise<string> => {
    door = await start({ basePath: '', proxy: false, ...options })
    return door.url
  }
  const connect = async (page: Page, headers?: Record<string, string>, path = '/live'): Promise<RawClient> => {
    const client = await RawClient.open(page, { path, ...(headers && { headers }) })
    clients.push(client)
    return client
  }
  const visit = async (path = '/'): Promise<{ page: Page; client: RawClient; view: RawView }> => {
    const page = await fetchPage(door.url + path)
    const client = await connect(page)
    return { page, client, view: await client.joinView(page) }
  }
  const place = {
    get url() {
      return door.url
    },
    async visit(path = '/') {
      const page = await fetchPage(door.url + path)
      return { page, client: await connect(page) }
    },
  }
  const bytesNow = async (): Promise<Bytes> => (await (await fetch(`${door.url}/api/bytes`)).json()) as Bytes
  /** What a number is when it has stopped to change, for as long as the server answers a hundred others. */
  const settled = async (look: () => number | Promise<number>): Promise<number> => {
    let [last, same] = [await look(), 0]
    while (same < 100) {
      await bytesNow()
      const now = await look()
      same = now === last ? same + 1 : 0
      last = now
    }
    return last
  }

  describe(name, () => {
    afterEach(async () => {
      for (const { socket } of clients.splice(0)) socket.terminate()
      await door.close()
    })

    it('a page is shown, and an event reaches its view over the socket', async () => {
      await open()
      const { view } = await visit()
      await view.event('inc')
      expect(view.html).toContain('>1</button>')
    })

    it('all of it is at home under a path, beside routes of the application', async () => {
      const url = await open({ basePath: '/acme' })
      const page = await fetchPage(`${url}/acme/`)
      const view = await (await connect(page, undefined, '/acme/live')).joinView(page)
      await view.event('inc')
      expect(view.html).toContain('>1</button>')
      const html = await (await fetch(page.url)).text()
      const script = await fetch(url + /src="(\/acme\/live\/client-[^"]+)"/.exec(html)![1]!)
      expect(script.status).toBe(200)
      expect(await bytesNow()).toEqual(nothing)
    })

    it('an event comes by long polling', async () => {
      const page = await fetchPage(`${await open()}/`)
      const socket = new PollSocket(page)
      try {
        await socket.opened
        const view = socket.view(page)
        await view.join()
        expect(await view.push('event', { type: 'click', event: 'inc', value: {} })).toMatchObject({ diff: { 2: '1' } })
      } finally {
        socket.close()
      }
    })

    it('a file comes by the channel, byte for byte', async () => {
      await open()
      const { view } = await visit()
      await view.upload('photos', { ref: '0', name: 'a.png', size: 300_000 }, new Uint8Array(300_000).fill(7))
      await expect.poll(() => view.html).toContain('saved 2100000')
    })

    it('a file comes by HTTP, byte for byte', async () => {
      await open()
      const upload = await grantUpload(place, { ref: '0', name: 'a.png', size: 3_000_000 })
      const answer = await upload.patch(0, new Uint8Array(3_000_000).fill(7), true)
      expect(answer.status).toBe(200)
      await upload.view.progress(upload.view.inputRef('photos'), '0', 100)
      await expect.poll(() => upload.view.html).toContain('saved 21000000')
    })

    it('a writer that is slow slows an upload over HTTP', async () => {
      await open()
      const size = 64 * mebibyte
      const upload = await grantUpload(place, { ref: '0', name: 'a.bin', size }, '/slow')
      const { sent, held, end } = sendAll(upload, size)
      expect(await settled(sent)).toBeLessThan(buffers)
      expect(held()).toBeLessThanOrEqual(facts.holds)
      // One piece.
      expect((await bytesNow()).written).toBeLessThanOrEqual(facts.holds / 3)
      await fetch(`${door.url}/api/release`)
      expect(await end).toBe(200)
      expect((await bytesNow()).written).toBe(size)
    })

    it('a browser that reads slowly slows what it is sent, and gets all of it', async () => {
      await open()
      const { page, view } = await visit()
      const [path] = await startDownload(view, 'get')
      const asked = get(new URL(path!, page.url), { headers: { cookie: page.cookie }, agent: false })
      const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
      expect(await settled(async () => (await bytesNow()).read)).toBeLessThan(buffers)
      let size = 0
      for await (const piece of response) size += (piece as Uint8Array).length
      expect([response.headers['content-length'], size]).toEqual([
        facts.dropsLength === true ? undefined : String(downloadSize),
        downloadSize,
      ])
    })

    it('what cannot be sent whole is no file to the browser', async () => {
      await open()
      const { page, view } = await visit()
      const [path] = await startDownload(view, 'break')
      await expect(
        fetch(new URL(path!, page.url), { headers: { cookie: page.cookie } }).then((response) =>
          response.arrayBuffer(),
        ),
      ).rejects.toThrow()
      await expect.poll(() => view.html).toContain('failed')
    })

    it('the client’s script is kept for ever, and comes packed', async () => {
      const page = await (await fetch(`${await open()}/`)).text()
      const [, path] = /src="(\/live\/client-[^"]+)"/.exec(page)!
      const response = await fetch(door.url + path!, { headers: { 'accept-encoding': 'br' } })
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(response.headers.get('content-encoding')).toBe('br')
      expect(await response.text()).toContain('phx-')
    })

    it('routes of the application have what is for no view, with the body unread', async () => {
      const url = await open()
      expect(await bytesNow()).toEqual(nothing)
      const headers = { 'content-type': 'application/json' }
      const echo = await fetch(`${url}/api/echo`, { method: 'POST', headers, body: '{"ok":true}' })
      expect(await echo.json()).toEqual({ ok: true })
    })

    it('what the application knows of a request is the session of the page, and of its socket', async () => {
      const url = await open()
      const cookie = 'app_user=Ada'
      const page = await (await fetch(`${url}/`, { headers: { cookie } })).text()
      expect(page).toContain('<p>Ada </p>')
      const first = await fetchPage(`${url}/`)
      const both = { ...first, cookie: `${first.cookie}; ${cookie}` }
      const view = await (await connect(both)).joinView(both)
      expect(view.html).toContain('<p>Ada </p>')
    })

    it.runIf(facts.guardsSockets ?? true)('what refuses a page of the application refuses its socket', async () => {
      const url = await open()
      expect((await fetch(`${url}/`, { headers: { cookie: 'app_user=banned' } })).status).toBe(401)
      const page = await fetchPage(`${url}/`)
      await expect(connect({ ...page, cookie: `${page.cookie}; app_user=banned` })).rejects.toThrow('401')
    })

    it('a header of the application stands before the default one', async () => {
      const response = await fetch(`${await open()}/`)
      expect(response.headers.get('content-security-policy')).toBe(policy)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    })

    it('what compresses compresses pages, and is not in the way of polls and sockets', async () => {
      await open()
      const asked = get(`${door.url}/`, { headers: { 'accept-encoding': 'gzip' }, agent: false })
      const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
      const pieces: Uint8Array[] = []
      for await (const piece of response) pieces.push(piece as Uint8Array)
      expect(response.headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(Buffer.concat(pieces)).toString()).toContain('data-phx-main')
    })

    it('the address is the browser’s where a proxy is trusted, and only there', async () => {
      const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.com' }
      const plain = await fetch(`${await open()}/`, { headers: forwarded })
      expect(plain.headers.get('set-cookie')).not.toContain('Secure')
      await door.close()
      const url = await open({ proxy: true })
      const secure = await fetch(`${url}/`, { headers: forwarded })
      expect(secure.headers.get('set-cookie')).toContain('Secure')
      const page = await fetchPage(`${url}/`)
      const client = await connect(page, { ...forwarded, origin: 'https://example.com' })
      expect((await client.heartbeat()).status).toBe('ok')
      await expect(connect(page, { ...forwarded, origin: url })).rejects.toThrow('403')
    })

    it('a form is taken, and one that is too large is refused', async () => {
      const url = await open()
      const { cookie, csrfToken } = await fetchPage(`${url}/`)
      const greet = (name: string): Promise<Response> => {
        const body = new URLSearchParams({ _csrf_token: csrfToken, name })
        return fetch(`${url}/greet`, { method: 'POST', body, headers: { cookie }, redirect: 'manual' })
      }
      const taken = await greet('Ada')
      expect([taken.status, taken.headers.get('location')]).toEqual([303, '/?name=Ada'])
      expect((await greet('x'.repeat(20_000))).status).toBe(413)
    })

    it('a frame that is too large ends its connection alone', async () => {
      await open()
      const { client } = await visit()
      const other = await visit()
      client.sendText(`"${'x'.repeat(3 * mebibyte)}"`)
      expect((await client.waitForClose()).code).toBe(1009)
      await other.view.event('inc')
      expect(other.view.html).toContain('>1</button>')
    })

    seldom('a client that sends without end is read more slowly, and loses nothing', async () => {
      await open()
      const { view, client } = await visit()
      const refs = Array.from({ length: 6000 }, () => client.push('phoenix', 'heartbeat', {}))
      expect((await client.reply(refs.at(-1)!)).status).toBe('ok')
      await view.event('inc')
      expect(view.html).toContain('>1</button>')
    })

    it('a client that reads nothing is cut off', async () => {
      await open()
      const { client, view } = await visit()
      client.socket.pause()
      for (let count = 0; count < 40; count++) view.push('event', { type: 'click', event: 'fill', value: {} })
      await expect.poll(async () => (await bytesNow()).limits.join()).toContain('maxUnsentBytes')
      client.socket.resume()
      await client.waitForClose()
    })

    it('a visitor who joins too often gets no new connection for a while', async () => {
      await open()
      const { page, client } = await visit()
      for (let joins = 1; joins <= 60; joins++) await client.joinView(page)
      await expect(connect(page)).rejects.toThrow('429')
      expect((await client.heartbeat()).status).toBe('ok')
      await visit()
    })

    it('a page whose line is lost has its view back', async () => {
      await open()
      const { page, client, view } = await visit()
      await view.event('inc')
      await client.cut()
      expect((await (await connect(page)).rejoinView(page)).html).toContain('>1</button>')
    })

    seldom('a page whose line only seems to live has its view back', async () => {
      await open()
      const { page, client, view } = await visit()
      await view.event('inc')
      // It answers no ping.
      client.socket.pause()
      expect((await (await connect(page)).rejoinView(page)).html).toContain('>1</button>')
    })

    it('a copy of a page does not take its view', async () => {
      await open()
      const { page, client, view } = await visit()
      // As the client does that is served, where there are no pings.
      client.socket.on('message', (frame: Buffer) => {
        if (frame.includes(aliveQuestion)) void client.heartbeat()
      })
      await view.event('inc')
      expect((await (await connect(page)).rejoinView(page)).html).toContain('>0</button>')
      await view.event('inc')
      expect(view.html).toContain('>2</button>')
    })

    it.runIf(facts.endsSilent)('what has a clock of its own is not ended by that of the runtime', async () => {
      await open()
      const polled = await fetchPage(`${door.url}/`)
      const poller = await LongPollClient.open(polled)
      const answer = poller.poll()
      const size = 16 * mebibyte
      const upload = await grantUpload(place, { ref: '0', name: 'a.bin', size }, '/slow')
      const { sent, end } = sendAll(upload, size)
      const { page, view } = await visit()
      const [path] = await startDownload(view, 'get')
      const asked = get(new URL(path!, page.url), { headers: { cookie: page.cookie }, agent: false })
      const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
      await settled(sent)
      await expect(fetch(`${door.url}/api/silent`)).rejects.toThrow()
      // By lines of their own: those that `fetch` has kept are being ended, too.
      const headers = { cookie: polled.cookie, 'content-type': 'application/x-ndjson' }
      await askFor(poller.url, 'POST', headers, Buffer.from('["1","1","phoenix","heartbeat",{}]'))
      expect((await answer).messages).toHaveLength(1)
      await askFor(`${door.url}/api/release`, 'GET', {})
      expect(await end).toBe(200)
      let read = 0
      for await (const piece of response) read += (piece as Uint8Array).length
      expect(read).toBe(downloadSize)
    })

    it('a server that drains sends its pages away and takes no new ones', async () => {
      await open()
      const { client } = await visit()
      const drained = door.drain()
      expect((await client.waitForClose()).code).toBe(1012)
      expect((await fetch(`${door.url}/`)).status).toBe(503)
      await drained
    })

    it('a server that closes tells its pages to come back', async () => {
      await open()
      const { client } = await visit()
      await door.close()
      expect((await client.waitForClose()).code).toBe(1012)
    })
  })
}

interface Sending {
  /** How many bytes left this process, or wait in it. */
  sent(): number
  /** How many of them the server's process has, where the system tells. */
  held(): number
  readonly end: Promise<number>
}

/** Sends zeros as fast as they are taken. */
function sendAll({ url, page }: HttpUpload, size: number): Sending {
  const headers = {
    cookie: page.cookie,
    'content-type': 'application/partial-upload',
    'content-length': String(size),
    'upload-offset': '0',
    'upload-complete': '?1',
  }
  const asked = httpRequest(url, { method: 'PATCH', headers, agent: false })
  const piece = Buffer.alloc(256 * kibibyte)
  let sent = 0
  const pump = (): void => {
    while (sent < size) {
      sent += piece.length
      if (!asked.write(piece)) return void asked.once('drain', pump)
    }
    asked.end()
  }
  pump()
  const end = new Promise<number>((resolve, reject) => {
    asked.once('error', reject)
    asked.once('response', (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
  })
  const held = (): number => {
    const { socket } = asked
    if (!tellsKernelBytes || !socket) return 0
    return socket.bytesWritten - socket.writableLength - kernelBytes(socket.localPort!, socket.remotePort!)
  }
  return { sent: () => sent, held, end }
}
