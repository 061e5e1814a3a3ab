/**
 * No limit is reached in silence: `onError` is told which, and where it is set, once however often a client has it happen; and the page
 * is answered. One row for each limit of the table in ARCHITECTURE.md.
 */
import { connect } from 'node:net'
import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import type { ErrorContext } from '../../src/live/host.ts'
import type { Connection, Peer } from '../../src/server/connection.ts'
import { limitDefaults, type ServerLimits } from '../../src/server/limits.ts'
import { createLiveServer } from '../../src/server/live-server.ts'
import { type RunningServer, startServer } from '../../src/server/running-server.ts'
import { html } from '../../src/template/html.ts'
import { createLiveView } from '../../src/live/view.ts'
import { createSigner } from '../../src/token/signer.ts'
import { LongPollClient } from '../support/long-poll-client.ts'
import { manualMachine, secret } from '../support/manual-machine.ts'
import { ManualTime, turn } from '../support/manual-time.ts'
import { fetchPage, RawClient } from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

const second = 1000

interface Report {
  readonly code: unknown
  readonly message: string
  readonly context: ErrorContext
}

/** What the page meets, as its transport does. */
class NotedPeer implements Peer {
  unsentBytes = 0
  flushMark = 0
  readonly told: string[] = []
  send(text: string): void {
    this.told.push(text)
  }
  close(code: number): void {
    this.told.push(`close ${code}`)
  }
  pause(): void {
    this.told.push('pause')
  }
  resume(): void {
    this.told.push('resume')
  }
  terminate(): void {
    this.told.push('cut')
  }
  probe(): void {}
  ask(): void {}
  readonly endsSilently = false
}

interface World {
  readonly time: ManualTime
  readonly running: RunningServer
  readonly peer: NotedPeer
  readonly connection: Connection
  readonly reports: readonly Report[]
  /** Joins the page's view. */
  join(id?: string): void
  text(frame: unknown): void
  event(value: unknown, event?: string, type?: string): void
  /** The last thing that went to the page. */
  readonly last: string
}

function start(limits: Partial<ServerLimits>): World {
  const time = new ManualTime()
  const reports: Report[] = []
  const inner = createLiveView({ render: () => html`inner` })
  const view = createLiveView<object>({
    mount(socket) {
      void socket.allowUpload('photos', { maxEntries: 2 })
      void socket.allowUpload('papers', { maxEntries: 2 })
      void socket.subscribe('news')
    },
    handleInfo() {},
    handleEvent: (_, { type }) => (type === 'never' ? new Promise<void>(() => {}) : undefined),
    render: (_, { uploads, live_view }) =>
      html`<p id="${uploads['photos']!.ref}"></p>
        <p id="${uploads['papers']!.ref}"></p>
        ${[1, 2, 3].map((n) => live_view(inner, { id: `inner-${n}` }))}`,
  })
  const running = startServer(
    createLiveServer({
      secret,
      limits,
      routes: { '/': view },
      onError: (error, context) => {
        const { code, message } = error as Error & { code?: unknown }
        reports.push({ code, message, context })
      },
    }),
    manualMachine(time),
  )
  const peer = new NotedPeer()
  const connection = running.connect(peer, { visitorId: 'v', csrfSecret: 'x', session: {} })
  const text = (frame: unknown): void => connection.text(Buffer.from(JSON.stringify(frame)))
  let ref = 10
  return {
    time,
    running,
    peer,
    connection,
    reports,
    text,
    join(id = 'phx-a') {
      const token = { kind: 'route', id, nonce: '', route: '/', session: {} }
      const session = createSigner(secret, () => time.now).sign('view', token)
      text(['1', '1', `lv:${id}`, 'phx_join', { url: 'http://localhost/', session, static: null }])
    },
    event: (value, event = 'go', type = 'click') =>
      text(['1', String(ref++), 'lv:phx-a', 'event', { type, event, value }]),
    get last() {
      return peer.told.at(-1) ?? ''
    },
  }
}

