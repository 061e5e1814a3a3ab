/** Whatever comes through the socket is answered, dropped by the protocol's rules, or ends that one connection. */
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBinary, fetchPage, openBareSocket, RawClient, RawUpload } from '../support/raw-client.ts'
import { entriesOf, withTarget } from './target.ts'

const ok = { status: 'ok', response: {} }
const refused = (reason: string) => ({ status: 'error', response: { reason } })
const empty = new Uint8Array()
const long = 'x'.repeat(256)

describe('a malformed text frame closes the connection', () => {
  it.for([
    ['empty', ''],
    ['a space', ' '],
    ['no JSON', 'hello'],
    ['JSON cut short', '["1","1","phoenix","heartbeat",{'],
    ['JSON and more', '[null,"1","phoenix","heartbeat",{}]x'],
    ['250 open brackets', '['.repeat(250)],
    ['null', 'null'],
    ['a number', '1'],
    ['text', '"heartbeat"'],
    ['an object', '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}'],
    ['an empty list', '[]'],
    ['too short', '[null,"1","phoenix","heartbeat"]'],
    ['a join ref that is a number', '[1,"1","phoenix","heartbeat",{}]'],
    ['a ref that is a number', '[null,1,"phoenix","heartbeat",{}]'],
    ['a ref that is an object', '[null,{},"phoenix","heartbeat",{}]'],
    ['a topic that is null', '[null,"1",null,"heartbeat",{}]'],
    ['a topic that is a list', '[null,"1",["phoenix"],"heartbeat",{}]'],
    ['an event that is missing', '[null,"1","phoenix",null,{}]'],
    ['a payload that is null', '[null,"1","phoenix","heartbeat",null]'],
    ['a payload that is text', '[null,"1","phoenix","heartbeat","{}"]'],
    ['a payload that is a number', '[null,"1","phoenix","heartbeat",7]'],
    ['a join ref longer than a binary frame could hold', `["${long}","1","phoenix","heartbeat",{}]`],
    ['a ref longer than that', `[null,"${long}","phoenix","heartbeat",{}]`],
    ['a topic longer than that', `[null,"1","lvu:${long}","phx_join",{}]`],
    ['an event longer than that', `[null,"1","phoenix","${long}",{}]`],
  ] as const)('%s', ([, text]) =>
    withTarget({}, async ({ visit, handled }) => {
      const { client } = await visit()
      client.sendText(text)
      expect(await client.waitForClose()).toEqual({ code: 1007, reason: 'malformed frame' })
      expect(handled).toEqual([])
    }),
  )
})

describe('a text frame past a limit closes the connection before it is parsed', () => {
  const frame = (value: string): string => `[null,"b","phoenix","heartbeat",{"a":${value}}]`
  const bytes = 1024 * 1024
  it.for([
    ['as large as may be', frame(`"${'x'.repeat(bytes - frame('""').length)}"`), true],
    ['a byte larger', frame(`"${'x'.repeat(bytes - frame('""').length + 1)}"`), false],
    ['larger in bytes, not in characters', frame(`"${'ä'.repeat(bytes / 2)}"`), false],
    // The frame, its three texts and null, and the payload are six; the list is one more.
    [
      'of 100,000 values',
      frame(
        `[${Array(100_000 - 7)
          .fill('{}')
          .join(',')}]`,
      ),
      true,
    ],
    [
      'of one value more',
      frame(
        `[${Array(100_000 - 6)
          .fill('{}')
          .join(',')}]`,
      ),
      false,
    ],
    ['of 256 levels', frame(`${'['.repeat(254)}${']'.repeat(254)}`), true],
    ['of one level more', frame(`${'['.repeat(255)}${']'.repeat(255)}`), false],
    ['of a million open brackets', '['.repeat(1_000_000), false],
  ] as const)('%s', ([, text, taken]) =>
    withTarget({}, async ({ visit }) => {
      const { client } = await visit()
      client.sendText(text)
      if (taken) expect(await client.reply('b')).toEqual({ status: 'ok', response: {} })
      else expect(await client.waitForClose()).toEqual({ code: 1009, reason: 'too large' })
    }),
  )

  it('which both may be set', () =>
    withTarget({ limits: { maxTextSize: 5000, maxFrameValues: 100 } }, async ({ visit }) => {
      for (const text of [frame(`"${'x'.repeat(5000)}"`), frame(`[${Array(100).fill(1).join(',')}]`)]) {
        const { client } = await visit()
        client.sendText(text)
        expect(await client.waitForClose()).toEqual({ code: 1009, reason: 'too large' })
      }
    }))
})

