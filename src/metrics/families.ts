/** Counters and histograms, each by the values of its labels. */
import { headOf, type Labels, sampleLine } from './exposition.ts'

/** What all metrics of a text have in common. */
export interface Frame {
  readonly prefix: string
  /** On each sample. */
  readonly labels: Labels
}

/** A metric by its name, with what it says of itself. */
abstract class Family<Child> {
  readonly name: string
  readonly #help: string
  readonly #labels: readonly string[]
  readonly #children = new Map<string, { readonly values: readonly string[]; readonly child: Child }>()

  /** One without labels is there from the start, so that it is 0 and not missing. */
  constructor(name: string, help: string, labels: readonly string[]) {
    this.name = name
    this.#help = help
    this.#labels = labels
  }

  protected abstract readonly type: 'counter' | 'histogram'
  protected abstract create(): Child
  protected abstract samples(name: string, labels: Labels, child: Child): string

  /** The one of these labels, in their order: to be kept by who counts often. */
  of(values: readonly string[]): Child {
    // Most have one label, and nothing is put together for it. No value of ours has this character.
    const key = values.length === 1 ? values[0]! : values.join('\n')
    let found = this.#children.get(key)
    if (found === undefined) this.#children.set(key, (found = { values, child: this.create() }))
    return found.child
  }

  /** All that are there. */
  protected *all(): Iterable<Child> {
    for (const { child } of this.#children.values()) yield child
  }

  text({ prefix, labels }: Frame): string {
    const name = prefix + this.name
    if (this.#labels.length === 0) this.of([])
    let text = headOf(name, this.type, this.#help)
    for (const { values, child } of this.#children.values()) {
      const own = Object.fromEntries(this.#labels.map((label, at) => [label, values[at]!]))
      text += this.samples(name, { ...labels, ...own }, child)
    }
    return text
  }
}

export interface Count {
  count: number
}

export class Counter extends Family<Count> {
  protected override readonly type = 'counter'

  constructor(name: string, help: string, labels: readonly string[] = []) {
    super(name, help, labels)
  }

  /** `values`: of its labels, in their order. */
  add(values: readonly string[], count = 1): void {
    this.of(values).count += count
  }

  /** Of all labels together. */
  get total(): number {
    let total = 0
    for (const { count } of this.all()) total += count
    return total
  }

  protected override create(): Count {
    return { count: 0 }
  }

  protected override samples(name: string, labels: Labels, { count }: Count): string {
    return sampleLine(name, labels, count)
  }
}

/** How often which values were seen. */
export class Buckets {
  readonly #bounds: readonly number[]
  /** By bound, each by itself; the last one has no bound. */
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  add(value: number): void {
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && value > bounds[at]!) at++
    this.counts[at]!++
    this.sum += value
  }
}

export class Histogram extends Family<Buckets> {
  protected override readonly type = 'histogram'
  readonly #bounds: readonly number[]

  /** `bounds`: growing. */
  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    super(name, help, labels)
    this.#bounds = bounds
  }

  observe(values: readonly string[], value: number): void {
    this.of(values).add(value)
  }

  /** How many there were, and their sum, of all labels together. */
  get total(): { readonly count: number; readonly sum: number } {
    let [count, sum] = [0, 0]
    for (const buckets of this.all()) {
      for (const each of buckets.counts) count += each
      sum += buckets.sum
    }
    return { count, sum }
  }

  protected override create(): Buckets {
    return new Buckets(this.#bounds)
  }

  protected override samples(name: string, labels: Labels, { counts, sum }: Buckets): string {
    let count = 0
    let text = ''
    for (const [at, bound] of [...this.#bounds, Infinity].entries()) {
      count += counts[at]!
      text += sampleLine(`${name}_bucket`, { ...labels, le: bound === Infinity ? '+Inf' : String(bound) }, count)
    }
    return text + sampleLine(`${name}_sum`, labels, sum) + sampleLine(`${name}_count`, labels, count)
  }
}
