/**
 * Clients that stay and say nothing, or hear nothing. Here the socket is a stand-in, since what is at stake are minutes: the clock
 * and the timers are the test's.
 */
import { describe, expect, it, vi } from 'vitest'
import type { Connection, Peer } from '../../src/server/connection.ts'
import { createLiveServer } from '../../src/server/live-server.ts'
import { type RunningServer, startServer } from '../../src/server/running-server.ts'
import type { ServerLimits } from '../../src/server/limits.ts'
import { createLiveView } from '../../src/live/view.ts'
import { html } from '../../src/template/html.ts'
import { createSigner } from '../../src/token/signer.ts'
import { manualMachine, secret } from '../support/manual-machine.ts'
import { ManualTime, turn } from '../support/manual-time.ts'
import { RecordingWriter } from '../support/recording-writer.ts'
import { encodeBinary } from '../support/raw-client.ts'

const second = 1000

/** A peer whose end of the line the test holds. */
class HeldPeer implements Peer {
  unsentBytes = 0
  flushMark = 0
  paused = false
  probes = 0
  readonly sent: string[] = []
  readonly ends: string[] = []

  send(text: string): void {
    this.sent.push(text)
  }

  close(code: number): void {
    this.ends.push(`close ${code}`)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  probe(): void {
    this.probes++
  }

  ask(): void {}
  readonly endsSilently = false

  terminate(): void {
    this.ends.push('terminate')
  }
}

interface World {
  readonly time: ManualTime
  readonly running: RunningServer
  readonly writers: readonly RecordingWriter[]
  readonly peer: HeldPeer
  readonly connection: Connection
}

function start(limits: Partial<ServerLimits> = {}): World {
  const time = new ManualTime()
  const writers: RecordingWriter[] = []
  const view = createLiveView<{ count: number }>({
    mount(socket) {
      socket.assign({ count: 0 })
      void socket.allowUpload('photos')
    },
    handleEvent: (_, { type }) => (type === 'never' ? new Promise<void>(() => {}) : undefined),
    render: ({ count }, { uploads }) => html`<p id="${uploads['photos']!.ref}">${count}</p>`,
  })
  const machine = manualMachine(time, {
    openWriter: () => {
      const writer = new RecordingWriter()
      writers.push(writer)
      return Promise.resolve(writer)
    },
  })
  const running = startServer(createLiveServer({ secret, limits, routes: { '/': view } }), machine)
  const peer = new HeldPeer()
  return {
    time,
    running,
    writers,
    peer,
    connection: running.connect(peer, { visitorId: 'v', csrfSecret: 'x', session: {} }),
  }
}

const heartbeat = '[null,"h","phoenix","heartbeat",{}]'

function joinView({ time, connection, peer }: World): { readonly uploadRef: string } {
  const session = createSigner(secret, () => time.now).sign('view', {
    kind: 'route',
    id: 'phx-a',
    nonce: '',
    route: '/',
    session: {},
  })
  connection.text(
    Buffer.from(
      JSON.stringify(['1', '1', 'lv:phx-a', 'phx_join', { url: 'http://localhost/', session, static: null }]),
    ),
  )
  return { uploadRef: /"0":"(phx-[^"]+)"/.exec(peer.sent.at(-1)!)![1]! }
}

/** Opens the channel of a file of 1,000 bytes. */
async function openUpload(world: World): Promise<void> {
  const { connection, peer } = world
  const { uploadRef: ref } = joinView(world)
  const entries = [{ ref: '0', name: 'a.png', size: 1000 }]
  connection.text(Buffer.from(JSON.stringify(['1', '2', 'lv:phx-a', 'allow_upload', { ref, entries }])))
  // Whether there is room is asked first.
  const answer = await vi.waitUntil(() =>
    peer.sent.map((frame) => /"entries":\{"0":"([^"]+)"/.exec(frame)).find((found) => found !== null),
  )
  const token = answer[1]!
  connection.text(Buffer.from(JSON.stringify(['3', '3', 'lvu:0', 'phx_join', { token }])))
  await turn()
}

