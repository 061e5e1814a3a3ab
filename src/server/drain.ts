/**
 * How a server leaves while others go on: no new pages, and those that are there are told to come back, the oldest first, spread over a
 * time, so that whoever takes them gets them one by one. Whatever runs has some time to end.
 */
import { describe, LiveError } from '../errors.ts'
import type { Timer } from '../time/timer.ts'

/** How a server is drained. */
export interface DrainOptions {
  /**
   * How long `isReady` says false, in ms, before new pages are refused: as long as a balancer takes to see it, and to send nobody any more.
   *
   * @default 0
   */
  readonly notice?: number | undefined
  /** Over how long the pages are told to come back, in ms. @default 10000; in development 0 */
  readonly over?: number | undefined
  /**
   * How long the page whose turn has come may still take, in ms, when a view of it handles something, or files of it are being sent; and
   * requests and saves at the end. @default 30000; in development 2000
   */
  readonly grace?: number | undefined
}

export type DrainSettings = { readonly [Name in keyof DrainOptions]-?: number }

const known = ['notice', 'over', 'grace'] as const

/** @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option of `where`. */
export function resolveDrain(where: string, options: unknown, development: boolean): DrainSettings {
  const fail = (message: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', `${where}: ${message}`)
  if (typeof options !== 'object' || options === null) {
    throw fail(`expected an object with ${known.join(', ')}, got ${describe(options)}`)
  }
  for (const [name, value] of Object.entries(options)) {
    if (!known.some((one) => one === name)) throw fail(`unknown option '${name}'; known are ${known.join(', ')}`)
    if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value) && value >= 0)) {
      throw fail(`${name} must be a number of ms from 0, got ${describe(value)}`)
    }
  }
  const defaults = development ? { over: 0, grace: 2000 } : { over: 10_000, grace: 30_000 }
  const { notice = 0, over = defaults.over, grace = defaults.grace } = options as DrainOptions
  return { notice, over, grace }
}

/** A connection, as one that leaves sees it. */
export interface Leaver {
  /** A view of it handles something, or something waits for one. */
  readonly busy: boolean
  readonly sendingFiles: number
  readonly gone: boolean
  goAway(): void
}

export interface DrainHost {
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Those of now, the oldest first. */
  connections(): readonly Leaver[]
  /** From now on new pages, sockets and long-poll sessions are refused. */
  refuse(): void
  /** What is not through yet and is no connection: requests, saves, last answers of long polling, views without their pages. */
  unfinished(): number
  /** The server is closed: nothing is left to do. */
  closed(): boolean
}

/** How often it is looked who is due and who is through, in ms. */
const lookEvery = 50
/** A page whose files are through has so long to send the form with them, in ms. */
const submitTime = 1000

interface Due {
  readonly connection: Leaver
  readonly at: number
  /** Since when it has sent no more files; `undefined` while it does, or when it never did. */
  sentAt: number | undefined
  sends: boolean
}

/** Resolves when all have been told and what ran is through, or has had its time. */
export async function drain(settings: DrainSettings, host: DrainHost): Promise<void> {
  const { notice } = settings
  if (notice > 0) await new Promise<void>((resolve) => void host.startTimer(notice, resolve))
  host.refuse()
  await tellAll(settings, host)
}

function tellAll({ over, grace }: DrainSettings, host: DrainHost): Promise<void> {
  const from = host.now()
  const connections = host.connections()
  const share = over / connections.length
  // Each somewhere in its own share of the time: several processes that leave at once must not beat the same time.
  let left: readonly Due[] = connections.map((connection, at) => {
    return { connection, at: from + (at + Math.random()) * share, sentAt: undefined, sends: false }
  })
  return new Promise((resolve) => {
    let toldAt = from
    const look = (): void => {
      const now = host.now()
      left = left.filter((due) => {
        if (due.connection.gone) return false
        // Looking into each view of each page all the time would cost more than it is worth.
        if (now < due.at - submitTime) return true
        const occupied = isOccupied(due, now)
        if (now < due.at || (occupied && now < due.at + grace)) return true
        due.connection.goAway()
        toldAt = now
        return false
      })
      const through = left.length === 0 && (host.unfinished() === 0 || now >= toldAt + grace)
      if (through || host.closed()) resolve()
      else host.startTimer(lookEvery, look)
    }
    look()
  })
}

function isOccupied(due: Due, now: number): boolean {
  const { busy, sendingFiles } = due.connection
  if (sendingFiles > 0) {
    due.sends = true
    due.sentAt = undefined
  } else if (due.sends) due.sentAt ??= now
  const submits = due.sends && (due.sentAt === undefined || now < due.sentAt + submitTime)
  return busy || submits
}
