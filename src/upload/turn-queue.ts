/**
 * Who sends next, when more want to send than may: a visitor who sends least now, and of those who send as much whoever has waited longest
 * since. Plain data, no clock; whoever waits is told when its turn has come.
 */
import { Tally } from './tally.ts'

/** How many may send at once: of one view, of one visitor, and of all. */
export interface SendingLimits {
  readonly view: number
  readonly visitor: number
  readonly all: number
}

/** A place in line, or a turn. */
export interface Ticket {
  /** `away`: it keeps its place, and others go first until it is back. */
  readonly state: 'waiting' | 'away' | 'sending' | 'over'
}

interface OwnTicket extends Ticket {
  state: Ticket['state']
  readonly visitor: Visitor
  readonly view: unknown
  readonly turn: () => void
}

interface Visitor {
  readonly id: string
  sending: number
  /** In the order in which they get their turns, those that are away included. */
  readonly waiting: Set<OwnTicket>
  /** How many of those are not away. */
  present: number
}

export class TurnQueue {
  readonly #limits: SendingLimits
  readonly #visitors = new Map<string, Visitor>()
  /** Visitors who wait, by how many they send; of as many the one that has waited longest is first. */
  readonly #lines = new Map<number, Set<Visitor>>()
  /** How many a view sends, as far as it sends any. */
  readonly #views = new Tally<unknown>()
  #sending = 0
  #waiting = 0
  #filling = false

  constructor(limits: SendingLimits) {
    this.#limits = limits
  }

  /** How many have their turn. */
  get sending(): number {
    return this.#sending
  }

  /** How many wait, those that are away included. */
  get waiting(): number {
    return this.#waiting
  }

  /** Asks for a turn. `turn` is called once, when it has come: at once where there is room. */
  ask(visitorId: string, view: unknown, turn: () => void): Ticket {
    const visitor = this.#visitors.get(visitorId) ?? { id: visitorId, sending: 0, waiting: new Set(), present: 0 }
    this.#visitors.set(visitorId, visitor)
    const ticket: OwnTicket = { state: 'waiting', visitor, view, turn }
    visitor.waiting.add(ticket)
    visitor.present++
    this.#waiting++
    if (visitor.waiting.size === 1) this.#lineOf(visitor).add(visitor)
    this.#fill()
    return ticket
  }

  /** Whoever waits cannot begin now. */
  away(ticket: Ticket): void {
    const own = ticket as OwnTicket
    if (own.state !== 'waiting') return
    own.state = 'away'
    own.visitor.present--
  }

  back(ticket: Ticket): void {
    const own = ticket as OwnTicket
    if (own.state !== 'away') return
    own.state = 'waiting'
    own.visitor.present++
    this.#fill()
  }

  /** Gives the turn back, or leaves the line. Called again it changes nothing. */
  leave(ticket: Ticket): void {
    const own = ticket as OwnTicket
    const { visitor, view, state } = own
    if (state === 'over') return
    own.state = 'over'
    if (state === 'sending') {
      this.#sending--
      this.#views.add(view, -1)
      this.#sends(visitor, visitor.sending - 1)
    } else {
      visitor.waiting.delete(own)
      this.#waiting--
      if (state === 'waiting') visitor.present--
      if (visitor.waiting.size === 0) this.#leaveLine(visitor)
    }
    if (visitor.sending === 0 && visitor.waiting.size === 0) this.#visitors.delete(visitor.id)
    this.#fill()
  }

  /** All who wait, whoever is next first, as things stand. */
  *inOrder(): Generator<Ticket, void, undefined> {
    const rounds: Iterator<OwnTicket>[][] = []
    for (const [sending, visitors] of this.#lines)
      rounds[sending] = [...visitors].map(({ waiting }) => waiting.values() as Iterator<OwnTicket>)
    for (let round = 0; round < rounds.length; round++) {
      // Whoever has had a turn sends one more, and comes after those who do so already.
      for (const tickets of rounds[round] ?? []) {
        const next = tickets.next()
        if (next.done === true) continue
        yield next.value
        ;(rounds[round + 1] ??= []).push(tickets)
      }
    }
  }

  #lineOf({ sending }: Visitor): Set<Visitor> {
    const line = this.#lines.get(sending) ?? new Set()
    this.#lines.set(sending, line)
    return line
  }

  #leaveLine(visitor: Visitor): void {
    const line = this.#lines.get(visitor.sending)
    line?.delete(visitor)
    if (line?.size === 0) this.#lines.delete(visitor.sending)
  }

  /** It goes behind all who send as much. */
  #sends(visitor: Visitor, count: number): void {
    this.#leaveLine(visitor)
    visitor.sending = count
    if (visitor.waiting.size > 0) this.#lineOf(visitor).add(visitor)
  }

  #fill(): void {
    // Whoever is told of its turn may ask for another one, or give it back.
    if (this.#filling) return
    this.#filling = true
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) this.#begin(next)
    } finally {
      this.#filling = false
    }
  }

  #next(): OwnTicket | undefined {
    if (this.#waiting === 0 || this.#sending >= this.#limits.all) return undefined
    for (const sending of [...this.#lines.keys()].toSorted((one, other) => one - other)) {
      if (sending >= this.#limits.visitor) return undefined
      for (const visitor of this.#lines.get(sending)!) {
        const next = visitor.present === 0 ? undefined : this.#firstOf(visitor)
        if (next !== undefined) return next
      }
    }
    return undefined
  }

  #firstOf({ waiting }: Visitor): OwnTicket | undefined {
    for (const ticket of waiting) {
      if (ticket.state === 'waiting' && this.#views.of(ticket.view) < this.#limits.view) return ticket
    }
    return undefined
  }

  #begin(ticket: OwnTicket): void {
    const { visitor, view } = ticket
    ticket.state = 'sending'
    visitor.waiting.delete(ticket)
    visitor.present--
    this.#waiting--
    this.#sending++
    this.#views.add(view, 1)
    // Its line is still that of what it has sent before.
    this.#sends(visitor, visitor.sending + 1)
    ticket.turn()
  }
}
