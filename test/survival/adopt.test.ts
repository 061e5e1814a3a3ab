/** One mount instead of two: the view of the first page goes on when that connects. */
import {
  createLiveComponent,
  createLiveView,
  each,
  html,
  live_file_input,
  type LiveView,
  type LiveViewSocket,
  type Stream,
} from 'liveloom'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchPage, joinPayload, type RawView } from '../support/raw-client.ts'
import { type Survival, survive } from './cases.ts'

let world: Survival
afterEach(() => world.close())

const adopt = { adopt: true }
const mounts = (): string[] => world.log.filter((line) => line.startsWith('mount'))

describe('a page that connects', () => {
  it('has the view that it was shown: mounted once, with its params once, and lives', async () => {
    world = await survive({}, adopt)
    const { view } = await world.visit()
    expect(world.log).toEqual(['mount first', 'params /'])
    await view.event('inc')
    await view.request('event', { type: 'click', event: 'step', value: {}, cid: 1 })
    expect(view.html).toContain('<p>1</p>')
    expect(view.html).toContain('step 1')
  })

  it('has it from the live session, or the server, too', async () => {
    world = await survive({ adopt: true })
    await world.visit()
    expect(mounts()).toEqual(['mount first'])
  })

  it('has params again when it is elsewhere by then', async () => {
    world = await survive({}, adopt)
    const page = await fetchPage(world.url)
    const client = await world.open(page)
    await client.joinView({ ...page, url: `${world.url}/?page=2` })
    expect(world.log).toEqual(['mount first', 'params /', 'params /?page=2'])
  })

  it('hears what was published since it was mounted, and misses nothing', async () => {
    world = await survive({}, adopt)
    const page = await fetchPage(world.url)
    await world.server.publish('news', 'one')
    const client = await world.open(page)
    const view = await client.joinView(page)
    await vi.waitFor(() => expect(view.html).toContain('<p>10</p>'))
    await world.server.publish('news', 'two')
    await vi.waitFor(() => expect(view.html).toContain('<p>20</p>'))
    expect(world.log.filter((line) => line.startsWith('info'))).toEqual(['info one', 'info two'])
  })

  it('is mounted anew when more was published than may wait', async () => {
    world = await survive({ limits: { maxMailbox: 3 } }, adopt)
    const page = await fetchPage(world.url)
    for (let info = 0; info < 4; info++) await world.server.publish('news', info)
    await (await world.open(page)).joinView(page)
    expect(mounts()).toEqual(['mount first', 'mount connected'])
  })

  it('has what the page passes along from handleConnect on, which views and components have, once', async () => {
    const told: string[] = []
    const part = createLiveComponent({
      handleConnect: (socket) => void told.push(`component ${socket.connected}`),
      render: () => html`<b></b>`,
    })
    const view = createLiveView<{ zone: string }>({
      ...adopt,
      onMount: [(socket) => socket.attachHook('zone', 'handleConnect', () => void told.push('hook'))],
      mount: (socket) => socket.assign({ zone: 'none' }),
      handleConnect(socket) {
        told.push('view')
        socket.assign({ zone: socket.connectParams['zone'] as string })
      },
      render: ({ zone }, { live_component }) => html`<p>${zone}</p>${live_component(part, { id: 1 })}`,
    })
    world = await survive({ routes: { '/': view } })
    const page = await fetchPage(world.url)
    const client = await world.open(page)
    const joined = await client.joinView(page, { params: { _mounts: 0, zone: 'CET' } })
    expect(joined.html).toContain('<p>CET</p>')
    expect(told.splice(0)).toEqual(['hook', 'view', 'component true'])
    // Also a view that is mounted anew has it.
    const again = await (await world.open(page)).joinView(page, { params: { _mounts: 0, zone: 'UTC' } })
    expect(again.html).toContain('<p>UTC</p>')
    expect(told).toEqual(['hook', 'view', 'component true'])
  })

  it('begins then what needs it: loading values, timers, updates of components', async () => {
    let loads = 0
    const ticks: string[] = []
    const part = createLiveComponent<{ text: string }, { type: string }, { text?: string }>({
      mount: (socket) => socket.assign({ text: 'old' }),
      render: ({ text }) => html`<b>${text}</b>`,
    })
    const view = createLiveView<{ price: unknown }>({
      ...adopt,
      mount(socket) {
        socket.assignAsync('price', () => Promise.resolve({ price: ++loads }))
        socket.repeat(() => void ticks.push('tick'), 5)
        socket.sendUpdate(part, { id: 1, text: 'new' })
      },
      render: (_, { live_component }) => html`<p>${loads}</p>${live_component(part, { id: 1 })}`,
    })
    world = await survive({ routes: { '/': view } })
    const page = await fetchPage(world.url)
    expect([loads, ticks]).toEqual([0, []])
    const joined = await (await world.open(page)).joinView(page)
    await vi.waitFor(() => expect(ticks.length).toBeGreaterThan(1))
    await vi.waitFor(() => expect(joined.html).toContain('>new</b>'))
    expect(loads).toBe(1)
  })

  it('has the items of streams and temporary assigns, and files can be chosen', async () => {
    const view = createLiveView<{ rows: Stream<{ id: number }>; note: string }, { type: string }, 'photos'>({
      ...adopt,
      mount(socket) {
        socket.stream('rows', [{ id: 1 }])
        socket.temporaryAssigns({ note: '' })
        socket.assign({ note: 'once' })
        void socket.allowUpload('photos')
      },
      handleConnect: (socket) => socket.streamInsert('rows', { id: 2 }),
      render: ({ rows, note }, { uploads }) =>
        html`<ul id="rows" phx-update="stream">${each(rows, (_, id) => html`<li id="${id}"></li>`)}</ul>
          <i>${note}</i>
          <form phx-change="choose">${live_file_input(uploads.photos)}</form>
          ${uploads.photos.entries.map(({ clientName }) => html`<b>${clientName}</b>`)}`,
    })
    world = await survive({ routes: { '/': view } })
    const page = await fetchPage(world.url)
    const client = await world.open(page)
    const { reply } = client.join(`lv:${page.id}`, joinPayload(page))
    const tree = JSON.stringify((await reply).response)
    expect(tree).toContain('rows-1')
    expect(tree).toContain('rows-2')
    expect(tree).toContain('once')
  })

  it('calls update of components once for each load', async () => {
    const calls: string[] = []
    const row = createLiveComponent<{ name: string }, { type: string }, { of: { name: string } }>({
      update(socket, { of }) {
        calls.push(of.name)
        socket.assign({ name: of.name })
      },
      render: ({ name }) => html`<b>${name}</b>`,
    })
    const view = createLiveView<{ rows: { name: string }[] }>({
      ...adopt,
      mount: (socket) => socket.assign({ rows: [{ name: 'a' }, { name: 'b' }] }),
      render: ({ rows }, { live_component }) =>
        html`<div>${rows.map((of) => live_component(row, { id: of.name, of }))}</div>`,
    })
    world = await survive({ routes: { '/': view } })
    await world.visit()
    expect(calls).toEqual(['a', 'b'])
  })
})

