/**
 * One mounted view: its context, its uploads, and the effects that wait to be sent. Serves the first page over HTTP and the
 * connected page alike; who owns it decides when to render and where effects go.
 */
import { assertRendered } from '../diff/diff.ts'
import { describe, describeClaim, LiveError } from '../errors.ts'
import type { Rendered } from '../template/rendered.ts'
import { randomText } from '../token/random.ts'
import type { ConsumeFunction } from '../upload/consume.ts'
import type { UploadConfig, UploadEntry } from '../upload/entry.ts'
import type { UploadConfigOptions } from '../upload/options.ts'
import { whileRendering } from '../upload/tags.ts'
import { type UploadHost, Uploads } from '../upload/uploads.ts'
import type { LiveHost } from './host.ts'
import { isPromise } from './mailbox.ts'
import type { LiveViewSocket, RedirectOptions } from './socket.ts'
import type { LiveViewCallbacks, LiveView, Params, RenderMeta, SessionData } from './view.ts'

type Callbacks = LiveViewCallbacks<object, { type: string }, string, unknown>

/** What an instance needs of its owner. */
export interface InstanceOwner {
  readonly host: LiveHost
  readonly connected: boolean
  /** Something is to be sent or rendered. Called inside callbacks and outside. */
  changed(): void
  sendInfo(info: unknown): void
  subscribe(topic: string): void
  /** What uploads need beyond the host: the token that admits an entry's channel, and how busy the connection is. */
  uploadToken(configRef: string, entryUuid: string): string
  sending(): number
  uploadFailed(): void
  report(error: unknown): void
  csrfToken(): string
}

export interface Redirect {
  readonly to: string
  readonly status: number
}

const noUploads: Readonly<Record<string, UploadConfig>> = Object.freeze({})

export class ViewInstance implements LiveViewSocket<object> {
  readonly id: string
  readonly #owner: InstanceOwner
  readonly #callbacks: Callbacks
  #context: object = {}
  #uploads: Uploads | undefined
  #abort: AbortController | undefined
  #ended = false
  #mounted = false
  #lastTitle: string | undefined
  #url: string

  /** True when the view may look different from its last render. */
  dirty = true
  title: string | undefined
  events: (readonly [name: string, payload: unknown])[] | undefined
  redirected: Redirect | undefined

  constructor(view: LiveView, id: string, url: string, owner: InstanceOwner) {
    this.id = id
    this.#url = url
    this.#owner = owner
    this.#callbacks = view.callbacks
  }

  // What the owner does.

  mount(session: SessionData, params: Params): void | Promise<void> {
    const mounted = (): void => {
      this.#mounted = true
    }
    const work = this.#callbacks.mount?.(this, session, params)
    return isPromise(work) ? Promise.resolve(work).then(mounted) : mounted()
  }

  handleParams(url: string, params: Params): void | Promise<void> {
    this.#url = url
    this.dirty = true
    return this.#callbacks.handleParams?.(this, new URL(url), params)
  }

  handleEvent(event: { readonly type: string; readonly values: unknown }): void | Promise<void> {
    if (this.#callbacks.handleEvent === undefined) {
      throw new LiveError(
        'ERR_NO_HANDLER',
        `the page sent the event ${describeClaim(event.type)}, but the view has no handleEvent`,
      )
    }
    return this.#callbacks.handleEvent(this, event)
  }

  handleInfo(info: unknown): void | Promise<void> {
    if (this.#callbacks.handleInfo === undefined) {
      throw new LiveError('ERR_NO_HANDLER', 'the view was sent an info, but has no handleInfo')
    }
    return this.#callbacks.handleInfo(this, info)
  }

  handleProgress(
    entry: UploadEntry,
    progress: (socket: never, entry: UploadEntry) => void | Promise<void>,
  ): void | Promise<void> {
    return progress(this as never, entry)
  }

  shutdown(): void | Promise<void> {
    return this.#mounted ? this.#callbacks.shutdown?.(this) : undefined
  }

