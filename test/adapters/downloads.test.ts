/** `socket.download`, from the callback to the bytes: on a whole server, with requests on its port. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  type DownloadEnd,
  type ErrorContext,
  html,
  type LiveServerOptions,
} from 'liveloom'
import compression from 'compression'
import { createHandler, type NodeServer, serve } from 'liveloom/node'
import { observe } from 'liveloom/telemetry'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { download, start, toldIn } from '../support/downloads.ts'
import { fetchPage, type Page, RawClient, type RawView } from '../support/raw-client.ts'

let folder: string
const running: { close(): unknown }[] = []
const clients: RawClient[] = []
const reports: { error: unknown; context: ErrorContext }[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'downloads-'))
  writeFileSync(join(folder, 'report.txt'), '0123456789')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  for (const one of running.splice(0)) await one.close()
  reports.length = 0
})

type Events = { type: 'one' | 'three' | 'lost' | 'broken' | 'soon' | 'link' | 'wrong' }

const part = createLiveComponent<{ end: string }, { type: 'component' }, object>({
  mount: (socket) => socket.assign({ end: 'none' }),
  handleEvent: (socket) =>
    socket.download(new Blob(['of a part']), {
      name: 'part.txt',
      onEnd: ({ outcome }) => socket.assign({ end: outcome }),
    }),
  render: ({ end }) => html`<i>${end}</i>`,
})

const view = createLiveView<{ ends: readonly DownloadEnd[] }, Events>({
  mount: (socket) => socket.assign({ ends: [] }),
  handleEvent: (socket, { type }) => {
    const onEnd = (end: DownloadEnd): void => socket.assign({ ends: [...socket.context.ends, end] })
    const path = join(folder, 'report.txt')
    if (type === 'one') socket.download(path, { name: 'Mai "2026".txt', onEnd })
    if (type === 'lost') socket.download(join(folder, 'none.txt'), { onEnd })
    if (type === 'soon') socket.download(path, { expiresIn: 1, onEnd })
    if (type === 'link') socket.download(new URL('https://files.test/a'), { onEnd })
    if (type === 'wrong') socket.download('report.txt')
    if (type === 'broken') {
      const rows = async function* () {
        yield 'a,b\n'
        throw new Error('the database is gone')
      }
      socket.download(rows, { name: 'rows.csv', onEnd })
    }
    if (type === 'three') {
      socket.download(path)
      socket.download(() => new Blob(['second']), { name: 'second.txt' })
      socket.download(new TextEncoder().encode('third'), { name: 'third.html', inline: true })
    }
  },
  render: ({ ends }, { live_component }) =>
    html`<p>${ends.map(({ outcome, bytes }) => html`<b>${outcome} ${bytes}</b>`)}</p>
      ${live_component(part, { id: 'part' })}`,
})

const options: LiveServerOptions = {
  secret: 'a secret of the tests, long enough',
  routes: {
    '/': view,
    '/early': createLiveView({ mount: (socket) => socket.download('/a.txt'), render: () => html`` }),
    '/adopted': createLiveView({ adopt: true, mount: (socket) => socket.download('/a.txt'), render: () => html`` }),
  },
  onError: (error, context) => reports.push({ error, context }),
}

interface Visit {
  readonly server: NodeServer
  readonly page: Page
  readonly client: RawClient
  readonly view: RawView
}

async function open(more: Partial<LiveServerOptions> = {}): Promise<Visit> {
  const server = await serve(createLiveServer({ ...options, ...more }), { port: 0, signals: false, development: false })
  running.push(server)
  return { server, ...(await visit(server.url, more.basePath)) }
}

async function visit(url: string, basePath = ''): Promise<Omit<Visit, 'server'>> {
  const page = await fetchPage(`${url}${basePath}/`)
  const client = await RawClient.open(page, { path: `${basePath}/live` })
  clients.push(client)
  return { page, client, view: await client.joinView(page) }
}

const endsShown = ({ html: shown }: RawView): readonly string[] =>
  [...shown.matchAll(/<b>([^<]*)<\/b>/g)].map(([, end]) => end!)

describe('a download', () => {
  it('is sent to its page, once, and its view is told', async () => {
    const { page, view } = await open()
    const told = toldIn(await view.event('one'))
    expect(told).toEqual([{ url: expect.stringMatching(/^\/live\/downloads\/[\w-]+\.[\w-]+$/), as: 'file' }])
    const { url } = told[0]!
    expect(await download(page, url, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    expect(await download(page, url)).toMatchObject({
      status: 200,
      body: '0123456789',
      headers: {
        'content-disposition': 'attachment; filename="Mai \\"2026\\".txt"',
        'referrer-policy': 'strict-origin-when-cross-origin',
      },
    })
    await vi.waitFor(() => expect(endsShown(view)).toEqual(['sent 10']))
    expect((await download(page, url)).status).toBe(404)
    expect(reports).toEqual([])
  })

  it('is one of several of an event', async () => {
    const { page, view } = await open()
    const told = toldIn(await view.event('three'))
    expect(told.map(({ as }) => as)).toEqual(['file', 'file', 'window'])
    const answers = await Promise.all(told.map(({ url }) => download(page, url)))
    expect(answers.map(({ body }) => body)).toEqual(['0123456789', 'second', 'third'])
    expect(answers[2]!.headers).toMatchObject({
      'content-disposition': 'inline; filename=third.html',
      'content-security-policy': expect.stringMatching(/^sandbox;/),
    })
  })

  it('is one of a live component', async () => {
    const { page, view } = await open()
    const reply = await view.request('event', { type: 'click', event: 'component', value: {}, cid: 1 })
    const [told] = toldIn(reply)
    expect((await download(page, told!.url)).body).toBe('of a part')
    await vi.waitFor(() => expect(view.html).toMatch(/<i [^>]*>sent<\/i>/))
  })

  it('goes on when its view has ended', async () => {
    const { page, client, view } = await open()
    const [url] = await start(view, 'one')
    await client.leave()
    expect((await download(page, url!)).body).toBe('0123456789')
  })

  it('that nobody comes for is over, and its view is told', async () => {
    const { page, view } = await open()
    const [url] = await start(view, 'soon')
    await vi.waitFor(() => expect(endsShown(view)).toEqual(['expired 0']))
    expect((await download(page, url!)).status).toBe(404)
  })

  it('from another address leads there', async () => {
    const { page, view } = await open()
    const [told] = toldIn(await view.event('link'))
    expect(told!.as).toBe('frame')
    expect(await download(page, told!.url)).toMatchObject({
      status: 302,
      headers: { location: 'https://files.test/a' },
    })
    await vi.waitFor(() => expect(endsShown(view)).toEqual(['sent 0']))
  })

  it('that is not there is reported, and its view is told', async () => {
    const { page, view } = await open()
    const [url] = await start(view, 'lost')
    expect(await download(page, url!)).toMatchObject({ status: 404, body: 'Not found\n' })
    await vi.waitFor(() => expect(endsShown(view)).toEqual(['missing 0']))
    expect(reports).toMatchObject([{ error: { code: 'ERR_DOWNLOAD' }, context: { stage: 'download', view: '/' } }])
  })

  it('that breaks does not look whole, is reported, and its view is told', async () => {
    const { page, view } = await open()
    const [url] = await start(view, 'broken')
    expect(await download(page, url!)).toMatchObject({ status: 200, broken: true })
    await vi.waitFor(() => expect(endsShown(view)).toEqual(['failed 4']))
    expect(reports).toMatchObject([{ error: { message: 'the database is gone' }, context: { stage: 'download' } }])
  })

  it('is told of by telemetry', async () => {
    const { page, view } = await open()
    const told: unknown[] = []
    const stop = observe('download', (event) => told.push(event))
    const [url] = await start(view, 'one')
    await download(page, url!)
    await vi.waitFor(() => expect(told).toHaveLength(1))
    stop()
    expect(told).toEqual([
      {
        view: '/',
        id: page.id,
        outcome: 'sent',
        bytes: 10,
        startedAt: expect.any(Number),
        durationMs: expect.any(Number),
      },
    ])
  })

  it('of what is no source ends its view, as any mistake of a program', async () => {
    const { view } = await open()
    view.push('event', { type: 'click', event: 'wrong', value: {} })
    await vi.waitFor(() =>
      expect(reports).toMatchObject([{ error: { code: 'ERR_DOWNLOAD' }, context: { stage: 'event', event: 'wrong' } }]),
    )
  })

  it.each(['/early', '/adopted'])('is refused while the page %s is loaded over HTTP', async (path) => {
    const { server } = await open()
    expect((await fetch(server.url + path)).status).toBe(500)
    expect(reports).toMatchObject([
      {
        error: { code: 'ERR_DOWNLOAD', message: expect.stringMatching(/^download: the page is not connected yet/) },
        context: { stage: 'mount' },
      },
    ])
  })
})

it('a middleware that packs leaves them as they are, and what is asked for by its part', async () => {
  const text = 'a,b,c\n'.repeat(10_000)
  writeFileSync(join(folder, 'large.csv'), text)
  const large = createLiveView<object, { type: 'go' }>({
    handleEvent: (socket) => socket.download(join(folder, 'large.csv')),
    render: () => html`<p>${text}</p>`,
  })
  const live = createLiveServer({ ...options, routes: { '/': large } })
  const server = await serve(live, { port: 0, signals: false, development: false, use: [compression()] })
  running.push(server)
  const headers = { 'accept-encoding': 'gzip' }
  const { page, view } = await visit(server.url)
  expect((await download(page, '/', { headers })).headers['content-encoding']).toBe('gzip')
  const [url] = await start(view, 'go')
  const part = await download(page, url!, { headers: { ...headers, range: 'bytes=6-11' } })
  expect(part).toMatchObject({ status: 206, body: 'a,b,c\n', headers: { 'content-length': '6' } })
  const whole = await download(page, url!, { headers })
  expect(whole.headers['content-encoding']).toBeUndefined()
  expect(whole.body).toBe(text)
})

it('one that is started while the line is lost waits for the page', async () => {
  const late = createLiveView<object, never, string, 'go'>({
    mount: (socket) => socket.subscribe('late'),
    handleInfo: (socket) => socket.download(join(folder, 'report.txt')),
    render: () => html``,
  })
  const { server, page, client } = await open({ routes: { '/': late } })
  const parked = new Promise<void>((resolve) => {
    const stop = observe('park', () => {
      stop()
      resolve()
    })
  })
  await client.cut()
  await parked
  await server.publish('late', 'go')
  const back = await RawClient.open(page)
  clients.push(back)
  await back.rejoinView(page)
  const { payload } = await back.next(({ payload }) => JSON.stringify(payload).includes('liveloom:download'))
  const url = /\/live\/downloads\/[\w.-]+/.exec(JSON.stringify(payload))![0]
  expect((await download(page, url)).body).toBe('0123456789')
})

it('a server that is drained waits for what it sends', async () => {
  let more!: () => void
  const gate = new Promise<void>((resolve) => (more = resolve))
  const slow = createLiveView<object, { type: 'go' }>({
    handleEvent: (socket) =>
      socket.download(
        async function* () {
          yield 'first '
          await gate
          yield 'last'
        },
        { name: 'slow.txt' },
      ),
    render: () => html``,
  })
  const { server, page, client, view } = await open({ routes: { '/': slow } })
  const [url] = await start(view, 'go')
  const body = await new Promise<AsyncIterable<Buffer>>((resolve) => {
    request(new URL(url!, page.url), { headers: { cookie: page.cookie } }, resolve).end()
  })
  const pieces: string[] = []
  const drained = vi.fn<() => void>()
  let drain: Promise<void> | undefined
  for await (const piece of body) {
    pieces.push(String(piece))
    if (drain !== undefined) continue
    drain = server.drain({ notice: 0, over: 0, grace: 10_000 }).then(drained)
    await client.waitForClose()
    // It has looked several times whether something is left.
    for (let asked = 0; asked < 50; asked++) await fetch(page.url)
    expect(drained).not.toHaveBeenCalled()
    more()
  }
  expect(pieces.join('')).toBe('first last')
  await drain
})

describe.each(['keeps the prefix', 'takes the prefix away'])('below a prefix, behind a proxy that %s', (proxy) => {
  it('is found', async () => {
    const live = createHandler(createLiveServer({ ...options, basePath: '/acme' }), { development: false })
    const arrives = (asked: { url?: string | undefined }): void => {
      if (proxy === 'takes the prefix away') asked.url = asked.url!.replace(/^\/acme(?=\/|$)\/?/, '/')
    }
    const server = createServer((asked, response) => {
      arrives(asked)
      live.middleware(asked, response, () => live.notFound(asked, response))
    })
    server.on('upgrade', (asked, socket, head) => {
      arrives(asked)
      if (!live.upgrade(asked, socket, head)) socket.destroy()
    })
    await new Promise<void>((resolve) => void server.listen(0, resolve))
    running.push(live, { close: () => server.closeAllConnections() }, server)
    const { page, view } = await visit(`http://localhost:${(server.address() as AddressInfo).port}`, '/acme')
    const [url] = await start(view, 'one')
    expect(url).toMatch(/^\/acme\/live\/downloads\//)
    expect(await download(page, url!)).toMatchObject({ status: 200, body: '0123456789' })
  })
})
