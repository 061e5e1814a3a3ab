import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { Admission, type AdmissionLimits } from './admission.ts'
import { awayFor, brokenFor, holdFor, idleFor, leastBytes } from './admission-times.ts'
import { createDayBytes, type DayBytes } from './day-bytes.ts'
import type { EntryPass, PassOptions } from './entry-pass.ts'

const hour = 60 * 60 * 1000
const MiB = 1024 * 1024

function rig(limits: Partial<AdmissionLimits> = {}, received?: DayBytes) {
  const reported: unknown[] = []
  const time = new ManualTime()
  let free: number | undefined = 1000 * MiB
  let looks = 0
  const admission = new Admission(
    {
      maxSending: { view: 10, visitor: 10, all: 1 },
      maxReceived: { visitor: 100 * MiB },
      minFree: 10 * MiB,
      ...limits,
    },
    {
      now: () => time.now,
      startTimer: time.startTimer,
      freeBytes: async () => {
        looks++
        return free
      },
      report: (error) => reported.push(error),
    },
    received ?? createDayBytes(() => time.now),
  )
  const told: string[] = []
  const pass = (visitorId: string, more: Partial<PassOptions> = {}): EntryPass =>
    admission.pass({
      visitorId,
      view: visitorId,
      bytes: MiB,
      onDisk: true,
      onPlace: (place) => told.push(`${visitorId} ${place ?? 'none'}`),
      onQueued: (waiting) => told.push(`${visitorId} queued ${waiting}`),
      onTurn: (waitedMs) => told.push(`${visitorId} turn ${waitedMs}`),
      isOurs: () => false,
      onTakenBack: () => told.push(`${visitorId} taken back`),
      ...more,
    })
  /** One with a turn that it keeps. */
  const busy = async (visitorId = 'busy'): Promise<EntryPass> => {
    const own = pass(visitorId, { onTurn: () => {}, isOurs: () => true })
    expect(await own.comes()).toBe(true)
    return own
  }
  const asked = (comes: Promise<boolean>): { came: boolean | undefined } => {
    const said: { came: boolean | undefined } = { came: undefined }
    void comes.then((came) => (said.came = came))
    return said
  }
  return {
    time,
    admission,
    reported,
    told,
    pass,
    busy,
    asked,
    looks: () => looks,
    free: (bytes: number | undefined) => void (free = bytes),
  }
}

