/** The rules of a mount that is adopted, one by one: what runs once, what ends, and what nobody may have. */
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  html,
  type LiveServerOptions,
  type LiveView,
  type LiveViewSocket,
} from 'liveloom'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchPage, joinPayload, type Page, type RawView } from '../support/raw-client.ts'
import { once, type Survival, survive } from './cases.ts'

let world: Survival
afterEach(() => world.close())

const adopt = { adopt: true }
const mounts = (): string[] => world.log.filter((line) => line.startsWith('mount'))

async function show(view: LiveView, options: Partial<LiveServerOptions> = {}): Promise<Page> {
  world = await survive({ routes: { '/': view, '/other': createLiveView({ render: () => html`` }) }, ...options })
  return fetchPage(world.url)
}

async function join(page: Page): Promise<RawView> {
  return (await world.open(page)).joinView(page)
}

/** Has `told` hear of the end of every view that it is given to. */
const endTold = (told: () => void) => (socket: LiveViewSocket) => socket.signal.addEventListener('abort', told)

describe('a mount that is adopted', () => {
  it('asks for the ten rows of its page once, whoever of it asks', async () => {
    let asked = 0
    const rows = Array.from({ length: 10 }, (_, id) => ({ id, name: `row ${id}` }))
    const line = createLiveComponent<{ name: string }>({
      updateMany(updates) {
        asked++
        for (const { socket } of updates) socket.assign({ name: rows[Number(socket.id)]!.name })
      },
      render: ({ name }) => html`<li>${name}</li>`,
    })
    const page = await show(
      createLiveView<{ rows: typeof rows }>({
        ...adopt,
        mount(socket) {
          asked++
          socket.assign({ rows })
        },
        render: ({ rows: shown }, { live_component }) =>
          html`<ul>
            ${shown.map(({ id }) => live_component(line, { id }))}
          </ul>`,
      }),
    )
    const view = await join(page)
    expect(view.html).toContain('row 9')
    expect(asked).toBe(2)
  })

  it('has its params once behind a proxy that ends TLS, and is where its page is', async () => {
    world = await survive({}, { ...adopt, render: (_: object, { url }: { url: URL }) => html`<p>${url.protocol}</p>` })
    const page = await fetchPage(world.url)
    const client = await world.open(page)
    const view = await client.joinView({ ...page, url: page.url.replace('http:', 'https:') })
    expect(view.html).toContain('https:')
    expect(world.log).toEqual(['mount first', 'params /'])
  })

  it('begins nothing that it has called off, and of two works of one name the second', async () => {
    const ran: string[] = []
    const outcomes: string[] = []
    const work = (name: string) => () => void ran.push(name)
    const page = await show(
      createLiveView({
        ...adopt,
        mount(socket) {
          socket.startAsync('twice', work('first'))
          socket.startAsync('twice', work('second'))
          socket.startAsync('never', work('never'))
          socket.cancelAsync('never', new Error('called off'))
          const stop = socket.repeat(work('tick'), 1)
          stop()
        },
        handleAsync: (_, name, outcome) => void outcomes.push(`${name} ${outcome.ok}`),
        render: () => html`<p></p>`,
      }),
    )
    await join(page)
    await vi.waitFor(() => expect(outcomes).toHaveLength(2))
    expect(ran).toEqual(['second'])
    expect(outcomes.toSorted()).toEqual(['never false', 'twice true'])
  })

  it('is told what it sent itself, behind its join and in order', async () => {
    world = await survive(
      {},
      { ...adopt, onMount: [(socket: LiveViewSocket) => socket.sendInfo('own')], handleParams: undefined },
    )
    const page = await fetchPage(world.url)
    await world.server.publish('news', 'first')
    const view = await join(page)
    await vi.waitFor(() => expect(view.html).toContain('<p>20</p>'))
    expect(world.log).toEqual(['mount first', 'info own', 'info first'])
  })

  it('has handleConnect called in the order of any mount: the view, then its components', async () => {
    const told: string[] = []
    const part = createLiveComponent({
      handleConnect: (socket) => void told.push(`component ${socket.id}`),
      render: () => html`<b></b>`,
    })
    const view = createLiveView<{ parts: number[] }>({
      ...adopt,
      mount: (socket) => socket.assign({ parts: [1, 2] }),
      handleConnect(socket) {
        told.push('view')
        socket.assign({ parts: [2, 3] })
      },
      render: ({ parts }, { live_component }) => html`<div>${parts.map((id) => live_component(part, { id }))}</div>`,
    })
    const page = await show(view)
    await join(page)
    expect(told.splice(0)).toEqual(['view', 'component 2', 'component 3'])
    await join(page)
    expect(told).toEqual(['view', 'component 2', 'component 3'])
  })

  it('ends a component that its page does not show any more when it connects', async () => {
    const ended = vi.fn<() => void>()
    const part = createLiveComponent({
      mount: (socket) => socket.signal.addEventListener('abort', ended),
      render: () => html`<b></b>`,
    })
    const page = await show(
      createLiveView<{ open: boolean }>({
        ...adopt,
        mount: (socket) => socket.assign({ open: true }),
        handleConnect: (socket) => socket.assign({ open: false }),
        render: ({ open }, { live_component }) => html`<div>${open && live_component(part, { id: 1 })}</div>`,
      }),
    )
    await join(page)
    expect(ended).toHaveBeenCalledOnce()
  })

  it('gives its components new props when they changed since, also inside', async () => {
    const seen: number[] = []
    const count = createLiveComponent<{ n: number }, { type: string }, { list: readonly number[] }>({
      update(socket, { list }) {
        seen.push(list.length)
        socket.assign({ n: list.length })
      },
      render: ({ n }) => html`<b>${n}</b>`,
    })
    const page = await show(
      createLiveView<{ list: number[] }>({
        ...adopt,
        mount: (socket) => socket.assign({ list: [1] }),
        handleConnect(socket) {
          socket.context.list.push(2)
          socket.assign({ list: socket.context.list })
        },
        render: ({ list }, { live_component }) => html`<div>${live_component(count, { id: 1, list })}</div>`,
      }),
    )
    const view = await join(page)
    expect(seen).toEqual([1, 2])
    expect(view.html).toContain('>2</b>')
  })

  it('names the component whose handleConnect throws, and the page that joins again is mounted anew, once', async () => {
    let fails = true
    const part = createLiveComponent({
      handleConnect() {
        if (fails) throw new Error('as asked')
      },
      render: () => html`<b></b>`,
    })
    let mounted = 0
    const contexts: unknown[] = []
    const page = await show(
      createLiveView({
        ...adopt,
        mount: () => void mounted++,
        render: (_, { live_component }) => html`<div>${live_component(part, { id: 'x' })}</div>`,
      }),
      { onError: (_, context) => void contexts.push(context) },
    )
    const client = await world.open(page)
    expect((await client.join(`lv:${page.id}`, joinPayload(page)).reply).response).toEqual({ reason: 'join crashed' })
    expect(contexts).toMatchObject([{ stage: 'component', view: '/', component: 'x' }])
    fails = false
    await client.rejoinView(page)
    expect(mounted).toBe(2)
  })

  it('goes on when its connection is lost, as any view', async () => {
    world = await survive({}, adopt)
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await world.lose(client)
    await world.server.publish('news', 'one')
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>11</p>')
    expect(mounts()).toEqual(['mount first'])
  })

  it('is told by telemetry', async () => {
    world = await survive({}, adopt)
    const adopted = once('adopt')
    const { page } = await world.visit()
    expect(await adopted).toEqual({ view: '/', id: page.id })
  })

  it('is adopted also where the data of its live session is another as JSON', async () => {
    let mounted = 0
    const view = createLiveView({ ...adopt, mount: () => void mounted++, render: () => html`<p></p>` })
    const at = new Date(0)
    const page = await show(view, {
      routes: {},
      liveSessions: { shop: { routes: { '/': view }, session: { at, none: undefined } } },
    })
    await join(page)
    expect(mounted).toBe(1)
  })

  it('shows once more the messages that it was shown with, until they are cleared', async () => {
    const page = await show(
      createLiveView({
        ...adopt,
        mount: (socket) => socket.putFlash('info', 'Welcome'),
        handleEvent: () => {},
        render: (_, { flash }) => html`<p>${flash['info']}</p>`,
      }),
    )
    const view = await join(page)
    expect(view.html).toContain('Welcome')
    await view.event('lv:clear-flash', { key: 'info' })
    expect(view.html).not.toContain('Welcome')
  })
})

