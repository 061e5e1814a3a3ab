/** One process of a presence. Nobody is a page: what it costs to know of each other is measured, and not joins. */
import { createPresence } from 'liveloom/presence'
import { answerAsks } from './asks.ts'
import { openPubSub } from './engines.ts'
import { People } from './people.ts'

export type { Seen } from './people.ts'

const room = 'room'
const presence = createPresence<{ readonly name: string }>({ pubsub: await openPubSub() })

const people = new People((changed) => {
  const sockets = new Map<string, { readonly connected: true; readonly signal: AbortSignal; readonly id: string }>()
  presence.onChanges(room, ({ joins, leaves }) =>
    changed(
      joins.map(({ key }) => key),
      leaves.map(({ key }) => key),
    ),
  )
  return {
    come(key) {
      const socket = { connected: true, signal: new AbortController().signal, id: key } as const
      sockets.set(key, socket)
      presence.track(socket, room, key, { name: `Somebody called ${key}` })
    },
    go(key) {
      presence.untrack(sockets.get(key)!, room, key)
      sockets.delete(key)
    },
    list: () => presence.list(room),
  }
})

const answers = people.answers()
export type Answers = typeof answers
answerAsks(answers)
