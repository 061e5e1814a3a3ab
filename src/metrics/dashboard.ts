/** A view that shows the metrics of its process, live: mount it under a route that only operators reach. */
import { describe, LiveError } from '../errors.ts'
import type { LiveView } from '../live/definitions.ts'
import { createLiveView } from '../live/view.ts'
import { html } from '../template/html.ts'
import { each } from '../template/list.ts'
import type { Rendered } from '../template/rendered.ts'
import { formatSize } from '../texts/size.ts'
import { type DashboardLabels, resolveLabels, type SaidLabels } from './dashboard-labels.ts'
import { style } from './dashboard-style.ts'
import { lineOf, type RateName, type Rates, ratesBetween, withRates } from './history.ts'
import type { Metrics, MetricsSnapshot } from './metrics.ts'
import type { PubSubSnapshot } from './pubsub-counts.ts'

export interface DashboardOptions {
  /** How often it looks, in ms; 250 or more. @default 1000 */
  readonly every?: number | undefined
  /**
   * What it says, in other languages and words, by language as `page.lang` has it; what is not here is said in English.
   *
   * @default English
   */
  readonly labels?: Readonly<Record<string, Partial<DashboardLabels>>> | undefined
}

interface Context {
  readonly now: MetricsSnapshot
  readonly history: readonly Rates[]
}

/** So many views of each route are measured, each time that it looks. */
const sample = { contexts: 3 }
const leastEvery = 250

/**
 * Makes a view of the metrics of this process: the process itself, sockets, views by route with their mailboxes and contexts, uploads, the
 * engine between processes. It
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
export function createDashboard(metrics: Metrics, { every = 1000, labels = {} }: DashboardOptions = {}): LiveView {
  const wrong = (message: string): LiveError => new LiveError('ERR_TELEMETRY', `createDashboard: ${message}`)
  if (typeof (metrics as Partial<Metrics> | undefined)?.snapshot !== 'function') {
    throw wrong(`expected metrics of createMetrics, got ${describe(metrics)}`)
  }
  if (typeof every !== 'number' || !(every >= leastEvery && every < 2 ** 31)) {
    throw wrong(`every must be a time in ms, ${leastEvery} or more, got ${describe(every)}`)
  }
  const sayIn = resolveLabels(labels, wrong)
  return createLiveView<Context>({
    mount: (socket) => {
      socket.pageTitle(sayIn(socket.lang).title())
      socket.assign({ now: metrics.snapshot(sample), history: [] })
      if (!socket.connected) return
      socket.repeat(() => {
        const now = metrics.snapshot(sample)
        const { now: before, history } = socket.context
        socket.assign({ now, history: withRates(history, ratesBetween(before, now)) })
      }, every)
    },
    render(context, { lang }) {
      const words = { lang, say: sayIn(lang) }
      const { now } = context
      return html`<div data-css=${style}>${processPart(context, words)} ${trafficPart(context, words)} ${viewsPart(now, words)} ${pubsubPart(now, words)} ${filesPart(context, words)} ${keptPart(now, words)}</div>`
    },
  })
}

/** Prints what a page of one language says. */
interface Words {
  readonly lang: string
  readonly say: SaidLabels
}

function processPart({ now: { process }, history }: Context, { lang, say }: Words): Rendered {
  const { uptimeSeconds, residentBytes, heapUsedBytes, heapTotalBytes, eventLoopDelay } = process
  const heap = { used: size(heapUsedBytes, lang), all: size(heapTotalBytes, lang) }
  return part(say.process(), [
    tile(say.uptime(), duration(uptimeSeconds, say)),
    tile(say.cpu(), say.ofACore({ percent: Math.round(latest(history, 'cpu') * 100) }), history, 'cpu'),
    tile(say.memory(), size(residentBytes, lang), history, 'residentBytes'),
    tile(say.heap(), say.heapOf(heap)),
    tile(say.delayP99(), time(eventLoopDelay.p99), history, 'delay'),
    tile(say.delayLongest(), time(eventLoopDelay.max)),
  ])
}

function trafficPart({ now, history }: Context, { lang, say }: Words): Rendered {
  const { totals, sockets, longPolls } = now
  return part(say.traffic(), [
    tile(say.sockets(), longPolls === 0 ? sockets : say.socketsPolling({ sockets, longPolls })),
    tile(say.events(), say.perSecond({ amount: rate(history, 'events') }), history, 'events'),
    tile(say.messages(), say.perSecond({ amount: rate(history, 'turns') }), history, 'turns'),
    tile(say.sent(), say.perSecond({ amount: size(latest(history, 'sentBytes'), lang) }), history, 'sentBytes'),
    tile(say.waitP99(), time(totals.wait.p99)),
    tile(say.failures(), totals.failures),
  ])
}

