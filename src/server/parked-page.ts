import type { LiveView, SessionData } from '../live/definitions.ts'
import type { LeaveAnswer } from '../protocol/replies.ts'
import type { PatchTarget, RunningView, SessionConnection } from '../session/options.ts'
import type { LiveSession } from '../session/session.ts'
import type { Timer } from '../time/timer.ts'

/** The name of a view that a page may come back to, or connect: the nonce of its token, its topic, the view around it, the visitor. */
export function keyOf(nonce: string, topic: string, parent: RunningView | undefined, visitorId: string): string {
  return JSON.stringify([nonce, topic, parent?.instanceId ?? '', visitorId])
}

/** What a page must bring to have a view back. */
export interface Claim {
  /** The nonce of its token, its id, the view around it, and the visitor. */
  readonly key: string
  readonly view: LiveView
  /** The route of the view; of a nested one its id. */
  readonly name: string
  /** The visitor's session alone, and what the view was given. */
  readonly visitor: SessionData
  readonly session: SessionData
}

export interface ParkedView {
  readonly claim: Claim
  readonly session: LiveSession
  readonly page: ParkedPage
  /** Ends the time that it is kept. */
  readonly timer: Timer
}

/** What a parked page needs of those around it. */
export interface ParkedPageHost {
  readonly visitorId: string
  csrfToken(): string
  patch(view: string, url: string): PatchTarget
  /** So many bytes more are held by the process; fewer when negative. */
  count(bytes: number): void
  left(session: RunningView, answer: LeaveAnswer): void
  ended(session: RunningView): void
}

/** The views of one page whose connection is lost: what they need of a connection meanwhile. */
export class ParkedPage implements SessionConnection {
  readonly views: Map<string, ParkedView> = new Map()
  readonly #host: ParkedPageHost

  constructor(host: ParkedPageHost) {
    this.#host = host
  }

  get visitorId(): string {
    return this.#host.visitorId
  }

  readonly sendingFiles: number = 0

  csrfToken(): string {
    return this.#host.csrfToken()
  }

  patch(view: string, url: string): PatchTarget {
    return this.#host.patch(view, url)
  }

  hold(bytes: number): void {
    this.#host.count(bytes)
  }

  release(bytes: number): void {
    this.#host.count(-bytes)
  }

  ask(tell: (alive: boolean) => void): void {
    tell(false)
  }

  left(session: RunningView, answer: LeaveAnswer): void {
    this.#host.left(session, answer)
  }

  ended(session: RunningView): void {
    this.#host.ended(session)
  }
}
