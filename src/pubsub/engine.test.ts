import { afterEach, describe, expect, it, vi } from 'vitest'
import { pubSubContract } from '../../test/contracts/pubsub.ts'
import { ManualEngine } from '../../test/support/manual-engine.ts'
import { turn } from '../../test/support/manual-time.ts'
import { encodeEnvelope } from './envelope.ts'
import type { PubSub } from './pubsub.ts'

pubSubContract('on an engine', () => new ManualEngine().join().pubsub)

const away = { code: 'ERR_PUBSUB_AWAY' }
const gone = (): Promise<void> => Promise.reject(new Error('the line broke'))

async function heard(pubsub: PubSub, topic: string): Promise<unknown[]> {
  const got: unknown[] = []
  await pubsub.subscribe(topic, (message) => got.push(message)).ready
  return got
}

/** What becomes of a promise, as it is now. */
function outcomeOf(promise: Promise<void>): { now: string } {
  const outcome = { now: 'waits' }
  promise.then(
    () => (outcome.now = 'sent'),
    (error: { readonly code: string }) => (outcome.now = error.code),
  )
  return outcome
}

describe('what is published', () => {
  it('goes out one payload at a time for each topic: what comes meanwhile goes together in the next', async () => {
    const engine = new ManualEngine()
    const { pubsub, driver } = engine.join()
    const payloads: string[] = []
    const ends: (() => void)[] = []
    const answer = (): Promise<void> => new Promise((resolve) => ends.push(resolve))
    driver.answers.push(answer, answer, answer)
    const send = vi.spyOn(driver, 'send').mockName('send')
    const sent = [1, 2, 3].map((message) => outcomeOf(pubsub.publish('a', message)))
    void pubsub.publish('b', 4)
    payloads.push(...send.mock.calls.map(([, payload]) => payload.split('\n')[1]!))
    expect(payloads).toEqual(['[1]', '[4]'])
    ends[0]!()
    await turn()
    expect(send.mock.calls.at(-1)![1].split('\n')[1]).toBe('[2,3]')
    expect(sent.map(({ now }) => now)).toEqual(['sent', 'waits', 'waits'])
    ends[2]!()
    await turn()
    expect(sent.map(({ now }) => now)).toEqual(['sent', 'sent', 'sent'])
  })

  it('waits until the engine is there for the first time', async () => {
    const { pubsub, driver } = new ManualEngine().join({}, { up: false })
    const sent = outcomeOf(pubsub.publish('a', 1))
    await turn()
    expect(sent.now).toBe('waits')
    driver.stands(true)
    await turn()
    expect(sent.now).toBe('sent')
  })

  it('is rejected when the engine cannot be reached the first time', async () => {
    const { pubsub, driver } = new ManualEngine().join({}, { up: false })
    const early = pubsub.publish('a', 1)
    driver.stands(false)
    await expect(early).rejects.toMatchObject(away)
    await expect(pubsub.publish('a', 2)).rejects.toMatchObject(away)
  })

  it('is rejected when the engine goes away while it is under way, also when its client says nothing', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    driver.answers.push(() => new Promise(() => {}))
    const underWay = pubsub.publish('a', 1)
    const behind = pubsub.publish('a', 2)
    driver.stands(false)
    await expect(underWay).rejects.toMatchObject(away)
    await expect(behind).rejects.toMatchObject(away)
  })

  it('is rejected when sending fails, with the cause; the next is sent', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    driver.answers.push(gone)
    await expect(pubsub.publish('a', 1)).rejects.toMatchObject({ ...away, cause: new Error('the line broke') })
    await pubsub.publish('a', 2)
  })

  it.each(['reject', 'queue'] as const)('is rejected when the engine refuses it (%s)', async (whileAway) => {
    const { pubsub, driver } = new ManualEngine().join({ whileAway })
    driver.answers.push(() => Promise.reject(new Error('refused')))
    await expect(pubsub.publish('a', 1)).rejects.toMatchObject({ code: 'ERR_PUBSUB_REFUSED' })
    await pubsub.publish('a', 2)
  })

  it('is sent again by its number when it may have arrived, and arrives once', async () => {
    const engine = new ManualEngine()
    const [here, there] = [engine.join({ whileAway: 'queue' }), engine.join()]
    const got = await heard(there.pubsub, 'a')
    const arrived = (carry: () => void): Promise<void> => {
      carry()
      return gone()
    }
    here.driver.answers.push(arrived, arrived)
    const all = Promise.all([1, 2, 3].map((message) => here.pubsub.publish('a', message)))
    for (let tries = 0; tries < 4; tries++) {
      await turn()
      engine.time.advance(250)
    }
    await all
    expect(got).toEqual([1, 2, 3])
  })

  it('is sent again when the engine is back, and not before', async () => {
    const { pubsub, driver } = new ManualEngine().join({ whileAway: 'queue' })
    driver.answers.push(() => {
      driver.stands(false)
      return gone()
    })
    const sent = outcomeOf(pubsub.publish('a', 1))
    const send = vi.spyOn(driver, 'send')
    await turn()
    expect([sent.now, send.mock.calls.length]).toEqual(['waits', 0])
    driver.stands(true)
    await turn()
    expect([sent.now, send.mock.calls.length]).toEqual(['sent', 1])
  })

  it('may take so many bytes while it waits, and no more', async () => {
    const { pubsub, driver } = new ManualEngine().join({ whileAway: 'queue', maxWaiting: 1000 })
    driver.stands(false)
    const outcomes = [1, 2, 3, 4, 5].map((message) => outcomeOf(pubsub.publish('a', message)))
    await turn()
    expect(outcomes.map(({ now }) => now)).toEqual(['waits', 'waits', 'waits', 'waits', 'ERR_PUBSUB_FULL'])
    driver.stands(true)
    await turn()
    expect(outcomes.map(({ now }) => now)).toEqual(['sent', 'sent', 'sent', 'sent', 'ERR_PUBSUB_FULL'])
    await pubsub.publish('a', 6)
  })

  it('has no more room than a payload of the engine leaves it', () => {
    const { pubsub, driver } = new ManualEngine().join()
    driver.most = 200
    void pubsub.publish('a', 'x'.repeat(100))
    expect(() => pubsub.publish('a', 'x'.repeat(200))).toThrow(expect.objectContaining({ code: 'ERR_PUBSUB_MESSAGE' }))
    expect(() => pubsub.publish('a'.repeat(150), 'x'.repeat(100))).toThrow('a message has room for 0 bytes')
  })

  it('and waits when it is closed, is rejected, and the driver is closed once', async () => {
    const { pubsub, driver } = new ManualEngine().join({ whileAway: 'queue' })
    driver.answers.push(gone)
    const sent = outcomeOf(pubsub.publish('a', 1))
    await turn()
    await Promise.all([pubsub.close(), pubsub.close()])
    expect([sent.now, driver.closed]).toEqual(['ERR_PUBSUB_CLOSED', 1])
  })
})

