/** Bytes over HTTP: only the visitor of the page that was given leave reaches a resource, and whoever is slow or many harms nobody. */
import { Agent, request as httpRequest } from 'node:http'
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { ProcessBudget } from '../../dist/server/process-budget.js'
import { appending, askFor, grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { casesFor } from '../support/upload-cases.ts'
import { RawUpload } from '../support/raw-client.ts'
import { entriesOf, type Target, withTarget } from './target.ts'

const bytes = randomBytes(1000)
const file = { ref: '0', name: 'a.png', size: bytes.length }

const { onUpload, expectSaved } = casesFor(bytes)

describe('a request that is not of the page’s visitor finds nothing, and changes nothing', () => {
  const strangers: readonly (readonly [
    string,
    (upload: HttpUpload, target: Target) => Promise<Readonly<Record<string, string>>>,
  ])[] = [
    ['without a cookie', async () => ({})],
    ['with the cookie of another visitor', async (_, { visit }) => ({ cookie: (await visit()).page.cookie })],
    ['with a forged cookie', async ({ page }) => ({ cookie: `${page.cookie.slice(0, -2)}AA` })],
    ['of another site', async ({ page }) => ({ cookie: page.cookie, origin: 'https://evil.example' })],
    ['of a sandboxed frame', async ({ page }) => ({ cookie: page.cookie, origin: 'null' })],
  ]
  it.for(strangers)('%s', ([, headersOf]) =>
    onUpload(async (upload, target) => {
      const headers = await headersOf(upload, target)
      for (const method of ['HEAD', 'GET', 'PATCH', 'POST', 'DELETE', 'OPTIONS']) {
        const body = method === 'PATCH' || method === 'POST' ? bytes : undefined
        const { status } = await askFor(upload.url, method, { ...appending(0, true), ...headers }, body)
        expect([method, status]).toEqual([method, 404])
      }
      expect(await entriesOf(upload.view)).toMatchObject([{ progress: 0, done: false, failed: false }])
      await upload.patch(0, bytes, true)
      await expectSaved(upload, target)
    }),
  )

  it('at whatever other URL', () =>
    onUpload(async (upload) => {
      const { cookie } = upload.page
      const folder = upload.url.slice(0, upload.url.lastIndexOf('/') + 1)
      for (const id of ['', '%00', '..', 'a'.repeat(10_000), `${upload.url.slice(folder.length)}x`]) {
        const { status } = await askFor(folder + id, 'HEAD', { cookie })
        expect(status, id.slice(0, 20)).toBeGreaterThanOrEqual(400)
      }
    }))
})

describe('a resource of an entry', () => {
  it('that was cancelled is gone, with its bytes', () =>
    onUpload(async (upload, target) => {
      await upload.patch(0, bytes.subarray(0, 500))
      await upload.view.event('cancel', { ref: '0' })
      expect((await upload.patch(500, bytes.subarray(500), true)).status).toBe(404)
      await vi.waitFor(async () => expect(await target.temporaryFiles()).toEqual([]))
    }))

  it('of a view that was left is gone, also for a request that runs', () =>
    onUpload(async (upload, target) => {
      const running = upload.open(0)
      running.write(bytes.subarray(0, 500))
      await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.progress).toBe(50))
      await upload.client.request(upload.view.topic, 'phx_leave', {}, upload.view.joinRef)
      expect((await running.answer).status).toBe(404)
      expect((await upload.send('HEAD')).status).toBe(404)
      await vi.waitFor(async () => expect(await target.temporaryFiles()).toEqual([]))
    }))

  it('takes no other method', () =>
    onUpload(async (upload) => {
      expect((await upload.send('PUT', {}, bytes)).status).toBe(405)
      expect((await upload.send('PROPFIND')).status).toBe(405)
    }))
})

it('a body that stands still is given up, and what came of it counts', () =>
  withTarget({ upload: { chunkTimeout: 100 } }, async (target) => {
    const upload = await grantUpload(target, file)
    const slow = upload.open(0)
    slow.write(bytes.subarray(0, 10))
    expect((await slow.answer).status).toBe(408)
    expect((await upload.send('HEAD')).headers['upload-offset']).toBe('10')
    await upload.patch(10, bytes.subarray(10), true)
    await expectSaved(upload, target)
  }))

it('a body that drips is given up, and what came of it counts', () =>
  withTarget({ upload: { chunkTimeout: 200 } }, async (target) => {
    const upload = await grantUpload(target, file)
    const slow = upload.open(0)
    let sent = 0
    const drip = setInterval(() => slow.write(bytes.subarray(sent, ++sent)), 40)
    expect((await slow.answer).status).toBe(408)
    clearInterval(drip)
    const { headers } = await upload.send('HEAD')
    const at = Number(headers['upload-offset'])
    expect(at).toBeGreaterThan(1)
    expect(at).toBeLessThanOrEqual(sent)
    await upload.patch(at, bytes.subarray(at), true)
    await expectSaved(upload, target)
  }))

it('one that brings nothing but cuts leaves one file open, and the next goes on', () =>
  onUpload(async (upload, target) => {
    for (let at = 0; at < 50; at++) {
      const running = upload.open(at)
      running.write(bytes.subarray(at, at + 1))
      await vi.waitFor(async () => {
        const { headers } = await upload.send('HEAD')
        // Each question ends the request; the byte is there, or comes with the next.
        if (headers['upload-offset'] !== String(at + 1)) await upload.patch(at, bytes.subarray(at, at + 1))
        expect((await upload.send('HEAD')).headers['upload-offset']).toBe(String(at + 1))
      })
      running.cut()
    }
    const files = (await target.temporaryFiles()).filter((path) => !path.endsWith('.record'))
    expect(files).toHaveLength(1)
    await upload.patch(50, bytes.subarray(50), true)
    await expectSaved(upload, target)
  }))

