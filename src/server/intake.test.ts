import { describe, expect, it } from 'vitest'
import { ManualTime } from '../../test/support/manual-time.ts'
import { Intake } from './intake.ts'
import { limitDefaults, type ServerLimits } from './limits.ts'
import { ProcessBudget } from './process-budget.ts'

const limits = {
  maxPendingBytes: 1_000_000,
  pendingTimeout: 20_000,
  maxFrameBurst: 100,
  maxFrameRate: 10,
  maxUploadJoins: 60,
} satisfies Partial<ServerLimits>

/** One connection's intake, and what it told its transport. */
function start(time = new ManualTime(), budget = new ProcessBudget(10_000_000)) {
  const told: string[] = []
  const reached: string[] = []
  const intake = new Intake(
    {
      limits: { ...limitDefaults, ...limits },
      budget,
      now: () => time.now,
      startTimer: time.startTimer,
      reached: (limit) => reached.push(limit),
    },
    { pause: () => told.push('pause'), resume: () => told.push('resume') },
    () => {
      told.push('give up')
      intake.end()
    },
  )
  return { intake, time, budget, told, reached }
}

describe('the bytes of a connection', () => {
  it('may be as many as the limit; one more pauses it, until half of them are through', () => {
    const { intake, told } = start()
    for (let at = 0; at < 10; at++) intake.hold(100_000)
    expect(told).toEqual([])
    intake.hold(1)
    expect(told).toEqual(['pause'])
    for (let at = 0; at < 5; at++) intake.release(100_000)
    expect(told).toEqual(['pause'])
    intake.release(1)
    expect(told).toEqual(['pause', 'resume'])
    expect(intake.paused).toBe(false)
  })

  it('are not those of a frame that still comes: nothing could make room for the rest of it', () => {
    const { intake, told } = start()
    intake.hold(400_000)
    intake.arriving(900_000)
    expect(told).toEqual([])
    intake.hold(600_001)
    intake.release(600_001)
    expect(told).toEqual(['pause', 'resume'])
  })

  it('may stand still for pendingTimeout, and no longer', () => {
    const { intake, time, told } = start()
    intake.hold(1_000_001)
    time.advance(19_999)
    expect(told).toEqual(['pause'])
    time.advance(1)
    expect(told).toEqual(['pause', 'give up'])
    expect(time.running).toBe(0)
  })

  it('are counted against the process until they are through, also when the connection has ended', () => {
    const { intake, budget, told } = start()
    intake.hold(300)
    intake.end()
    expect(budget.held).toBe(300)
    intake.hold(2_000_000)
    intake.release(2_000_300)
    expect(budget.held).toBe(0)
    expect(told).toEqual([])
  })
})

describe('a frame that has not come whole', () => {
  it('is held until it has, or until the connection ends', () => {
    const { intake, budget, told } = start(new ManualTime(), new ProcessBudget(1_000_000))
    intake.arriving(500_000)
    intake.arriving(500_001)
    expect(told).toEqual(['pause'])
    intake.arrived()
    expect(told).toEqual(['pause', 'resume'])
    expect(budget.held).toBe(0)
    intake.arriving(100)
    intake.end()
    intake.arrived()
    expect(budget.held).toBe(0)
  })
})

describe('the bytes of the process', () => {
  it('past its budget, those who hold much wait until others let go; who holds little is served', () => {
    const time = new ManualTime()
    const budget = new ProcessBudget(1_000_000)
    const [large, other, small] = [start(time, budget), start(time, budget), start(time, budget)]
    large.intake.hold(900_000)
    small.intake.hold(60_000)
    other.intake.hold(100_000)
    small.intake.hold(1000)
    expect([large.told, other.told, small.told]).toEqual([[], ['pause'], []])
    small.intake.release(61_000)
    expect(other.told).toEqual(['pause'])
    large.intake.release(800_000)
    expect(other.told).toEqual(['pause', 'resume'])
    expect(time.running).toBe(0)
  })
})

