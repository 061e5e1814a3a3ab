/** Views in views: over HTTP, joined with what the live page carries, and what ends with what. */
import { createHandler } from 'liveloom/node'
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  html,
  type LiveServerOptions,
  type LiveView,
  raw,
  type RenderMeta,
} from 'liveloom'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { BrowserRendered } from '../conformance/real-client.ts'
import {
  fetchPage,
  type Frame,
  joinPayload,
  type Page,
  RawClient,
  type RawView,
  type Reply,
} from '../support/raw-client.ts'

interface Counter {
  readonly count: number
  readonly given: string
}

/** What the counters of a test were mounted with, and which are alive. */
const mounts: { id: string; connected: boolean; session: unknown; params: unknown }[] = []
const alive = new Set<string>()
const reported: string[] = []

/** A view that counts, and does what it is told; `inside` is what it places. */
function counter(inside?: LiveView, options: { readonly sticky?: boolean } = {}, sticky?: string): LiveView {
  return createLiveView<Counter, { type: string; to?: string }>({
    sticky,
    mount: (socket, session, params) => {
      mounts.push({ id: socket.id, connected: socket.connected, session, params })
      if (socket.connected) alive.add(socket.id)
      socket.assign({ count: 0, given: JSON.stringify(session) })
    },
    handleEvent: (socket, { type, to = '/' }) => {
      if (type === 'inc') socket.assign({ count: socket.context.count + 1 })
      if (type === 'crash') throw new Error('crashed')
      if (type === 'patch') socket.pushPatch(to)
      if (type === 'navigate') {
        socket.assign({ count: socket.context.count + 10 })
        socket.pushNavigate(to)
      }
      if (type === 'redirect') socket.redirect(to)
    },
    shutdown: (socket) => void alive.delete(socket.id),
    render: (
      { count, given },
      { live_view, url },
    ) => html`<b>${count}</b><i>${url.pathname}${url.search}</i><u>${given}</u>
      ${inside !== undefined && live_view(inside, { id: 'inner', ...options })}`,
  })
}

const kid = counter(counter())
const boxed = createLiveComponent<{ id: string }>({
  render: ({ id }, { live_view }) => html`<div>${live_view(kid, { id: `boxed-${id}` })}</div>`,
})
const player = counter(counter(), {}, 'player')

const shy = createLiveView({ mount: (socket) => socket.redirect('/elsewhere'), render: () => html`` })
/** Fails on the socket alone; `kids` of it are inside another that does not. */
const broken = createLiveView({
  mount: (socket) => {
    if (socket.connected) throw new Error('not today')
  },
  render: () => html`as first shown`,
})
const around = createLiveView({ render: (_, { live_view }) => html`<p>${live_view(broken, { id: 'deep' })}</p>` })
const shown = createLiveView({
  mount: (socket) => {
    if (!socket.connected) socket.putFlash('info', 'seen at once')
  },
  render: (_, { flash }) => html`<em>${flash['info']}</em>`,
})

/** Prints what it knows of where it is. */
const facts = createLiveView<{ facts: string }>({
  sticky: 'facts',
  mount: (socket, given) => {
    const { parent, session, mounts: before } = socket
    socket.assign({
      facts: JSON.stringify({ given, session, own: parent?.session, mounts: before, around: parent?.id }),
    })
  },
  render: (context) => html`<code>${raw(context.facts)}</code>`,
})

/** A page around `place`, with a switch that takes what is in it away. */
function pageOf(place: (meta: RenderMeta) => unknown): LiveView {
  return createLiveView<{ on: boolean; path: string }, { type: string; to?: string }>({
    mount: (socket) => socket.assign({ on: true }),
    handleParams: (socket, url) => socket.assign({ path: url.pathname + url.search, on: !url.searchParams.has('off') }),
    handleEvent: (socket, { type, to = '/' }) => {
      if (type === 'toggle') socket.assign({ on: !socket.context.on })
      if (type === 'crash') throw new Error('crashed')
      if (type === 'navigate') socket.pushNavigate(to)
      if (type === 'patch') socket.pushPatch(to)
    },
    render: ({ on, path }, meta) => html`<h1>${path}</h1><main>${on && place(meta)}</main>`,
  })
}

