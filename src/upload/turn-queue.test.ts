import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SendingLimits, type Ticket, TurnQueue } from './turn-queue.ts'

/** Asks for turns and tells who got one, in order. */
function rig(limits: Partial<SendingLimits>) {
  const queue = new TurnQueue({ view: 100, visitor: 100, all: 100, ...limits })
  const turns: string[] = []
  const ask = (visitor: string, name = visitor, view = visitor): Ticket =>
    queue.ask(visitor, view, () => turns.push(name))
  return { queue, turns, ask }
}

const ticketsOf = (queue: TurnQueue): Ticket[] => [...queue.inOrder()]

describe('who sends next', () => {
  it('is whoever asks, while there is room', () => {
    const { queue, turns, ask } = rig({ all: 2 })
    ask('a')
    ask('a')
    ask('b')
    expect(turns).toEqual(['a', 'a'])
    expect([queue.sending, queue.waiting]).toEqual([2, 1])
  })

  it('is the one file of a visitor before the second of another, however many that one has', () => {
    const { queue, turns, ask } = rig({ all: 1 })
    const first = ask('a', 'a1')
    for (let at = 2; at <= 1000; at++) ask('a', `a${at}`)
    ask('b', 'b1')
    queue.leave(first)
    expect(turns).toEqual(['a1', 'b1'])
  })

  it('is each visitor in turn', () => {
    const { queue, turns } = rig({ all: 1 })
    const ends: (() => void)[] = []
    const ask = (visitor: string): void => {
      const ticket: Ticket = queue.ask(visitor, visitor, () => {
        turns.push(visitor)
        ends.push(() => queue.leave(ticket))
      })
    }
    for (const visitor of ['a', 'a', 'a', 'b', 'b', 'c']) ask(visitor)
    while (ends.length > 0) ends.shift()!()
    expect(turns.join('')).toBe('abcaba')
  })

  it('is not more of a visitor, nor of a view, than may be', () => {
    const { queue, turns, ask } = rig({ visitor: 2, view: 1 })
    const first = ask('a', 'a1', 'one')
    ask('a', 'a2', 'one')
    ask('a', 'a3', 'two')
    ask('a', 'a4', 'three')
    expect(turns).toEqual(['a1', 'a3'])
    queue.leave(first)
    expect(turns).toEqual(['a1', 'a3', 'a2'])
  })

  it('passes over who is away, and keeps the place', () => {
    const { queue, turns, ask } = rig({ all: 1 })
    const first = ask('a')
    const second = ask('b')
    const third = ask('c')
    ask('d')
    queue.away(second)
    queue.leave(first)
    expect(turns).toEqual(['a', 'c'])
    queue.back(second)
    queue.leave(third)
    expect(turns).toEqual(['a', 'c', 'b'])
  })

  it('can be asked in order, which is the one that comes about', () => {
    const { queue, turns, ask } = rig({ all: 1 })
    const first = ask('a', 'a1')
    const names = new Map<Ticket, string>()
    for (const name of ['a2', 'a3', 'b1', 'b2', 'c1']) names.set(ask(name[0]!, name), name)
    expect(ticketsOf(queue).map((ticket) => names.get(ticket))).toEqual(['b1', 'c1', 'a2', 'b2', 'a3'])
    queue.leave(first)
    expect(turns).toEqual(['a1', 'b1'])
  })
})

const visitors = ['a', 'b', 'c', 'd']
type Step =
  | { readonly what: 'ask'; readonly visitor: string; readonly view: number }
  | { readonly what: 'leave' | 'away' | 'back'; readonly of: number }

