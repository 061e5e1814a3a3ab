/**
 * The uploader that the server names for the files of a page with our client module: it sends them over HTTP, three at once, and waits out
 * what the official client would give up for. A view that goes on after its connection was lost finds them still on their way.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { fileEvents } from '../protocol/file-notes.ts'
import { type HttpGrant, httpUploader, httpUploadsParam } from '../protocol/http-uploads.ts'
import { channelEvents, viewTopicPrefix } from '../protocol/message.ts'
import { onAnswer } from './pushes.ts'
import type { DomCallbacks } from './runtime-hooks.ts'
import { type Channels, type ChunkConfig, sendChunks } from './send-chunks.ts'
import { type Sent, sendFile } from './send-file.ts'
import { Turns } from './turns.ts'
import { type ChosenFile, keepsFiles, refsOf, tellView, uploadRef } from './upload-inputs.ts'

/** What of the official client's entry matters here. */
interface Entry {
  readonly ref: string
  readonly file: ChosenFile
  readonly view: View
  fileEl: HTMLInputElement
  _lastProgressSent: number
  _onDone: () => void
  cancel(): void
  error(reason: string): void
  isCancelled(): boolean
  metadata(): HttpGrant
  onCancel(run: () => void): void
  progress(percent: number): void
}

interface View {
  readonly id: string
  readonly el: HTMLElement
  isConnected(): boolean
  cancelSubmit(form: HTMLFormElement): void
  getScheduledSubmit(form: HTMLFormElement): unknown
}

type Upload = (entries: readonly Entry[], onError: unknown, answer: { readonly config: ChunkConfig }) => void

interface Job {
  readonly entry: Entry
  readonly stop: AbortController
  readonly renew: EventTarget
  /** The server has all of it, and the page is still to be told so. */
  sent: boolean
}

/** How long a sign of life may take, in ms. */
const answerTime = 5000

export class Uploader {
  readonly #jobs = new Set<Job>()
  readonly #turns = new Turns()
  /** Views whose next patch is that of a join. */
  readonly #joining = new Set<string>()
  /** Set before the first view joins. */
  #liveSocket!: LiveSocket

  /** What goes with the join of each view. */
  params({ id }: Element): object {
    // On another site the visitor's cookie is missing.
    if (!this.#isOwnSite()) return {}
    const sending = [...this.#jobs].filter(({ entry }) => entry.view.id === id)
    return { [httpUploadsParam]: sending.map(({ entry }) => entry.ref) }
  }

  /** The official client's option. */
  readonly uploaders: Readonly<Record<string, Upload>> = {
    [httpUploader]: (entries, _, answer) => {
      for (const entry of entries) void this.#begin(entry, answer.config)
    },
  }

  watch(liveSocket: LiveSocket): void {
    this.#liveSocket = liveSocket
    onAnswer(liveSocket, ({ topic, event, ref, join_ref: joinRef }) => {
      if (event !== channelEvents.reply || ref !== joinRef || !topic.startsWith(viewTopicPrefix)) return
      const id = topic.slice(viewTopicPrefix.length)
      this.#joining.add(id)
      for (const job of this.#jobs) if (job.entry.view.id === id) job.renew.dispatchEvent(new Event('renew'))
    })
    // The client has unlocked a form that still waits for its files, as its view was joined anew.
    addEventListener('submit', (event) => this.#swallow(event), true)
  }

  /** The patch that follows a join has the inputs as the server has them. */
  callbacks(dom: DomCallbacks): DomCallbacks {
    return {
      ...dom,
      onPatchEnd: (container) => {
        dom.onPatchEnd?.(container)
        const joined = this.#joining.delete(container.id)
        if (this.#jobs.size === 0) return
        const failed = failedRefs()
        for (const job of this.#jobs) {
          if (joined && job.entry.view.id === container.id) this.#rejoined(job)
          else if (failed.has(job.entry.ref)) this.#forget(job)
        }
      },
    }
  }

  /** A connection may only seem to live, and HTTP be as dead. */
  #isAnswered(): Promise<boolean> {
    const socket = this.#liveSocket.getSocket() as unknown as { ping(answered: () => void): boolean }
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), answerTime)
      const answered = (): void => {
        clearTimeout(timer)
        resolve(true)
      }
      if (!socket.ping(answered)) resolve(false)
    })
  }

