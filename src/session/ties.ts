import type { LiveHost } from '../live/host.ts'
import type { Subscription } from '../pubsub/pubsub.ts'
import type { Timer } from '../time/timer.ts'

/** What ties a view to the process beside its page: the timers that run for it, and the topics that it listens to. */
export class Ties {
  readonly #host: Pick<LiveHost, 'startTimer' | 'pubsub'>
  readonly #timers = new Set<Timer>()
  #subscriptions: Map<string, Subscription> | undefined
  /** Topics of which messages may have been lost, until the view is told. */
  #missed: Set<string> | undefined

  constructor(host: Pick<LiveHost, 'startTimer' | 'pubsub'>) {
    this.#host = host
  }

  startTimer(ms: number, fire: () => void): Timer {
    const timer = this.#host.startTimer(ms, () => {
      this.#timers.delete(timer)
      fire()
    })
    this.#timers.add(timer)
    return {
      cancel: () => {
        this.#timers.delete(timer)
        timer.cancel()
      },
    }
  }

  /**
   * Resolves when the messages of other processes come.
   *
   * @param missed Messages may have been lost: has {@link takeMissed} asked for, in the order of the view's messages. Called once until then.
   */
  subscribe(topic: string, hear: (info: unknown) => void, missed: () => void): Promise<void> | undefined {
    this.#subscriptions ??= new Map()
    let subscription = this.#subscriptions.get(topic)
    if (subscription === undefined) {
      subscription = this.#host.pubsub.subscribe(topic, hear, () => this.#miss(topic, missed))
      this.#subscriptions.set(topic, subscription)
    }
    return subscription.ready
  }

  unsubscribe(topic: string): void {
    this.#subscriptions?.get(topic)?.()
    this.#subscriptions?.delete(topic)
    this.#missed?.delete(topic)
  }

  /** The topics of which messages may have been lost since it was asked last. */
  takeMissed(): readonly string[] {
    const missed = [...(this.#missed ?? [])]
    this.#missed = undefined
    return missed
  }

  #miss(topic: string, missed: () => void): void {
    if (this.#missed === undefined) {
      this.#missed = new Set()
      // What is told in one go is one.
      queueMicrotask(missed)
    }
    this.#missed.add(topic)
  }

  endTimers(): void {
    for (const timer of this.#timers) timer.cancel()
  }

  /** `guard` runs what a pubsub of the application's own may throw in. */
  unsubscribeAll(guard: (run: () => void) => void): void {
    for (const unsubscribe of this.#subscriptions?.values() ?? []) guard(unsubscribe)
  }
}
