/** More than anybody needs: each limit ends in an answer or a close, and what waits in the server stays bounded. */
import { createLiveView, html } from 'liveloom'
import { describe, expect, it, vi } from 'vitest'
import { fetchPage, joinPayload, openBareSocket, type RawClient, RawUpload } from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

const ok = { status: 'ok', response: {} }
const refused = (reason: string) => ({ status: 'error', response: { reason } })
const patient = { timeout: 20_000 }
/** For floods that are to arrive as fast as they are sent. */
const unhurried = { maxFrameBurst: 1_000_000, maxUploadJoins: 1_000_000 }

function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at))
}

/** Sends a join and waits for nothing: a hundred thousand waiting promises would be our own load. */
function sendJoin(client: RawClient, topic: string, payload: unknown): string {
  const ref = client.nextRef()
  return client.push(topic, 'phx_join', payload, ref, ref)
}

describe('100,000 joins', () => {
  it.for([
    ['of an unknown topic', 'room:1', {}, 'unmatched topic'],
    ['of an upload, with a forged token', 'lvu:0', { token: 'a.b' }, 'invalid_token'],
  ] as const)('%s are all answered', ([, topic, payload, reason]) =>
    withTarget({ limits: unhurried }, async ({ visit }) => {
      const { client } = await visit()
      const before = client.frames.length
      const refs = times(100_000, () => sendJoin(client, topic, payload))
      expect(await client.reply(refs.at(-1)!)).toEqual(refused(reason))
      expect(client.frames.length - before).toBe(100_000)
      expect(await client.heartbeat()).toEqual(ok)
    }),
  )

  it.for([
    ['of a view', (page: Parameters<typeof joinPayload>[0]) => joinPayload(page)],
    ['of a view, with a forged token', () => ({ session: 'a.b', static: null })],
    ['of a view, without a token', () => ({})],
  ] as const)('%s close the connection when they pass maxJoins', ([, payload]) =>
    withTarget({}, async ({ visit }) => {
      const { client, page } = await visit()
      const sent = payload(page)
      for (let count = 0; count < 100_000; count++) sendJoin(client, `lv:${page.id}`, sent)
      expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'too many joins' })
      const answered = client.frames.filter(({ event }) => event === 'phx_reply')
      expect(answered.length).toBeLessThanOrEqual(1500)
    }),
  )
})

it('views over maxTopics are refused, and those that were left make room', () =>
  withTarget({ limits: { maxTopics: 3 } }, async ({ url, open }) => {
    const first = await fetchPage(url)
    const pages = [first, ...(await Promise.all(times(4, () => fetchPage(url, first.cookie))))]
    const client = await open(first)
    const views = []
    for (const page of pages.slice(0, 3)) views.push(await client.joinView(page))
    const join = () => client.join(`lv:${pages[4]!.id}`, joinPayload(pages[4]!)).reply
    expect(await join()).toEqual(refused('too many channels joined'))
    // A view that is joined anew takes its own place.
    await client.joinView(pages[0]!)
    expect(await join()).toEqual(refused('too many channels joined'))
    await client.request(views[1]!.topic, 'phx_leave', {}, views[1]!.joinRef)
    expect((await join()).status).toBe('ok')
  }))

it('files over maxUploadChannels are not allowed to be sent, of all views of the connection together', () =>
  withTarget({ limits: { maxUploadChannels: 4 } }, async ({ url, open, temporaryFiles }) => {
    const first = await fetchPage(url)
    const second = await fetchPage(url, first.cookie)
    const client = await open(first)
    const files = times(3, (at) => ({ ref: `${at}`, name: 'a.png', size: 1000 }))
    const [one, two] = [await client.joinView(first), await client.joinView(second)]
    const { entries } = await one.preflight(one.inputRef('photos'), files)
    expect(Object.keys(entries)).toHaveLength(3)
    const ref = two.inputRef('photos')
    const refused = [ref, '0', '1', '2'].map((of) => [of, 'too_many_uploads'])
    const refusal = { entries: {}, chunkSize: 0, error: refused }
    expect(await two.preflight(ref, files)).toEqual(refusal)
    for (const [entryRef, token] of Object.entries(entries)) {
      const upload = await RawUpload.join(client, entryRef, token)
      expect((await upload.chunk(new Uint8Array(1000))).status).toBe('ok')
    }
    expect(await temporaryFiles()).toHaveLength(3)
    // Those that are through make room.
    expect(Object.keys((await two.preflight(ref, files)).entries)).toHaveLength(3)
  }))

