/** The two ends of the hub: publish and subscribe in a worker, by way of the primary, and in the primary itself. */
import type { EngineDriver, EngineEvents } from '../../../pubsub/driver.ts'
import { Engine, type EnginePubSub } from '../../../pubsub/engine.ts'
import { resolveEngineOptions } from '../../../pubsub/engine-options.ts'
import { startTimer } from '../timer.ts'
import type { Hub, Member } from './hub.ts'
import type { Question } from './messages.ts'

/** How a worker reaches its primary. */
export interface PrimaryLine {
  ask(question: Question): Promise<unknown>
  hears(message: (payload: string) => void, gap: () => void): void
}

export function workerPubSub(line: PrimaryLine): EnginePubSub {
  return engineOn({
    start: ({ receive, hears }) => {
      line.hears(receive, () => {
        hears(false)
        hears(true)
      })
    },
    send: async (topic, payload) => void (await line.ask({ kind: 'publish', topic, payload })),
    subscribe: async (topics) => void (await line.ask({ kind: 'subscribe', topics })),
    unsubscribe: async (topics) => void (await line.ask({ kind: 'unsubscribe', topics })),
  })
}

export function primaryPubSub(hub: Hub): EnginePubSub {
  let heard = (_payload: string): void => {}
  const member: Member = {
    hear: (payload) => {
      heard(payload)
      return undefined
    },
  }
  return engineOn({
    start: ({ receive }) => void (heard = receive),
    send: (topic, payload) => hub.publish(member, topic, payload),
    subscribe: async (topics) => hub.subscribe(member, topics),
    unsubscribe: async (topics) => hub.unsubscribe(member, topics),
  })
}

type Own = Pick<EngineDriver, 'start' | 'send' | 'subscribe' | 'unsubscribe'>

/** It can always be reached: a worker without its primary ends. */
function engineOn(own: Own): EnginePubSub {
  const driver: EngineDriver = {
    ...own,
    name: 'the primary',
    maxPayload: () => Number.MAX_SAFE_INTEGER,
    start: (events: EngineEvents) => {
      own.start(events)
      events.sends(true)
      events.hears(true)
    },
    refused: () => false,
    startTimer,
    close: () => Promise.resolve(),
  }
  return new Engine(driver, resolveEngineOptions('serve: workers', {}, []))
}