describe('the view of a first page ends', () => {
  const cases: readonly { of: string; view?: object; status: number }[] = [
    {
      of: 'that leads elsewhere',
      view: { handleParams: (socket: LiveViewSocket) => socket.redirect('/x') },
      status: 302,
    },
    {
      of: 'that is not found',
      view: {
        handleParams() {
          throw Object.assign(new Error('none'), { status: 404 })
        },
      },
      status: 404,
    },
    {
      of: 'that fails',
      view: {
        render() {
          throw new Error('as asked')
        },
      },
      status: 500,
    },
  ]
  it.each(cases)('at once when it is one $of', async ({ view, status }) => {
    const ended = vi.fn<() => void>()
    world = await survive({}, { ...adopt, onMount: [endTold(ended)], ...view })
    expect((await fetch(world.url, { redirect: 'manual' })).status).toBe(status)
    expect(ended).toHaveBeenCalledOnce()
  })

  it('at once when its request is given up before it is answered', async () => {
    const ended = vi.fn<() => void>()
    world = await survive(
      {},
      {
        ...adopt,
        onMount: [endTold(ended)],
        mount: async () => {
          world.log.push('mounts')
          await world.gates.wait('mount')
        },
        render: () => html`<p></p>`,
      },
    )
    const abort = new AbortController()
    const asked = fetch(world.url, { signal: abort.signal })
    await vi.waitFor(() => expect(world.log).toEqual(['mounts']))
    abort.abort()
    await expect(asked).rejects.toThrow('aborted')
    // The server has noticed by the time that it answers another request.
    await fetch(`${world.url}/other`)
    world.gates.open('mount')
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce())
  })

  it('when as many others wait, the oldest of whoever has most first, and onError is told', async () => {
    const ended: string[] = []
    world = await survive(
      { limits: { maxAdoptable: 2 } },
      {
        ...adopt,
        handleParams: (socket: LiveViewSocket, url: URL) =>
          socket.signal.addEventListener('abort', () => ended.push(url.search)),
      },
    )
    const one = await fetchPage(`${world.url}/?a1`)
    await fetchPage(`${world.url}/?a2`, one.cookie)
    await fetchPage(`${world.url}/?b`)
    expect(ended).toEqual(['?a1'])
    expect(world.reports.join()).toContain('connection: limits.maxAdoptable (2)')
  })

  it('when its visitor loads more than twenty pages, which concerns nobody else', async () => {
    const ended = vi.fn<() => void>()
    world = await survive({}, { ...adopt, onMount: [endTold(ended)] })
    const { cookie } = await fetchPage(world.url)
    for (let count = 1; count < 20; count++) await fetchPage(world.url, cookie)
    expect(ended).not.toHaveBeenCalled()
    await fetchPage(world.url, cookie)
    expect(ended).toHaveBeenCalledOnce()
    expect(world.reports).toEqual([])
  })

  it('when its page joins it again without having joined it before', async () => {
    world = await survive({}, adopt)
    const page = await fetchPage(world.url)
    await (await world.open(page)).rejoinView(page)
    expect(mounts()).toEqual(['mount first', 'mount connected'])
    await join(page)
    expect(mounts()).toHaveLength(3)
  })

  it('when the session of its visitor is another by then', async () => {
    let user = 1
    world = await survive({ session: () => ({ user }) }, adopt)
    const page = await fetchPage(world.url)
    user = 2
    await join(page)
    expect(mounts()).toEqual(['mount first', 'mount connected'])
  })

  it('when the server closes', async () => {
    const ended = vi.fn<() => void>()
    world = await survive({}, { ...adopt, onMount: [endTold(ended)] })
    await fetchPage(world.url)
    await world.server.close()
    expect(ended).toHaveBeenCalledOnce()
  })

  it('and hears nothing more of its topics', async () => {
    let heard = 0
    const hears = new Set<(info: unknown) => void>()
    const pubsub = {
      subscribe(_topic: string, hear: (info: unknown) => void) {
        hears.add(hear)
        heard++
        return () => void hears.delete(hear)
      },
      publish() {},
    }
    world = await survive({ pubsub, adoptWindow: 1 }, adopt)
    await fetchPage(world.url)
    expect(heard).toBe(1)
    await vi.waitFor(() => expect(hears.size).toBe(0))
  })
})

