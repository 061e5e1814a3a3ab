import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Meta, PresenceNetwork, seen } from '../../test/support/presence-network.ts'
import type { Changes } from './roster.ts'
import type { Tracker } from './tracker.ts'

const track = (tracker: Tracker<Meta>, key: string, n = 0, view = `view-${key}-${n}`, topic = 'room'): string =>
  tracker.track({ topic, key, meta: { n }, view })

/** What is told of a room, in words. */
function told(tracker: Tracker<Meta>): string[] {
  const said: string[] = []
  tracker.onChanges(({ joins, leaves, updates }: Changes<Meta>) => {
    for (const [what, all] of Object.entries({ joins, leaves, updates }))
      for (const { key, metas } of all) said.push(`${what} ${key} ${metas.map(({ n }) => n).join()}`)
  })
  return said
}

describe('one process', () => {
  it('has who is tracked, with what each view says, the oldest first', async () => {
    const network = new PresenceNetwork()
    const one = network.add('a')
    const said = told(one)
    track(one, 'ada', 1)
    await network.run(10)
    track(one, 'bob', 2)
    await network.run(10)
    const id = track(one, 'ada', 3)
    one.update(id, { n: 4 })
    expect(seen(one)).toEqual([
      ['ada', [1, 4]],
      ['bob', [2]],
    ])
    one.untrack(id)
    expect(seen(one, 'elsewhere')).toEqual([])
    expect(one.get('room', 'ada')).toMatchObject({ key: 'ada', metas: [{ n: 1 }] })
    expect(said).toEqual(['joins ada 1', 'joins bob 2', 'updates ada 1,3', 'updates ada 1,4', 'updates ada 1'])
  })

  it('says nothing of what is the same', () => {
    const one = new PresenceNetwork().add('a')
    const id = track(one, 'ada', 1)
    const said = told(one)
    one.update(id, { n: 1 })
    expect(said).toEqual([])
  })

  it('has somebody whose view has ended for a moment still, who may only have loaded the page anew', async () => {
    const network = new PresenceNetwork()
    const one = network.add('a')
    const first = track(one, 'ada', 1)
    const said = told(one)
    one.leave(first)
    await network.run(500)
    track(one, 'ada', 2)
    expect(said).toEqual(['updates ada 2'])
    one.leave(track(one, 'bob', 3))
    await network.run(999)
    expect(seen(one)).toEqual([
      ['ada', [2]],
      ['bob', [3]],
    ])
    await network.run(1)
    expect(said).toEqual(['updates ada 2', 'joins bob 3', 'leaves bob 3'])
  })

  it('lets go at once where nothing lingers, and leaves no timer behind', () => {
    const network = new PresenceNetwork()
    const one = network.add('a', { linger: 0 })
    one.leave(track(one, 'ada', 1))
    expect(seen(one)).toEqual([])
    one.close()
    one.close()
    expect(network.time.running).toBe(0)
  })

  it('tells everybody in the order in which it was, also when who is told changes something', () => {
    const one = new PresenceNetwork().add('a')
    const first = track(one, 'ada', 1)
    // The newest page of each takes the place of the one before.
    one.onChanges(({ updates }) => updates.length > 0 && one.untrack(first))
    const said = told(one)
    track(one, 'ada', 2)
    expect(said).toEqual(['updates ada 1,2', 'updates ada 2'])
    expect(seen(one)).toEqual([['ada', [2]]])
  })

  it('tells nobody who has ended while others were told', () => {
    const one = new PresenceNetwork().add('a')
    let end = (): void => {}
    one.onChanges(() => end())
    const said: unknown[] = []
    end = one.onChanges((changes) => said.push(changes))
    track(one, 'ada', 1)
    expect(said).toEqual([])
  })

  it('goes on when a listener throws, and tells of it', () => {
    const network = new PresenceNetwork()
    const one = network.add('a')
    one.onChanges(() => {
      throw new Error('of the application')
    })
    const said = told(one)
    track(one, 'ada', 1)
    expect(said).toEqual(['joins ada 1'])
    expect(network.reported).toEqual([new Error('of the application')])
  })
})

