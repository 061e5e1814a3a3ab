/** What every `PubSub` on an engine must do, beside what every `PubSub` must: several processes, each with clients of its own. */
import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EnginePubSub } from 'liveloom/pubsub-redis'
import { type EngineName, EngineProcess } from '../support/engines.ts'
import { pubSubContract } from './pubsub.ts'

interface Options {
  readonly whileAway?: 'reject' | 'queue'
  readonly maxMessageSize?: number
  readonly maxWaiting?: number
}

/** One process: a pubsub, and the client that it was given. */
export interface Member {
  readonly pubsub: EnginePubSub
  /** Whether the client still works. */
  isOpen(): Promise<boolean>
  /** What an application does with its client at the end. */
  closeClient(): Promise<unknown>
}

export interface EngineCase {
  readonly engine: EngineName
  readonly join: (port: number, options: Options) => Promise<Member>
  /** Sends `payload` where the messages of `topic` go, by a client of somebody else. */
  readonly intrude: (port: number, topic: string, payload: string) => Promise<void>
  /** What closes the client waits until the pubsub has let go of it. */
  readonly waitsForUs?: boolean
}

interface Process extends Member {
  readonly errors: readonly unknown[]
}

export function enginePubSubContract(name: string, { engine, join, intrude, waitsForUs }: EngineCase): void {
  let server: EngineProcess
  const members: Member[] = []

  async function member(options: Options = {}): Promise<Process> {
    const joined = await join(server.port, options)
    members.push(joined)
    const errors: unknown[] = []
    joined.pubsub.onError((error) => errors.push(error))
    await hears(joined.pubsub)
    return { ...joined, errors }
  }

  describe(`the pubsub on ${name}`, () => {
    beforeAll(async () => {
      server = await EngineProcess.start(engine)
    }, 60_000)
    beforeEach(() => server.start())
    afterEach(async () => {
      for (const { pubsub, closeClient } of members.splice(0)) {
        await pubsub.close()
        await closeClient()
      }
    })
    afterAll(() => server.stop())

    pubSubContract(`on ${name}, in one process`, async () => (await member()).pubsub)

    it('has what one process publishes with the subscribers of another, in order, each once', async () => {
      const [here, there] = [await member(), await member()]
      const got = await heard(there.pubsub, 'a')
      const sent = Array.from({ length: 500 }, (_, at) => at)
      await Promise.all(sent.map((at) => here.pubsub.publish('a', at)))
      await vi.waitFor(() => expect(got.at(-1)).toBe(499))
      expect(got).toEqual(sent)
    })

    it('keeps the order of each of several publishers, to both sides', async () => {
      const [one, other] = [await member(), await member()]
      const [atOne, atOther] = [await heard(one.pubsub, 'a'), await heard(other.pubsub, 'a')]
      const all: Promise<void>[] = []
      for (let at = 0; at < 200; at++) {
        all.push(one.pubsub.publish('a', ['one', at]), other.pubsub.publish('a', ['other', at]))
        if (at % 20 === 0) await all.at(-1)
      }
      await Promise.all(all)
      for (const got of [atOne, atOther]) {
        await vi.waitFor(() => expect(got).toHaveLength(400))
        for (const from of ['one', 'other']) {
          const numbers = (got as [string, number][]).filter(([by]) => by === from).map(([, at]) => at)
          expect(numbers).toEqual(Array.from({ length: 200 }, (_, at) => at))
        }
      }
    })

    it('says its own messages once: the echo of the engine is dropped', async () => {
      const [here, there] = [await member(), await member()]
      const got = await heard(here.pubsub, 'a')
      await here.pubsub.publish('a', 'mine')
      // What comes behind the echo.
      await there.pubsub.publish('a', 'yours')
      await vi.waitFor(() => expect(got).toHaveLength(2))
      expect(got).toEqual(['mine', 'yours'])
    })

    it('has a message look the same here and there', async () => {
      const [here, there] = [await member(), await member()]
      const [mine, theirs] = [await heard(here.pubsub, 'a'), await heard(there.pubsub, 'a')]
      const message = {
        text: 'ä€😀\u0000\u007F\u001E\ud800 "\\\n',
        list: [1, null, true, { deep: [[]] }],
        gone: undefined,
      }
      await here.pubsub.publish('a', message)
      await vi.waitFor(() => expect(theirs).toHaveLength(1))
      expect(theirs).toStrictEqual(mine)
      expect(theirs[0]).toStrictEqual({ text: message.text, list: message.list })
      expect(mine[0]).not.toBe(message)
    })

    it.each([
      ['undefined', undefined, 'message must'],
      ['a Date', { at: new Date(0) }, 'message.at must'],
      ['a Map', [new Map()], 'message[0] must'],
      ['a function', { run: () => {} }, 'message.run must'],
      ['NaN', { a: { b: NaN } }, 'message.a.b must'],
      ['a bigint', 1n, 'message must'],
      ['an object of a class', { url: new URL('http://a/') }, 'message.url must'],
    ])('refuses %s at once, and nobody hears of it', async (_, message, where) => {
      const { pubsub } = await member()
      const got = await heard(pubsub, 'a')
      expect(() => pubsub.publish('a', message)).toThrow(
        expect.objectContaining({ code: 'ERR_PUBSUB_MESSAGE', message: expect.stringContaining(where) as string }),
      )
      expect(got).toEqual([])
    })

    it('keeps topics apart between processes, whatever they are called', async () => {
      const [here, there] = [await member(), await member()]
      const topics = [
        ...['', 'a', 'a:b', 'a.b', 'a b', '*', 'a.*', '>', 'a.>', '[ab]', '?', '"', "'", '\\', '=61=', '__proto__'],
        ...['ä', '😀', '\n', '\u0000', '\ud800', '\udfff', 'x'.repeat(1000), `${'x'.repeat(999)}y`, '€'.repeat(1000)],
      ]
      const got: unknown[] = []
      for (const topic of topics) await there.pubsub.subscribe(topic, (message) => got.push([topic, message])).ready
      for (const topic of topics) await here.pubsub.publish(topic, topic)
      await vi.waitFor(() => expect(got).toHaveLength(topics.length))
      expect(new Set(got.map((pair) => JSON.stringify(pair)))).toEqual(
        new Set(topics.map((topic) => JSON.stringify([topic, topic]))),
      )
    })

    it('subscribes to many topics, and leaves them', async () => {
      const [here, there] = [await member(), await member()]
      const got: number[] = []
      const ends = Array.from({ length: 1000 }, (_, at) =>
        there.pubsub.subscribe(`many:${at}`, (message) => got.push(message as number)),
      )
      for (const { ready } of ends) await ready
      for (const [at, end] of ends.entries()) if (at % 2 === 0) end()
      await Promise.all(ends.map((_, at) => here.pubsub.publish(`many:${at}`, at)))
      await vi.waitFor(() => expect(got).toHaveLength(500))
      expect(got.every((at) => at % 2 === 1)).toBe(true)
    })

    it('is subscribed to what it was last, however subscriptions come and go', async () => {
      const [here, there] = [await member(), await member()]
      const step = fc.record({ topic: fc.nat(2), on: fc.boolean(), pause: fc.boolean() })
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
          const round = run++
          const names = [0, 1, 2].map((at) => `churn:${round}:${at}`)
          const got: string[] = []
          const ends = new Map<number, () => void>()
          let ready: Promise<void> | undefined
          for (const { topic, on, pause } of steps) {
            ends.get(topic)?.()
            ends.delete(topic)
            if (on) {
              const end = there.pubsub.subscribe(names[topic]!, (message) => got.push(message as string))
              ends.set(topic, end)
              ready = end.ready
            }
            if (pause) await ready
          }
          const fence = await heard(there.pubsub, `fence:${round}`)
          for (const name of names) await here.pubsub.publish(name, name)
          await here.pubsub.publish(`fence:${round}`, 1)
          await vi.waitFor(() => expect(fence).toHaveLength(1))
          // Topics have no order among themselves.
          await vi.waitFor(() => expect(got.toSorted()).toEqual(names.filter((_, at) => ends.has(at))))
          for (const end of ends.values()) end()
        }),
        { numRuns: 20 },
      )
    })

    it.each([7990, 7997, 7998, 7999, 8000, 8001, 100_000, 900_000])('carries a text of %d bytes', async (size) => {
      const [here, there] = [await member(), await member()]
      const got = await heard(there.pubsub, 'a')
      const text = randomBytes(size).toString('base64').slice(0, size)
      const wide = '€😀é'.repeat(size / 9)
      await Promise.all([here.pubsub.publish('a', text), here.pubsub.publish('a', wide), here.pubsub.publish('a', 1)])
      await vi.waitFor(() => expect(got).toHaveLength(3))
      expect(got[0] === text && got[1] === wide).toBe(true)
    })

    it('refuses at once what is larger than maxMessageSize, and takes what is as large', async () => {
      const [here, there] = [await member({ maxMessageSize: 1000 }), await member()]
      const [mine, theirs] = [await heard(here.pubsub, 'a'), await heard(there.pubsub, 'a')]
      for (const text of ['x'.repeat(999), '€'.repeat(333)]) {
        expect(() => here.pubsub.publish('a', text)).toThrow(
          expect.objectContaining({ code: 'ERR_PUBSUB_MESSAGE', message: expect.stringContaining('1000') as string }),
        )
      }
      await here.pubsub.publish('a', 'x'.repeat(998))
      await vi.waitFor(() => expect(theirs).toHaveLength(1))
      expect(mine).toHaveLength(1)
    })

    it('goes on when the engine was killed: tells each subscription of the gap once, and hears again', async () => {
      const [here, there] = [await member(), await member()]
      const got = await heard(there.pubsub, 'a')
      const gaps: string[] = []
      for (const topic of ['a', 'b', 'b'])
        there.pubsub.subscribe(
          topic,
          () => {},
          () => gaps.push(topic),
        )
      await there.pubsub.subscribe('b', () => {}).ready
      await here.pubsub.publish('a', 'before')
      await vi.waitFor(() => expect(got).toEqual(['before']))
      expect(gaps).toEqual([])

      await server.kill()
      await isAway(here.pubsub)
      expect(gaps).toEqual([])
      await server.start()
      await vi.waitFor(() => expect(gaps).toHaveLength(3), { timeout: 10_000 })

      await published(here.pubsub, 'a', 'after')
      await vi.waitFor(() => expect(got.at(-1)).toBe('after'))
      expect(got).toEqual(['before', 'after'])
      expect(gaps.toSorted()).toEqual(['a', 'b', 'b'])
      for (const error of [...here.errors, ...there.errors]) expect(error).toMatchObject({ code: 'ERR_PUBSUB_AWAY' })
    })

    it('rejects what is published while the engine is away; the views of this process have it', async () => {
      const here = await member()
      const got = await heard(here.pubsub, 'a')
      await server.kill()
      await isAway(here.pubsub)
      await expect(here.pubsub.publish('a', 1)).rejects.toMatchObject({ code: 'ERR_PUBSUB_AWAY' })
      expect(got).toEqual([1])
      await server.start()
      await published(here.pubsub, 'a', 2)
    })

    it('keeps what is published meanwhile, when it shall, and sends it in order, once', async () => {
      const [here, there] = [await member({ whileAway: 'queue' }), await member()]
      let missed = false
      const got: unknown[] = []
      await there.pubsub.subscribe(
        'a',
        (message) => got.push(message),
        () => (missed = true),
      ).ready
      await server.kill()
      const sent = Array.from({ length: 300 }, (_, at) => here.pubsub.publish('a', at))
      // Who comes back first is not said: the rest is published when the other side hears.
      await server.start()
      await vi.waitFor(() => expect(missed).toBe(true), { timeout: 10_000 })
      for (let at = 300; at < 400; at++) sent.push(here.pubsub.publish('a', at))
      await Promise.all(sent)
      await vi.waitFor(() => expect(got.at(-1)).toBe(399))
      const first = got[0] as number
      expect(first).toBeLessThanOrEqual(300)
      expect(got).toEqual(Array.from({ length: 400 - first }, (_, at) => first + at))
    })

    it('says nothing twice and nothing out of order when the engine is killed in the midst of it', async () => {
      const [here, there] = [await member({ whileAway: 'queue' }), await member()]
      const got = (await heard(there.pubsub, 'a')) as number[]
      const sent: Promise<void>[] = []
      const some = async (count: number): Promise<void> => {
        for (let at = 0; at < count; at++) {
          sent.push(here.pubsub.publish('a', sent.length))
          if (at % 10 === 0) await new Promise(setImmediate)
        }
      }
      await some(300)
      await Promise.all([some(300), server.kill()])
      await some(100)
      await Promise.all([some(100), server.start()])
      await Promise.all(sent)
      await published(here.pubsub, 'a', sent.length)
      await hearsAgain(there.pubsub, here.pubsub)
      expect(got).toEqual([...new Set(got)].toSorted((a, b) => a - b))
    })

    it('holds no more than maxWaiting for an engine that is away', async () => {
      const here = await member({ whileAway: 'queue', maxWaiting: 10_000 })
      await server.kill()
      const text = 'x'.repeat(1000)
      const outcomes = Array.from({ length: 20 }, () =>
        here.pubsub.publish('a', text).then(
          () => 'sent',
          ({ code }: { code: string }) => code,
        ),
      )
      await vi.waitFor(async () =>
        expect(await Promise.race([outcomes.at(-1)!, Promise.resolve('waits')])).toBe('ERR_PUBSUB_FULL'),
      )
      await server.start()
      const all = await Promise.all(outcomes)
      expect(all.filter((outcome) => outcome === 'sent')).toHaveLength(8)
      expect(all.slice(0, 8).every((outcome) => outcome === 'sent')).toBe(true)
    })

    it('takes subscriptions while the engine is away, and tells them of the gap', async () => {
      const [here, there] = [await member(), await member()]
      await server.kill()
      await isAway(there.pubsub)
      await isAway(here.pubsub)
      let gaps = 0
      const got: unknown[] = []
      await there.pubsub.subscribe(
        'late',
        (message) => got.push(message),
        () => gaps++,
      ).ready
      await server.start()
      await vi.waitFor(() => expect(gaps).toBe(1), { timeout: 10_000 })
      await published(here.pubsub, 'late', 1)
      await vi.waitFor(() => expect(got).toEqual([1]))
      expect(gaps).toBe(1)
    })

    it('lives on when the application has closed the client', async () => {
      const here = await member()
      const got = await heard(here.pubsub, 'a')
      members.pop()
      const closed = here.closeClient()
      if (waitsForUs) await here.pubsub.publish('a', 1)
      else {
        await closed
        await isAway(here.pubsub, 'a')
      }
      expect(got.length).toBeGreaterThan(0)
      await here.pubsub.close()
      await closed
    })

    it('leaves the client open when it is closed, and then takes nothing more', async () => {
      const [here, there] = [await member(), await member()]
      const got = await heard(here.pubsub, 'a')
      await here.pubsub.close()
      await here.pubsub.close()
      expect(await here.isOpen()).toBe(true)
      await there.pubsub.publish('a', 1)
      await expect(here.pubsub.publish('a', 2)).rejects.toMatchObject({ code: 'ERR_PUBSUB_CLOSED' })
      expect(() => here.pubsub.subscribe('a', () => {})).toThrow(expect.objectContaining({ code: 'ERR_PUBSUB_CLOSED' }))
      expect(got).toEqual([])
    })

    it('passes over what others send to the same place, and tells of it', async () => {
      const [here, there] = [await member(), await member()]
      const got = await heard(there.pubsub, 'a')
      const strange = [
        '',
        'no line',
        '[]\n[]',
        '["liveloom/2","x",1,"a"]\n[1]',
        '["liveloom/1","x","1","a"]\n[1]',
        '0/3 x y',
        '.',
      ]
      for (const payload of [...strange, '["liveloom/1","x",1,"a"]\n{', '["liveloom/1","x",2,"a"]\n{}', '1/2 z q']) {
        await intrude(server.port, 'a', payload)
      }
      await here.pubsub.publish('a', 'ours')
      await vi.waitFor(() => expect(got).toEqual(['ours']))
      await vi.waitFor(() => expect(there.errors).toMatchObject([{ code: 'ERR_PUBSUB_FOREIGN' }]))
    })

    it('has one subscriber that throws in nobody else’s way', async () => {
      const [here, there] = [await member(), await member()]
      there.pubsub.subscribe('a', () => {
        throw new Error('as asked')
      })
      const got = await heard(there.pubsub, 'a')
      await Promise.all([here.pubsub.publish('a', 1), there.pubsub.publish('a', 2)])
      await vi.waitFor(() => expect(got).toHaveLength(2))
      expect(there.errors.map(String)).toEqual(['Error: as asked', 'Error: as asked'])
    })
  })
}

