/**
 * Quantiles of what was seen in the last half a minute to a minute, in memory that does not grow: values are counted by their magnitude,
 * in steps of 10%, in two windows of which the older one is forgotten. So a quantile is right to 5% of its value.
 */

const growth = Math.log(1.1)
/** Seconds: what is shorter, or longer, counts as these. */
const least = 1e-5
const most = 1000
const slots = Math.ceil(Math.log(most / least) / growth) + 1
/** How long a window is, in ms. */
const span = 30_000

/** In seconds; 0 when nothing was seen. */
export interface Quantiles {
  readonly p50: number
  readonly p99: number
}

export class Recent {
  readonly #now: () => number
  #current = new Uint32Array(slots)
  #before = new Uint32Array(slots)
  #began: number

  /** `now`: in ms, of a clock that only goes forward. */
  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  /** `seconds`: how long it took. */
  add(seconds: number): void {
    this.#turn()
    this.#current[slotOf(seconds)]!++
  }

  quantiles(): Quantiles {
    return quantilesOf([this])
  }

  /** Adds what was seen, by slot. */
  addTo(sums: Float64Array): void {
    this.#turn()
    for (let at = 0; at < slots; at++) sums[at]! += this.#current[at]! + this.#before[at]!
  }

  #turn(): void {
    const past = this.#now() - this.#began
    if (past < span) return
    ;[this.#current, this.#before] = [this.#before.fill(0), this.#current]
    if (past >= 2 * span) this.#before.fill(0)
    this.#began += Math.floor(past / span) * span
  }
}

/** Of all of them together. */
export function quantilesOf(all: Iterable<Recent>): Quantiles {
  const sums = new Float64Array(slots)
  for (const recent of all) recent.addTo(sums)
  return { p50: quantile(sums, 0.5), p99: quantile(sums, 0.99) }
}

function quantile(sums: Float64Array, part: number): number {
  const count = sums.reduce((all, sum) => all + sum, 0)
  if (count === 0) return 0
  let left = Math.ceil(count * part)
  const at = sums.findIndex((sum) => (left -= sum) <= 0)
  return valueOf(at)
}

function slotOf(seconds: number): number {
  if (!(seconds > least)) return 0
  return Math.min(slots - 1, Math.ceil(Math.log(seconds / least) / growth))
}

/** The middle of a slot. The first one has what is too short to tell. */
function valueOf(slot: number): number {
  return slot === 0 ? 0 : least * Math.exp((slot - 0.5) * growth)
}
