/** The same without us: each says who comes and goes, and all write it down. Who misses a message or dies is nobody's concern. */
import { answerAsks } from './asks.ts'
import { openBare } from './engines.ts'
import type { Answers } from './member.ts'
import { People } from './people.ts'

type Message = readonly ['come' | 'go', key: string, meta?: object]

let hear: (message: Message) => void = () => {}
const publish = await openBare('people', (text) => hear(JSON.parse(text) as Message))

const people = new People((changed) => {
  const here = new Map<string, object>()
  hear = ([what, key, meta]) => {
    if (what === 'go' && here.delete(key)) changed([], [key])
    if (what === 'go' || here.has(key)) return
    here.set(key, meta!)
    changed([key], [])
  }
  const say = (...message: Message): void => void publish(JSON.stringify(message))
  return {
    come: (key) => say('come', key, { name: `Somebody called ${key}` }),
    go: (key) => say('go', key),
    list: () => [...here].map(([key, meta]) => ({ key, metas: [meta] })),
  }
})

answerAsks(people.answers() satisfies Answers)
