/** Turns to send: one visitor with many views, files and requests, who holds turns or asks for them over and over, starves nobody. */
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { LiveServerOptions } from 'liveloom'
import { describe, expect, it, vi } from 'vitest'
import { grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { fetchPage, RawUpload } from '../support/raw-client.ts'
import { entriesOf, type Target, withTarget } from './target.ts'

const bytes = randomBytes(1000)
const half = bytes.length / 2
const file = { ref: '0', name: 'a.png', size: bytes.length }
const one: LiveServerOptions['uploads'] = { maxSending: { all: 1 } }
const turn = { 'liveloom-turn': '?1' }

/** Runs a case on a server that lets one file be sent at once. */
const withOne = (run: (target: Target) => Promise<void>): Promise<void> => withTarget({ uploads: one }, run)

/** A request that has the turn, and brings half of its file. */
async function holding(upload: HttpUpload) {
  const running = upload.open(0)
  running.write(bytes.subarray(0, half))
  await vi.waitFor(async () =>
    expect((await entriesOf(upload.view))[0]).toMatchObject({ state: 'sending', progress: 50 }),
  )
  return { end: () => (running.write(bytes.subarray(half)), running.end(), running.answer), cut: () => running.cut() }
}

/** The steps of uploads that were told, as they come. */
function steps(): { readonly seen: { readonly what: string; readonly entry?: string }[]; stop(): void } {
  const seen: { what: string; entry?: string }[] = []
  const see = (step: unknown): void => void seen.push(step as { what: string })
  subscribe('liveloom:upload', see)
  return { seen, stop: () => unsubscribe('liveloom:upload', see) }
}

const count = (seen: readonly { readonly what: string }[], what: string): number =>
  seen.filter((step) => step.what === what).length

describe('over HTTP', () => {
  it('a file waits for its turn, says its place, and goes on when it comes', () =>
    withOne(async (target) => {
      const first = await grantUpload(target, file)
      const held = await holding(first)
      const second = await grantUpload(target, file)
      const waiting = second.patch(0, bytes, true)
      await vi.waitFor(
        async () => expect((await entriesOf(second.view))[0]).toMatchObject({ state: 'queued', place: 1 }),
        5000,
      )
      expect((await held.end()).status).toBe(200)
      expect((await waiting).status).toBe(200)
      const [entry] = await entriesOf(second.view)
      expect([entry!.state, entry!.place]).toEqual(['done', undefined])
    }))

  it('a visitor’s one file goes before the others of who has many', () =>
    withOne(async (target) => {
      const { seen, stop } = steps()
      const first = await grantUpload(target, file)
      const held = await holding(first)
      // The same visitor's other views.
      const more = await Promise.all(Array.from({ length: 5 }, () => againOf(target, first)))
      const theirs = more.map((upload) => upload.patch(0, bytes, true))
      await vi.waitFor(() => expect(count(seen, 'queued')).toBe(5))
      const honest = await grantUpload(target, file)
      const mine = honest.patch(0, bytes, true)
      await vi.waitFor(() => expect(count(seen, 'queued')).toBe(6))
      const before = count(seen, 'done')
      await held.end()
      expect((await mine).status).toBe(200)
      await Promise.all(theirs)
      stop()
      const done = seen.filter(({ what }) => what === 'done').slice(before)
      // Behind the one that was being sent, and before all that waited longer.
      const uuidOfMine = seen.findLast(({ what }) => what === 'queued')!.entry
      expect(done[1]!.entry).toBe(uuidOfMine)
      expect(done).toHaveLength(7)
    }))

  it('asks for its turn without its bytes, and has it then', () =>
    withOne(async (target) => {
      const held = await holding(await grantUpload(target, file))
      const upload = await grantUpload(target, file)
      const asked = upload.send('HEAD', turn)
      await held.end()
      expect(await asked).toMatchObject({ status: 204, headers: { 'upload-offset': '0' } })
      // Others who only look do not wait.
      const other = await grantUpload(target, file)
      expect((await other.send('HEAD')).status).toBe(204)
      await upload.patch(0, bytes, true)
    }))

  it('another request ends the one that waits, and a client that has gone is given no turn', () =>
    withOne(async (target) => {
      const { seen, stop } = steps()
      const held = await holding(await grantUpload(target, file))
      const upload = await grantUpload(target, file)
      const waiting = upload.patch(0, bytes, true)
      await vi.waitFor(() => expect(count(seen, 'queued')).toBe(1))
      const again = upload.patch(0, bytes, true)
      expect((await waiting).status).toBe(408)
      const gone = await grantUpload(target, file)
      const cut = gone.open(0)
      await vi.waitFor(() => expect(count(seen, 'queued')).toBe(2))
      cut.cut()
      await held.end()
      expect((await again).status).toBe(200)
      const last = await grantUpload(target, file)
      expect((await last.patch(0, bytes, true)).status).toBe(200)
      stop()
    }))

  it.for(['cancel', 'leave', 'line'] as const)('a turn is given back by %s', (how) =>
    withOne(async (target) => {
      const upload = await grantUpload(target, file)
      const held = await holding(upload)
      const next = await grantUpload(target, file)
      const waiting = next.patch(0, bytes, true)
      if (how === 'cancel') await upload.view.event('cancel', { ref: '0' })
      else if (how === 'leave') await upload.client.request(upload.view.topic, 'phx_leave', {}, upload.view.joinRef)
      else held.cut()
      expect((await waiting).status).toBe(200)
    }),
  )

  it('who holds its turn and brings next to nothing loses it to who waits', { timeout: 40_000 }, () =>
    withTarget({ uploads: one, upload: { chunkTimeout: 60_000 } }, async (target) => {
      const upload = await grantUpload(target, file)
      const slow = upload.open(0)
      let at = 0
      const drip = setInterval(() => slow.write(bytes.subarray(at, ++at)), 100)
      await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.state).toBe('sending'))
      const next = await grantUpload(target, file)
      let answer = await next.patch(0, bytes, true)
      while (answer.status === 503) {
        expect(answer.headers).toMatchObject({ 'retry-after': '1', 'liveloom-queued': '?1' })
        answer = await next.send('HEAD', turn)
        if (answer.status === 204) answer = await next.patch(0, bytes, true)
      }
      expect(answer.status).toBe(200)
      clearInterval(drip)
      expect((await slow.answer).status).toBe(408)
      const offset = Number((await upload.send('HEAD')).headers['upload-offset'])
      expect((await upload.patch(offset, bytes.subarray(offset), true)).status).toBe(200)
    }),
  )
})

