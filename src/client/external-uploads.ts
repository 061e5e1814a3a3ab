/**
 * The files of a page that uploaders send elsewhere: our own for S3, and those that the application gives to `connect`. What they say of a file
 * reaches the server also when its connection is lost meanwhile, and what they ask of it is asked until it is answered.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { type ExternalReply, externalQuestion, whereQuestion, type WireQuestion } from '../protocol/external-uploads.ts'
import { type FileFailureCode, fileEvents } from '../protocol/file-notes.ts'
import { viewEvents } from '../protocol/message.ts'
import type { DomCallbacks } from './runtime-hooks.ts'
import { pause } from './send-file.ts'
import { onJoined } from './pushes.ts'
import type { Channel } from 'phoenix'
import type { Entry, View } from './upload-job.ts'
import { inputOf, listedIn, uploadInputs } from './upload-lists.ts'
import { tellView, untrackFiles } from './upload-inputs.ts'
import { swallowSubmits } from './waiting-submits.ts'

/** What of the official client's entry matters here. */
export interface ExternalEntry extends Omit<Entry, 'view' | 'metadata'> {
  readonly view: ExternalView
  /** What {@link metadata} gives. */
  meta: { readonly uploader: string }
  _onCancel(): void
  error(reason?: string): void
  metadata(): unknown
}

interface ExternalView extends View {
  readonly channel: Channel
  pushWithReply(refs: null, event: string, payload: object): Promise<{ readonly type: 'ok' | 'error' }>
}

type OnViewError = (run: () => void) => void
export type ExternalUploader = (entries: readonly ExternalEntry[], onViewError: OnViewError, ...rest: unknown[]) => void

/** A file on its way. */
export interface ExternalJob {
  readonly entry: ExternalEntry
  /** Ends it: cancelled, failed, or forgotten by its view. */
  readonly stop: AbortController
  /** Its view has joined anew: what was said on the old connection may never be answered. */
  readonly renew: EventTarget
  /** Says how far it is, in percent; at 100 that it is there. */
  reached(percent: number): void
  fail(reason: string): void
  /** It cannot be read any more. */
  unreadable(code: FileFailureCode): void
  /** Asks whoever said where it goes. Rejects with a {@link Refused} when that is no use any more. */
  ask(question: unknown): Promise<unknown>
}

/** Nobody answers: the file cannot go on. */
export class Refused extends Error {}

interface Told extends ExternalJob {
  /** How often it was begun anew. */
  readonly retries: number
  /** What the server is to know. */
  said: number | { readonly error: string }
  toldAt: number
  /** For an uploader that gives up when the connection is lost. */
  giveUp: () => void
}

/** The least time between two reports of a file, in ms. */
const leastPause = 500
/** How long one question may take, in ms; who asks again has the same answer. */
const answerTime = 30_000
const mostFailures = 6

export class ExternalUploads {
  readonly #jobs = new Map<string, Told>()
  /** Those that have failed and may be asked for once more. */
  readonly #failed = new Map<string, Told>()
  /** The entries with which the submit that they were sent for has ended. */
  readonly #settled = new WeakSet<ExternalEntry>()
  #uploaders: Readonly<Record<string, ExternalUploader>> = {}
  /** Views whose next patch is that of a join. */
  readonly #joining = new Set<string>()
  #liveSocket!: LiveSocket

  /** The same uploaders, whose files are looked after. */
  wrap(uploaders: Readonly<Record<string, unknown>>): Readonly<Record<string, ExternalUploader>> {
    const wrapped = Object.entries(uploaders).map(([name, uploader]) => [
      name,
      this.#wrap(uploader as ExternalUploader),
    ])
    this.#uploaders = Object.fromEntries(wrapped) as Record<string, ExternalUploader>
    return this.#uploaders
  }

  #wrap(uploader: ExternalUploader): ExternalUploader {
    return (entries, _, ...rest) => {
      const jobs = entries.map((entry) => this.#jobs.get(entry.ref) ?? this.#take(entry))
      const onViewError: OnViewError = (run) => {
        for (const job of jobs) job.giveUp = run
      }
      uploader(entries, onViewError, ...rest)
    }
  }

  /** The job of an entry that was handed to an uploader. */
  job({ ref }: ExternalEntry): ExternalJob {
    return this.#jobs.get(ref)!
  }

