import { PassThrough, Writable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { refuseUpgrade } from './upgrade.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('an upgrade that is refused', () => {
  it('is closed also when its client never reads the answer', () => {
    vi.useFakeTimers()
    const socket = new Writable({ write() {} }) as Duplex
    refuseUpgrade(socket, 403)
    expect(socket.destroyed).toBe(false)
    vi.advanceTimersToNextTimer()
    expect(socket.destroyed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const socket = new PassThrough()
    socket.resume()
    refuseUpgrade(socket, 403)
    await new Promise((resolve) => socket.once('close', resolve))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is closed at once when its client has gone', () => {
    const socket = new PassThrough()
    socket.end()
    refuseUpgrade(socket, 403)
    expect(socket.destroyed).toBe(true)
  })
})