describe('over a channel', () => {
  it('a join is answered when its turn has come, and a client that joins anew meanwhile keeps its place', () =>
    withOne(async (target) => {
      const held = await holding(await grantUpload(target, file))
      const { client, view } = await target.visit()
      const { token } = await view.prepare('photos', file)
      const first = client.join('lvu:0', { token })
      const later = await target.visit()
      const behind = await later.view.prepare('photos', file)
      const second = later.client.join('lvu:0', { token: behind.token })
      // As the official client does when its join has waited for ten seconds.
      expect(await client.request('lvu:0', 'phx_leave', {}, first.joinRef)).toMatchObject({ status: 'ok' })
      const again = joined(client, token)
      await client.heartbeat()
      await held.end()
      const upload = await again
      const other = second.reply.then(() => 'answered')
      expect((await upload.chunk(bytes)).status).toBe('ok')
      expect(await other).toBe('answered')
      const rest = new RawUpload(later.client, 'lvu:0', second.joinRef)
      expect((await rest.chunk(bytes)).status).toBe('ok')
      expect((await view.submit('save')).status).toBe('ok')
    }))

  it('joining and leaving over and over gets nobody ahead', () =>
    withOne(async (target) => {
      const held = await holding(await grantUpload(target, file))
      const honest = await grantUpload(target, file)
      const { seen, stop } = steps()
      const waiting = honest.patch(0, bytes, true)
      await vi.waitFor(() => expect(count(seen, 'queued')).toBe(1))
      const { client, view } = await target.visit()
      const { token } = await view.prepare('photos', file)
      for (let time = 0; time < 100; time++) {
        const { joinRef } = client.join('lvu:0', { token })
        await client.request('lvu:0', 'phx_leave', {}, joinRef)
      }
      const last = joined(client, token)
      await held.end()
      expect((await waiting).status).toBe(200)
      await (await last).chunk(bytes)
      stop()
      expect(seen.filter(({ what }) => what === 'turn').map(({ entry }) => entry)[0]).toBe(seen[0]!.entry)
    }))
})

