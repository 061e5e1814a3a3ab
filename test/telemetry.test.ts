/** What a running server publishes on its channels: each with the names and fields that the guide lists. */
import { execFile } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { promisify } from 'node:util'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  html,
  type ErrorContext,
  live_file_input,
  type LiveView,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { channelName, observe, type TelemetryEvents, telemetryNames, traceWith } from 'liveloom/telemetry'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { root } from './package/root.ts'
import { fetchPage, RawClient, type RawView } from './support/raw-client.ts'
import { shortName, Spans } from './support/spans.ts'

type Told = { [Name in keyof TelemetryEvents]: TelemetryEvents[Name] & { readonly on: Name } }[keyof TelemetryEvents]

const servers: NodeServer[] = []
const stops: (() => void)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) stop()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** Everything that is told from now on, in order. */
function watch(): Told[] {
  const told: Told[] = []
  for (const name of telemetryNames) stops.push(observe(name, (event) => told.push({ on: name, ...event } as Told)))
  return told
}

const card = createLiveComponent<{ n?: number }, { type: string }, { n: number }>({
  mount: (socket) => socket.assign({ n: 0 }),
  update: (socket, { n }) => socket.assign({ n }),
  handleEvent: (_, { type }) => {
    if (type === 'break') throw new Error('broken')
  },
  render: ({ n }) => html`<b>${n}</b>`,
})

const things = createLiveView<{ n: number }, { type: string }>({
  mount: (socket) => {
    socket.assign({ n: 0 })
    void socket.allowUpload('photos', { maxEntries: 3 })
    void socket.allowUpload('sniffed', { accept: ['.txt'], sniff: true })
  },
  handleEvent: async (socket, { type }) => {
    if (type === 'break') throw new Error('broken')
    if (type === 'leave') return socket.redirect('/elsewhere')
    if (type === 'patch') return socket.pushPatch('/?q=1')
    if (type === 'info') return socket.sendInfo('hello')
    if (type === 'wait') return void socket.repeat(() => {}, 5)
    if (type === 'load') return socket.startAsync('price', () => 5)
    if (type === 'save') await socket.consumeUploadedEntries('photos', () => 1)
    if (type === 'cancel') await socket.cancelUpload('photos', '1')
    socket.assign({ n: socket.context.n + 1 })
  },
  handleInfo: () => {},
  handleAsync: () => {},
  handleParams: () => {},
  render: ({ n }, { uploads, live_component }) =>
    html`<form>${live_file_input(uploads['photos'])} ${live_file_input(uploads['sniffed'])} ${n} ${live_component(card, { id: 'card', n })}</form>`,
})

const broken = createLiveView({
  render: () => {
    throw new Error('broken')
  },
})

async function start(
  routes: Record<string, LiveView> = { '/': things, '/broken': broken },
  onError: (error: unknown, context: ErrorContext) => void = () => {},
): Promise<{ url: string; visit: () => Promise<{ client: RawClient; view: RawView; id: string }> }> {
  const live = createLiveServer({ secret: 's'.repeat(32), routes, onError })
  const server = await serve(live, { port: 0, signals: false, closeTimeout: 2000, development: false })
  servers.push(server)
  const visit = async () => {
    const page = await fetchPage(server.url)
    const client = await RawClient.open(page)
    return { client, view: await client.joinView(page), id: page.id }
  }
  return { url: server.url, visit }
}

const time = { startedAt: expect.any(Number) as number, durationMs: expect.any(Number) as number }
const of = { view: '/', id: expect.any(String) as string }
const failure = { error: expect.objectContaining({ message: 'broken' }) as unknown }
/** What a click makes, beside its event. */
const answer = { on: 'message', ...of, event: 'phx_reply', bytes: expect.any(Number) as number }
const render = (component?: string, connected = true) => ({
  on: 'render',
  ...of,
  ...time,
  connected,
  ...(component && { component }),
})
const diff = (components: number) => ({ on: 'diff', ...of, ...time, components })
const turn = (stage: string) => ({ on: 'turn', ...of, ...time, stage, waitedMs: expect.any(Number) as number })

