import { describe, expect, it } from 'vitest'
import { ManualTime } from '../../test/support/manual-time.ts'
import { type DownloadEnd, type DownloadOptions, resolveDownload } from '../live/download.ts'
import { createSigner } from '../token/signer.ts'
import { Downloads } from './downloads.ts'
import type { HandoverEnd, LiveResponse } from './http.ts'

const minute = 60_000

class World {
  readonly time = new ManualTime()
  readonly signer = createSigner('s'.repeat(32), () => this.time.now)
  readonly full: number[] = []
  readonly ends: DownloadEnd[] = []
  readonly downloads = new Downloads({
    signer: this.signer,
    visitorId: ({ headers }) => headers.get('cookie') ?? 'nobody',
    startTimer: this.time.startTimer,
    now: () => this.time.now,
    path: (token) => token,
    full: (most) => this.full.push(most),
  })

  offer(source: unknown, options: DownloadOptions = { name: 'a.txt' }, visitor = 'me'): string {
    return this.downloads.offer({ ...resolveDownload(source, options), ended: (end) => this.ends.push(end) }, visitor)
  }

  ask(
    token: string,
    { cookie = 'me', method = 'GET', range }: { cookie?: string; method?: string; range?: string } = {},
  ): LiveResponse {
    const headers = new Map(Object.entries({ cookie, ...(range !== undefined && { range }) }))
    return this.downloads.answer({ method, url: '', headers: { get: (name) => headers.get(name) ?? null } }, token)
  }

  /** Asks, and is sent what comes of it. */
  get(token: string, end: HandoverEnd, range?: string): number {
    const { status, handover } = this.ask(token, range === undefined ? {} : { range })
    handover?.ended(end)
    return status
  }
}

const whole: HandoverEnd = { what: 'whole', bytes: 10 }
const part: HandoverEnd = { what: 'part', bytes: 4 }