function viewsPart({ views }: MetricsSnapshot, { lang, say }: Words): Rendered {
  return html`<section aria-label="${say.views()}">
    <h2>${say.views()}</h2>
    <p>${say.viewsNote({ sample: sample.contexts })}</p>
    ${table(
      say.byRoute(),
      [
        ...[say.view(), say.live(), say.parked(), say.waiting(), say.viewWaitP99(), say.handlingP99()],
        ...[say.viewSent(), say.failures(), say.contexts()],
      ],
      views.map(({ view, live, parked, messages, wait, turn, sentBytes, failures, contextBytes }) => [
        ...[view, live, parked, messages, time(wait.p99), time(turn.p99), size(sentBytes, lang), failures],
        contextBytes === undefined ? '–' : size(contextBytes, lang),
      ]),
    )}
  </section>`
}

/** Only where there is an engine: one process alone has nobody to tell. */
function pubsubPart({ pubsub }: MetricsSnapshot, { say }: Words): Rendered | undefined {
  if (pubsub.length === 0) return undefined
  return html`<section aria-label="${say.between()}">
    <h2>${say.between()}</h2>
    <p>${say.betweenNote()}</p>
    ${each(
      pubsub,
      ({ engine }) => engine,
      (each) => engineTiles(each, say),
    )}
  </section>`
}

function engineTiles({ engine, up, lag, gaps, queued, dropped }: PubSubSnapshot, say: SaidLabels): Rendered {
  return html`<h3>${engine}</h3>
    <dl aria-label="${engine}">
      ${[
        tile(say.reached(), up ? say.yes() : say.no()),
        tile(say.lagP50(), time(lag.p50)),
        tile(say.lagP99(), time(lag.p99)),
        tile(say.gaps(), gaps),
        tile(say.queued(), queued),
        tile(say.dropped(), dropped),
      ]}
    </dl>`
}

function filesPart({ now: { uploads, downloads, views }, history }: Context, { lang, say }: Words): Rendered {
  const sending = views.filter(({ sendingFiles }) => sendingFiles > 0)
  const coming = say.perSecond({ amount: size(latest(history, 'uploadedBytes'), lang) })
  const come = size(uploads.receivedBytes, lang)
  const elsewhere = size(uploads.elsewhereBytes, lang)
  return part(
    say.files(),
    [
      tile(say.uploads(), uploads.sending),
      tile(say.uploadsWaiting(), uploads.waiting),
      tile(say.comingIn(), coming, history, 'uploadedBytes'),
      tile(say.stillToCome(), size(uploads.dueBytes, lang)),
      tile(say.comeSoFar(), uploads.elsewhereBytes === 0 ? come : say.comeElsewhere({ come, elsewhere })),
      tile(say.downloads(), downloads),
    ],
    sending.length === 0
      ? undefined
      : table(
          say.filesSent(),
          [say.view(), say.files()],
          sending.map(({ view, sendingFiles }) => [view, sendingFiles]),
        ),
  )
}

function keptPart(now: MetricsSnapshot, { lang, say }: Words): Rendered {
  return part(say.held(), [
    tile(say.parkedPages(), now.parkedPages),
    tile(say.adoptable(), now.adoptablePages),
    tile(say.requests(), now.requests),
    tile(say.heldBytes(), size(now.heldBytes, lang)),
    tile(say.finishing(), now.finishing),
    tile(say.ready(), now.ready ? say.yes() : say.no()),
  ])
}

function part(title: string, tiles: readonly Rendered[], below?: Rendered): Rendered {
  return html`<section aria-label="${title}">
    <h2>${title}</h2>
    <dl>${tiles}</dl>
    ${below}
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

type Cells = readonly (string | number)[]

/** The first cell of a row is what the row is about. */
function table(caption: string, heads: readonly string[], rows: readonly Cells[]): Rendered {
  return html`<div class="wide" tabindex="0" role="group" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${each(rows, ([name]) => String(name), row)}
      </tbody>
    </table>
  </div>`
}

function row([name, ...cells]: Cells): Rendered {
  return html`<tr>
    <th scope="row">${name}</th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`
}

function latest(history: readonly Rates[], name: RateName): number {
  return history.at(-1)?.[name] ?? 0
}

function rate(history: readonly Rates[], name: RateName): string {
  const value = latest(history, name)
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

function size(bytes: number, lang: string): string {
  return formatSize(Math.round(bytes), lang)
}

/** `seconds`: of something short. */
function time(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(1)} s`
  return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`
}

/** `seconds`: of something long. */
function duration(seconds: number, say: SaidLabels): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1) return `${Math.floor(seconds)} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : say.days({ days: Math.floor(hours / 24) })
}