const routes: LiveServerOptions['routes'] = {
  '/': pageOf(({ live_view }) =>
    live_view(kid, { id: 'kid', session: { from: 'parent' }, container: { class: 'box' } }),
  ),
  '/component': pageOf(({ live_component }) => live_component(boxed, { id: 'a' })),
  '/numbers': pageOf(({ live_view, live_component }) => [
    html`<p>${live_component(boxed, { id: 'a' })}</p>`,
    html`<p>${live_view(counter(), { id: '1' })}</p>`,
    html`<p>${live_view(counter(), { id: 'a;b' })}</p>`,
  ]),
  '/sticky': pageOf(({ live_view }) => live_view(player, { id: 'player', sticky: true, session: { song: 1 } })),
  '/sticky/two': pageOf(({ live_view }) => live_view(player, { id: 'player', sticky: true, session: { song: 2 } })),
  '/unnamed': pageOf(({ live_view }) => live_view(kid, { id: 'kid', sticky: true })),
  '/twice': pageOf(({ live_view }) => [live_view(kid, { id: 'kid' }), live_view(kid, { id: 'kid' })]),
  '/shy': pageOf(({ live_view }) => live_view(shy, { id: 'shy' })),
  '/fails': createLiveView({
    mount: (socket) => {
      if ('fail' in socket.connectParams) throw new Error('not today')
    },
    render: () => html``,
  }),
  '/broken': pageOf(({ live_view }) => [
    html`<p>${live_view(broken, { id: 'broken' })}</p>`,
    html`<p>${live_view(around, { id: 'around' })}</p>`,
  ]),
  '/family': createLiveView<{ on: boolean; heard: readonly string[] }, { type: string }>({
    mount: (socket) => socket.assign({ on: true, heard: [] }),
    handleEvent: (socket, { type }) => {
      if (type === 'toggle') socket.assign({ on: !socket.context.on })
    },
    handleChild: (socket, change) => {
      const how = change.type === 'ended' && change.failed ? ' failing' : ''
      socket.assign({ heard: [...socket.context.heard, `${change.id} ${change.type}${how}`] })
    },
    render: ({ on, heard }, { live_view }) =>
      html`<p>${heard.join(', ')}</p><main>${on && [live_view(kid, { id: 'kid' }), live_view(broken, { id: 'broken' })]}</main>
        ${live_view(player, { id: 'player', sticky: true })}`,
  }),
  '/facts': pageOf(({ live_view }) => [
    live_view(facts, { id: 'facts', session: { own: 1 } }),
    live_view(facts, { id: 'stays', session: { own: 2 }, sticky: true }),
  ]),
  '/flash': pageOf(({ live_view }) => live_view(shown, { id: 'shown' })),
}
const liveSessions: LiveServerOptions['liveSessions'] = {
  own: {
    routes: { '/own': pageOf(({ live_view }) => live_view(kid, { id: 'kid' })), '/own/facts': facts },
    session: { secret: 'of the routes' },
  },
}

let server: Server | undefined
const clients: RawClient[] = []

async function start(limits: LiveServerOptions['limits'] = {}): Promise<string> {
  const live = createHandler(
    createLiveServer({
      secret: 'a secret of the tests, long enough',
      routes,
      liveSessions,
      limits,
      onError: (error) => reported.push((error as Error).message),
    }),
    { development: false },
  )
  server = createServer((request, response) => {
    live.middleware(request, response, () => live.notFound(request, response))
  })
  server.on('upgrade', (request, socket, head) => live.upgrade(request, socket, head))
  server.on('close', () => void live.close())
  server.listen(0, 'localhost')
  await once(server, 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  server?.closeAllConnections()
  server?.close()
  mounts.length = reported.length = 0
  alive.clear()
})

const htmlOf = async (url: string): Promise<string> => (await fetch(url)).text()

