/** Counts what the servers of this process do, and says it: as text for Prometheus, and as an object. */
import { describe, LiveError } from '../errors.ts'
import type { ServerStats, StatsOptions, ViewStats } from '../server/stats.ts'
import { clock } from '../telemetry/measure.ts'
import { Counts, type ViewCounts } from './counts.ts'
import { labelName, type Labels, metricName } from './exposition.ts'
import type { Frame } from './families.ts'
import { byLabel, processText, serversText, sumOf } from './gauges.ts'
import type { ProcessProbe, ProcessStats } from './process-probe.ts'
import type { PubSubSnapshot } from './pubsub-counts.ts'
import { ViewLabels } from './view-labels.ts'

/** What can say what it is doing: what `serve` and `createHandler` of `liveloom/node` give back. */
export interface MetricsSource {
  stats(options?: StatsOptions): ServerStats
}

export interface MetricsOptions {
  /** The server whose sockets, views and uploads are told of. @default none: see {@link Metrics.watch} */
  readonly server?: MetricsSource | undefined
  /** Stands before each name. @default 'liveloom_' */
  readonly prefix?: string | undefined
  /** Labels of every sample, by name: the region, say. Prometheus adds `job` and `instance` by itself. @default none */
  readonly labels?: Labels | undefined
}

/** One view, or the nested ones together (`nested`). */
export interface ViewSnapshot extends ViewStats, ViewCounts {}

/** All numbers at one moment. What is counted is counted from `createMetrics` on. */
export interface MetricsSnapshot extends Omit<ServerStats, 'views'> {
  /** In ms since 1970. */
  readonly at: number
  readonly process: ProcessStats
  /** Of all views; `turn` and `wait` of the last minute, in seconds. */
  readonly totals: ReturnType<Counts['totals']>
  /** The engines by which this process reaches others; one is there when anything was told of it. */
  readonly pubsub: readonly PubSubSnapshot[]
  /** The ones with most views first. */
  readonly views: readonly ViewSnapshot[]
}

export interface Metrics {
  /** All metrics in the text format of Prometheus. Send it as `metricsContentType`. */
  text(): string
  /** The same as an object. `contexts`: of so many views of each route the contexts are measured. @default 0 */
  snapshot(options?: StatsOptions): MetricsSnapshot
  /**
   * Tells of this server too, until the returned function is called: for one that begins after the metrics. Several are told of as one.
   *
   * @throws {LiveError} `ERR_TELEMETRY` for what has no `stats`.
   */
  watch(server: MetricsSource): () => void
  /** Counts no more. What was counted can still be read. */
  stop(): void
}

/** `createProbe` is called when the options are right. */
export function startMetrics(options: MetricsOptions, createProbe: () => ProcessProbe): Metrics {
  const frame = resolveFrame(options)
  const servers = new Set<MetricsSource>()
  const watch = (server: MetricsSource): (() => void) => {
    if (typeof (server as Partial<MetricsSource> | undefined)?.stats !== 'function') {
      const message = `createMetrics: server must be what serve or createHandler gave, got ${describe(server)}`
      throw new LiveError('ERR_TELEMETRY', message)
    }
    servers.add(server)
    return () => void servers.delete(server)
  }
  if (options.server !== undefined) watch(options.server)
  const labels = new ViewLabels()
  const counts = new Counts(labels, clock)
  const probe = createProbe()
  const ask = (options?: StatsOptions): ServerStats => sumOf([...servers].map((server) => server.stats(options)))
  return {
    text() {
      const stats = ask()
      return (
        serversText(stats, byLabel(stats.views, labels), frame) + counts.text(frame) + processText(probe.read(), frame)
      )
    },
    snapshot(options) {
      const { views, ...stats } = ask(options)
      const found = new Map(byLabel(views, labels).map((view) => [view.view, view]))
      const all = new Set([...found.keys(), ...counts.labels])
      const viewOf = (view: string): ViewSnapshot => ({ ...(found.get(view) ?? none(view)), ...counts.of(view) })
      return {
        at: Date.now(),
        process: probe.read(),
        ...stats,
        totals: counts.totals(),
        pubsub: counts.pubsub(),
        views: [...all]
          .map(viewOf)
          .toSorted((one, next) => next.live - one.live || next.turns - one.turns || (one.view < next.view ? -1 : 1)),
      }
    },
    watch,
    stop() {
      counts.stop()
      probe.stop()
    },
  }
}

/** One that is not there now. */
function none(view: string): ViewStats {
  return { view, live: 0, parked: 0, messages: 0, longestMailbox: 0, sendingFiles: 0, contextBytes: undefined }
}

/** Labels that are ours. */
const taken = new Set([
  'view',
  'stage',
  'status',
  'outcome',
  'kind',
  'trusted',
  'limit',
  'reason',
  'why',
  'way',
  'engine',
  'code',
  'le',
  'quantile',
])

function resolveFrame({ prefix = 'liveloom_', labels = {} }: MetricsOptions): Frame {
  if (typeof prefix !== 'string' || !metricName.test(prefix)) {
    throw wrong(`prefix must begin a metric's name, as 'liveloom_' does, got ${describe(prefix)}`)
  }
  if (typeof labels !== 'object' || labels === null) throw wrong(`labels must be an object, got ${describe(labels)}`)
  for (const [name, value] of Object.entries(labels) as [string, unknown][]) {
    if (!labelName.test(name)) throw wrong(`labels: ${describe(name)} is no name of a label`)
    if (taken.has(name)) throw wrong(`labels: ${describe(name)} is a label of its own`)
    if (typeof value !== 'string') throw wrong(`labels: ${name} must be a text, got ${describe(value)}`)
  }
  return { prefix, labels: { ...labels } }
}

function wrong(what: string): LiveError {
  return new LiveError('ERR_TELEMETRY', `createMetrics: ${what}`)
}