describe('the frames of a connection', () => {
  it('may come as a burst; what comes faster than the rate then pauses it, as long as they are not paid for', () => {
    const { intake, time, told } = start()
    for (let at = 0; at < 100; at++) intake.frame(0)
    expect(told).toEqual([])
    for (let at = 0; at < 20; at++) intake.frame(0)
    expect(told).toEqual(['pause'])
    time.advance(1999)
    expect(told).toEqual(['pause'])
    time.advance(101)
    expect(told).toEqual(['pause', 'resume'])
    expect(time.running).toBe(0)
  })

  it('count for more the larger they are', () => {
    const { intake, told } = start()
    for (let at = 0; at < 10; at++) intake.frame(9 * 2048)
    expect(told).toEqual([])
    intake.frame(2048)
    expect(told).toEqual(['pause'])
  })

  it('may go on for ever at the rate', () => {
    const { intake, time, told } = start()
    for (let at = 0; at < 1000; at++) {
      intake.frame(0)
      time.advance(100)
    }
    expect(told).toEqual([])
  })

  it('are never what a connection is closed for', () => {
    const { intake, time, told } = start()
    for (let at = 0; at < 10_000; at++) intake.frame(0)
    time.advance(990_100)
    expect(told).toEqual(['pause', 'resume'])
  })
})

it('joins of uploads have a pace of their own, over a minute', () => {
  const { intake, time, told } = start()
  for (let at = 0; at < 60; at++) intake.uploadJoin()
  expect(told).toEqual([])
  intake.uploadJoin()
  expect(told).toEqual(['pause'])
  time.advance(1000)
  expect(told).toEqual(['pause', 'resume'])
})

it('who is paused for both goes on when neither holds any more', () => {
  const { intake, time, told } = start()
  intake.hold(1_000_001)
  for (let at = 0; at < 110; at++) intake.frame(0)
  intake.release(1_000_001)
  expect(told).toEqual(['pause'])
  time.advance(1000)
  expect(told).toEqual(['pause', 'resume'])
})

it('holds its transport back no more once it has ended', () => {
  const { intake, time, told } = start()
  intake.end()
  for (let at = 0; at < 200; at++) intake.frame(0)
  intake.hold(1_000_001)
  expect(told).toEqual([])
  expect(time.running).toBe(0)
})

describe('what comes in pieces', () => {
  it('is counted with what each piece takes beside its own bytes', () => {
    const { intake, budget } = start()
    for (let at = 0; at < 1000; at++) intake.arriving(1)
    expect(budget.held).toBeGreaterThan(800_000)
    intake.arrived()
    expect(budget.held).toBe(0)
  })

  it('is not there any more when it was a ping', () => {
    const { intake, budget } = start()
    for (let at = 0; at < 1000; at++) {
      intake.arriving(60)
      for (let count = 0; count < 10; count++) intake.control(6)
    }
    expect(budget.held).toBe(0)
  })

  it('is there still when a ping came between', () => {
    const { intake, budget } = start()
    intake.arriving(50_000)
    intake.arriving(6)
    intake.control(6)
    expect(budget.held).toBeGreaterThan(50_000)
    intake.end()
    expect(budget.held).toBe(0)
  })

  it('pauses nobody for as much as a frame may have, as long as the rest is to come', () => {
    const { intake, budget, told } = start()
    intake.begun(2_000_000)
    expect([told, budget.held]).toEqual([[], 2_000_000])
    intake.hold(400_000)
    expect(told).toEqual([])
    intake.begun(-2_000_000)
    intake.release(400_000)
    expect([told, budget.held]).toEqual([[], 0])
  })
})

it('pings, and answers to none, count as frames', () => {
  const { intake, told } = start()
  for (let at = 0; at < 100; at++) intake.control(6)
  expect(told).toEqual([])
  intake.control(6)
  expect(told).toEqual(['pause'])
})