/** The tag of a view's container, by its id. */
function containerOf(markup: string, id: string): Readonly<Record<string, string | true>> {
  const tag = new RegExp(`<div\\s[^>]*\\bid="${id}"[^>]*>`).exec(markup)?.[0]
  if (tag === undefined) throw new Error(`no container ${id} in ${markup}`)
  const attributes = [...tag.matchAll(/\s([\w-]+)(?:="([^"]*)")?/g)].map(([, name, value]) => [name!, value ?? true])
  return Object.fromEntries(attributes) as Record<string, string | true>
}

async function visit(
  path: string,
  limits?: LiveServerOptions['limits'],
): Promise<{ url: string; page: Page; client: RawClient; view: RawView }> {
  const url = await start(limits)
  const page = await fetchPage(url + path)
  const client = await RawClient.open(page)
  clients.push(client)
  return { url, page, client, view: await client.joinView(page) }
}

/** What joins the view whose container is in `markup`, as the client does it. */
function childPage(page: Page, markup: string, id: string, staticToken: string | null = null): Page {
  const session = containerOf(markup, id)['data-phx-session'] as string
  return { ...page, id, session, static: staticToken as string }
}

/** What the browser makes of the answer to a join; later it leaves out what stays. */
function firstHtml({ client, topic, joinRef }: RawView): string {
  const { payload } = client.frames.find((frame) => frame.topic === topic && frame.ref === joinRef)!
  const { rendered } = (payload as unknown as Reply).response
  return new BrowserRendered(topic, structuredClone(rendered)).toString().buffer
}

const joinChild = (client: RawClient, page: Page, payload: Record<string, unknown> = {}): Promise<RawView> =>
  client.joinView(page, { url: undefined, ...payload })
const refusal = async (client: RawClient, page: Page): Promise<unknown> =>
  (await client.join(`lv:${page.id}`, joinPayload(page, { url: undefined })).reply).response['reason']
const closeOf = (client: RawClient, id: string): Promise<Frame> =>
  client.next(({ topic, event }) => topic === `lv:${id}` && event === 'phx_close')

describe('a nested view over HTTP', () => {
  it('stands in its place, with nothing yet to join it', async () => {
    const markup = await htmlOf(await start())
    const parent = /<div\s+id="([^"]+)"\s+data-phx-main/.exec(markup)![1]
    expect(containerOf(markup, 'kid')).toEqual({
      id: 'kid',
      class: 'box',
      'data-phx-session': '',
      'data-phx-static': expect.stringMatching(/./),
      'data-phx-parent-id': parent,
    })
    expect(containerOf(markup, 'inner')).toMatchObject({ 'data-phx-session': '', 'data-phx-parent-id': 'kid' })
    expect(markup.match(/<b>0<\/b>/g)).toHaveLength(2)
    expect(mounts).toMatchObject([
      { id: 'kid', connected: false, session: { from: 'parent' }, params: {} },
      { id: 'inner', connected: false, session: {}, params: {} },
    ])
  })

  it('stands in the component that places it', async () => {
    expect(await htmlOf(`${await start()}/component`)).toMatch(/<div>\s*<div\s+id="boxed-a"[^>]*>\s*<b>0<\/b>/)
  })

  it('is not taken for a component, whatever its id', async () => {
    const markup = await htmlOf(`${await start()}/numbers`)
    expect(markup).toMatch(/<p><div><div[^>]*\bid="boxed-a"/)
    expect(markup).toMatch(/<p><div[^>]*\bid="1"/)
    expect(markup).toMatch(/<p><div[^>]*\bid="a;b"/)
    expect(markup).not.toContain('\0')
  })

  it('that redirects takes the whole page along', async () => {
    const response = await fetch(`${await start()}/shy`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([302, '/elsewhere'])
    expect(reported).toEqual([])
  })

  it.each([
    {
      path: '/unnamed',
      message:
        "live_view('kid'): a sticky view needs a name that stays the same: createLiveView({ sticky: 'player', … })",
    },
    { path: '/twice', message: "the nested view with the id 'kid' is placed twice; ids must be unique within a page" },
  ])('$path is an error that says what to do', async ({ path, message }) => {
    expect((await fetch((await start()) + path)).status).toBe(500)
    expect(reported).toEqual([message])
  })
})

