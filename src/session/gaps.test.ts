import { describe, expect, it } from 'vitest'
import type { PubSub } from '../pubsub/pubsub.ts'
import { turn } from '../../test/support/manual-time.ts'
import { type Callbacks, joined, type Rig } from '../../test/support/session-rig.ts'

/** A pubsub of many processes, whose engine does what it is told. */
class Engine implements PubSub {
  /** By topic, what tells its subscriber of a gap. */
  readonly gaps = new Map<string, () => void>()
  #ready = (): void => {}

  subscribe(topic: string, _receive: (message: unknown) => void, onGap?: () => void) {
    this.gaps.set(topic, onGap!)
    const end = (): void => void this.gaps.delete(topic)
    return Object.assign(end, { ready: new Promise<void>((resolve) => (this.#ready = resolve)) })
  }

  publish(): void {}

  /** The engine has the subscription that was made last. */
  isReady(): Promise<void> {
    this.#ready()
    return turn()
  }

  gap(...topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.gaps.get(topic)?.()
    return turn()
  }
}

const engine = new Engine()
const told: (readonly string[])[] = []

/** A view of the topics `a` and `b`. */
function view(callbacks: Partial<Callbacks> = {}): Promise<Rig> {
  told.length = 0
  return joined(
    {
      mount: (socket) => {
        void socket.subscribe('a')
        void socket.subscribe('b')
      },
      handleGap: (socket, topics) => {
        told.push(topics)
        socket.assign({ count: 9 })
      },
      ...callbacks,
    },
    { pubsub: engine },
  )
}

describe('a gap', () => {
  it('is told to handleGap, and what that changes is rendered', async () => {
    const rig = await view()
    await engine.gap('a')
    expect(told).toEqual([['a']])
    expect(rig.take()).toEqual(['diff {"0":"9"}'])
  })

  it('of several topics is told in one call, as are those that come while the view is busy', async () => {
    const rig = await view()
    await engine.gap('a', 'b', 'a')
    expect(told).toEqual([['a', 'b']])
    rig.event('2', { wait: 'busy' })
    await engine.gap('a')
    await engine.gap('b', 'a')
    expect(told).toHaveLength(1)
    await rig.end('busy')
    expect(told).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  it('is not told of a topic that the view has left meanwhile', async () => {
    const rig = await view()
    rig.event('2', { wait: 'busy' })
    await engine.gap('a', 'b')
    rig.socket.unsubscribe('a')
    await rig.end('busy')
    expect(told).toEqual([['b']])

    rig.event('3', { wait: 'again' })
    await engine.gap('b')
    rig.socket.unsubscribe('b')
    await rig.end('again')
    expect(told).toHaveLength(1)
  })

  it('is nothing to a view without handleGap', async () => {
    const rig = await view({ handleGap: undefined as never })
    await engine.gap('a')
    expect(rig.reported).toEqual([])
    rig.event('2')
    await turn()
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":"1"}}'])
  })

  it('whose handler throws ends the view', async () => {
    const rig = await view({
      handleGap: () => {
        throw new Error('broken')
      },
    })
    await engine.gap('a')
    expect(rig.take()).toEqual(['phx_error'])
    expect(rig.reported).toEqual([{ message: 'broken', stage: 'info' }])
  })
})

describe('subscribe', () => {
  it('resolves when the messages of other processes come, also the second time', async () => {
    const steps: string[] = []
    const rig = await view()
    await engine.isReady()
    const first = rig.socket.subscribe('c')
    const second = rig.socket.subscribe('c')
    void Promise.resolve(first).then(() => steps.push('first'))
    void Promise.resolve(second).then(() => steps.push('second'))
    await turn()
    expect(steps).toEqual([])
    await engine.isReady()
    expect(steps).toEqual(['first', 'second'])
  })

  it('gives back nothing where there is nothing to wait for', async () => {
    const rig = await joined()
    expect(rig.socket.subscribe('a')).toBeUndefined()
  })
})
