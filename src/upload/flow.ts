/**
 * How quickly the bytes of a view's entries come, and which of them have come to a stop. It counts what is written, on a clock that never
 * jumps; one timer looks after all entries that are on their way.
 */
import type { Timer } from '../time/timer.ts'

export interface FlowsHost {
  /** In ms; never goes back. */
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Nothing has come of the entry for a while. */
  stalled(entryUuid: string): void
}

/** How an entry moves. */
export interface Pace {
  /** Bytes a second. */
  readonly rate: number
  /** Ms until all of it is there, as things go; `undefined` while that cannot be said. */
  readonly remaining: number | undefined
}

/** An entry of which nothing comes. */
export const still: Pace = { rate: 0, remaining: undefined }

/** What the rate is a mean of, in ms. */
const span = 3000
/** How far samples are apart, in ms. */
const grain = 250
/** So long an entry may bring nothing, in ms; one that comes in larger pieces twice as long as between the last two. */
export const patience = 2000
/** How often that is looked at, in ms. */
const lookEvery = 500

interface Flow {
  /** The oldest first. */
  samples: { readonly at: number; readonly received: number }[]
  lastAt: number
  /** Ms between the last two writes. */
  gap: number
  stalled: boolean
}

export class Flows {
  readonly #host: FlowsHost
  readonly #flows = new Map<string, Flow>()
  #timer: Timer | undefined

  constructor(host: FlowsHost) {
    this.#host = host
  }

  /** Bytes of the entry are on their way. `received`: what is there already. */
  begun(entryUuid: string, received: number): void {
    const flow = this.#flows.get(entryUuid)
    if (flow === undefined || flow.stalled) this.#start(entryUuid, received)
  }

  /** So much of the entry is written. */
  moved(entryUuid: string, received: number, size: number): Pace {
    const flow = this.#flows.get(entryUuid)
    if (flow === undefined) return still
    // What came in the moment that it went on says nothing of how long it took.
    if (flow.stalled) {
      this.#start(entryUuid, received)
      return still
    }
    const now = this.#host.now()
    flow.gap = now - flow.lastAt
    flow.lastAt = now
    const { samples } = flow
    // The one before the span stays: the rate is measured from it.
    while (samples.length > 1 && samples[1]!.at <= now - span) samples.shift()
    const oldest = samples[0]!
    if (now - samples.at(-1)!.at >= grain) samples.push({ at: now, received })
    const rate = Math.round(((received - oldest.received) * 1000) / Math.max(now - oldest.at, grain))
    return { rate, remaining: rate === 0 ? undefined : Math.ceil(((size - received) * 1000) / rate) }
  }

  /** Nothing comes, and that is known: what comes next begins anew. */
  stops(entryUuid: string): void {
    const flow = this.#flows.get(entryUuid)
    if (flow !== undefined) flow.stalled = true
  }

  /** Nothing is to come of it. */
  rests(entryUuid: string): void {
    this.#flows.delete(entryUuid)
  }

  end(): void {
    this.#timer?.cancel()
    this.#flows.clear()
  }

  #start(entryUuid: string, received: number): void {
    const at = this.#host.now()
    this.#flows.set(entryUuid, { samples: [{ at, received }], lastAt: at, gap: 0, stalled: false })
    this.#timer ??= this.#host.startTimer(lookEvery, () => this.#look())
  }

  #look(): void {
    const now = this.#host.now()
    this.#timer = undefined
    const stalled: string[] = []
    let moves = false
    for (const [entryUuid, flow] of this.#flows) {
      if (flow.stalled) continue
      if (now - flow.lastAt < Math.max(patience, flow.gap * 2)) {
        moves = true
        continue
      }
      flow.stalled = true
      stalled.push(entryUuid)
    }
    if (moves) this.#timer = this.#host.startTimer(lookEvery, () => this.#look())
    for (const entryUuid of stalled) this.#host.stalled(entryUuid)
  }
}
