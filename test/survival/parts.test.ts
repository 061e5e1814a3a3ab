/** What of a view goes on beside its own state: what is inside it, what it has forgotten on purpose, its files. */
import { createLiveComponent, createLiveView, each, html, live_file_input, type LiveView, type Stream } from 'liveloom'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Json, Page, RawClient } from '../support/raw-client.ts'
import { RawUpload, RawView } from '../support/raw-client.ts'
import { once, type Survival, survive } from './cases.ts'

let world: Survival
afterEach(() => world.close())

interface Row {
  readonly id: number
}

const log: string[] = []

/** A list that the server forgets; `more`: how it comes back. */
function rows(more: object = {}): LiveView {
  return createLiveView<{ rows: Stream<Row>; count: number }, { type: string }>({
    mount(socket) {
      socket.assign({ count: 0 })
      socket.stream('rows', [{ id: 1 }, { id: 2 }])
    },
    handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
    render: ({ rows: list, count }) =>
      html`<ul id="rows" phx-update="stream">${each(list, ({ id }, domId) => html`<li id="${domId}">${id}</li>`)}</ul>
        <p>${count}</p>`,
    ...more,
  })
}

async function comeBack(page: Page, client: RawClient, params: Json = {}): Promise<RawView> {
  await world.lose(client)
  return (await world.open(page)).rejoinView(page, params)
}

/** What the join was answered with. */
function treeOf({ client, joinRef }: RawView): string {
  return JSON.stringify(client.frames.find(({ ref }) => ref === joinRef)!.payload)
}

describe('a view that has forgotten something on purpose', () => {
  it('is mounted anew when nothing brings it again', async () => {
    world = await survive({ routes: { '/': rows() } })
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await client.cut()
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>0</p>')
    expect(treeOf(again)).toContain('rows-1')
  })

  it('goes on when handleResume brings it, with why and what the page passes along', async () => {
    const handleResume = (socket: { stream(name: string, items: Row[]): void }, resume: object): void => {
      log.push(JSON.stringify(resume))
      socket.stream('rows', [{ id: 3 }])
    }
    world = await survive({ routes: { '/': rows({ handleResume }) } })
    const { page, client, view } = await world.visit()
    await view.event('inc')
    const again = await comeBack(page, client, { zone: 'CET' })
    expect(again.html).toContain('<p>1</p>')
    expect(log.splice(0)).toEqual(['{"reason":"reconnect","connectParams":{"zone":"CET"}}'])
    expect(treeOf(again)).toContain('rows-3')
  })

  it('is mounted anew when a component of it has forgotten something, and cannot bring it', async () => {
    const list = createLiveComponent<{ rows: Stream<Row> }>({
      mount: (socket) => socket.stream('rows', [{ id: 1 }]),
      render: ({ rows: items }) =>
        html`<ul id="rows" phx-update="stream">${each(items, (_, id) => html`<li id="${id}"></li>`)}</ul>`,
    })
    const view = createLiveView<{ count: number }, { type: string }>({
      mount: (socket) => socket.assign({ count: 0 }),
      handleEvent: (socket) => socket.assign({ count: 5 }),
      render: ({ count }, { live_component }) => html`<p>${count}</p>${live_component(list, { id: 1 })}`,
    })
    world = await survive({ routes: { '/': view } })
    const { page, client, view: first } = await world.visit()
    await first.event('inc')
    await client.cut()
    expect((await (await world.open(page)).rejoinView(page)).html).toContain('<p>0</p>')
  })
})