it('10,000 questions are answered, and others meanwhile', () =>
  onUpload(async (upload, target) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 20 })
    const ask = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const options = { method: 'HEAD', agent, headers: { cookie: upload.page.cookie } }
        httpRequest(upload.url, options, (response) => {
          response.resume().on('end', () => resolve(response.statusCode!))
        })
          .on('error', reject)
          .end()
      })
    const asked = Promise.all(Array.from({ length: 10_000 }, ask))
    expect(await upload.client.heartbeat()).toMatchObject({ status: 'ok' })
    expect(new Set(await asked)).toEqual(new Set([204]))
    agent.destroy()
    await upload.patch(0, bytes, true)
    await expectSaved(upload, target)
  }))

describe('parts that are kept until they are proven', () => {
  const digest = (part: Uint8Array) => ({
    'content-digest': `sha-256=:${createHash('sha256').update(part).digest('base64')}:`,
  })

  it('are not kept beyond what the process may hold, which is told; then they are asked for again', () =>
    withTarget({ limits: { maxProcessBytes: 1_000_000 } }, async (target) => {
      const large = randomBytes(900_000)
      const [one, other] = [
        await grantUpload(target, { ...file, size: large.length }),
        await grantUpload(target, { ...file, size: large.length }),
      ]
      let held = 0
      const { add } = ProcessBudget.prototype
      using watched = vi.spyOn(ProcessBudget.prototype, 'add').mockImplementation(function (this: ProcessBudget, more) {
        held += more
        add.call(this, more)
      })
      const slow = one.open(0, digest(large))
      slow.write(large.subarray(0, 800_000))
      await vi.waitFor(() => expect(held).toBeGreaterThanOrEqual(800_000), { timeout: 10_000 })
      const answer = await other.patch(0, large, true, digest(large))
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1'])
      expect(await entriesOf(other.view)).toMatchObject([{ progress: 0, failed: false }])
      expect(target.reports.map(({ context }) => context.limit)).toContain('maxProcessBytes')
      slow.cut()
      await vi.waitFor(() => expect(held).toBeLessThan(100_000), { timeout: 10_000 })
      expect((await other.patch(0, large, true, digest(large))).status).toBe(200)
      await vi.waitFor(() => expect(held).toBeLessThan(100_000), { timeout: 10_000 })
      expect(watched).toHaveBeenCalled()
    }))

  it('that stand still are given up, and nothing of them counts', () =>
    withTarget({ upload: { chunkTimeout: 100, verify: true } }, async (target) => {
      const upload = await grantUpload(target, file)
      const slow = upload.open(0, digest(bytes))
      slow.write(bytes.subarray(0, 900))
      expect((await slow.answer).status).toBe(408)
      expect((await upload.send('HEAD')).headers['upload-offset']).toBe('0')
      await upload.patch(0, bytes, true, digest(bytes))
      await expectSaved(upload, target)
    }))

  it('with more than was declared are refused, and the entry has failed', () =>
    onUpload(async (upload) => {
      const more = randomBytes(bytes.length + 1)
      const running = upload.open(0, digest(more))
      running.write(more)
      running.end()
      expect((await running.answer).status).toBe(400)
      expect(await entriesOf(upload.view)).toMatchObject([{ failed: true, errors: ['size_exceeded'] }])
    }))

  it('of an entry that is cancelled meanwhile are let go of', () =>
    onUpload(async (upload, target) => {
      const running = upload.open(0, digest(bytes))
      running.write(bytes.subarray(0, 500))
      await upload.view.event('cancel', { ref: '0' })
      expect((await running.answer).status).toBe(404)
      await vi.waitFor(async () => expect(await target.temporaryFiles()).toEqual([]))
    }))
})

describe('where HTTP does not get through', () => {
  it('the channel goes on from where it was, and the resource is gone', () =>
    onUpload(async (upload, target) => {
      await upload.patch(0, bytes.subarray(0, 400))
      const topic = 'lvu:0'
      const { joinRef, reply } = upload.client.join(topic, { token: upload.token })
      expect(await reply).toEqual({ status: 'ok', response: { offset: 400 } })
      expect((await upload.patch(400, bytes.subarray(400), true)).status).toBe(404)
      const channel = new RawUpload(upload.client, topic, joinRef)
      expect(await channel.chunk(bytes.subarray(400))).toEqual({ status: 'ok', response: {} })
      expect(await entriesOf(upload.view)).toMatchObject([{ done: true }])
      await expectSaved(upload, target)
    }))

  it('a file whose last byte came over HTTP, and which was not said to be whole, is complete with the join', () =>
    onUpload(async (upload, target) => {
      await upload.patch(0, bytes)
      const { reply } = upload.client.join('lvu:0', { token: upload.token })
      expect(await reply).toEqual({ status: 'ok', response: { offset: 1000 } })
      expect(await entriesOf(upload.view)).toMatchObject([{ done: true }])
      await expectSaved(upload, target)
    }))

  it('a request that runs ends as the channel is joined', () =>
    onUpload(async (upload, target) => {
      const running = upload.open(0)
      running.write(bytes.subarray(0, 300))
      await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.progress).toBe(30))
      const { joinRef, reply } = upload.client.join('lvu:0', { token: upload.token })
      expect(await reply).toEqual({ status: 'ok', response: { offset: 300 } })
      running.write(bytes.subarray(300))
      running.cut()
      await new RawUpload(upload.client, 'lvu:0', joinRef).chunk(bytes.subarray(300))
      await expectSaved(upload, target)
    }))
})
