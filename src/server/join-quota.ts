/** How many views one visitor may join a minute, on all connections together: more, and no new connection is opened until there is room. */
import { describe, LiveError } from '../errors.ts'
import type { Timer } from '../time/timer.ts'
import { inTime } from '../time/in-time.ts'
import type { LiveRequest } from './http.ts'
import type { JoinCounts, Joined } from './join-counts.ts'

/** Whose joins count together, and where they are counted: for the limit `maxVisitorJoins`. */
export interface JoinOptions {
  /** Counts the joins: over all processes that share it. @default each process counts for itself */
  readonly joined?: JoinCounts | undefined
  /**
   * Whose joins are counted together: the id of a user, say, or the address that your proxy tells you. `undefined` for the visitor.
   *
   * @param visitorId The browser's, out of the signed cookie. Whoever throws that away has another one.
   * @default the visitor
   */
  readonly by?: ((request: LiveRequest, visitorId: string) => string | undefined) | undefined
}

export interface JoinSettings {
  readonly joined: JoinCounts | undefined
  readonly by: (request: LiveRequest, visitorId: string) => string | undefined
}

const known: readonly string[] = ['joined', 'by'] satisfies (keyof JoinOptions)[]

/** `fail` says whose option it was. */
export function resolveJoins(given: JoinOptions, fail: (message: string) => LiveError): JoinSettings {
  if (typeof given !== 'object' || given === null) throw fail(`joins must be an object, got ${describe(given)}`)
  for (const option of Object.keys(given)) {
    if (!known.includes(option)) throw fail(`unknown option joins.${option}; known are ${known.join(', ')}`)
  }
  const { joined, by = (_, visitorId) => visitorId } = given
  if (joined !== undefined && !isJoinCounts(joined)) {
    throw fail(`joins.joined must have the functions add and of, got ${describe(joined)}`)
  }
  if (typeof by !== 'function') throw fail(`joins.by must be a function, got ${describe(by)}`)
  return { joined, by }
}

function isJoinCounts(joined: Partial<JoinCounts> | null): boolean {
  return typeof joined?.add === 'function' && typeof joined.of === 'function'
}

export interface JoinQuotaHost {
  startTimer(ms: number, fire: () => void): Timer
  report(error: unknown): void
}

/** How long the count may take, in ms: a page waits for it. */
const countTime = 1000
const nothing: Joined = { joins: 0, resetsIn: 0 }

export class JoinQuota {
  readonly #most: number
  readonly #counts: JoinCounts
  readonly #by: JoinSettings['by']
  readonly #host: JoinQuotaHost
  /** It does not answer, and that was told. */
  #isAway = false

  constructor(most: number, counts: JoinCounts, by: JoinSettings['by'], host: JoinQuotaHost) {
    this.#most = most
    this.#counts = counts
    this.#by = by
    this.#host = host
  }

  /** Whose joins a request's count with. */
  whose(request: LiveRequest, visitorId: string): string {
    const who: unknown = this.#by(request, visitorId) ?? visitorId
    if (typeof who === 'string') return who
    throw new LiveError('ERR_SERVER_OPTIONS', `joins.by: expected a text or undefined, got ${describe(who)}`)
  }

  /** A view was joined. */
  add(who: string): void {
    this.#counts.add(who)
  }

  /** Ms until there is room for more; 0 when there is. */
  async wait(who: string): Promise<number> {
    const { joins, resetsIn } = await this.#ask(who)
    return joins < this.#most ? 0 : Math.max(1, resetsIn)
  }

  /** What cannot be known keeps nobody out. */
  async #ask(who: string): Promise<Joined> {
    try {
      const counted = this.#counts.of(who)
      const joined = 'then' in counted ? await this.#inTime(counted) : counted
      this.#isAway = false
      return joined
    } catch (error) {
      if (!this.#isAway) this.#host.report(error)
      this.#isAway = true
      return nothing
    }
  }

  /** A client may hold on to what it is asked for as long as its server is away. */
  #inTime(counted: Promise<Joined>): Promise<Joined> {
    const late = (): LiveError =>
      new LiveError('ERR_JOINS', `joins.joined did not answer within ${countTime} ms: nobody is kept out`)
    return inTime(counted, countTime, (ms, fire) => this.#host.startTimer(ms, fire), late)
  }
}