describe('a malformed binary frame closes the connection', () => {
  const whole = Buffer.from(encodeBinary(['1', '2', 'lvu:0', 'chunk'], Buffer.from('bytes')))
  const invalid = Buffer.from([0xff, 0xfe])
  const withInvalid = (at: number): Buffer => {
    const parts = [0, 1, 2, 3].map((index) => (index === at ? invalid : Buffer.from('a')))
    return Buffer.concat([Uint8Array.of(0, ...parts.map(({ length }) => length)), ...parts])
  }
  it.for([
    ['empty', Buffer.alloc(0)],
    ['one byte', Buffer.alloc(1)],
    ['a header cut short', whole.subarray(0, 4)],
    ['a header that promises more than there is', whole.subarray(0, 5)],
    ['cut in the topic', whole.subarray(0, 9)],
    ['cut in the event', whole.subarray(0, whole.length - 6)],
    ['the greatest lengths, and nothing', Buffer.from([0, 255, 255, 255, 255])],
    ['a reply', Buffer.concat([Uint8Array.of(1), whole.subarray(1)])],
    ['a broadcast', Buffer.concat([Uint8Array.of(2), whole.subarray(1)])],
    ['of no kind', Buffer.concat([Uint8Array.of(255), whole.subarray(1)])],
    ['a join ref that is no UTF-8', withInvalid(0)],
    ['a ref that is no UTF-8', withInvalid(1)],
    ['a topic that is no UTF-8', withInvalid(2)],
    ['an event that is no UTF-8', withInvalid(3)],
    ['JSON', Buffer.from('[null,"1","phoenix","heartbeat",{}]')],
  ] as const)('%s', ([, bytes]) =>
    withTarget({}, async ({ visit }) => {
      const { client } = await visit()
      client.sendBinary(bytes)
      expect(await client.waitForClose()).toEqual({ code: 1007, reason: 'malformed frame' })
    }),
  )
})

describe('what is no WebSocket frame closes the connection', () => {
  const mask = [0, 0, 0, 0]
  it.for([
    ['a text of 1 GB by its header', [0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, ...mask], 1009],
    ['a binary of 1 GB by its header', [0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, ...mask], 1009],
    ['the greatest length', [0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...mask], 1009],
    ['a negative length', [0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...mask], 1009],
    ['a byte over the limit', [0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 1, ...mask], 1009],
    ['without a mask', [0x81, 0x01, 0x78], 1002],
    ['reserved bits', [0xf1, 0x81, ...mask, 0x78], 1002],
    ['an unknown opcode', [0x83, 0x81, ...mask, 0x78], 1002],
    ['a continuation of nothing', [0x80, 0x81, ...mask, 0x78], 1002],
    ['a ping in pieces', [0x09, 0x81, ...mask, 0x78], 1002],
    ['a ping that is too long', [0x89, 0xfe, 0, 200, ...mask], 1002],
    ['a close of one byte', [0x88, 0x81, ...mask, 0x03], 1002],
    ['a close with an unknown code', [0x88, 0x82, ...mask, 0xff, 0xff], 1002],
    ['text that is no UTF-8', [0x81, 0x82, ...mask, 0xff, 0xfe], 1007],
  ] as const)('%s', ([, bytes, code]) =>
    withTarget({}, async ({ url }) => {
      const socket = await openBareSocket(await fetchPage(url))
      socket.write(Uint8Array.from(bytes))
      expect(await closeCode(socket)).toBe(code)
    }),
  )

  it('text in more pieces than anybody needs', () =>
    withTarget({}, async ({ url }) => {
      const socket = await openBareSocket(await fetchPage(url))
      const piece = [0x00, 0x80, ...mask]
      socket.write(Uint8Array.from([0x01, 0x80, ...mask, ...Array.from({ length: 100_000 }, () => piece).flat()]))
      expect(await closeCode(socket)).toBe(1008)
    }))

  it('a message over maxMessageSize, whole and in pieces', () =>
    withTarget({ limits: { maxMessageSize: 10_000 }, upload: { chunkSize: 1000 } }, async ({ visit }) => {
      const whole = await visit()
      whole.client.sendText(`"${'x'.repeat(10_000)}"`)
      expect((await whole.client.waitForClose()).code).toBe(1009)
      const pieces = await visit()
      for (let sent = 0; sent < 10; sent++) pieces.client.socket.send('x'.repeat(2000), { fin: false })
      expect((await pieces.client.waitForClose()).code).toBe(1009)
    }))

  it('half a frame, and then nothing', () =>
    withTarget({}, async ({ url }) => {
      const socket = await openBareSocket(await fetchPage(url))
      socket.write(Uint8Array.from([0x81, 0xfe, 0x10]))
      socket.destroy()
    }))
})

