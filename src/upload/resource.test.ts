import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { RecordingWriter } from '../../test/support/recording-writer.ts'
import { Receiver } from './receiver.ts'
import { type Appended, UploadResource } from './resource.ts'

const size = 100
const idle = 1000
const resumeFor = 10_000
const pausedFor = 24 * 60 * 60 * 1000
/** Bytes a second, and so bytes within `idle`. */
const leastRate = 5

/** A request's body that is fed piece by piece, and can break. */
class Body implements AsyncIterable<Uint8Array> {
  readonly #waiting: ((next: IteratorResult<Uint8Array> | 'break') => void)[] = []
  readonly #ready: (IteratorResult<Uint8Array> | 'break')[] = []
  returned = false

  feed(length: number, from = 0): this {
    return this.#push({ done: false, value: Uint8Array.from({ length }, (_, at) => from + at) })
  }

  end(): this {
    return this.#push({ done: true, value: undefined })
  }

  break(): this {
    return this.#push('break')
  }

  #push(next: IteratorResult<Uint8Array> | 'break'): this {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#ready.push(next)
    else waiting(next)
    return this
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        const next =
          this.#ready.shift() ??
          (await new Promise<IteratorResult<Uint8Array> | 'break'>((resolve) => this.#waiting.push(resolve)))
        if (next === 'break') throw new Error('the peer has gone')
        return next
      },
      return: async () => {
        this.returned = true
        return { done: true, value: undefined }
      },
    }
  }
}

function rig() {
  const time = new ManualTime()
  const writer = new RecordingWriter()
  const told: string[] = []
  const receiver: Receiver = new Receiver({
    clientSize: size,
    openWriter: async () => writer,
    onWritten: (received) => void told.push(`written ${received}`),
    onDone: () => void told.push('done'),
    onFailed: (error) => {
      told.push(`failed ${error.code}`)
      void receiver.release({ error })
    },
    report: () => {},
  })
  const resource = new UploadResource(receiver, {
    chunkTimeout: idle,
    resumeFor,
    pausedFor,
    leastRate,
    now: () => time.now,
    verify: false,
    startTimer: time.startTimer,
    onStarted: () => void told.push('started'),
    onComing: () => void told.push('coming'),
    onBroken: () => void told.push('broken'),
  })
  /** A request that appends at the offset that it believes in. */
  const append = (
    body: Body,
    { at, ends = true }: { at?: number; ends?: boolean } = {},
  ): Promise<Appended | 'conflict'> =>
    resource.inTurn(async () => {
      if (at !== undefined && at !== resource.offset) return 'conflict'
      if (resource.state !== 'open') return 'ended'
      return resource.append(body, ends)
    })
  const ask = (): Promise<number> => resource.inTurn(async () => resource.offset)
  return { time, writer, told, receiver, resource, append, ask }
}

