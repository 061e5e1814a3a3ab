/** Lines that are dead and do not say so, and what the official client does about them by itself: the page stays, and its view goes on. */
import type { Page } from '@playwright/test'
import { createLiveView, html, live_navigate, type LiveView } from 'liveloom'
import { Link } from './support/link.ts'
import { expect, test } from './support/own-server.ts'

/** What the views were told, and what was mounted on a connected page. */
const log: string[] = []
let release = (): void => {}

interface Context {
  readonly count: number
  readonly draft: string
}

const view: LiveView = createLiveView<Context, { type: string; text?: string }>({
  mount(socket) {
    if (socket.connected) log.push('mount')
    socket.assign({ count: 0, draft: '' })
  },
  async handleEvent(socket, { type, text = '' }) {
    log.push(type)
    if (type === 'draft') socket.assign({ draft: text })
    if (type === 'slow') await new Promise<void>((resolve) => (release = resolve))
    if (type === 'inc' || type === 'slow') socket.assign({ count: socket.context.count + 1 })
  },
  render: ({ count, draft }) =>
    html`<p id="count">${count}</p>
      <button id="inc" phx-click="inc">inc</button><button id="slow" phx-click="slow">slow</button>
      <form id="form" phx-change="draft"><input name="text" value="${draft}" /></form>
      <p id="draft">${draft}</p>
      ${live_navigate(html`slow page`, { to: '/slow' })}`,
})

const slowPage = createLiveView({
  mount: async (socket) => {
    if (socket.connected) await new Promise<void>((resolve) => (release = resolve))
  },
  render: () => html`<h1>Slow page</h1>`,
})

const routes = { '/': view, '/slow': slowPage }

/** Where the page sees that it has lost its line. */
const lost = (page: Page) => page.locator('[data-phx-main].phx-error')

async function connected(page: Page): Promise<void> {
  await expect(page.locator('[data-phx-main].phx-connected')).toBeVisible()
}

/** A page with a clock of its own, and a state that no mount makes. */
async function open(page: Page, url: string): Promise<Link> {
  log.length = 0
  const link = await Link.open(() => Number(new URL(url).port))
  await page.clock.install()
  await page.addInitScript(() => {
    let hidden = false
    Object.defineProperty(document, 'hidden', { get: () => hidden })
    Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') })
    addEventListener('test:hidden', (event) => {
      hidden = (event as CustomEvent<boolean>).detail
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    })
  })
  await page.goto(link.url)
  await connected(page)
  await page.fill('input[name=text]', 'before')
  await expect(page.locator('#draft')).toHaveText('before')
  await page.click('#inc')
  await expect(page.locator('#count')).toHaveText('1')
  await page.evaluate(() => Object.assign(window, { same: true }))
  return link
}

/** The same document, and the same view. */
async function expectToGoOn(page: Page, count = 1): Promise<void> {
  await connected(page)
  await expect(page.locator('#count')).toHaveText(String(count))
  await page.click('#inc')
  await expect(page.locator('#count')).toHaveText(String(count + 1))
  await expect(page.locator('#draft')).toHaveText('before')
  expect(log.filter((line) => line === 'mount')).toHaveLength(1)
  expect(await page.evaluate(() => 'same' in window)).toBe(true)
}

function hide(page: Page, detail: boolean): Promise<boolean> {
  return page.evaluate((hidden) => dispatchEvent(new CustomEvent('test:hidden', { detail: hidden })), detail)
}

/** Lets the page's time pass, and the answers that come meanwhile arrive. */
async function pass(page: Page, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) await page.clock.runFor(1000)
}

test('a line that answers is left alone, as long as nothing happens', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  await page.evaluate(() => {
    const marks: string[] = []
    const main = document.querySelector('[data-phx-main]')!
    new MutationObserver(() => marks.push(main.className)).observe(main, { attributes: true })
    Object.assign(window, { marks })
  })
  await pass(page, 90)
  expect(await page.evaluate(() => (window as unknown as { marks: string[] }).marks)).toEqual([])
  await expectToGoOn(page)
  await link.close()
})

test('a dead line is noticed 10 s after the last word', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  link.forsake()
  await pass(page, 8)
  await expect(lost(page)).toBeHidden()
  await pass(page, 3)
  await expect(lost(page)).toBeVisible()
  await pass(page, 3)
  await expectToGoOn(page)
  await link.close()
})

for (const event of ['online', 'offline', 'another network']) {
  const tag = event === 'offline' ? [] : '@slow'
  test(`a dead line is noticed 5 s after the browser tells of it: ${event}`, { tag }, async ({ page, start }) => {
    const { url } = await start({ routes })
    const link = await open(page, url)
    await page.click('#inc')
    link.forsake()
    await page.evaluate((name) => {
      const { connection } = navigator as unknown as { readonly connection: EventTarget }
      if (name === 'another network') connection.dispatchEvent(new Event('change'))
      else dispatchEvent(new Event(name))
    }, event)
    await pass(page, 4)
    await expect(lost(page)).toBeHidden()
    await pass(page, 2)
    await expect(lost(page)).toBeVisible()
    await pass(page, 3)
    await expectToGoOn(page, 2)
    await link.close()
  })
}

