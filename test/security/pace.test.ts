/** Whatever a client sends too fast is read more slowly, also what no view ever sees. */
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createLiveView, html } from 'liveloom'
import { encodeBinary, type RawClient, RawUpload } from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

const ok = { status: 'ok', response: {} }
/** Then the pauses are longer than any test. What a test asks is far less than the burst, what it floods with far more. */
const slow = { maxFrameBurst: 200, maxFrameRate: 1 }

/** Whether the server reads what `client` sends from now on, as told by a heartbeat. */
async function isRead(client: RawClient, { visit }: Target): Promise<boolean> {
  const other = await visit()
  const ref = client.push('phoenix', 'heartbeat', {})
  for (let round = 0; round < 3; round++) expect(await other.client.heartbeat()).toEqual(ok)
  return client.hasReply(ref)
}

/** Sends until it is not read any more. */
async function expectSlowed(client: RawClient, target: Target, send: () => void): Promise<void> {
  expect(await isRead(client, target)).toBe(true)
  for (let sent = 0; sent < 1000; sent++) send()
  for (let round = 0; round < 3; round++) await target.visit()
  await expectUnread(client, target)
}

async function expectUnread(client: RawClient, target: Target): Promise<void> {
  await vi.waitFor(async () => expect(await isRead(client, target)).toBe(false))
  expect(client.closed).toBeUndefined()
  // A paused one that just went away would be missed only some seconds later.
  expect(target.server.disconnect(() => true)).toBeGreaterThan(0)
}

describe('too many', () => {
  it('answers to pings that nobody sent are read at maxFrameRate', () =>
    withTarget({ limits: slow }, async (target) => {
      const { client } = await target.visit()
      await expectSlowed(client, target, () => client.socket.pong())
    }))

  /** A file that has come whole, and waits to be saved. */
  async function finish(target: Target): Promise<RawUpload> {
    const { client, view } = await target.visit()
    const { token } = await view.prepare('photos', { ref: '0', name: 'a.png', size: 1 })
    const upload = await RawUpload.join(client, '0', token)
    expect(await upload.chunk(new Uint8Array(1))).toEqual(ok)
    return upload
  }

  it.for([
    [
      'chunks of a file that is complete',
      ({ client, topic, joinRef }: RawUpload, ref: string) =>
        client.sendBinary(encodeBinary([joinRef, ref, topic, 'chunk'], new Uint8Array(1))),
    ],
    [
      'texts for the channel of a file',
      ({ client, topic, joinRef }: RawUpload, ref: string) =>
        client.sendText(JSON.stringify([joinRef, ref, topic, 'chunk', {}])),
    ],
    [
      'texts for a channel that was there before it',
      ({ client, topic }: RawUpload, ref: string) =>
        client.sendText(JSON.stringify(['other', ref, topic, 'chunk', {}])),
    ],
  ] as const)('%s are read at maxFrameRate', ([, send]) =>
    withTarget({ limits: slow }, async (target) => {
      const upload = await finish(target)
      await expectSlowed(upload.client, target, () => send(upload, upload.client.nextRef()))
    }),
  )

  it('chunks that are smaller than they should be are read at maxFrameRate', () =>
    withTarget({ limits: slow }, async (target) => {
      const { client, view } = await target.visit()
      const { token } = await view.prepare('photos', { ref: '0', name: 'a.png', size: 10_000 })
      const upload = await RawUpload.join(client, '0', token)
      let answered = 0
      const send = async (): Promise<void> => {
        for (; answered < 1000; answered++) await upload.chunk(new Uint8Array(1))
      }
      void send().catch(() => {})
      await expectUnread(client, target)
      expect(answered).toBeLessThan(300)
    }))

  it('honest chunks are not: they have a pace of their own', () =>
    withTarget({ limits: slow, upload: { chunkSize: 1000 } }, async (target) => {
      const { client, view } = await target.visit()
      const bytes = new Uint8Array(300_500)
      await view.upload('photos', { ref: '0', name: 'a.png', size: bytes.length }, bytes)
      expect(await isRead(client, target)).toBe(true)
    }))
})

describe('requests that come before the last one is answered', () => {
  /** A view that says how many of its pages were begun at once. */
  function counting() {
    const seen = { begun: 0, at: 0, most: 0 }
    const view = createLiveView({
      async mount() {
        seen.begun++
        seen.most = Math.max(seen.most, ++seen.at)
        await new Promise((resolve) => void setImmediate(resolve))
        seen.at--
      },
      render: () => html`<p>page</p>`,
    })
    return { seen, routes: { '/page': view } }
  }

  const request = (url: string, count: number): string =>
    `GET /page HTTP/1.1\r\nhost: ${new URL(url).host}\r\n\r\n`.repeat(count)

  it('are worked on one after another, and all are answered', () => {
    const { seen, routes } = counting()
    return withTarget({ routes }, async ({ url }) => {
      const socket = connect(Number(new URL(url).port), 'localhost')
      let answers = ''
      socket.on('data', (piece) => (answers += piece.toString()))
      socket.write(request(url, 50))
      await vi.waitFor(() => expect(answers.match(/HTTP\/1.1 200/g)).toHaveLength(50))
      socket.destroy()
      expect(seen).toEqual({ begun: 50, at: 0, most: 1 })
    })
  })

  it('and are too many end their connection', () => {
    const { seen, routes } = counting()
    return withTarget({ routes }, async ({ url }) => {
      const socket = connect(Number(new URL(url).port), 'localhost')
      const closed = new Promise((resolve) => void socket.on('error', () => {}).once('close', resolve))
      socket.resume().write(request(url, 1500))
      await closed
      expect(seen.begun).toBeLessThan(10)
    })
  })

  it('and whose client has gone are not waited for when the server closes', () => {
    let goOn = (): void => {}
    const gate = new Promise<void>((resolve) => (goOn = resolve))
    const view = createLiveView({ mount: () => gate, render: () => html`<p>page</p>` })
    return withTarget({ routes: { '/page': view } }, async ({ url, server }) => {
      let asked = 0
      server.server.on('request', () => asked++)
      const socket = connect(Number(new URL(url).port), 'localhost')
      socket.on('error', () => {}).write(request(url, 50))
      await vi.waitFor(() => expect(asked).toBe(50))
      socket.destroy()
      await vi.waitFor(async () => expect(await connectionsOf(server.server)).toBe(0))
      goOn()
      // That the server then closes in time, and says of nothing that it was given up, withTarget looks at.
    })
  })
})

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => void server.getConnections((_, count) => resolve(count)))
}
