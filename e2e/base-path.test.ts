/** A server below a prefix, in a real browser: links, patches, redirects, the socket, the cookie, what development shows. */
import { createServer, request as ask, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from '@playwright/test'
import { createLiveServer, createLiveView, html, live_navigate, live_patch, type LiveServerOptions } from 'liveloom'
import { js } from 'liveloom/js'
import { type NodeServer, serve } from 'liveloom/node'

const view = createLiveView<
  { where: string; clicks: number },
  { type: 'click' | 'patch' | 'leave' | 'fail' | 'login' }
>({
  mount: (socket) => socket.assign({ where: '', clicks: 0 }),
  handleParams: (socket, url) => socket.assign({ where: url.pathname + url.search }),
  handleEvent: (socket, { type }) => {
    if (type === 'click') socket.assign({ clicks: socket.context.clicks + 1 })
    if (type === 'patch') socket.pushPatch('/albums?by=event')
    if (type === 'leave') {
      socket.putFlash('info', 'Came by redirect')
      socket.redirect('/photos')
    }
    if (type === 'fail') throw new Error('on purpose')
  },
  render: ({ where, clicks }, { path }) =>
    html`<h1>Albums</h1>
      <p id="where">${where}</p>
      ${live_patch('Sorted', { to: '/albums?sort=1' })} ${live_navigate('Photos', { to: '/photos' })}
      <a href="${path('/photos')}">Plain</a>
      <button phx-click="click">Clicked ${clicks}</button>
      <button phx-click="patch">Patch</button>
      <button phx-click="leave">Leave</button>
      <button phx-click="fail">Fail</button>
      <button phx-click="${js.navigate('/photos')}">By command</button>`,
})
const photos = createLiveView({
  render: (_, { flash, url }) =>
    html`<h1>Photos</h1>
      <p id="where">${url.pathname}</p>
      <p id="flash">${flash['info']}</p>
      ${live_navigate('Back', { to: '/albums' })}`,
})
const options: LiveServerOptions = {
  secret: 'a secret of the tests, long enough',
  basePath: '/acme',
  routes: { '/albums': view, '/photos': photos },
  onError() {},
}

const open: (Server | NodeServer)[] = []

test.afterEach(async () => {
  for (const one of open.splice(0)) {
    if ('closeAllConnections' in one) one.closeAllConnections()
    await one.close()
  }
})

/** What nginx does with `proxy_pass`: with a path behind the address it takes the prefix away, without one it keeps it. */
async function behindProxy(takesAway: boolean, development = false): Promise<string> {
  const server = await serve(createLiveServer(options), { port: 0, signals: false, development })
  open.push(server)
  const port = Number(new URL(server.url).port)
  const target = ({ url = '/' }: IncomingMessage): string => (takesAway ? url.replace(/^\/acme(?=\/|$)\/?/, '/') : url)
  const proxy = createServer((request, response) => {
    // The rest of the host belongs to another application.
    if (!request.url!.startsWith('/acme')) return void response.writeHead(404).end('not of this application')
    const { method, headers } = request
    const passed = ask({ port, host: 'localhost', method, headers, path: target(request) }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    request.pipe(passed.on('error', () => response.destroy()))
  })
  proxy.on('upgrade', (request, socket, head) => {
    const lines = [`GET ${target(request)} HTTP/1.1`]
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`)
    }
    const passed = connect(port, 'localhost', () => {
      passed.write(`${lines.join('\r\n')}\r\n\r\n`)
      passed.write(head)
      socket.pipe(passed).pipe(socket)
    })
    passed.on('error', () => socket.destroy())
    socket.on('error', () => passed.destroy())
  })
  await new Promise<void>((resolve) => void proxy.listen(0, 'localhost', resolve))
  open.unshift(proxy)
  return `http://localhost:${(proxy.address() as AddressInfo).port}`
}

for (const takesAway of [false, true]) {
  test(`a page below a prefix lives behind a proxy that ${takesAway ? 'takes it away' : 'keeps it'}`, async ({
    page,
  }) => {
    const origin = await behindProxy(takesAway)
    const strange: string[] = []
    page.on('response', (response) => {
      if (!new URL(response.url()).pathname.startsWith('/acme/') || response.status() >= 400)
        strange.push(response.url())
    })
    const at = (path: string): Promise<void> => page.waitForURL(`${origin}/acme${path}`)
    const shows = (path: string): Promise<void> => expect(page.locator('#where')).toHaveText(path)

    await page.goto(`${origin}/acme/albums`)
    await page.getByRole('button', { name: 'Clicked 0' }).click()
    await expect(page.getByRole('button', { name: 'Clicked 1' })).toBeVisible()
    await page.getByRole('link', { name: 'Sorted' }).click()
    await at('/albums?sort=1')
    await shows('/albums?sort=1')
    await page.getByRole('button', { name: 'Patch' }).click()
    await at('/albums?by=event')
    await shows('/albums?by=event')
    // All of that was one view.
    await expect(page.getByRole('button', { name: 'Clicked 1' })).toBeVisible()
    await page.goBack()
    await shows('/albums?sort=1')
    await page.getByRole('link', { name: 'Photos' }).click()
    await at('/photos')
    await shows('/photos')
    await page.getByRole('link', { name: 'Back' }).click()
    await at('/albums')
    await page.getByRole('button', { name: 'By command' }).click()
    await at('/photos')
    await page.goBack()
    await shows('/albums')
    await page.getByRole('button', { name: 'Leave' }).click()
    await at('/photos')
    await expect(page.locator('#flash')).toHaveText('Came by redirect')
    await page.getByRole('link', { name: 'Back' }).click()
    await at('/albums')
    await page.getByRole('link', { name: 'Plain' }).click()
    await at('/photos')
    expect((await page.context().cookies(`${origin}/acme`)).map(({ path }) => path)).toContain('/acme')
    expect((await page.context().cookies(origin)).filter(({ name }) => name === '_liveloom')).toEqual([])
    expect(strange).toEqual([])
  })
}

test('a page below a prefix shows what ended its view, and polls where no WebSocket goes', async ({ page }) => {
  const origin = await behindProxy(true, true)
  await page.addInitScript(() => Reflect.deleteProperty(window, 'WebSocket'))
  await page.goto(`${origin}/acme/albums`)
  await page.getByRole('button', { name: 'Clicked 0' }).click()
  await expect(page.getByRole('button', { name: 'Clicked 1' })).toBeVisible()
  await page.getByRole('button', { name: 'Fail' }).click()
  await expect(page.getByRole('dialog')).toContainText('on purpose')
})
