/** What visitors have sent within 24 hours, in steps of an hour: the contract, and the one for a single process. */

/** What a visitor has sent. */
export interface Received {
  readonly bytes: number
  /** Ms until the oldest hour of it does not count any more; 0 when there is nothing. */
  readonly resetsIn: number
}

/** Counts what visitors send. `test/contracts/day-bytes.ts` has a test for each sentence of this. */
export interface DayBytes {
  /** So many more have come, in pieces as they come. Never throws, and is not waited for. */
  add(visitorId: string, bytes: number): void
  /** What the visitor has sent in the last 24 hours. Where it rejects nobody is kept from sending, and `onError` is told. */
  of(visitorId: string): Received | Promise<Received>
}

const hour = 60 * 60 * 1000
const hours = 24
/** Whoever has sent nothing for longest is forgotten first. */
const mostVisitors = 100_000

/** By hour, the oldest first. */
type Hours = { readonly since: number; bytes: number }[]

/** `now`: ms of a clock that only goes forward. */
export function createDayBytes(now: () => number): DayBytes {
  const visitors = new Map<string, Hours>()
  const fresh = (visitorId: string): Hours | undefined => {
    const sent = visitors.get(visitorId)?.filter(({ since }) => since + hours * hour > now())
    if (sent === undefined) return undefined
    if (sent.length > 0) visitors.set(visitorId, sent)
    else visitors.delete(visitorId)
    return sent.length > 0 ? sent : undefined
  }
  return {
    add(visitorId, bytes) {
      const sent = fresh(visitorId) ?? []
      const last = sent.at(-1)
      if (last !== undefined && now() - last.since < hour) last.bytes += bytes
      else {
        sent.push({ since: now(), bytes })
        visitors.delete(visitorId)
        visitors.set(visitorId, sent)
        const [longest] = visitors.keys()
        if (visitors.size > mostVisitors) visitors.delete(longest!)
      }
    },
    of(visitorId) {
      const sent = fresh(visitorId)
      if (sent === undefined) return { bytes: 0, resetsIn: 0 }
      const bytes = sent.reduce((sum, step) => sum + step.bytes, 0)
      return { bytes, resetsIn: Math.ceil(sent[0]!.since + hours * hour - now()) }
    },
  }
}
