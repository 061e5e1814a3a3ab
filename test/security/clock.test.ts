/**
 * The wall clock of the machine jumps, as it does when it is set, or when a machine wakes up. What a server measures are intervals:
 * nothing of it may notice. Here the timers and the steady clock are the test's, and the wall clock jumps beside them.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTempFolder } from '../../src/adapters/node/temp-files.ts'
import { type RawClient, RawUpload, type RawView } from '../support/raw-client.ts'
import { entriesOf, type Target, type TargetOptions, withTarget } from './target.ts'

const second = 1000
const minute = 60 * second
const jumps = [
  ['two minutes on', 2 * minute],
  ['an hour back', -60 * minute],
] as const

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

interface Visit {
  readonly target: Target
  readonly client: RawClient
  readonly view: RawView
}

it('a process whose clock is an hour ahead sweeps no folder of one that lives, and none that is dead before ten minutes', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'clock-'))
  const report = vi.fn()
  const living = createTempFolder(report, parent)
  const writers = [await living.openWriter()]
  const { path } = writers[0]!.meta()
  const dead = join(parent, 'liveloom-silent')
  await mkdir(dead, { mode: 0o700 })
  await writeFile(join(dead, 'lease'), 'of a process in another container')
  vi.setSystemTime(Date.now() + 60 * minute)
  const ahead = createTempFolder(report, parent)
  writers.push(await ahead.openWriter())
  const lease = join(dirname(path), 'lease')
  for (let count = 1; count <= 30; count++) {
    if (count === 9) expect(await readdir(parent)).toContain('liveloom-silent')
    const before = await readFile(lease, 'utf8')
    vi.advanceTimersByTime(minute)
    await vi.waitFor(async () => expect(await readFile(lease, 'utf8')).not.toBe(before), { interval: 1 })
  }
  // On a slow machine some of the minutes came while a round was still running.
  await vi.waitFor(async () => {
    vi.advanceTimersByTime(minute)
    expect(await readdir(parent)).toHaveLength(2)
  })
  expect(await readdir(parent)).not.toContain('liveloom-silent')
  expect(await readdir(dirname(path))).toContain(basename(path))
  for (const writer of writers) await writer.close('cancel')
  await Promise.all([living.close(), ahead.close()])
  expect(await readdir(parent)).toEqual([])
  expect(report).not.toHaveBeenCalled()
  await rm(parent, { recursive: true })
})

describe.each(jumps)('a wall clock that jumps %s', (_, jump) => {
  const jumped = (): void => void vi.setSystemTime(Date.now() + jump)
  const visited = (options: TargetOptions, test: (visit: Visit) => Promise<void>): Promise<void> =>
    withTarget(options, async (target) => test({ target, ...(await target.visit()) }))

  it('closes no page, and lets an upload go on', () =>
    visited({}, async ({ target, client, view }) => {
      const { token } = await view.prepare('photos', { ref: '0', name: 'a.png', size: 2000, type: 'image/png' })
      const upload = await RawUpload.join(client, '0', token)
      await upload.chunk(new Uint8Array(1000))
      jumped()
      // The server looks for silent connections twice.
      vi.advanceTimersByTime(11 * second)
      expect((await client.heartbeat()).status).toBe('ok')
      expect((await upload.chunk(new Uint8Array(1000))).status).toBe('ok')
      expect(await entriesOf(view)).toMatchObject([{ done: true, failed: false }])
      expect((await view.submit('save')).status).toBe('ok')
      expect(await target.saved()).toHaveLength(1)
      expect(client.closed).toBeUndefined()
    }))

  it('lets a page open its socket, and join again, with what it was given before', () =>
    visited({}, async ({ target }) => {
      const { page } = await target.visit()
      jumped()
      const client = await target.open(page)
      await client.joinView(page)
    }))

  it('leaves no push unanswered for as long as the client waits', () =>
    visited({}, async ({ target, client, view }) => {
      view.push('event', { type: 'click', event: 'slow', value: {} })
      const waiting = view.push('event', { type: 'click', event: 'look', value: {} })
      await vi.waitFor(() => expect(target.handled).toHaveLength(1))
      jumped()
      vi.advanceTimersByTime(15 * second)
      await client.heartbeat()
      expect(client.hasReply(waiting)).toBe(false)
      vi.advanceTimersByTime(6 * second)
      expect(await client.reply(waiting)).toEqual({ status: 'ok', response: {} })
    }))

  it('closes a silent connection neither sooner nor later', () =>
    visited({}, async ({ client }) => {
      jumped()
      vi.advanceTimersByTime(55 * second)
      jumped()
      vi.advanceTimersByTime(11 * second)
      expect(await client.waitForClose()).toMatchObject({ code: 1001 })
    }))

  it('has joins counted by the minute', () =>
    visited({ limits: { maxJoins: 5 } }, async ({ client }) => {
      const join = () => client.request('lv:nobody', 'phx_join', {}, client.nextRef())
      for (let count = 0; count < 4; count++) await join()
      jumped()
      vi.advanceTimersByTime(40 * second)
      await client.heartbeat()
      vi.advanceTimersByTime(30 * second)
      for (let count = 0; count < 5; count++) await join()
      expect(client.closed).toBeUndefined()
      client.push('lv:nobody', 'phx_join', {}, client.nextRef())
      expect(await client.waitForClose()).toMatchObject({ code: 1008 })
    }))
})
