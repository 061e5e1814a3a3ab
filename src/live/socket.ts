import type { ConsumeFunction } from '../upload/consume.ts'
import type { UploadEntry } from '../upload/entry.ts'
import type { UploadConfigOptions } from '../upload/options.ts'

/** How `redirect` leaves. */
export interface RedirectOptions {
  /** The HTTP status when the page is rendered for the first time. @default 302 */
  readonly status?: 301 | 302 | 303 | 307 | 308 | undefined
}

/**
 * A view's way to its page, its server and its uploads; the first argument of every callback.
 *
 * What changes outside a callback (a timer of yours, a promise not awaited) is rendered by itself. After the view ended, its
 * effects on the page are dropped.
 */
export interface LiveViewSocket<Context = Record<string, unknown>, UploadName extends string = string> {
  /** The DOM id of the view. */
  readonly id: string
  /** False while the page is first rendered over HTTP, true on the WebSocket. */
  readonly connected: boolean
  /** The view's state. Change it with `assign`. */
  readonly context: Readonly<Context>
  /** Aborts when the view ends. */
  readonly signal: AbortSignal

  /**
   * Merges `changes` into the context and has the view rendered after the callback.
   * @throws {LiveError} `ERR_VIEW` when `changes` is no object.
   */
  assign(changes: Partial<Context>): void
  /** Sets the title of the page. */
  pageTitle(title: string): void
  /** Dispatches `phx:<name>` on the page's window, with `payload` as its `detail`, after the next patch. */
  pushEvent(name: string, payload?: Readonly<Record<string, unknown>>): void
  /** Sends `info` to this view's own `handleInfo`, behind what waits already. Dropped while not connected. */
  sendInfo(info: unknown): void
  /** Has every message of `topic` given to `handleInfo`, until the view ends. Does nothing while not connected. */
  subscribe(topic: string): void
  /** Sends `info` to every view that subscribed to `topic`, this one included. */
  publish(topic: string, info: unknown): void
  /**
   * Leaves for another page, with a full page load.
   * @param to A path that starts with one `/`, or a full `http(s)` URL.
   * @throws {LiveError} `ERR_REDIRECT` for anything else.
   */
  redirect(to: string, options?: RedirectOptions): void

  /**
   * Allows file uploads under `name`. Applies at once: it need not be awaited, and the same `mount` may render it.
   * @throws {LiveError} at once: `ERR_UPLOAD_OPTIONS` for a wrong option, `ERR_UPLOAD_ACTIVE` when the upload has entries.
   */
  allowUpload(name: UploadName, options?: UploadConfigOptions<LiveViewSocket<Context, UploadName>>): Promise<void>
  /**
   * Takes an entry out, whatever its state: the same render shows it gone. The promise resolves when its bytes are deleted. An
   * unknown name or ref rejects with `ERR_UPLOAD_ENTRY`; when the promise is not awaited that is only reported.
   * @param ref The entry's `ref`; usually comes from the browser.
   */
  cancelUpload(configName: UploadName, ref: string): Promise<void>
  /**
   * Hands each finished entry to `fn`, one after another, and resolves to the results. An entry is dropped and its temporary file
   * deleted once its `fn` succeeded; one whose `fn` threw stays consumable. Invalid and failed entries are skipped.
   * @throws {LiveError} `ERR_UPLOAD_IN_PROGRESS` when an entry is still in progress, and `ERR_UPLOAD_CLAIMED` when one is being
   * consumed already; nothing is consumed then.
   */
  consumeUploadedEntries<T>(configName: UploadName, fn: ConsumeFunction<T>): Promise<T[]>
  /** The same for one finished entry while others run: what a `progress` callback needs. */
  consumeUploadedEntry<T>(entry: UploadEntry, fn: ConsumeFunction<T>): Promise<T>
  /** The entries that are stored, and those still waiting or on their way. Invalid and failed ones are in neither. */
  uploadedEntries(configName: UploadName): Promise<{ completed: UploadEntry[]; inProgress: UploadEntry[] }>
}
