import type { LiveHost } from '../live/host.ts'
import type { Timer } from '../upload/channel.ts'

/** What ties a view to the process beside its page: the timers that run for it, and the topics that it listens to. */
export class Ties {
  readonly #host: Pick<LiveHost, 'startTimer' | 'pubsub'>
  readonly #timers = new Set<Timer>()
  #subscriptions: Map<string, () => void> | undefined

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

  subscribe(topic: string, hear: (info: unknown) => void): void {
    this.#subscriptions ??= new Map()
    if (this.#subscriptions.has(topic)) return
    this.#subscriptions.set(topic, this.#host.pubsub.subscribe(topic, hear))
  }

  unsubscribe(topic: string): void {
    this.#subscriptions?.get(topic)?.()
    this.#subscriptions?.delete(topic)
  }

  endTimers(): void {
    for (const timer of this.#timers) timer.cancel()
  }

  /** `guard` runs what a pubsub of the application's own may throw in. */
  unsubscribeAll(guard: (run: () => void) => void): void {
    for (const unsubscribe of this.#subscriptions?.values() ?? []) guard(unsubscribe)
  }
}
