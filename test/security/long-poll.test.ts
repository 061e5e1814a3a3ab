/** What a hostile client can do by long polling: no more than by a socket. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { LongPollClient } from '../support/long-poll-client.ts'
import { encodeBinary, fetchPage, joinPayload, type Page } from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

const ok = { status: 200 }
const gone = { status: 410 }
const heartbeat = (ref: number | string): string => `[null,"${ref}","phoenix","heartbeat",{}]`
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

interface Visitor {
  readonly page: Page
  readonly client: LongPollClient
  /** The topic of the page's view. */
  readonly topic: string
}

/** A visitor with the album joined. */
async function visit({ url }: Target): Promise<Visitor> {
  const page = await fetchPage(url)
  const client = await LongPollClient.open(page)
  const topic = `lv:${page.id}`
  expect(await client.post(JSON.stringify(['1', '1', topic, 'phx_join', joinPayload(page)]))).toEqual(ok)
  expect((await client.poll()).messages).toHaveLength(1)
  return { page, client, topic }
}

const event = (topic: string, ref: string, type: string, value: object = {}): string =>
  JSON.stringify(['1', ref, topic, 'event', { type: 'click', event: type, value }])

describe('a line that is no frame ends the session, and what follows it is not read:', () => {
  const cases: readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[] = [
    ['an unfinished list', '['],
    ['an empty list', '[]'],
    ['a list that is too short', '[null,"1","phoenix","heartbeat"]'],
    ['what is no UTF-8', Uint8Array.of(0x5b, 0xff, 0x5d)],
    ['what is no base64', '{"a":1}'],
    ['base64 that is cut short', base64(encodeBinary(['1', '2', 'lvu:0', 'chunk'], new Uint8Array(9))).slice(0, -1)],
    ['base64 of a frame that is cut short', base64(Uint8Array.of(0, 200))],
    ['base64 of a frame of another kind', base64(Uint8Array.of(1, 0, 0, 0, 0))],
    ['base64 of nothing', '===='],
    ['zeros', '\0\0\0\0'],
    ['text in the form of a page', '<html>'],
  ]
  it.for(cases)('%s', ([, line]) =>
    withTarget({}, async (target) => {
      const { client, topic } = await visit(target)
      const before = Buffer.from(`${heartbeat(2)}\n`)
      const after = Buffer.from(`\n${event(topic, '3', 'look')}`)
      expect(await client.post(Buffer.concat([before, Buffer.from(line), after]))).toEqual(gone)
      expect((await client.poll()).messages).toEqual([expect.stringContaining('"2"')])
      expect(target.handled).toEqual([])
      expect((await client.poll()).status).toBe(410)
    }),
  )
})

describe('a frame that is larger than a socket would take ends the session:', () => {
  const maxMessageSize = 30_000
  const text = (size: number): string => heartbeat('x'.repeat(size - heartbeat('').length))
  const binary = (size: number): string =>
    base64(encodeBinary(['1', '2', 'lvu:0', 'chunk'], new Uint8Array(size - 5 - 2 - 5 - 5)))
  const cases: readonly (readonly [string, string, object])[] = [
    ['text', `\n${text(maxMessageSize + 1)}`, gone],
    ['a whole line of it', `${text(maxMessageSize + 1)}\n`, gone],
    ['base64', binary(maxMessageSize + 1), gone],
    ['anything', 'x'.repeat(100_000), gone],
    // As large as it may be; what is too long there is a name.
    ['but not base64 at the limit', binary(maxMessageSize), ok],
    ['and many that are each below it do not', Array.from({ length: 50 }, () => binary(maxMessageSize)).join('\n'), ok],
  ]
  it.for(cases)('%s', ([, body, answer]) =>
    withTarget({ limits: { maxMessageSize } }, async (target) => {
      const { client } = await visit(target)
      expect(await client.post(body)).toEqual(answer)
      expect(await client.post(heartbeat(9))).toEqual(answer)
    }),
  )

  it('also one that never ends, whose connection is closed', () =>
    withTarget({ limits: { maxMessageSize } }, async (target) => {
      const { client, page } = await visit(target)
      const { port, pathname, search } = new URL(client.url)
      const socket = connect(Number(port), 'localhost')
      socket.on('error', () => {})
      const ended = once(socket, 'close')
      socket.write(
        `POST ${pathname}${search} HTTP/1.1\r\nhost: localhost:${port}\r\ncookie: ${page.cookie}\r\n` +
          'content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n',
      )
      const piece = Buffer.alloc(1000, 'A')
      const write = (): void => {
        if (!socket.destroyed) socket.write(`3e8\r\n${piece.toString()}\r\n`, () => setImmediate(write))
      }
      write()
      socket.resume()
      await ended
      expect(await client.post(heartbeat(9))).toEqual(gone)
    }))
})