  /** The refs of a view's files on their way. */
  sending({ id }: Element): readonly string[] {
    return [...this.#jobs.values()].filter(({ entry }) => entry.view.id === id).map(({ entry }) => entry.ref)
  }

  watch(liveSocket: LiveSocket): void {
    this.#liveSocket = liveSocket
    onJoined(liveSocket, (id) => this.#joining.add(id))
    swallowSubmits(() => [...this.#jobs.values()].map(({ entry }) => entry))
  }

  callbacks(dom: DomCallbacks): DomCallbacks {
    return {
      ...dom,
      onPatchEnd: (container) => {
        dom.onPatchEnd?.(container)
        const joined = this.#joining.delete(container.id)
        if (this.#jobs.size > 0 || this.#failed.size > 0) this.#follow(joined ? container.id : undefined)
      },
    }
  }

  /** Does what the inputs say now. `joined`: the view whose inputs are those of a join. */
  #follow(joined: string | undefined): void {
    const inputs = uploadInputs()
    const [failed, listed] = [listedIn(inputs, 'error'), listedIn(inputs, 'active')]
    for (const job of this.#jobs.values()) {
      const { ref, view } = job.entry
      const isJoined = view.id === joined
      if (failed.has(ref) || (isJoined && !listed.has(ref))) this.#forget(job)
      else if (isJoined) {
        job.renew.dispatchEvent(new Event('renew'))
        this.#tell(job)
      }
    }
    this.#retry(inputs, listed)
  }

  /** Begins anew what has failed and is to be sent again, and forgets what has left. */
  #retry(inputs: readonly HTMLInputElement[], listed: ReadonlySet<string>): void {
    for (const said of listedIn(inputs, 'retries')) {
      const [ref, times] = said.split(':') as [string, string]
      const before = this.#failed.get(ref) ?? this.#jobs.get(ref)
      if (before === undefined || Number(times) <= before.retries) continue
      // It may not have heard that it had failed.
      this.#forget(before)
      this.#failed.delete(ref)
      void this.#again(this.#begin(before.entry, Number(times)))
    }
    for (const ref of this.#failed.keys()) if (!listed.has(ref)) this.#failed.delete(ref)
  }

  async #again(job: Told): Promise<void> {
    const { entry } = job
    try {
      entry.meta = (await this.#ask(job, whereQuestion)) as { readonly uploader: string }
      const { uploader } = entry.meta
      const upload = this.#uploaders[uploader]
      if (upload === undefined) job.fail(`no uploader '${uploader}'`)
      else upload([entry], () => {})
    } catch {
      // What was stopped concerns nobody; of the rest the page is told by the server.
      this.#forget(job)
    }
  }

  #take(entry: ExternalEntry): Told {
    const settle = entry._onDone
    const cancel = entry.cancel.bind(entry)
    const jobOf = (): Told | undefined => this.#jobs.get(entry.ref)
    entry._onDone = () => {
      jobOf()?.stop.abort()
      this.#jobs.delete(entry.ref)
      if (!this.#settled.has(entry)) settle()
    }
    // A view that was mounted anew does not know it. For the client that would be a file less to wait for.
    entry.cancel = () => {
      const job = jobOf()
      if (job !== undefined && this.#joining.has(entry.view.id)) this.#forget(job)
      else cancel()
    }
    entry.progress = (percent) => jobOf()?.reached(percent)
    entry.error = (reason = 'failed') => jobOf()?.fail(reason)
    return this.#begin(entry, 0)
  }

  #begin(entry: ExternalEntry, retries: number): Told {
    const job: Told = {
      entry,
      retries,
      stop: new AbortController(),
      renew: new EventTarget(),
      said: 0,
      toldAt: 0,
      giveUp: () => {},
      reached: (percent) => this.#say(job, percent),
      fail: (reason) => this.#say(job, { error: reason }),
      unreadable: (code) => {
        tellView(this.#liveSocket, entry.view.el, fileEvents.failed, { ref: entry.ref, code })
        this.#forget(job)
      },
      ask: (question) => this.#ask(job, question),
    }
    this.#jobs.set(entry.ref, job)
    return job
  }

  #say(job: Told, said: Told['said']): void {
    if (job.stop.signal.aborted || typeof job.said === 'object' || job.said === 100) return
    job.said = typeof said === 'number' ? Math.min(said, 100) : said
    const now = performance.now()
    if (typeof said === 'number' && said < 100 && now - job.toldAt < leastPause) return
    job.toldAt = now
    this.#tell(job)
  }

  #tell(job: Told): void {
    const { entry, said } = job
    const { view, ref } = entry
    if (!view.isConnected()) return
    // Without the input, which may have left the page: the server knows the file by its ref.
    const told = view.pushWithReply(null, viewEvents.progress, {
      event: null,
      ref: null,
      entry_ref: ref,
      progress: said,
    })
    if (typeof said === 'object') this.#forget(job)
    else if (said === 100)
      void told.then(({ type }) => {
        // Otherwise it is not there, and the page is told why; or it is said again.
        if (type !== 'ok' || this.#jobs.get(ref) !== job) return
        entry._isDone = true
        untrackFiles(inputOf(ref) ?? entry.fileEl, new Set([entry.file]))
        entry._onDone()
      })
  }

  /** Nothing more of it is sent, and a form that waits for it must not go without it. */
  #forget(job: Told): void {
    const { entry, stop } = job
    if (this.#jobs.get(entry.ref) === job) this.#jobs.delete(entry.ref)
    this.#failed.set(entry.ref, job)
    this.#settled.add(entry)
    stop.abort()
    entry._onCancel()
    job.giveUp()
    const { form } = entry.fileEl
    if (form !== null) entry.view.cancelSubmit(form)
  }

  async #ask(job: Told, question: unknown): Promise<unknown> {
    const { stop, renew } = job
    for (let failures = 0; !stop.signal.aborted;) {
      const reply = await this.#push(job, question)
      if (stop.signal.aborted) break
      if (reply !== undefined && 'answer' in reply) return reply.answer
      if (reply?.error === 'gone') throw new Refused('gone')
      if (reply?.error === 'failed' && ++failures >= mostFailures) throw new Refused('failed')
      await pause(Math.max(failures, 1), undefined, { stop: stop.signal, renew })
    }
    throw new Refused('stopped')
  }

  /** `undefined`: it was not answered, and may be asked again. */
  #push({ entry, renew, stop }: Told, question: unknown): Promise<ExternalReply | undefined> {
    const { view, ref } = entry
    if (!view.isConnected()) return Promise.resolve(undefined)
    const payload: WireQuestion = { ref: null, entry_ref: ref, question }
    return new Promise((resolve) => {
      const none = (): void => resolve(undefined)
      renew.addEventListener('renew', none, { once: true })
      stop.signal.addEventListener('abort', none, { once: true })
      view.channel
        .push(externalQuestion, payload, answerTime)
        .receive('ok', (reply: ExternalReply) => resolve(reply))
        .receive('error', none)
        .receive('timeout', none)
    })
  }
}