describe('a connection without a frame', () => {
  it('is closed after idleTimeout, and its files go', async () => {
    const world = start()
    await openUpload(world)
    world.time.advance(55 * second)
    expect(world.peer.ends).toEqual([])
    world.time.advance(11 * second)
    await turn()
    // Not 1000: on that the client would reload its page.
    expect(world.peer.ends).toEqual(['close 1001'])
    expect(world.writers.map(({ calls, faults }) => ({ end: calls.at(-1), faults }))).toEqual([
      { end: 'dispose dropped', faults: [] },
    ])
  })

  it('is not idle while it is paused: nobody can tell what it sends', async () => {
    const { time, peer, connection, ...world } = start({ maxPendingBytes: 5000, pendingTimeout: 100 * second })
    joinView({ time, peer, connection, ...world })
    const event = ['1', '5', 'lv:phx-a', 'event', { type: 'click', event: 'never', value: { text: 'x'.repeat(5000) } }]
    connection.text(Buffer.from(JSON.stringify(event)))
    expect(peer.paused).toBe(true)
    time.advance(99 * second)
    expect(peer.ends).toEqual([])
    // But whether it is there at all shows when something is written to it.
    expect(peer.probes).toBeGreaterThan(15)
    time.advance(second)
    expect(peer.ends).toEqual(['close 1008'])
  })

  it('stays while heartbeats come', () => {
    const { time, peer, connection } = start()
    for (let count = 0; count < 20; count++) {
      time.advance(30 * second)
      connection.text(Buffer.from(heartbeat))
    }
    expect(peer.ends).toEqual([])
    expect(peer.sent).toHaveLength(20)
  })

  it('is closed by the limit that the server was given', () => {
    const { time, peer } = start({ idleTimeout: 10 * second })
    time.advance(16 * second)
    expect(peer.ends).toEqual(['close 1001'])
  })

  it('is heard no more once it was closed', () => {
    const { time, peer, connection } = start()
    time.advance(70 * second)
    connection.text(Buffer.from(heartbeat))
    connection.text(Buffer.from('malformed'))
    connection.binary(new Uint8Array(1))
    time.advance(70 * second)
    expect(peer.sent).toEqual([])
    expect(peer.ends).toEqual(['close 1001'])
  })
})

describe('a client that sends and does not read', () => {
  it('is cut off when unsent bytes have stood still for unsentTimeout', async () => {
    const world = start()
    await openUpload(world)
    const { time, peer, connection } = world
    peer.unsentBytes = 100
    for (let count = 0; count < 3; count++) {
      expect(peer.ends).toEqual([])
      time.advance(10 * second)
      connection.text(Buffer.from(heartbeat))
    }
    time.advance(10 * second)
    await turn()
    expect(peer.ends).toEqual(['terminate'])
    expect(world.writers[0]!.calls.at(-1)).toBe('dispose dropped')
  })

  it('stays while bytes leave, however slowly', () => {
    const { time, peer, connection } = start()
    peer.unsentBytes = 1_000_000
    for (let count = 0; count < 20; count++) {
      time.advance(20 * second)
      peer.flushMark++
      connection.text(Buffer.from(heartbeat))
    }
    expect(peer.ends).toEqual([])
  })

  it('is cut off at once when unsent bytes pass maxUnsentBytes', () => {
    const { peer, connection } = start()
    peer.unsentBytes = 16 * 1024 * 1024
    connection.text(Buffer.from(heartbeat))
    expect(peer.ends).toEqual([])
    peer.unsentBytes++
    connection.text(Buffer.from(heartbeat))
    connection.text(Buffer.from(heartbeat))
    expect(peer.ends).toEqual(['terminate'])
    expect(peer.sent).toHaveLength(2)
  })
})

