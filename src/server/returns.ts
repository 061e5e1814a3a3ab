/**
 * What a page finds that joins on a connection: the view that it had and lost, an answer that it has not heard, the view of its first page,
 * or nothing. And what of the connection can be found later, when that is lost.
 */
import type { SessionData } from '../live/definitions.ts'
import type { LiveHost } from '../live/host.ts'
import { viewTopicPrefix } from '../protocol/message.ts'
import type { LeaveAnswer } from '../protocol/replies.ts'
import type { RunningView } from '../session/options.ts'
import type { LiveSession } from '../session/session.ts'
import { createCsrfToken } from '../token/csrf.ts'
import type { Adoptables } from './adoptables.ts'
import type { JoinTarget } from './authorise.ts'
import type { DeadView } from './dead-view.ts'
import type { LiveRoute } from './live-sessions.ts'
import { type Claim, keyOf } from './parked-page.ts'
import type { Found, Parking } from './parking.ts'
import { patchTarget } from './patch-target.ts'
import type { Router } from './router.ts'

/** A connection that has views. */
export interface Holder {
  /** Tells whether its client answers within a moment. */
  ask(tell: (alive: boolean) => void): void
  /** Its page has come on another connection: it ends, and its views can be found. */
  lose(): void
}

export interface ReturnsHost {
  readonly host: Pick<LiveHost, 'signer' | 'report'>
  readonly router: Router<LiveRoute>
  /** The views whose connections are lost. */
  readonly parking: Parking
  /** The views of first pages that wait for those to connect. */
  readonly adoptables: Adoptables
  /** By its key, which connection has a view: that of the page that joined it last. */
  readonly holders: Map<string, Holder>
  /** Whether the session of a join is that of the view which was kept. */
  sameVisitor(before: SessionData, now: SessionData): boolean
}

/** The visitor of a connection. */
export interface ReturnsVisitor {
  readonly visitorId: string
  readonly csrfSecret: string
  readonly session: SessionData | undefined
}

/** A view that a connection has. */
interface HeldView {
  readonly session: LiveSession
  readonly claim: Claim
}

interface SentAway {
  readonly answer: LeaveAnswer
  readonly claim: Claim
  readonly window: number
}

const mostSentAway = 20
/** Where a page that closes says nothing, its views are kept no longer, in ms. */
const silentWindow = 30_000

export class Returns {
  readonly #server: ReturnsHost
  readonly #visitor: ReturnsVisitor
  readonly #endsSilently: boolean
  readonly #holder: Holder
  /** The views that have sent the page elsewhere of late: children that the page joins meanwhile come too late. */
  readonly #sentAway = new Map<string, SentAway>()

  /** `endsSilently`: a page of the connection says nothing when it closes. */
  constructor(server: ReturnsHost, visitor: ReturnsVisitor, endsSilently: boolean, holder: Holder) {
    this.#server = server
    this.#visitor = visitor
    this.#endsSilently = endsSilently
    this.#holder = holder
  }

  claimOf(topic: string, { view, name, nonce, parent, visitor, session }: JoinTarget): Claim {
    return { key: keyOf(nonce, topic, parent, this.#visitor.visitorId), view, name, visitor, session }
  }

  /** The connection that has the view, if that is another one. */
  otherHolderOf({ key }: Claim): Holder | undefined {
    const holder = this.#server.holders.get(key)
    return holder === this.#holder ? undefined : holder
  }

  hold({ key }: Claim): void {
    this.#server.holders.set(key, this.#holder)
  }

  letGo({ key }: Claim): void {
    const { holders } = this.#server
    if (holders.get(key) === this.#holder) holders.delete(key)
  }

  /** What a page that comes back has left, once. */
  find({ key }: Claim, target: JoinTarget): Found | undefined {
    return this.#server.parking.take(key, (before) => this.#fits(before, target))
  }

  /** Another view is mounted under that key. */
  drop({ key }: Claim): void {
    this.#server.parking.drop(key)
  }

  /** What the first page has left of the view, when it connects for the first time. */
  findFirst({ key }: Claim, target: JoinTarget, isFirst: boolean): DeadView | undefined {
    const { adoptables } = this.#server
    if (adoptables.size === 0) return undefined
    if (isFirst) return adoptables.take(key, (before) => this.#fits(before, target))
    adoptables.drop(key)
    return undefined
  }

  /** Whether a page may have a view back. */
  #fits(before: Claim, { params, url, view, session }: JoinTarget): boolean {
    const { router, host, sameVisitor } = this.#server
    if (before.view !== view) return false
    // One view may have several routes; another live session asks its own hooks.
    if (params !== undefined && patchTarget(router, before.name, url).kind !== 'same') return false
    try {
      return sameVisitor(before.session, session)
    } catch (error) {
      host.report(error, { stage: 'resume', view: before.name })
      return false
    }
  }

  /** A view inside one that goes on may go on as well, by a join of its own. */
  keepChild(child: DeadView, parent: LiveSession, nonce: string): void {
    const { adoptable, view, name, id, around, session } = child.facts
    if (!adoptable) return child.end()
    const { visitorId, session: visitor } = this.#visitor
    const within = around?.id === undefined ? undefined : parent
    const key = keyOf(nonce, viewTopicPrefix + id, within, visitorId)
    this.#server.adoptables.keep(visitorId, { key, view, name, visitor: visitor!, session }, child, within)
  }

  /** A view has sent the page elsewhere. */
  sentAway({ instanceId, resumeWindow: window }: RunningView, claim: Claim, answer: LeaveAnswer): void {
    this.#sentAway.set(instanceId, { answer, claim, window })
    const [oldest] = this.#sentAway.keys()
    if (this.#sentAway.size > mostSentAway) this.#sentAway.delete(oldest!)
  }

  hasSentAway(instanceId: string): boolean {
    return this.#sentAway.has(instanceId)
  }

  /** What was inside a view that has ended is not found any more. */
  endWithin(session: RunningView, places?: (id: string) => boolean): void {
    this.#server.parking.endWithin(session, places)
    if (places === undefined) this.#server.adoptables.endWithin(session)
  }

  /** The connection is lost: keeps those of its views that may come back, with what they would be told. `parked`: one is kept. */
  park<View extends HeldView>(views: Iterable<View>, parked: (view: View) => void): void {
    const { parking, holders, host, router } = this.#server
    const { visitorId, csrfSecret } = this.#visitor
    // Nothing of the connection is kept with it.
    const page = parking.open({
      visitorId,
      csrfToken: () => createCsrfToken(host.signer, csrfSecret),
      patch: (view, url) => patchTarget(router, view, url),
    })
    for (const view of views) {
      const { session, claim } = view
      // Another page has joined a view of its key since.
      if (holders.get(claim.key) !== this.#holder) continue
      if (parking.park(page, session, claim, this.#windowOf(session.resumeWindow))) parked(view)
    }
    for (const { answer, claim, window } of this.#sentAway.values()) {
      if (!holders.has(claim.key)) parking.bury(claim, answer, this.#windowOf(window))
    }
  }

  #windowOf(ms: number): number {
    return this.#endsSilently ? Math.min(ms, silentWindow) : ms
  }
}