describe('an address', () => {
  it('is found by its visitor alone', () => {
    const world = new World()
    const token = world.offer('/srv/a')
    expect(world.ask(token, { cookie: 'you' }).status).toBe(404)
    expect(world.ask(token, { cookie: '' }).status).toBe(404)
    expect(world.ask(token).handover).toMatchObject({ content: { kind: 'path', path: '/srv/a' }, name: 'a.txt' })
  })

  it.each([
    ['nothing', () => ''],
    ['an id without its signature', (token: string) => token.split('.')[0]!],
    ['another signature', (token: string) => `${token.slice(0, -2)}AA`],
    ['what is signed for something else', (_: string, { signer }: World) => signer.sign('upload', 'a')],
    ['what is no id', (_: string, { signer }: World) => signer.sign('download', { id: 1 })],
    ['an id that there is not', (_: string, { signer }: World) => signer.sign('download', 'a')],
  ])('is not found by %s', (_, forge) => {
    const world = new World()
    const token = world.offer('/srv/a')
    expect(world.ask(forge(token, world)).status).toBe(404)
    expect(world.ask(token).status).toBe(200)
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])('takes no %s', (method) => {
    const world = new World()
    const token = world.offer(new Uint8Array(1))
    expect(world.ask(token, { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    expect(world.ask(token).status).toBe(200)
  })

  it('waits for a minute, or as long as it was given', () => {
    const world = new World()
    const [short, long] = [world.offer('/srv/a'), world.offer('/srv/a', { expiresIn: 5 * minute })]
    world.time.advance(minute - 1)
    expect(world.ask(short, { method: 'HEAD' }).status).toBe(200)
    world.time.advance(1)
    expect(world.ask(short).status).toBe(404)
    expect(world.ends).toEqual([{ outcome: 'expired', bytes: 0 }])
    expect(world.ask(long).status).toBe(200)
  })
})

describe('a stream', () => {
  it('is there once, and HEAD leaves it', () => {
    const world = new World()
    const token = world.offer(() => new Uint8Array())
    expect(world.ask(token, { method: 'HEAD' }).status).toBe(200)
    expect(world.get(token, whole)).toBe(200)
    expect(world.get(token, whole)).toBe(404)
    expect(world.ask(token, { method: 'HEAD' }).status).toBe(404)
    expect(world.ends).toEqual([{ outcome: 'sent', bytes: 10 }])
  })

  it.each([
    ['sent', whole, { outcome: 'sent', bytes: 10 }],
    ['left', part, { outcome: 'aborted', bytes: 4 }],
    ['broken', { what: 'failed', bytes: 4, error: 'no disk' }, { outcome: 'failed', bytes: 4, error: 'no disk' }],
  ] as const)('that was %s is over', (_, end, told) => {
    const world = new World()
    const token = world.offer(() => new Uint8Array())
    world.get(token, end)
    expect(world.ends).toEqual([told])
    expect(world.ask(token).status).toBe(404)
    expect(world.time.running).toBe(0)
  })

  it('that nobody comes for is closed', () => {
    const world = new World()
    let cancelled = 0
    world.offer(new ReadableStream({ cancel: () => void cancelled++ }))
    world.time.advance(minute)
    expect({ cancelled, ends: world.ends }).toEqual({ cancelled: 1, ends: [{ outcome: 'expired', bytes: 0 }] })
  })

  it('is closed when the server stops, but for one that is being sent', () => {
    const world = new World()
    const cancelled: string[] = []
    const stream = (name: string) => new ReadableStream({ cancel: () => void cancelled.push(name) })
    world.offer(stream('waiting'))
    const sending = world.ask(world.offer(stream('sending')))
    world.downloads.close()
    expect(cancelled).toEqual(['waiting'])
    expect(world.downloads.running).toBe(1)
    sending.handover!.ended(whole)
    expect(world.downloads.running).toBe(0)
    expect(world.time.running).toBe(0)
  })
})

describe('a file', () => {
  it('that was cut off is resumed, and is sent then', () => {
    const world = new World()
    const token = world.offer('/srv/a')
    world.get(token, part)
    world.time.advance(14 * minute)
    expect(world.get(token, whole, 'bytes=4-')).toBe(200)
    expect(world.ends).toEqual([{ outcome: 'sent', bytes: 14 }])
  })

  it('that was cut off may begin anew', () => {
    const world = new World()
    const token = world.offer('/srv/a')
    world.get(token, part)
    expect(world.get(token, whole)).toBe(200)
  })

  it('of which the end is looked at first is sent when all before it is', () => {
    const world = new World()
    const token = world.offer('/srv/a')
    expect(world.get(token, { what: 'whole', bytes: 1, from: 9 }, 'bytes=-1')).toBe(200)
    expect(world.ends).toEqual([])
    expect(world.get(token, { what: 'part', bytes: 5 })).toBe(200)
    expect(world.get(token, { what: 'whole', bytes: 4, from: 6 }, 'bytes=6-')).toBe(200)
    expect(world.ends).toEqual([])
    expect(world.get(token, { what: 'whole', bytes: 5, from: 5 }, 'bytes=5-')).toBe(200)
    expect(world.ends).toEqual([{ outcome: 'sent', bytes: 15 }])
  })

  it('that nobody resumes is over after a quarter of an hour', () => {
    const world = new World()
    const token = world.offer('/srv/a')
    world.get(token, part)
    world.time.advance(15 * minute)
    expect(world.get(token, whole, 'bytes=4-')).toBe(404)
    expect(world.ends).toEqual([{ outcome: 'aborted', bytes: 4 }])
  })

  it.each([
    [undefined, 404],
    ['bytes=0-', 404],
    ['bytes=0-,5-', 404],
    ['bytes=5-6,0-', 404],
    ['bytes=-10', 404],
    ['bytes=5-', 200],
    ['bytes=5-6', 200],
  ])('that was sent is there for who lost its end, asked by %s: %i', (range, status) => {
    const world = new World()
    const token = world.offer('/srv/a')
    world.get(token, whole)
    expect(world.get(token, part, range)).toBe(status)
    world.time.advance(minute)
    expect(world.get(token, part, 'bytes=5-')).toBe(404)
    expect(world.ends).toHaveLength(1)
  })

  it('is not forgotten while it is sent, however long that takes', () => {
    const world = new World()
    const { handover } = world.ask(world.offer('/srv/a'))
    world.time.advance(24 * 60 * minute)
    expect(world.ends).toEqual([])
    handover!.ended(whole)
    expect(world.ends).toEqual([{ outcome: 'sent', bytes: 10 }])
  })

  it('is not resumed for ever', () => {
    const world = new World()
    const token = world.offer('/srv/a')
    for (let asked = 0; asked < 24 * 6; asked++) {
      expect(world.get(token, part, 'bytes=4-')).toBe(200)
      world.time.advance(10 * minute)
    }
    world.time.advance(1)
    expect(world.get(token, part, 'bytes=4-')).toBe(404)
  })

  it('comes in so many parts at once', () => {
    const world = new World()
    const token = world.offer('/srv/a')
    const asked = Array.from({ length: 17 }, (_, at) => world.ask(token, { range: `bytes=${at}-${at}` }))
    expect(asked.filter(({ status }) => status === 200)).toHaveLength(16)
    expect(asked.at(-1)!.status).toBe(429)
    asked[0]!.handover!.ended(part)
    expect(world.ask(token, { range: 'bytes=5-' }).status).toBe(200)
  })

  it.each([
    ['missing', { what: 'missing', bytes: 0 }, { outcome: 'missing', bytes: 0 }],
    ['failed', { what: 'failed', bytes: 0, error: 'no disk' }, { outcome: 'failed', bytes: 0, error: 'no disk' }],
  ] as const)('that is %s is over', (_, end, told) => {
    const world = new World()
    const token = world.offer('/srv/a')
    world.get(token, end)
    expect(world.ends).toEqual([told])
    expect(world.ask(token).status).toBe(404)
  })
})

describe('another address', () => {
  it('is led to once', () => {
    const world = new World()
    const token = world.offer(new URL('https://files.test/a?key=1'))
    const led = {
      status: 302,
      headers: { location: 'https://files.test/a?key=1', 'cache-control': 'private, no-store' },
    }
    expect(world.ask(token, { method: 'HEAD' })).toMatchObject(led)
    expect(world.ask(token)).toMatchObject(led)
    expect(world.ask(token).status).toBe(404)
    expect(world.ends).toEqual([{ outcome: 'sent', bytes: 0 }])
  })
})

it('so many streams are sent to one visitor at once', () => {
  const world = new World()
  const stream = () => new Uint8Array(1)
  const running = Array.from({ length: 32 }, () => world.ask(world.offer(stream)).handover!)
  const token = world.offer(stream)
  expect(world.ask(token).status).toBe(429)
  expect(world.ask(world.offer(stream, undefined, 'you'), { cookie: 'you' }).status).toBe(200)
  running[0]!.ended(whole)
  expect(world.ask(token).status).toBe(200)
})

it('of too many of one visitor the oldest gives way', () => {
  const world = new World()
  const other = world.offer('/srv/a', {}, 'you')
  const tokens = Array.from({ length: 101 }, () => world.offer('/srv/a'))
  expect(world.full).toEqual([100])
  expect(world.ends).toEqual([{ outcome: 'expired', bytes: 0 }])
  expect(tokens.map((token) => world.ask(token).status).filter((status) => status === 404)).toHaveLength(1)
  expect(world.ask(tokens[0]!).status).toBe(404)
  expect(world.ask(other, { cookie: 'you' }).status).toBe(200)
})