describe('the channels tell of', () => {
  it('a page over HTTP', async () => {
    const { url } = await start()
    const told = watch()
    await fetchPage(url)
    expect(told).toEqual([
      { on: 'mount', ...of, ...time, connected: false },
      { on: 'params', ...of, ...time, connected: false, url: `${url}/` },
      render(undefined, false),
      { on: 'mount', ...of, ...time, connected: false, component: 'card' },
      { on: 'update', ...of, ...time, connected: false, component: 'card', count: 1 },
      render('card', false),
      { on: 'http', view: '/', url: `${url}/`, status: 200, ...time },
    ])
  })

  it('a page over HTTP that breaks', async () => {
    const { url } = await start()
    const told = watch()
    await fetch(`${url}/broken`)
    expect(told.slice(-2)).toEqual([
      { ...render(undefined, false), view: '/broken', ...failure },
      { on: 'http', view: '/broken', url: `${url}/broken`, status: 500, ...time, ...failure },
    ])
  })

  it('a page that joins, and goes', async () => {
    const { visit } = await start()
    const told = watch()
    const { client, id } = await visit()
    await client.leave()
    await vi.waitFor(() => expect(told.at(-1)?.on).toBe('disconnect'))
    const mine = { view: '/', id }
    expect(told.slice(told.findIndex(({ on }) => on === 'connect'))).toEqual([
      { on: 'connect', trusted: true },
      { on: 'mount', ...mine, ...time, connected: true },
      { on: 'params', ...mine, ...time, connected: true, url: expect.any(String) as string },
      render(),
      { on: 'mount', ...mine, ...time, connected: true, component: 'card' },
      { on: 'update', ...mine, ...time, connected: true, component: 'card', count: 1 },
      render('card'),
      diff(1),
      answer,
      { on: 'join', ...mine, ...time },
      { on: 'disconnect', ...time, views: 1 },
    ])
  })

  const clicks: readonly {
    readonly name: string
    readonly event: string
    readonly cid?: number
    readonly tells: object[]
  }[] = [
    {
      name: 'an event, and what it renders',
      event: 'inc',
      tells: [
        { on: 'event', ...of, ...time, event: 'inc' },
        render(),
        { on: 'update', ...of, ...time, connected: true, component: 'card', count: 1 },
        render('card'),
        diff(1),
        answer,
        turn('event'),
      ],
    },
    {
      name: 'an event of a component',
      event: 'nothing',
      cid: 1,
      tells: [{ on: 'event', ...of, ...time, event: 'nothing', component: 'card' }, answer, turn('event')],
    },
    {
      name: 'an event that breaks',
      event: 'break',
      tells: [
        { on: 'event', ...of, ...time, event: 'break', ...failure },
        { ...turn('event'), ...failure },
        { ...answer, event: 'phx_error' },
      ],
    },
    {
      name: 'an event of a component that breaks',
      event: 'break',
      cid: 1,
      tells: [
        { on: 'event', ...of, ...time, event: 'break', component: 'card', ...failure },
        { ...turn('event'), ...failure },
        { ...answer, event: 'phx_error' },
      ],
    },
    {
      name: 'an info',
      event: 'info',
      tells: [
        { on: 'event', ...of, ...time, event: 'info' },
        answer,
        turn('event'),
        { on: 'info', ...of, ...time },
        turn('info'),
      ],
    },
    {
      name: 'async work',
      event: 'load',
      tells: [
        { on: 'async', ...of, ...time, name: 'price' },
        { on: 'event', ...of, ...time, event: 'load' },
        answer,
        turn('event'),
        { on: 'outcome', ...of, ...time, name: 'price', ok: true },
        turn('async'),
      ],
    },
    {
      name: 'a timer',
      event: 'wait',
      tells: [
        { on: 'event', ...of, ...time, event: 'wait' },
        answer,
        turn('event'),
        { on: 'timer', ...of, ...time },
        turn('timer'),
      ],
    },
    {
      name: 'a patch',
      event: 'patch',
      tells: [
        { on: 'event', ...of, ...time, event: 'patch' },
        { on: 'navigation', ...of, kind: 'patch', to: '/?q=1' },
        { on: 'params', ...of, ...time, connected: true, url: expect.stringContaining('/?q=1') as string },
      ],
    },
    {
      name: 'leaving',
      event: 'leave',
      tells: [
        { on: 'event', ...of, ...time, event: 'leave' },
        { on: 'navigation', ...of, kind: 'redirect', to: '/elsewhere' },
        answer,
        { ...answer, event: 'phx_close' },
        turn('event'),
      ],
    },
  ]
  it.each(clicks)('$name', async ({ event, cid, tells }) => {
    const { visit } = await start()
    const { view } = await visit()
    const told = watch()
    view.push('event', { type: 'click', event, value: {}, ...(cid !== undefined && { cid }) })
    await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(tells.length))
    expect(told.slice(0, tells.length)).toEqual(tells)
  })

  it('an upload: asked for, begun, done, consumed; refused; cancelled', async () => {
    const { visit } = await start()
    const { view } = await visit()
    const told = watch()
    const uploads = () => told.filter(({ on }) => on === 'upload')
    const upload = { on: 'upload', ...of, upload: 'photos' }
    const entry = expect.any(String) as string
    await view.upload('photos', { ref: '0', name: 'a.png', size: 3, type: 'image/png' }, new Uint8Array(3))
    await view.event('save')
    expect(uploads()).toEqual([
      { ...upload, what: 'preflight', granted: 1, refused: undefined },
      { ...upload, what: 'started', entry, size: 3 },
      { ...upload, what: 'turn', entry, waitedMs: expect.any(Number) as number, waiting: 0 },
      { ...upload, what: 'done', entry, bytes: 3, ...time },
      { ...upload, what: 'consumed', entry, bytes: 3 },
    ])
    told.length = 0
    const file = { ref: '1', name: 'b.png', size: 3, type: 'image/png' }
    await view.choose({ [view.inputRef('photos')]: [file] })
    await view.event('cancel')
    expect(uploads()).toEqual([{ ...upload, what: 'cancelled', entry, bytes: 0 }])
    told.length = 0
    const files = ['2', '3', '4', '5'].map((ref) => Object.assign({}, file, { ref }))
    await view.request('allow_upload', { ref: view.inputRef('photos'), entries: files })
    expect(uploads()).toEqual([{ ...upload, what: 'preflight', granted: 0, refused: 'too_many_files' }])
  })
})

