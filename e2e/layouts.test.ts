/** What stands around a view, in a real browser: shell, layouts by route, what a view says of its document, pages of one's own. */
import { expect, type Page, test } from '@playwright/test'
import {
  createLiveServer,
  createLiveView,
  html,
  type LayoutPage,
  live_head,
  live_navigate,
  live_offline,
  live_patch,
} from 'liveloom'
import type { Rendered, Shell } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'

const counter = createLiveView<{ count: number }, { type: 'count' }>({
  sticky: 'counter',
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count }) => html`<button phx-click="count">Sticky ${count}</button>`,
})

const links = ['/albums', '/albums/new', '/photos', '/bare', '/print', '/admin']
const shell: Shell = (content, { url, flash, live_view }) =>
  html`<nav>
      ${links.map((to) => live_navigate(to, { to, 'aria-current': url.pathname === to ? 'page' : undefined }))}
    </nav>
    <p id="flash">${flash['info']}</p>
    ${live_view(counter, { id: 'counter', sticky: true })}
    <main>${content}</main>`

const layout =
  (name: string) =>
  (page: LayoutPage): Rendered =>
    html`<!doctype html>
      <html lang="${page.lang}" data-layout="${name}">
        <head>
          ${live_head(page)}
        </head>
        <body class=${page.bodyClass}>
          ${page.content} ${live_offline(page)}
        </body>
      </html>`

const albums = createLiveView<{ handled: string }, { type: string; to?: string; text?: string }>({
  mount: (socket) => {
    socket.assign({ handled: '' })
    socket.head({ title: 'Albums', bodyClass: 'albums' })
  },
  handleParams: (socket) => {
    socket.assign({ handled: `${socket.context.handled} ${socket.action}` })
    socket.head({ description: `Albums: ${socket.action}` })
  },
  handleEvent: (socket, { type, to = '/', text = '' }) => {
    if (type === 'patch') socket.pushPatch(to)
    else if (type === 'navigate') socket.pushNavigate(to)
    else if (type === 'describe') socket.head({ description: text, title: text })
    else socket.putFlash('info', 'Said')
  },
  render: ({ handled }, { action }) =>
    html`<h1>Albums</h1>
      <p id="handled">${handled}</p>
      ${action === 'new' && html`<dialog open>New album</dialog>`}
      ${live_patch('Add', { to: '/albums/new' })} ${live_patch('Sheet by link', { to: '/albums/sheet' })}
      <button phx-click="patch" phx-value-to="/albums/new">Add by event</button>
      <button phx-click="patch" phx-value-to="/albums/sheet">Sheet by event</button>
      <button phx-click="navigate" phx-value-to="/print">Print by event</button>
      <button phx-click="describe" phx-value-text="Described">Describe</button>
      <button phx-click="say">Say</button>`,
})
const named = (name: string) => createLiveView({ render: () => html`<h1>${name}</h1>` })

let server: NodeServer

test.beforeAll(async () => {
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    shell,
    layout: layout('site'),
    page: { title: 'Site', description: 'Of the site' },
    contentSecurityPolicy: (nonce) => `script-src 'nonce-${nonce}'`,
    routes: {
      '/albums': { view: albums, action: 'index' },
      '/albums/new': { view: albums, action: 'new' },
      '/albums/sheet': { view: albums, action: 'sheet', layout: layout('sheet') },
      '/photos': named('Photos'),
      '/bare': { view: named('Bare'), shell: (content) => html`<section>${content}</section>` },
      '/print': { view: named('Print'), layout: layout('print'), shell: false },
    },
    liveSessions: { admin: { routes: { '/admin': named('Admin') } } },
  })
  server = await serve(live, {
    port: 0,
    signals: false,
    use: [
      async (request, response, next) => {
        if (request.url === '/login' && request.method === 'POST') {
          const flash = server.flashCookie(request, { info: 'Welcome' })
          return void response.writeHead(303, { location: '/own', 'set-cookie': flash }).end()
        }
        if (request.url !== '/login' && request.url !== '/own') return next()
        const page = await server.page(
          request,
          ({ csrfToken }) =>
            html`<h1>Own</h1>
              <form method="post" action="/login">
                <input type="hidden" name="_csrf_token" value="${csrfToken}" /><button>Log in</button>
              </form>
              ${live_navigate('In', { to: '/photos' })}`,
          { title: 'Own page', status: request.url === '/own' ? 200 : 401 },
        )
        response.writeHead(page.status, page.headers).end(page.body)
      },
    ],
  })
})

test.afterAll(() => server.close())

const complaints: string[] = []
test.beforeEach(({ page }) => {
  complaints.length = 0
  page.on('pageerror', (error) => complaints.push(String(error)))
})
test.afterEach(() => expect(complaints).toEqual([]))

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(server.url + path)
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
}