describe('topics and events that nobody knows', () => {
  it.for([
    ['an event of an unknown topic', 'room:1', 'event', 'unmatched topic'],
    ['an event of an empty topic', '', 'event', 'unmatched topic'],
    ['an event of a view that is not joined', 'lv:phx-none', 'event', 'unmatched topic'],
    ['a heartbeat elsewhere', 'lv:phx-none', 'heartbeat', 'unmatched topic'],
    ['another event of the heartbeat', 'phoenix', 'shutdown', 'unmatched topic'],
    ['a join of the heartbeat', 'phoenix', 'phx_join', 'unmatched topic'],
    ['a join of an unknown topic', 'room:1', 'phx_join', 'unmatched topic'],
    ['a join of an empty topic', '', 'phx_join', 'unmatched topic'],
    ['a join of a prototype', '__proto__', 'phx_join', 'unmatched topic'],
    ['a reply to nobody', 'phoenix', 'phx_reply', 'unmatched topic'],
    ['a join of a view without its tokens', 'lv:phx-none', 'phx_join', 'invalid join'],
    ['a join of an upload without its token', 'lvu:0', 'phx_join', 'invalid_token'],
  ] as const)('%s', ([, topic, event, reason]) =>
    withTarget({}, async ({ visit }) => {
      const { client } = await visit()
      expect(await client.request(topic, event, {})).toEqual(refused(reason))
      const answer = await client.reply(client.pushBinary(topic, event, empty))
      expect(answer).toEqual(refused(reason))
      expect(await client.heartbeat()).toEqual(ok)
    }),
  )

  it.for([
    ['unknown', 'shout', {}],
    ['named like a prototype', '__proto__', {}],
    ['of the server: a reply', 'phx_reply', { status: 'ok', response: {} }],
    ['of the server: a close', 'phx_close', {}],
    ['of the server: an error', 'phx_error', {}],
    ['of the server: a diff', 'diff', { 0: 'x' }],
    ['an event without a name', 'event', {}],
    ['an event whose name is a number', 'event', { event: 7, value: {} }],
    ['a form that is no text', 'event', { type: 'form', event: 'validate', value: { a: 1 } }],
    ['an event that is a list', 'event', []],
    ['a patch without an address', 'live_patch', {}],
    ['a patch to nowhere', 'live_patch', { url: 'nowhere' }],
    ['a patch to a script', 'live_patch', { url: 'javascript:/' }],
    ['a chunk', 'chunk', {}],
  ] as const)('on a view, %s: refused, and the view goes on', ([, event, payload]) =>
    withTarget({}, async ({ visit, handled }) => {
      const { client, view } = await visit()
      expect(await view.request(event, payload)).toEqual(refused('unknown message'))
      const answer = await client.reply(client.pushBinary(view.topic, event, empty, view.joinRef))
      expect(answer).toEqual(refused('unknown message'))
      expect(handled).toEqual([])
      expect((await view.event('anything')).status).toBe('ok')
    }),
  )

  it('a leave of what was never joined, and of the empty view that the client leaves on unload', () =>
    withTarget({}, async ({ visit }) => {
      const { client } = await visit()
      for (const topic of ['lv:', 'lv:phx-none', 'lvu:0', 'room', ''])
        expect(await client.request(topic, 'phx_leave', {})).toEqual(ok)
    }))

  it('frames with the ref of another join are dropped', () =>
    withTarget({}, async ({ visit, handled }) => {
      const { client, view } = await visit()
      const dropped = [
        client.push(view.topic, 'event', { type: 'click', event: 'x', value: {} }, 'other'),
        client.push(view.topic, 'phx_leave', {}, 'other'),
        client.push(view.topic, 'event', { type: 'click', event: 'x', value: {} }, ''),
      ]
      await view.event('mine')
      expect(dropped.filter((ref) => client.hasReply(ref))).toEqual([])
      expect(handled).toHaveLength(1)
    }))

  it('more elements than a frame has are ignored', () =>
    withTarget({}, async ({ visit }) => {
      const { client } = await visit()
      client.sendText('[null,"many","phoenix","heartbeat",{},1,2,3]')
      expect(await client.reply('many')).toEqual(ok)
    }))
})