describe('what a pubsub tells', () => {
  it('is reported, until the server is closed', async () => {
    const reports = new Set<(error: unknown) => void>()
    const pubsub = {
      subscribe: () => () => {},
      publish() {},
      onError: (report: (error: unknown) => void) => {
        reports.add(report)
        return () => void reports.delete(report)
      },
    }
    world = await survive({ pubsub }, adopt)
    for (const report of reports) report(new Error('the engine has gone'))
    expect(world.reports).toEqual(['info: the engine has gone'])
    await world.server.close()
    expect(reports.size).toBe(0)
  })
})

describe('a gap that is told before the page connects', () => {
  it('waits for it', async () => {
    const gaps: (() => void)[] = []
    const pubsub = {
      subscribe: (_topic: string, _hear: (info: unknown) => void, onGap?: () => void) => {
        gaps.push(onGap!)
        return () => {}
      },
      publish() {},
    }
    const told: (readonly string[])[] = []
    world = await survive(
      { pubsub },
      { ...adopt, handleGap: (_: unknown, topics: readonly string[]) => told.push(topics) },
    )
    const page = await fetchPage(world.url)
    for (const gap of [...gaps, ...gaps]) gap()
    expect(told).toEqual([])
    await join(page)
    await vi.waitFor(() => expect(told).toEqual([['news']]))
    gaps[0]!()
    await vi.waitFor(() => expect(told).toHaveLength(2))
  })
})

