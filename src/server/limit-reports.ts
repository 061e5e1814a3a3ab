/**
 * Tells `onError` that a limit was reached: which, what that means for the page, and where it is set. Once, and then once an hour at
 * most with how often it came about: a client can have it happen as often as it likes, and must not fill the log.
 */
import { LiveError, type LiveErrorCode } from '../errors.ts'
import type { ErrorContext, FixedLimit } from '../live/host.ts'
import type { ServerLimits } from './limits.ts'

/** What can be reached: an option of `limits`, or what is fixed. */
export type LimitName = keyof ServerLimits | FixedLimit

/** Ms until the same limit is told again. */
const tellEvery = 3_600_000

type Unit = 'bytes' | 'ms' | ''

interface LimitWords {
  readonly unit: Unit
  /** What happened, and what the page meets. */
  readonly what: string
  /** `ERR_LIMIT` for most. */
  readonly code?: LiveErrorCode
  /** Where it is set, when that is neither `limits` nor nowhere. */
  readonly where?: string
}

const closed = 'its connection was closed'
const comesBack = 'The page joins again; what it had sent is lost'
const tooLarge = `a frame was larger: ${closed} (1009). ${comesBack}. The client that is served sends none`
const slowed = 'is read more slowly: nothing of it is lost'

/** `idleTimeout` is not among them: that is how a client that has gone is noticed. Telemetry has it (`disconnect`). */
const words: { readonly [Name in Exclude<LimitName, 'idleTimeout'>]: LimitWords } = {
  maxMessageSize: { unit: 'bytes', what: tooLarge },
  maxTextSize: { unit: 'bytes', what: tooLarge },
  maxFrameValues: { unit: '', what: `a text frame had more JSON values: ${closed} (1009). ${comesBack}` },
  maxFrameDepth: { unit: '', what: `the JSON of a frame was nested deeper: ${closed} (1009). ${comesBack}` },
  maxJoinParams: {
    unit: 'bytes',
    code: 'ERR_JOIN_PARAMS',
    what:
      'a join was refused, and its page shows the error page for 413: its params weigh more in memory. They are what the ' +
      "page's script gives as `params` to its socket",
  },
  maxUnsentBytes: { unit: 'bytes', what: `a client does not read what it is sent: ${closed}. ${comesBack}` },
  unsentTimeout: { unit: 'ms', what: `a client took nothing of what it was sent for that long: ${closed}` },
  maxPendingBytes: { unit: 'bytes', what: `what a page sent waits for its views, which take long: the page ${slowed}` },
  pendingTimeout: { unit: 'ms', what: `what a page sent waited for that long: ${closed} (1008). ${comesBack}` },
  maxProcessBytes: {
    unit: 'bytes',
    what: 'all connections together hold more: those with much wait, those that do not read are cut, and large forms are answered 503, until there is room',
  },
  maxFrameBurst: {
    unit: '',
    what: `a page sends frames faster than maxFrameBurst and maxFrameRate allow, and ${slowed}`,
  },
  maxFrameRate: {
    unit: '',
    what: `a page sends frames faster than maxFrameBurst and maxFrameRate allow, and ${slowed}`,
  },
  maxMailbox: { unit: '', what: 'more infos wait for a view, which has ended. Its page joins again' },
  maxTopics: {
    unit: '',
    what: 'a page has more views: the others stay empty, with the class phx-error, and the page goes on without them',
  },
  maxJoins: { unit: '', what: `a page joined more views within a minute: ${closed} (1008). The page joins again` },
  maxVisitorJoins: {
    unit: '',
    what: 'a visitor joined more views within a minute, on all connections together: a new socket was refused (429). Its page tries again',
  },
  maxUploadChannels: { unit: '', what: 'a page sends more files at once: none of its last choice was let through' },
  maxUploadJoins: { unit: '', what: `a page begins more uploads a minute, and ${slowed}` },
  maxConnections: { unit: '', what: 'the process has as many: a new one was refused (503). Its page tries again' },
  maxLongPolls: { unit: '', what: 'the process has as many: a new one was refused. Its page tries again' },
  maxAdoptable: {
    unit: '',
    what: 'the views of as many first pages wait to be adopted: the oldest were let go of, and are mounted again when their pages connect',
  },
  maxParked: {
    unit: '',
    what: 'as many pages are kept whose connection is lost: the oldest were let go of. Who comes back for one finds it mounted anew',
  },
  upgradeTimeout: {
    unit: 'ms',
    what: 'deciding on a socket took longer, and it was refused (503). Its page tries again. What does `session` wait for?',
  },
  maxPostSize: {
    unit: 'bytes',
    what: 'a form that was submitted over HTTP is larger: it was answered with the page for 413',
  },
  maxFormFields: {
    unit: '',
    code: 'ERR_FORM',
    what: 'a form has more fields, or as many groups and lists: its event was not handled. The form stays as it is, and its page says so',
  },
  maxFormNesting: {
    unit: '',
    code: 'ERR_FORM',
    what: 'a field has more brackets in its name: the event of its form was not handled. The form stays as it is, and its page says so',
  },
  pushTimeout: {
    unit: 'ms',
    what: 'a push waited that long for a handler, and was answered with nothing: a reply is lost, and what changed comes later',
  },
  maxLongPollPosts: { unit: '', what: 'a long-poll session has as many POSTs at once: one more was refused' },
  longPollPostTimeout: {
    unit: 'ms',
    what: 'the body of a POST of long polling took longer: its session has ended. Its page joins again',
  },
  maxStash: {
    unit: 'bytes',
    what: 'the stash of a view is larger: none is kept, and after a restart its page finds nothing of it',
  },
  maxStored: {
    unit: 'bytes',
    where: 'It is set in `uploads` of createLiveServer',
    what: 'files of uploads have reserved more than there may be, or there is no room on the disk: a choice of files was refused, and its page says so',
  },
  maxDownloads: {
    unit: '',
    what: 'as many downloads wait for their browsers, of one visitor or of all: the oldest is not there any more, and its browser says that it failed',
  },
  maxFormPosts: {
    unit: '',
    what: 'as many forms with files are being read over HTTP, of the process or of one visitor: one more was answered 503',
  },
  maxReceived: {
    unit: 'bytes',
    where: 'It is set in `uploads` of createLiveServer',
    what: 'a visitor would have sent more within 24 hours: a choice of files was refused, and its page says so',
  },
  minFree: {
    unit: 'bytes',
    where: 'It is set in `uploads` of createLiveServer',
    what: 'the disk would have less room left: a choice of files was refused, and its page says so',
  },
  maxRequestsAhead: {
    unit: '',
    what: `as many requests wait on one connection: ${closed}. No browser sends any ahead`,
  },
}