describe('a nested view on the socket', () => {
  it('is joined with what the container in the live page carries', async () => {
    const { page, client, view } = await visit('/')
    const container = containerOf(view.html, 'kid')
    expect(container).toMatchObject({ 'data-phx-static': '', 'data-phx-parent-id': page.id, class: 'box' })
    const fixed = containerOf(await htmlOf(page.url), 'kid')['data-phx-static'] as string
    const child = await joinChild(client, childPage(page, view.html, 'kid', fixed))
    expect(child.html).toContain('<b>0</b>')
    expect(mounts.at(-1)).toMatchObject({ id: 'kid', connected: true, session: { from: 'parent' }, params: {} })
    await child.event('inc')
    expect(child.html).toContain('<b>1</b>')
    expect(view.html).toContain('data-phx-session')
  })

  it('keeps its container the same through its parent’s renders', async () => {
    const { page, client, view } = await visit('/')
    const before = containerOf(view.html, 'kid')
    await joinChild(client, childPage(page, view.html, 'kid'))
    await view.event('patch', { to: '/?a=1' })
    expect(containerOf(view.html, 'kid')).toEqual(before)
    expect(JSON.stringify(client.frames.at(-1)!.payload)).not.toContain('phx-session')
  })

  it.each(['/component', '/'])('also in a component, and with one of its own inside: %s', async (path) => {
    const { page, client, view } = await visit(path)
    const id = path === '/' ? 'kid' : 'boxed-a'
    const child = await joinChild(client, childPage(page, firstHtml(view), id))
    expect(containerOf(child.html, 'inner')).toMatchObject({ 'data-phx-parent-id': id })
    const inner = await joinChild(client, childPage(page, child.html, 'inner'))
    await inner.event('inc')
    expect([child.html.includes('<b>0</b>'), inner.html.includes('<b>1</b>')]).toEqual([true, true])
  })

  it('shows the messages of its first page once', async () => {
    const { page, client, view } = await visit('/flash')
    const dead = await htmlOf(page.url)
    expect(dead).toContain('<em>seen at once</em>')
    const fixed = containerOf(dead, 'shown')['data-phx-static'] as string
    const joining = childPage(page, view.html, 'shown', fixed)
    expect((await joinChild(client, joining)).html).toContain('<em>seen at once</em>')
    expect((await joinChild(client, joining, { params: { _mounts: 1 } })).html).toContain('<em></em>')
  })

  it('gets the session of the request in both of its mounts, not that of its parent’s routes', async () => {
    const { page, client, view } = await visit('/own')
    await joinChild(client, childPage(page, view.html, 'kid'))
    expect(mounts.filter(({ id }) => id === 'kid').map(({ session }) => session)).toEqual([{}, {}])
  })

  it('knows where its parent is', async () => {
    const { page, client, view } = await visit('/')
    await view.event('patch', { to: '/?page=2' })
    expect((await joinChild(client, childPage(page, view.html, 'kid'))).html).toContain('<i>/?page=2</i>')
  })

  it('crashes alone, and comes back with the token it has', async () => {
    const { page, client, view } = await visit('/')
    const joining = childPage(page, view.html, 'kid')
    const child = await joinChild(client, joining)
    const inner = await joinChild(client, childPage(page, child.html, 'inner'))
    child.push('event', { type: 'click', event: 'crash', value: {} })
    await client.next(({ topic, event }) => topic === 'lv:kid' && event === 'phx_error')
    await closeOf(client, 'inner')
    expect(reported).toEqual(['crashed'])
    expect((await view.event('toggle')).status).toBe('ok')
    await view.event('toggle')
    const again = await joinChild(client, joining)
    expect(again.html).toContain('<b>0</b>')
    // What was inside it belongs to the one that is gone.
    expect(
      await refusal(client, {
        ...page,
        id: 'inner',
        session: containerOf(child.html, 'inner')['data-phx-session'] as string,
      }),
    ).toBe('stale')
    expect(inner.joinRef).not.toBe((await joinChild(client, childPage(page, again.html, 'inner'))).joinRef)
  })

  it.each([
    { name: 'leaves', end: (view: RawView) => view.client.push(view.topic, 'phx_leave', {}, view.joinRef) },
    { name: 'crashes', end: (view: RawView) => view.push('event', { type: 'click', event: 'crash', value: {} }) },
    {
      name: 'navigates',
      end: (view: RawView) => view.push('event', { type: 'click', event: 'navigate', value: { to: '/component' } }),
    },
  ])('ends when its parent $name, and so does what is inside it', async ({ end }) => {
    const { page, client, view } = await visit('/')
    const child = await joinChild(client, childPage(page, view.html, 'kid'))
    await joinChild(client, childPage(page, child.html, 'inner'))
    expect([...alive]).toEqual(['kid', 'inner'])
    end(view)
    await Promise.all([closeOf(client, 'kid'), closeOf(client, 'inner')])
    expect([...alive]).toEqual([])
    expect((await client.heartbeat()).status).toBe('ok')
  })

  it('ends with the connection', async () => {
    const { page, client, view } = await visit('/')
    await joinChild(client, childPage(page, view.html, 'kid'))
    await client.leave()
    await expect.poll(() => [...alive]).toEqual([])
  })

  it('is placed anew when its parent joins again: the old token is stale', async () => {
    const { page, client, view } = await visit('/')
    const before = childPage(page, view.html, 'kid')
    await joinChild(client, before)
    const again = await client.joinView(page, { params: { _mounts: 1 } })
    expect(await refusal(client, before)).toBe('stale')
    expect((await joinChild(client, childPage(page, again.html, 'kid'))).html).toContain('<b>0</b>')
  })

  it('that joins when its parent has just sent the page elsewhere does not have it load anew', async () => {
    const { page, client, view } = await visit('/')
    const joining = childPage(page, view.html, 'kid')
    await view.event('navigate', { to: '/component' })
    expect(await refusal(client, joining)).toBe('parent_redirect')
  })

  it('comes back when it is taken away and placed again', async () => {
    const { page, client, view } = await visit('/')
    const child = await joinChild(client, childPage(page, view.html, 'kid'))
    await view.event('toggle')
    await view.event('toggle')
    // The page leaves the one that it has taken out, and joins the new one.
    await client.request(child.topic, 'phx_leave', {}, child.joinRef)
    expect((await joinChild(client, childPage(page, view.html, 'kid'))).html).toContain('<b>0</b>')
  })

  it('patches the address of its page: it is its parent’s', async () => {
    const { page, client, view } = await visit('/')
    const child = await joinChild(client, childPage(page, view.html, 'kid'))
    expect(await child.event('patch', { to: '/?from=kid' })).toEqual({ status: 'ok', response: {} })
    const patch = await client.next(({ event }) => event === 'live_patch')
    expect([patch.topic, patch.payload]).toEqual([view.topic, { to: '/?from=kid', kind: 'push' }])
    await client.heartbeat()
    expect(view.html).toContain('<h1>/?from=kid</h1>')
    expect((await child.event('inc')).status).toBe('ok')
  })

  it.each([
    { type: 'navigate', answer: { live_redirect: { to: '/component', kind: 'push' } } },
    { type: 'redirect', answer: { redirect: { to: '/component' } } },
  ])('leaves with $type, and ends', async ({ type, answer }) => {
    const { page, client, view } = await visit('/')
    const child = await joinChild(client, childPage(page, view.html, 'kid'))
    expect((await child.event(type, { to: '/component' })).response).toEqual(answer)
    await closeOf(client, 'kid')
    expect((await view.event('toggle')).status).toBe('ok')
  })
})

