/** What every `PubSub` must do. Run it with a function that makes a fresh one. */
import { describe, expect, it, vi } from 'vitest'
import type { PubSub } from 'liveloom'

export function pubSubContract(name: string, create: () => PubSub | Promise<PubSub>): void {
  /** Waits until `messages` has come to `count`: an engine may take its time. */
  const arrived = (messages: readonly unknown[], count: number) =>
    vi.waitFor(() => expect(messages).toHaveLength(count))

  describe(`the pubsub ${name}`, () => {
    it('gives each message of a topic to every subscriber, in order', async () => {
      const pubsub = await create()
      const first: unknown[] = []
      const second: unknown[] = []
      pubsub.subscribe('a', (message) => first.push(message))
      pubsub.subscribe('a', (message) => second.push(message))
      for (let at = 0; at < 20; at++) await pubsub.publish('a', { at })
      await arrived(first, 20)
      await arrived(second, 20)
      const sent = Array.from({ length: 20 }, (_, at) => ({ at }))
      expect(first).toEqual(sent)
      expect(second).toEqual(sent)
    })

    it('keeps topics apart, whatever they are called', async () => {
      const pubsub = await create()
      const got: unknown[] = []
      const topics = ['a', 'a:b', '*', 'a*', '__proto__', '']
      for (const topic of topics) pubsub.subscribe(topic, (message) => got.push([topic, message]))
      for (const topic of topics) await pubsub.publish(topic, topic)
      await arrived(got, topics.length)
      expect(got).toEqual(topics.map((topic) => [topic, topic]))
    })

    it('has a message with the subscribers of this process before publish returns', async () => {
      const pubsub = await create()
      const got: unknown[] = []
      pubsub.subscribe('a', (message) => got.push(message))
      const published = pubsub.publish('a', 1)
      expect(got).toEqual([1])
      await published
    })

    it('lets a topic without subscribers be', async () => {
      const pubsub = await create()
      await expect(Promise.resolve(pubsub.publish('nobody', 1))).resolves.toBeUndefined()
    })

    it('stops at once when a subscription ends', async () => {
      const pubsub = await create()
      const ended: unknown[] = []
      const other: unknown[] = []
      const end = pubsub.subscribe('a', (message) => ended.push(message))
      pubsub.subscribe('a', (message) => other.push(message))
      end()
      await pubsub.publish('a', 1)
      await arrived(other, 1)
      expect(ended).toEqual([])
    })

    it('counts one function that subscribes twice as two', async () => {
      const pubsub = await create()
      const got: unknown[] = []
      const receive = (message: unknown) => void got.push(message)
      const end = pubsub.subscribe('a', receive)
      pubsub.subscribe('a', receive)
      await pubsub.publish('a', 1)
      await arrived(got, 2)
      end()
      await pubsub.publish('a', 2)
      await arrived(got, 3)
    })

    it('ends a subscription once, also when told so twice', async () => {
      const pubsub = await create()
      const got: unknown[] = []
      const end = pubsub.subscribe('a', () => {})
      end()
      pubsub.subscribe('a', (message) => got.push(message))
      end()
      await pubsub.publish('a', 1)
      await arrived(got, 1)
    })

    it('lets a subscriber end its subscription while it receives', async () => {
      const pubsub = await create()
      const got: unknown[] = []
      const end = pubsub.subscribe('a', () => end())
      pubsub.subscribe('a', (message) => got.push(message))
      await pubsub.publish('a', 1)
      await pubsub.publish('a', 2)
      await arrived(got, 2)
    })
  })
}