describe('many processes', () => {
  it('have all of all, whoever came when', async () => {
    const network = new PresenceNetwork()
    const one = network.add('a')
    track(one, 'ada', 1)
    const two = network.add('b')
    await network.run(100)
    track(two, 'bob', 2)
    await network.run(100)
    const three = network.add('c')
    await network.run(100)
    for (const each of [one, two, three])
      expect(seen(each)).toEqual([
        ['ada', [1]],
        ['bob', [2]],
      ])
  })

  it('tell changes at the pace of a screen, however often somebody moves', async () => {
    const network = new PresenceNetwork()
    const [one, two] = [network.add('a'), network.add('b')]
    const id = track(one, 'ada', 0)
    await network.run(100)
    const before = network.sent
    for (let n = 1; n <= 1000; n++) {
      one.update(id, { n })
      network.time.advance(1)
    }
    expect(network.sent - before).toBeLessThan(45)
    await network.run(100)
    expect(seen(two)).toEqual([['ada', [1000]]])
  })

  it('notice within seconds that one was killed', async () => {
    const network = new PresenceNetwork()
    const [one, two] = [network.add('a'), network.add('b')]
    track(two, 'bob', 2)
    await network.run(100)
    const said = told(one)
    network.kill('b')
    await network.run(3000)
    expect(seen(one)).toEqual([['bob', [2]]])
    await network.run(3600)
    expect(said).toEqual(['leaves bob 2'])
  })

  it('have a page that went from one that was killed to another once, and nobody sees it leave', async () => {
    const network = new PresenceNetwork()
    const [one, two, three] = [network.add('a'), network.add('b'), network.add('c')]
    track(two, 'bob', 1, 'phx-bob')
    await network.run(100)
    const said = told(one)
    network.kill('b')
    await network.run(300)
    track(three, 'bob', 1, 'phx-bob')
    await network.run(10_000)
    expect(said).toEqual([])
    expect(seen(one)).toEqual([['bob', [1]]])
  })

  it('see what the page says that went to one whose clock is behind, while it lingers where it was', async () => {
    const network = new PresenceNetwork()
    const [one, two, three] = [network.add('a'), network.add('b', {}, 60_000), network.add('c')]
    const before = track(two, 'bob', 1, 'phx-bob')
    await network.run(100)
    two.leave(before)
    track(three, 'bob', 2, 'phx-bob')
    await network.run(100)
    expect(seen(one)).toEqual([['bob', [2]]])
  })

  it('drop nobody whom they have not heard because they were busy themselves', async () => {
    const network = new PresenceNetwork()
    const [one, two] = [network.add('a'), network.add('b')]
    track(two, 'bob', 2)
    await network.run(100)
    const said = told(one)
    // Nothing runs here meanwhile, and what has come waits behind the timers that are due.
    network.block('a', 8000)
    await network.run(20_000)
    expect(said).toEqual([])
    network.kill('b')
    await network.run(6600)
    expect(said).toEqual(['leaves bob 2'])
  })

  it('are not brought back who was on one that has ended, by what it said before and comes after', async () => {
    const network = new PresenceNetwork()
    const [one, two] = [network.add('a'), network.add('b')]
    track(two, 'bob', 2)
    await network.run(100)
    const said = told(one)
    network.fate = (from) => ({ delays: from === 'b' ? [200] : [0] })
    one.missed()
    await network.run(10)
    network.fate = () => ({ delays: [0] })
    two.close()
    await network.run(1100)
    expect(said).toEqual(['leaves bob 2'])
    await network.run(10_000)
    expect(said).toEqual(['leaves bob 2'])
  })

  it('keep who was on one that ends in good order, until their pages are elsewhere or a moment is over', async () => {
    const network = new PresenceNetwork()
    const [one, two, three] = [network.add('a'), network.add('b'), network.add('c')]
    track(two, 'bob', 1, 'phx-bob')
    track(two, 'eve', 2)
    await network.run(100)
    const said = told(one)
    two.close()
    network.processes.delete('b')
    await network.run(300)
    track(three, 'bob', 3, 'phx-other')
    await network.run(2000)
    expect(said).toEqual(['updates bob 3', 'leaves eve 2'])
  })

  it('drop nobody while they are cut off themselves, and are right again when they are back', async () => {
    const network = new PresenceNetwork()
    const [one, two] = [network.add('a'), network.add('b')]
    track(one, 'ada', 1)
    const bob = track(two, 'bob', 2)
    await network.run(100)
    const said = told(one)
    network.isAway = () => true
    await network.run(60_000)
    two.untrack(bob)
    track(two, 'eve', 3)
    await network.run(1000)
    expect(said).toEqual([])
    network.isAway = () => false
    await network.run(4000)
    expect(said.toSorted()).toEqual(['joins eve 3', 'leaves bob 2'])
    expect(seen(two)).toEqual(seen(one))
  })

  it('ask for what they have missed', async () => {
    const network = new PresenceNetwork()
    const [one, two] = [network.add('a'), network.add('b')]
    await network.run(100)
    network.fate = () => ({ delays: [] })
    track(one, 'ada', 1)
    await network.run(1000)
    network.fate = () => ({ delays: [0] })
    two.missed()
    await network.run(100)
    expect(seen(two)).toEqual([['ada', [1]]])
  })

  it('send what is too much for one message in parts', async () => {
    const network = new PresenceNetwork()
    const one = network.add('a')
    for (let n = 0; n < 1200; n++) track(one, `user-${n}`, n)
    await network.run(100)
    const two = network.add('b')
    await network.run(200)
    expect(seen(two)).toHaveLength(1200)
    expect(seen(two)).toEqual(seen(one))
  })

  it.each([
    undefined,
    'beat',
    {},
    { kind: 'beat', from: 'x' },
    { kind: 'beat', from: 7, version: 1 },
    { kind: 'changes', from: 'x', version: 1, changes: [{ id: 'a' }] },
    { kind: 'state', from: 'x', version: 1, part: 2, parts: 1, entries: [] },
    { kind: 'state', from: 'x', version: 1, part: 0, parts: 1, entries: [null] },
    { kind: 'unheard of', from: 'x', version: 1 },
  ])('leave what is no message of theirs: %j', (message) => {
    const network = new PresenceNetwork()
    const one = network.add('a')
    track(one, 'ada', 1)
    one.receive(message)
    expect(seen(one)).toEqual([['ada', [1]]])
    expect(network.reported).toEqual([])
  })
})

