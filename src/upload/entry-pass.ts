/** What one entry has of the process: its turn to send, or its place in line, and the bytes that are to come of it. */
import type { Timer } from '../time/timer.ts'
import { awayFor, brokenFor, idleFor, leastBytes } from './admission-times.ts'
import type { SendTurn } from './send-turn.ts'
import type { Ticket } from './turn-queue.ts'

export interface PassOptions {
  readonly visitorId: string
  /** Which view it is of. */
  readonly view: unknown
  /** Bytes of it that are to come. */
  readonly bytes: number
  readonly onDisk: boolean
  /** Its place has changed; `undefined`: it does not wait any more. */
  onPlace(place: number | undefined): void
  /** It has to wait behind others: `waiting` wait, itself included. */
  onQueued(waiting: number): void
  /** Its turn has come, after so many ms. */
  onTurn(waitedMs: number, waiting: number): void
  /** Whether what keeps it is our own writer. */
  isOurs(): boolean
  /** Others wait, and nothing comes of it: its turn is over. */
  onTakenBack(): void
}

/** What it needs of whoever hands it out. */
export interface PassDesk {
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  ask(pass: EntryPass, turn: () => void): Ticket
  away(ticket: Ticket): void
  back(ticket: Ticket): void
  leave(ticket: Ticket): void
  waiting(): number
  came(bytes: number): void
  expect(bytes: number): void
}

export class EntryPass implements SendTurn {
  readonly #options: PassOptions
  readonly #desk: PassDesk
  #ticket: Ticket | undefined
  /** Since when it waits, or has had its turn without bringing enough. */
  #since = 0
  #awaySince: number | undefined
  /** Bytes since then. */
  #brought = 0
  /** Ends the wait of whoever asks now. */
  #answer: ((comes: boolean) => void) | undefined
  #due: number
  #place: number | undefined
  #over = false

  constructor(options: PassOptions, desk: PassDesk) {
    this.#options = options
    this.#desk = desk
    this.#due = options.bytes
    desk.expect(options.bytes)
  }

  /** Whether it may be sent now. */
  get hasTurn(): boolean {
    return this.#ticket?.state === 'sending'
  }

  /**
   * Resolves with true when it may be sent, and with false when that has not come about within `ms`, or the wait was given up: it keeps its
   * place for a while. One call at a time. @default no end
   */
  comes(ms?: number): Promise<boolean> {
    if (this.#over) return Promise.resolve(false)
    this.#ask()
    if (this.hasTurn) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : this.#desk.startTimer(ms, () => this.#answer?.(false))
      this.#answer = (comes) => {
        this.#answer = undefined
        timer?.cancel()
        if (!comes) this.#goAway()
        resolve(comes)
      }
    })
  }

  /** Whoever waits for the turn cannot begin now. */
  giveUp(): void {
    this.#answer?.(false)
  }

  /** So many bytes more have come. */
  came(bytes: number): void {
    if (this.#over) return
    this.#desk.came(bytes)
    const due = Math.max(0, this.#due - bytes)
    this.#desk.expect(due - this.#due)
    this.#due = due
    this.#brought += bytes
    if (this.#brought < leastBytes) return
    this.#brought = 0
    this.#since = this.#desk.now()
  }

  /** Nobody brings any more of it now: whoever does comes soon, or others go first. */
  broke(): void {
    this.#since = Math.min(this.#since, this.#desk.now() - idleFor + brokenFor)
  }

  /** Gives its turn back, or its place: it is asked for anew with the next {@link comes}. */
  rest(): void {
    const ticket = this.#ticket
    if (ticket === undefined) return
    this.#ticket = undefined
    this.#awaySince = undefined
    this.placed(undefined)
    this.#desk.leave(ticket)
    this.#answer?.(false)
  }

  /** Nothing more is to come of it. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.rest()
    this.#desk.expect(-this.#due)
    this.#due = 0
  }

  /** Called now and then while others wait. */
  look(): void {
    const now = this.#desk.now()
    if (this.hasTurn) {
      if (now - this.#since < idleFor || this.#desk.waiting() === 0 || this.#options.isOurs()) return
      this.rest()
      this.#options.onTakenBack()
    } else if (this.#awaySince !== undefined && now - this.#awaySince >= awayFor) this.rest()
  }

  placed(place: number | undefined): void {
    if (place === this.#place) return
    this.#place = place
    this.#options.onPlace(place)
  }

  #ask(): void {
    this.#awaySince = undefined
    if (this.#ticket !== undefined) return this.#desk.back(this.#ticket)
    this.#since = this.#desk.now()
    this.#ticket = this.#desk.ask(this, () => this.#begin())
    if (this.#ticket.state === 'waiting') this.#options.onQueued(this.#desk.waiting())
  }

  #begin(): void {
    const now = this.#desk.now()
    const waited = now - this.#since
    this.#since = now
    this.#brought = 0
    this.placed(undefined)
    this.#options.onTurn(waited, this.#desk.waiting())
    this.#answer?.(true)
  }

  #goAway(): void {
    if (this.#ticket === undefined) return
    this.#awaySince = this.#desk.now()
    this.#desk.away(this.#ticket)
  }
}
