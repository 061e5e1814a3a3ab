/** A view that shows the metrics of its process, live: mount it under a route that only operators reach. */
import { describe, LiveError } from '../errors.ts'
import type { LiveView } from '../live/definitions.ts'
import { createLiveView } from '../live/view.ts'
import { css } from '../template/css.ts'
import { html } from '../template/html.ts'
import { each } from '../template/list.ts'
import type { Rendered } from '../template/rendered.ts'
import { formatSize } from '../texts/size.ts'
import { lineOf, type RateName, type Rates, ratesBetween, withRates } from './history.ts'
import type { Metrics, MetricsSnapshot, ViewSnapshot } from './metrics.ts'

export interface DashboardOptions {
  /** How often it looks, in ms; 250 or more. @default 1000 */
  readonly every?: number | undefined
}

interface Context {
  readonly now: MetricsSnapshot
  readonly history: readonly Rates[]
}

/** So many views of each route are measured, each time that it looks. */
const sample = { contexts: 3 }
const leastEvery = 250

/**
 * Makes a view of the metrics of this process: the process itself, sockets, views by route with their mailboxes and contexts, uploads. It
 * comes up to date each second. It asks nobody who they are: put it in a live session with a mount hook that does.
 *
 * @throws {LiveError} `ERR_TELEMETRY` when `metrics` are none, and for a wrong option.
 * @example
 * import { createLiveServer, type OnMount } from 'liveloom'
 * import { createDashboard, createMetrics } from 'liveloom/metrics'
 * import { serve } from 'liveloom/node'
 *
 * const requireOperator: OnMount = (socket, session) => {
 *   if (session.role === 'operator') return 'continue'
 *   socket.redirect('/')
 *   return 'halt'
 * }
 *
 * export async function start() {
 *   const metrics = createMetrics()
 *   const routes = { '/dashboard': createDashboard(metrics) }
 *   const live = createLiveServer({ routes: {}, liveSessions: { operators: { routes, onMount: [requireOperator] } } })
 *   metrics.watch(await serve(live))
 * }
 */
export function createDashboard(metrics: Metrics, { every = 1000 }: DashboardOptions = {}): LiveView {
  if (typeof (metrics as Partial<Metrics> | undefined)?.snapshot !== 'function') {
    throw new LiveError('ERR_TELEMETRY', `createDashboard: expected metrics of createMetrics, got ${describe(metrics)}`)
  }
  if (typeof every !== 'number' || !(every >= leastEvery && every < 2 ** 31)) {
    const message = `createDashboard: every must be a time in ms, ${leastEvery} or more, got ${describe(every)}`
    throw new LiveError('ERR_TELEMETRY', message)
  }
  return createLiveView<Context>({
    mount: (socket) => {
      socket.pageTitle('Dashboard')
      socket.assign({ now: metrics.snapshot(sample), history: [] })
      if (!socket.connected) return
      socket.repeat(() => {
        const now = metrics.snapshot(sample)
        const { now: before, history } = socket.context
        socket.assign({ now, history: withRates(history, ratesBetween(before, now)) })
      }, every)
    },
    render: (context) =>
      html`<div data-css=${style}>${processPart(context)} ${trafficPart(context)} ${viewsPart(context.now)} ${filesPart(context)} ${keptPart(context.now)}</div>`,
  })
}

function processPart({ now: { process }, history }: Context): Rendered {
  const { uptimeSeconds, residentBytes, heapUsedBytes, heapTotalBytes, eventLoopDelay } = process
  return html`<section aria-label="Process">
    <h2>Process</h2>
    <dl>
      ${tile('Uptime', duration(uptimeSeconds))}
      ${tile('CPU', `${(latest(history, 'cpu') * 100).toFixed(0)} % of a core`, history, 'cpu')}
      ${tile('Memory', size(residentBytes), history, 'residentBytes')}
      ${tile('Heap', `${size(heapUsedBytes)} of ${size(heapTotalBytes)}`)}
      ${tile('Event loop delay, p99', time(eventLoopDelay.p99), history, 'delay')}
      ${tile('Event loop delay, longest', time(eventLoopDelay.max))}
    </dl>
  </section>`
}

function trafficPart({ now, history }: Context): Rendered {
  const { totals } = now
  return html`<section aria-label="Traffic">
    <h2>Traffic</h2>
    <dl>
      ${tile('Sockets', now.longPolls === 0 ? now.sockets : `${now.sockets}, ${now.longPolls} by polling`)}
      ${tile('Events', `${rate(history, 'events')} a second`, history, 'events')}
      ${tile('Messages of views', `${rate(history, 'turns')} a second`, history, 'turns')}
      ${tile('Sent to pages', `${size(latest(history, 'sentBytes'))} a second`, history, 'sentBytes')}
      ${tile('Wait in mailboxes, p99', time(totals.wait.p99))}
      ${tile('Failures', totals.failures)}
    </dl>
  </section>`
}

