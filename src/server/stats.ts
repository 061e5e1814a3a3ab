/** What a running server is doing at this moment: counted when it is asked, and nothing is kept for it meanwhile. */
import type { LiveSession } from '../session/session.ts'

/** How a server is asked. */
export interface StatsOptions {
  /**
   * Of so many views of each route the contexts are measured, which costs some µs to ms each; the others are taken to be alike.
   *
   * @default 0, and `contextBytes` is `undefined`
   */
  readonly contexts?: number | undefined
}

/** The views of one route, or the nested views of one id. */
export interface ViewStats {
  /** As in telemetry: the route of the view; of a nested view its id. */
  readonly view: string
  /** Views that a page shows now. */
  readonly live: number
  /** Views whose connection is lost, and that are kept for their page. */
  readonly parked: number
  /** Messages that wait in their mailboxes, all together; those that are being handled are not among them. */
  readonly messages: number
  /** The longest of their mailboxes. */
  readonly longestMailbox: number
  /** Their files that are being sent. */
  readonly sendingFiles: number
  /** What their contexts and those of their components take of memory, in bytes: an estimate, out of a sample. */
  readonly contextBytes: number | undefined
}

/** What a server holds and does. */
export interface ServerStats {
  /** Connections, those of long polling included. */
  readonly sockets: number
  /** Long-poll sessions. */
  readonly longPolls: number
  /** Pages whose connection is lost, and whose views are kept. */
  readonly parkedPages: number
  /** Views of first pages that wait to connect, with `adopt`. */
  readonly adoptablePages: number
  /** Requests that are worked on, polls not counted. */
  readonly requests: number
  /** What came and waits, and what was sent and not taken, in bytes: what `maxProcessBytes` limits. Small ones are not counted. */
  readonly heldBytes: number
  readonly uploads: {
    /** Files that have a turn to send. */
    readonly sending: number
    /** Files that wait for theirs. */
    readonly waiting: number
    /** Bytes that were granted for the disk, and have not come. */
    readonly dueBytes: number
    /** Bytes of files that have come since the server began. */
    readonly receivedBytes: number
    /** Bytes that browsers have sent elsewhere since then, to a bucket say, as they tell it in whole percents. */
    readonly elsewhereBytes: number
  }
  /** Downloads that are being sent. */
  readonly downloads: number
  /** Pieces of work of views that have ended: saves that run, files to delete. */
  readonly finishing: number
  /** Whether new visitors may be sent here. */
  readonly ready: boolean
  /** By `view`, in no order. */
  readonly views: readonly ViewStats[]
}

/** `live`, `parked`: all views there are. `sample`: so many of each route are measured. */
export function viewStatsOf(
  live: Iterable<LiveSession>,
  parked: Iterable<LiveSession>,
  sample: number,
): readonly ViewStats[] {
  const counts = new Map<string, Count>()
  const countOf = ({ place: { view } }: LiveSession): Count => {
    const known = counts.get(view)
    if (known !== undefined) return known
    const made = { view, live: 0, parked: 0, messages: 0, longestMailbox: 0, sendingFiles: 0, measured: 0, bytes: 0 }
    counts.set(view, made)
    return made
  }
  const add = (session: LiveSession, state: 'live' | 'parked'): void => {
    const count = countOf(session)
    const { waitingMessages } = session
    count[state]++
    count.messages += waitingMessages
    count.longestMailbox = Math.max(count.longestMailbox, waitingMessages)
    count.sendingFiles += session.sendingFiles
    if (count.measured >= sample) return
    count.measured++
    count.bytes += session.contextBytes()
  }
  for (const session of live) add(session, 'live')
  for (const session of parked) add(session, 'parked')
  return [...counts.values()].map(toViewStats)
}

function toViewStats({ measured, bytes, ...count }: Count): ViewStats {
  const contextBytes = measured === 0 ? undefined : Math.round((bytes / measured) * (count.live + count.parked))
  return { ...count, contextBytes }
}

interface Count {
  readonly view: string
  live: number
  parked: number
  messages: number
  longestMailbox: number
  sendingFiles: number
  measured: number
  bytes: number
}
