/** What stands around a view: the document, what the view says of it, and the shell that is patched with the view. */
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  html,
  type LayoutPage,
  live_head,
  live_offline,
  type LiveView,
  type Rendered,
  type Shell,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fetchPage, joinPayload, type Json, RawClient, type RawView } from '../support/raw-client.ts'

const badge = createLiveComponent<{ count: number }, { type: 'more' }>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count }, { myself }) => html`<b phx-click="more" phx-target=${myself}>${count}</b>`,
})

const player = createLiveView({ sticky: 'layouts-player', render: () => html`<audio></audio>` })

const shell: Shell = (content, { url, flash, context, action, live_component, live_view }) =>
  html`<nav>${url.pathname} ${action} ${context['name'] as string}</nav>
    <i>${flash['info']}</i>
    ${live_component(badge, { id: 'badge' })} ${live_view(player, { id: 'player', sticky: true })}
    <main>${content}</main>`

const bare: Shell = (content) => html`<section>${content}</section>`

type Event = { type: string; to?: string; text?: string }

const viewOf = (name: string, more: Partial<Parameters<typeof createLiveView<{ name: string }, Event>>[0]> = {}) =>
  createLiveView<{ name: string }, Event>({
    mount: (socket) => socket.assign({ name }),
    handleParams: () => {},
    handleEvent: (socket, { type, to = '/', text = '' }) => {
      if (type === 'rename') socket.assign({ name: text })
      else if (type === 'flash') socket.putFlash('info', text)
      else if (type === 'describe') socket.head({ description: text, title: `T ${text}` })
      else if (type === 'patch') socket.pushPatch(to)
      else if (type === 'strip') socket.shell(false)
    },
    render: ({ name }) => html`<p>${name}</p>`,
    ...more,
  })

const home = viewOf('home')
const nested = createLiveView({
  mount: (socket) => {
    socket.head({ description: 'nested', bodyClass: 'nested' })
    socket.shell(bare)
  },
  shell: bare,
  render: () => html`<s>nested</s>`,
})

const ownLayout = (page: LayoutPage): Rendered =>
  html`<!doctype html>
    <html>
      <head>
        ${live_head(page, { icon: false, client: false })}
      </head>
      <body class=${page.bodyClass}>
        <h6>${page.description}</h6>
        ${page.content} ${live_offline(page)}
      </body>
    </html>`

const described: LiveView = viewOf('described', {
  mount: (socket) => {
    socket.assign({ name: 'described' })
    socket.head({
      title: 'Titled',
      description: 'Of "this"',
      bodyClass: 'wide',
      meta: [{ property: 'og:type', content: 'article' }],
      links: [{ rel: 'canonical', href: 'https://example.test/described' }],
      scripts: ['/chart.js'],
    })
    socket.head({ bodyClass: 'wider' })
  },
})

const live = createLiveServer({
  secret: 'a secret of the tests, long enough',
  onError() {},
  contentSecurityPolicy: (nonce) => `script-src 'nonce-${nonce}'`,
  shell,
  routes: {
    '/': home,
    '/new': { view: home, action: 'new' },
    '/other': viewOf('other'),
    '/bare': { view: viewOf('bare'), shell: bare },
    '/home-bare': { view: home, shell: bare },
    '/none': { view: viewOf('none'), shell: false },
    '/own': viewOf('own', { shell: (content, { context }) => html`<h5>${context.name}</h5>${content}` }),
    '/own-over-route': { view: viewOf('own', { shell: bare }), shell: false },
    '/chosen': viewOf('chosen', {
      shell: false,
      mount: (socket) => {
        socket.assign({ name: 'chosen' })
        socket.shell((content, { context }) => html`<h4>${context.name}</h4>${content}`)
      },
    }),
    '/nested': viewOf('nested', { render: (_, { live_view }) => html`${live_view(nested, { id: 'nested' })}` }),
    '/described': described,
  },
  liveSessions: {
    shop: {
      routes: { '/shop': viewOf('shop'), '/shop/described': described },
      shell: bare,
      layout: ownLayout,
      page: { description: 'The shop', bodyClass: 'shop' },
    },
    plain: { routes: { '/plain': viewOf('plain') }, shell: false },
  },
})

let server: NodeServer
const clients: RawClient[] = []

beforeAll(async () => {
  server = await serve(live, { port: 0, signals: false })
})

afterEach(() => {
  for (const client of clients.splice(0)) client.socket.terminate()
})

afterAll(() => server.close())

const get = async (path: string): Promise<string> => (await fetch(server.url + path)).text()

async function open(path: string): Promise<RawView> {
  const page = await fetchPage(server.url + path)
  const client = await RawClient.open(page)
  clients.push(client)
  return client.joinView(page, { url: page.url })
}

/** What a live navigation from one path to another is answered with. */
async function navigate(from: string, to: string): Promise<Json> {
  const page = await fetchPage(server.url + from)
  const client = await RawClient.open(page)
  clients.push(client)
  const { url: _, ...payload } = joinPayload(page)
  return (await client.join(`lv:${page.id}`, { ...payload, redirect: server.url + to }).reply).response
}

