/**
 * The uploader that the server names for the files of a page with our client module: it sends them over HTTP, three at once, and waits out
 * what the official client would give up for. A view that goes on after its connection was lost finds them still on their way.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { type FileFailureCode, fileEvents } from '../protocol/file-notes.ts'
import { httpUploader, httpUploadsParam } from '../protocol/http-uploads.ts'
import { DoneReports } from './done-reports.ts'
import { Hold } from './hold.ts'
import { onJoined } from './pushes.ts'
import type { DomCallbacks } from './runtime-hooks.ts'
import { type Channels, type ChunkConfig, sendChunks } from './send-chunks.ts'
import { readByte, type Sent, sendFile, type Way } from './send-file.ts'
import { swallowSubmits } from './waiting-submits.ts'
import { Turns } from './turns.ts'
import type { Entry, Job, Upload } from './upload-job.ts'
import { inputOf, listedIn, uploadInputs } from './upload-lists.ts'
import { keepsFiles, tellView, untrackFiles, uploadRef } from './upload-inputs.ts'

/** How long a sign of life may take, in ms. */
const answerTime = 5000
/** How often it is looked whether a file that is being sent is there still, in ms. */
const lookEvery = 2000
/** What an input is told by the client when the server has changed it. */
const fileUpdated = 'phx:live-file:updated'

