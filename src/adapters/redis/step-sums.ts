/** What many processes add for each of many, of the last so many steps of time, in Redis. The steps are those of the clock. */
import type { StepSum } from '../../time/step-sums.ts'
import { startTimer } from '../node/timer.ts'
import { settlesWithin } from '../node/within.ts'
import type { QuotaSettings } from './commands.ts'

/** What Redis is not told of while it is away. */
const mostPending = 100_000
/** How long an answer is waited for, in ms: a client may keep what it is asked until its server is back. */
const patience = 1000

export class RedisStepSums {
  readonly #settings: QuotaSettings
  readonly #name: string
  readonly #step: number
  readonly #steps: number
  /** What Redis has not heard of. */
  readonly #pending = new Map<string, number>()
  #timer: { cancel(): void } | undefined
  #isAway = false
  #telling: Promise<void> = Promise.resolve()
  /** Questions that are not waited for any more. */
  #overdue = 0

  /** `name`: what the keys say that it is. `step`: how long one is, in ms. `steps`: so many of them count. */
  constructor(settings: QuotaSettings, name: string, step: number, steps: number) {
    this.#settings = settings
    this.#name = name
    this.#step = step
    this.#steps = steps
  }

  add(who: string, amount: number): void {
    const pending = this.#pending
    if (pending.size < mostPending || pending.has(who)) pending.set(who, (pending.get(who) ?? 0) + amount)
    this.#timer ??= startTimer(this.#settings.gather, () => void this.#tell())
  }

  async of(who: string): Promise<StepSum> {
    const now = this.#now()
    const first = now - this.#steps + 1
    const keys = Array.from({ length: this.#steps }, (_, at) => this.#keyOf(who, first + at))
    const sums = (await this.#ask(keys)).map((sum) => Number(sum ?? 0))
    sums[this.#steps - 1]! += this.#pending.get(who) ?? 0
    const oldest = sums.findIndex((sum) => sum > 0)
    if (oldest < 0) return { sum: 0, resetsIn: 0 }
    return {
      sum: sums.reduce((all, sum) => all + sum, 0),
      resetsIn: (now + oldest + 1) * this.#step - Date.now(),
    }
  }

  /** Tells Redis what is left to tell, unless it is away. */
  async close(): Promise<void> {
    await settlesWithin(this.#tell(), patience)
    this.#timer?.cancel()
  }

  async #ask(keys: readonly string[]): Promise<readonly (string | null)[]> {
    const silent = (): Error => new Error(`quotas-redis: Redis has not answered within ${patience} ms`)
    // The next would wait behind it.
    if (this.#overdue > 0) throw silent()
    const answer = this.#settings.call('MGET', ...keys)
    if (await settlesWithin(answer, patience)) return (await answer) as readonly (string | null)[]
    this.#overdue++
    const over = (): void => void this.#overdue--
    answer.then(over, over)
    throw silent()
  }

  /** The step that it is. */
  #now(): number {
    return Math.floor(Date.now() / this.#step)
  }

  /** In braces: on a cluster all keys of somebody are at one server. */
  #keyOf(who: string, step: number): string {
    return `${this.#settings.prefix}${this.#name}:{${who}}:${step}`
  }

  /** One after the other: what was told must not be told twice. */
  #tell(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#telling = this.#telling.then(async () => {
      const told = await Promise.allSettled([...this.#pending].map(([who, amount]) => this.#tellOne(who, amount)))
      const failed = told.find((one) => one.status === 'rejected')
      if (failed !== undefined && !this.#isAway) this.#settings.onError(failed.reason)
      this.#isAway = failed !== undefined
      if (this.#pending.size > 0) this.#timer ??= startTimer(this.#settings.gather, () => void this.#tell())
    })
    return this.#telling
  }

  async #tellOne(who: string, amount: number): Promise<void> {
    const { call } = this.#settings
    const key = this.#keyOf(who, this.#now())
    await call('INCRBY', key, String(amount))
    const left = (this.#pending.get(who) ?? 0) - amount
    if (left === 0) this.#pending.delete(who)
    else this.#pending.set(who, left)
    await call('PEXPIRE', key, String((this.#steps + 1) * this.#step))
  }
}
