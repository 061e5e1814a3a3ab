/**
 * Which topics the engine is subscribed to. It follows, one step at a time, what this process wants: so however quickly subscriptions come and
 * go, the last word is the right one.
 */
import type { EngineDriver } from './driver.ts'

/** How long after a failure it is tried again while the engine seems to be there, in ms. */
const pause = 250

/** Topics that are asked for together: a client may give them to a function one by one, and that takes some 100,000. */
const together = 1000

/** A topic that is wanted. */
interface Wish {
  /** Messages may have been lost. */
  missed: boolean
  ready: Promise<void> | undefined
  settle: (() => void) | undefined
}

/** Who is told. */
export interface Hearer {
  /** Messages of the topic may have been lost; from now on they come. */
  gap(topic: string): void
  failed(error: unknown): void
}

export class Hearing {
  readonly #driver: EngineDriver
  readonly #hearer: Hearer
  readonly #wanted = new Map<string, Wish>()
  /** What the engine is subscribed to. */
  readonly #active = new Set<string>()
  /** What it was told to be at some time, and not to leave since: its client may have that in mind over an interruption. */
  readonly #known = new Set<string>()
  /** What has to be looked at: wanted and not active, or the other way round. */
  readonly #changed = new Set<string>()
  /** The engine hears. */
  #able = false
  /** Counts the interruptions: what was asked for before one is void. */
  #round = 0
  #working = false
  #closed = false

  constructor(driver: EngineDriver, hearer: Hearer) {
    this.#driver = driver
    this.#hearer = hearer
  }

  /** The topic has its first subscriber. */
  want(topic: string): void {
    const wish: Wish = { missed: !this.#able, ready: undefined, settle: undefined }
    this.#wanted.set(topic, wish)
    if (!this.#able || this.#active.has(topic)) return
    wish.ready = new Promise((resolve) => (wish.settle = resolve))
    this.#look(topic)
  }

  /** It has no subscriber any more. */
  drop(topic: string): void {
    const wish = this.#wanted.get(topic)
    this.#wanted.delete(topic)
    wish?.settle?.()
    this.#look(topic)
  }

  /** Settles when the messages of a topic that is wanted come; `undefined` when there is nothing to wait for. */
  ready(topic: string): Promise<void> | undefined {
    return this.#wanted.get(topic)?.ready
  }

  /** Whether the messages of a topic come now. */
  hearsOf(topic: string): boolean {
    return this.#able && this.#active.has(topic)
  }

  /** Whether the engine hears; `false` interrupts all subscriptions. */
  hears(able: boolean): void {
    if (this.#closed || (!able && !this.#able)) return
    this.#able = able
    this.#round++
    this.#working = false
    this.#active.clear()
    for (const wish of this.#wanted.values()) miss(wish)
    for (const topic of [...this.#wanted.keys(), ...this.#known]) this.#changed.add(topic)
    this.#follow()
  }

  close(): void {
    this.#closed = true
    this.#able = false
    this.#round++
    for (const wish of this.#wanted.values()) wish.settle?.()
    this.#wanted.clear()
  }

  #look(topic: string): void {
    this.#changed.add(topic)
    this.#follow()
  }

  #follow(): void {
    if (this.#working || !this.#able) return
    this.#working = true
    const round = this.#round
    // What is wanted in one go is asked for in one.
    queueMicrotask(() => void this.#work(round))
  }

  async #work(round: number): Promise<void> {
    while (round === this.#round) {
      const changed: string[] = []
      for (const topic of this.#changed) {
        if (changed.length === together) break
        changed.push(topic)
        this.#changed.delete(topic)
      }
      if (changed.length === 0) {
        this.#working = false
        return
      }
      const added = changed.filter((topic) => this.#wanted.has(topic) && !this.#active.has(topic))
      const left = changed.filter((topic) => !this.#wanted.has(topic) && this.#known.has(topic))
      if (left.length > 0) await this.#leave(left, round)
      if (round === this.#round && added.length > 0) await this.#add(added, round)
    }
  }

  async #leave(topics: readonly string[], round: number): Promise<void> {
    try {
      for (const topic of topics) this.#active.delete(topic)
      await this.#driver.unsubscribe(topics)
    } catch (error) {
      // What comes all the same is heard by nobody.
      if (round === this.#round) this.#hearer.failed(error)
    }
    if (round === this.#round) for (const topic of topics) this.#known.delete(topic)
  }

  async #add(topics: readonly string[], round: number): Promise<void> {
    for (const topic of topics) this.#known.add(topic)
    try {
      await this.#driver.subscribe(topics)
    } catch (error) {
      if (round === this.#round) await this.#notAdded(topics, error, round)
      return
    }
    if (round === this.#round) for (const topic of topics) this.#heard(topic)
  }

  async #notAdded(topics: readonly string[], error: unknown, round: number): Promise<void> {
    if (!this.#driver.refused(error)) {
      this.#hearer.failed(error)
      // Nobody waits for an engine that does not answer.
      for (const topic of topics) {
        const wish = this.#wanted.get(topic)
        if (wish !== undefined) miss(wish)
        this.#changed.add(topic)
      }
      await new Promise<void>((resolve) => this.#driver.startTimer(pause, resolve))
    } else if (topics.length > 1) {
      // One of them may be in the way of all.
      for (const topic of topics) if (round === this.#round) await this.#add([topic], round)
    } else {
      this.#hearer.failed(error)
      this.#active.add(topics[0]!)
      this.#wanted.get(topics[0]!)?.settle?.()
    }
  }

  #heard(topic: string): void {
    const wish = this.#wanted.get(topic)
    this.#active.add(topic)
    if (wish === undefined) return
    wish.settle?.()
    wish.ready = wish.settle = undefined
    if (!wish.missed) return
    wish.missed = false
    this.#hearer.gap(topic)
  }
}

function miss(wish: Wish): void {
  wish.missed = true
  wish.settle?.()
  wish.ready = wish.settle = undefined
}
