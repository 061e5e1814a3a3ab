/** Views inside pages that an application makes by itself: in Express with its login, and in Hono. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { expect, test } from '@playwright/test'
import express, { type Request } from 'express'
import { Hono } from 'hono'
import { createLiveServer, createLiveView, html, live_file_input, type RenderedView } from 'liveloom'
import { liveloom as inExpress } from 'liveloom/express'
import { liveloom as inHono } from 'liveloom/hono'

const counter = createLiveView<{ count: number; who: string; by: number }, { type: 'inc' }>({
  mount: (socket, { user, by }) => socket.assign({ count: 0, who: String(user), by: Number(by) }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + socket.context.by }),
  render: ({ count, who }) => html`<button phx-click="inc">${who}: ${count}</button>`,
})
const photos = createLiveView<{ saved: string }, { type: 'choose' }, 'photos'>({
  mount(socket) {
    socket.assign({ saved: 'nothing' })
    void socket.allowUpload('photos', {
      autoUpload: true,
      async progress(_, { done }) {
        if (!done) return
        const names = await socket.consumeUploadedEntries('photos', (_meta, { clientName }) => clientName)
        socket.assign({ saved: names.join() })
      },
    })
  },
  handleEvent() {},
  render: ({ saved }, { uploads }) =>
    html`<form id="files" phx-change="choose">${live_file_input(uploads.photos)}</form>
      <p>Saved ${saved}</p>`,
})
const describeServer = () =>
  createLiveServer({ secret: 'a secret of the tests, long enough', routes: {}, views: { counter, photos } })

/** What a template engine of the application's own would print. */
const shop = (first: RenderedView, second: RenderedView): string =>
  `<!doctype html><html><head><title>Shop</title>${first.head}</head><body><h1>Shop</h1>${first.html}${second.html}</body></html>`

const user = (cookie: string | undefined): string => /app_user=(\w+)/.exec(cookie ?? '')?.[1] ?? 'nobody'

const starts = {
  Express() {
    const session = ({ headers }: Request) => ({ user: user(headers.cookie) })
    const live = inExpress(describeServer(), { development: false, session })
    const app = express()
    app.use(live)
    const show = async (request: Request, response: express.Response): Promise<void> => {
      const first = await live.render(request, 'counter', { session: { by: 3 } })
      const second = await live.render(request, 'photos')
      response.append('set-cookie', [...first.cookies]).send(shop(first, second))
    }
    app.get('/shop', (request, response, next) => void show(request, response).catch(next))
    const server = createServer(app)
    live.attach(server)
    return { server, live }
  },
  Hono() {
    const session = ({ req }: { req: { raw: globalThis.Request }; env: unknown; res: Response }) => ({
      user: user(req.raw.headers.get('cookie') ?? undefined),
    })
    const live = inHono(describeServer(), { development: false, session })
    const app = new Hono()
    app.use(live)
    app.get('/shop', async (context) => {
      const first = await live.render(context.req.raw, 'counter', { session: { by: 3 } })
      const second = await live.render(context.req.raw, 'photos')
      for (const cookie of first.cookies) context.header('set-cookie', cookie, { append: true })
      return context.html(shop(first, second))
    })
    const server = createAdaptorServer({ fetch: app.fetch }) as Server
    live.attach(server)
    return { server, live }
  },
}

for (const [name, start] of Object.entries(starts)) {
  test(`views in a page of ${name} live, with its login, and take files`, async ({ page, context }) => {
    const { server, live } = start()
    try {
      await new Promise<void>((resolve) => void server.listen(0, resolve))
      const url = `http://localhost:${(server.address() as AddressInfo).port}`
      await context.addCookies([{ name: 'app_user', value: 'Ada', url }])
      await page.goto(`${url}/shop`)
      await expect(page.locator('.phx-connected')).toHaveCount(2)
      await page.getByRole('button', { name: 'Ada: 0' }).click()
      await page.getByRole('button', { name: 'Ada: 3' }).click()
      await expect(page.getByRole('button', { name: 'Ada: 6' })).toBeVisible()
      await page.setInputFiles('input[type=file]', {
        name: 'lake.png',
        mimeType: 'image/png',
        buffer: Buffer.alloc(5000),
      })
      await expect(page.getByText('Saved lake.png')).toBeVisible()
      // What was lost comes back by itself.
      live.disconnect(() => true)
      await page.getByRole('button', { name: 'Ada: 0' }).click()
      await expect(page.getByRole('button', { name: 'Ada: 3' })).toBeVisible()
    } finally {
      server.close()
      await live.close()
      server.closeAllConnections()
    }
  })
}
