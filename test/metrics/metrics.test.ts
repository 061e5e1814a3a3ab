/** The numbers of real servers with real clients, as Prometheus would read them. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { channel } from 'node:diagnostics_channel'
import { createLiveComponent, createLiveServer, createLiveView, html, live_file_input } from 'liveloom'
import { createMetrics, type Metrics, metricsContentType, type MetricsOptions } from 'liveloom/metrics'
import { type NodeServer, serve } from 'liveloom/node'
import { channelName, telemetryNames } from 'liveloom/telemetry'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchPage, RawClient, RawUpload, type RawView } from '../support/raw-client.ts'
import { parsePrometheus, valueOf } from './prometheus.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

function metricsOf(options?: MetricsOptions): Metrics {
  const metrics = createMetrics(options)
  ends.push(() => metrics.stop())
  return metrics
}

const card = createLiveComponent<object, { type: string }, { text: string }>({
  mount: (socket) => socket.assign({ text: '' }),
  render: () => html`<b>card</b>`,
})

const child = createLiveView({ render: () => html`<i>child</i>` })

let goOn: (() => void)[] = []

const things = createLiveView<{ n: number }, { type: string }>({
  mount: (socket) => {
    socket.assign({ n: 0 })
    void socket.allowUpload('files', { maxEntries: 3 })
    void socket.allowUpload('away', { external: () => ({ uploader: 'Ours' }) })
  },
  handleEvent: async (socket, { type }) => {
    if (type === 'break') throw new Error('broken')
    if (type === 'wait') await new Promise<void>((resolve) => goOn.push(resolve))
    if (type === 'save') await socket.consumeUploadedEntries('files', () => 1)
    socket.assign({ n: socket.context.n + 1 })
  },
  render: ({ n }, { uploads, live_component, live_view }) =>
    html`<form>${live_file_input(uploads['files'])} ${live_file_input(uploads['away'])} ${n} ${live_component(card, { id: 'card', text: 'x'.repeat(1000) })} ${live_view(child, { id: `child-${n}` })}</form>`,
})

async function start(): Promise<{ server: NodeServer; metrics: Metrics }> {
  goOn = []
  const live = createLiveServer({
    secret: 's'.repeat(32),
    routes: { '/': things, '/things/:id': things },
    onError: () => {},
  })
  const server = await serve(live, { port: 0, host: '127.0.0.1', signals: false, development: false })
  ends.push(() => server.close())
  return { server, metrics: metricsOf({ server }) }
}

async function visit(server: NodeServer, path = '/'): Promise<RawView> {
  const page = await fetchPage(server.url + path)
  const client = await RawClient.open(page)
  return client.joinView(page)
}

const file = { ref: '0', name: 'a.bin', size: 3000, type: 'application/octet-stream' }

describe('the metrics of a server', () => {
  it('count sockets and views, by route, until they have left', async () => {
    const { server, metrics } = await start()
    const views = [
      await visit(server),
      await visit(server),
      await visit(server, '/things/1'),
      await visit(server, '/things/2'),
    ]
    const text = metrics.text()
    expect(valueOf(text, 'liveloom_sockets')).toBe(4)
    expect(valueOf(text, 'liveloom_views', { view: '/' })).toBe(2)
    expect(valueOf(text, 'liveloom_views', { view: '/things/:id' })).toBe(2)
    expect(valueOf(text, 'liveloom_join_duration_seconds_count', { view: '/' })).toBe(2)
    expect(valueOf(text, 'liveloom_http_duration_seconds_count', { view: '/things/:id', status: '200' })).toBe(2)
    for (const { client } of views) await client.leave()
    await vi.waitFor(() => expect(server.stats().sockets).toBe(0))
    const after = metrics.text()
    for (const name of ['sockets', 'views', 'parked_views', 'mailbox_messages', 'held_bytes', 'uploads_sending'])
      expect(valueOf(after, `liveloom_${name}`), name).toBe(0)
    expect(server.stats().views).toEqual([])
    expect(valueOf(after, 'liveloom_connects_total', { trusted: 'true' })).toBe(4)
    expect(valueOf(after, 'liveloom_disconnects_total', { limit: 'none' })).toBe(4)
  })

  it('count views that are parked, and those that come back', async () => {
    const { server, metrics } = await start()
    const page = await fetchPage(server.url)
    const client = await RawClient.open(page)
    await client.joinView(page)
    await client.cut()
    await vi.waitFor(() => expect(valueOf(metrics.text(), 'liveloom_parked_views', { view: '/' })).toBe(1))
    expect(valueOf(metrics.text(), 'liveloom_parked_pages')).toBe(1)
    expect(valueOf(metrics.text(), 'liveloom_views', { view: '/' })).toBe(0)
    const again = await RawClient.open(page)
    await again.rejoinView(page)
    const text = metrics.text()
    expect(valueOf(text, 'liveloom_parked_views', { view: '/' })).toBe(0)
    expect(valueOf(text, 'liveloom_views', { view: '/' })).toBe(1)
    expect(valueOf(text, 'liveloom_parks_total')).toBe(1)
    expect(valueOf(text, 'liveloom_resumes_total', { reason: 'reconnect' })).toBe(1)
    await again.leave()
  })

  it('count events, bytes of frames, failures, and what waits in a mailbox', async () => {
    const { server, metrics } = await start()
    const view = await visit(server)
    const sent = () => view.client.frames.reduce((sum, frame) => sum + lengthOf(frame), 0)
    await view.event('inc')
    await view.event('inc')
    const held = view.event('wait')
    const waiting = [view.event('inc'), view.event('inc')]
    await vi.waitFor(() => expect(valueOf(metrics.text(), 'liveloom_mailbox_messages', { view: '/' })).toBe(2))
    expect(valueOf(metrics.text(), 'liveloom_mailbox_longest', { view: '/' })).toBe(2)
    for (const go of goOn) go()
    await Promise.all([held, ...waiting])
    const text = metrics.text()
    expect(valueOf(text, 'liveloom_turns_total', { view: '/', stage: 'event' })).toBe(5)
    expect(valueOf(text, 'liveloom_mailbox_wait_seconds_count', { view: '/' })).toBe(5)
    expect(valueOf(text, 'liveloom_sent_frame_bytes_count', { view: '/' })).toBe(view.client.frames.length)
    expect(valueOf(text, 'liveloom_sent_frame_bytes_sum', { view: '/' })).toBe(sent())
    const { totals, views } = metrics.snapshot()
    expect(totals).toMatchObject({ events: 5, turns: 5, failures: 0, joins: 1, frames: view.client.frames.length })
    // Two waited for one that ran, and were told of in seconds.
    expect(totals.wait.p99).toBeGreaterThan(totals.wait.p50)
    expect(views.find(({ view }) => view === '/')).toMatchObject({ live: 1, events: 5, messages: 0 })
    view.push('event', { type: 'click', event: 'break', value: {} })
    await vi.waitFor(() => {
      expect(valueOf(metrics.text(), 'liveloom_failures_total', { view: '/', stage: 'event' })).toBe(1)
    })
    await view.client.leave()
  })

  it('count uploads that run, the bytes that came, and what became of them', async () => {
    const { server, metrics } = await start()
    const view = await visit(server)
    const { token } = await view.prepare('files', file)
    const upload = await RawUpload.join(view.client, file.ref, token)
    await upload.chunk(new Uint8Array(1000))
    const under = metrics.text()
    expect(valueOf(under, 'liveloom_uploads_sending')).toBe(1)
    expect(valueOf(under, 'liveloom_uploaded_bytes_total', { way: 'server' })).toBe(1000)
    expect(valueOf(under, 'liveloom_uploads_due_bytes')).toBe(2000)
    expect(metrics.snapshot().views.find(({ view }) => view === '/')).toMatchObject({ sendingFiles: 1 })
    await upload.chunk(new Uint8Array(2000))
    await view.progress(view.inputRef('files'), file.ref, 100)
    await view.event('save')
    const text = metrics.text()
    expect(valueOf(text, 'liveloom_uploads_sending')).toBe(0)
    expect(valueOf(text, 'liveloom_uploaded_bytes_total', { way: 'server' })).toBe(3000)
    expect(valueOf(text, 'liveloom_uploads_due_bytes')).toBe(0)
    expect(valueOf(text, 'liveloom_uploads_total', { view: '/', outcome: 'consumed' })).toBe(1)
    expect(valueOf(text, 'liveloom_upload_duration_seconds_count', { view: '/' })).toBe(1)
    await view.client.leave()
  })

  it('count what browsers send past the server by itself, as they tell it', async () => {
    const { server, metrics } = await start()
    const view = await visit(server)
    const [ref, entry] = [view.inputRef('away'), { ...file, ref: '7' }]
    await view.choose({ [ref]: [entry] })
    await view.request('allow_upload', { ref, entries: [entry] })
    await view.progress(ref, '7', 50)
    const sent = () => valueOf(metrics.text(), 'liveloom_uploaded_bytes_total', { way: 'elsewhere' })
    expect(sent()).toBe(1500)
    await view.progress(ref, '7', 100)
    expect(sent()).toBe(3000)
    expect(valueOf(metrics.text(), 'liveloom_uploaded_bytes_total', { way: 'server' })).toBe(0)
    expect(metrics.snapshot().uploads).toMatchObject({ receivedBytes: 0, elsewhereBytes: 3000 })
    await view.client.leave()
  })

  it('have one label for all nested views, whatever their ids', async () => {
    const { server, metrics } = await start()
    const page = await fetchPage(server.url)
    const client = await RawClient.open(page)
    const view = await client.joinView(page)
    const tags = [...view.html.matchAll(/<div id="([^"]*child-0)"[^>]*>/g)].map(([tag]) => tag)
    const attribute = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(tags[0]!)![1]!
    const inner = {
      ...page,
      id: attribute('id'),
      session: attribute('data-phx-session'),
      static: null as unknown as string,
    }
    await client.joinView(inner)
    expect(
      server
        .stats()
        .views.map(({ view }) => view)
        .toSorted(),
    ).toEqual(['/', 'child-0'])
    expect(valueOf(metrics.text(), 'liveloom_views', { view: 'nested' })).toBe(1)
    expect(metrics.text()).not.toContain('child-0')
    await client.leave()
  })

  it('tell of the process', async () => {
    const { metrics } = await start()
    const { process } = metrics.snapshot()
    expect(process.residentBytes).toBeGreaterThan(process.heapUsedBytes)
    expect(process.uptimeSeconds).toBeGreaterThan(0)
    expect(valueOf(metrics.text(), 'liveloom_process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(valueOf(metrics.text(), 'liveloom_event_loop_delay_p99_seconds')).toBeGreaterThanOrEqual(0)
  })

  it('say how long the event loop stood still', async () => {
    const { metrics } = await start()
    // The monitor may begin a turn later.
    await vi.waitFor(async () => {
      const until = performance.now() + 250
      while (performance.now() < until);
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(metrics.snapshot().process.eventLoopDelay.max).toBeGreaterThan(0.2)
    })
  })

  it('measure contexts when they are asked to, those of components included', async () => {
    const { server } = await start()
    const view = await visit(server)
    expect(server.stats().views[0]!.contextBytes).toBeUndefined()
    expect(server.stats({ contexts: 1 }).views[0]!.contextBytes).toBeGreaterThan(1000)
    expect(() => server.stats({ contexts: -1 })).toThrow(
      expect.objectContaining({ code: 'ERR_SERVER_OPTIONS' }) as Error,
    )
    await view.client.leave()
  })

  it('tell of several servers as one, of those that are watched', async () => {
    const { server, metrics } = await start()
    const { server: next } = await start()
    const unwatch = metrics.watch(next)
    const views = [await visit(server), await visit(next)]
    expect(valueOf(metrics.text(), 'liveloom_sockets')).toBe(2)
    expect(valueOf(metrics.text(), 'liveloom_views', { view: '/' })).toBe(2)
    unwatch()
    expect(valueOf(metrics.text(), 'liveloom_sockets')).toBe(1)
    for (const { client } of views) await client.leave()
  })

  it('listen to nothing before they are made, and after they are stopped', () => {
    const listened = () => telemetryNames.filter((name) => channel(channelName(name)).hasSubscribers)
    expect(listened()).toEqual([])
    const metrics = createMetrics()
    expect(listened()).toContain('turn')
    metrics.stop()
    expect(listened()).toEqual([])
    expect(parsePrometheus(metrics.text()).size).toBeGreaterThan(20)
  })
})

describe('the text', () => {
  it('has the prefix and the labels on each sample', () => {
    const text = metricsOf({ prefix: 'shop_', labels: { region: 'eu' } }).text()
    for (const [name, { samples }] of parsePrometheus(text)) {
      expect(name).toMatch(/^shop_[a-z0-9_]+$/)
      for (const { labels } of samples) expect(labels).toMatchObject({ region: 'eu' })
    }
  })

  it('keeps whatever stands in a label', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (region) => {
        const metrics = createMetrics({ labels: { region } })
        metrics.stop()
        const [first] = parsePrometheus(metrics.text()).get('liveloom_sockets')!.samples
        expect(first!.labels['region']).toBe(region)
      }),
      { numRuns: 50 },
    )
    for (const region of ['\\n', 'a\nb', '"', '\\"', '\\\\n', '{x="y"} 1']) {
      const metrics = createMetrics({ labels: { region } })
      metrics.stop()
      expect(parsePrometheus(metrics.text()).get('liveloom_sockets')!.samples[0]!.labels['region']).toBe(region)
    }
  })

  it('is sent as what it is, on a port of its own', async () => {
    const { metrics } = await start()
    const answer: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-type': metricsContentType }).end(metrics.text())
    const operators = createServer(answer).listen(0, '127.0.0.1')
    ends.push(() => operators.close())
    await vi.waitFor(() => expect(operators.listening).toBe(true))
    const response = await fetch(`http://127.0.0.1:${(operators.address() as AddressInfo).port}/metrics`)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(parsePrometheus(await response.text()).has('liveloom_sockets')).toBe(true)
  })
})

describe('createMetrics throws for', () => {
  const wrong: readonly [string, unknown, RegExp][] = [
    ['a prefix that begins no name', { prefix: '1st' }, /prefix must begin a metric's name.*'1st'/],
    ['a label that is no name', { labels: { 'a-b': 'x' } }, /'a-b' is no name of a label/],
    ['a label of Prometheus', { labels: { __name__: 'x' } }, /is no name of a label/],
    ['a label of ours', { labels: { view: 'x' } }, /'view' is a label of its own/],
    ['a label that is no text', { labels: { region: 1 } }, /region must be a text, got 1/],
    ['a server that is none', { server: {} }, /server must be what serve or createHandler gave/],
  ]
  it.each(wrong)('%s', (_, options, message) => {
    const error = expect.objectContaining({ code: 'ERR_TELEMETRY', message: expect.stringMatching(message) as string })
    expect(() => createMetrics(options as MetricsOptions)).toThrow(error as Error)
  })
})

/** Bytes of a frame as it came. */
function lengthOf({ joinRef, ref, topic, event, payload }: RawClient['frames'][number]): number {
  return Buffer.byteLength(JSON.stringify([joinRef, ref, topic, event, payload]))
}
