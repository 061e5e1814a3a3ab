/** What was added for each of many, of the last so many steps of time, in memory that does not grow. */

export interface StepSum {
  readonly sum: number
  /** Ms until the oldest step of it does not count any more; 0 when there is nothing. */
  readonly resetsIn: number
}

/** Whoever has had nothing added for longest is forgotten first. */
const mostKnown = 100_000

/** By step, the oldest first. */
type Steps = { readonly since: number; sum: number }[]

/** `now`: ms of a clock that only goes forward. `step`: how long one is, in ms. `steps`: so many of them count. */
export class StepSums {
  readonly #now: () => number
  readonly #step: number
  readonly #span: number
  readonly #known = new Map<string, Steps>()

  constructor(now: () => number, step: number, steps: number) {
    this.#now = now
    this.#step = step
    this.#span = step * steps
  }

  add(who: string, amount: number): void {
    const steps = this.#fresh(who) ?? []
    const last = steps.at(-1)
    if (last !== undefined && this.#now() - last.since < this.#step) last.sum += amount
    else {
      steps.push({ since: this.#now(), sum: amount })
      this.#known.delete(who)
      this.#known.set(who, steps)
      const [longest] = this.#known.keys()
      if (this.#known.size > mostKnown) this.#known.delete(longest!)
    }
  }

  of(who: string): StepSum {
    const steps = this.#fresh(who)
    if (steps === undefined) return { sum: 0, resetsIn: 0 }
    const sum = steps.reduce((all, step) => all + step.sum, 0)
    return { sum, resetsIn: Math.ceil(steps[0]!.since + this.#span - this.#now()) }
  }

  /** Those that count still, if there are any. */
  #fresh(who: string): Steps | undefined {
    const steps = this.#known.get(who)?.filter(({ since }) => since + this.#span > this.#now())
    if (steps === undefined) return undefined
    if (steps.length > 0) this.#known.set(who, steps)
    else this.#known.delete(who)
    return steps.length > 0 ? steps : undefined
  }
}