describe('a client that never reads', () => {
  /** Stops reading, sends until the server has gone, and gives how the client learns of it when it reads again. */
  async function floodUnread(target: Target, client: RawClient, send: () => void): Promise<number> {
    client.socket.pause()
    send()
    await vi.waitFor(() => expect(target.sockets.size).toBe(0), patient)
    client.socket.resume()
    return (await client.waitForClose()).code
  }

  it('is cut off when answers of 1 MB pass maxUnsentBytes', () =>
    withTarget({ limits: { maxUnsentBytes: 4_000_000 }, resumeWindow: 0 }, async (target) => {
      const { client, view } = await target.visit()
      const code = await floodUnread(target, client, () => {
        for (let sent = 0; sent < 100; sent++)
          view.push('event', { type: 'click', event: 'grow', value: { length: 1_000_000 } })
      })
      expect(code).toBe(1006)
      // What the socket's own buffers took, and no more.
      expect(target.handled.length).toBeLessThan(40)
    }))

  it('is cut off when refusals pass maxUnsentBytes', () =>
    withTarget({ limits: { ...unhurried, maxUnsentBytes: 100_000 } }, async (target) => {
      const { client } = await target.visit()
      const code = await floodUnread(target, client, () => {
        for (let sent = 0; sent < 200_000; sent++) client.push('x'.repeat(200), 'event', {})
      })
      expect(code).toBe(1006)
    }))

  it('is cut off when answers to pings pass maxUnsentBytes', () =>
    withTarget({ limits: { maxUnsentBytes: 100_000 } }, async (target) => {
      const { client } = await target.visit()
      const code = await floodUnread(target, client, () => {
        for (let sent = 0; sent < 200_000; sent++) client.socket.ping('x'.repeat(125))
      })
      expect(code).toBe(1006)
    }))

  it('in the middle of an upload leaves no file', () =>
    withTarget({ limits: { maxUnsentBytes: 1_000_000 } }, async (target) => {
      const { client, view } = await target.visit()
      const { token } = await view.prepare('photos', { ref: '0', name: 'a.png', size: 1000 })
      const upload = await RawUpload.join(client, '0', token)
      await upload.chunk(new Uint8Array(500))
      await floodUnread(target, client, () => {
        for (let sent = 0; sent < 100; sent++)
          view.push('event', { type: 'click', event: 'grow', value: { length: 1_000_000 } })
      })
      await expect.poll(target.temporaryFiles).toEqual([])
    }))
})