const steps = fc.array(
  fc.oneof(
    fc.record({
      what: fc.constant('ask' as const),
      visitor: fc.constantFrom(...visitors),
      view: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({ what: fc.constantFrom('leave' as const, 'away' as const, 'back' as const), of: fc.nat() }),
  ),
  { maxLength: 120 },
)
const someLimits = fc.record({
  view: fc.integer({ min: 1, max: 3 }),
  visitor: fc.integer({ min: 1, max: 4 }),
  all: fc.integer({ min: 1, max: 6 }),
})

interface Asked {
  readonly visitor: string
  readonly view: string
  ticket: Ticket
  turns: number
}

describe('whatever is asked, left and given back, in whatever order', () => {
  it('no turn is lost, none is given twice, and whoever sends least goes first', () => {
    fc.assert(
      fc.property(someLimits, steps, (limits, script) => {
        const queue = new TurnQueue(limits)
        const all: Asked[] = []
        const sendingOf = (fits: (asked: Asked) => boolean): number =>
          all.filter((asked) => asked.ticket?.state === 'sending' && fits(asked)).length
        const mayGo = (asked: Asked): boolean =>
          asked.ticket.state === 'waiting' &&
          sendingOf(() => true) < limits.all &&
          sendingOf(({ visitor }) => visitor === asked.visitor) < limits.visitor &&
          sendingOf(({ view }) => view === asked.view) < limits.view
        const run = (step: Step): void => {
          if (step.what === 'ask') {
            const asked = { visitor: step.visitor, view: step.visitor + step.view, turns: 0 } as unknown as Asked
            all.push(asked)
            asked.ticket = queue.ask(asked.visitor, asked.view, () => asked.turns++)
          } else if (all.length > 0) {
            const asked = all[step.of % all.length]!
            const before = new Map(all.map((one) => [one, one.turns]))
            const wasSending = asked.ticket.state === 'sending'
            const waited = all.filter(({ ticket }) => ticket.state === 'waiting')
            queue[step.what](asked.ticket)
            const began = all.filter((one) => one.turns > before.get(one)!)
            if (step.what !== 'leave' || !wasSending || began.length !== 1) return
            // Nobody who sends less, and could have gone, was passed over.
            const sent = ({ visitor }: Asked): number =>
              sendingOf((one) => one.visitor === visitor) - (visitor === began[0]!.visitor ? 1 : 0)
            for (const other of waited) {
              if (other === began[0] || other.visitor === began[0]!.visitor) continue
              if (sendingOf(({ view }) => view === other.view) >= limits.view) continue
              expect(sent(other)).toBeGreaterThanOrEqual(sent(began[0]!))
            }
          }
        }
        for (const step of script) {
          run(step)
          // None is lost: nobody waits who may go.
          expect(all.filter(mayGo)).toEqual([])
          for (const { ticket, turns } of all) {
            expect(turns).toBeLessThanOrEqual(1)
            if (ticket.state === 'sending') expect(turns).toBe(1)
          }
          expect(sendingOf(() => true)).toBeLessThanOrEqual(limits.all)
          for (const name of visitors)
            expect(sendingOf(({ visitor }) => visitor === name)).toBeLessThanOrEqual(limits.visitor)
          const waiting = all.filter(({ ticket }) => ticket.state === 'waiting' || ticket.state === 'away')
          expect(new Set(ticketsOf(queue))).toEqual(new Set(waiting.map(({ ticket }) => ticket)))
          expect([queue.sending, queue.waiting]).toEqual([sendingOf(() => true), waiting.length])
        }
        for (const { ticket } of all) queue.leave(ticket)
        expect([queue.sending, queue.waiting, ticketsOf(queue)]).toEqual([0, 0, []])
      }),
      { numRuns: 300 },
    )
  })

  it('a visitor’s one file waits for one file of each other visitor at most, beside those that are sent', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.nat()), (files, most, choices) => {
        const queue = new TurnQueue({ view: most, visitor: most, all: most })
        const sending: Ticket[] = []
        let began = 0
        const ask = (visitor: string, mine = false): { came: boolean } => {
          const said = { came: false }
          const ticket: Ticket = queue.ask(visitor, visitor, () => {
            began++
            said.came = true
          })
          if (!mine) asked.push(ticket)
          return said
        }
        const asked: Ticket[] = []
        for (const [at, count] of files.entries()) for (let file = 0; file < count; file++) ask(`${at}`)
        began = 0
        const mine = ask('mine', true)
        while (!mine.came) {
          sending.splice(0, Infinity, ...asked.filter(({ state }) => state === 'sending'))
          const { value } = choices.next()
          queue.leave(sending[value! % sending.length]!)
        }
        expect(began).toBeLessThanOrEqual(files.length + 1)
      }),
    )
  })
})