  #isOwnSite(): boolean {
    return new URL(this.#liveSocket.getSocket().endPointURL(), location.href).host === location.host
  }

  async #begin(entry: Entry, config: ChunkConfig): Promise<void> {
    const job: Job = { entry, stop: new AbortController(), renew: new EventTarget(), sent: false }
    const settle = once(entry._onDone)
    entry._onDone = () => {
      this.#jobs.delete(job)
      settle()
    }
    const cancel = entry.cancel.bind(entry)
    entry.cancel = () => {
      // A view that was mounted anew does not know it. For the client that would be a file less to wait for.
      if (this.#joining.has(entry.view.id)) this.#forget(job)
      else cancel()
    }
    entry.onCancel(() => job.stop.abort())
    this.#jobs.add(job)
    await this.#turns.take(async (inTurn) => {
      if (job.stop.signal.aborted) return
      const { url, proof } = entry.metadata()
      const isConnected = async (): Promise<boolean> => entry.view.isConnected() && (await this.#isAnswered())
      const sent = await sendFile(entry.file, {
        url,
        proof,
        stop: job.stop.signal,
        renew: job.renew,
        inTurn,
        isConnected,
      })
      await this.#end(job, sent, config)
    })
  }

  async #end(job: Job, sent: Sent, config: ChunkConfig): Promise<void> {
    const { entry } = job
    switch (sent.what) {
      case 'done':
        return this.#tell(job)
      case 'blocked': {
        const { token } = entry.metadata()
        const chunked = { ref: entry.ref, file: entry.file, token, stop: job.stop.signal }
        const became = await sendChunks(this.#liveSocket as unknown as Channels, chunked, config)
        if (became === 'done') return this.#tell(job)
        if (became === 'left') return void this.#jobs.delete(job)
        return this.#fail(job, became.failed)
      }
      case 'unreadable':
        tellView(this.#liveSocket, entry.view.el, fileEvents.failed, { ref: entry.ref, code: sent.code })
        return this.#leave(job)
      case 'failed':
        return this.#leave(job)
      case 'stopped':
        this.#jobs.delete(job)
    }
  }

  /** Says that all of it is there: again after each join, until it is answered. */
  #tell(job: Job): void {
    job.sent = true
    const { entry } = job
    const input = inputOf(entry.ref)
    // The input has left the page: the server's own word makes the page right, and `waiting-submits.ts` releases a form that is back.
    if (input === undefined) return void this.#jobs.delete(job)
    entry.fileEl = input
    keepsFiles(input)
    if (!entry.view.isConnected()) return
    entry._lastProgressSent = -1
    entry.progress(100)
  }

  #rejoined(job: Job): void {
    if (inputOf(job.entry.ref) === undefined) this.#forget(job)
    else if (job.sent) this.#tell(job)
  }

  /** It concerns nobody any more; a form that waits for it must not go without it. */
  #forget(job: Job): void {
    job.stop.abort()
    this.#leave(job)
  }

  #fail(job: Job, reason: string): void {
    const { entry } = job
    if (entry.isCancelled() || job.stop.signal.aborted) return
    this.#leave(job)
    if (entry.view.isConnected() && inputOf(entry.ref) !== undefined) entry.error(reason)
  }

  /** The entry stays on the page, with what the server says of it, until somebody takes it away. */
  #leave(job: Job): void {
    this.#jobs.delete(job)
    const { form } = job.entry.fileEl
    if (form !== null) job.entry.view.cancelSubmit(form)
  }

  #swallow(event: Event): void {
    for (const { entry } of this.#jobs) {
      const { form } = entry.fileEl
      if (form === null || form !== event.target || entry.view.getScheduledSubmit(form) === undefined) continue
      event.preventDefault()
      event.stopImmediatePropagation()
    }
  }
}

/** The input that lists an entry now. */
function inputOf(ref: string): HTMLInputElement | undefined {
  return uploadInputs().find((input) => refsOf(input, 'active').split(',').includes(ref))
}

/** Those that the server says have failed: before their requests are told so, which the browser would call an error. */
function failedRefs(): ReadonlySet<string> {
  return new Set(uploadInputs().flatMap((input) => refsOf(input, 'error').split(',')))
}

function uploadInputs(): readonly HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>(`input[${uploadRef}]`)]
}

function once(run: () => void): () => void {
  let ran = false
  return () => {
    if (ran) return
    ran = true
    run()
  }
}
