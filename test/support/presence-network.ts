/** Processes that share a presence, on one clock, over a network that loses, doubles, delays and parts as it is told to. */
import type { Present } from '../../src/presence/roster.ts'
import { Tracker, type TrackerOptions } from '../../src/presence/tracker.ts'
import { ManualTime } from './manual-time.ts'

export interface Meta {
  readonly n: number
}

export interface Fate {
  /** After how many ms it comes; more than one: it comes so often. None: it is lost. */
  readonly delays: readonly number[]
}

export const times: TrackerOptions = { heartbeat: 1500, deadAfter: 5000, linger: 1000 }
const atOnce: Fate = { delays: [0] }

export class PresenceNetwork {
  readonly time = new ManualTime()
  readonly processes = new Map<string, Tracker<Meta>>()
  readonly reported: unknown[] = []
  /** Messages that were sent. */
  sent = 0
  /** What becomes of a message, one receiver at a time. */
  fate: (from: string, to: string) => Fate = () => atOnce
  /** Whether those that send can reach anybody. */
  isAway: (from: string) => boolean = () => false

  /** Until when processes are too busy to do anything. */
  readonly #blocked = new Map<string, number>()

  /** `ahead`: ms by which its wall clock is. */
  add(name: string, options: Partial<TrackerOptions> = {}, ahead = 0): Tracker<Meta> {
    const tracker = new Tracker<Meta>(
      { ...times, ...options },
      {
        name,
        now: () => this.time.now,
        wallClock: () => this.time.now + ahead,
        startTimer: (ms, fire) => this.#startTimer(name, ms, fire),
        away: (error) => this.reported.push(error),
        report: (error) => this.reported.push(error),
        publish: (message, to) => {
          if (!this.processes.has(name)) return undefined
          this.sent++
          if (this.isAway(name)) return Promise.reject(new Error('away'))
          const text = JSON.stringify(message)
          for (const other of this.processes.keys()) {
            if (other === name || (to !== undefined && other !== to)) continue
            for (const delay of this.fate(name, other).delays) {
              this.time.startTimer(delay, () => this.#bring(other, text))
            }
          }
          return Promise.resolve()
        },
      },
    )
    this.processes.set(name, tracker)
    tracker.start()
    return tracker
  }

  /** It does nothing for so many ms: then its timers come first, and what has come for it behind them. */
  block(name: string, ms: number): void {
    this.#blocked.set(name, this.time.now + ms)
  }

  #startTimer(name: string, ms: number, fire: () => void): { cancel(): void } {
    let timer = this.time.startTimer(ms, () => {
      const left = (this.#blocked.get(name) ?? 0) - this.time.now
      if (left > 0) timer = this.time.startTimer(left, fire)
      else fire()
    })
    return { cancel: () => timer.cancel() }
  }

  #bring(to: string, text: string): void {
    const left = (this.#blocked.get(to) ?? 0) - this.time.now
    if (left >= 0) this.time.startTimer(left + 1, () => this.#bring(to, text))
    else this.processes.get(to)?.receive(JSON.parse(text))
  }

  /** It is killed: it says nothing more, and hears nothing. */
  kill(name: string): void {
    const tracker = this.processes.get(name)
    this.processes.delete(name)
    // Its timers end with it.
    this.isAway = (
      (before) => (from: string) =>
        from === name || before(from)
    )(this.isAway)
    void tracker?.close()
  }

  /** Goes on by `ms`, with turns for what resolves meanwhile. */
  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 50) {
      this.time.advance(Math.min(left, 50))
      await Promise.resolve()
      await Promise.resolve()
    }
  }
}

/** Who is there, with what their views say: without since when. */
export function seen(tracker: Tracker<Meta>, topic = 'room'): readonly [string, readonly number[]][] {
  return tracker.list(topic).map(({ key, metas }: Present<Meta>) => [key, metas.map(({ n }) => n)])
}