describe('a handler of the connection', () => {
  it('is told when the view is parked, in the order of its messages', async () => {
    const told: string[] = []
    world = await survive(
      {},
      { handlePark: () => void told.push('park'), handleResume: () => void told.push('resume') },
    )
    const { page, client } = await world.visit()
    await comeBack(page, client)
    expect(told).toEqual(['park', 'resume'])
  })

  it('that throws when the view is parked ends it, and the page has another', async () => {
    world = await survive(
      {},
      {
        handlePark() {
          throw new Error('not now')
        },
      },
    )
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await client.cut()
    await vi.waitFor(() => expect(world.log).toContain('shutdown'))
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>0</p>')
    expect(world.reports).toEqual(['park: not now'])
  })

  it('may lead elsewhere when the view is parked: the page goes there when it is back', async () => {
    world = await survive({}, { handlePark: (socket: { redirect(to: string): void }) => socket.redirect('/other') })
    const { page, client } = await world.visit()
    await client.cut()
    await vi.waitFor(() => expect(world.log).toContain('shutdown'))
    const joining = (await world.open(page)).rejoinView(page)
    await expect(joining).rejects.toThrow('"redirect":{"to":"/other"}')
  })

  it('that throws at the resume has the view mounted anew, and is reported', async () => {
    world = await survive(
      {},
      {
        handleResume: () => {
          throw new Error('not now')
        },
      },
    )
    const { page, client, view } = await world.visit()
    await view.event('inc')
    const again = await comeBack(page, client)
    expect(again.html).toContain('<p>0</p>')
    expect(world.reports).toEqual(['resume: not now'])
  })

  it('may lead elsewhere', async () => {
    world = await survive({}, { handleResume: (socket: { redirect(to: string): void }) => socket.redirect('/other') })
    const { page, client } = await world.visit()
    await world.lose(client)
    const joining = (await world.open(page)).rejoinView(page)
    await expect(joining).rejects.toThrow('"redirect":{"to":"/other"}')
  })

  it('that takes its time does not keep the next page waiting, when that comes', async () => {
    let calls = 0
    world = await survive({}, { handleResume: () => (++calls === 1 ? world.gates.wait('first') : undefined) })
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await world.lose(client)
    const lost = await world.open(page)
    lost.join(`lv:${page.id}`, { url: page.url, params: { _mounts: 1 }, session: page.session, static: page.static })
    await vi.waitFor(() => expect(calls).toBe(1))
    await lost.cut()
    const next = await world.open(page)
    const joining = next.rejoinView(page)
    await next.heartbeat()
    world.gates.open('first')
    expect((await joining).html).toContain('<p>1</p>')
    expect(calls).toBe(2)
  })
})

describe('views inside a view', () => {
  const child = createLiveView<{ n: number }, { type: string }>({
    mount: (socket) => {
      log.push('child mount')
      socket.assign({ n: 0 })
    },
    handleEvent: (socket) => socket.assign({ n: socket.context.n + 1 }),
    shutdown: () => void log.push('child end'),
    render: ({ n }) => html`<i>${n}</i>`,
  })
  const parent = createLiveView<{ shows: boolean }, { type: string }, string, string>({
    mount: (socket) => {
      socket.assign({ shows: true })
      void socket.subscribe('news')
    },
    handleInfo: (socket) => socket.assign({ shows: false }),
    render: ({ shows }, { live_view }) => html`<div>${shows ? live_view(child, { id: 'kid' }) : 'none'}</div>`,
  })

  function childOf(view: RawView): Page {
    const session = /data-phx-session="([^"]+)"/.exec(view.html)![1]!
    return { url: world.url, cookie: '', csrfToken: '', id: 'kid', session, static: '' }
  }

  it('go on with it, each with a join of its own, also one that comes at once', async () => {
    log.length = 0
    world = await survive({ routes: { '/': parent } })
    const { page, client, view } = await world.visit()
    const kid = childOf(view)
    const inner = await client.joinView(kid, { static: null, url: undefined })
    await inner.event('inc')
    await world.lose(client)
    const next = await world.open(page)
    const outer = next.rejoinView(page)
    const again = await next.rejoinView(kid, {}, { static: null, url: undefined })
    await outer
    expect(again.html).toContain('<i>1</i>')
    expect(log.filter((line) => line === 'child mount')).toHaveLength(2)
  })

  it('end when the view does not place them any more', async () => {
    log.length = 0
    world = await survive({ routes: { '/': parent } })
    const { page, client, view } = await world.visit()
    await client.joinView(childOf(view), { static: null, url: undefined })
    await world.lose(client)
    await world.server.publish('news', 'hide')
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('none')
    expect(log).toContain('child end')
  })

  it('end with it when it is mounted anew', async () => {
    log.length = 0
    world = await survive({ routes: { '/': parent } })
    const { page, client, view } = await world.visit()
    await client.joinView(childOf(view), { static: null, url: undefined })
    await world.lose(client)
    await (await world.open(page)).joinView(page)
    expect(log).toContain('child end')
  })
})

describe('a sticky view', () => {
  const player = createLiveView<{ n: number }, { type: string }>({
    sticky: 'survival-player',
    mount: (socket) => socket.assign({ n: 0 }),
    handleEvent: (socket, { type }) => {
      if (type === 'leave') return socket.pushNavigate('/other')
      return socket.assign({ n: socket.context.n + 1 })
    },
    render: ({ n }) => html`<i>${n}</i>`,
  })
  const around = createLiveView({
    render: (_, { live_view }) => html`<div>${live_view(player, { id: 'player', sticky: true })}</div>`,
  })

  async function playing(): Promise<{ page: Page; client: RawClient; kid: Page; inner: RawView }> {
    world = await survive({ routes: { '/': around, '/other': around } })
    const { page, client, view } = await world.visit()
    const session = /data-phx-session="([^"]+)"/.exec(view.html)![1]!
    const kid = { url: world.url, cookie: '', csrfToken: '', id: 'player', session, static: '' }
    return { page, client, kid, inner: await client.joinView(kid, sticky) }
  }
  const sticky = { static: null, url: undefined, sticky: true }

  it('goes on by itself, before or behind the view that shows it', async () => {
    const { page, client, kid, inner } = await playing()
    await inner.event('more')
    await world.lose(client)
    const next = await world.open(page)
    const again = await next.rejoinView(kid, {}, sticky)
    await next.rejoinView(page)
    expect(again.html).toContain('<i>1</i>')
  })

  it('takes the page along where it led while that was away, and goes on itself', async () => {
    const { page, client, kid, inner } = await playing()
    await inner.event('more')
    inner.push('event', { type: 'click', event: 'leave', value: {} })
    await client.cut()
    const next = await world.open(page)
    await next.rejoinView(page)
    const again = await next.rejoinView(kid, {}, sticky)
    expect(again.html).toContain('<i>1</i>')
    await again.event('more')
    expect(again.html).toContain('<i>2</i>')
  })
})

