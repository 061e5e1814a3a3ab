import { describe, expect, it } from 'vitest'
import type { RunningServer } from '../../server/running-server.ts'
import type { Peer } from '../../server/connection.ts'
import { connectLine, type Line, type LineEvents } from './line.ts'

/** A line whose connection writes down what it is handed. */
function connected(maxPendingBytes = 10_000): {
  events: LineEvents
  peer: Peer
  heard: string[]
  held: () => number
} {
  const heard: string[] = []
  let held = 0
  let peer: Peer | undefined
  const decoder = new TextDecoder()
  const connection = {
    text: (bytes: Uint8Array) => heard.push(`text ${decoder.decode(bytes)}`),
    binary: (bytes: Uint8Array) => heard.push(`binary ${bytes.length}`),
    control() {},
    begun: (bytes: number) => void (held += bytes),
    reached: (limit: string) => heard.push(`reached ${limit}`),
    closed: (limit?: string) => heard.push(`closed ${limit}`),
    tooLarge: () => heard.push('too large'),
  }
  const running = {
    limits: { maxPendingBytes },
    connect(given: Peer) {
      peer = given
      return connection
    },
    disconnect: (_: unknown, lost: boolean) => heard.push(lost ? 'lost' : 'left'),
  }
  const line: Line = {
    send: (text) => void heard.push(`sent ${text}`),
    close: (code, reason) => void heard.push(`close ${code} ${reason}`),
    terminate: () => void heard.push('terminate'),
    unsentBytes: 0,
  }
  const admission = { visitorId: '', csrfSecret: '', session: {} }
  const events = connectLine(running as unknown as RunningServer, line, admission)
  return { events, peer: peer!, heard, held: () => held }
}

describe('a socket that cannot be paused', () => {
  it('hands on what comes, as text and as bytes', () => {
    const { events, heard } = connected()
    events.message('a')
    events.message(new Uint8Array(3))
    events.message(new ArrayBuffer(4))
    expect(heard).toEqual(['text a', 'binary 3', 'binary 4'])
  })

  it('keeps what comes while it is paused, and hands it on in order', async () => {
    const { events, peer, heard, held } = connected()
    peer.pause()
    events.message('a')
    events.message('b')
    expect([heard, held()]).toEqual([[], 2 + 2 * 256])
    peer.resume()
    events.message('c')
    await expect.poll(() => heard).toEqual(['text a', 'text b', 'text c'])
    expect(held()).toBe(0)
  })

  it('cuts off who sends more than may wait', () => {
    const { events, peer, heard, held } = connected(1000)
    peer.pause()
    for (let sent = 0; sent < 5; sent++) events.message('x'.repeat(200))
    expect(heard).toEqual(['reached maxPendingBytes', 'close 1008 too much waits', 'closed maxPendingBytes'])
    expect(held()).toBe(0)
  })

  it.each([
    { code: 1006, reason: '', is: ['lost'] },
    { code: 1000, reason: 'heartbeat timeout', is: ['lost'] },
    { code: 1001, reason: '', is: ['left'] },
    { code: 1009, reason: '', is: ['too large', 'left'] },
  ])('ends with $code $reason: $is', ({ code, reason, is }) => {
    const { events, heard } = connected()
    events.closed(code, reason)
    expect(heard).toEqual(is)
  })

  it('is alive when anything comes after the question', () => {
    const { events, peer, heard } = connected()
    let answers = 0
    peer.ask(() => answers++)
    events.message('a')
    events.pong()
    expect(answers).toBe(1)
    // Without pings the client is asked.
    expect(heard).toEqual(['sent [null,null,"phoenix","liveloom:alive",{}]', 'text a'])
  })
})