test('a click whose answer was on a line that died is handled once, and shown', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  link.down.stall()
  await page.click('#inc')
  await expect.poll(() => log.at(-1)).toBe('inc')
  link.forsake()
  link.down.resume()
  await pass(page, 14)
  await expectToGoOn(page, 2)
  expect(log.filter((line) => line === 'inc')).toHaveLength(3)
  await link.close()
})

test('a line that was given up and lives after all: the page is not loaded anew', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  link.down.stall()
  await pass(page, 5)
  await page.clock.runFor(5500)
  // The browser hears a proper end of the connection.
  link.down.resume()
  await pass(page, 20)
  await expectToGoOn(page)
  await link.close()
})

test('a large push may take its time', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  link.up.stall()
  await page.fill('input[name=text]', 'x'.repeat(20_000))
  await pass(page, 25)
  await expect(lost(page)).toBeHidden()
  await page.fill('input[name=text]', 'before')
  link.up.resume()
  await expect(page.locator('#draft')).toHaveText('before')
  await expectToGoOn(page)
  await link.close()
})

test('a push that waits for 30 s while there is no network: the page stays, and has its answer', async ({
  page,
  start,
}) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  await page.click('#slow')
  await expect.poll(() => log.at(-1)).toBe('slow')
  link.cut()
  await expect(lost(page)).toBeVisible()
  await pass(page, 60)
  release()
  link.mend()
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await pass(page, 3)
  await expectToGoOn(page, 2)
  expect(log.filter((line) => line === 'slow')).toHaveLength(1)
  await link.close()
})

test('a push that waits for 30 s on a page that nobody sees: the same', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  await page.click('#slow')
  await expect.poll(() => log.at(-1)).toBe('slow')
  await hide(page, true)
  await pass(page, 45)
  release()
  await hide(page, false)
  await pass(page, 3)
  await expectToGoOn(page, 2)
  await link.close()
})

test('a machine that slept while an answer was on its way', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  link.down.stall()
  // The page asks.
  await page.clock.runFor(5500)
  await page.clock.fastForward(3_600_000)
  await expect(lost(page)).toBeHidden()
  link.down.resume()
  await pass(page, 10)
  await expectToGoOn(page)
  await link.close()
})

test('a push that waits for 30 s while the page polls: the same', async ({ page, start }) => {
  const { url } = await start({ routes })
  await page.addInitScript(() => Reflect.deleteProperty(window, 'WebSocket'))
  const link = await open(page, url)
  await page.click('#slow')
  await expect.poll(() => log.at(-1)).toBe('slow')
  await page.clock.runFor(31_000)
  await expect(lost(page)).toBeVisible()
  release()
  await pass(page, 5)
  await expectToGoOn(page, 2)
  expect(log.filter((line) => line === 'slow')).toHaveLength(1)
  await link.close()
})

test('a hidden page asks nothing and connects to nothing; seen again it goes on', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  await hide(page, true)
  link.cut()
  await expect(lost(page)).toBeVisible()
  link.mend()
  await pass(page, 60)
  await expect(lost(page)).toBeVisible()
  await hide(page, false)
  await expectToGoOn(page)
  await link.close()
})

test('a hidden page whose line died: the official heartbeat finds out, and seen again it goes on', async ({
  page,
  start,
}) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  await hide(page, true)
  link.forsake()
  await pass(page, 65)
  await expect(lost(page)).toBeVisible()
  await hide(page, false)
  await pass(page, 3)
  await expectToGoOn(page)
  await link.close()
})

test('a line that dies in the middle of a join: the page is not loaded anew', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  link.cut()
  await expect(lost(page)).toBeVisible()
  // The socket opens, and the join's answer is on its way.
  link.down.rate = 500
  link.mend()
  await page.waitForFunction(() =>
    (window as unknown as { liveSocket: { isConnected(): boolean } }).liveSocket.isConnected(),
  )
  link.forsake()
  link.down.rate = Infinity
  await pass(page, 30)
  await expectToGoOn(page)
  await link.close()
})

test('a network that goes and comes back all the time', async ({ page, start }) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  for (let times = 0; times < 8; times++) {
    link.cut()
    await expect(lost(page)).toBeVisible()
    link.mend()
    // Every second time before it is back.
    if (times % 2 === 0) await page.clock.runFor(300)
    else await expect(lost(page)).toBeHidden()
  }
  await pass(page, 3)
  await expectToGoOn(page)
  await link.close()
})

test('a navigation that was on its way when the network went leads there, and to no error page', async ({
  page,
  start,
}) => {
  const { url } = await start({ routes })
  const link = await open(page, url)
  await page.click('a')
  await page.waitForFunction(() =>
    (window as unknown as { liveSocket: { hasPendingLink(): boolean } }).liveSocket.hasPendingLink(),
  )
  link.cut()
  await page.waitForFunction(
    () => !(window as unknown as { liveSocket: { isConnected(): boolean } }).liveSocket.isConnected(),
  )
  await pass(page, 40)
  expect(new URL(page.url()).origin).toBe(link.url)
  expect(await page.evaluate(() => 'same' in window)).toBe(true)
  link.mend()
  await pass(page, 6)
  release()
  await expect(page.locator('h1')).toHaveText('Slow page')
  await link.close()
})