describe('components', () => {
  it('that left the page meanwhile end, and those that came are there', async () => {
    const ended: string[] = []
    const one = createLiveComponent<{ name: string }, { type: string }, { name: string }>({
      mount(socket) {
        if (socket.connected) socket.signal.addEventListener('abort', () => ended.push(socket.context.name))
      },
      render: ({ name }) => html`<b>${name}</b>`,
    })
    const view = createLiveView<{ names: string[] }, { type: string }, string, string[]>({
      mount(socket) {
        socket.assign({ names: ['a', 'b'] })
        void socket.subscribe('names')
      },
      handleInfo: (socket, names) => socket.assign({ names }),
      render: ({ names }, { live_component }) =>
        html`<div>${names.map((name) => live_component(one, { id: name, name }))}</div>`,
    })
    world = await survive({ routes: { '/': view } })
    const { page, client } = await world.visit()
    await world.lose(client)
    await world.server.publish('names', ['b', 'c'])
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html.replaceAll(/<b[^>]*>/g, '<b>')).toContain('<div><b>b</b><b>c</b></div>')
    expect(ended).toEqual(['a'])
  })
})

describe('files', () => {
  const album = createLiveView<{ saved: string }, { type: string }, 'photos'>({
    mount(socket) {
      socket.assign({ saved: '' })
      void socket.allowUpload('photos', { maxEntries: 5 })
    },
    async handleEvent(socket, { type }) {
      if (type !== 'save') return
      const names = await socket.consumeUploadedEntries('photos', (_, { clientName }) => clientName)
      socket.assign({ saved: names.join() })
    },
    render: ({ saved }, { uploads }) =>
      html`<form phx-change="choose" phx-submit="save">${live_file_input(uploads.photos)}</form>
        <p>${saved}</p>
        ${uploads.photos.entries.map(
          ({ clientName, done, errors }) =>
            html`<i>${clientName} ${done ? 'done' : errors.map(({ code }) => code).join()}</i>`,
        )}`,
  })
  const file = (ref: string, name: string): { ref: string; name: string; size: number; type: string } => ({
    ...{ ref, name, size: 10, type: 'image/png' },
  })
  const told = (view: RawView): string[] => [...view.html.matchAll(/<i>([^<]*)<\/i>/g)].map(([, text]) => text!.trim())

  async function three(): Promise<{ page: Page; client: RawClient }> {
    world = await survive({ routes: { '/': album } })
    const { page, client, view } = await world.visit()
    const ref = view.inputRef('photos')
    await view.upload('photos', file('0', 'done.png'), new Uint8Array(10))
    const { token } = await view.prepare('photos', file('1', 'half.png'))
    await RawUpload.join(client, '1', token)
    await view.choose({ [ref]: [file('0', 'done.png'), file('1', 'half.png'), file('2', 'waits.png')] })
    return { page, client }
  }

  it('that wait and that are done go on where the page gives them back; what was being sent is interrupted', async () => {
    const { page, client } = await three()
    const again = await comeBack(page, client, { liveloomFilesBack: true })
    expect(told(again)).toEqual(['done.png done', 'half.png interrupted', 'waits.png'])
  })

  it('that are not done are interrupted where nobody gives them back', async () => {
    const { page, client } = await three()
    const again = await comeBack(page, client)
    expect(told(again)).toEqual(['done.png done', 'half.png interrupted', 'waits.png interrupted'])
  })

  it('are dropped when the time of the view is over', async () => {
    world = await survive({ routes: { '/': album }, resumeWindow: 1 })
    const { page, client, view } = await world.visit()
    await view.upload('photos', file('0', 'done.png'), new Uint8Array(10))
    const expired = once('expire')
    await client.cut()
    expect(await expired).toMatchObject({ why: 'time' })
    expect(told(await (await world.open(page)).rejoinView(page))).toEqual([])
  })
})
