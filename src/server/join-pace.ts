/** How often one connection joins: within its own minute, and within the quota of its visitor. */
import type { CoarseClock } from '../time/coarse-clock.ts'
import type { JoinQuota } from './join-quota.ts'
import type { ServerLimits } from './limits.ts'

export interface JoinPaceServer {
  readonly limits: Pick<ServerLimits, 'maxJoins'>
  readonly clock: CoarseClock
  /** Counts what is joined, also on other connections. */
  readonly joins?: Pick<JoinQuota, 'add' | 'wait'> | undefined
}

const minute = 60_000
/** With each so many joins the visitor's quota is asked for. */
const lookEvery = 50

export class JoinPace {
  readonly #server: JoinPaceServer
  readonly #visitor: string
  readonly #overQuota: () => void
  #joins = 0
  #since: number
  /** Views that were joined, for the visitor's quota. */
  #counted = 0

  /** `overQuota` may be called when the connection has long been closed. */
  constructor(server: JoinPaceServer, visitor: string, overQuota: () => void) {
    this.#server = server
    this.#visitor = visitor
    this.#overQuota = overQuota
    this.#since = server.clock.now
  }

  /** One more is asked for. False when that is too many for a minute. */
  asked(): boolean {
    const { clock, limits } = this.#server
    if (clock.now - this.#since > minute) {
      this.#joins = 0
      this.#since = clock.now
    }
    this.#joins++
    return this.#joins <= limits.maxJoins
  }

  /** The last that was asked for cost nothing. */
  takeBack(): void {
    this.#joins--
  }

  /** A view was joined. The count may be in another place: it is looked at now and then, and when the next connection is opened. */
  joined(): void {
    const { joins } = this.#server
    if (joins === undefined) return
    joins.add(this.#visitor)
    if (++this.#counted % lookEvery !== 0) return
    void joins.wait(this.#visitor).then((wait) => {
      if (wait > 0) this.#overQuota()
    })
  }
}