const loaded = (page: Page): Promise<number> => page.evaluate(() => performance.timeOrigin)
const description = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.querySelector<HTMLMetaElement>('meta[name="description"]')?.content)
const current = (page: Page) => page.locator('nav [aria-current]')

test('the shell is patched with the view, and sticky views in it go on', async ({ page }) => {
  await visit(page, '/albums')
  const before = await loaded(page)
  await expect(current(page)).toHaveText('/albums')
  await page.getByRole('button', { name: 'Sticky 0' }).click()
  await expect(page.getByRole('button', { name: 'Sticky 1' })).toBeVisible()
  await page.getByRole('button', { name: 'Say' }).click()
  await expect(page.locator('#flash')).toHaveText('Said')
  await page.getByRole('link', { name: 'Add', exact: true }).click()
  await expect(current(page)).toHaveText('/albums/new')
  await expect(page.locator('#flash')).toHaveText('')
  await page.getByRole('link', { name: '/photos' }).click()
  await expect(page.locator('main h1')).toHaveText('Photos')
  await expect(current(page)).toHaveText('/photos')
  await expect(page.getByRole('button', { name: 'Sticky 1' })).toBeVisible()
  await page.getByRole('link', { name: '/bare' }).click()
  await expect(page.locator('section h1')).toHaveText('Bare')
  await expect(page.locator('nav')).toHaveCount(0)
  expect(await loaded(page)).toBe(before)
})

test('the action follows patches of links and of callbacks, before handleParams', async ({ page }) => {
  await visit(page, '/albums')
  await page.getByRole('link', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expect(page.locator('#handled')).toHaveText('index new')
  await page.goBack()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.getByRole('button', { name: 'Add by event' }).click()
  await expect(page.locator('#handled')).toHaveText('index new index new')
  await expect(page).toHaveURL(`${server.url}/albums/new`)
})

for (const [how, role, name, path, html] of [
  ['a link', 'link', '/print', '/print', 'print'],
  ['pushNavigate', 'button', 'Print by event', '/print', 'print'],
  ['a patch link', 'link', 'Sheet by link', '/albums/sheet', 'sheet'],
  ['pushPatch', 'button', 'Sheet by event', '/albums/sheet', 'sheet'],
] as const) {
  test(`${how} to a route of another layout loads the page`, async ({ page }) => {
    await visit(page, '/albums')
    const before = await loaded(page)
    await page.getByRole(role, { name, exact: true }).click()
    await expect(page.locator('html')).toHaveAttribute('data-layout', html)
    await expect(page).toHaveURL(server.url + path)
    await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
    expect(await loaded(page)).not.toBe(before)
  })
}

test('title and description follow the view; the class of the body comes with the load', async ({ page }) => {
  await visit(page, '/photos')
  expect(await description(page)).toBe('Of the site')
  await page.getByRole('link', { name: '/albums', exact: true }).click()
  await expect(page).toHaveTitle('Albums')
  await expect.poll(() => description(page)).toBe('Albums: index')
  await expect(page.locator('body')).not.toHaveClass(/albums/)
  await page.getByRole('link', { name: 'Add', exact: true }).click()
  await expect.poll(() => description(page)).toBe('Albums: new')
  await page.getByRole('button', { name: 'Describe' }).click()
  await expect(page).toHaveTitle('Described')
  await expect.poll(() => description(page)).toBe('Described')
  await page.getByRole('link', { name: '/photos' }).click()
  await expect(page).toHaveTitle('Site')
  await expect.poll(() => description(page)).toBe('Of the site')
  await visit(page, '/albums')
  await expect(page.locator('body')).toHaveClass(/albums/)
  expect(await description(page)).toBe('Albums: index')
})

test('a page of one’s own has the layout, the shell, a flash that is shown once, and links into the live session', async ({
  page,
}) => {
  const answer = await page.goto(`${server.url}/login`)
  expect(answer!.status()).toBe(401)
  await expect(page).toHaveTitle('Own page')
  await expect(page.locator('html')).toHaveAttribute('data-layout', 'site')
  await expect(page.locator('main h1')).toHaveText('Own')
  // A sticky view of the shell lives there as well.
  await page.getByRole('button', { name: 'Sticky 0' }).click()
  await expect(page.getByRole('button', { name: 'Sticky 1' })).toBeVisible()
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.locator('#flash')).toHaveText('Welcome')
  await page.reload()
  await expect(page.locator('#flash')).toHaveText('')
  await page.getByRole('link', { name: 'In', exact: true }).click()
  await expect(page.locator('main h1')).toHaveText('Photos')
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
})
