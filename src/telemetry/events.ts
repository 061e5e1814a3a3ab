/** What is told of the life of views: the channels, and what each publishes when a step is over. */

/** A step that took time. */
export interface Timed {
  /** When it began, in ms since 1970, with fractions. */
  readonly startedAt: number
  /** How long it took, in ms, waiting included. */
  readonly durationMs: number
  /** What it threw; absent when it succeeded. */
  readonly error?: unknown
}

/** Whose step it was. */
export interface OfView {
  /** The route of the view; of a nested view its id. */
  readonly view: string
  /** The DOM id of the view: one for each page that shows it. */
  readonly id: string
}

export interface OfPart extends OfView {
  /** The id of the live component; absent when it was the view itself. */
  readonly component?: string | number | undefined
}

/** What is published on the channel `liveloom:<name>`, by name. */
export interface TelemetryEvents {
  /** A page was answered over HTTP. */
  readonly http: Timed & { readonly view: string; readonly url: string; readonly status: number }
  /** A page joined a view: `mount`, `params` and `diff` together. */
  readonly join: Timed & OfView
  /**
   * The view has handled one message: its callback, and what is sent because of it. `stage` is that of `onError`: `event`, `info`,
   * `timer`, …; `render` when nothing but a diff was due. `waitedMs`: how long it had waited in the view's mailbox before.
   */
  readonly turn: Timed & OfView & { readonly stage: string; readonly waitedMs: number }
  /** A view or a component was mounted, mount hooks included. */
  readonly mount: Timed & OfPart & { readonly connected: boolean }
  /** `handleParams` and its hooks ran. */
  readonly params: Timed & OfView & { readonly connected: boolean; readonly url: string }
  /** `handleEvent` and its hooks ran. `event` is the browser's word. */
  readonly event: Timed & OfPart & { readonly event: string }
  /** `handleInfo` and its hooks ran. */
  readonly info: Timed & OfView
  /** What `assignAsync`, `startAsync` or `streamAsync` started has settled. */
  readonly async: Timed & OfPart & { readonly name: string }
  /** `handleAsync` and its hooks ran. `ok`: the work had succeeded. */
  readonly outcome: Timed & OfPart & { readonly name: string; readonly ok: boolean }
  /** A callback of `repeat` ran. */
  readonly timer: Timed & OfPart
  /** A component, or several by `updateMany`, took its props. `component` is the first one's id. */
  readonly update: Timed & OfPart & { readonly connected: boolean; readonly count: number }
  /**
   * A view or a component was rendered, without the components in it, and compared with what the page has of it. The two are one:
   * rows of lists are rendered when they are compared. Nothing of it waits.
   */
  readonly render: Timed & OfPart & { readonly connected: boolean }
  /**
   * It was found out what the page is to be sent: the `render` of the view, and the `mount`, `update` and `render` of so many
   * components, waiting included.
   */
  readonly diff: Timed & OfView & { readonly components: number }
  /** A frame went to the page. */
  readonly message: OfView & { readonly event: string; readonly bytes: number }
  /** Something happened to an upload, or to one of its entries. */
  readonly upload: OfPart & UploadStep
  /** A file of an upload has left its page's list: consumed, or not. `durationMs` from when it was chosen. */
  readonly entry: OfPart & UploadLife
  /** A download is over, or nobody came for it. `durationMs` from `socket.download` on; `bytes` were sent. */
  readonly download: Timed &
    OfPart & { readonly outcome: 'sent' | 'aborted' | 'expired' | 'missing' | 'failed'; readonly bytes: number }
  /** A callback sent the page elsewhere. */
  readonly navigation: OfView & { readonly kind: 'patch' | 'navigate' | 'redirect'; readonly to: string }
  /** A page has connected and has the view that it was shown over HTTP: there was no second `mount`. */
  readonly adopt: OfView
  /**
   * The connection of a view was lost, and the view is kept. `unsure`: events pushed since the page was last heard, which may not have
   * come.
   */
  readonly park: OfView & { readonly unsure: number }
  /** A page has come back to its view, which goes on. */
  readonly resume: Timed & OfView & { readonly reason: 'reconnect' | 'takeover' }
  /** A view that was kept has ended without its page: its time was over, there was no room, or it could not go on. */
  readonly expire: OfView & { readonly why: 'time' | 'room' | 'refused' | 'closed' }
  /** A page has come on a new connection while its old one still seemed to live: that one was cut, with so many views. */
  readonly takeover: { readonly views: number }
  /** Something happened between this process and the engine by which it reaches others. */
  readonly pubsub: PubSubStep
  /** A client opened a socket, or a long-poll session. */
  readonly connect: { readonly trusted: boolean }
  /** It is gone, after `durationMs`. `limit`: the one of the server's limits that has ended it: `idleTimeout`, say. */
  readonly disconnect: Timed & { readonly views: number; readonly limit?: string | undefined }
}