describe('the view of a page is', () => {
  it('had by one of two pages of one response, and mounted anew for the other', async () => {
    world = await survive({}, adopt)
    const page = await fetchPage(world.url)
    const one = await (await world.open(page)).joinView(page)
    const two = await (await world.open(page)).joinView(page)
    await one.event('inc')
    expect([one.html, two.html].map((text) => /<p>\d<\/p>/.exec(text)?.[0])).toEqual(['<p>1</p>', '<p>0</p>'])
    expect(mounts()).toEqual(['mount first', 'mount connected'])
  })

  it("not had by another visitor who was handed the page out of a proxy's cache", async () => {
    world = await survive({}, adopt)
    const page = await fetchPage(world.url)
    const { page: theirs } = await world.visit('/other')
    const cached = { ...theirs, url: page.url, id: page.id, session: page.session, static: page.static }
    await (await world.open(cached)).joinView(cached)
    expect(mounts()).toEqual(['mount first', 'mount connected'])
    await (await world.open(page)).joinView(page)
    expect(mounts()).toHaveLength(2)
  })

  it('let go of when its page does not connect in time', async () => {
    const ended = vi.fn<() => void>()
    world = await survive(
      { adoptWindow: 1 },
      { ...adopt, onMount: [(socket: LiveViewSocket) => socket.signal.addEventListener('abort', ended)] },
    )
    await fetchPage(world.url)
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce())
  })

  it.each([
    { of: 'a page that is fetched ahead', headers: { 'sec-purpose': 'prefetch;prerender' }, method: 'GET' },
    { of: 'the head of a page', headers: {}, method: 'HEAD' },
  ])('not kept for $of', async ({ headers, method }) => {
    const ended = vi.fn<() => void>()
    world = await survive(
      {},
      { ...adopt, onMount: [(socket: LiveViewSocket) => socket.signal.addEventListener('abort', ended)] },
    )
    await fetch(world.url, { method, headers: headers as Record<string, string> })
    expect(ended).toHaveBeenCalledOnce()
  })

  it('not kept when the visitor is logged out meanwhile', async () => {
    world = await survive({}, adopt)
    const page = await fetchPage(world.url)
    world.server.disconnect(() => true)
    await (await world.open(page)).joinView(page)
    expect(mounts()).toEqual(['mount first', 'mount connected'])
  })
})

describe('views inside', () => {
  const log: string[] = []
  const kid = createLiveView<{ n: number }, { type: string }>({
    mount(socket) {
      log.push('kid')
      socket.assign({ n: 1 })
    },
    handleEvent: (socket) => socket.assign({ n: socket.context.n + 1 }),
    render: ({ n }) => html`<i>${n}</i>`,
  })
  const parentOf = (more: object): LiveView =>
    createLiveView({ ...more, render: (_, { live_view }) => html`<div>${live_view(kid, { id: 'kid' })}</div>` })

  async function join(view: LiveView): Promise<RawView> {
    log.length = 0
    world = await survive({ routes: { '/': view } })
    const { client, view: outer } = await world.visit()
    const session = /data-phx-session="([^"]+)"/.exec(outer.html)![1]!
    const page = { url: world.url, cookie: '', csrfToken: '', id: 'kid', session, static: '' }
    return client.joinView(page, { static: null, url: undefined })
  }

  it('go on as well, by a join of their own', async () => {
    const inner = await join(parentOf(adopt))
    await inner.event('more')
    expect(inner.html).toContain('<i>2</i>')
    expect(log).toEqual(['kid'])
  })

  it('are mounted anew where the view around them is', async () => {
    await join(parentOf({}))
    expect(log).toEqual(['kid', 'kid'])
  })
})