describe('the channel of files', () => {
  const times = ['waiting', 'preflight', 'queued', 'sending', 'paused', 'stalled', 'scanning', 'done', 'processing']
  const lives = (told: ReturnType<typeof watch>) => told.filter(({ on }) => on === 'entry')
  const life = {
    ...{ on: 'entry', ...of, upload: 'photos', entry: expect.any(String) as string, ...time },
    ...{ size: 3, bytes: 3, rate: expect.any(Number) as number, stalls: 0, retries: 0 },
    ...Object.fromEntries([...times, 'sniffing'].map((name) => [`${name}Ms`, expect.any(Number) as number])),
  }

  it('tells once of each what has become of it, and how long it stood where', async () => {
    const { visit } = await start()
    const { view } = await visit()
    const told = watch()
    const file = { ref: '0', name: 'a.png', size: 3, type: 'image/png' }
    await view.upload('photos', file, new Uint8Array(3))
    expect(lives(told)).toEqual([])
    await view.event('save')
    expect(lives(told)).toEqual([{ ...life, outcome: 'consumed' }])
    const consumed = lives(told)[0] as unknown as Readonly<Record<string, number>>
    const sum = times.reduce((all, name) => all + consumed[`${name}Ms`]!, 0)
    expect(sum).toBeCloseTo(consumed['durationMs']!, 0)
    for (const name of ['waiting', 'preflight', 'sending', 'done']) expect(consumed[`${name}Ms`]).toBeGreaterThan(0)
    expect(consumed['pausedMs']).toBe(0)
    expect(consumed['sniffingMs']).toBe(0)
    told.length = 0
    await view.choose({ [view.inputRef('photos')]: [{ ...file, ref: '1' }] })
    await view.event('cancel')
    expect(lives(told)).toEqual([{ ...life, bytes: 0, rate: 0, outcome: 'cancelled' }])
  })

  it('tells how long it took to say what its first bytes are, as part of the time that it was sent', async () => {
    const { visit } = await start()
    const { view } = await visit()
    const told = watch()
    const file = { ref: '0', name: 'a.txt', size: 3, type: 'text/plain' }
    await view.upload('sniffed', file, new TextEncoder().encode('abc'))
    await view.client.leave()
    await vi.waitFor(() => expect(lives(told)).toHaveLength(1))
    const { sniffingMs, sendingMs } = lives(told)[0] as unknown as Readonly<Record<string, number>>
    expect(sniffingMs).toBeGreaterThan(0)
    expect(sniffingMs).toBeLessThanOrEqual(sendingMs!)
  })

  it('tells of what a view had when it ended', async () => {
    const { visit } = await start()
    const { view } = await visit()
    const told = watch()
    await view.choose({ [view.inputRef('photos')]: [{ ref: '0', name: 'a.png', size: 3, type: 'image/png' }] })
    await view.client.leave()
    await vi.waitFor(() => expect(lives(told)).toEqual([{ ...life, bytes: 0, rate: 0, outcome: 'left' }]))
  })

  it('says why one was refused', async () => {
    const { visit } = await start()
    const { view } = await visit()
    const told = watch()
    const file = { ref: '0', name: 'a.png', size: 1e9, type: 'image/png' }
    await view.choose({ [view.inputRef('photos')]: [file] })
    await view.client.leave()
    const refused = { ...life, size: 1e9, bytes: 0, rate: 0, outcome: 'refused', code: 'too_large' }
    await vi.waitFor(() =>
      expect(lives(told)).toEqual([{ ...refused, error: expect.objectContaining({ code: 'too_large' }) as object }]),
    )
  })
})

