/** A visitor who joins too much is not let in for a while: the page stays as it is, tries again by itself, and is not loaded anew meanwhile. */
import type { Page } from '@playwright/test'
import { createLiveView, html, type LiveServerOptions } from 'liveloom'
import { withOfficialClient } from './support/official-client.ts'
import { expect, type Stage, test } from './support/own-server.ts'

const counter = createLiveView<{ count: number; text: string }, { type: 'go' | 'typed'; text?: string }>({
  mount: (socket) => socket.assign({ count: 0, text: '' }),
  handleEvent: (socket, { type, text = '' }) => {
    socket.assign(type === 'go' ? { count: socket.context.count + 1 } : { text })
  },
  render: ({ count, text }) => html`<button phx-click="go">${count}</button>
    <form id="form" phx-change="typed"><input name="text" aria-label="Text" value="${text}" /></form>`,
})

const cases = [
  { name: 'that was just loaded', lost: false, official: false },
  { name: 'that has lost its line', lost: true, official: false },
  { name: 'of the official client alone', lost: true, official: true },
]

for (const { name, lost, official } of cases) {
  test(`a page ${name}, over the quota of its visitor, comes back when there is room`, async ({ start, page }) => {
    let [joins, asked] = [0, 0]
    const stage = await start({
      routes: { '/': counter },
      limits: { maxVisitorJoins: 2 },
      joins: { joined: { add: () => joins++, of: () => (asked++, { joins, resetsIn: 60_000 }) } },
    })
    const { url, reports } = stage
    if (official) await withOfficialClient(page)
    let loads = 0
    page.on('load', () => loads++)
    await page.goto(url)
    await page.locator('.phx-connected').waitFor()
    joins++
    if (lost) expect(stage.disconnect()).toBe(1)
    else await page.reload()
    const before = loads
    await page.getByLabel('Text').fill('typed meanwhile')
    // The official client tries again after 10, 50, 100, 150, 200, 250 and 500 ms.
    asked = 0
    await expect.poll(() => asked).toBeGreaterThan(4)
    await expect(page.locator('.phx-connected')).toHaveCount(0)
    expect(reports).toMatchObject([{ context: { stage: 'connection', limit: 'maxVisitorJoins' } }])
    // The minute is over.
    joins = 0
    await expect(page.locator('.phx-connected')).toHaveCount(1)
    await page.getByRole('button').click()
    await expect(page.getByRole('button')).toHaveText('1')
    await expect(page.getByLabel('Text')).toHaveValue('typed meanwhile')
    expect(loads).toBe(before)
  })
}

/** A page whose first WebSocket is refused: it polls by the time that there is room. Its clock is the test's. */
async function openPolling(
  start: (options: LiveServerOptions) => Promise<Stage>,
  page: Page,
): Promise<{ readonly sockets: readonly string[]; readonly polls: readonly string[]; disconnect(): number }> {
  let joins = 9
  const { url, disconnect } = await start({
    routes: { '/': counter },
    limits: { maxVisitorJoins: 2 },
    joins: { joined: { add: () => {}, of: () => ({ joins, resetsIn: 60_000 }) } },
  })
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  const polls: string[] = []
  page.on('request', (request) => request.url().includes('/live/longpoll') && polls.push(request.method()))
  await page.clock.install()
  await page.goto(url)
  await expect.poll(() => polls.length).toBeGreaterThan(0)
  joins = 0
  await page.clock.runFor(5000)
  await page.locator('.phx-connected').waitFor()
  return { sockets, polls, disconnect }
}

test('a page that was refused at first polls, and finds its way back to a WebSocket', async ({ start, page }) => {
  const { sockets, polls, disconnect } = await openPolling(start, page)
  expect(sockets).toHaveLength(1)
  const memory = (): Promise<string | null> => page.evaluate(() => sessionStorage.getItem('phx:fallback:LongPoll'))
  expect(await memory()).toBe('true')
  // It asks with one that carries no view.
  await page.clock.runFor(10_000)
  await expect.poll(memory).toBeNull()
  expect(sockets).toHaveLength(2)
  await page.getByRole('button').click()
  await expect(page.getByRole('button')).toHaveText('1')
  const loaded = await page.evaluate(() => performance.timeOrigin)
  expect(disconnect()).toBe(1)
  await expect.poll(() => sockets.length).toBe(3)
  const before = polls.length
  await page.getByRole('button').click()
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded)
  await page.reload()
  await page.locator('.phx-connected').waitFor()
  await page.getByRole('button').click()
  await expect(page.getByRole('button')).toHaveText('1')
  expect(polls).toHaveLength(before)
})

test('a page that was opened in the background and polls looks for a WebSocket soon after it is seen', async ({
  start,
  page,
}) => {
  await page.addInitScript(() => Object.defineProperty(document, 'hidden', { value: true, writable: true }))
  const { sockets } = await openPolling(start, page)
  for (let minute = 0; minute < 3; minute++) await page.clock.runFor(60_000)
  expect(sockets).toHaveLength(1)
  await page.evaluate(() => Object.assign(document, { hidden: false }))
  await page.clock.runFor(10_000)
  await expect.poll(() => sockets.length).toBe(2)
})

test('a page with a transport of its own keeps it', async ({ start, page }) => {
  const { url } = await start({ routes: { '/': counter } })
  await page.addInitScript(() => {
    const Real = WebSocket
    const Own = function (...to: ConstructorParameters<typeof WebSocket>): object {
      const made = new Real(...to)
      return new Proxy(Object.create(null) as object, {
        get: (_, name) => {
          const value: unknown = Reflect.get(made, name)
          return name === 'send' || name === 'close' ? (value as () => void).bind(made) : value
        },
        set: (_, name, value) => Reflect.set(made, name, value),
      })
    }
    Object.assign(window, { liveloom: { transport: Own } })
  })
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  await page.clock.install()
  await page.goto(url)
  await page.locator('.phx-connected').waitFor()
  await page.clock.runFor(11_000)
  await page.getByRole('button').click()
  await expect(page.getByRole('button')).toHaveText('1')
  expect(sockets).toHaveLength(1)
})
