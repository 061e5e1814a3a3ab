import { describe, expect, expectTypeOf, it } from 'vitest'
import { turn } from '../../test/support/manual-time.ts'
import { joined } from '../../test/support/session-rig.ts'
import { each, html, type Stream } from '../index.ts'
import { createLocalPubSub, type PubSub } from '../pubsub/pubsub.ts'
import { topic } from '../pubsub/topic.ts'
import { createPresence, type PresenceInfo } from './presence.ts'
import type { Present } from './roster.ts'

interface Meta {
  readonly name: string
}

const room = topic<never>('room')

function socketOf(id: string, connected = true) {
  const abort = new AbortController()
  const infos: unknown[] = []
  return {
    socket: { id, connected, signal: abort.signal, sendInfo: (info: unknown) => void infos.push(info) },
    infos,
    end: () => abort.abort(),
  }
}

describe('a view', () => {
  it('is there while it lives, once for each key, and changes what is known of it', () => {
    const here = createPresence<Meta>({ linger: 0 })
    const { socket, end } = socketOf('phx-1')
    here.track(socket, room, 7, { name: 'Ada' })
    here.track(socket, room, 7, { name: 'Ada L.' })
    here.update(socket, 'room', '7', { name: 'Ada Lovelace' })
    here.update(socket, room, 'nobody', { name: 'x' })
    here.update(socket, room, 7, ({ name }) => ({ name: name.toUpperCase() }))
    expect(here.list(room)).toEqual([{ key: '7', metas: [{ name: 'ADA LOVELACE' }], since: expect.any(Number) }])
    end()
    expect(here.list(room)).toEqual([])
    here.track(socket, room, 7, { name: 'too late' })
    expect(here.get(room, 7)).toBeUndefined()
    void here.close()
  })

  it('is not there while its page is first rendered, and sees who is', () => {
    const here = createPresence<Meta>()
    here.track(socketOf('phx-1').socket, room, 'ada', { name: 'Ada' })
    const { socket, infos } = socketOf('phx-2', false)
    here.track(socket, room, 'bob', { name: 'Bob' })
    here.subscribe(socket, room)
    here.track(socketOf('phx-3').socket, room, 'eve', { name: 'Eve' })
    expect(here.list(room).map(({ key }) => key)).toEqual(['ada', 'eve'])
    expect(infos).toEqual([])
    void here.close()
  })

  it('is told who joins, changes and leaves, until it ends', () => {
    const here = createPresence<Meta>({ linger: 0 })
    const { socket, infos, end } = socketOf('phx-1')
    here.subscribe(socket, room)
    const other = socketOf('phx-2')
    here.track(other.socket, room, 'bob', { name: 'Bob' })
    here.track(other.socket, 'another room', 'bob', { name: 'Bob' })
    here.update(other.socket, room, 'bob', { name: 'Bobby' })
    here.untrack(other.socket, room, 'bob')
    here.untrack(other.socket, room, 'bob')
    const present = (name: string): Present<Meta>[] => [{ key: 'bob', metas: [{ name }], since: expect.any(Number) }]
    const none = { joins: [], leaves: [], updates: [] }
    expect(infos).toEqual([
      { type: 'presence', topic: 'room', ...none, joins: present('Bob') },
      { type: 'presence', topic: 'room', ...none, updates: present('Bobby') },
      { type: 'presence', topic: 'room', ...none, leaves: present('Bobby') },
    ])
    end()
    here.track(other.socket, room, 'eve', { name: 'Eve' })
    expect(infos).toHaveLength(3)
    void here.close()
  })

  it('has them as a stream', async () => {
    const here = createPresence<Meta>({ linger: 0 })
    const ada = socketOf('phx-1')
    here.track(ada.socket, room, 'ada', { name: 'Ada' })
    const rig = await joined({
      mount: (socket) => {
        socket.assign({ count: 0 })
        here.stream(socket as never, 'people', room)
      },
      render: (context) => {
        const { people } = context as unknown as { readonly people: Stream<Present<Meta>> }
        return html`<ul id="people" phx-update="stream">
          ${each(people, ({ metas }, id) => html`<li id="${id}">${metas[0]!.name}</li>`)}
        </ul>`
      },
    })
    const bob = socketOf('phx-2')
    here.track(bob.socket, room, 'bob b', { name: 'Bob' })
    await turn()
    rig.time.advance(100)
    await turn()
    expect(rig.take().join()).toContain('people-bob%20b')
    ada.end()
    await turn()
    rig.time.advance(100)
    await turn()
    expect(rig.take().join()).toContain('people-ada')
    void here.close()
  })
})

it('tells outside of views, until that is over', () => {
  const here = createPresence<Meta>({ linger: 0 })
  const said: string[] = []
  const listen = ({ joins }: { readonly joins: readonly Present<Meta>[] }): void =>
    void said.push(...joins.map(({ key }) => key))
  const [end, other] = [here.onChanges(room, listen), here.onChanges('room', listen)]
  const { socket } = socketOf('phx-1')
  here.track(socket, room, 'ada', { name: 'Ada' })
  end()
  end()
  here.track(socket, room, 'bob', { name: 'Bob' })
  other()
  here.track(socket, room, 'eve', { name: 'Eve' })
  expect(said).toEqual(['ada', 'ada', 'bob'])
  void here.close()
})

it('goes on when one of them throws, and tells of it each time', () => {
  const errors: string[] = []
  const here = createPresence<Meta>({ onError: (error) => errors.push((error as Error).message) })
  here.onChanges(room, () => {
    throw new Error('broken')
  })
  const said: string[] = []
  here.onChanges(room, ({ joins }) => void said.push(...joins.map(({ key }) => key)))
  const { socket } = socketOf('phx-1')
  here.track(socket, room, 'ada', { name: 'Ada' })
  here.track(socket, room, 'bob', { name: 'Bob' })
  expect(said).toEqual(['ada', 'bob'])
  expect(errors).toEqual(['broken', 'broken'])
  void here.close()
})