describe('traces of OpenTelemetry', () => {
  const made = new Spans()
  beforeEach(() => void stops.push(traceWith(made.tracer)))

  const query = (name: string): void => made.own(`query ${name}`)

  /** By the time when each ended. */
  const paths = (): readonly string[] => made.paths(nameOf)
  const nameOf = (span: ReadableSpan): string => {
    const { 'liveloom.component': component, 'liveloom.stage': stage } = span.attributes
    return [shortName(span), component, stage].filter((part) => part !== undefined).join(' ')
  }

  const slow = createLiveComponent<{ n?: number }, { type: string }, { n: number }>({
    update: async (socket, { n }) => {
      await Promise.resolve()
      query('update')
      socket.assign({ n })
    },
    render: ({ n }) => html`<b>${n}</b>`,
  })
  const album = createLiveView<{ n: number }, { type: string }>({
    mount: async (socket) => {
      await new Promise(setImmediate)
      query('mount')
      socket.assign({ n: 0 })
    },
    handleEvent: async (socket, { type }) => {
      await new Promise(setImmediate)
      query('event')
      if (type === 'tell') return socket.sendInfo('hello')
      if (type === 'load') return socket.startAsync('load', () => new Promise(setImmediate).then(() => query('load')))
      if (type === 'tick') return void socket.repeat(() => query('tick'), 1)
      socket.assign({ n: socket.context.n + 1 })
    },
    handleInfo: (socket) => {
      query('info')
      socket.assign({ n: 9 })
    },
    handleAsync: () => query('outcome'),
    render: ({ n }, { live_component }) => {
      query('render')
      return html`<p>${n} ${live_component(slow, { id: 'slow', n })}</p>`
    },
  })

  it('a page over HTTP is one', async () => {
    const { url } = await start({ '/': album })
    await fetchPage(url)
    expect(paths()).toEqual([
      'http > mount > query mount',
      'http > mount',
      'http > params',
      'http > render > query render',
      'http > render',
      'http > update slow > query update',
      'http > update slow',
      'http > render slow',
      'http',
    ])
  })

  it('a join is one', async () => {
    const { url } = await start({ '/': album })
    const page = await fetchPage(url)
    const client = await RawClient.open(page)
    made.reset()
    await client.joinView(page)
    expect(paths()).toEqual([
      'join > mount > query mount',
      'join > mount',
      'join > params',
      'join > diff > render > query render',
      'join > diff > render',
      'join > diff > update slow > query update',
      'join > diff > update slow',
      'join > diff > render slow',
      'join > diff',
      'join',
    ])
  })

  const rendered = (of: string): readonly string[] => [
    `${of} > diff > render > query render`,
    `${of} > diff > render`,
    `${of} > diff > update slow > query update`,
    `${of} > diff > update slow`,
    `${of} > diff > render slow`,
    `${of} > diff`,
    of,
  ]
  it.each([
    {
      name: 'an event is one, with what it renders',
      type: 'inc',
      spans: ['turn event > event > query event', 'turn event > event', ...rendered('turn event')],
    },
    {
      name: 'an info begins one, and so does the diff that several infos may share',
      type: 'tell',
      spans: [
        'turn event > event > query event',
        'turn event > event',
        'turn event',
        'turn info > info > query info',
        'turn info > info',
        'turn info',
        ...rendered('turn render'),
      ],
    },
    {
      name: 'async work belongs to what started it, its result is one of its own',
      type: 'load',
      spans: [
        'turn event > event > query event',
        'turn event > event',
        'turn event',
        'turn event > event > async > query load',
        'turn event > event > async',
        'turn async > outcome > query outcome',
        'turn async > outcome',
        'turn async',
      ],
    },
    {
      name: 'each tick of a timer is one',
      type: 'tick',
      spans: [
        'turn event > event > query event',
        'turn event > event',
        'turn event',
        'turn timer > timer > query tick',
        'turn timer > timer',
        'turn timer',
        'turn timer > timer > query tick',
        'turn timer > timer',
        'turn timer',
      ],
    },
  ])('$name', async ({ type, spans }) => {
    const { url } = await start({ '/': album })
    const page = await fetchPage(url)
    const client = await RawClient.open(page)
    const view = await client.joinView(page)
    made.reset()
    await view.event(type)
    await vi.waitFor(() => expect(paths().length).toBeGreaterThanOrEqual(spans.length))
    expect(paths().slice(0, spans.length)).toEqual(spans)
  })
})

