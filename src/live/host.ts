import type { LiveError } from '../errors.ts'
import type { FormLimits } from '../forms/decode.ts'
import type { WireEvent } from '../protocol/keys.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import type { Rendered } from '../template/rendered.ts'
import type { Refusal } from '../template/safe-values.ts'
import type { Texts } from '../texts/texts.ts'
import type { Signer } from '../token/signer.ts'
import type { Admission } from '../upload/admission.ts'
import type { Timer } from '../time/timer.ts'
import type { UploadCeilings } from '../upload/options.ts'
import type { ResourceShelf } from '../upload/resource.ts'
import type { Slots } from '../upload/slots.ts'
import type { Sniffing } from '../upload/sniffing.ts'
import type { FileStore, OpenWriter } from '../upload/writer.ts'
import type { DownloadShelf } from './download.ts'
import type { KeepingHost } from './keeping.ts'
import type { StashHost } from './stash.ts'
import type { Turns } from './turns.ts'

/**
 * Where in a view's life something went wrong. `http`: in what is around the views of a first page, its layout say. `development`:
 * nothing did, but a likely mistake was found.
 */
export type Stage =
  | 'mount'
  | 'params'
  | 'connect'
  | 'event'
  | 'info'
  | 'child'
  | 'async'
  | 'timer'
  | 'component'
  | 'render'
  | 'progress'
  | 'upload'
  | 'download'
  | 'park'
  | 'resume'
  | 'stash'
  | 'shutdown'
  | 'session'
  | 'connection'
  | 'http'
  | 'development'

/** What `onError` is told beside the error. */
export interface ErrorContext {
  readonly stage: Stage
  /** The route of the view; of a nested one, its id. */
  readonly view?: string | undefined
  /** The name of the event. From the browser. */
  readonly event?: string | undefined
  /** The id of the live component whose callback it was. */
  readonly component?: string | number | undefined
  /** The limit that was reached: its name in `limits` of `createLiveServer`, or in the table of limits where it is fixed. */
  readonly limit?: string | undefined
}

/** Limits that no option sets, where they are told. */
export type FixedLimit =
  | 'maxFrameDepth'
  | 'pushTimeout'
  | 'maxLongPollPosts'
  | 'longPollPostTimeout'
  | 'maxRequestsAhead'
  | 'maxFormPosts'
  | 'maxStash'
  | 'maxStored'
  | 'maxDownloads'
  | 'maxReceived'
  | 'minFree'

/** Limits that views meet. */
export type ViewLimit =
  | 'maxMessageSize'
  | 'maxTextSize'
  | 'maxFrameValues'
  | 'maxFormFields'
  | 'maxFormNesting'
  | 'maxUploadChannels'
  | 'pushTimeout'
  | 'maxStash'
  | 'maxStored'
  | 'maxReceived'
  | 'minFree'

/** What the views of a development server do beside. In production there is none of it. */
export interface Development {
  /** Reports a likely mistake of the route `view`, the first time that it is met. */
  warn(mistake: LiveError, view?: string): void
  /** Looks for likely mistakes in what a part renders. */
  checkRender(rendered: Rendered): void
  /** The event that shows the page what ended a view of its. `joining`: it never began, and the page waits. */
  crashed(error: unknown, context: ErrorContext, joining: boolean): WireEvent
  /** The event that tells the page which server it has joined. */
  joined(view: string, staticChanged: boolean): WireEvent
}

/** What views need of the server and the machine they run on. */
export interface LiveHost {
  readonly signer: Signer
  /** The prefix of the server's addresses in the browser; '' for none. */
  readonly basePath: string
  /** What stashes need; without it there are none. */
  readonly stash?: StashHost | undefined
  /** A path as the browser has it. */
  readonly path: (path: string) => string
  readonly pubsub: PubSub
  readonly files: FileStore
  readonly openWriter: OpenWriter
  /** What the scans of all views share. */
  readonly scans: Slots
  /** What knows types of files by their first bytes. */
  readonly sniffing?: Sniffing | undefined
  readonly uploadCeilings: UploadCeilings
  /** What remembers files beyond their views; without it they end with them. */
  readonly keeping?: KeepingHost | undefined
  /** What decides which files may be sent; without it all may. */
  readonly admission?: Admission | undefined
  /** Where uploads over HTTP are found; without it all go over channels. */
  readonly resources?: ResourceShelf | undefined
  /** Where downloads are found. */
  readonly downloads?: DownloadShelf | undefined
  readonly formLimits: FormLimits
  /** Infos that may wait in one view's mailbox. */
  readonly maxMailbox: number
  /** Milliseconds of a clock that only goes forward: for intervals alone. */
  now(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Calls `run` when whatever else of the process was due has had its turn. */
  nextTurn(run: () => void): void
  /** Shares the process among the messages of all views and what else it has to do. */
  readonly turns: Turns
  /** Never throws. */
  report(error: unknown, context: ErrorContext): void
  /** A limit was reached: told once an hour at most. `detail` may be printed. Never throws. */
  limitReached(
    limit: ViewLimit,
    context: ErrorContext,
    more?: { readonly fixed?: number | undefined; readonly detail?: string | undefined },
  ): void
  /** What a page says by itself, by its language. */
  textsIn(lang: string): Texts
  /** What a page has to know of the server to get on with it; `undefined` when all of it is as ever. */
  pageNote?(lang: string): WireEvent | undefined
  /** A value was left out of a page. It is reported once for each place of a template. Never throws. */
  refused(refusal: Refusal, context: ErrorContext): void
  /** Work that outlives its view; shutdown waits for it. */
  background(work: Promise<void>): void
  /** `undefined` in production. */
  readonly development?: Development | undefined
}