describe('a flood', () => {
  it('of sessions is refused past the limit, and sockets open all the same', () =>
    withTarget({ limits: { maxLongPolls: 20 } }, async ({ url, open }) => {
      const page = await fetchPage(url)
      const answers = await Promise.all(Array.from({ length: 200 }, () => new LongPollClient(page).get()))
      expect(answers.filter(({ status }) => status === 410)).toHaveLength(20)
      expect(answers.filter(({ status }) => status === 500)).toHaveLength(180)
      await (await open(page)).joinView(page)
    }))

  it('of polls of one session is answered, and the last one gets the frames', () =>
    withTarget({}, async (target) => {
      const { client } = await visit(target)
      let asked = 0
      target.server.server.on('request', () => asked++)
      const polls = Array.from({ length: 200 }, () => client.get())
      await expect.poll(() => asked, { timeout: 20_000 }).toBe(200)
      await client.post(heartbeat(9))
      const answers = await Promise.all(polls)
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(199)
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    }))

  it('of bodies that never end is read up to four at a time', () =>
    withTarget({}, async (target) => {
      const { client } = await visit(target)
      const ends: (() => void)[] = []
      const body = () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('['))
            ends.push(() => controller.close())
          },
        })
      const posts = Array.from({ length: 10 }, () => client.post(body()))
      // Whichever of them came first are read, and wait.
      const answered: number[] = []
      for (const post of posts) void post.then(({ status }) => answered.push(status))
      await expect.poll(() => answered).toEqual([500, 500, 500, 500, 500, 500])
      for (const end of ends) end()
      await Promise.all(posts)
    }))

  it('of bodies that never end, over many sessions, is held against the process', () =>
    withTarget({ limits: { maxProcessBytes: 2_000_000, pendingTimeout: 300 } }, async (target) => {
      const posts: Promise<unknown>[] = []
      const begun = new TextEncoder().encode(`[${' '.repeat(500_000)}`)
      for (let at = 0; at < 10; at++) {
        const { client } = await visit(target)
        // A body of which half a megabyte comes, and no end of its line.
        posts.push(client.post(new ReadableStream({ start: (controller) => controller.enqueue(begun) })))
      }
      // The sessions that found no room are over.
      expect(await Promise.race(posts)).toEqual(gone)
      expect((await (await target.visit()).view.event('look')).status).toBe('ok')
    }))

  it('of small frames that nobody polls is counted with what each takes', () =>
    withTarget({ limits: { maxUnsentBytes: 100_000 } }, async (target) => {
      const { client } = await visit(target)
      // 500 answers of 80 characters: 40 kB of text.
      const frames = Array.from({ length: 500 }, (_, at) => heartbeat(at)).join('\n')
      await client.post(frames)
      await expect.poll(() => client.post(heartbeat(9))).toEqual(gone)
    }))

  it('of answers that are never polled ends the session', () =>
    withTarget({ limits: { maxUnsentBytes: 100_000 } }, async (target) => {
      const { client, topic } = await visit(target)
      await client.post(event(topic, '2', 'grow', { length: 200_000 }))
      await expect.poll(() => client.post(heartbeat(9))).toEqual(gone)
      expect(await client.get()).toMatchObject({ status: 410, messages: [] })
    }))
})

describe('who has no right', () => {
  it.for([
    ['without a CSRF token', (page: Page) => ({ ...page, csrfToken: '' })],
    ['without a cookie', (page: Page) => ({ ...page, cookie: '' })],
  ] as const)('%s may poll, and join no view', ([, change]) =>
    withTarget({}, async ({ url }) => {
      const page = await fetchPage(url)
      const client = await LongPollClient.open(change(page))
      await client.post(JSON.stringify(['1', '1', `lv:${page.id}`, 'phx_join', joinPayload(page)]))
      const { messages } = await client.poll()
      expect(messages).toEqual([expect.stringContaining('"response":{"reason":"stale"}')])
    }),
  )

  it('a token of another purpose, or an old one, is none', () =>
    withTarget({}, async (target) => {
      const { client } = await visit(target)
      const [, id] = /^([^.]+)\./.exec(client.token!)!
      const [, , [session]] = JSON.parse(Buffer.from(id!, 'base64url').toString()) as [number, number, [string, number]]
      const day = 24 * 60 * 60 * 1000
      const own = client.token!
      for (const token of [
        target.signer().sign('view', [session, 1]),
        target.signer(Date.now() - 15 * day).sign('longpoll', [session, 1]),
        target.signer().sign('longpoll', ['x', 1]),
      ]) {
        client.token = token
        expect(await client.post(heartbeat(1))).toEqual(gone)
      }
      client.token = own
      expect(await client.post(heartbeat(1))).toEqual(ok)
    }))

  it('a token that was read in a log is of no use to another visitor', () =>
    withTarget({}, async (target) => {
      const { client, topic } = await visit(target)
      const thief = await visit(target)
      thief.client.token = client.token
      expect(await thief.client.post(event(topic, '2', 'look'))).toEqual(gone)
      expect(await thief.client.get()).toMatchObject({ status: 410, messages: [] })
      expect(target.handled).toEqual([])
      expect(await client.post(heartbeat(1))).toEqual(ok)
    }))

  it('an upload of another session is not found', () =>
    withTarget({}, async (target) => {
      const { client } = await visit(target)
      const { view } = await target.visit()
      const { token } = await view.prepare('photos', { ref: '0', name: 'cat.png', size: 10, type: 'image/png' })
      await client.post(JSON.stringify(['7', '7', 'lvu:0', 'phx_join', { token }]))
      expect((await client.poll()).messages).toEqual([expect.stringContaining('"disallowed"')])
    }))
})
