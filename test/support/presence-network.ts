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

  add(name: string, options: Partial<TrackerOptions> = {}): Tracker<Meta> {
    const tracker = new Tracker<Meta>(
      { ...times, ...options },
      {
        name,
        now: () => this.time.now,
        wallClock: () => this.time.now,
        startTimer: this.time.startTimer,
        report: (error) => this.reported.push(error),
        publish: (message, to) => {
          if (!this.processes.has(name)) return undefined
          this.sent++
          if (this.isAway(name)) return Promise.reject(new Error('away'))
          const text = JSON.stringify(message)
          for (const other of this.processes.keys()) {
            if (other === name || (to !== undefined && other !== to)) continue
            for (const delay of this.fate(name, other).delays) {
              this.time.startTimer(delay, () => this.processes.get(other)?.receive(JSON.parse(text)))
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

  /** It is killed: it says nothing more, and hears nothing. */
  kill(name: string): void {
    const tracker = this.processes.get(name)
    this.processes.delete(name)
    // Its timers end with it.
    this.isAway = (
      (before) => (from: string) =>
        from === name || before(from)
    )(this.isAway)
    tracker?.close()
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
