/** What a session is made for, and what it needs of the connection that its view lives on. */
import type { Container } from '../live/container.ts'
import type { ChildChange, Params, SessionData } from '../live/definitions.ts'
import type { Flash } from '../live/flash.ts'
import type { LiveHost } from '../live/host.ts'
import type { Effects } from '../live/effects.ts'
import type { RouteFacts, ViewFacts, ViewInstance } from '../live/instance.ts'
import type { Components } from './components.ts'
import type { Ties } from './ties.ts'
import type { LostFiles } from '../protocol/lost-files.ts'
import type { ReplyStatus } from '../protocol/message.ts'
import type { LeaveAnswer } from '../protocol/replies.ts'
import type { OfView } from '../telemetry/events.ts'
import type { NestedChild } from './nested-views.ts'
import type { StashFacts } from './stash.ts'

/** A view that runs, as those around it know it. */
export interface RunningView {
  readonly instanceId: string
  readonly place: OfView
  /** How long it is kept when its connection is lost, in ms; 0 for not at all. */
  readonly resumeWindow: number
  /** Where the page is. */
  readonly url: string
  readonly parent: RunningView | undefined
  /** What its stash, and those of the views in it, are told apart by. */
  readonly stashPlace: string
  /** A view that this one has placed in its page, by its DOM id. */
  child(id: string): NestedChild | undefined
  /** The page has left one of those. */
  childLeft(id: string): void
  /** One of those has mounted, or has ended. */
  childChanged(change: ChildChange): void
  /** One of those has patched the URL: it is this one's. */
  patchFor(to: string, replace: boolean, flash: Flash): void
  /** Ends it without telling the page. `leave`: its files are left for the view after it. */
  end(files?: FilesAtEnd): void
}

/** What becomes of a view's files when it ends: its page comes back for them, or does not. */
export type FilesAtEnd = 'drop' | 'leave'

/** The view's channel, as its connection sees to it. */
export interface SessionOutlet {
  reply(ref: string | null, status: ReplyStatus, response: string): void
  push(event: string, payload: string): void
  /** An orderly end. */
  close(): void
  /** The view failed: the client joins again. */
  error(): void
}

/** The connection that the view lives on. */
export interface SessionConnection {
  csrfToken(): string
  /** How many files are being sent on it, of all its views. */
  readonly sendingFiles: number
  /** Tells whether the route `view` also answers `url`. */
  patch(view: string, url: string): PatchTarget
  /** So many bytes of the page's wait for a view, or are worked on by one. */
  hold(bytes: number): void
  /** They concern nobody any more. */
  release(bytes: number): void
  /** The view has sent the page elsewhere with that answer, and ends. It may never have come. */
  left(session: RunningView, answer: LeaveAnswer): void
  /** Tells whether the page answers within a moment. */
  ask(tell: (alive: boolean) => void): void
  /** The session is over, by whatever way; called once. */
  ended(session: RunningView, files: FilesAtEnd): void
}

/** A view of a first page that has been mounted over HTTP, and goes on. */
export interface AdoptableView {
  readonly instance: ViewInstance
  readonly components: Components
  readonly effects: Effects
  readonly ties: Ties
  /** What infos and updates came meanwhile are given to, in order, and what begins only now; called once. */
  handOver(sendInfo: (info: unknown) => void): void
}

/** What a session is made for. */
export interface SessionOptions extends ViewFacts {
  /** The route of the view, or what a nested one is called. */
  readonly name: string
  /** Ours, unguessable: what upload tokens are bound to. */
  readonly instanceId: string
  readonly session: SessionData
  readonly flash: Flash
  /** The view that this one is nested in. */
  readonly parent: RunningView | undefined
  /** It goes on when it sends the page elsewhere. */
  readonly sticky: boolean
  /** The files that were chosen on the page and went with the view before. */
  readonly lostFiles: readonly LostFiles[]
  /** The visitor whose requests bring the files of its page; absent where the page sends them over channels. */
  readonly uploadsOf?: string | undefined
  /** The visitor who may fetch its downloads. */
  readonly downloadsOf?: string | undefined
  /** The page has had a view before. */
  readonly again?: boolean | undefined
  /** The refs of the files that the page is sending over HTTP. */
  readonly sending?: ReadonlySet<string> | undefined
  /** When this join fails, the client gives the view up, and the page must go on without it. */
  readonly lastTry: boolean
  /** What the element of the view before is to become; absent when the page has one of its own. */
  readonly container?: Container | undefined
  /** What the first page has left of the view. */
  readonly adopted?: AdoptableView | undefined
  /** How long the view is kept when its connection is lost, in ms; 0 for not at all. */
  readonly resumeWindow: number
  /** Whose its stash would be, and what the page has brought of it. */
  readonly stash?: (Pick<StashFacts, 'place' | 'visitorId'> & { readonly sealed: string | undefined }) | undefined
  readonly host: LiveHost
}

/** `other document`: the view is the same, but what is around it is exchanged by a page load alone. */
export type PatchTarget =
  | { readonly kind: 'same'; readonly params: Params; readonly route: RouteFacts }
  | { readonly kind: 'other' | 'other document' }
