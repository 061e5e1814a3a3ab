/** What is counted when it is asked: what the servers hold, and what the process takes. */
import type { ServerStats, ViewStats } from '../server/stats.ts'
import { headOf, type Labels, sampleLine } from './exposition.ts'
import type { Frame } from './families.ts'
import type { ProcessStats } from './process-probe.ts'
import type { ViewLabels } from './view-labels.ts'

/** Name, kind, what it is, and how it is read. */
type Row<Of> = readonly [string, 'gauge' | 'counter', string, (of: Of) => number]

const ofServers: readonly Row<ServerStats>[] = [
  ['sockets', 'gauge', 'Connections, those of long polling included.', ({ sockets }) => sockets],
  ['long_polls', 'gauge', 'Long-poll sessions.', ({ longPolls }) => longPolls],
  [
    'parked_pages',
    'gauge',
    'Pages whose connection is lost, and whose views are kept.',
    ({ parkedPages }) => parkedPages,
  ],
  ['adoptable_pages', 'gauge', 'Views of first pages that wait to connect.', ({ adoptablePages }) => adoptablePages],
  ['http_requests', 'gauge', 'Requests that are worked on, polls not counted.', ({ requests }) => requests],
  [
    'held_bytes',
    'gauge',
    'What waits to be handled or to be taken, as maxProcessBytes counts it.',
    ({ heldBytes }) => heldBytes,
  ],
  ['uploads_sending', 'gauge', 'Files that have a turn to be sent.', ({ uploads }) => uploads.sending],
  ['uploads_waiting', 'gauge', 'Files that wait for their turn.', ({ uploads }) => uploads.waiting],
  ['uploads_due_bytes', 'gauge', 'Granted for the disk, and not come yet.', ({ uploads }) => uploads.dueBytes],
  ['downloads_sending', 'gauge', 'Downloads that are being sent.', ({ downloads }) => downloads],
  ['finishing', 'gauge', 'Pieces of work of views that have ended.', ({ finishing }) => finishing],
  ['ready', 'gauge', '1 when new visitors may be sent here, else 0.', ({ ready }) => (ready ? 1 : 0)],
]

const ofViews: readonly Row<ViewStats>[] = [
  ['views', 'gauge', 'Views that a page shows.', ({ live }) => live],
  ['parked_views', 'gauge', 'Views whose connection is lost, and that are kept.', ({ parked }) => parked],
  ['mailbox_messages', 'gauge', 'Messages that wait in mailboxes.', ({ messages }) => messages],
  ['mailbox_longest', 'gauge', 'Messages in the longest mailbox.', ({ longestMailbox }) => longestMailbox],
]

const ofProcess: readonly Row<ProcessStats>[] = [
  ['process_uptime_seconds', 'gauge', 'Since the process began.', ({ uptimeSeconds }) => uptimeSeconds],
  ['process_cpu_seconds_total', 'counter', 'User and system time.', ({ cpuSeconds }) => cpuSeconds],
  ['process_resident_memory_bytes', 'gauge', 'Memory of the process.', ({ residentBytes }) => residentBytes],
  ['process_heap_used_bytes', 'gauge', 'Of the heap, in use.', ({ heapUsedBytes }) => heapUsedBytes],
  ['process_heap_bytes', 'gauge', 'The heap.', ({ heapTotalBytes }) => heapTotalBytes],
  ['process_external_memory_bytes', 'gauge', 'Buffers beside the heap.', ({ externalBytes }) => externalBytes],
  [
    'event_loop_delay_p50_seconds',
    'gauge',
    'How late timers were, of the last 10 to 20 s: half of them.',
    ({ eventLoopDelay }) => eventLoopDelay.p50,
  ],
  ['event_loop_delay_p99_seconds', 'gauge', 'The same, 99% of them.', ({ eventLoopDelay }) => eventLoopDelay.p99],
  ['event_loop_delay_max_seconds', 'gauge', 'The same, the latest.', ({ eventLoopDelay }) => eventLoopDelay.max],
]

export function serversText(servers: ServerStats, views: readonly ViewStats[], { prefix, labels }: Frame): string {
  const whole = ofServers.map(([name, type, help, read]) => {
    return headOf(prefix + name, type, help) + sampleLine(prefix + name, labels, read(servers))
  })
  const each = ofViews.map(([name, type, help, read]) => {
    const lines = views.map((view) => sampleLine(prefix + name, { ...labels, view: view.view }, read(view)))
    return headOf(prefix + name, type, help) + lines.join('')
  })
  return [...whole, uploadedText(servers, prefix, labels), ...each].join('')
}

/** By the way that the bytes take: through this process, or past it. */
function uploadedText({ uploads }: ServerStats, prefix: string, labels: Labels): string {
  const name = `${prefix}uploaded_bytes_total`
  const ways = { server: uploads.receivedBytes, elsewhere: uploads.elsewhereBytes }
  const lines = Object.entries(ways).map(([way, bytes]) => sampleLine(name, { ...labels, way }, bytes))
  return headOf(name, 'counter', 'What was sent of files.') + lines.join('')
}

export function processText(stats: ProcessStats, { prefix, labels }: Frame): string {
  const rows = ofProcess.map(([name, type, help, read]) => {
    return headOf(prefix + name, type, help) + sampleLine(prefix + name, labels, read(stats))
  })
  return rows.join('')
}

/** Several servers of a process as one. Ready is who all are. */
export function sumOf(all: readonly ServerStats[]): ServerStats {
  const sum = (read: (stats: ServerStats) => number): number => all.reduce((total, stats) => total + read(stats), 0)
  return {
    sockets: sum(({ sockets }) => sockets),
    longPolls: sum(({ longPolls }) => longPolls),
    parkedPages: sum(({ parkedPages }) => parkedPages),
    adoptablePages: sum(({ adoptablePages }) => adoptablePages),
    requests: sum(({ requests }) => requests),
    heldBytes: sum(({ heldBytes }) => heldBytes),
    uploads: {
      sending: sum(({ uploads }) => uploads.sending),
      waiting: sum(({ uploads }) => uploads.waiting),
      dueBytes: sum(({ uploads }) => uploads.dueBytes),
      receivedBytes: sum(({ uploads }) => uploads.receivedBytes),
      elsewhereBytes: sum(({ uploads }) => uploads.elsewhereBytes),
    },
    downloads: sum(({ downloads }) => downloads),
    finishing: sum(({ finishing }) => finishing),
    ready: all.every(({ ready }) => ready),
    views: all.flatMap(({ views }) => views),
  }
}

/** The views of one label as one. */
export function byLabel(views: readonly ViewStats[], labels: ViewLabels): readonly ViewStats[] {
  const merged = new Map<string, ViewStats>()
  for (const stats of views) {
    const view = labels.of(stats.view)
    const before = merged.get(view)
    merged.set(view, before === undefined ? { ...stats, view } : both(before, stats))
  }
  return [...merged.values()]
}

function both(one: ViewStats, next: ViewStats): ViewStats {
  const measured = one.contextBytes !== undefined || next.contextBytes !== undefined
  return {
    view: one.view,
    live: one.live + next.live,
    parked: one.parked + next.parked,
    messages: one.messages + next.messages,
    longestMailbox: Math.max(one.longestMailbox, next.longestMailbox),
    sendingFiles: one.sendingFiles + next.sendingFiles,
    contextBytes: measured ? (one.contextBytes ?? 0) + (next.contextBytes ?? 0) : undefined,
  }
}