describe('a handler that is slow', () => {
  it('is sent as much as maxPendingBytes; then nothing more is read, and nothing of it is lost', () =>
    withTarget({ limits: { ...unhurried, maxPendingBytes: 50_000 } }, async ({ visit, reports, handled, release }) => {
      const { client, view } = await visit()
      const click = (event: string) => view.push('event', { type: 'click', event, value: {} })
      click('slow')
      const refs = times(20_000, () => click('flood'))
      const behind = client.heartbeat()
      // Another client of the same server is not kept waiting, and this one's heartbeat is not read.
      const other = await visit()
      expect((await other.view.event('look')).status).toBe('ok')
      expect(await Promise.race([behind, other.client.heartbeat().then(() => 'still')])).toBe('still')
      release()
      expect(await behind).toEqual(ok)
      for (const sent of refs.slice(-3)) expect((await client.reply(sent)).status).toBe('ok')
      expect(handled.filter(({ type }) => type === 'flood')).toHaveLength(20_000)
      expect(reports).toMatchObject([{ context: { limit: 'maxPendingBytes' } }])
    }))

  it('is sent 100 MB: what the server takes of them is bounded, and after pendingTimeout the connection is closed', () =>
    withTarget({ limits: { pendingTimeout: 200 } }, async ({ visit, handled }) => {
      const { client, view } = await visit()
      view.push('event', { type: 'click', event: 'slow', value: {} })
      const text = 'x'.repeat(1_000_000)
      for (let sent = 0; sent < 100; sent++) view.push('event', { type: 'hook', event: 'large', value: { text } })
      expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'too much waits' })
      expect(handled.map(({ type }) => type)).toEqual(['slow'])
    }))

  it('of many connections: what all hold together is bounded, and those who hold little are served', () =>
    withTarget({ limits: { maxProcessBytes: 3_000_000, pendingTimeout: 1000 } }, async ({ visit }) => {
      const attackers = []
      for (let at = 0; at < 10; at++) attackers.push(await visit())
      const text = 'x'.repeat(200_000)
      for (const { view } of attackers) {
        view.push('event', { type: 'click', event: 'slow', value: {} })
        for (let sent = 0; sent < 10; sent++) view.push('event', { type: 'hook', event: 'large', value: { text } })
      }
      // The last of them found the process full.
      expect(await attackers.at(-1)!.client.waitForClose()).toEqual({ code: 1008, reason: 'too much waits' })
      const honest = await visit()
      expect((await honest.view.event('look')).status).toBe('ok')
      const closed = attackers.filter(({ client }) => client.closed !== undefined).length
      // And when some had gone, there was room for others.
      expect(closed).toBeLessThan(10)
    }))

  it('is not needed: frames that never come whole are held against the process, too', () =>
    withTarget({ limits: { maxProcessBytes: 4_000_000, pendingTimeout: 300 } }, async (target) => {
      const page = await fetchPage(target.url)
      // A text frame of 1,000,000 bytes, masked with zeros.
      const header = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40, 0, 0, 0, 0])
      const opened = await Promise.all(times(10, () => openBareSocket(page)))
      for (const socket of opened) socket.write(Buffer.concat([header, Buffer.alloc(900_000, ' ')]))
      await vi.waitFor(() => expect(target.sockets.size).toBeLessThanOrEqual(4), patient)
      expect((await (await target.visit()).view.event('look')).status).toBe('ok')
      for (const socket of opened) socket.destroy()
    }))

  it.for([
    ['of one entry, over and over', () => ({ entry_ref: '0', progress: 50 })],
    ['of one entry, rising', (at: number) => ({ entry_ref: '0', progress: at % 100 })],
    ['of one entry, done each time', () => ({ entry_ref: '0', progress: 100 })],
    ['of one entry, failed each time', () => ({ entry_ref: '0', progress: { error: 'x' } })],
    ['of entries that there are not', (at: number) => ({ entry_ref: `x${at}`, progress: 100 })],
    ['of an entry of no input', () => ({ ref: null, entry_ref: '0', progress: 100 })],
    ['of an entry of another input', () => ({ ref: 'phx-other', entry_ref: '0', progress: 100 })],
  ] as const)('has few messages of progress wait for it: %s', ([, payload]) =>
    withTarget({ limits: unhurried }, async ({ visit, release }) => {
      const { client, view } = await visit()
      await view.prepare('photos', { ref: '0', name: 'a.png', size: 1000 })
      const ref = view.inputRef('photos')
      const slow = view.push('event', { type: 'click', event: 'slow', value: {} })
      const refs = times(10_000, (at) => view.push('progress', { event: null, ref, ...payload(at) }))
      expect(await client.heartbeat()).toEqual(ok)
      expect(client.hasReply(slow)).toBe(false)
      expect(refs.filter((sent) => !client.hasReply(sent)).length).toBeLessThanOrEqual(20)
      release()
      for (const sent of refs.slice(-3)) expect((await client.reply(sent)).status).toBe('ok')
    }),
  )

  it('does not hold up heartbeats, other views, joins and chunks', () =>
    withTarget({}, async ({ url, open, handled }) => {
      const first = await fetchPage(url)
      const second = await fetchPage(url, first.cookie)
      const client = await open(first)
      const view = await client.joinView(first)
      const { token } = await view.prepare('photos', { ref: '0', name: 'a.png', size: 1000 })
      const slow = view.push('event', { type: 'click', event: 'slow', value: {} })
      const upload = await RawUpload.join(client, '0', token)
      expect(await upload.chunk(new Uint8Array(1000))).toEqual(ok)
      expect((await (await client.joinView(second)).event('quick')).status).toBe('ok')
      expect(await client.heartbeat()).toEqual(ok)
      expect(client.hasReply(slow)).toBe(false)
      expect(handled.map(({ type }) => type)).toContain('quick')
    }))
})

it('1,500 honest events of a hook at once are handled one after another, and the view keeps its state', () => {
  const counter = createLiveView<{ count: number }>({
    mount: (socket) => socket.assign({ count: 0 }),
    async handleEvent(socket) {
      await new Promise((resolve) => void setImmediate(resolve))
      socket.assign({ count: socket.context.count + 1 })
    },
    render: ({ count }) => html`<p>${count}</p>`,
  })
  return withTarget({ routes: { '/counter': counter } }, async ({ visit, reports }) => {
    const { client, view } = await visit('/counter')
    const refs = times(1500, () => view.push('event', { type: 'hook', event: 'move', value: { x: 1 } }))
    for (const sent of refs) expect((await client.reply(sent)).status).toBe('ok')
    expect(view.html).toContain('<p>1500</p>')
    expect(reports).toEqual([])
  })
})

it('choosing one new file after another replaces the last, file and all', () =>
  withTarget({ upload: { maxEntries: 1 } }, async ({ visit, temporaryFiles }) => {
    const { client, view } = await visit()
    const input = view.inputRef('photos')
    for (let at = 0; at < 50; at++) {
      const file = { ref: `r${at}`, name: 'a.png', size: 1000 }
      await view.choose({ [input]: [file] })
      const { entries } = await view.preflight(input, [file])
      const upload = await RawUpload.join(client, file.ref, entries[file.ref]!)
      await upload.chunk(new Uint8Array(500))
    }
    await expect.poll(async () => (await temporaryFiles()).length).toBe(1)
  }))

it('1,000 connections that are opened and dropped leave none', () =>
  withTarget({}, async (target) => {
    const page = await fetchPage(target.url)
    for (let round = 0; round < 10; round++) {
      const clients = await Promise.all(times(100, () => target.open(page)))
      for (const client of clients) client.join(`lv:${page.id}`, joinPayload(page))
      for (const client of clients) client.socket.terminate()
    }
    await vi.waitFor(() => expect(target.sockets.size).toBe(0), patient)
  }))