describe('what a view knows of its place', () => {
  const factsIn = (markup: string, at = 0): unknown =>
    JSON.parse([...markup.matchAll(/<code>(.*?)<\/code>/g)][at]![1]!) as unknown

  it('is the same over HTTP and on the socket: who is around it, and what it was given, apart from the visitor’s session', async () => {
    const { page, client, view } = await visit('/facts')
    const dead = await htmlOf(page.url)
    const around = /<div\s+id="([^"]+)"\s+data-phx-main/.exec(dead)![1]
    expect(factsIn(dead)).toEqual({ given: { own: 1 }, session: {}, own: { own: 1 }, mounts: 0, around })
    expect(factsIn(dead, 1)).toEqual({ given: { own: 2 }, session: {}, own: { own: 2 }, mounts: 0 })
    const joined = await joinChild(client, childPage(page, view.html, 'facts'))
    expect(factsIn(joined.html)).toEqual({
      given: { own: 1 },
      session: {},
      own: { own: 1 },
      mounts: 0,
      around: page.id,
    })
    const sticky = await joinChild(client, childPage(page, view.html, 'stays'))
    expect(factsIn(sticky.html)).toEqual({ given: { own: 2 }, session: {}, own: { own: 2 }, mounts: 0 })
  })

  it('of the page’s own view is nobody around it, and the visitor’s session without what its live session laid over it', async () => {
    const { page, view } = await visit('/own/facts')
    const known = { given: { secret: 'of the routes' }, session: {}, mounts: 0 }
    expect(factsIn(await htmlOf(page.url))).toEqual(known)
    expect(factsIn(view.html)).toEqual(known)
  })

  it.each([
    { mounts: 0, known: 0 },
    { mounts: 3, known: 3 },
    { mounts: -1, known: 0 },
    { mounts: 1.5, known: 0 },
    { mounts: '7', known: 0 },
    { mounts: 1e300, known: 0 },
    { mounts: null, known: 0 },
  ])('is how often the page mounted it before, where the browser says $mounts', async ({ mounts: said, known }) => {
    const { page, client, view } = await visit('/facts')
    const joined = await joinChild(client, childPage(page, view.html, 'facts'), { params: { _mounts: said } })
    expect(factsIn(joined.html)).toMatchObject({ mounts: known })
  })
})

