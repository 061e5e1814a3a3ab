/** What a view knows of the page it is on, and what it keeps of what the page shows. */
import {
  createLiveServer,
  createLiveView,
  each,
  html,
  type LiveServerOptions,
  type Unchanged,
  unchanged,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPage, RawClient, type RawView } from '../support/raw-client.ts'

interface Context {
  readonly text: string | Unchanged
  readonly rows: readonly number[] | Unchanged
  readonly ticks: number
}

let server: NodeServer | undefined
const clients: RawClient[] = []
/** The context, as the view has it after each event. */
const contexts: unknown[] = []

const temporary = createLiveView<Context, { type: string }>({
  mount: (socket) => {
    socket.temporaryAssigns({ text: unchanged, rows: unchanged })
    socket.assign({ text: 'long', rows: [1, 2], ticks: 0 })
  },
  handleEvent: (socket, { type }) => {
    contexts.push(socket.context)
    if (type === 'tick') socket.assign({ ticks: socket.context.ticks + 1 })
    if (type === 'write') socket.assign({ text: 'longer', rows: [3] })
    if (type === 'same') socket.assign({ text: 'long' })
  },
  render: ({ text, rows, ticks }) =>
    html`<p>${text}</p><ul>${each(rows, String, (row) => html`<li>${row}</li>`)}</ul><i>${ticks}</i>`,
})

const facts = createLiveView<{ facts: string }>({
  mount: (socket) => socket.assign({ facts: JSON.stringify([socket.staticChanged, socket.connectParams]) }),
  render: ({ facts }) => html`<p>${facts}</p>`,
})

async function visit(path: string, params: object, options: Partial<LiveServerOptions> = {}): Promise<RawView> {
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/temporary': temporary, '/facts': facts },
    onError() {},
    ...options,
  })
  server = await serve(live, { port: 0, signals: false })
  const page = await fetchPage(server.url + path)
  const client = await RawClient.open(page)
  clients.push(client)
  return client.joinView(page, { params: { _mounts: 0, ...params } })
}

const factsOf = async (params: object, options?: Partial<LiveServerOptions>): Promise<unknown> => {
  const { html: shown } = await visit('/facts', params, options)
  return JSON.parse(/<p>(.*)<\/p>/.exec(shown)![1]!.replaceAll('&quot;', '"'))
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  await server?.close()
  contexts.length = 0
})

describe('temporary assigns', () => {
  const first = '<p>long</p><ul><li>1</li><li>2</li></ul>'

  it('are back to what they are after each render, while the page keeps what it shows', async () => {
    const view = await visit('/temporary', {})
    expect(view.html).toBe(`${first}<i>0</i>`)
    expect((await view.event('tick')).response).toEqual({ diff: { 2: '1' } })
    expect(view.html).toBe(`${first}<i>1</i>`)
    await view.event('write')
    expect(view.html).toBe('<p>longer</p><ul><li>3</li></ul><i>1</i>')
    await view.event('tick')
    expect(view.html).toBe('<p>longer</p><ul><li>3</li></ul><i>2</i>')
    for (const context of contexts) expect(context).toMatchObject({ text: unchanged, rows: unchanged })
  })

  it('are forgotten once the page keeps them, and sent when they are assigned again', async () => {
    const view = await visit('/temporary', {})
    await view.event('tick')
    expect((await view.event('same')).response).toEqual({ diff: { 0: 'long' } })
    expect(view.html).toBe(`${first}<i>1</i>`)
  })
})

describe('connect params', () => {
  it('are what the page’s own script passed, without the client’s own', async () => {
    const own = { zone: 'Europe/Berlin', deep: { list: [1, null] } }
    const theirs = { _csrf_token: 'x', _mounts: 0, _mount_attempts: 3, _live_referer: 'http://x/' }
    expect(await factsOf({ ...own, ...theirs })).toEqual([false, own])
  })

  it('are none while the page is rendered over HTTP', async () => {
    const view = await visit('/facts', { zone: 'x' })
    expect(view.html).toContain('zone')
    const dead = await (await fetch(`${server!.url}/facts`)).text()
    expect(dead).toContain('<p>[false,{}]</p>')
  })
})

describe('staticChanged', () => {
  const assets = ['/app-1.css', '/js/app-1.js']
  const client = (hash: string): string => `http://localhost/live/client-${hash}.js`

  it.each([
    { name: 'no list', tracked: undefined, changed: false },
    { name: 'an empty list', tracked: [], changed: false },
    { name: 'something else than a list', tracked: 'http://localhost/app-0.css', changed: false },
    {
      name: 'what the server has',
      tracked: ['http://localhost/app-1.css', 'http://localhost/js/app-1.js'],
      changed: false,
    },
    { name: 'the same with a query', tracked: ['http://localhost/app-1.css?v=1'], changed: false },
    { name: 'the same on another host', tracked: ['https://cdn.example/deep/app-1.css'], changed: false },
    {
      name: 'one that is gone',
      tracked: ['http://localhost/app-1.css', 'http://localhost/js/app-0.js'],
      changed: true,
    },
    { name: 'the name in the query alone', tracked: ['http://localhost/x?/app-1.css'], changed: true },
    { name: 'no URL', tracked: ['app-1.css', '', 7, null], changed: false },
    { name: 'the client’s script of before', tracked: [client('old')], changed: true },
    { name: 'the client’s script by its plain name', tracked: ['http://localhost/live/client.js'], changed: false },
  ])('of $name: $changed', async ({ tracked, changed }) => {
    expect(await factsOf({ _track_static: tracked }, { assets })).toEqual([changed, {}])
  })

  it('compares the client’s script alone when the server names no assets', async () => {
    expect(await factsOf({ _track_static: ['http://localhost/js/app-0.js'] })).toEqual([false, {}])
    await server?.close()
    expect(await factsOf({ _track_static: [client('old')] })).toEqual([true, {}])
  })

  it('is false for the page that the server renders', async () => {
    await visit('/facts', {})
    const dead = await (await fetch(`${server!.url}/facts`)).text()
    const [, src] = /phx-track-static[^>]*src="([^"]+)"/.exec(dead)!
    await server?.close()
    expect(await factsOf({ _track_static: [`http://localhost${src}`] })).toEqual([false, {}])
  })

  it.each([['app.js'], { 0: 'app.js' }, [7]])('needs a list of paths: %j', (assets) => {
    const make = (): unknown => createLiveServer({ routes: {}, assets: assets as never })
    if (Array.isArray(assets) && assets[0] === 'app.js') expect(make).not.toThrow()
    else expect(make).toThrow('assets must be an array of paths')
  })
})