describe('a turn', () => {
  it('comes at once where there is room, and no timer runs for it', async () => {
    const { pass, time, told, admission } = rig()
    expect(await pass('a').comes(holdFor)).toBe(true)
    expect(told).toEqual(['a turn 0'])
    expect([admission.sending, time.running]).toEqual([1, 0])
  })

  it('is waited for so long, and the place is kept while the client is about to come again', async () => {
    const { pass, busy, time, asked, told } = rig()
    const first = await busy()
    const own = pass('a')
    const once = asked(own.comes(holdFor))
    time.advance(holdFor)
    await turn()
    expect(once.came).toBe(false)
    const behind = asked(pass('b').comes())
    time.advance(awayFor - 2000)
    const again = asked(own.comes(holdFor))
    first.end()
    await turn()
    expect([again.came, behind.came]).toEqual([true, undefined])
    expect(told).toContain('a turn 38000')
  })

  it('is not kept a place for who does not come again', async () => {
    const { pass, busy, time, admission } = rig()
    await busy()
    void pass('a').comes(holdFor)
    time.advance(holdFor + awayFor + 2000)
    expect([admission.waiting, time.running]).toEqual([0, 0])
  })

  it('is not given to who is away', async () => {
    const { pass, busy, admission } = rig()
    const first = await busy()
    const gone = pass('a')
    void gone.comes()
    gone.giveUp()
    first.end()
    await turn()
    expect([gone.hasTurn, admission.sending, admission.waiting]).toEqual([false, 0, 1])
    expect(await gone.comes()).toBe(true)
  })

  it('of which nothing comes is given to who waits, and not before somebody does', async () => {
    const { pass, time, asked, told } = rig()
    const frozen = pass('a')
    await frozen.comes()
    time.advance(10 * idleFor)
    expect(frozen.hasTurn).toBe(true)
    const next = asked(pass('b').comes())
    time.advance(1000)
    await turn()
    expect([frozen.hasTurn, next.came]).toEqual([false, true])
    expect(told).toContain('a taken back')
    // It gets back in line by asking.
    const back = asked(frozen.comes())
    await turn()
    expect(back.came).toBe(undefined)
  })

  it('is kept by who brings enough, and not by who brings a byte now and then', async () => {
    const { pass, time, asked } = rig({ maxSending: { view: 10, visitor: 10, all: 2 } })
    const [honest, dripping] = [pass('a'), pass('b')]
    await honest.comes()
    await dripping.comes()
    const next = asked(pass('c').comes())
    for (let second = 0; second <= idleFor / 1000; second++) {
      honest.came(Math.ceil(leastBytes / 8))
      dripping.came(1)
      time.advance(1000)
    }
    await turn()
    expect([honest.hasTurn, dripping.hasTurn, next.came]).toEqual([true, false, true])
  })

  it('is kept while our own writer takes its time', async () => {
    const { busy, pass, time } = rig()
    const slow = await busy()
    void pass('a').comes()
    time.advance(10 * idleFor)
    expect(slow.hasTurn).toBe(true)
  })

  it('of a request that broke is kept for a moment only', async () => {
    const { pass, time, asked } = rig()
    const broken = pass('a')
    await broken.comes()
    const next = asked(pass('b').comes())
    broken.broke()
    time.advance(brokenFor - 1000)
    expect(broken.hasTurn).toBe(true)
    time.advance(2000)
    await turn()
    expect([broken.hasTurn, next.came]).toEqual([false, true])
  })

  it('given back twice is given back once', async () => {
    const { pass, admission } = rig()
    const own = pass('a')
    await own.comes()
    own.rest()
    own.end()
    own.end()
    expect([admission.sending, admission.due]).toEqual([0, 0])
    expect(await own.comes()).toBe(false)
  })
})

describe('a place', () => {
  it('is told within a second, and when it has changed', async () => {
    const { pass, busy, time, told } = rig()
    const first = await busy()
    void pass('a').comes()
    void pass('b').comes()
    time.advance(3000)
    expect(told).toEqual(['a queued 1', 'b queued 2', 'a 1', 'b 2'])
    first.end()
    time.advance(1000)
    expect(told.slice(4)).toEqual(['a none', 'a turn 3000', 'b 1'])
  })

  it('is told less often the more wait, so that telling never takes the process', async () => {
    const { pass, busy, time, told } = rig()
    await busy('first')
    const waiting = Array.from({ length: 1000 }, (_, at) => pass(`v${at}`))
    for (const one of waiting) void one.comes()
    time.advance(1000)
    const before = told.length
    for (let second = 0; second < 4; second++) {
      waiting[second]!.end()
      time.advance(1000)
    }
    // Those that have left, and nobody else.
    expect(told.slice(before)).toEqual([0, 1, 2, 3].map((at) => `v${at} none`))
    time.advance(1000)
    expect(told.length - before).toBeGreaterThan(990)
  })
})

