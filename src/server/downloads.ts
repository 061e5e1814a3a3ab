/**
 * The addresses of downloads: each is for the visitor whose view has started it, and for one download. What is sent by it is opened and
 * sent by the runtime. A stream is there once. A file may take several requests: a browser that was cut off asks for the rest.
 */
import type { DownloadContent, DownloadOutcome, DownloadShelf, OfferedDownload } from '../live/download.ts'
import type { Signer } from '../token/signer.ts'
import { randomText } from '../token/random.ts'
import type { Timer } from '../time/timer.ts'
import { Tally } from '../upload/tally.ts'
import type { Handover, HandoverEnd, LiveRequest, LiveResponse } from './http.ts'
import { Shares } from './shares.ts'

/** What they need of the server. */
export interface DownloadsHost {
  readonly signer: Signer
  visitorId(request: LiveRequest): string
  startTimer(ms: number, fire: () => void): Timer
  /** Milliseconds of a clock that only goes forward. */
  now(): number
  /** The path below the socket's, as the browser has it. */
  path(token: string): string
  /** More wait than may. */
  full(most: number): void
}

/** How many may wait for one visitor, and for all. */
const mostOfVisitor = 100
const mostOfAll = 10_000
/** How many parts of a file may be sent at once. */
const mostAtOnce = 16
/** How many streams may be sent to one visitor at once. */
const mostStreams = 32
/** How long a file whose request has ended early is there to be resumed, in ms. */
const resumeFor = 15 * 60_000
/** The same of one that was sent to its end: what was still on its way may have been lost. */
const knownFor = 60_000
/** What began that long ago is not resumed any more, in ms. */
const longest = 24 * 3_600_000

interface Kept {
  readonly id: string
  readonly visitorId: string
  readonly download: OfferedDownload
  timer: Timer | undefined
  /** When the first request came. */
  begunAt: number | undefined
  /** Requests that are being answered. */
  running: number
  bytes: number
  /** So far a file was sent from its beginning, without a gap. */
  sentTo: number
  /** The browser has been sent all of it. */
  whole: boolean
  /** Whoever started it has been told. */
  told: boolean
}

export class Downloads implements DownloadShelf {
  readonly #host: DownloadsHost
  readonly #kept = new Map<string, Kept>()
  readonly #shares = new Shares<Kept>(mostOfAll, mostOfVisitor)
  /** Streams that are being sent, by visitor. */
  readonly #streams = new Tally<string>()
  #running = 0

  constructor(host: DownloadsHost) {
    this.#host = host
  }

  /** Answers that are being sent. */
  get running(): number {
    return this.#running
  }

  offer(download: OfferedDownload, visitorId: string): string {
    const id = randomText(18)
    const fresh = { timer: undefined, begunAt: undefined, running: 0, bytes: 0, sentTo: 0, whole: false, told: false }
    const kept: Kept = { id, visitorId, download, ...fresh }
    this.#kept.set(id, kept)
    this.#wait(kept, download.expiresIn)
    const gives = this.#shares.enter(visitorId, kept)
    if (gives !== undefined) {
      this.#host.full(gives.full ? mostOfAll : mostOfVisitor)
      this.#forget(gives.page)
    }
    return this.#host.path(this.#host.signer.sign('download', id))
  }