const upwards = (one: number, other: number): number => one - other

/** What happens to a set of processes. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('track' as const), at: fc.nat(3), who: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('leave' as const), at: fc.nat(3), who: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('untrack' as const), at: fc.nat(3), who: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('update' as const), at: fc.nat(3), who: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('part' as const), at: fc.nat(3), who: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('kill' as const), at: fc.nat(3), who: fc.nat(0) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('wait' as const), at: fc.nat(3000), who: fc.nat(0) }) },
)

it('converges, whatever is lost, doubled, delayed, parted and killed on the way, and tells just what it lists', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.infiniteStream(fc.array(fc.nat(900), { maxLength: 2 })),
      async (steps, delays) => {
        const network = new PresenceNetwork()
        const names = ['a', 'b', 'c', 'd']
        const parted = new Set<string>()
        network.fate = (from, to) =>
          parted.has(`${from}${to}`) || parted.has(`${to}${from}`) ? { delays: [] } : { delays: delays.next().value! }
        const processes = names.map((name) => network.add(name))
        const dead = new Set<number>()
        /** What each has, by id. */
        const owned = processes.map(() => new Map<string, readonly [string, number]>())
        const listed = processes.map(() => new Map<string, readonly number[]>())
        processes.forEach((process, at) =>
          process.onChanges(({ joins, leaves, updates }) => {
            for (const { key } of leaves) expect(listed[at]!.delete(key)).toBe(true)
            for (const { key } of joins) expect(listed[at]!.has(key)).toBe(false)
            for (const { key } of updates) expect(listed[at]!.has(key)).toBe(true)
            for (const { key, metas } of [...joins, ...updates])
              listed[at]!.set(
                key,
                metas.map(({ n }) => n),
              )
          }),
        )
        let made = 0
        for (const { what, at, who } of steps) {
          if (what === 'wait') {
            await network.run(at)
            continue
          }
          if (dead.has(at)) continue
          const process = processes[at]!
          const own = owned[at]!
          const id = [...own.keys()][who % Math.max(own.size, 1)]
          const n = made++
          if (what === 'track') own.set(track(process, `user-${who}`, n), [`user-${who}`, n])
          else if (what === 'part') parted.add(`${names[at]}${names[who]}`)
          else if (what === 'kill' && dead.size < 2) {
            dead.add(at)
            network.kill(names[at]!)
          } else if (id !== undefined && what === 'update') {
            process.update(id, { n })
            own.set(id, [own.get(id)![0], n])
          } else if (id !== undefined && (what === 'leave' || what === 'untrack')) {
            process[what](id)
            own.delete(id)
          }
        }
        parted.clear()
        network.fate = () => ({ delays: [0] })
        await network.run(20_000)
        const expected = new Map<string, number[]>()
        owned.forEach((own, at) => {
          if (dead.has(at)) return
          for (const [key, n] of own.values()) expected.set(key, [...(expected.get(key) ?? []), n].toSorted(upwards))
        })
        const found = (lists: Iterable<readonly [string, readonly number[]]>) =>
          new Map([...lists].map(([key, metas]) => [key, [...metas].toSorted(upwards)]))
        processes.forEach((process, at) => {
          if (dead.has(at)) return
          expect(found(seen(process))).toEqual(expected)
          expect(found(listed[at]!)).toEqual(expected)
        })
        expect(network.reported).toEqual([])
        for (const name of names) network.kill(name)
      },
    ),
    { numRuns: 150 },
  )
})
