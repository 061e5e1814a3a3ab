/** What a route says of its view, over HTTP and over the socket: what the view is there for, and the layout around it. */
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  html,
  type LayoutPage,
  type LiveView,
  type Rendered,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fetchPage, joinPayload, RawClient, type RawView } from '../support/raw-client.ts'

const button = createLiveComponent({ render: (_, { action }) => html`<b>${action ?? 'none'}</b>` })

const inner = createLiveView({
  render: (_, { action }) => html`<s>${action ?? 'none'}</s>`,
})

/** Shows its action as `mount`, `handleParams` and the render have it. */
function albums(): LiveView {
  return createLiveView<{ mounted: string; seen: string }, { type: string; to: string }>({
    mount: (socket) => socket.assign({ mounted: String(socket.action), seen: '' }),
    handleParams: (socket) => socket.assign({ seen: `${socket.context.seen}${socket.action};` }),
    handleEvent: (socket, { type, to }) => {
      if (type === 'patch') socket.pushPatch(to)
    },
    render: ({ mounted, seen }, { action, live_component, live_view }) =>
      html`<p>${mounted} ${seen} ${action}</p>
        ${live_component(button, { id: 1 })}${live_view(inner, { id: 'inner' })}`,
  })
}

const layout =
  (name: string) =>
  ({ csrfToken, content }: LayoutPage): Rendered =>
    html`<!doctype html>
      <html class="${name}">
        <head>
          <meta name="csrf-token" content="${csrfToken}" />
        </head>
        <body>${content}</body>
      </html>`

const view = albums()
const print = layout('print')

const live = createLiveServer({
  secret: 'a secret of the tests, long enough',
  onError() {},
  layout: layout('screen'),
  routes: {
    '/albums': { view, action: 'index' },
    '/albums/new': { view, action: 'new' },
    '/albums/:id': view,
    '/albums/:id/print': { view, action: 'print', layout: print },
    '/albums/:id/label': { view, action: 'label', layout: print },
    '/other': albums(),
    '/other/print': { view: albums(), layout: print },
  },
  liveSessions: { sheets: { routes: { '/sheet': { view, layout: print } }, layout: layout('sheet') } },
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

async function open(path: string): Promise<RawView> {
  const page = await fetchPage(server.url + path)
  const client = await RawClient.open(page)
  clients.push(client)
  return client.joinView(page, { url: page.url })
}

const get = async (path: string): Promise<string> => (await fetch(server.url + path)).text()

const shown = (html: string): string => /<p>([^<]*)<\/p>/.exec(html)![1]!

describe('the action of a route', () => {
  it.each([
    ['/albums', 'index index; index'],
    ['/albums/new', 'new new; new'],
    ['/albums/7', 'undefined undefined; '],
  ])('is there in mount, handleParams and render: %s', async (path, expected) => {
    expect(shown(await get(path))).toBe(expected)
    const { html } = await open(path)
    expect(shown(html)).toBe(expected)
  })

  it('is that of the page in its components, and none in a nested view', async () => {
    const text = await get('/albums/new')
    expect(text).toMatch(/<b[^>]*>new<\/b>/)
    expect(text).toContain('<s>none</s>')
  })

  it('is another one before handleParams, when a link patches to another path of the view', async () => {
    const page = await open('/albums')
    await page.request('live_patch', { url: `${server.url}/albums/new` })
    expect(shown(page.html)).toBe('index index;new; new')
    expect(page.html).toMatch(/<b[^>]*>new<\/b>/)
    await page.request('live_patch', { url: `${server.url}/albums/7` })
    expect(shown(page.html)).toBe('index index;new;undefined; ')
    expect(page.html).toMatch(/<b[^>]*>none<\/b>/)
  })

  it('is another one when a callback patches', async () => {
    const page = await open('/albums')
    await page.event('patch', { to: '/albums/new' })
    expect(shown(page.html)).toBe('index index;new; new')
  })

  it('is that of the URL when the page joins again', async () => {
    const page = await fetchPage(`${server.url}/albums`)
    const client = await RawClient.open(page)
    clients.push(client)
    const again = await client.joinView(page, { url: `${server.url}/albums/new` })
    expect(shown(again.html)).toBe('new new; new')
  })
})

describe('the layout of a route', () => {
  it.each([
    ['/albums', 'screen'],
    ['/albums/7/print', 'print'],
    ['/other/print', 'print'],
    ['/sheet', 'print'],
  ])('at %s is %s', async (path, name) => {
    expect(await get(path)).toContain(`<html class="${name}">`)
  })

  it.each([
    ['/other', true],
    ['/other/print', false],
    ['/albums/7/print', false],
    ['/sheet', false],
  ])('lets a live navigation in that keeps it: from /albums to %s %s', async (path, stays) => {
    const page = await fetchPage(`${server.url}/albums`)
    const client = await RawClient.open(page)
    clients.push(client)
    const { url: _, ...payload } = joinPayload(page)
    const { reply } = client.join(`lv:${page.id}`, { ...payload, redirect: server.url + path })
    const { status, response } = await reply
    expect([status, response['reason']]).toEqual(stays ? ['ok', undefined] : ['error', 'unauthorized'])
  })

  it('has a patch link to a path of another layout become a navigation', async () => {
    const page = await open('/albums/7')
    const { response } = await page.request('live_patch', { url: `${server.url}/albums/7/print` })
    expect(response).toEqual({ link_redirect: true })
  })

  it('has pushPatch to a path of another layout load the page, and to one of the same go on', async () => {
    const page = await open('/albums/7')
    const { response } = await page.event('patch', { to: '/albums/7/print?a=1' })
    expect(response).toEqual({ redirect: { to: '/albums/7/print?a=1' } })
    const sheet = await open('/albums/7/print')
    await sheet.event('patch', { to: '/albums/7/label' })
    expect(shown(sheet.html)).toBe('print print;label; label')
  })
})