describe('an upload that stands still', () => {
  it.for([
    ['after its join', 0],
    ['after a chunk', 500],
  ] as const)('%s fails after chunkTimeout while heartbeats go on', async ([, bytes]) => {
    const world = start()
    await openUpload(world)
    const { time, peer, connection, writers } = world
    if (bytes > 0) connection.binary(encodeBinary(['3', '4', 'lvu:0', 'chunk'], new Uint8Array(bytes)))
    await turn()
    time.advance(30 * second)
    connection.text(Buffer.from(heartbeat))
    expect(peer.sent.join()).not.toContain('phx_error')
    time.advance(30 * second)
    await turn()
    expect(peer.sent.filter((frame) => frame.includes('"phx_error"'))).toEqual([
      '["3","3","lvu:0","phx_error",{"reason":"channel_crash"}]',
    ])
    expect(peer.ends).toEqual([])
    expect(writers[0]!.calls.at(-1)).toBe('dispose dropped')
  })
})

it('what waits behind a handler that never ends is answered before the client gives up', () => {
  const world = start()
  joinView(world)
  const { time, peer, connection } = world
  const push = (ref: string, event: string, payload: unknown) =>
    connection.text(Buffer.from(JSON.stringify(['1', ref, 'lv:phx-a', event, payload])))
  push('2', 'event', { type: 'click', event: 'never', value: {} })
  push('3', 'event', { type: 'click', event: 'other', value: {} })
  push('4', 'allow_upload', { ref: 'phx-x', entries: [] })
  const before = peer.sent.length
  time.advance(19 * second)
  expect(peer.sent).toHaveLength(before)
  time.advance(2 * second)
  expect(peer.sent.slice(before)).toEqual([
    '["1","2","lv:phx-a","phx_reply",{"status":"ok","response":{}}]',
    '["1","3","lv:phx-a","phx_reply",{"status":"ok","response":{}}]',
    '["1","4","lv:phx-a","phx_reply",{"status":"ok","response":{"ref":"phx-x","error":[["phx-x","timeout"]]}}]',
  ])
})

it('joins are counted by the minute', () => {
  const { time, peer, connection } = start({ maxJoins: 10 })
  const join = () => connection.text(Buffer.from('["1","1","lv:phx-a","phx_join",{}]'))
  for (let minute = 0; minute < 5; minute++) {
    for (let count = 0; count < 10; count++) join()
    for (let wait = 0; wait < 3; wait++) {
      time.advance(25 * second)
      connection.text(Buffer.from(heartbeat))
    }
  }
  expect(peer.ends).toEqual([])
  for (let count = 0; count < 11; count++) join()
  expect(peer.ends).toEqual(['close 1008'])
})

it('a server that stops sends everybody away, and takes nobody in', async () => {
  const world = start()
  await openUpload(world)
  await world.running.close()
  expect(world.peer.ends).toEqual(['close 1012'])
  expect(world.writers[0]!.calls.at(-1)).toBe('dispose dropped')
  const late = new HeldPeer()
  world.running.connect(late, { visitorId: 'v', csrfSecret: 'x', session: {} })
  expect(late.ends).toEqual(['close 1012'])
  expect(world.time.running).toBe(0)
})

describe('joins of uploads', () => {
  it('are as many a minute as maxUploadJoins; what comes faster is read more slowly', () => {
    const { time, peer, connection } = start({ maxUploadJoins: 60 })
    const join = (): void =>
      connection.text(Buffer.from(JSON.stringify(['3', '3', 'lvu:0', 'phx_join', { token: 'forged' }])))
    for (let sent = 0; sent < 60; sent++) join()
    expect(peer.paused).toBe(false)
    join()
    expect(peer.paused).toBe(true)
    time.advance(second)
    expect(peer.paused).toBe(false)
    expect(peer.ends).toEqual([])
  })
})

describe('frames', () => {
  it('past maxFrameBurst are read at maxFrameRate, and never cost the connection', () => {
    const { time, peer, connection } = start({ maxFrameBurst: 100, maxFrameRate: 100 })
    for (let sent = 0; sent < 200; sent++) connection.text(Buffer.from(heartbeat))
    expect(peer.paused).toBe(true)
    // What was on its way is answered all the same.
    expect(peer.sent).toHaveLength(200)
    time.advance(1.1 * second)
    expect(peer.paused).toBe(false)
    expect(peer.ends).toEqual([])
  })
})