describe('a subscriber', () => {
  it('that throws harms nobody: what it throws goes to its onError', async () => {
    const { visit } = await start()
    const { view } = await visit()
    const thrown: unknown[] = []
    const fail = (): never => {
      throw new Error('a bad subscriber')
    }
    stops.push(observe('event', fail, { onError: (error) => thrown.push(error) }))
    const told = watch()
    expect(await view.event('inc')).toMatchObject({ status: 'ok' })
    expect(thrown).toEqual([new Error('a bad subscriber')])
    expect(told.map(({ on }) => on)).toContain('event')
  })

  it('is not called any more once it stopped', async () => {
    const { visit } = await start()
    const { view } = await visit()
    const told = watch()
    for (const stop of stops.splice(0)) stop()
    await view.event('inc')
    expect(told).toEqual([])
    expect(telemetryNames.filter((name) => channel(channelName(name)).hasSubscribers)).toEqual([])
  })

  it('of node:diagnostics_channel itself gets the same, and ends the process when it throws, as Node has it', async () => {
    const program = `
      import { subscribe, channel } from 'node:diagnostics_channel'
      subscribe('liveloom:event', () => { throw new Error('a bad subscriber') })
      channel('liveloom:event').publish({})
    `
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root })
    await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('a bad subscriber') as string })
  })

  it.each([
    { name: 'nothing', receive: () => {} },
    { name: 'event', receive: 5 },
  ])('with a mistake is refused: $name', ({ name, receive }) => {
    expect(() => observe(name as never, receive as never)).toThrow(
      expect.objectContaining({ code: 'ERR_TELEMETRY' }) as Error,
    )
  })
})

describe('a failure on a connection', () => {
  it.each([
    { name: 'is reported', onError: (): unknown => undefined },
    {
      name: 'is reported to an onError that throws',
      onError: (): unknown => {
        throw new Error('in onError')
      },
    },
    { name: 'is reported to an onError that rejects', onError: (): unknown => Promise.reject(new Error('in onError')) },
  ])('$name, and the other views on it go on', async ({ onError }) => {
    const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const contexts: ErrorContext[] = []
    const { url } = await start({ '/': things }, (_, context) => {
      contexts.push(context)
      return onError() as void
    })
    const first = await fetchPage(url)
    const client = await RawClient.open(first)
    const view = await client.joinView(first)
    const other = await client.joinView(await fetchPage(url, first.cookie))
    view.push('event', { type: 'click', event: 'break', value: {} })
    const end = await client.next(({ event }) => event === 'phx_error')
    expect(end.topic).toBe(view.topic)
    expect(await other.event('inc')).toMatchObject({ status: 'ok', response: { diff: expect.anything() as unknown } })
    expect(contexts).toEqual([{ stage: 'event', view: '/', event: 'break' }])
    const text = printed.mock.calls.map(([line]) => String(line)).join('')
    expect(text.includes('in onError')).toBe(contexts.length > 0 && onError.toString().includes('in onError'))
    printed.mockRestore()
  })
})