describe('a resource of an upload', () => {
  it('takes one request at a time, also of two that waited for a third to end', async () => {
    const { append, writer, resource } = rig()
    const first = append(new Body().feed(10))
    await turn()
    writer.hold()
    const [second, third] = [new Body().feed(10).end(), new Body().feed(10).end()]
    const both = [append(second, { at: 10, ends: false }), append(third, { at: 10, ends: false })]
    writer.letGo()
    expect(await first).toBe('broken')
    // The newest is believed; whoever it has overtaken has gone.
    expect(await Promise.all(both)).toEqual(['broken', 'written'])
    expect(resource.offset).toBe(20)
    expect(writer.faults).toEqual([])
  })

  it('ends the request that stands still, and waits for the next until its time is over', async () => {
    const { append, time, resource, told } = rig()
    const body = new Body().feed(10)
    const appended = append(body)
    await turn()
    time.advance(idle)
    time.advance(idle)
    expect(await appended).toBe('broken')
    expect(body.returned).toBe(true)
    expect(resource.state).toBe('open')
    time.advance(resumeFor - 2 * idle - 1)
    expect(resource.state).toBe('open')
    time.advance(1)
    expect(resource.state).toBe('failed')
    expect(told.at(-1)).toBe('failed interrupted')
    expect(time.running).toBe(0)
  })

  it('waits for its first request for as long as the browser has it wait behind others', async () => {
    const { append, time, resource } = rig()
    time.advance(100 * resumeFor)
    expect(resource.timeLeft).toBe(resumeFor)
    expect(await append(new Body().feed(size).end())).toBe('done')
  })

  it('waits so again when it was paused before its first request, and longer meanwhile', () => {
    const { time, resource } = rig()
    resource.pause()
    expect(resource.timeLeft).toBe(pausedFor)
    time.advance(resumeFor)
    expect(resource.state).toBe('open')
    resource.resume()
    time.advance(10 * pausedFor)
    expect([resource.state, resource.timeLeft, time.running]).toEqual(['open', resumeFor, 0])
  })

  describe('of which so many bytes come each second', () => {
    /** Bytes for each `idle`, and whether the request may go on. */
    const rates: readonly (readonly [readonly number[], 'goes on' | 'ends'])[] = [
      [[5, 5, 5, 5, 5, 5], 'goes on'],
      [[1, 9, 1, 9, 1, 9], 'goes on'],
      [[1, 1], 'ends'],
      [[9, 4, 4], 'ends'],
      [[9, 9, 0], 'ends'],
    ]
    it.for(rates)('%j %s', async ([rate, outcome]) => {
      const { append, time } = rig()
      const body = new Body()
      const appended = append(body)
      await turn()
      for (const bytes of rate) {
        for (let at = 0; at < bytes; at++) body.feed(1)
        await turn()
        time.advance(idle)
      }
      expect(body.returned).toBe(outcome === 'ends')
      body.break()
      expect(await appended).toBe('broken')
    })

    it('waits anew only for those that are worth it, and says how long', async () => {
      const { append, time, resource, told } = rig()
      const drip = async (bytes: number): Promise<void> => {
        await append(new Body().feed(bytes).break())
        time.advance(resumeFor / 4)
      }
      await drip(5)
      expect(resource.timeLeft).toBe((resumeFor * 3) / 4)
      await drip(1)
      expect(resource.timeLeft).toBe(resumeFor / 2)
      await drip(4)
      expect(resource.timeLeft).toBe((resumeFor * 3) / 4)
      for (let drips = 0; drips < 3; drips++) {
        expect(resource.state).toBe('open')
        await drip(1)
      }
      expect(told.at(-1)).toBe('failed interrupted')
      expect(time.running).toBe(0)
    })

    it('waits on while its own writer works, however long', async () => {
      const { append, time, writer, resource } = rig()
      writer.hold()
      const appended = append(new Body().feed(size).end())
      await turn()
      time.advance(5 * resumeFor)
      expect(resource.state).toBe('open')
      writer.letGo()
      expect(await appended).toBe('done')
      expect(time.running).toBe(0)
    })

    it('does not live for longer than its bytes are worth, whatever comes of it', async () => {
      const step = fc.record({ bytes: fc.integer({ min: 0, max: 3 }), rest: fc.integer({ min: 0, max: resumeFor }) })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { append, time, resource } = rig()
          const from = time.now
          for (const { bytes, rest } of steps) {
            if (resource.state !== 'open' || resource.offset + bytes >= size) break
            await append(new Body().feed(bytes).break())
            time.advance(rest)
            const worth = 1 + Math.floor(resource.offset / leastRate)
            if (resource.state === 'open') expect(time.now - from).toBeLessThan(worth * resumeFor)
          }
        }),
      )
    })
  })

  it('does not count the time that its own writer takes', async () => {
    const { append, time, writer, told } = rig()
    writer.hold()
    const appended = append(new Body().feed(size).end())
    await turn()
    for (let rounds = 0; rounds < 5; rounds++) time.advance(idle)
    writer.letGo()
    expect(await appended).toBe('done')
    expect(told.at(-1)).toBe('done')
  })

  it('takes nothing while it is paused, keeps what came, and waits longer', async () => {
    const { append, ask, resource, time, told, writer } = rig()
    const running = append(new Body().feed(10))
    await turn()
    resource.pause()
    expect(await running).toBe('paused')
    expect(await append(new Body().feed(10).end(), { at: 10 })).toBe('paused')
    expect(await ask()).toBe(10)
    time.advance(resumeFor + 1)
    expect(resource.state).toBe('open')
    resource.resume()
    time.advance(resumeFor - 1)
    expect(await append(new Body().feed(size - 10, 10).end(), { at: 10 })).toBe('done')
    expect([...writer.bytes]).toEqual(Array.from({ length: size }, (_, index) => index))
    expect(told.filter((what) => what === 'broken')).toEqual([])
    expect(time.running).toBe(0)
  })

  it('fails when it is paused for too long', () => {
    const { resource, time, told } = rig()
    resource.pause()
    time.advance(pausedFor - 1)
    expect(resource.state).toBe('open')
    time.advance(1)
    expect(resource.state).toBe('failed')
    expect(told).toEqual(['failed interrupted'])
  })

  it('tells that bytes come, and that they have broken off: not when another request has come', async () => {
    const { append, told } = rig()
    expect(await append(new Body().feed(5).break())).toBe('broken')
    const first = append(new Body().feed(5), { at: 5 })
    await turn()
    const second = append(new Body().end(), { at: 10, ends: false })
    expect([await first, await second]).toEqual(['broken', 'written'])
    expect(told.filter((what) => what === 'coming' || what === 'broken')).toEqual([
      'coming',
      'broken',
      'coming',
      'coming',
    ])
  })

  it('leaves its receiver to a channel as it is, and takes nothing more', async () => {
    const { append, resource, receiver, time } = rig()
    const running = append(new Body().feed(10))
    await turn()
    resource.handOver()
    expect(await running).toBe('broken')
    expect(resource.state).toBe('gone')
    expect(receiver.live).toBe(true)
    expect(receiver.received).toBe(10)
    expect(time.running).toBe(0)
  })

  it('has each byte once and in order, whatever requests come, break and overtake one another', async () => {
    const act = fc.oneof(
      fc.record({ act: fc.constant('append' as const), length: fc.integer({ min: 0, max: 40 }), end: fc.boolean() }),
      fc.constantFrom(
        { act: 'ask' as const },
        { act: 'turn' as const },
        { act: 'hold' as const },
        { act: 'letGo' as const },
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        const { append, ask, resource, writer, time } = rig()
        const all: Promise<unknown>[] = []
        for (const next of acts) {
          if (next.act === 'append') {
            const at = resource.offset
            const body = new Body().feed(Math.min(next.length, size - at), at)
            all.push(append(next.end ? body.end() : body.break(), { at, ends: false }))
          } else if (next.act === 'ask') all.push(ask())
          else if (next.act === 'turn') await turn()
          else writer[next.act]()
        }
        writer.letGo()
        await Promise.all(all)
        const at = await ask()
        await append(new Body().feed(size - at, at).end())
        expect(resource.state).toBe('done')
        expect(writer.faults).toEqual([])
        expect([...writer.bytes]).toEqual(Array.from({ length: size }, (_, index) => index))
        expect(time.running).toBe(0)
      }),
    )
  })
})