describe('what a visitor may send a day', () => {
  const wanted = (bytes: number, visitorId = 'a') => ({ visitorId, bytes, onDisk: false })

  it('counts what has come, and what may come of what was granted', async () => {
    const { admission, pass } = rig()
    let own: EntryPass | undefined
    const take = (): void => void (own = pass('a', { bytes: 60 * MiB }))
    expect(await admission.admit(wanted(60 * MiB), take)).toBe(undefined)
    const refused = { limit: 'maxReceived', maxBytes: 100 * MiB, resetsIn: 0 }
    expect(await admission.admit(wanted(60 * MiB), () => {})).toEqual(refused)
    expect(await admission.admit(wanted(60 * MiB, 'b'), () => {})).toBe(undefined)
    own!.came(30 * MiB)
    own!.end()
    // Thirty have come, and no more will.
    expect(await admission.admit(wanted(70 * MiB), () => {})).toBe(undefined)
    expect(await admission.admit(wanted(71 * MiB), () => {})).toMatchObject({ limit: 'maxReceived' })
  })

  it('is free again a day later, hour by hour, and says when', async () => {
    const { admission, pass, time } = rig()
    const own = pass('a', { bytes: 100 * MiB })
    own.came(60 * MiB)
    time.advance(2 * hour)
    own.came(40 * MiB)
    expect(await admission.admit(wanted(1), () => {})).toMatchObject({ resetsIn: 22 * hour })
    time.advance(22 * hour)
    expect(await admission.admit(wanted(60 * MiB), () => {})).toBe(undefined)
    expect(await admission.admit(wanted(61 * MiB), () => {})).toMatchObject({ resetsIn: 2 * hour })
  })

  it('lets no two choices have the same room', async () => {
    const { admission, pass } = rig()
    const choose = () => admission.admit(wanted(60 * MiB), () => void pass('a', { bytes: 60 * MiB }))
    const both = await Promise.all([choose(), choose()])
    expect(both.filter((answer) => answer === undefined)).toHaveLength(1)
  })
})

describe('what visitors have sent, counted elsewhere,', () => {
  it('is waited for, and what others are granted meanwhile counts', async () => {
    const answers: ((received: { bytes: number; resetsIn: number }) => void)[] = []
    const { admission, pass } = rig({}, { add() {}, of: () => new Promise((resolve) => answers.push(resolve)) })
    const granted: string[] = []
    const take = (name: string) => (): void => {
      granted.push(name)
      pass('ada', { bytes: 60 * MiB, onDisk: false })
    }
    const wanted = { visitorId: 'ada', bytes: 60 * MiB, onDisk: false }
    const [first, second] = [admission.admit(wanted, take('first')), admission.admit(wanted, take('second'))]
    await turn()
    answers[0]!({ bytes: 0, resetsIn: 0 })
    expect(await first).toBeUndefined()
    answers[1]!({ bytes: 0, resetsIn: 5 })
    expect(await second).toMatchObject({ limit: 'maxReceived', resetsIn: 5 })
    expect(granted).toEqual(['first'])
  })

  it('keeps nobody out where it cannot be known, and that is told', async () => {
    const away = new Error('Redis is away')
    const { admission, reported } = rig({}, { add() {}, of: () => Promise.reject(away) })
    expect(await admission.admit({ visitorId: 'ada', bytes: MiB, onDisk: false }, () => {})).toBeUndefined()
    expect(reported).toEqual([away])
  })
})

describe('the disk', () => {
  const wanted = (bytes: number, onDisk = true) => ({ visitorId: 'a', bytes, onDisk })

  it('keeps what is to stay free, and what is still to come of others', async () => {
    const { admission, pass, free } = rig()
    free(50 * MiB)
    pass('b', { bytes: 30 * MiB })
    expect(await admission.admit(wanted(10 * MiB), () => {})).toBe(undefined)
    expect(await admission.admit(wanted(10 * MiB + 1), () => {})).toEqual({ limit: 'minFree' })
    expect(await admission.admit(wanted(20 * MiB, false), () => {})).toBe(undefined)
  })

  it('is looked at once a second at most', async () => {
    const { admission, looks, time, free } = rig()
    for (let time = 0; time < 100; time++) await admission.admit(wanted(1), () => {})
    expect(looks()).toBe(1)
    free(0)
    time.advance(1000)
    expect(await admission.admit(wanted(1), () => {})).toEqual({ limit: 'minFree' })
  })

  it('is not looked at with 0', async () => {
    const { admission, looks } = rig({ minFree: 0 })
    expect(await admission.admit(wanted(1), () => {})).toBe(undefined)
    expect(looks()).toBe(0)
  })

  it('that nobody knows refuses nothing', async () => {
    const { admission, free } = rig()
    free(undefined)
    expect(await admission.admit(wanted(50 * MiB), () => {})).toBe(undefined)
  })
})
