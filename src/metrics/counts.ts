/** What is counted of the channels: each metric with its name, its unit and its labels, and which event makes it grow. */
import type { TelemetryEvents, TelemetryName } from '../telemetry/events.ts'
import { observe } from '../telemetry/observe.ts'
import { type Buckets, type Count, Counter, type Frame, Histogram } from './families.ts'
import { PubSubCounts, type PubSubSnapshot } from './pubsub-counts.ts'
import { type Quantiles, quantilesOf, Recent } from './recent.ts'
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

/** What is counted with each message of a view of one label: found once, and not by name with each. */
interface Seen {
  readonly view: string
  turns: number
  failures: number
  readonly turn: Recent
  readonly wait: Recent
  readonly turnTime: Buckets
  readonly waitTime: Buckets
  readonly diffTime: Buckets
  readonly sent: Buckets
  /** By stage. */
  readonly stages: Map<string, Count>
}

export class Counts {
  readonly #views: ViewLabels
  readonly #now: () => number
  readonly #stops: (() => void)[] = []
  readonly #seen = new Map<string, Seen>()
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
    const all = [...this.#seen.values()]
    const sums = { turns: 0, events: 0, failures: 0, sentBytes: 0 }
    for (const seen of all) {
      const counts = countsOf(seen)
      for (const name of ['turns', 'events', 'failures', 'sentBytes'] as const) sums[name] += counts[name]
    }
    return {
      ...sums,
      turn: quantilesOf(all.map(({ turn }) => turn)),
      wait: quantilesOf(all.map(({ wait }) => wait)),
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
    const seen = this.#seenOf(label)
    return { ...countsOf(seen), turn: seen.turn.quantiles(), wait: seen.wait.quantiles() }
  }

  #seenOf(label: string): Seen {
    return this.#seen.get(label) ?? this.#see(label)
  }

  #see(view: string): Seen {
    const seen: Seen = {
      ...{ view, turns: 0, failures: 0, stages: new Map() },
      turn: new Recent(this.#now),
      wait: new Recent(this.#now),
      turnTime: this.#turnTime.of([view]),
      waitTime: this.#wait.of([view]),
      diffTime: this.#diffTime.of([view]),
      sent: this.#sent.of([view]),
    }
    this.#seen.set(view, seen)
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
    this.#on('diff', ({ view, durationMs }) => this.#seenOf(this.#views.of(view)).diffTime.add(durationMs / 1e3))
    this.#on('message', ({ view, bytes }) => this.#seenOf(this.#views.of(view)).sent.add(bytes))
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
    const { stage } = event
    const [seconds, waited] = [event.durationMs / 1e3, event.waitedMs / 1e3]
    const seen = this.#seenOf(this.#views.of(event.view))
    seen.turns++
    let count = seen.stages.get(stage)
    if (count === undefined) seen.stages.set(stage, (count = this.#turns.of([seen.view, stage])))
    count.count++
    seen.turnTime.add(seconds)
    seen.waitTime.add(waited)
    seen.turn.add(seconds)
    seen.wait.add(waited)
    if ('error' in event) this.#failed(seen.view, stage)
  }

  #failed(view: string, stage: string): void {
    this.#failures.add([view, stage])
    this.#seenOf(view).failures++
  }
}

function countsOf({ turns, failures, stages, sent }: Seen): Omit<ViewCounts, 'turn' | 'wait'> {
  return { turns, failures, events: stages.get('event')?.count ?? 0, sentBytes: sent.sum }
}
