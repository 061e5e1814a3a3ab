/**
 * A part of a page with a state of its own: a view, or a live component. Here is what the callbacks of both can do; what is special to
 * each stands in `instance.ts` and `component-instance.ts`. Who owns the page decides when it is rendered and where its effects go.
 */
import { describe, LiveError } from '../errors.ts'
import type { JsCommands } from '../js/commands.ts'
import { printUnder } from '../protocol/base-path.ts'
import type { WireJsCommand } from '../protocol/js-commands.ts'
import { pageEvents } from '../protocol/message.ts'
import { type AnyTopic, topicName } from '../pubsub/topic.ts'
import type { ConsumeFunction } from '../upload/consume.ts'
import type { UploadEntry } from '../upload/entry.ts'
import type { UploadConfigOptions } from '../upload/options.ts'
import type { TempFileMeta } from '../upload/writer.ts'
import type { Uploads } from '../upload/uploads.ts'
import type { AsyncFunction, AsyncOptions } from './async.ts'
import { readComponentId } from './component-slot.ts'
import type { LiveComponent } from './definitions.ts'
import type { DownloadOptions, DownloadSource } from './download.ts'
import { isReply } from './event.ts'
import { Loading } from './loading.ts'
import {
  type ExternalTarget,
  type NavigateOptions,
  type Navigation,
  type RedirectOptions,
  toNavigation,
  toRedirect,
} from './navigation.ts'
import { startDownload } from './part-downloads.ts'
import { PartLife } from './part-life.ts'
import { uploadsOf } from './part-uploads.ts'
import { repeat } from './repeat.ts'
import type { LiveSocket, StreamAsyncOptions } from './socket.ts'
import { type StreamInsertOptions, type StreamOptions, Streams } from './streams.ts'
import { Work } from './work.ts'

export abstract class Part extends PartLife implements LiveSocket<object> {
  /** The DOM id of the view. */
  abstract readonly pageId: string

  pushEvent(
    name: string,
    payload: Readonly<Record<string, unknown>> = {},
    { beforePatch = false }: { readonly beforePatch?: boolean | undefined } = {},
  ): void {
    if (this.ended) return
    this.owner.effects.push(beforePatch ? [name, payload, true] : [name, payload], this.isView)
    this.owner.changed()
  }

  pushJs(commands: JsCommands | readonly WireJsCommand[], { to }: { readonly to?: string | undefined } = {}): void {
    // Also a list that was kept as data: both are an array as JSON.
    const isList = typeof commands === 'object' && commands !== null
    const encoded = isList ? printUnder(this.owner.host.basePath, () => JSON.stringify(commands)) : ''
    if (!encoded.startsWith('[')) {
      throw new LiveError(
        'ERR_VIEW',
        `pushJs: expected JS commands, as js.show() makes them, got ${describe(commands)}`,
      )
    }
    if (to !== undefined && (typeof to !== 'string' || to.trim() === '')) {
      throw new LiveError('ERR_VIEW', `pushJs: to must be a selector like '#menu', got ${describe(to)}`)
    }
    this.pushEvent(pageEvents.exec, { id: this.pageId, to: to ?? null, commands: encoded })
  }

  resetForm(id: string): void {
    if (typeof id !== 'string' || id === '') {
      throw new LiveError('ERR_VIEW', `resetForm: expected the id of a form, got ${describe(id)}`)
    }
    this.pushEvent(pageEvents.resetForm, { id, ahead: true }, { beforePatch: true })
    this.pushEvent(pageEvents.resetForm, { id })
  }

  reply(payload: Readonly<Record<string, unknown>>): void {
    if (!isReply(payload)) {
      throw new LiveError('ERR_EVENT', `reply: expected an object, got ${describe(payload)}`)
    }
    this.owner.effects.reply = payload
  }

  sendInfo(info: unknown): void {
    if (!this.ended) this.owner.sendInfo(info)
  }

  sendUpdate(
    component: LiveComponent<never>,
    props: Readonly<Record<string, unknown>>,
    { delay = 0 }: { readonly delay?: number | undefined } = {},
  ): void {
    readComponentId('sendUpdate', component, props)
    if (typeof delay !== 'number' || !(delay >= 0 && delay < Infinity)) {
      throw new LiveError('ERR_VIEW', `sendUpdate: delay must be a time in ms, 0 or more, got ${describe(delay)}`)
    }
    if (this.ended) return
    if (delay > 0) this.owner.startTimer(delay, () => this.owner.sendUpdate(component, props))
    else this.owner.sendUpdate(component, props)
  }

  publish(topic: string | AnyTopic, info: unknown): void {
    const published = this.owner.host.pubsub.publish(topicName('publish', topic), info)
    published?.catch((error: unknown) => this.owner.report(error, 'info', this))
  }

  repeat(run: () => void | Promise<void>, interval: number): () => void {
    return repeat(this, run, interval)
  }

  redirect(to: string | ExternalTarget, options?: RedirectOptions): void {
    this.#goTo(toRedirect(to, options))
  }