/** The events that a message brings, by name. */
const eventsOf = (message: unknown): unknown => (message as { e?: unknown } | undefined)?.e

describe('the shell', () => {
  it.each([
    ['/', '<nav>/  home</nav>'],
    ['/new', '<nav>/new new home</nav>'],
    ['/bare', '<section><p>bare</p></section>'],
    ['/own', '<h5>own</h5><p>own</p>'],
    ['/own-over-route', '<section><p>own</p></section>'],
    ['/chosen', '<h4>chosen</h4><p>chosen</p>'],
    ['/shop', '<section><p>shop</p></section>'],
  ])('at %s is %s, over HTTP and connected', async (path, expected) => {
    expect(await get(path)).toContain(expected)
    expect((await open(path)).html).toContain(expected)
  })

  it.each([
    ['a route', '/none', '<p>none</p>'],
    ['a live session', '/plain', '<p>plain</p>'],
  ])('is none where %s says so', async (_, path, expected) => {
    expect((await open(path)).html).toBe(expected)
  })

  it('is not around a nested view', async () => {
    expect(await get('/nested')).toMatch(/<div id="nested"[^>]*><s>nested<\/s><\/div>/)
  })

  it('is patched with the view: its context, its flash, and where the page is', async () => {
    const page = await open('/')
    await page.event('rename', { text: 'renamed' })
    await page.event('flash', { text: 'Saved' })
    expect(page.html).toContain('<nav>/  renamed</nav>')
    expect(page.html).toContain('<i>Saved</i>')
    await page.event('patch', { to: '/new' })
    expect(page.html).toContain('<nav>/new new renamed</nav>')
    expect(page.html).toContain('<i></i>')
  })

  it('sends what changed alone', async () => {
    const page = await open('/')
    const { response } = await page.event('rename', { text: 'renamed' })
    expect(response).toEqual({ diff: { 2: 'renamed', 6: { 0: 'renamed' } } })
  })

  it('has components of the view, which live in it', async () => {
    const page = await open('/')
    await page.request('event', { type: 'click', event: 'more', value: {}, cid: 1 })
    expect(page.html).toMatch(/<b[^>]*>1<\/b>/)
  })

  it('has sticky views, which the page joins by themselves', async () => {
    expect(await get('/')).toMatch(/<div id="player"[^>]* data-phx-sticky><audio><\/audio><\/div>/)
  })

  it('is another one after a live navigation, and after a patch to a route that has another', async () => {
    const { rendered } = await navigate('/', '/bare')
    expect(JSON.stringify(rendered)).toContain('["<section>","</section>"]')
    const page = await open('/')
    await page.request('live_patch', { url: `${server.url}/home-bare` })
    expect(page.html).toBe('<section><p>home</p></section>')
  })

  it('may be chosen while the view lives', async () => {
    const page = await open('/')
    await page.event('strip')
    expect(page.html).toBe('<p>home</p>')
  })
})

describe('what a view says of its document', () => {
  it('is in the head and on the body when the page is loaded', async () => {
    const text = await get('/described')
    expect(text).toMatch(/<title[^>]*>Titled<\/title>/)
    expect(text).toContain('<meta name="description" content="Of &quot;this&quot;" />')
    expect(text).toContain('<meta property="og:type" content="article" />')
    expect(text).toContain('<link rel="canonical" href="https://example.test/described" />')
    const nonce = /<script nonce="([^"]+)" defer src="\/chart.js">/.exec(text)?.[1]
    expect(text).toContain(`nonce="${nonce}" src="/live/client-`)
    expect(text).toContain('<body class="wider">')
  })

  it('is not there when it says nothing', async () => {
    const text = await get('/')
    expect(text).not.toContain('name="description"')
    expect(text).toMatch(/<body\s*>/)
  })

  it.each([
    ['that of the live session', '/shop', 'The shop', 'shop'],
    ['its own over it', '/shop/described', 'Of &quot;this&quot;', 'wider'],
  ])('is, in a layout of its own, %s', async (_, path, description, bodyClass) => {
    const text = await get(path)
    expect(text).toContain(`<meta name="description" content="${description}" data-default="The shop" />`)
    expect(text).toContain(`<body class="${bodyClass}">`)
    expect(text).toContain(`<h6>${description}</h6>`)
    expect(text).not.toContain('/live/client-')
    expect(text).not.toContain('rel="icon"')
  })

  it('follows while the page lives: title and description, and each once', async () => {
    const page = await open('/')
    const { response } = await page.event('describe', { text: 'now' })
    expect(response).toEqual({ diff: { t: 'T now', e: [['liveloom:head', { description: 'now' }]] } })
    expect((await page.event('describe', { text: 'now' })).response).toEqual({})
  })

  it.each([
    ['says one', '/described', 'Of "this"'],
    ['says none, so that the one before goes', '/other', null],
  ])('comes along with a live navigation to a view that %s', async (_, to, description) => {
    const { rendered } = await navigate('/', to)
    expect(eventsOf(rendered)).toContainEqual(['liveloom:head', { description }])
  })

  it('is left to the page’s own view by a nested one', async () => {
    const text = await get('/nested')
    expect(text).not.toContain('name="description"')
    expect(text).toMatch(/<body\s*>/)
  })
})