/** Resolves when what others publish comes. */
function hears(pubsub: EnginePubSub): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      end()
      resolve()
    }
    const end = pubsub.subscribe(`hears ${randomBytes(8).toString('hex')}`, () => {}, done)
    void end.ready?.then(done)
  })
}

async function heard(pubsub: EnginePubSub, topic: string): Promise<unknown[]> {
  const got: unknown[] = []
  await pubsub.subscribe(topic, (message) => got.push(message)).ready
  return got
}

/** Resolves when it has noticed. */
async function isAway(pubsub: EnginePubSub, topic = 'probe'): Promise<void> {
  await vi.waitFor(() => expect(pubsub.publish(topic, 1)).rejects.toMatchObject({ code: 'ERR_PUBSUB_AWAY' }))
}

/** Publishes it once, when the engine is back. */
async function published(pubsub: EnginePubSub, topic: string, message: unknown): Promise<void> {
  await vi.waitFor(() => pubsub.publish('probe', 1), { timeout: 10_000 })
  await pubsub.publish(topic, message)
}

async function hearsAgain(pubsub: EnginePubSub, other: EnginePubSub): Promise<void> {
  const got = await heard(pubsub, 'again')
  await vi.waitFor(
    async () => {
      await other.publish('again', 1)
      expect(got.length).toBeGreaterThan(0)
    },
    { timeout: 10_000 },
  )
}