it('has the components of each process for themselves', async () => {
  const pubsub = createLocalPubSub()
  const [one, two] = [createPresence<Meta>({ pubsub }), createPresence<Meta>({ pubsub })]
  const component = (): Omit<ReturnType<typeof socketOf>['socket'], 'id'> => {
    const { connected, signal, sendInfo } = socketOf('').socket
    return { connected, signal, sendInfo }
  }
  const changed = new Promise<void>((resolve) => two.onChanges(room, () => resolve()))
  one.track(component(), room, 'ada', { name: 'at home' })
  await changed
  two.track(component(), room, 'ada', { name: 'at work' })
  expect(two.get(room, 'ada')!.metas).toEqual([{ name: 'at home' }, { name: 'at work' }])
  for (const each of [one, two]) void each.close()
})

it('has a stream of whoever there is, whatever they are called', () => {
  const here = createPresence<Meta>()
  const ids: string[] = []
  const view = {
    ...socketOf('phx-1').socket,
    stream: () => {},
    streamInsert: () => {},
    streamDelete: () => {},
    attachHook: () => {},
    streamConfigure: (_: string, { domId }: { readonly domId: (item: Present<Meta>) => string }) =>
      ids.push(domId({ key: 'half \ud83d', metas: [], since: 0 })),
  }
  here.stream(view as never, 'people', room)
  expect(ids).toEqual([expect.stringMatching(/^people-half%20/)])
  void here.close()
})

it('is one over all that share a pubsub and a name, and another by another name', async () => {
  const pubsub = createLocalPubSub()
  const [one, two] = [createPresence<Meta>({ pubsub }), createPresence<Meta>({ pubsub })]
  const third = createPresence<Meta>({ pubsub, name: 'another' })
  const changed = new Promise<void>((resolve) => two.onChanges(room, () => resolve()))
  one.track(socketOf('phx-1').socket, room, 'ada', { name: 'Ada' })
  await changed
  expect(two.list(room).map(({ key }) => key)).toEqual(['ada'])
  expect(third.list(room)).toEqual([])
  for (const each of [one, two, third]) void each.close()
})

it('keeps what it was given as it was', () => {
  const here = createPresence<{ name: string }>()
  const meta = { name: 'Ada' }
  here.track(socketOf('phx-1').socket, room, 'ada', meta)
  meta.name = 'changed'
  expect(here.get(room, 'ada')!.metas).toEqual([{ name: 'Ada' }])
  void here.close()
})

it.each([
  [() => createPresence({ heartbeats: 1 } as never), "unknown option 'heartbeats'"],
  [() => createPresence({ pubsub: {} as never }), 'pubsub must have subscribe and publish'],
  [() => createPresence({ name: '' }), "name must be a text, got ''"],
  [() => createPresence({ heartbeat: 10 }), 'heartbeat must be from 100 to 60000 ms, got 10'],
  [() => createPresence({ deadAfter: 2000 }), 'deadAfter must be from twice heartbeat (3000)'],
  [() => createPresence({ linger: -1 }), 'linger must be from 0'],
  [() => createPresence({ onError: 1 as never }), 'onError must be a function'],
  [() => createPresence(1 as never), 'expected options, got 1'],
])('refuses a wrong option: %#', (create, says) => {
  expect(create).toThrow(expect.objectContaining({ code: 'ERR_PRESENCE', message: expect.stringContaining(says) }))
})

it.each([
  ['a key', (here, socket) => here.track(socket, room, '', { name: '' }), 'ERR_PRESENCE'],
  ['a key that is a number', (here, socket) => here.track(socket, room, Number.NaN, { name: '' }), 'ERR_PRESENCE'],
  ['a meta', (here, socket) => here.track(socket, room, 'a', { name: 1n } as never), 'ERR_PRESENCE'],
  ['a meta that is an object', (here, socket) => here.track(socket, room, 'a', 'x' as never), 'ERR_PRESENCE'],
  ['a small meta', (here, socket) => here.track(socket, room, 'a', { name: 'x'.repeat(9000) }), 'ERR_PRESENCE'],
  ['a topic', (here, socket) => here.track(socket, 7 as never, 'a', { name: '' }), 'ERR_TOPIC'],
  ['a topic to list', (here) => here.list({} as never), 'ERR_TOPIC'],
] as const satisfies readonly (readonly [
  string,
  (here: ReturnType<typeof createPresence<Meta>>, socket: ReturnType<typeof socketOf>['socket']) => unknown,
  string,
])[])('wants %s', (_, call, code) => {
  const here = createPresence<Meta>()
  expect(() => call(here, socketOf('phx-1').socket)).toThrow(expect.objectContaining({ code }))
  void here.close()
})

it('knows the type of its infos', () => {
  expectTypeOf<PresenceInfo<Meta>['joins'][number]['metas'][number]>().toEqualTypeOf<Meta>()
})

it('has ended when the others know, or cannot be told', async () => {
  const said: string[] = []
  const pubsub: PubSub = {
    subscribe: () => () => {},
    publish: async (_, message) => {
      await Promise.resolve()
      said.push((message as { readonly kind: string }).kind)
      if (said.at(-1) === 'end') throw new Error('away')
    },
  }
  const errors: unknown[] = []
  const here = createPresence({ pubsub, onError: (error) => errors.push(error) })
  await here.close()
  expect(said.at(-1)).toBe('end')
  expect(errors).toEqual([new Error('away')])
  await here.close()
  expect(said.filter((kind) => kind === 'end')).toHaveLength(1)
})