function viewsPart({ views }: MetricsSnapshot): Rendered {
  return html`<section aria-label="Views">
    <h2>Views</h2>
    <p>Contexts are an estimate, out of ${sample.contexts} views of each route. Of the last minute, 99% waited and took no longer than p99.</p>
    <div class="wide" tabindex="0" role="group" aria-label="Views by route, to scroll">
      <table>
        <caption>
          By route
        </caption>
        <thead>
          <tr>
            <th scope="col">View</th>
            <th scope="col">Live</th>
            <th scope="col">Parked</th>
            <th scope="col">Waiting</th>
            <th scope="col">Wait p99</th>
            <th scope="col">Handling p99</th>
            <th scope="col">Sent</th>
            <th scope="col">Failures</th>
            <th scope="col">Contexts, about</th>
          </tr>
        </thead>
        <tbody>
          ${each(views, ({ view }) => view, viewRow)}
        </tbody>
      </table>
    </div>
  </section>`
}

function viewRow(view: ViewSnapshot): Rendered {
  const { live, parked, messages, wait, turn, sentBytes, failures, contextBytes } = view
  return html`<tr>
    <th scope="row">${view.view}</th>
    <td>${live}</td>
    <td>${parked}</td>
    <td>${messages}</td>
    <td>${time(wait.p99)}</td>
    <td>${time(turn.p99)}</td>
    <td>${size(sentBytes)}</td>
    <td>${failures}</td>
    <td>${contextBytes === undefined ? '–' : size(contextBytes)}</td>
  </tr>`
}

function filesPart({ now: { uploads, downloads, views }, history }: Context): Rendered {
  const sending = views.filter(({ sendingFiles }) => sendingFiles > 0)
  return html`<section aria-label="Files">
    <h2>Files</h2>
    <dl>
      ${tile('Uploads under way', uploads.sending)}
      ${tile('Uploads that wait', uploads.waiting)}
      ${tile('Coming in', `${size(latest(history, 'uploadedBytes'))} a second`, history, 'uploadedBytes')}
      ${tile('Still to come', size(uploads.dueBytes))}
      ${tile('Come so far', size(uploads.receivedBytes))}
      ${tile('Downloads under way', downloads)}
    </dl>
    ${
      sending.length > 0 &&
      html`<table>
        <caption>
          Files that are being sent
        </caption>
        <thead>
          <tr>
            <th scope="col">View</th>
            <th scope="col">Files</th>
          </tr>
        </thead>
        <tbody>
          ${each(
            sending,
            ({ view }) => view,
            ({ view, sendingFiles }) =>
              html`<tr>
                <th scope="row">${view}</th>
                <td>${sendingFiles}</td>
              </tr>`,
          )}
        </tbody>
      </table>`
    }
  </section>`
}

function keptPart(now: MetricsSnapshot): Rendered {
  return html`<section aria-label="Held">
    <h2>Held</h2>
    <dl>
      ${tile('Parked pages', now.parkedPages)} ${tile('Pages to adopt', now.adoptablePages)}
      ${tile('Requests', now.requests)} ${tile('Bytes that wait', size(now.heldBytes))}
      ${tile('Still finishing', now.finishing)} ${tile('Takes visitors', now.ready ? 'yes' : 'no')}
    </dl>
  </section>`
}

/** A number, and how it has been. The line says nothing that the number would not: it is not read out. */
function tile(name: string, value: string | number, history?: readonly Rates[], of?: RateName): Rendered {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
    ${
      history !== undefined &&
      of !== undefined &&
      html`<svg viewBox="0 0 59 20" preserveAspectRatio="none" aria-hidden="true"><polyline points="${lineOf(history, of)}" /></svg>`
    }
  </div>`
}

function latest(history: readonly Rates[], name: RateName): number {
  return history.at(-1)?.[name] ?? 0
}

function rate(history: readonly Rates[], name: RateName): string {
  const value = latest(history, name)
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

function size(bytes: number): string {
  return formatSize(Math.round(bytes))
}

/** `seconds`: of something short. */
function time(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(1)} s`
  return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`
}

/** `seconds`: of something long. */
function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1) return `${Math.floor(seconds)} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}

/** In the colours of whatever page it stands in. */
const style = css`
  :scope {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.5rem;
  }
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.75rem;
  }
  h2 {
    margin: 0;
    font-size: 1.1rem;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(max(8.5rem, 30%), 1fr));
    gap: 0.75rem;
    margin: 0;
  }
  dl > div {
    display: grid;
    align-content: start;
    gap: 0.15rem;
    padding: 0.6rem 0.8rem;
    border: 1px solid color-mix(in srgb, currentcolor 22%, transparent);
    border-radius: 0.5rem;
  }
  dt {
    font-size: 0.85rem;
  }
  dd {
    margin: 0;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  svg {
    width: 100%;
    height: 1.75rem;
  }
  polyline {
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.5;
    stroke-linejoin: round;
    opacity: 0.75;
    vector-effect: non-scaling-stroke;
  }
  .wide {
    overflow-x: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  p,
  caption {
    margin: 0;
    font-size: 0.85rem;
    text-align: start;
  }
  caption {
    padding-bottom: 0.4rem;
  }
  tr {
    border-bottom: 1px solid color-mix(in srgb, currentcolor 22%, transparent);
  }
  th,
  td {
    padding: 0.35rem 0.6rem;
    border: 0;
    font-size: inherit;
    color: inherit;
    text-align: end;
    white-space: nowrap;
  }
  th:first-child {
    text-align: start;
  }
  thead th {
    font-size: 0.85rem;
  }
`
