/** One mount in the browser: whoever has the page, a view is one page's. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLiveView, html, type LiveView, live_file_input } from 'liveloom'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './support/own-server.ts'

interface Counts {
  mounts: number
  connects: number
  ended: number
}

function counter(counts: Counts): LiveView {
  return createLiveView<{ count: number; name: string }, { type: 'more' | 'name'; name?: string }, 'photos'>({
    adopt: true,
    mount(socket) {
      counts.mounts++
      socket.signal.addEventListener('abort', () => counts.ended++)
      socket.assign({ count: 0, name: '' })
      void socket.subscribe('news')
      void socket.allowUpload('photos', { autoUpload: true })
    },
    handleConnect: () => void counts.connects++,
    handleEvent(socket, { type, name = '' }) {
      socket.assign(type === 'more' ? { count: socket.context.count + 1 } : { name })
    },
    handleInfo: (socket) => socket.assign({ count: socket.context.count + 100 }),
    render: ({ count, name }, { uploads }) =>
      html`<button phx-click="more">${count}</button>
        <form id="form" phx-change="name"><input name="name" value="${name}" />${live_file_input(uploads.photos)}</form>
        <p id="name">${name}</p>
        ${uploads.photos.entries.map(({ clientName, done }) => html`<b>${clientName} ${done && 'done'}</b>`)}`,
  })
}

const none = (): Counts => ({ mounts: 0, connects: 0, ended: 0 })

/** The button that counts and says how far. */
function counterOf(page: Page): Locator {
  return page.getByRole('button', { name: /^\d+$/ })
}

async function connected(page: Page): Promise<void> {
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
}

test('a page is mounted once, takes what was typed before it connected, and a file that is chosen', async ({
  start,
  page,
}) => {
  const counts = none()
  const stage = await start({ routes: { '/': counter(counts) } })
  await page.goto(stage.url)
  await page.locator('[name=name]').fill('early')
  await connected(page)
  await expect(page.locator('#name')).toHaveText('early')
  await counterOf(page).click()
  await expect(counterOf(page)).toHaveText('1')
  await page.locator('input[type=file]').setInputFiles({
    name: 'a.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('content'),
  })
  await expect(page.getByText('a.txt done')).toBeVisible()
  await stage.publish('news', 1)
  await expect(counterOf(page)).toHaveText('101')
  expect(counts).toEqual({ mounts: 1, connects: 1, ended: 0 })
  expect(stage.reports).toEqual([])
})

test('a browser without JavaScript sees the page, and nothing of it stays', async ({ start, browser }) => {
  const counts = none()
  const stage = await start({ routes: { '/': counter(counts) }, adoptWindow: 200 })
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(stage.url)
  await expect(counterOf(page)).toHaveText('0')
  await expect.poll(() => counts).toEqual({ mounts: 1, connects: 0, ended: 1 })
  await context.close()
})

test('a crawler that asks for a page again and again has it mounted as often, and nothing of it stays', async ({
  start,
}) => {
  const counts = none()
  const stage = await start({ routes: { '/': counter(counts) }, adoptWindow: 200 })
  for (let times = 0; times < 30; times++) expect((await fetch(stage.url)).status).toBe(200)
  await expect.poll(() => counts).toEqual({ mounts: 30, connects: 0, ended: 30 })
})

test('a page that one goes back to, out of the cache of the browser, has a view of its own', async ({
  start,
  context,
}) => {
  const counts = none()
  const stage = await start({ routes: { '/': counter(counts), '/next': createLiveView({ render: () => html`next` }) } })
  const tabs = [await context.newPage(), await context.newPage()]
  for (const tab of tabs) {
    await tab.goto(stage.url)
    await connected(tab)
    await tab.goto(`${stage.url}/next`)
    await connected(tab)
  }
  for (const tab of tabs) {
    await tab.goBack()
    await connected(tab)
  }
  const [one, two] = tabs
  await counterOf(one!).click()
  await expect(counterOf(one!)).toHaveText('1')
  await expect(counterOf(two!)).toHaveText('0')
  await counterOf(two!).click()
  await expect(counterOf(two!)).toHaveText('1')
  await expect(counterOf(one!)).toHaveText('1')
  expect(counts.connects - counts.ended).toBeLessThanOrEqual(2)
})