export class Uploader {
  /** By the refs of their entries. */
  readonly #jobs = new Map<string, Job>()
  /** Those that have failed and may be asked for once more, by the refs of their entries. */
  readonly #failed = new Map<string, Job>()
  /** The entries with which the submit that they were sent for has ended. */
  readonly #settled = new WeakSet<Entry>()
  readonly #turns = new Turns(() => this.#isPolling())
  readonly #done = new DoneReports<Entry>((input, entries) =>
    untrackFiles(input, new Set(entries.map(({ file }) => file))),
  )
  /** Views whose next patch is that of a join. */
  readonly #joining = new Set<string>()
  /** Set before the first view joins. */
  #liveSocket!: LiveSocket

  /** What goes with the join of each view. `elsewhere`: its files that go elsewhere. */
  params({ id }: Element, elsewhere: readonly string[]): object {
    // On another site the visitor's cookie is missing.
    if (!this.#isOwnSite()) return {}
    const sending = [...this.#jobs.values()].filter(({ entry }) => entry.view.id === id)
    return { [httpUploadsParam]: [...sending.map(({ entry }) => entry.ref), ...elsewhere] }
  }

  /** The official client's option. */
  readonly uploaders: Readonly<Record<string, Upload>> = {
    [httpUploader]: (entries, _, answer) => {
      for (const entry of entries) this.#take(entry, answer.config)
    },
  }

  watch(liveSocket: LiveSocket): void {
    this.#liveSocket = liveSocket
    onJoined(liveSocket, (id) => {
      this.#joining.add(id)
      for (const job of this.#jobs.values()) if (job.entry.view.id === id) job.renew.dispatchEvent(new Event('renew'))
    })
    // What leaves the page has to get a connection. Where the page stays after all, as for a download, they go on.
    addEventListener('beforeunload', () => {
      for (const job of this.#jobs.values()) job.renew.dispatchEvent(new Event('renew'))
    })
    addEventListener('pagehide', () => {
      for (const job of this.#jobs.values()) job.stop.abort()
    })
    swallowSubmits(() => [...this.#jobs.values()].map(({ entry }) => entry))
  }

  /** The patch that follows a join has the inputs as the server has them. */
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
    const [failed, paused] = [listedIn(inputs, 'error'), listedIn(inputs, 'paused')]
    const listed = listedIn(inputs, 'active')
    const scanning = listedIn(inputs, 'scanning')
    if (joined !== undefined) this.#done.forget(joined)
    for (const job of [...this.#jobs.values()]) {
      const { ref, view } = job.entry
      if (view.id === joined) this.#rejoined(job, listed)
      else if (failed.has(ref)) this.#hasFailed(job)
      else if (!listed.has(ref)) job.entry._onElUpdated()
      else if (job.scanning && !scanning.has(ref)) job.entry._onDone()
      job.hold.put(paused.has(ref))
    }
    for (const [ref, { entry }] of this.#failed) if (entry.view.id !== joined && !listed.has(ref)) entry._onElUpdated()
    const granted = listedIn(inputs, 'preflighted')
    for (const said of listedIn(inputs, 'retries')) {
      const [ref, times] = said.split(':') as [string, string]
      const job = this.#failed.get(ref) ?? this.#jobs.get(ref)
      if (job === undefined || Number(times) <= job.retries || !granted.has(ref)) continue
      // It may not have heard that it had failed.
      job.stop.abort()
      this.#drop(job)
      this.#failed.delete(ref)
      void this.#begin(job.entry, job.config, Number(times), job.upload)
    }
    if (joined === undefined) return
    for (const [ref, { entry }] of this.#failed)
      if (entry.view.id === joined && !listed.has(ref)) this.#failed.delete(ref)
  }

  /** Another job of the same entry stays. */
  #drop(job: Job): void {
    if (this.#jobs.get(job.entry.ref) === job) this.#jobs.delete(job.entry.ref)
  }

  #isPolling(): boolean {
    const { conn } = this.#liveSocket.getSocket() as unknown as { readonly conn: unknown }
    // A browser may have none.
    return conn !== null && !(typeof WebSocket === 'function' && conn instanceof WebSocket)
  }

  /** A connection may only seem to live, and HTTP be as dead. */
  isAnswered(): Promise<boolean> {
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

  #take(entry: Entry, config: ChunkConfig): void {
    const settle = entry._onDone
    const upload = entry.fileEl.getAttribute(uploadRef) ?? ''
    entry._onDone = () => {
      const job = this.#jobs.get(entry.ref)
      if (job?.sent === true && listedIn(uploadInputs(), 'scanning').has(entry.ref)) {
        job.scanning = true
        this.#done.settled(entry, upload)
        return
      }
      this.#jobs.delete(entry.ref)
      if (!this.#settled.has(entry)) {
        this.#settled.add(entry)
        settle()
      }
      this.#done.settled(entry, upload)
    }
    // Each entry looks itself up in the whole list whenever the input changes: `#follow` does it once for all.
    entry.fileEl.removeEventListener(fileUpdated, entry._onElUpdated)
    const cancel = entry.cancel.bind(entry)
    entry.cancel = () => {
      this.#failed.delete(entry.ref)
      // A view that was mounted anew does not know it. For the client that would be a file less to wait for.
      if (this.#joining.has(entry.view.id)) this.#forget(entry)
      else cancel()
    }
    void this.#begin(entry, config, 0, upload)
    entry.onCancel(() => this.#jobs.get(entry.ref)?.stop.abort())
  }

  async #begin(entry: Entry, config: ChunkConfig, retries: number, upload: string): Promise<void> {
    const stop = new AbortController()
    const hold = new Hold(stop.signal)
    const job: Job = {
      entry,
      config,
      retries,
      stop,
      hold,
      renew: new EventTarget(),
      upload,
      sent: false,
      scanning: false,
    }
    this.#jobs.set(entry.ref, job)
    let goesOn = false
    while (!stop.signal.aborted) {
      await hold.over()
      const ended = await this.#turns.take((inTurn) =>
        hold.run((held) => this.#send(job, { stop: held, inTurn, goesOn })),
      )
      if (ended === true) return
      goesOn = true
    }
    this.#drop(job)
  }

  async #send(job: Job, way: Pick<Way, 'stop' | 'inTurn' | 'goesOn'>): Promise<boolean> {
    const { entry, renew } = job
    const isConnected = async (): Promise<boolean> => entry.view.isConnected() && (await this.isAnswered())
    const { url, proof, verify = false } = entry.metadata()
    const watch = setInterval(() => void this.#look(job), lookEvery)
    try {
      const sent = await sendFile(entry.file, { ...way, url, proof, verify, renew, isConnected })
      if (sent.what === 'stopped') return false
      await this.#end(job, sent)
      return true
    } finally {
      clearInterval(watch)
    }
  }

  /** A file that has gone while it is sent may look like a line that is slow. */
  async #look(job: Job): Promise<void> {
    const code = await readByte(job.entry.file, 0)
    if (code !== undefined && this.#jobs.get(job.entry.ref) === job && !job.sent) this.#unreadable(job, code)
  }

  #unreadable(job: Job, code: FileFailureCode): void {
    const { ref, view } = job.entry
    tellView(this.#liveSocket, view.el, fileEvents.failed, { ref, code })
    this.#hasFailed(job)
  }

  async #end(job: Job, sent: Sent): Promise<void> {
    const { entry, config } = job
    switch (sent.what) {
      case 'done':
        return this.#tell(job)
      case 'blocked': {
        const { token } = entry.metadata()
        const chunked = { ref: entry.ref, file: entry.file, token, stop: job.stop.signal }
        const became = await sendChunks(this.#liveSocket as unknown as Channels, chunked, config)
        if (became === 'done') return this.#tell(job)
        if (became === 'left') return this.#drop(job)
        if (became.failed !== 'unreadable') return this.#fail(job, became.failed)
        const code = (await readByte(entry.file, 0)) ?? 'file_unreadable'
        return this.#jobs.get(entry.ref) === job ? this.#unreadable(job, code) : undefined
      }
      case 'unreadable':
        return this.#unreadable(job, sent.code)
      case 'failed':
        return this.#hasFailed(job)
    }
  }

  /** Says that all of it is there: again after each join, until it is answered. */
  #tell(job: Job): void {
    job.sent = true
    const { entry } = job
    const input = inputOf(entry.ref)
    // The input has left the page: the server's own word makes the page right, and `waiting-submits.ts` releases a form that is back.
    if (input === undefined) return this.#drop(job)
    entry.fileEl = input
    keepsFiles(input)
    if (!entry.view.isConnected()) return
    let isLast = true
    for (const other of this.#jobs.values()) isLast &&= other.sent || other.upload !== job.upload
    this.#done.tell(entry, job.upload, isLast)
  }

  #rejoined(job: Job, listed: ReadonlySet<string>): void {
    if (!listed.has(job.entry.ref)) this.#forget(job.entry)
    else if (job.sent) this.#tell(job)
  }

  #fail(job: Job, reason: string): void {
    const { entry } = job
    if (entry.isCancelled() || job.stop.signal.aborted) return
    this.#hasFailed(job)
    const input = inputOf(entry.ref)
    if (entry.view.isConnected() && input !== undefined)
      entry.view.pushFileProgress(input, entry.ref, { error: reason })
  }

  /** The entry stays on the page, with what the server says of it, until somebody takes it away, or has it begin anew. */
  #hasFailed(job: Job): void {
    this.#failed.set(job.entry.ref, job)
    this.#forget(job.entry)
  }

  /** Nothing more of it is sent, and a form that waits for it must not go without it. */
  #forget(entry: Entry): void {
    const job = this.#jobs.get(entry.ref)
    this.#jobs.delete(entry.ref)
    job?.stop.abort()
    this.#settled.add(entry)
    const { form } = entry.fileEl
    if (form !== null) entry.view.cancelSubmit(form)
  }
}
