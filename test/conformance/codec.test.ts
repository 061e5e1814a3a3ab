/** Frames in both directions, against the serializer of the `phoenix` package. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBinary } from '../../src/protocol/binary.ts'
import { decodeText as decodeBytes, encodePush, encodeReply } from '../../src/protocol/codec.ts'
import { channelEvents } from '../../src/protocol/message.ts'
import { clientSerializer } from './real-client.ts'

const limits = { maxTextSize: 1000, maxFrameValues: 20 }
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const decodeText = (text: string) => decodeBytes(utf8(text), { maxTextSize: 1_000_000, maxFrameValues: 100_000 })

const anyText = fc.string({ unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text))
const short = anyText.filter((text) => new TextEncoder().encode(text).length <= 255)
const ref = fc.option(fc.nat().map(String), { nil: null })
const payload = fc.dictionary(anyText, fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)) as object)

function clientEncode(message: Parameters<typeof clientSerializer.encode>[0]): string | ArrayBuffer {
  let frame: string | ArrayBuffer | undefined
  clientSerializer.encode(message, (encoded) => (frame = encoded))
  return frame!
}

function clientDecode(frame: string): unknown {
  let message: unknown
  clientSerializer.decode(frame, (decoded) => (message = decoded))
  return message
}

describe('text frames', () => {
  it('of the client are read as it wrote them', () => {
    fc.assert(
      fc.property(ref, ref, anyText, anyText, payload, (joinRef, own, topic, event, body) => {
        const frame = clientEncode({ join_ref: joinRef, ref: own, topic, event, payload: body }) as string
        expect(decodeText(frame)).toEqual({ joinRef, ref: own, topic, event, payload: body })
      }),
    )
  })

  it('of ours are read by the client as we wrote them', () => {
    fc.assert(
      fc.property(ref, ref, anyText, fc.constantFrom('ok', 'error'), payload, (joinRef, own, topic, status, body) => {
        expect(clientDecode(encodeReply(joinRef, own, topic, status as 'ok', JSON.stringify(body)))).toEqual({
          join_ref: joinRef,
          ref: own,
          topic,
          event: channelEvents.reply,
          payload: { status, response: body },
        })
        const event = 'diff'
        expect(clientDecode(encodePush(joinRef, own, topic, event, JSON.stringify(body)))).toEqual({
          join_ref: joinRef,
          ref: own,
          topic,
          event,
          payload: body,
        })
      }),
    )
  })

  it('may have more elements than five', () => {
    expect(decodeText('["1","2","t","e",{},"more"]')).toEqual({
      joinRef: '1',
      ref: '2',
      topic: 't',
      event: 'e',
      payload: {},
    })
  })

  it.each([
    '',
    '{}',
    'null',
    '"text"',
    '[]',
    '["1","2","t","e"]',
    '[1,"2","t","e",{}]',
    '["1",2,"t","e",{}]',
    '["1","2",null,"e",{}]',
    '["1","2","t",{},{}]',
    '["1","2","t","e",null]',
    '["1","2","t","e","text"]',
    '["1","2","t","e",3]',
    '["1","2","t","e",{}',
  ])('of another shape are refused: %s', (frame) => {
    expect(decodeText(frame)).toBeUndefined()
  })

  it('never throw, whatever comes', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (frame) => void decodeText(frame)))
    fc.assert(fc.property(fc.uint8Array(), (frame) => void decodeBytes(frame, limits)))
  })

  it.each([
    ['a byte alone', [0xff]],
    ['half a character', [0xc3]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('that are not UTF-8 are refused: %s', (_, bytes) => {
    const [before, after] = [utf8('["1","2","t","'), utf8('",{}]')]
    expect(decodeBytes(Uint8Array.of(...before, ...after), limits)).toBeDefined()
    expect(decodeBytes(Uint8Array.of(...before, ...bytes, ...after), limits)).toBeUndefined()
  })

  const frameOf = (payload: string): Uint8Array => utf8(`["1","2","t","e",${payload}]`)
  const many = (count: number): string => `[${Array(count).fill('{}').join(',')}]`
  it.each([
    ['of as many bytes as may be', frameOf(`["${'x'.repeat(978)}"]`), true],
    ['of a byte more', frameOf(`["${'x'.repeat(979)}"]`), false],
    // The frame, its four texts, and the payload are six.
    ['of as many values as may be', frameOf(many(14)), true],
    ['of a value more', frameOf(many(15)), false],
    [
      'of a value more after a text with quotes',
      frameOf(JSON.stringify(['"\\"'.repeat(60), ...Array<number>(14).fill(1)])),
      false,
    ],
    ['whose texts look like values', frameOf(JSON.stringify(['[1,2,3]'.repeat(20), '"{,,},'.repeat(20)])), true],
  ] as const)('%s', (_, frame, read) => {
    if (read) expect(decodeBytes(frame, limits)).toMatchObject({ topic: 't' })
    else expect(['maxTextSize', 'maxFrameValues']).toContain(decodeBytes(frame, limits))
  })

  it.each([255, 256])('of lists in lists are read up to 256 levels: %i of them in the frame', (depth) => {
    const lists = decodeText(`["1","2","t","e",${'['.repeat(depth)}${']'.repeat(depth)}]`)
    const objects = decodeText(`["1","2","t","e",${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}]`)
    for (const frame of [lists, objects]) {
      if (depth === 255) expect(frame).toMatchObject({ topic: 't' })
      else expect(frame).toBe('maxFrameDepth')
    }
  })
})

describe('binary frames', () => {
  const bytes = fc.uint8Array({ maxLength: 600 })

  it('of the client are read as it wrote them', () => {
    fc.assert(
      fc.property(short, short, short, short, bytes, (joinRef, own, topic, event, body) => {
        const message = { join_ref: joinRef, ref: own, topic, event, payload: body.slice().buffer }
        const frame = new Uint8Array(clientEncode(message) as ArrayBuffer)
        expect(decodeBinary(frame)).toEqual({ joinRef, ref: own, topic, event, payload: body })
      }),
    )
  })

  it('keep a byte order mark', () => {
    const message = { join_ref: '1', ref: '2', topic: '\uFEFFt', event: 'e', payload: new ArrayBuffer(0) }
    expect(decodeBinary(new Uint8Array(clientEncode(message) as ArrayBuffer))?.topic).toBe('\uFEFFt')
  })

  it('do not copy the payload', () => {
    const message = { join_ref: '1', ref: '2', topic: 't', event: 'chunk', payload: new Uint8Array([1, 2, 3]).buffer }
    const frame = new Uint8Array(clientEncode(message) as ArrayBuffer)
    expect((decodeBinary(frame)!.payload as Uint8Array).buffer).toBe(frame.buffer)
  })

  it('that are cut short within their header are refused', () => {
    const message = { join_ref: '12', ref: '13', topic: 'lvu:0', event: 'chunk', payload: new ArrayBuffer(0) }
    const frame = new Uint8Array(clientEncode(message) as ArrayBuffer)
    expect(frame).toHaveLength(19)
    for (let length = 0; length < frame.length; length++)
      expect(decodeBinary(frame.subarray(0, length))).toBeUndefined()
    expect(decodeBinary(frame)).toBeDefined()
  })

  it.each([1, 2, 3, 255])('of the kind %i are refused', (kind) => {
    expect(decodeBinary(new Uint8Array([kind, 0, 0, 0, 0]))).toBeUndefined()
  })

  it('that are not UTF-8 are refused', () => {
    expect(decodeBinary(new Uint8Array([0, 0, 0, 1, 0, 0xff]))).toBeUndefined()
  })

  it('never throw, whatever comes', () => {
    fc.assert(fc.property(bytes, (frame) => void decodeBinary(frame)))
  })
})
