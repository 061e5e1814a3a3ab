/**
 * The views whose connection is lost, by what their page will say when it comes back: each is kept for a while, and handed out once. And
 * the answers that sent a page elsewhere and may not have come. Who has most gives way first.
 */
import type { SessionData } from '../live/definitions.ts'
import type { LeaveAnswer } from '../protocol/replies.ts'
import type { PatchTarget, RunningView } from '../session/options.ts'
import type { LiveSession } from '../session/session.ts'
import { publish } from '../telemetry/measure.ts'
import type { Timer } from '../time/timer.ts'
import { type Claim, ParkedPage, type ParkedView } from './parked-page.ts'
import { Shares } from './shares.ts'
import { Within } from './within.ts'

/** What a join finds of the page that it comes from. */
export type Found =
  | { readonly kind: 'view'; readonly session: LiveSession }
  | { readonly kind: 'left'; readonly answer: LeaveAnswer }

export interface ParkingHost {
  /** Pages that are kept. */
  readonly maxParked: number
  startTimer(ms: number, fire: () => void): Timer
  /** So many bytes more are held by the process. */
  count(bytes: number): void
  isFull(): boolean
  /** The oldest pages had to give way. */
  full(): void
}

/** What is needed of the connection that is lost. */
export interface LostConnection {
  readonly visitorId: string
  csrfToken(): string
  patch(view: string, url: string): PatchTarget
}

interface Tombstone {
  readonly claim: Claim
  readonly answer: LeaveAnswer
  readonly timer: Timer
}

export class Parking {
  readonly #host: ParkingHost
  readonly #views = new Map<string, ParkedView>()
  /** Those of them that stand in another view, by that. */
  readonly #inside = new Within<ParkedView>()
  readonly #tombstones = new Map<string, Tombstone>()
  readonly #shares: Shares<ParkedPage>

  constructor(host: ParkingHost) {
    this.#host = host
    this.#shares = new Shares(host.maxParked)
  }

  /** How many pages are kept. */
  get size(): number {
    return this.#shares.size
  }

  /** The views that are kept. */
  *sessions(): Iterable<LiveSession> {
    for (const { session } of this.#views.values()) yield session
  }

  /** How many views handle something, or have something waiting. */
  get busy(): number {
    let count = 0
    for (const { session } of this.#views.values()) if (session.busy) count++
    return count
  }

  /** A connection is lost: its views may be parked in what this gives back. */
  open(connection: LostConnection): ParkedPage {
    const page: ParkedPage = new ParkedPage({
      visitorId: connection.visitorId,
      csrfToken: () => connection.csrfToken(),
      patch: (view, url) => connection.patch(view, url),
      count: (bytes) => this.#host.count(bytes),
      left: (session, answer) => this.#leftWhileParked(page, session, answer),
      ended: (session) => {
        this.#take(page, session)
        this.endWithin(session)
      },
    })
    return page
  }

  /** Keeps a view for `ms`. False when it cannot be kept, and has to end. */
  park(page: ParkedPage, session: LiveSession, claim: Claim, ms: number): boolean {
    // What it holds of the page's bytes is counted, or somebody would park the floods of one connection after another.
    if (ms === 0 || this.#host.isFull()) return false
    this.drop(claim.key)
    const isFirst = page.views.size === 0
    const timer = this.#host.startTimer(ms, () => this.#expire(view, 'time'))
    const view: ParkedView = { claim, session, page, timer }
    page.views.set(claim.key, view)
    this.#views.set(claim.key, view)
    this.#inside.add(session.parent, view)
    if (!session.park(page)) {
      this.#remove(view)
      return false
    }
    // What it does when it is parked may have ended it.
    if (isFirst && page.views.size > 0) this.#enter(page)
    return true
  }

  /** Remembers for `ms` that a view has sent its page elsewhere, and how. */
  bury(claim: Claim, answer: LeaveAnswer, ms: number): void {
    this.drop(claim.key)
    if (ms === 0) return
    const timer = this.#host.startTimer(ms, () => void this.#tombstones.delete(claim.key))
    this.#tombstones.set(claim.key, { claim, answer, timer })
    const [oldest] = this.#tombstones.keys()
    if (this.#tombstones.size > this.#host.maxParked) this.#forget(oldest!)
  }

  /**
   * What a page that comes back has left: once, and only if it `fits`. Otherwise it ends here, before another view is mounted in its
   * place.
   */
  take(key: string, fits: (claim: Claim) => boolean): Found | undefined {
    const tombstone = this.#tombstones.get(key)
    if (tombstone !== undefined) {
      this.#forget(key)
      return fits(tombstone.claim) ? { kind: 'left', answer: tombstone.answer } : undefined
    }
    const view = this.#views.get(key)
    if (view === undefined) return undefined
    if (!fits(view.claim)) {
      this.#expire(view, 'refused')
      return undefined
    }
    this.#remove(view)
    return { kind: 'view', session: view.session }
  }

  /** Another view is mounted under that key: what was there before ends. */
  drop(key: string): void {
    this.#forget(key)
    const view = this.#views.get(key)
    if (view !== undefined) this.#expire(view, 'refused')
  }

  /** Ends the parked views that stand in `parent`: all, or those that it does not place any more. */
  endWithin(parent: RunningView, places: (id: string) => boolean = nothing): void {
    for (const view of this.#inside.of(parent)) if (!places(view.session.place.id)) this.#expire(view, 'refused')
  }

  /** Ends what belongs to sessions that `fits`, and says how many pages there were. */
  endWhere(fits: (session: SessionData) => boolean): number {
    let count = 0
    for (const page of this.#shares.all()) {
      const views = [...page.views.values()].filter(({ claim }) => fits(claim.visitor))
      if (views.length > 0) count++
      for (const view of views) this.#expire(view, 'refused')
    }
    for (const [key, { claim }] of this.#tombstones) if (fits(claim.visitor)) this.#forget(key)
    return count
  }

  /** The server closes. */
  close(): void {
    for (const view of this.#views.values()) this.#expire(view, 'closed')
    for (const key of this.#tombstones.keys()) this.#forget(key)
  }

  #leftWhileParked(page: ParkedPage, session: RunningView, answer: LeaveAnswer): void {
    for (const view of page.views.values()) {
      if (view.session !== session) continue
      this.#remove(view)
      this.bury(view.claim, answer, session.resumeWindow)
    }
  }

  #take(page: ParkedPage, session: RunningView): void {
    for (const view of page.views.values()) if (view.session === session) this.#remove(view)
  }

  #expire(view: ParkedView, why: 'time' | 'room' | 'refused' | 'closed'): void {
    this.#remove(view)
    publish('expire', () => ({ ...view.session.place, why }))
    view.session.end('leave')
  }

  #remove(view: ParkedView): void {
    const {
      claim: { key },
      page,
      timer,
      session: { parent },
    } = view
    timer.cancel()
    if (!page.views.delete(key)) return
    this.#views.delete(key)
    this.#inside.delete(parent, view)
    if (page.views.size === 0) this.#shares.leave(page.visitorId, page)
  }

  #forget(key: string): void {
    this.#tombstones.get(key)?.timer.cancel()
    this.#tombstones.delete(key)
  }

  #enter(page: ParkedPage): void {
    const gives = this.#shares.enter(page.visitorId, page)
    if (gives === undefined) return
    if (gives.full) this.#host.full()
    for (const view of [...gives.page.views.values()]) this.#expire(view, 'room')
  }
}

function nothing(): boolean {
  return false
}