describe('a subscription', () => {
  it('is asked for with the first subscriber of a topic, and left with the last', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    const ends = [1, 2].map(() => pubsub.subscribe('a', () => {}))
    pubsub.subscribe('b', () => {})
    await turn()
    ends[0]!()
    await turn()
    expect(driver.calls).toEqual(['+a,b'])
    ends[1]!()
    await turn()
    expect(driver.calls).toEqual(['+a,b', '-a'])
  })

  it('of many topics is asked for in pieces that a client can take', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    const all = Array.from({ length: 2500 }, (_, at) => pubsub.subscribe(`t${at}`, () => {}))
    await Promise.all(all.map(async ({ ready }) => ready))
    expect(driver.calls.map((call) => call.split(',').length)).toEqual([1000, 1000, 500])
  })

  it('that comes and goes in one go is not asked for', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    pubsub.subscribe('a', () => {})()
    await turn()
    expect(driver.calls).toEqual([])
  })

  it('that is made anew while it is being left is asked for again, behind that', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    const end = pubsub.subscribe('a', () => {})
    await turn()
    end()
    await Promise.resolve()
    const again = pubsub.subscribe('a', () => {})
    await again.ready
    await turn()
    expect(driver.topics.has('a')).toBe(true)
  })

  it('waits for nobody while the engine is away, and is told of the gap when it is back', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    driver.stands(false)
    let gaps = 0
    const { ready } = pubsub.subscribe(
      'a',
      () => {},
      () => gaps++,
    )
    expect(ready).toBeUndefined()
    driver.stands(true)
    expect(gaps).toBe(0)
    await turn()
    expect(gaps).toBe(1)
  })

  it('that is asked for when the engine goes away does not wait for it, and is told of the gap', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    driver.subscribing.push(() => new Promise(() => {}))
    let gaps = 0
    const { ready } = pubsub.subscribe(
      'a',
      () => {},
      () => gaps++,
    )
    await turn()
    driver.stands(false)
    await ready
    driver.stands(true)
    await turn()
    expect([gaps, driver.topics.has('a')]).toEqual([1, true])
  })

  it('that was left while the engine was away is left at the engine, whose client may have brought it back', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    const end = pubsub.subscribe('a', () => {})
    await turn()
    driver.stands(false)
    end()
    driver.stands(true)
    await turn()
    expect(driver.calls).toEqual(['+a', '-a'])
  })

  it('that the engine refuses is reported, and is in no other’s way', async () => {
    const { pubsub, driver, errors } = new ManualEngine().join()
    const refuse = (): Promise<void> => Promise.reject(new Error('refused'))
    driver.subscribing.push(refuse, refuse)
    let gaps = 0
    const gap = (): unknown => gaps++
    const first = pubsub.subscribe('a', () => {}, gap)
    const second = pubsub.subscribe('b', () => {}, gap)
    await Promise.all([first.ready, second.ready])
    await turn()
    expect([...driver.topics]).toEqual(['b'])
    expect(errors).toMatchObject([{ code: 'ERR_PUBSUB_REFUSED', cause: new Error('refused') }])
    expect(String(errors[0])).toMatch(/others publish does not come by Manual: refused$/)
    expect(gaps).toBe(0)
  })

  it('that fails is tried again, and told of the gap', async () => {
    const engine = new ManualEngine()
    const { pubsub, driver, errors } = engine.join()
    driver.subscribing.push(gone)
    let gaps = 0
    await pubsub.subscribe(
      'a',
      () => {},
      () => gaps++,
    ).ready
    expect(gaps).toBe(0)
    expect(errors).toMatchObject([{ code: 'ERR_PUBSUB_AWAY', cause: new Error('the line broke') }])
    expect(String(errors[0])).toContain('; views that listen are told of the gap')
    await turn()
    engine.time.advance(250)
    await turn()
    expect([gaps, driver.topics.has('a')]).toEqual([1, true])
  })
})

describe('what others send', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('is told once a minute at most, with how much it was', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    const { driver, errors } = new ManualEngine().join()
    for (let at = 0; at < 5; at++) driver.events.receive('strange')
    expect(errors).toMatchObject([{ code: 'ERR_PUBSUB_FOREIGN' }])
    now.mockReturnValue(60_000)
    driver.events.receive('strange')
    expect(String(errors[1])).toContain('5 payloads')
  })

  it('is not kept in mind for longer than it takes: the newest thousand senders are known', async () => {
    const { pubsub, driver } = new ManualEngine().join()
    const got = await heard(pubsub, 'a')
    const send = (sender: number): void => driver.events.receive(encodeEnvelope(`s${sender}`, 1, 'a', ['1']))
    for (let sender = 0; sender <= 1000; sender++) send(sender)
    expect(got).toHaveLength(1001)
    send(1000)
    expect(got).toHaveLength(1001)
    send(0)
    expect(got).toHaveLength(1002)
  })
})