/** What happened to an upload. `upload` is its name; `entry` the uuid of the file, `bytes` what of it arrived. */
export type UploadStep = { readonly upload: string } & (
  | { readonly what: 'preflight'; readonly granted: number; readonly refused: string | undefined }
  | { readonly what: 'started'; readonly entry: string; readonly size: number }
  /** It may be sent, and waits for its turn: `waiting` of the process do, itself included. */
  | { readonly what: 'queued'; readonly entry: string; readonly waiting: number }
  /** Its turn has come, after so many ms; `waiting` of the process wait still. */
  | { readonly what: 'turn'; readonly entry: string; readonly waitedMs: number; readonly waiting: number }
  /** `durationMs` from `started` on. */
  | ({ readonly what: 'done'; readonly entry: string; readonly bytes: number } & Timed)
  | ({ readonly what: 'failed'; readonly entry: string; readonly bytes: number } & Timed)
  | { readonly what: 'cancelled' | 'consumed'; readonly entry: string; readonly bytes: number }
)

/** What happened to a pubsub on an engine. `engine` is its name: `Redis`, say. */
export type PubSubStep = { readonly engine: string } &
  /** What is published does not reach it any more; it does again. */
  (
    | { readonly what: 'away' | 'back' }
    /** Messages of others may have been lost, and the subscribers of the topic have been told. */
    | { readonly what: 'gap'; readonly topic: string }
    /** A message waits for the engine, which is away. */
    | { readonly what: 'queued'; readonly topic: string }
    /** The engine may not have a message: `publish` has rejected, with that code. */
    | { readonly what: 'dropped'; readonly topic: string; readonly code: string }
    /** What this process sends itself, every other second while this channel is listened to, has come back: `durationMs` from its `publish` on. */
    | ({ readonly what: 'echo' } & Timed)
  )

/**
 * What has become of a file, and how long it stood where: `waitingMs` from its choice until the browser asked for leave to send it, `preflightMs`
 * until that had its answer, then by the words of `entry.state`. Times are in ms.
 */
export interface UploadLife extends Timed {
  readonly upload: string
  /** The uuid of the file. */
  readonly entry: string
  /** `left`: its view ended before it was consumed; where it is kept, the next view has it. */
  readonly outcome: 'consumed' | 'cancelled' | 'refused' | 'failed' | 'left'
  /** The `code` of its error, when it had one. */
  readonly code?: string | undefined
  /** In bytes, as the browser says. */
  readonly size: number
  /** Bytes that had come, to a whole percent. */
  readonly bytes: number
  /** Bytes a second while it was being sent; 0 when it never was. */
  readonly rate: number
  /** How often nothing came for a while. */
  readonly stalls: number
  readonly retries: number
  readonly waitingMs: number
  readonly preflightMs: number
  readonly queuedMs: number
  readonly sendingMs: number
  /** Part of that: until `sniff` knew what it is. */
  readonly sniffingMs: number
  readonly pausedMs: number
  readonly stalledMs: number
  readonly scanningMs: number
  readonly doneMs: number
  readonly processingMs: number
}

export type TelemetryName = keyof TelemetryEvents

/** The names whose events have a time. */
export type TimedName = {
  [Name in TelemetryName]: TelemetryEvents[Name] extends Timed ? Name : never
}[TelemetryName]
