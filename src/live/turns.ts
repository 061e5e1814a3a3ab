/**
 * Lets the rest of the process have its turn. Messages are handled one out of another as long as there are some, also those that views
 * send themselves; without this, a view that sends itself one for each that it handles would leave nobody anything: no other
 * client, no request, no signal. So, process-wide, messages wait for the next turn of the event loop once they had a few ms of one.
 */

import { Line } from './line.ts'

/** Ms that messages may take of one turn. A message that takes longer takes longer; the next one waits. */
const mostOfTurn = 10
/** Ms after the last turn that was seen from which one is asked for: not at each message, since a turn costs as much as a message. */
const askAfter = 5

/** What the machine gives: a clock that only goes forward, and turns. */
export interface TurnHost {
  now(): number
  nextTurn(run: () => void): void
}

export class Turns {
  readonly #host: TurnHost
  readonly #waiting = new Line<() => void>()
  /** When the event loop last turned, as far as was asked. */
  #turnedAt = -Infinity
  /** Since when the next turn is asked for. */
  #askedAt: number | undefined

  constructor(host: TurnHost) {
    this.#host = host
  }

  /** Whether messages have had their part of this turn. */
  get spent(): boolean {
    const now = this.#host.now()
    if (this.#askedAt !== undefined) return now - this.#askedAt >= mostOfTurn
    if (now - this.#turnedAt >= askAfter) this.#ask(now)
    return false
  }

  /** Whether somebody waits for a turn: who goes on then goes on for a little only, and gets in line again. */
  get crowded(): boolean {
    return this.#waiting.length > 0
  }

  /** Calls `run` in a turn to come, behind those that wait already. */
  wait(run: () => void): void {
    this.#waiting.push(run)
    if (this.#askedAt === undefined) this.#ask(this.#host.now())
  }

  /** For work of many steps between two of them: what to await when the turn is spent. */
  rest(): Promise<void> | undefined {
    return this.spent ? new Promise((resolve) => this.wait(resolve)) : undefined
  }

  #ask(now: number): void {
    this.#askedAt = now
    this.#host.nextTurn(() => this.#turned())
  }

  #turned(): void {
    const now = this.#host.now()
    this.#turnedAt = now
    this.#askedAt = undefined
    if (!this.crowded) return
    this.#ask(now)
    while (this.crowded && !this.spent) this.#waiting.shift()!()
  }
}