describe('a view with handleChild', () => {
  const heard = async (view: RawView): Promise<string> => {
    await view.client.heartbeat()
    return /<p>(.*?)<\/p>/.exec(view.html)![1]!
  }

  it('hears who mounted and who ended, in order, and of sticky ones nothing', async () => {
    const { page, client, view } = await visit('/family')
    const child = await joinChild(client, childPage(page, view.html, 'kid'))
    await joinChild(client, childPage(page, view.html, 'player'))
    await expect.poll(() => heard(view)).toBe('kid mounted')
    // What is inside the child is the child's.
    await joinChild(client, childPage(page, child.html, 'inner'))
    await child.client.request(child.topic, 'phx_leave', {}, child.joinRef)
    await expect.poll(() => heard(view)).toBe('kid mounted, kid ended')
    const again = await joinChild(client, childPage(page, view.html, 'kid'))
    again.push('event', { type: 'click', event: 'crash', value: {} })
    await expect.poll(() => heard(view)).toBe('kid mounted, kid ended, kid mounted, kid ended failing')
  })

  it('hears of one that could not begin, and of one that was joined anew', async () => {
    const { page, client, view } = await visit('/family')
    await refusal(client, childPage(page, view.html, 'broken'))
    await expect.poll(() => heard(view)).toBe('broken ended failing')
    const joining = childPage(page, view.html, 'kid')
    await joinChild(client, joining)
    await joinChild(client, joining, { params: { _mounts: 1 } })
    await expect.poll(() => heard(view)).toBe('broken ended failing, kid mounted, kid ended, kid mounted')
  })
})

describe('a nested view that cannot be joined', () => {
  /** The client's tries, as it counts them. */
  const attempt = (client: RawClient, joining: Page, attempts: number, mounts = 0): Promise<Reply> =>
    client.join(`lv:${joining.id}`, joinPayload(joining, { params: { _mounts: mounts, _mount_attempts: attempts } }))
      .reply

  const failed = { status: 'error', response: { reason: 'join crashed' } }
  const nothing = {
    status: 'ok',
    response: { rendered: { s: ['<template data-liveloom-dead></template>'], e: [['liveloom:dead', {}]] } },
  }
  const staticOf = async (page: Page, id: string): Promise<string> =>
    containerOf(await htmlOf(page.url), id)['data-phx-static'] as string

  it.each(['broken', 'deep'])('shows nothing at the last try: the page waits for it (%s)', async (id) => {
    const { page, client, view } = await visit('/broken')
    const outer = id === 'deep' ? await joinChild(client, childPage(page, firstHtml(view), 'around')) : view
    const joining = childPage(page, firstHtml(outer), id, await staticOf(page, id))
    for (const attempts of [0, 1]) expect(await attempt(client, joining, attempts)).toMatchObject(failed)
    expect(await attempt(client, joining, 2)).toMatchObject(nothing)
    await closeOf(client, id)
    expect(reported).toEqual(['not today', 'not today', 'not today'])
    expect((await outer.event('lv:clear-flash')).status).toBe('ok')
    // After the connection was lost, say.
    expect(await attempt(client, joining, 0)).toMatchObject(failed)
  })

  it.each([
    { name: 'the page does not show yet', expected: nothing },
    { name: 'the page had joined before', mounts: 1, expected: failed },
    { name: 'was placed later', later: true, expected: failed },
  ])(
    'has one try when the client gives it no more: one that $name',
    async ({ mounts = 0, later = false, expected }) => {
      const { page, client, view } = await visit(later ? '/broken?off' : '/broken')
      if (later) await view.event('toggle')
      const joining = childPage(page, view.html, 'broken')
      expect(await attempt(client, joining, 0, mounts)).toMatchObject(expected)
    },
  )

  it('shows nothing either when the connection has too many', async () => {
    const { page, client, view } = await visit('/', { maxTopics: 1 })
    const joining = childPage(page, view.html, 'kid', await staticOf(page, 'kid'))
    // At once: more tries would find no room either, and the page would wait for them.
    expect(await attempt(client, joining, 0)).toMatchObject(nothing)
    await closeOf(client, 'kid')
    expect((await view.event('toggle')).status).toBe('ok')
  })

  it('is only given up inside another: the page’s own view is refused as ever', async () => {
    const { page, client } = await visit('/fails')
    const { reply } = client.join(`lv:${page.id}`, joinPayload(page, { params: { fail: 1, _mount_attempts: 9 } }))
    expect(await reply).toMatchObject({ status: 'error', response: { reason: 'join crashed' } })
  })
})

