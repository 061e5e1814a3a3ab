/** What is counted of the channels: each metric with its name, its unit and its labels, and which event makes it grow. */
import type { TelemetryEvents, TelemetryName } from '../telemetry/events.ts'
import { observe } from '../telemetry/observe.ts'
import { Counter, type Frame, Histogram } from './families.ts'
import { PubSubCounts, type PubSubSnapshot } from './pubsub-counts.ts'
import { type Quantiles, Recent } from './recent.ts'
import type { ViewLabels } from './view-labels.ts'

/** In seconds. */
const short = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const long = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600]
/** In bytes. */
const sizes = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576]

/** What was seen of the views of one label. */
export interface ViewCounts {
  /** Messages that were handled. */
  readonly turns: number
  /** Those of them that were events of the browser. */
  readonly events: number
  readonly failures: number
  readonly sentBytes: number
  readonly turn: Quantiles
  readonly wait: Quantiles
}

interface Seen {
  turns: number
  events: number
  failures: number
  sentBytes: number
  readonly turn: Recent
  readonly wait: Recent
}

export class Counts {
  readonly #views: ViewLabels
  readonly #now: () => number
  readonly #stops: (() => void)[] = []
  readonly #seen = new Map<string, Seen>()
  readonly #all: { readonly turn: Recent; readonly wait: Recent }
  readonly #http = new Histogram('http_duration_seconds', 'Pages and forms over HTTP.', ['view', 'status'], short)
  readonly #joins = new Histogram('join_duration_seconds', 'Joins of views, up to their first render.', ['view'], short)
  readonly #turns = new Counter('turns_total', 'Messages that views handled.', ['view', 'stage'])
  readonly #turnTime = new Histogram(
    'turn_duration_seconds',
    'From the turn of a message to its answer.',
    ['view'],
    short,
  )
  readonly #wait = new Histogram('mailbox_wait_seconds', 'How long messages waited for their turn.', ['view'], short)
  readonly #failures = new Counter('failures_total', 'Steps of views that threw.', ['view', 'stage'])
  readonly #diffTime = new Histogram('diff_duration_seconds', 'Finding out what a page is sent.', ['view'], short)
  readonly #sent = new Histogram('sent_frame_bytes', 'Frames to pages.', ['view'], sizes)
  readonly #uploads = new Counter('uploads_total', 'Files that left the list of their page.', ['view', 'outcome'])
  readonly #uploadTime = new Histogram(
    'upload_duration_seconds',
    'Files that came whole, from their first byte.',
    ['view'],
    long,
  )
  readonly #uploadWait = new Histogram(
    'upload_wait_seconds',
    'How long files waited for their turn to be sent.',
    [],
    long,
  )
  readonly #downloads = new Counter('downloads_total', 'Downloads that are over.', ['outcome'])
  readonly #downloaded = new Counter('downloaded_bytes_total', 'What was sent of downloads.')
  readonly #navigations = new Counter('navigations_total', 'Pages that a callback sent elsewhere.', ['kind'])
  readonly #connects = new Counter('connects_total', 'Connections that were opened.', ['trusted'])
  readonly #disconnects = new Counter('disconnects_total', 'Connections that ended, by the limit that ended them.', [
    'limit',
  ])
  readonly #adopts = new Counter('adopts_total', 'Pages that connected to the view of their first page.')
  readonly #parks = new Counter('parks_total', 'Views that lost their connection and were kept.')
  readonly #resumes = new Counter('resumes_total', 'Views whose page came back.', ['reason'])
  readonly #expires = new Counter('expires_total', 'Views that were kept and ended without their page.', ['why'])

  readonly #pubsub: PubSubCounts

  /** `now`: in ms, of a clock that only goes forward. */
  constructor(views: ViewLabels, now: () => number) {
    this.#views = views
    this.#now = now
    this.#pubsub = new PubSubCounts(now, short)
    this.#all = { turn: new Recent(now), wait: new Recent(now) }
    this.#listen()
  }

  /** Counts no more. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  text(frame: Frame): string {
    const families = [
      ...[this.#http, this.#joins, this.#turns, this.#turnTime, this.#wait, this.#failures, this.#diffTime, this.#sent],
      ...[this.#uploads, this.#uploadTime, this.#uploadWait, this.#downloads, this.#downloaded, this.#navigations],
      ...[this.#connects, this.#disconnects, this.#adopts, this.#parks, this.#resumes, this.#expires],
    ]
    return families.map((family) => family.text(frame)).join('') + this.#pubsub.text(frame)
  }

  /** The engines that anything was seen of. */
  pubsub(): readonly PubSubSnapshot[] {
    return this.#pubsub.snapshot()
  }

  /** Of all views. */
  totals(): ViewCounts & {
    readonly pages: number
    readonly joins: number
    readonly frames: number
    readonly downloadedBytes: number
  } {
    const sums = { turns: 0, events: 0, failures: 0, sentBytes: 0 }
    for (const seen of this.#seen.values()) {
      for (const name of ['turns', 'events', 'failures', 'sentBytes'] as const) sums[name] += seen[name]
    }
    return {
      ...sums,
      turn: this.#all.turn.quantiles(),
      wait: this.#all.wait.quantiles(),
      pages: this.#http.total.count,
      joins: this.#joins.total.count,
      frames: this.#sent.total.count,
      downloadedBytes: this.#downloaded.total,
    }
  }

  /** The labels that anything was seen of. */
  get labels(): Iterable<string> {
    return this.#seen.keys()
  }

  of(label: string): ViewCounts {
    const { turn, wait, ...counts } = this.#seenOf(label)
    return { ...counts, turn: turn.quantiles(), wait: wait.quantiles() }
  }

  #seenOf(label: string): Seen {
    let seen = this.#seen.get(label)
    if (seen === undefined) {
      const [turn, wait] = [new Recent(this.#now), new Recent(this.#now)]
      this.#seen.set(label, (seen = { turns: 0, events: 0, failures: 0, sentBytes: 0, turn, wait }))
    }
    return seen
  }

  #on<Name extends TelemetryName>(name: Name, count: (event: TelemetryEvents[Name]) => void): void {
    this.#stops.push(observe(name, count))
  }

  #listen(): void {
    this.#on('http', (event) => {
      const view = this.#views.of(event.view)
      this.#http.observe([view, String(event.status)], event.durationMs / 1e3)
      if (event.status >= 500) this.#failed(view, 'http')
    })
    this.#on('join', (event) => {
      const view = this.#views.of(event.view)
      this.#joins.observe([view], event.durationMs / 1e3)
      if ('error' in event) this.#failed(view, 'mount')
    })
    this.#on('turn', (event) => this.#turned(event))
    this.#on('diff', ({ view, durationMs }) => this.#diffTime.observe([this.#views.of(view)], durationMs / 1e3))
    this.#on('message', (event) => {
      const view = this.#views.of(event.view)
      this.#sent.observe([view], event.bytes)
      this.#seenOf(view).sentBytes += event.bytes
    })
    this.#on('upload', (step) => {
      if (step.what === 'done') this.#uploadTime.observe([this.#views.of(step.view)], step.durationMs / 1e3)
      if (step.what === 'turn') this.#uploadWait.observe([], step.waitedMs / 1e3)
    })
    this.#on('entry', ({ view, outcome }) => this.#uploads.add([this.#views.of(view), outcome]))
    this.#on('download', ({ outcome, bytes }) => {
      this.#downloads.add([outcome])
      this.#downloaded.add([], bytes)
    })
    this.#on('navigation', ({ kind }) => this.#navigations.add([kind]))
    this.#on('connect', ({ trusted }) => this.#connects.add([String(trusted)]))
    this.#on('disconnect', ({ limit }) => this.#disconnects.add([limit ?? 'none']))
    this.#on('adopt', () => this.#adopts.add([]))
    this.#on('park', () => this.#parks.add([]))
    this.#on('resume', ({ reason }) => this.#resumes.add([reason]))
    this.#on('pubsub', (step) => this.#pubsub.add(step))
    this.#on('expire', ({ why }) => this.#expires.add([why]))
  }

  #turned(event: TelemetryEvents['turn']): void {
    const view = this.#views.of(event.view)
    const { stage } = event
    const [seconds, waited] = [event.durationMs / 1e3, event.waitedMs / 1e3]
    const seen = this.#seenOf(view)
    seen.turns++
    if (stage === 'event') seen.events++
    this.#turns.add([view, stage])
    this.#turnTime.observe([view], seconds)
    this.#wait.observe([view], waited)
    for (const { turn, wait } of [seen, this.#all]) {
      turn.add(seconds)
      wait.add(waited)
    }
    if ('error' in event) this.#failed(view, stage)
  }

  #failed(view: string, stage: string): void {
    this.#failures.add([view, stage])
    this.#seenOf(view).failures++
  }
}
