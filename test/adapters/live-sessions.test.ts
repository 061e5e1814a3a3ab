/** What a live session has of its own, and what it has of the server: the document around its views, its page, its session. */
import { createLiveServer, createLiveView, html, type LayoutPage, live_title, type Rendered } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchPage, RawClient } from '../support/raw-client.ts'

const view = createLiveView<{ data: string }>({
  mount: (socket, session) => socket.assign({ data: JSON.stringify(session) }),
  render: ({ data }) => html`<p>${data}</p>`,
})

const layout =
  (name: string) =>
  ({ title, titleOptions, lang, head, csrfToken, clientUrl, content }: LayoutPage): Rendered =>
    html`<!doctype html>
      <html lang="${lang}" class="${name}">
        <head>
          <meta name="csrf-token" content="${csrfToken}" />
          ${live_title(title, titleOptions)}${head}
          <script defer src="${clientUrl}"></script>
        </head>
        <body>${content}</body>
      </html>`

const live = createLiveServer({
  secret: 'a secret of the tests, long enough',
  routes: { '/': view },
  session: () => ({ user: 'Ada', area: 'none' }),
  layout: layout('server'),
  page: {
    title: 'Home',
    titlePrefix: 'Site · ',
    titleSuffix: ' · Loom',
    head: html`<meta name="of" content="server" />`,
  },
  liveSessions: {
    shop: {
      routes: { '/shop': view, '/shop/cart': view },
      layout: layout('shop'),
      page: { titlePrefix: 'Shop · ', titleSuffix: undefined, lang: 'fr' },
      session: { area: 'shop' },
    },
    admin: {
      routes: { '/admin': view },
      layout: layout('admin'),
      page: { title: 'Desk', titlePrefix: 'Admin · ', titleSuffix: '', head: html`<meta name="of" content="admin" />` },
      session: async ({ url }) => ({ area: 'admin', asked: new URL(url).pathname }),
    },
    plain: { routes: { '/plain': view } },
  },
})

let server: NodeServer

beforeAll(async () => {
  server = await serve(live, { port: 0, signals: false })
})

afterAll(() => server.close())

describe('a live session', () => {
  it.each([
    {
      path: '/',
      start: '<html lang="en" class="server">',
      title: 'Site · Home · Loom',
      of: 'server',
      session: { user: 'Ada', area: 'none' },
    },
    {
      path: '/shop',
      start: '<html lang="fr" class="shop">',
      title: 'Shop · Home · Loom',
      of: 'server',
      session: { user: 'Ada', area: 'shop' },
    },
    {
      path: '/shop/cart',
      start: '<html lang="fr" class="shop">',
      title: 'Shop · Home · Loom',
      of: 'server',
      session: { user: 'Ada', area: 'shop' },
    },
    {
      path: '/admin',
      start: '<html lang="en" class="admin">',
      title: 'Admin · Desk',
      of: 'admin',
      session: { user: 'Ada', area: 'admin', asked: '/admin' },
    },
    {
      path: '/plain',
      start: '<html lang="en" class="server">',
      title: 'Site · Home · Loom',
      of: 'server',
      session: { user: 'Ada', area: 'none' },
    },
  ])('at $path has its own layout, page and session, or those of the server', async (expected) => {
    const url = server.url + expected.path
    const text = (await (await fetch(url)).text()).replaceAll('&quot;', '"')
    expect(text).toContain(expected.start)
    expect(text).toContain(`>${expected.title}</title>`)
    expect(text).toContain(`<meta name="of" content="${expected.of}" />`)
    const shown = `<p>${JSON.stringify(expected.session)}</p>`
    expect(text).toContain(shown)

    const page = await fetchPage(url)
    const client = await RawClient.open(page)
    const { html: connected } = await client.joinView(page)
    client.socket.terminate()
    expect(connected.replaceAll('&quot;', '"')).toContain(shown)
  })
})