/** In front of a server, and keeps the first answer for everybody: what no proxy should do, and some do. */
async function startCache(target: string): Promise<{ readonly url: string; close(): void }> {
  let kept: { readonly headers: Record<string, string | string[] | undefined>; readonly body: Buffer } | undefined
  const { host } = new URL(target)
  const proxy = createServer((incoming, outgoing) => {
    if (incoming.url === '/' && kept !== undefined) {
      // The visitor's own cookie is not another's.
      const { 'set-cookie': _, ...headers } = kept.headers
      outgoing.writeHead(200, headers).end(kept.body)
      return
    }
    const asked = request(
      target + incoming.url!,
      { method: incoming.method!, headers: { ...incoming.headers, host } },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          const body = Buffer.concat(parts)
          if (incoming.url === '/') kept = { headers: answer.headers, body }
          outgoing.writeHead(answer.statusCode!, answer.headers).end(body)
        })
      },
    )
    asked.on('error', () => outgoing.destroy())
    incoming.pipe(asked)
  })
  proxy.on('upgrade', (incoming, socket, head) => {
    const headers = { ...incoming.headers, host, origin: target }
    const asked = request(target + incoming.url!, { headers }).end()
    asked.on('error', () => socket.destroy())
    asked.on('response', ({ statusCode }) => socket.end(`HTTP/1.1 ${statusCode} \r\nConnection: close\r\n\r\n`))
    asked.on('upgrade', (answer, far, first) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`)
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      if (first.length > 0) socket.write(first)
      if (head.length > 0) far.write(head)
      far.pipe(socket).pipe(far)
      far.on('error', () => socket.destroy())
      socket.on('error', () => far.destroy())
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, 'localhost', resolve))
  const { port } = proxy.address() as AddressInfo
  return {
    url: `http://localhost:${port}`,
    close() {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}

test('of the tabs that a proxy gives one page to, one has its view, and the others have their own', async ({
  start,
  context,
}) => {
  const counts = none()
  const stage = await start({ routes: { '/': counter(counts) } })
  const cache = await startCache(stage.url)
  try {
    const tabs: Page[] = []
    for (let count = 0; count < 3; count++) {
      const tab = await context.newPage()
      tabs.push(tab)
      await tab.goto(cache.url)
      await connected(tab)
    }
    for (const [at, tab] of tabs.entries()) {
      for (let click = 0; click <= at; click++) {
        await counterOf(tab).click()
        await expect(counterOf(tab)).toHaveText(String(click + 1))
      }
    }
    for (const [at, tab] of tabs.entries()) await expect(counterOf(tab)).toHaveText(String(at + 1))
    // One of them is that of the page.
    expect(counts).toEqual({ mounts: 3, connects: 3, ended: 0 })
  } finally {
    cache.close()
  }
})

test('another visitor whom a proxy hands the page may not have its view', async ({ start, browser }) => {
  const counts = none()
  const stage = await start({ routes: { '/': counter(counts), '/own': createLiveView({ render: () => html`own` }) } })
  const cache = await startCache(stage.url)
  // Whoever it was made for never comes.
  await fetch(cache.url)
  const context = await browser.newContext()
  try {
    const stranger = await context.newPage()
    await stranger.goto(`${cache.url}/own`)
    await connected(stranger)
    const refused = stranger.waitForEvent('websocket')
    await stranger.goto(cache.url)
    await refused
    await expect(stranger.locator('[data-phx-main].phx-error, [data-phx-main].phx-loading')).toBeAttached()
    expect(counts.connects).toBe(0)
  } finally {
    await context.close()
    cache.close()
  }
})