  pushPatch(to: string, options?: NavigateOptions): void {
    this.#goTo(toNavigation('patch', to, options))
  }

  pushNavigate(to: string, options?: NavigateOptions): void {
    this.#goTo(toNavigation('navigate', to, options))
  }

  #goTo(navigation: Navigation): void {
    // Also a component that has left the page takes nobody along.
    if (this.ended) return
    this.owner.effects.navigation = navigation
    this.owner.changed()
  }

  download(source: DownloadSource, options?: DownloadOptions): void {
    startDownload(this, source, options)
  }

  putFlash(kind: string, message: string): void {
    if (this.ended) return
    this.owner.effects.flash.put(String(kind), String(message))
    this.markChanged()
  }

  clearFlash(kind?: string): void {
    if (!this.ended && this.owner.effects.flash.clear(kind)) this.markChanged()
  }

  // Streams.

  stream(name: string, items: Iterable<unknown>, options?: StreamOptions<never>): void {
    this.assign({ [name]: this.#streamsInUse.put(name, items, options) })
  }

  streamInsert(name: string, item: unknown, options?: StreamInsertOptions): void {
    this.#streamsInUse.insert(name, item, options)
    this.markChanged()
  }

  streamDelete(name: string, item: unknown): void {
    this.#streamsInUse.delete(name, item)
    this.markChanged()
  }

  streamDeleteByDomId(name: string, domId: string): void {
    this.#streamsInUse.deleteByDomId(name, domId)
    this.markChanged()
  }

  streamConfigure(name: string, options: { readonly domId: (item: never) => string }): void {
    this.#streamsInUse.configure(name, options)
  }

  get #streamsInUse(): Streams {
    return (this.streams ??= new Streams(this.streamPrefix))
  }

  // What loads.

  streamAsync(name: string, load: AsyncFunction<Iterable<unknown>>, options?: StreamAsyncOptions<never>): void {
    this.#loads.stream(name, load, options)
  }

  assignAsync(
    names: string | readonly string[],
    load: AsyncFunction<Readonly<Record<string, unknown>>>,
    options?: AsyncOptions,
  ): void {
    this.#loads.assign(names, load, options)
  }

  startAsync(name: string, work: AsyncFunction<unknown>): void {
    this.#loads.start(name, work)
  }

  cancelAsync(name: string, reason: unknown = new DOMException('cancelled', 'AbortError')): void {
    this.loading?.cancel(name, reason)
  }

  get #loads(): Loading {
    return (this.loading ??= new Loading(this))
  }

  // Uploads.

  allowUpload<Meta = TempFileMeta>(name: string, options?: UploadConfigOptions<this, Meta>): Promise<void> {
    this.#uploadsInUse.allow(name, options as UploadConfigOptions<never, never>)
    this.markChanged()
    return Promise.resolve()
  }

  cancelUpload(configName: unknown, ref: unknown): Promise<void> {
    const cancelled = this.#uploadsInUse.cancel(configName as string, ref as string)
    this.markChanged()
    // The page does not await it; a wrong ref may come from the browser and must not end the process.
    return this.#work(cancelled)
  }

  pauseUpload(configName: unknown, ref: unknown): Promise<void> {
    return this.#change((uploads) => uploads.pause(configName as string, ref as string))
  }

  resumeUpload(configName: unknown, ref: unknown): Promise<void> {
    return this.#change((uploads) => uploads.resume(configName as string, ref as string))
  }

  retryUpload(configName: unknown, ref: unknown): Promise<void> {
    return this.#change((uploads) => uploads.retry(configName as string, ref as string))
  }

  dismissLost(configName: string): void {
    this.#uploadsInUse.dismissLost(configName)
    this.markChanged()
  }

  consumeUploadedEntries<T, Meta>(configName: string, fn: ConsumeFunction<T, Meta>): Promise<T[]> {
    const consumed = this.#uploadsInUse.consumeAll(configName, fn)
    return this.#work(consumed.finally(() => this.markChanged()))
  }

  consumeUploadedEntry<T, Meta>(entry: UploadEntry, fn: ConsumeFunction<T, Meta>): Promise<T> {
    const consumed = this.#uploadsInUse.consume(entry, fn)
    return this.#work(consumed.finally(() => this.markChanged()))
  }

  uploadedEntries(configName: string): Promise<{ completed: UploadEntry[]; inProgress: UploadEntry[] }> {
    return this.#work((async () => this.#uploadsInUse.entries(configName))())
  }

  /** Applies at once. */
  #change(change: (uploads: Uploads) => void): Promise<void> {
    const changed = (async () => change(this.#uploadsInUse))()
    this.markChanged()
    return this.#work(changed)
  }

  /** What fails and nobody awaits is reported, and ends neither the view nor the process. */
  #work<T>(promise: Promise<T>): Promise<T> {
    return new Work(promise, (error) => this.owner.report(error, 'upload', this))
  }

  /** Also a part that allowed nothing answers with the message of an unknown name. */
  get #uploadsInUse(): Uploads {
    return (this.uploads ??= uploadsOf(this))
  }
}
