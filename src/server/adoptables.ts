/**
 * The views of first pages that may go on when those connect: each for some seconds, and once. Two pages from one response, out of a cache
 * say, or two tabs, can so never have the same view: the second is mounted as ever.
 */
import type { SessionData } from '../live/definitions.ts'
import type { RunningView } from '../session/options.ts'
import type { Timer } from '../time/timer.ts'
import type { DeadView } from './dead-view.ts'
import type { Claim } from './parked-page.ts'
import { Shares } from './shares.ts'
import { Within } from './within.ts'

export interface AdoptablesHost {
  readonly maxAdoptable: number
  /** How long they are kept, in ms. */
  readonly adoptWindow: number
  startTimer(ms: number, fire: () => void): Timer
  /** The oldest had to give way. */
  full(): void
}

interface Kept {
  readonly visitorId: string
  readonly claim: Claim
  readonly view: DeadView
  /** The view around it, which has been adopted; it ends with that. */
  readonly parent: RunningView | undefined
  readonly timer: Timer
}

export class Adoptables {
  readonly #host: AdoptablesHost
  readonly #kept = new Map<string, Kept>()
  /** Those of them that stand in a view which has been adopted. */
  readonly #inside = new Within<Kept>()
  readonly #shares: Shares<Kept>

  constructor(host: AdoptablesHost) {
    this.#host = host
    this.#shares = new Shares(host.maxAdoptable)
  }

  get size(): number {
    return this.#kept.size
  }

  keep(visitorId: string, claim: Claim, view: DeadView, parent?: RunningView): void {
    this.drop(claim.key)
    const timer = this.#host.startTimer(this.#host.adoptWindow, () => this.drop(claim.key))
    const kept: Kept = { visitorId, claim, view, parent, timer }
    this.#kept.set(claim.key, kept)
    this.#inside.add(parent, kept)
    const gives = this.#shares.enter(visitorId, kept)
    if (gives === undefined) return
    if (gives.full) this.#host.full()
    this.drop(gives.page.claim.key)
  }

  /** The view of the page that connects, once, and only if that `fits`; otherwise it ends here. */
  take(key: string, fits: (claim: Claim) => boolean): DeadView | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    if (kept.view.missed || !fits(kept.claim)) {
      this.drop(key)
      return undefined
    }
    this.#remove(kept)
    return kept.view
  }

  drop(key: string): void {
    const kept = this.#kept.get(key)
    if (kept === undefined) return
    this.#remove(kept)
    kept.view.end()
  }

  /** Ends those that wait inside a view that has ended. */
  endWithin(view: RunningView): void {
    for (const { claim } of this.#inside.of(view)) this.drop(claim.key)
  }

  endWhere(fits: (session: SessionData) => boolean): void {
    for (const { claim } of this.#kept.values()) if (fits(claim.visitor)) this.drop(claim.key)
  }

  close(): void {
    for (const key of this.#kept.keys()) this.drop(key)
  }

  #remove(kept: Kept): void {
    kept.timer.cancel()
    this.#kept.delete(kept.claim.key)
    this.#inside.delete(kept.parent, kept)
    this.#shares.leave(kept.visitorId, kept)
  }
}