async function joined(client: Parameters<typeof RawUpload.join>[0], token: string): Promise<RawUpload> {
  return RawUpload.join(client, '0', token)
}

/** Another page of the same visitor. */
function againOf(target: Target, { page }: HttpUpload): Promise<HttpUpload> {
  return grantUpload({ url: target.url, visit: () => visitAgain(target, page.cookie) }, file)
}

async function visitAgain(target: Target, cookie: string) {
  const page = await fetchPage(`${target.url}/`, cookie)
  return { page, client: await target.open(page) }
}

describe('what is refused', () => {
  it('is a choice for which the visitor has sent too much, with its code, and no other visitor’s', () =>
    withTarget({ uploads: { maxReceived: { visitor: 100_500 } } }, async (target) => {
      const large = { ...file, size: 100_000 }
      const first = await grantUpload(target, large)
      await first.patch(0, randomBytes(large.size), true)
      const { page, client } = await visitAgain(target, first.page.cookie)
      const view = await client.joinView(page)
      const ref = view.inputRef('photos')
      await view.choose({ [ref]: [file] })
      await view.preflight(ref, [file])
      expect((await entriesOf(view))[0]).toMatchObject({ valid: false, errors: ['quota_exceeded'] })
      const other = await grantUpload(target, file)
      expect((await other.patch(0, bytes, true)).status).toBe(200)
      expect(target.reports.map(({ context }) => context.limit)).toEqual(['maxReceived'])
    }))

  it('is a file that begins anew over and over, too', () =>
    withTarget({ uploads: { maxReceived: { visitor: 1_000_000 } } }, async (target) => {
      const large = randomBytes(400_000)
      const upload = await grantUpload(target, { ...file, size: large.length })
      for (const isLast of [false, true]) {
        expect((await upload.patch(0, large.subarray(1))).status).toBe(204)
        // It fails, by its own page.
        await upload.send('DELETE')
        await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]).toMatchObject({ state: 'failed' }))
        await upload.view.event('retry', { ref: '0' })
        const next = isLast
          ? { state: 'failed', errors: expect.arrayContaining(['quota_exceeded']) as string[] }
          : { state: 'queued' }
        await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]).toMatchObject(next))
      }
      expect((await upload.patch(0, large, true)).status).toBe(410)
    }))

  it('is a choice that would leave too little of the disk free', async () => {
    let seen: unknown
    const run = withTarget({ uploads: { minFree: Number.MAX_SAFE_INTEGER } }, async (target) => {
      const { view } = await target.visit()
      const ref = view.inputRef('photos')
      await view.choose({ [ref]: [file] })
      await view.preflight(ref, [file])
      const { valid, errors } = (await entriesOf(view))[0]!
      seen = { valid, errors, limits: target.reports.map(({ context }) => context.limit) }
    })
    // An honest client finds no room either.
    await expect(run).rejects.toThrow('no token')
    expect(seen).toEqual({ valid: false, errors: ['storage_full'], limits: ['minFree'] })
  })
})