describe('a view inside another', () => {
  it('ends with that, when it was not joined', async () => {
    const ended = vi.fn<() => void>()
    const kid = createLiveView({ onMount: [endTold(ended)], render: () => html`<i></i>` })
    const page = await show(
      createLiveView({ ...adopt, render: (_, { live_view }) => html`<div>${live_view(kid, { id: 'kid' })}</div>` }),
    )
    const client = await world.open(page)
    await client.joinView(page)
    expect(ended).not.toHaveBeenCalled()
    client.socket.close()
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce())
  })

  it('is kept for its page alone: another parent that places the same id has its own', async () => {
    let mounted = 0
    const kid = createLiveView({ mount: () => void mounted++, render: () => html`<i></i>` })
    const page = await show(
      createLiveView({ ...adopt, render: (_, { live_view }) => html`<div>${live_view(kid, { id: 'kid' })}</div>` }),
    )
    const inner = async (outer: RawView): Promise<RawView> => {
      const session = /data-phx-session="([^"]+)"/.exec(outer.html)![1]!
      return outer.client.joinView({ ...page, id: 'kid', session, static: '' }, { static: null, url: undefined })
    }
    const first = await join(page)
    const second = await join(page)
    await inner(second)
    expect(mounted).toBe(2 + 0)
    await inner(first)
    expect(mounted).toBe(2)
  })

  it('whose stash is in a store is mounted once more, and is given it', async () => {
    const rows = new Map<string, string>()
    const store = {
      read: (key: string) => rows.get(key),
      write: (key: string, value: string) => void rows.set(key, value),
      remove: (key: string) => void rows.delete(key),
    }
    const kid = createLiveView<{ draft: string }, { type: string }>({
      stash: ['draft'],
      mount: (socket) => socket.assign({ draft: 'empty', ...socket.stashed }),
      handleEvent: (socket) => socket.assign({ draft: 'written' }),
      render: ({ draft }) => html`<i>${draft}</i>`,
    })
    const view = createLiveView({
      ...adopt,
      render: (_, { live_view }) => html`<div>${live_view(kid, { id: 'kid' })}</div>`,
    })
    const inner = async (page: Page): Promise<RawView> => {
      const outer = await join(page)
      const session = /data-phx-session="([^"]+)"/.exec(outer.html)![1]!
      return outer.client.joinView({ ...page, id: 'kid', session, static: '' }, { static: null, url: undefined })
    }
    const page = await show(view, { stash: { store } })
    const before = await inner(page)
    await before.event('write')
    before.client.socket.close()
    await before.client.waitForClose()
    const after = await inner(await fetchPage(world.url, page.cookie))
    expect(after.html).toContain('written')
  })

  it('that is sticky goes on as well, by the token of its own', async () => {
    let mounted = 0
    const player = createLiveView({
      sticky: 'one-mount-player',
      mount: () => void mounted++,
      render: () => html`<i></i>`,
    })
    const view = createLiveView({
      ...adopt,
      render: (_, { live_view }) => html`<div>${live_view(player, { id: 'player', sticky: true })}</div>`,
    })
    world = await survive({ routes: { '/': view } })
    const response = await fetch(world.url)
    const cookie = response.headers.getSetCookie()[0]!.split(';', 1)[0]!
    const text = await response.text()
    const csrfToken = /name="csrf-token" content="([^"]+)"/.exec(text)![1]!
    const tokens = [...text.matchAll(/id="([^"]+)"[^>]*data-phx-session="([^"]+)"[^>]*data-phx-static="([^"]*)"/g)]
    const [main, sticky] = tokens.map(([, id, session, fixed]) => {
      return { url: world.url, cookie, csrfToken, id: id!, session: session!, static: fixed! }
    })
    const client = await world.open(main!)
    await client.joinView(main!)
    await client.joinView(sticky!, { sticky: true })
    expect(mounted).toBe(1)
  })
})