  answer(request: LiveRequest, token: string): LiveResponse {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') return { ...refusal(405), headers: { ...plain, allow: 'GET, HEAD' } }
    const kept = this.#find(request, token)
    if (kept === undefined) return refusal(404)
    const { content } = kept.download
    if (content.kind === 'url') return this.#lead(kept, content.url, method)
    if (content.kind === 'path' && !isLeft(kept, request, this.#host.now())) return refusal(404)
    if (kept.running >= mostAtOnce) return refusal(429)
    if (method === 'HEAD') return handover(kept, content, () => {})
    if (content.kind === 'bytes') {
      if (this.#streams.of(kept.visitorId) >= mostStreams) return refusal(429)
      this.#streams.add(kept.visitorId, 1)
      this.#leave(kept)
    } else kept.timer?.cancel()
    kept.begunAt ??= this.#host.now()
    kept.running++
    this.#running++
    return handover(kept, content, (end) => this.#ended(kept, end))
  }

  /** The server stops: what nobody has asked for yet is closed. */
  close(): void {
    for (const kept of [...this.#kept.values()]) this.#forget(kept)
  }

  #find(request: LiveRequest, token: string): Kept | undefined {
    const id = this.#host.signer.verify('download', token, longest + maxWait)
    const kept = typeof id === 'string' ? this.#kept.get(id) : undefined
    return kept !== undefined && this.#host.visitorId(request) === kept.visitorId ? kept : undefined
  }

  /** On to another address: what comes from there, nobody here knows. */
  #lead(kept: Kept, url: string, method: string): LiveResponse {
    if (method === 'GET') {
      this.#leave(kept)
      this.#tell(kept, 'sent')
    }
    const headers = { location: url, 'cache-control': 'private, no-store', 'referrer-policy': 'no-referrer' }
    return { status: 302, headers, body: '' }
  }

  #ended(kept: Kept, end: HandoverEnd): void {
    kept.running--
    this.#running--
    kept.bytes += end.bytes
    if (kept.download.content.kind === 'bytes') this.#streams.add(kept.visitorId, -1)
    if (end.what === 'missing') return this.#over(kept, 'missing')
    if (end.what === 'failed') return this.#over(kept, 'failed', end.error)
    if (kept.download.content.kind === 'bytes') return this.#over(kept, end.what === 'whole' ? 'sent' : 'aborted')
    const { from = 0 } = end
    // A browser may look at the end of a film first.
    if (from <= kept.sentTo) {
      kept.sentTo = Math.max(kept.sentTo, from + end.bytes)
      kept.whole ||= end.what === 'whole'
    }
    if (kept.whole) this.#tell(kept, 'sent')
    if (kept.running === 0) this.#wait(kept, kept.whole ? knownFor : resumeFor)
  }

  #over(kept: Kept, outcome: DownloadOutcome, error?: unknown): void {
    this.#leave(kept)
    this.#tell(kept, outcome, error)
  }

  #wait(kept: Kept, ms: number): void {
    // Its place may have been taken meanwhile.
    if (!this.#kept.has(kept.id)) return this.#tell(kept, 'aborted')
    kept.timer?.cancel()
    kept.timer = this.#host.startTimer(ms, () => this.#forget(kept))
  }

  /** Nobody finds it any more. What is being sent goes on. */
  #forget(kept: Kept): void {
    this.#leave(kept)
    if (kept.running > 0) return
    const { content } = kept.download
    if (content.kind === 'bytes') content.discard()
    this.#tell(kept, kept.begunAt === undefined ? 'expired' : 'aborted')
  }

  #leave(kept: Kept): void {
    kept.timer?.cancel()
    this.#kept.delete(kept.id)
    this.#shares.leave(kept.visitorId, kept)
  }

  #tell(kept: Kept, outcome: DownloadOutcome, error?: unknown): void {
    if (kept.told) return
    kept.told = true
    kept.download.ended({ outcome, bytes: kept.bytes, ...(error !== undefined && { error }) })
  }
}

/** The longest time that timers take, in ms: so long a download may wait for its browser. */
const maxWait = 2 ** 31

/** Whether a file may be asked for, once more or for the first time: whole if its end has not been sent yet, else for a rest of it. */
function isLeft({ begunAt, whole }: Kept, { headers }: LiveRequest, now: number): boolean {
  if (begunAt === undefined) return true
  if (now - begunAt > longest) return false
  return !whole || /^bytes=[1-9]\d*-\d*$/.test(headers.get('range') ?? '')
}

function handover(
  { download }: Kept,
  content: Exclude<DownloadContent, { kind: 'url' }>,
  ended: Handover['ended'],
): LiveResponse {
  const { name, type, inline, size } = download
  return { status: 200, headers: {}, body: '', handover: { content, name, type, inline, size, ended } }
}

const plain = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }

const reasons = {
  404: 'There is no such download, or it is over.\n',
  405: 'Method not allowed\n',
  429: 'Too many at once\n',
} as const

function refusal(status: keyof typeof reasons): LiveResponse {
  return { status, headers: plain, body: reasons[status] }
}