interface Row {
  readonly limit: string
  readonly set?: Partial<ServerLimits>
  readonly code?: string
  readonly stage?: string
  /** Brings it about, once or more. */
  readonly reach: (world: World) => void | Promise<void>
  /** What the page meets. */
  readonly page: RegExp
  /** What had to be reached before. */
  readonly before?: string
}

const rows: readonly Row[] = [
  {
    limit: 'maxTextSize',
    set: { maxTextSize: 500 },
    reach: ({ event }) => event('x'.repeat(500)),
    page: /^close 1009$/,
  },
  {
    limit: 'maxFrameValues',
    set: { maxFrameValues: 20 },
    reach: ({ event }) => event(Array(40).fill(1)),
    page: /^close 1009$/,
  },
  {
    limit: 'maxFrameDepth',
    reach: ({ connection }) =>
      connection.text(Buffer.from(`["1","2","lv:phx-a","event",${'['.repeat(300)}${']'.repeat(300)}]`)),
    page: /^close 1009$/,
  },
  { limit: 'maxMessageSize', reach: ({ connection }) => connection.tooLarge(), page: /./ },
  {
    limit: 'maxJoinParams',
    set: { maxJoinParams: 500 },
    code: 'ERR_JOIN_PARAMS',
    reach({ time, text }) {
      const token = { kind: 'route', id: 'phx-b', nonce: '', route: '/', session: {} }
      const session = createSigner(secret, () => time.now).sign('view', token)
      const params = { text: 'x'.repeat(1000) }
      text(['1', '1', 'lv:phx-b', 'phx_join', { url: 'http://localhost/', session, static: null, params }])
    },
    page: /"reason":"reload","status":413/,
  },
  {
    limit: 'maxUnsentBytes',
    set: { maxUnsentBytes: 1000 },
    reach({ peer, event }) {
      peer.unsentBytes = 2000
      event(1)
    },
    page: /^cut$/,
  },
  {
    limit: 'unsentTimeout',
    set: { unsentTimeout: 6 * second },
    reach({ peer, time, event }) {
      peer.unsentBytes = 10
      event(1)
      time.advance(15 * second)
    },
    page: /^cut$/,
  },
  { limit: 'maxPendingBytes', set: { maxPendingBytes: 5000 }, reach: wait, page: /^pause$/ },
  {
    limit: 'pendingTimeout',
    set: { maxPendingBytes: 5000, pendingTimeout: second },
    before: 'maxPendingBytes',
    reach(world) {
      wait(world)
      world.time.advance(2 * second)
    },
    page: /^close 1008$/,
  },
  {
    limit: 'maxProcessBytes',
    set: { maxProcessBytes: 100_000 },
    reach({ event }) {
      event('x'.repeat(110_000), 'never')
    },
    page: /^pause$/,
  },
  {
    limit: 'maxFrameRate',
    set: { maxFrameBurst: 20, maxFrameRate: 1 },
    reach: ({ event }) => times(30, () => event(1)),
    page: /phx_reply/,
  },
  {
    limit: 'maxMailbox',
    set: { maxMailbox: 3 },
    code: 'ERR_MAILBOX_FULL',
    stage: 'info',
    reach({ event, running }) {
      event(1, 'never')
      times(5, () => void running.publish('news', 1))
    },
    page: /phx_error/,
  },
  {
    limit: 'maxTopics',
    set: { maxTopics: 1 },
    reach(world) {
      for (const [, id, token] of placed(world)) {
        world.text(['2', '2', `lv:${id}`, 'phx_join', { session: token, static: null }])
      }
    },
    // To the client it has joined, so that the page goes on; and it is told that it has not.
    page: /phx_close/,
  },
  {
    limit: 'maxJoins',
    set: { maxJoins: 3 },
    reach: ({ join }) => times(4, () => join()),
    page: /^close 1008$/,
  },
  {
    // With each 50 joins of a connection it is asked for how many there are on all of them.
    limit: 'maxVisitorJoins',
    set: { maxVisitorJoins: 60 },
    reach: ({ join }) => times(100, () => join()),
    page: /^close 1008$/,
  },
  {
    limit: 'maxUploadChannels',
    set: { maxUploadChannels: 2 },
    stage: 'upload',
    reach({ text, peer }) {
      const refs = [...peer.told[0]!.matchAll(/":"(phx-[\w-]{8})"/g)].map((found) => found[1])
      const entries = [1, 2].map((at) => ({ ref: `${at}`, name: 'a', size: 3 }))
      for (const ref of refs.slice(0, 2)) text(['1', '7', 'lv:phx-a', 'allow_upload', { ref, entries }])
    },
    page: /too_many_uploads/,
  },
  {
    limit: 'maxUploadJoins',
    set: { maxUploadJoins: 3 },
    reach: ({ text }) => times(5, () => text(['3', '3', 'lvu:0', 'phx_join', { token: 'forged' }])),
    page: /invalid_token/,
  },
  {
    limit: 'maxFormFields',
    set: { maxFormFields: 3 },
    code: 'ERR_FORM',
    stage: 'event',
    reach: ({ event }) => event('a=1&b=2&c=3&d=4', 'save', 'form'),
    // The form is not left locked, and the page says why nothing came of it.
    page: /"status":"ok".*\["liveloom:limit",\{"limit":"maxFormFields"\}\]/,
  },
  {
    limit: 'maxFormFields',
    set: { maxFormFields: 2 },
    code: 'ERR_FORM',
    stage: 'event',
    reach: ({ event }) => event('a[b][c]=1&d[e][f]=2', 'save', 'form'),
    page: /"liveloom:limit",\{"limit":"maxFormFields"\}/,
  },
  {
    limit: 'maxFormNesting',
    set: { maxFormNesting: 2 },
    code: 'ERR_FORM',
    stage: 'event',
    reach: ({ event }) => event('a[b][c][d]=1', 'save', 'form'),
    page: /"liveloom:limit",\{"limit":"maxFormNesting"\}/,
  },
  {
    limit: 'pushTimeout',
    stage: 'event',
    reach({ event, time }) {
      event(1, 'never')
      time.advance(21 * second)
    },
    page: /"status":"ok","response":\{\}/,
  },
  {
    // What the client that is served has kept back.
    limit: 'maxTextSize',
    stage: 'event',
    reach: ({ event }) => event({ limit: 'maxTextSize', event: 'validate' }, 'lv:held-back'),
    page: /"status":"ok"/,
  },
]

function wait({ event }: World): void {
  event('x'.repeat(6000), 'never')
}

function times(count: number, run: () => void): void {
  for (let at = 0; at < count; at++) run()
}

/** The views that the page's view has placed: what is matched, their ids and their tokens. */
function placed({ peer }: World): readonly RegExpExecArray[] {
  return [...peer.told[0]!.matchAll(/ id=\\"(inner-\d)\\" data-phx-session=\\"([\w.-]+)/g)]
}

describe('of a connection', () => {
  it.each(rows)('$limit is told, and the page is answered', async ({ limit, set = {}, code = 'ERR_LIMIT', ...row }) => {
    const world = start(set)
    world.join()
    await turn()
    await row.reach(world)
    await turn()
    expect(
      world.peer.told.some((told) => row.page.test(told)),
      world.last,
    ).toBe(true)
    const context = { stage: row.stage ?? 'connection', ...(code !== 'ERR_MAILBOX_FULL' && { limit }) }
    const before = row.before === undefined ? [] : [{ context: { limit: row.before } }]
    expect(world.reports).toMatchObject([...before, { code, context }])
    const { message } = world.reports.at(-1)!
    expect(message).toContain(limit)
    if (limit in limitDefaults) expect(message).toContain('createLiveServer')
  })

  it('is told once an hour at most, and then how often', async () => {
    const world = start({ maxFormFields: 1 })
    world.join()
    const send = (): void => world.event('a=1&b=2', 'save', 'form')
    times(50, send)
    await turn()
    expect(world.reports).toHaveLength(1)
    // It is still there: a heartbeat comes.
    times(121, () => {
      world.time.advance(30 * second)
      world.text([null, 'h', 'phoenix', 'heartbeat', {}])
    })
    send()
    await turn()
    expect(world.reports).toHaveLength(2)
    expect(world.reports[1]!.message).toContain('49 times')
  })

  it('a page that says of itself what is no limit is not believed', async () => {
    const world = start({})
    world.join()
    for (const limit of ['maxTopics', 'x', 1, null, {}, ['maxTextSize']]) world.event({ limit }, 'lv:held-back')
    world.event(null, 'lv:held-back')
    world.event({ limit: 'maxTextSize', event: { toString: 1 } }, 'lv:held-back')
    world.event({ limit: 'maxTextSize', event: '\u001b[31mred' }, 'lv:held-back')
    await turn()
    expect(world.reports).toHaveLength(1)
  })

  it('idleTimeout is how a client that has gone is noticed: nobody is told', () => {
    const world = start({ idleTimeout: second })
    world.time.advance(10 * second)
    expect(world.last).toBe('close 1001')
    expect(world.reports).toEqual([])
  })
})

/** Those of the transport, with real sockets. */
const transport: readonly {
  readonly limit: string
  readonly set?: Partial<ServerLimits>
  readonly stage?: string
  readonly reach: (target: Target) => Promise<void>
}[] = [
  {
    limit: 'maxMessageSize',
    set: { maxMessageSize: 2_000_000 },
    async reach({ visit }) {
      const { client } = await visit()
      client.socket.send('x'.repeat(2_000_001))
      expect((await client.waitForClose()).code).toBe(1009)
    },
  },
  {
    limit: 'maxMessageSize',
    set: { maxMessageSize: 2_000_000 },
    async reach({ url }) {
      const client = await LongPollClient.open(await fetchPage(url))
      expect(await client.post('x'.repeat(2_700_000))).toEqual({ status: 410 })
    },
  },
  {
    limit: 'maxConnections',
    set: { maxConnections: 1 },
    async reach({ url, visit }) {
      const { client } = await visit()
      await expect(RawClient.open(await fetchPage(url))).rejects.toThrow('503')
      await client.leave()
    },
  },
  {
    limit: 'maxVisitorJoins',
    set: { maxVisitorJoins: 1 },
    async reach({ url }) {
      const page = await fetchPage(url)
      const client = await RawClient.open(page)
      await client.joinView(page)
      await expect(RawClient.open(page)).rejects.toThrow('429')
      expect(await new LongPollClient(page).get()).toMatchObject({ status: 500 })
      // Who is there stays, and others come.
      await (await RawClient.open(await fetchPage(url))).leave()
      await client.leave()
    },
  },
  {
    limit: 'maxLongPolls',
    set: { maxLongPolls: 1 },
    async reach({ url }) {
      await LongPollClient.open(await fetchPage(url))
      const refused = new LongPollClient(await fetchPage(url))
      expect((await refused.get()).status).toBe(500)
    },
  },
  {
    limit: 'maxRequestsAhead',
    stage: 'http',
    async reach({ server }) {
      const { port } = new URL(server.url)
      const socket = connect(Number(port), 'localhost')
      socket.on('error', () => {})
      socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(150))
      await new Promise((resolve) => socket.once('close', resolve))
    },
  },
]

describe('of the transport', () => {
  it.each(transport)('$limit is told', ({ limit, set = {}, stage = 'connection', reach }) =>
    withTarget({ limits: set }, async (target) => {
      await reach(target)
      await vi.waitFor(() =>
        expect(target.reports).toMatchObject([{ error: { code: 'ERR_LIMIT' }, context: { stage, limit } }]),
      )
    }),
  )
})

describe('the table of limits', () => {
  const table = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8')
  it.each(Object.keys(limitDefaults))('has %s, with who is told', (name) => {
    const row = table.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${name}\``))
    expect(row?.split('|').map((cell) => cell.trim())).toHaveLength(7)
  })
})
