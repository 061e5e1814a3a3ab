/** An engine that does what it is told, for the drivers of several processes. */
import type { EngineDriver, EngineEvents } from '../../src/pubsub/driver.ts'
import { type EngineOptions, resolveEngineOptions } from '../../src/pubsub/engine-options.ts'
import { Engine, type EnginePubSub } from '../../src/pubsub/engine.ts'
import { ManualTime } from './manual-time.ts'

export class ManualEngine {
  readonly time = new ManualTime()
  readonly drivers: ManualDriver[] = []

  /** A process; `up: false` has not come through to the engine yet. */
  join(options: EngineOptions = {}, { up = true }: { readonly up?: boolean } = {}): Joined {
    const driver = new ManualDriver(this)
    this.drivers.push(driver)
    const pubsub = new Engine(driver, resolveEngineOptions('join', options, []))
    const errors: unknown[] = []
    pubsub.onError((error) => errors.push(error))
    if (up) driver.stands(true)
    return { pubsub, driver, errors }
  }

  carry(topic: string, payload: string): void {
    for (const driver of this.drivers) if (driver.topics.has(topic)) driver.events.receive(payload)
  }
}

export interface Joined {
  readonly pubsub: EnginePubSub
  readonly driver: ManualDriver
  readonly errors: readonly unknown[]
}

export class ManualDriver implements EngineDriver {
  readonly name = 'Manual'
  readonly #engine: ManualEngine
  events!: EngineEvents
  readonly topics = new Set<string>()
  /** What it was told, in order. */
  readonly calls: string[] = []
  most = Infinity
  closed = 0
  /** In place of what it does: each call takes the first. */
  readonly answers: ((carry: () => void) => Promise<void>)[] = []
  readonly subscribing: (() => Promise<void>)[] = []

  constructor(engine: ManualEngine) {
    this.#engine = engine
  }

  maxPayload(): number {
    return this.most
  }

  start(events: EngineEvents): void {
    this.events = events
  }

  stands(able: boolean): void {
    this.events.sends(able)
    this.events.hears(able)
  }

  async send(topic: string, payload: string): Promise<void> {
    const carry = (): void => this.#engine.carry(topic, payload)
    const answer = this.answers.shift()
    if (answer === undefined) carry()
    else await answer(carry)
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    this.calls.push(`+${topics.join()}`)
    await this.subscribing.shift()?.()
    for (const topic of topics) this.topics.add(topic)
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    this.calls.push(`-${topics.join()}`)
    for (const topic of topics) this.topics.delete(topic)
  }

  refused(error: unknown): boolean {
    return String(error).includes('refused')
  }

  startTimer(ms: number, fire: () => void): { cancel(): void } {
    return this.#engine.time.startTimer(ms, fire)
  }

  async close(): Promise<void> {
    this.closed++
  }
}