describe('a sticky view', () => {
  /** The page with its player, joined in the order of the client: the sticky one needs no answer of the page's. */
  async function playing(): Promise<{ page: Page; client: RawClient; sticky: RawView; joining: Page }> {
    const url = await start()
    const dead = await htmlOf(`${url}/sticky`)
    const page = await fetchPage(`${url}/sticky`)
    const client = await RawClient.open(page)
    clients.push(client)
    const { 'data-phx-static': fixed } = containerOf(dead, 'player')
    const joining = childPage(page, dead, 'player', fixed as string)
    return { page, client, joining, sticky: await joinChild(client, joining, { sticky: true }) }
  }

  it('has all that it needs in its first container, and no parent', async () => {
    const markup = await htmlOf(`${await start()}/sticky`)
    expect(containerOf(markup, 'player')).toEqual({
      id: 'player',
      'data-phx-session': expect.stringMatching(/./),
      'data-phx-static': expect.stringMatching(/./),
      'data-phx-sticky': true,
    })
  })

  it('is joined before the page’s own view, with the same session, and shows the same', async () => {
    const { page, client, sticky } = await playing()
    expect(mounts.filter(({ id }) => id === 'player').map(({ session }) => session)).toEqual([
      { song: 1 },
      { song: 1 },
      { song: 1 },
    ])
    const dead = await htmlOf(page.url)
    const shown = (markup: string): unknown => /<b>.*?<\/u>/.exec(markup)?.[0]
    expect(shown(sticky.html)).toBe(shown(dead))
    const view = await client.joinView(page)
    expect(containerOf(view.html, 'player')).toMatchObject({ 'data-phx-sticky': true, 'data-phx-static': '' })
    expect(containerOf(view.html, 'player')).not.toHaveProperty('data-phx-parent-id')
  })

  it('goes on while the page goes to another view', async () => {
    const { page, client, sticky } = await playing()
    const view = await client.joinView(page)
    await sticky.event('inc')
    await client.request(view.topic, 'phx_leave', {}, view.joinRef)
    const { 'data-phx-session': session } = containerOf(view.html, 'player')
    const next = await client.joinView(page, { url: undefined, redirect: `${page.url}/two` })
    expect(containerOf(next.html, 'player')['data-phx-session']).not.toBe(session)
    await sticky.event('inc')
    expect(sticky.html).toContain('<b>2</b>')
    expect([...alive]).toContain('player')
  })

  it('sends the page elsewhere, goes on, and shows what it changed', async () => {
    const { client, sticky } = await playing()
    expect((await sticky.event('navigate', { to: '/sticky/two' })).response).toEqual({
      live_redirect: { to: '/sticky/two', kind: 'push' },
    })
    await client.heartbeat()
    expect(sticky.html).toContain('<b>10</b>')
    await sticky.event('inc')
    expect(sticky.html).toContain('<b>11</b>')
  })

  it('ends with a page that is loaded anew', async () => {
    const { client, sticky } = await playing()
    expect((await sticky.event('redirect', { to: '/' })).response).toEqual({ redirect: { to: '/' } })
    await closeOf(client, 'player')
  })

  it('comes back on another connection with the token it has', async () => {
    const { page, client, joining } = await playing()
    await client.leave()
    const next = await RawClient.open(page)
    clients.push(next)
    expect((await joinChild(next, joining, { sticky: true, params: { _mounts: 1 } })).html).toContain('<b>0</b>')
  })

  it('has children of its own', async () => {
    const { page, client, sticky } = await playing()
    const inner = await joinChild(client, childPage(page, sticky.html, 'inner'))
    await inner.event('inc')
    expect(inner.html).toContain('<b>1</b>')
  })

  it('has no address to patch, and says so', async () => {
    const { client, sticky } = await playing()
    sticky.push('event', { type: 'click', event: 'patch', value: { to: '/sticky?a' } })
    await client.next(({ event }) => event === 'phx_error')
    expect(reported).toEqual(["pushPatch('/sticky?a'): this view has no URL of its own; use pushNavigate"])
  })
})