describe('options', () => {
  it('of a wrong kind are refused at once', () => {
    const view = createLiveView({ render: () => html`` })
    expect(() => createLiveView({ adopt: 'yes' as never, render: () => html`` })).toThrow('adopt must be')
    expect(() => createLiveServer({ routes: { '/': view }, adopt: 1 as never })).toThrow('adopt must be')
    expect(() => createLiveServer({ routes: { '/': view }, adoptWindow: 0 })).toThrow(
      'adoptWindow must be a time in ms',
    )
  })
})

describe('a page that goes while it connects', () => {
  it('ends its view, once, with shutdown and all that waits inside', async () => {
    const log: string[] = []
    const kid = createLiveView({ onMount: [endTold(() => void log.push('kid'))], render: () => html`<i></i>` })
    let opens = (): void => {}
    const gate = new Promise<void>((resolve) => (opens = resolve))
    const page = await show(
      createLiveView({
        ...adopt,
        onMount: [endTold(() => void log.push('ended'))],
        mount: (socket) => void socket.repeat(() => void log.push('tick'), 1),
        async handleConnect() {
          log.push('connects')
          await gate
          log.push('goes on')
        },
        shutdown: () => void log.push('shutdown'),
        render: (_, { live_view }) => html`<div>${live_view(kid, { id: 'kid' })}</div>`,
      }),
    )
    const client = await world.open(page)
    client.join(`lv:${page.id}`, joinPayload(page))
    await vi.waitFor(() => expect(log).toEqual(['connects']))
    client.socket.terminate()
    await vi.waitFor(() => expect(log).toContain('shutdown'))
    opens()
    await (await world.open(page)).rejoinView(page)
    expect(log.filter((line) => line !== 'tick').toSorted()).toEqual([
      'connects',
      'connects',
      'ended',
      'goes on',
      'goes on',
      'kid',
      'shutdown',
    ])
  })
})
