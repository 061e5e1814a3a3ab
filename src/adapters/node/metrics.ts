import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ProcessProbe, ProcessStats } from '../../metrics/process-probe.ts'
import { type Metrics, type MetricsOptions, startMetrics } from '../../metrics/metrics.ts'

/** How often the event loop is asked for a timer, in ms; below that nothing is told apart. */
const resolution = 10
/** How long a window is of which the delay is told, in ms. */
const window = 10_000

/**
 * Counts what happens in this process from now on, for Prometheus and for a dashboard. Until it is called nothing is counted, and until
 * `stop` everything is: call it once.
 *
 * @throws {LiveError} `ERR_TELEMETRY` for a wrong option.
 * @example
 * import { createServer } from 'node:http'
 * import { createLiveServer } from 'liveloom'
 * import { createMetrics, metricsContentType } from 'liveloom/metrics'
 * import { serve } from 'liveloom/node'
 *
 * export async function start() {
 *   const server = await serve(createLiveServer({ routes: {} }))
 *   const metrics = createMetrics({ server })
 *   // A port of its own, that nobody outside reaches.
 *   createServer((_, response) => response.writeHead(200, { 'content-type': metricsContentType }).end(metrics.text())).listen(9464, '127.0.0.1')
 * }
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  return startMetrics(options, probeProcess)
}

type Delay = ProcessStats['eventLoopDelay']

function probeProcess(): ProcessProbe {
  const monitor = monitorEventLoopDelay({ resolution })
  monitor.enable()
  let last: Delay | undefined
  const delay = (): Delay => ({
    p50: toSeconds(monitor.percentile(50)),
    p99: toSeconds(monitor.percentile(99)),
    max: toSeconds(monitor.max),
  })
  const timer = setInterval(() => {
    last = delay()
    monitor.reset()
  }, window)
  timer.unref()
  return {
    read() {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
      const { user, system } = process.cpuUsage()
      return {
        uptimeSeconds: process.uptime(),
        cpuSeconds: (user + system) / 1e6,
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        externalBytes: external,
        eventLoopDelay: worst(last, delay()),
      }
    },
    stop() {
      clearInterval(timer)
      monitor.disable()
    },
  }
}

/** What has just happened is told at once, and for ten seconds more. */
function worst(before: Delay | undefined, now: Delay): Delay {
  if (before === undefined) return now
  return {
    p50: Math.max(before.p50, now.p50),
    p99: Math.max(before.p99, now.p99),
    max: Math.max(before.max, now.max),
  }
}

/** Of what the monitor has, in ns: it counts the time that it waited for on purpose. Before its first value it has no number. */
function toSeconds(ns: number): number {
  return Number.isFinite(ns) ? Math.max(0, ns / 1e9 - resolution / 1e3) : 0
}