export class LimitReports {
  readonly #limits: ServerLimits
  readonly #now: () => number
  readonly #report: (error: LiveError, context: ErrorContext) => void
  readonly #told = new Map<LimitName, { at: number; since: number }>()

  constructor(limits: ServerLimits, now: () => number, report: (error: LiveError, context: ErrorContext) => void) {
    this.#limits = limits
    this.#now = now
    this.#report = report
  }

  /** `fixed`: how much it is, of a limit that is no option. `detail`: what else is known of it, ready to be printed. */
  reached(
    limit: Exclude<LimitName, 'idleTimeout'>,
    context: ErrorContext,
    { fixed, detail }: { readonly fixed?: number | undefined; readonly detail?: string | undefined } = {},
  ): void {
    const now = this.#now()
    const told = this.#told.get(limit)
    if (told !== undefined && now - told.at < tellEvery) return void told.since++
    this.#told.set(limit, { at: now, since: 0 })
    const often =
      told === undefined || told.since === 0 ? '' : ` It came about ${told.since} times since it was last told.`
    this.#report(this.describe(limit, fixed, detail, often), { ...context, limit })
  }

  /** What is told of a limit. */
  describe(limit: Exclude<LimitName, 'idleTimeout'>, fixed?: number, detail?: string, often = ''): LiveError {
    const { unit, what, code = 'ERR_LIMIT', where: elsewhere } = words[limit]
    const own = limit in this.#limits ? this.#limits[limit as keyof ServerLimits] : undefined
    const amount = [own ?? fixed, unit].filter((part) => part !== undefined && part !== '').join(' ')
    const where = elsewhere ?? (own === undefined ? 'It is fixed' : 'It is set in `limits` of createLiveServer')
    const name = own === undefined ? limit : `limits.${limit}`
    const more = detail === undefined ? '' : ` (${detail})`
    return new LiveError(
      code,
      `${name}${amount === '' ? '' : ` (${amount})`} was reached: ${what}${more}. ${where}. Told once an hour at most.${often}`,
    )
  }
}
