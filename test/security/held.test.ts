/** Whatever clients do, and however they go: what the process counts as held for them is as much as it holds, and in the end nothing. */
import { connect } from 'node:net'
import { createLiveView, html, live_file_input } from 'liveloom'
import { expect, it, vi } from 'vitest'
import { ProcessBudget } from '../../dist/server/process-budget.js'
import { LongPollClient } from '../support/long-poll-client.ts'
import {
  fetchPage,
  joinPayload,
  openBareSocket,
  type RawClient,
  RawUpload,
  type RawView,
} from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

/** Numbers that look random, and are the same in each run. */
function randomly(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** What all budgets of the process hold together, and the least that it ever was. */
function watchBudgets() {
  const seen = { held: 0, least: 0, most: 0 }
  const { add } = ProcessBudget.prototype
  const spy = vi.spyOn(ProcessBudget.prototype, 'add').mockImplementation(function (this: ProcessBudget, bytes) {
    seen.held += bytes
    seen.least = Math.min(seen.least, seen.held)
    seen.most = Math.max(seen.most, seen.held)
    add.call(this, bytes)
  })
  return { seen, [Symbol.dispose]: () => spy.mockRestore() }
}

const busy = createLiveView<{ count: number }>({
  mount(socket) {
    socket.assign({ count: 0 })
    void socket.allowUpload('photos', { maxEntries: 20, chunkSize: 20_000 })
  },
  async handleEvent(socket, { type }) {
    if (type === 'throw') throw new Error('as it was asked to')
    for (let turns = type === 'long' ? 20 : 1; turns > 0; turns--)
      await new Promise((resolve) => void setImmediate(resolve))
    socket.assign({ count: socket.context.count + 1 })
  },
  render: ({ count }, { uploads }) => html`<form phx-change="validate">${live_file_input(uploads.photos)}</form>
    <p>${count}</p>`,
})

/** One visitor by a socket, who does some of all that can be done. */
async function visitBySocket({ visit }: Target, random: (below: number) => number): Promise<void> {
  const { page, client, view } = await visit('/busy')
  let current: RawView = view
  const acts: readonly (() => unknown)[] = [
    () => current.push('event', { type: 'click', event: 'long', value: { text: 'x'.repeat(random(100_000)) } }),
    () => {
      for (let sent = random(300); sent > 0; sent--)
        current.push('event', { type: 'hook', event: 'move', value: Array.from({ length: random(40) }, () => ({})) })
    },
    () => current.push('event', { type: 'click', event: random(3) === 0 ? 'throw' : 'quick', value: {} }),
    () => current.push('progress', { event: null, ref: null, entry_ref: '0', progress: random(100) }),
    () => current.push('unknown', { text: 'x'.repeat(1000) }),
    () => client.push(`lv:${page.id}`, 'phx_leave', {}, current.joinRef),
    async () => (current = await client.joinView(page)),
    () => client.socket.ping('x'.repeat(random(125))),
    () => client.socket.pong(),
    () => upload(client, current, random),
    () => client.sendBinary(new Uint8Array(random(50_000) + 10)),
    () => client.heartbeat(),
  ]
  for (let count = 3 + random(12); count > 0 && client.closed === undefined; count--) {
    // Behind a frame that is none, or for a view that has gone, what it waits for is refused, or never comes.
    const act = Promise.resolve(acts[random(acts.length)]!())
    await Promise.race([act, beats(client, 10)]).catch(() => {})
    act.catch(() => {})
  }
  if (random(2) === 0) client.socket.terminate()
  else client.socket.close()
}

async function beats(client: RawClient, count: number): Promise<void> {
  for (let beat = 0; beat < count; beat++) await client.heartbeat()
}

async function upload(client: RawClient, view: RawView, random: (below: number) => number): Promise<void> {
  const file = { ref: `f${random(1e9)}`, name: 'a.png', size: 1 + random(100_000) }
  const { token, chunkSize } = await view.prepare('photos', file)
  const channel = await RawUpload.join(client, file.ref, token)
  for (let left = random(file.size * 2); left > 0; left -= chunkSize) {
    const sent = channel.send(new Uint8Array(Math.min(left, random(10) === 0 ? 1 : chunkSize)))
    if (random(10) > 0) await client.reply(sent)
  }
  if (random(2) === 0) await channel.leave()
}

async function visitByPolls({ url }: Target, random: (below: number) => number): Promise<void> {
  const page = await fetchPage(`${url}/busy`)
  const client = await LongPollClient.open(page)
  const topic = `lv:${page.id}`
  await client.post(JSON.stringify(['1', '1', topic, 'phx_join', joinPayload(page)]))
  const line = JSON.stringify(['1', '2', topic, 'event', { type: 'click', event: 'long', value: 'x'.repeat(1000) }])
  const gone = new AbortController()
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (random(20) === 0) return random(2) === 0 ? gone.abort() : controller.close()
      controller.enqueue(new TextEncoder().encode(`${line}\n`.repeat(random(50)) + line.slice(0, random(line.length))))
    },
  })
  const given = fetch(client.url, {
    method: 'POST',
    body,
    signal: gone.signal,
    headers: { cookie: page.cookie, 'content-type': 'application/x-ndjson' },
    duplex: 'half',
  } as RequestInit)
  await given.catch(() => {})
  // Without a poll it would be there for some seconds more.
  await client.post('[')
}

/** A frame that never comes whole, in pieces. */
async function visitByPieces({ url }: Target, random: (below: number) => number): Promise<void> {
  const socket = await openBareSocket(await fetchPage(`${url}/busy`))
  socket.setNoDelay(true)
  socket.write(Buffer.from([0x01, 0xff, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40, 0, 0, 0, 0]))
  for (let count = random(100); count > 0; count--)
    await new Promise((resolve) => void socket.write('x'.repeat(1 + random(2000)), resolve))
  socket.destroy()
}

it('is nothing when all of them have gone', { timeout: 60_000 }, async () => {
  using watched = watchBudgets()
  const limits = { maxPendingBytes: 200_000, maxProcessBytes: 1_000_000, maxFrameBurst: 100, maxFrameRate: 5000 }
  await withTarget({ routes: { '/busy': busy }, limits }, async (target) => {
    for (let round = 0; round < 10; round++) {
      const random = randomly(round)
      const visitors = [visitBySocket, visitBySocket, visitBySocket, visitBySocket, visitByPolls, visitByPieces]
      await Promise.all(visitors.map((visitor) => visitor(target, random)))
    }
    await vi.waitFor(() => expect(watched.seen.held).toBe(0), { timeout: 15_000 })
  })
  expect(watched.seen).toMatchObject({ held: 0, least: 0 })
  // It was something.
  expect(watched.seen.most).toBeGreaterThan(100_000)
})

it('is nothing of a POST whose session ended meanwhile', async () => {
  using watched = watchBudgets()
  await withTarget({}, async ({ url }) => {
    const page = await fetchPage(url)
    const client = await LongPollClient.open(page)
    const { host, port, pathname, search } = new URL(client.url)
    const socket = connect(Number(port), 'localhost')
    socket.on('error', () => {}).resume()
    socket.write(
      `POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${page.cookie}\r\n` +
        'content-type: application/x-ndjson\r\ncontent-length: 1000000\r\n\r\n',
    )
    socket.write('A'.repeat(500_000))
    await vi.waitFor(() => expect(watched.seen.held).toBeGreaterThanOrEqual(500_000))
    expect(await client.post('[')).toEqual({ status: 410 })
    socket.destroy()
    await vi.waitFor(() => expect(watched.seen.held).toBe(0))
  })
})
