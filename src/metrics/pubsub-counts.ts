/** What is counted of the ways between processes, by engine. */
import type { TelemetryEvents } from '../telemetry/events.ts'
import { Counter, type Frame, Histogram } from './families.ts'
import { type Quantiles, Recent } from './recent.ts'

/** What was seen of one engine. */
export interface PubSubSnapshot {
  /** Its name: `Redis`, say. */
  readonly engine: string
  /** Whether what is published reached it, when that last changed. */
  readonly up: boolean
  /** From `publish` until a message has come back, of the last minute, in seconds; 0 when none has. */
  readonly lag: Quantiles
  /** Topics whose subscribers were told that messages may have been lost. */
  readonly gaps: number
  /** Messages that waited for it while it was away. */
  readonly queued: number
  /** Messages that it may not have. */
  readonly dropped: number
}

interface Seen {
  up: boolean
  gaps: number
  queued: number
  dropped: number
  readonly lag: Recent
}

export class PubSubCounts {
  readonly #now: () => number
  readonly #seen = new Map<string, Seen>()
  readonly #lag: Histogram
  readonly #gaps = new Counter('pubsub_gaps_total', 'Topics told that messages of other processes may be lost.', [
    'engine',
  ])
  readonly #away = new Counter('pubsub_away_total', 'How often the engine of the pubsub went away.', ['engine'])
  readonly #queued = new Counter('pubsub_queued_total', 'Messages that waited for an engine that was away.', ['engine'])
  readonly #dropped = new Counter('pubsub_dropped_total', 'Messages that the engine may not have.', ['engine', 'code'])

  /** `now`: in ms, of a clock that only goes forward. `bounds`: in seconds. */
  constructor(now: () => number, bounds: readonly number[]) {
    this.#now = now
    this.#lag = new Histogram('pubsub_lag_seconds', 'From publish until it is delivered.', ['engine'], bounds)
  }

  add(step: TelemetryEvents['pubsub']): void {
    const { engine, what } = step
    const seen = this.#seenOf(engine)
    if (what === 'echo') {
      const seconds = step.durationMs / 1e3
      this.#lag.observe([engine], seconds)
      seen.lag.add(seconds)
    } else if (what === 'gap') {
      this.#gaps.add([engine])
      seen.gaps++
    } else if (what === 'queued') {
      this.#queued.add([engine])
      seen.queued++
    } else if (what === 'dropped') {
      this.#dropped.add([engine, step.code])
      seen.dropped++
    } else {
      seen.up = what === 'back'
      if (what === 'away') this.#away.add([engine])
    }
  }

  text(frame: Frame): string {
    const families = [this.#lag, this.#gaps, this.#away, this.#queued, this.#dropped]
    return families.map((family) => family.text(frame)).join('')
  }

  snapshot(): readonly PubSubSnapshot[] {
    return [...this.#seen].map(([engine, { up, lag, gaps, queued, dropped }]) => {
      return { engine, up, lag: lag.quantiles(), gaps, queued, dropped }
    })
  }

  #seenOf(engine: string): Seen {
    let seen = this.#seen.get(engine)
    if (seen === undefined) {
      this.#seen.set(engine, (seen = { up: true, gaps: 0, queued: 0, dropped: 0, lag: new Recent(this.#now) }))
    }
    return seen
  }
}
