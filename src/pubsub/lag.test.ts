import { afterEach, describe, expect, it } from 'vitest'
import { ManualEngine } from '../../test/support/manual-engine.ts'
import { turn } from '../../test/support/manual-time.ts'
import type { PubSubStep } from '../telemetry/events.ts'
import { observe } from '../telemetry/observe.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

function listen(): PubSubStep[] {
  const told: PubSubStep[] = []
  stops.push(observe('pubsub', (step) => told.push(step)))
  return told
}

const echo = { engine: 'Manual', what: 'echo', startedAt: expect.any(Number) as number }

/** Looks as often as it is due, and lets it have its way. */
async function pass(engine: ManualEngine, times = 1): Promise<void> {
  for (let at = 0; at < times; at++) {
    engine.time.advance(2000)
    await turn()
  }
}

describe('the way from process to process', () => {
  it('is measured by what a process sends itself, by its own clock, and no other process is told', async () => {
    const engine = new ManualEngine()
    const told = listen()
    const [, other] = [engine.join(), engine.join()]
    const heard: unknown[] = []
    other.pubsub.subscribe('a', (message) => heard.push(message))
    await pass(engine, 4)
    // The first time they subscribe.
    expect(told).toHaveLength(6)
    for (const step of told) expect(step).toMatchObject(echo)
    for (const step of told) expect((step as { durationMs: number }).durationMs).toBeGreaterThanOrEqual(0)
    expect(heard).toEqual([])
  })

  it('is not gone while nobody listens, and no more when nobody does again', async () => {
    const engine = new ManualEngine()
    const { driver } = engine.join()
    await pass(engine, 3)
    expect(driver.calls).toEqual([])
    const told = listen()
    await pass(engine, 2)
    expect(told).toHaveLength(1)
    for (const stop of stops.splice(0)) stop()
    await pass(engine, 3)
    expect(driver.topics.size).toBe(0)
    expect(told).toHaveLength(1)
  })

  it('is as long as it takes: who is late is waited for, and is not joined by others', async () => {
    const engine = new ManualEngine()
    const told = listen()
    const { driver } = engine.join()
    await pass(engine)
    let arrive = (): void => {}
    driver.answers.push((carry) => {
      arrive = carry
      return new Promise(() => {})
    })
    await pass(engine, 5)
    expect(told).toEqual([])
    arrive()
    expect(told).toHaveLength(1)
  })

  it('is gone anew when the engine was away: what was under way may be lost', async () => {
    const engine = new ManualEngine()
    const told = listen()
    const { driver } = engine.join({ whileAway: 'queue' })
    await pass(engine)
    driver.answers.push(async () => {})
    await pass(engine, 3)
    expect(told).toEqual([])
    driver.stands(false)
    await pass(engine, 3)
    driver.stands(true)
    await turn()
    await pass(engine)
    expect(told.map(({ what }) => what)).toEqual(['away', 'back', 'echo'])
  })

  it('leaves no timer behind', async () => {
    const engine = new ManualEngine()
    const { pubsub } = engine.join()
    expect(engine.time.running).toBe(1)
    await pubsub.close()
    expect(engine.time.running).toBe(0)
  })
})

describe('what becomes of messages', () => {
  it('is told: those that wait for the engine, those that it may not have, and gaps', async () => {
    const engine = new ManualEngine()
    const told = listen()
    const [queues, rejects] = [engine.join({ whileAway: 'queue', maxWaiting: 500 }), engine.join()]
    for (const { pubsub } of [queues, rejects]) await pubsub.subscribe('a', () => {}).ready
    await rejects.pubsub.publish('a', 1)
    expect(told).toEqual([])
    for (const { driver } of [queues, rejects]) driver.stands(false)
    const waiting = [1, 2, 3].map((message) => queues.pubsub.publish('a', message))
    await expect(waiting[2]).rejects.toMatchObject({ code: 'ERR_PUBSUB_FULL' })
    await expect(rejects.pubsub.publish('a', 1)).rejects.toMatchObject({ code: 'ERR_PUBSUB_AWAY' })
    for (const { driver } of [queues, rejects]) driver.stands(true)
    await Promise.all(waiting.slice(0, 2))
    await turn()
    const of = { engine: 'Manual', topic: 'a' }
    expect(told).toEqual([
      { engine: 'Manual', what: 'away' },
      { engine: 'Manual', what: 'away' },
      { ...of, what: 'queued' },
      { ...of, what: 'queued' },
      { ...of, what: 'dropped', code: 'ERR_PUBSUB_FULL' },
      { ...of, what: 'dropped', code: 'ERR_PUBSUB_AWAY' },
      { engine: 'Manual', what: 'back' },
      { engine: 'Manual', what: 'back' },
      { ...of, what: 'gap' },
      { ...of, what: 'gap' },
    ])
  })

  it('is told once of a message that is given up while it is under way, and then fails', async () => {
    const engine = new ManualEngine()
    const told = listen()
    const { pubsub, driver } = engine.join()
    let fail = (): void => {}
    driver.answers.push(() => new Promise((_, reject) => (fail = () => reject(new Error('the line broke')))))
    const sent = pubsub.publish('a', 1)
    driver.stands(false)
    await expect(sent).rejects.toMatchObject({ code: 'ERR_PUBSUB_AWAY' })
    fail()
    await turn()
    expect(told.map(({ what }) => what)).toEqual(['away', 'dropped'])
  })
})
