import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualTime } from '../../test/support/manual-time.ts'
import { Flows, patience } from './flow.ts'

const size = 100_000

function rig() {
  const time = new ManualTime()
  const stalled: string[] = []
  const flows = new Flows({
    now: () => time.now,
    startTimer: time.startTimer,
    stalled: (entryUuid) => stalled.push(entryUuid),
  })
  /** Writes `bytes` in so many pieces, `every` ms. */
  const write = (bytes: number, pieces: number, every: number, from = 0) => {
    let pace = flows.moved('a', from, size)
    for (let piece = 1; piece <= pieces; piece++) {
      time.advance(every)
      pace = flows.moved('a', from + Math.round((bytes * piece) / pieces), size)
    }
    return pace
  }
  return { time, stalled, flows, write }
}

describe('how quickly bytes come', () => {
  it.each([
    { what: 'steadily', bytes: 40_000, pieces: 40, every: 100, rate: 10_000, remaining: 6000 },
    { what: 'in few large pieces', bytes: 40_000, pieces: 4, every: 1000, rate: 10_000, remaining: 6000 },
    { what: 'in one piece, in no time', bytes: 1000, pieces: 1, every: 0, rate: 4000, remaining: 24_750 },
    { what: 'to the last one', bytes: size, pieces: 100, every: 100, rate: 10_000, remaining: 0 },
  ])('is a mean: $what', ({ bytes, pieces, every, rate, remaining }) => {
    const { flows, write } = rig()
    flows.begun('a', 0)
    expect(write(bytes, pieces, every)).toEqual({ rate, remaining })
  })

  it('is that of the last seconds', () => {
    const { flows, write } = rig()
    flows.begun('a', 0)
    write(50_000, 50, 100)
    expect(write(4000, 40, 100, 50_000).rate).toBe(1000)
  })

  it('counts from what is there when it goes on, and from where it stood when it had stopped', () => {
    const { flows, time } = rig()
    flows.begun('a', 50_000)
    time.advance(1000)
    expect(flows.moved('a', 51_000, size)).toEqual({ rate: 1000, remaining: 49_000 })
    flows.stops('a')
    time.advance(60_000)
    flows.begun('a', 51_000)
    time.advance(1000)
    expect(flows.moved('a', 53_000, size).rate).toBe(2000)
  })

  it('of what is not on its way is nothing', () => {
    const { flows } = rig()
    expect(flows.moved('a', 10, size)).toEqual({ rate: 0, remaining: undefined })
    flows.begun('a', 10)
    flows.rests('a')
    expect(flows.moved('a', 20, size)).toEqual({ rate: 0, remaining: undefined })
  })

  it('is never below 0 nor endless, whatever comes when', () => {
    const step = fc.record({ bytes: fc.nat({ max: 10_000 }), ms: fc.nat({ max: 5000 }), begins: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { flows, time } = rig()
        let received = 0
        for (const { bytes, ms, begins } of steps) {
          if (begins) flows.begun('a', received)
          time.advance(ms)
          received = Math.min(received + bytes, size)
          const { rate, remaining } = flows.moved('a', received, size)
          expect(Number.isSafeInteger(rate) && rate >= 0).toBe(true)
          expect(remaining === undefined || (Number.isSafeInteger(remaining) && remaining >= 0)).toBe(true)
        }
      }),
    )
  })
})

describe('a stall', () => {
  it('is told once, when nothing has come for its time, and not before', () => {
    const { flows, time, stalled } = rig()
    flows.begun('a', 0)
    time.advance(patience - 1)
    expect(stalled).toEqual([])
    time.advance(501)
    expect(stalled).toEqual(['a'])
    time.advance(60_000)
    expect(stalled).toEqual(['a'])
  })

  it('of an entry that comes in large pieces takes as long as two of them', () => {
    const { flows, time, stalled } = rig()
    flows.begun('a', 0)
    for (let piece = 1; piece < 5; piece++) {
      time.advance(1900)
      flows.moved('a', piece * 1000, size)
    }
    time.advance(3700)
    expect(stalled).toEqual([])
    time.advance(700)
    expect(stalled).toEqual(['a'])
  })

  it('is over with the next bytes', () => {
    const { flows, time, stalled } = rig()
    flows.begun('a', 0)
    time.advance(patience + 500)
    expect(flows.moved('a', 1000, size).rate).toBe(0)
    time.advance(1000)
    expect(flows.moved('a', 2000, size).rate).toBe(1000)
    time.advance(patience + 500)
    expect(stalled).toEqual(['a', 'a'])
  })

  it('is looked for by one timer, and by none when nothing is on its way', () => {
    const { flows, time } = rig()
    for (let entry = 0; entry < 1000; entry++) flows.begun(`${entry}`, 0)
    expect(time.running).toBe(1)
    for (let entry = 0; entry < 1000; entry++) flows.rests(`${entry}`)
    time.advance(500)
    expect(time.running).toBe(0)
    flows.begun('a', 0)
    flows.stops('a')
    time.advance(500)
    expect(time.running).toBe(0)
    flows.begun('a', 0)
    flows.end()
    expect(time.running).toBe(0)
  })
})