  /** Renders, and has `print` make of it what is sent: rows of a list are rendered only then. */
  render<T>(print: (rendered: Rendered) => T): T {
    this.dirty = false
    const configs = this.#uploads?.configs ?? noUploads
    const meta = new Meta(configs, this.#url, this.connected, this.#owner)
    return whileRendering(configs, () => {
      const rendered: unknown = this.#callbacks.render(this.#context, meta)
      assertRendered(rendered, 'render')
      return print(rendered)
    })
  }

  get uploads(): Uploads | undefined {
    return this.#uploads
  }

  end(): void {
    this.#ended = true
    this.#abort?.abort()
    this.#uploads?.end()
  }

  // What the view's callbacks do.

  get connected(): boolean {
    return this.#owner.connected
  }

  get context(): Readonly<object> {
    return this.#context
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#ended) this.#abort.abort()
    return this.#abort.signal
  }

  assign(changes: object): void {
    if (typeof changes !== 'object' || changes === null) {
      throw new LiveError('ERR_VIEW', `assign: expected an object, got ${describe(changes)}`)
    }
    this.#context = { ...this.#context, ...changes }
    this.#changed()
  }

  pageTitle(title: string): void {
    const text = String(title)
    if (text === this.#lastTitle) return
    this.#lastTitle = this.title = text
    this.#owner.changed()
  }

  pushEvent(name: string, payload: Readonly<Record<string, unknown>> = {}): void {
    this.events ??= []
    this.events.push([name, payload])
    this.#owner.changed()
  }

  sendInfo(info: unknown): void {
    if (!this.#ended) this.#owner.sendInfo(info)
  }

  subscribe(topic: string): void {
    if (!this.#ended) this.#owner.subscribe(topic)
  }

  publish(topic: string, info: unknown): void {
    const published = this.#owner.host.pubsub.publish(topic, info)
    published?.catch((error: unknown) => this.#owner.report(error))
  }

  redirect(to: string, { status = 302 }: RedirectOptions = {}): void {
    if (!isRedirectTarget(to)) {
      throw new LiveError(
        'ERR_REDIRECT',
        `redirect: expected a path like '/home' or an http(s) URL, got ${describe(to)}`,
      )
    }
    this.redirected = { to, status }
    this.#owner.changed()
  }

  allowUpload(name: string, options?: UploadConfigOptions<LiveViewSocket<object>>): Promise<void> {
    this.#uploads ??= new Uploads(this.#uploadHost())
    this.#uploads.allow(name, options)
    this.#changed()
    return Promise.resolve()
  }

  cancelUpload(configName: string, ref: string): Promise<void> {
    const cancelled = this.#known().cancel(configName, ref)
    this.#changed()
    // The page does not await it; a wrong ref may come from the browser and must not end the process.
    cancelled.catch((error: unknown) => this.#owner.report(error))
    return cancelled
  }

  consumeUploadedEntries<T>(configName: string, fn: ConsumeFunction<T>): Promise<T[]> {
    return this.#known()
      .consumeAll(configName, fn)
      .finally(() => this.#changed())
  }

  consumeUploadedEntry<T>(entry: UploadEntry, fn: ConsumeFunction<T>): Promise<T> {
    return this.#known()
      .consume(entry, fn)
      .finally(() => this.#changed())
  }

  async uploadedEntries(configName: string): Promise<{ completed: UploadEntry[]; inProgress: UploadEntry[] }> {
    return this.#known().entries(configName)
  }

  #changed(): void {
    this.dirty = true
    this.#owner.changed()
  }

  /** Also a view that allowed nothing answers with the message of an unknown name. */
  #known(): Uploads {
    this.#uploads ??= new Uploads(this.#uploadHost())
    return this.#uploads
  }

  #uploadHost(): UploadHost {
    const owner = this.#owner
    const { host } = owner
    return {
      ceilings: host.uploadCeilings,
      files: host.files,
      openWriter: host.openWriter,
      uuid: () => crypto.randomUUID(),
      domId: () => `phx-${randomText(6)}`,
      token: (configRef, entryUuid) => owner.uploadToken(configRef, entryUuid),
      sending: () => owner.sending(),
      startTimer: (ms, fire) => host.startTimer(ms, fire),
      failed: () => {
        this.dirty = true
        owner.uploadFailed()
      },
      background: (work) => host.background(work),
      report: (error) => owner.report(error),
    }
  }
}

class Meta implements RenderMeta {
  readonly uploads: Readonly<Record<string, UploadConfig>>
  readonly connected: boolean
  readonly #url: string
  readonly #owner: InstanceOwner

  constructor(uploads: Readonly<Record<string, UploadConfig>>, url: string, connected: boolean, owner: InstanceOwner) {
    this.uploads = uploads
    this.connected = connected
    this.#url = url
    this.#owner = owner
  }

  get url(): URL {
    return new URL(this.#url)
  }

  /** Made when it is asked for: a signature costs more than most renders. */
  get csrfToken(): string {
    return this.#owner.csrfToken()
  }
}

/** A local path, or a full URL of the web; nothing that a browser would read as a script or as another host's path. */
function isRedirectTarget(to: unknown): to is string {
  if (typeof to !== 'string' || /[\\\p{Cc}]/u.test(to)) return false
  if (to.startsWith('/')) return !to.startsWith('//') && !to.startsWith('/%09')
  return /^https?:\/\//.test(to) && URL.canParse(to)
}