it('joining a view twice ends the first instance, with its files', () =>
  withTarget({}, async ({ visit, temporaryFiles }) => {
    const { page, client, view: first } = await visit()
    const { token } = await first.prepare('photos', { ref: '0', name: 'a.png', size: 1000 })
    const upload = await RawUpload.join(client, '0', token)
    await upload.chunk(new Uint8Array(500))
    const second = await client.joinView(page)
    const closed = await client.next(({ topic, event }) => topic === first.topic && event === 'phx_close')
    expect(closed.joinRef).toBe(first.joinRef)
    await expect.poll(temporaryFiles).toEqual([])
    const dropped = first.push('event', { type: 'click', event: 'x', value: {} })
    expect(await entriesOf(second)).toEqual([])
    expect(client.hasReply(dropped)).toBe(false)
  }))

it('any frames at all: the connection is closed, or heartbeats are answered', () => {
  const known = fc.constantFrom(
    ...['phoenix', 'lv:', 'lvu:0', 'heartbeat', 'phx_join', 'phx_leave', 'event', 'progress', 'allow_upload', 'chunk'],
    ...['live_patch', 'cids_destroyed', '1', '', '__proto__'],
  )
  const word = fc.oneof(known, fc.string(), fc.constant('VIEW'))
  const payload = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.oneof(known, fc.constantFrom('event', 'value', 'type', 'uploads', 'ref', 'url')), fc.jsonValue()),
  )
  const text = fc.oneof(
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.json() },
    {
      weight: 6,
      arbitrary: fc.tuple(fc.option(word), fc.option(word), word, word, payload).map((all) => JSON.stringify(all)),
    },
  )
  const header = fc.tuple(word, word, word, word)
  const binary = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.tuple(header, fc.uint8Array({ maxLength: 100 })).map(([strings, bytes]) => encodeBinary(strings, bytes)),
  )
  return withTarget({}, async ({ url }) => {
    const page = await fetchPage(url)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, binary), { maxLength: 20 }), async (frames) => {
        const client = await RawClient.open(page)
        const view = await client.joinView(page)
        for (const frame of frames) {
          if (typeof frame === 'string') client.sendText(frame.replaceAll('VIEW', view.topic))
          else client.sendBinary(frame)
        }
        const ref = client.push('phoenix', 'heartbeat', {}, null, 'the last heartbeat')
        await Promise.race([client.reply(ref).catch(() => {}), client.waitForClose()])
        if (client.closed === undefined) expect(client.hasReply(ref)).toBe(true)
        else expect(client.closed.code).toBe(1007)
        await client.leave()
      }),
      { numRuns: 200 },
    )
  })
})

/** The code of the close frame that the server sends before it ends the socket. */
async function closeCode(socket: Socket): Promise<number> {
  const received: Buffer[] = []
  socket.end()
  for await (const data of socket) received.push(data as Buffer)
  const frame = Buffer.concat(received)
  expect(frame[0]).toBe(0x88)
  return frame.readUInt16BE(2)
}
