import type { LostFile } from '../protocol/lost-files.ts'
import type { Resize } from '../protocol/preparation.ts'
import type { UploadError } from './errors.ts'
import type { ImageFacts } from './image-header.ts'

/**
 * Where an entry stands.
 *
 * - `refused`: it does not fit the options, and is never sent.
 * - `waiting`: it was chosen; the browser has not asked for leave to send it.
 * - `queued`: it may be sent, and nothing of it is on its way: others go first.
 * - `sending`: its bytes come.
 * - `paused`: by `pauseUpload`.
 * - `stalled`: its bytes have stopped coming; it goes on by itself when they do.
 * - `scanning`: all of it is stored, and the option `scan` looks at it; it cannot be consumed yet.
 * - `done`: all of it is stored, and can be consumed.
 * - `processing`: it is being consumed; see `processed`.
 * - `failed`: see its errors.
 */
export type UploadEntryState =
  | 'refused'
  | 'waiting'
  | 'queued'
  | 'sending'
  | 'paused'
  | 'stalled'
  | 'scanning'
  | 'done'
  | 'processing'
  | 'failed'

/** One file of an upload. Read-only; each change makes a new one. What begins with `client` is the browser's claim. */
export interface UploadEntry {
  /** The browser's name for the file on this page; what `cancelUpload` takes. */
  readonly ref: string
  /** Ours: unique among all uploads, fit to be part of a file name. */
  readonly uuid: string
  /** The file’s name, from the browser: never a path. At most 1,024 characters are kept. A `Blob` without one is `blob`, with its type’s extension. */
  readonly clientName: string
  /** The MIME type, from the browser; often made of the name alone; may be empty. */
  readonly clientType: string
  /** The size in bytes, from the browser. Over the socket no more bytes than this are taken. */
  readonly clientSize: number
  /** Where the file lay in a chosen folder, from the browser: never a path of ours. Empty for single files. */
  readonly clientRelativePath: string
  /** Last change of the file in ms since 1970, from the browser. */
  readonly clientLastModified: number
  /** What the page's own script attached to the file, from the browser; kept up to 16 KiB of memory. */
  readonly clientMeta: unknown
  /** All that the booleans say, and whether bytes come, in one word. More words may be added: give a `switch` a `default`. */
  readonly state: UploadEntryState
  /** Whole percent of the bytes that are written; of what the browser sends elsewhere as it says, up to 99 until that is confirmed. */
  readonly progress: number
  /** Whole percent of the work with it, while it is being consumed, as that says by its `progress`; `undefined` before it does. */
  readonly processed: number | undefined
  /** Bytes a second that are written, as a mean of the last seconds; 0 while nothing comes. As of the last bytes before this render. */
  readonly rate: number
  /** How long it takes at that rate until it is done, in ms; `undefined` while nothing comes. */
  readonly remaining: number | undefined
  /**
   * Which it is of those that wait for their turn to be sent, 1 being the next; `undefined` when it does not wait for the server. Told
   * anew each second, less often when many wait.
   */
  readonly place: number | undefined
  /** How often `retryUpload` had it begin anew. */
  readonly retries: number
  /** True once the browser was allowed to send. */
  readonly preflighted: boolean
  /** True once all bytes are stored, and `scan` has passed them. */
  readonly done: boolean
  /**
   * The SHA-256 of all bytes that are stored, in hex: of an entry that is done, with the option `verify`. `undefined` for any other. Ours,
   * and not the browser's claim. One that was done before the server was started anew has it when it is consumed.
   */
  readonly sha256: string | undefined
  /** With the option `image`: how large it is, by its header. `undefined` until that has come. */
  readonly image: ImageFacts | undefined
  /** True when it failed while running. It stays listed, with its error, until it is cancelled. */
  readonly failed: boolean
  /** Part of the family's contract. A cancelled entry leaves the list at once, so an entry at hand says false. */
  readonly cancelled: boolean
  /** False when it was refused before it began. */
  readonly valid: boolean
  readonly errors: readonly UploadError[]
}

/** What an entry has from its beginning on. */
export type ClaimedEntry = Pick<
  UploadEntry,
  | 'ref'
  | 'uuid'
  | 'clientName'
  | 'clientType'
  | 'clientSize'
  | 'clientRelativePath'
  | 'clientLastModified'
  | 'clientMeta'
>

/** A file that another page of the visitor began to send, and that goes on when it is chosen again. What begins with `client` is the browser's claim. */
export interface WaitingEntry extends Omit<ClaimedEntry, 'ref' | 'clientMeta'> {
  /** What `cancelUpload` takes to let it go. */
  readonly ref: string
  /** Whole percent of the bytes that are there. */
  readonly progress: number
}

/** An allowed upload as a render sees it. Read-only. */
export interface UploadConfig {
  readonly name: string
  /** The DOM id of its file input, and what a drop zone names in `phx-drop-target`. */
  readonly ref: string
  readonly accept: readonly string[]
  readonly maxEntries: number
  /** In bytes. */
  readonly maxFileSize: number
  /** In bytes. */
  readonly minFileSize: number
  /** Of all entries together, in bytes; `Infinity` where nothing is said. */
  readonly maxTotalSize: number
  readonly autoUpload: boolean
  readonly maxEntriesMode: 'selected' | 'total'
  /** What the browser makes of images before it lists them; `undefined` where nothing is said. */
  readonly resize: Resize | undefined
  /** What the page has every file go through first, by its name there. */
  readonly transform: string | undefined
  readonly capture: 'user' | 'environment' | boolean
  /** The id of the live component that it belongs to; `undefined` for a view's own. */
  readonly component: string | number | undefined
  /**
   * With `keep`: what the browser keeps its handles of the files under, and for how long, as our client module reads it. `undefined` where it
   * has no reason to keep any.
   */
  readonly keptAs: string | undefined
  /** In the order they were chosen. */
  readonly entries: readonly UploadEntry[]
  /** With `keep`: files of another page that are not whole, and that this page does not have. They go on when they are chosen again. */
  readonly waiting: readonly WaitingEntry[]
  /**
   * Whole percent of all entries together, weighed by their sizes. Those that were refused or have failed do not count; 100 only when all
   * that count are done.
   */
  readonly progress: number
  /**
   * The files that were chosen when the connection was lost, and went with it; as the browser tells after it is back. Empty once files
   * are chosen, or after `dismissLost`.
   */
  readonly lost: readonly LostFile[]
  /** What is wrong with the choice as a whole; what is wrong with one file stands in its entry. */
  readonly errors: readonly UploadError[]
}
