/**
 * How long a message is on its way from `publish` in one process to its delivery in another. Two processes have two clocks, so nobody's stamp is
 * compared with another's: a process sends itself a message through the engine, now and then, and sees by its own clock when it is back. That
 * takes the way of every message, out by the connection that publishes and in by the one that hears. While nobody listens nothing is sent.
 */
import type { Timer } from '../time/timer.ts'
import { clock, isObserved, publish, timeSince } from '../telemetry/measure.ts'
import type { EngineDriver } from './driver.ts'
import type { Hearing } from './hearing.ts'
import type { Outbox } from './outbox.ts'

/** In ms. */
const every = 2000

export class Lag {
  readonly #topic: string
  readonly #driver: EngineDriver
  readonly #outbox: Outbox
  readonly #hearing: Hearing
  #listens = false
  /** One is on its way. */
  #underWay = false
  #timer: Timer | undefined

  constructor(topic: string, driver: EngineDriver, outbox: Outbox, hearing: Hearing) {
    this.#topic = topic
    this.#driver = driver
    this.#outbox = outbox
    this.#hearing = hearing
    this.#schedule()
  }

  /** It has come back, with these messages in it. */
  echo([sentAt]: readonly unknown[]): void {
    this.#underWay = false
    if (typeof sentAt !== 'number') return
    publish('pubsub', () => ({ engine: this.#driver.name, what: 'echo', ...timeSince(sentAt) }))
  }

  /** What is on its way may be lost. */
  interrupted(): void {
    this.#underWay = false
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #schedule(): void {
    this.#timer = this.#driver.startTimer(every, () => {
      this.#schedule()
      this.#look()
    })
  }

  #look(): void {
    const wanted = isObserved('pubsub')
    if (wanted !== this.#listens) {
      this.#listens = wanted
      if (wanted) this.#hearing.want(this.#topic)
      else this.#hearing.drop(this.#topic)
    }
    // One that is late is waited for, and is as late as it is; a second one would be in its way.
    if (!wanted || this.#underWay || !this.#hearing.hearsOf(this.#topic)) return
    this.#underWay = true
    this.#outbox.send(this.#topic, JSON.stringify(clock())).catch(() => this.interrupted())
  }
}
