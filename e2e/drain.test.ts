/** Two servers behind a balancer, of which one leaves: its pages go on at the other. */
import { connect, createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { createLiveServer, createLiveView, html } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { collectComplaints } from './support/complaints.ts'
import { expect, test } from './support/own-server.ts'

interface Joined {
  readonly at: number
  readonly on: string
}

interface Pair {
  readonly url: string
  readonly old: NodeServer
  readonly joins: readonly Joined[]
  readonly errors: readonly unknown[]
  /** Lets the handlers of `slow` go on. */
  release(): void
  close(): Promise<void>
}

/** The balancer sends whoever connects to the first that is ready. */
async function startPair(): Promise<Pair> {
  const joins: Joined[] = []
  const errors: unknown[] = []
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const start = (on: string): Promise<NodeServer> => {
    const view = createLiveView<{ saved: string }, { type: string; name?: string }>({
      mount(socket) {
        if (socket.connected) joins.push({ at: performance.now(), on })
        socket.assign({ saved: '' })
      },
      async handleEvent(socket, event) {
        if (event.type === 'slow') await held
        if (event.type === 'slow') socket.assign({ saved: `saved by ${on}` })
      },
      render: ({ saved }) =>
        html`<p id="on">${on}</p>
          <p id="saved">${saved}</p>
          <form id="form" phx-change="typed"><input name="name" aria-label="Name" /></form>
          <button phx-click="slow">Save</button>`,
    })
    const live = createLiveServer({
      secret: 'a secret for tests of the browser, 32 bytes',
      routes: { '/': view },
      onError: (error) => void errors.push(error),
    })
    return serve(live, { port: 0, signals: false, closeTimeout: 1000, development: false })
  }
  const [old, next] = await Promise.all([start('old'), start('next')])
  const balancer: Server = createServer((socket) => {
    const target = connect(Number(new URL((old.isReady() ? old : next).url).port), 'localhost')
    socket.pipe(target).pipe(socket)
    for (const [one, other] of [
      [socket, target],
      [target, socket],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => balancer.listen(0, 'localhost', resolve))
  return {
    url: `http://localhost:${(balancer.address() as AddressInfo).port}`,
    ...{ old, joins, errors, release },
    async close() {
      balancer.close()
      await Promise.all([old.close(), next.close()])
    },
  }
}

/** The same document, which was not loaded anew. */
async function mark(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => void Object.assign(window, { marked: true }))
  return () => page.evaluate(() => 'marked' in window)
}

test(
  'pages come back on another server one after another, without being loaded anew',
  { tag: '@slow' },
  async ({ context }) => {
    const pair = await startPair()
    const complaints: string[] = []
    const count = 8
    const pages: Page[] = []
    for (let i = 0; i < count; i++) {
      const page = await context.newPage()
      collectComplaints(page, complaints)
      await page.goto(pair.url)
      await expect(page.locator('[data-phx-main].phx-connected')).toBeVisible()
      await page.getByLabel('Name').fill(`name ${i}`)
      pages.push(page)
    }
    const same = await Promise.all(pages.map((page) => mark(page)))
    expect(pair.joins.map(({ on }) => on)).toEqual(Array.from({ length: count }, () => 'old'))

    const from = performance.now()
    const over = 4000
    await pair.old.drain({ over })
    await pair.old.close()
    for (const [i, page] of pages.entries()) {
      await expect(page.locator('#on')).toHaveText('next')
      await expect(page.locator('[data-phx-main].phx-connected')).toBeVisible()
      await expect(page.getByLabel('Name')).toHaveValue(`name ${i}`)
      expect(await same[i]!()).toBe(true)
    }
    const times = pair.joins.filter(({ on }) => on === 'next').map(({ at }) => at - from)
    expect(times).toHaveLength(count)
    // Each in its own eighth of the time, but for what connecting takes.
    for (const [i, time] of times.entries()) expect(time).toBeGreaterThan((i * over) / count - 1)
    expect(times.at(-1)).toBeLessThan(over + 2000)
    expect(complaints).toEqual([])
    expect(pair.errors).toEqual([])
    await pair.close()
  },
)

test('a click that is being handled is answered before its page is sent away', async ({ page }) => {
  const pair = await startPair()
  const complaints: string[] = []
  collectComplaints(page, complaints)
  await page.goto(pair.url)
  await expect(page.locator('[data-phx-main].phx-connected')).toBeVisible()
  // What the page shows, for as long as it is there.
  await page.evaluate(() => {
    const shown: string[] = []
    Object.assign(window, { shown })
    new MutationObserver(() => shown.push(document.querySelector('#saved')!.textContent)).observe(document.body, {
      ...{ subtree: true, childList: true, characterData: true },
    })
  })
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('button.phx-click-loading')).toBeVisible()
  const drained = pair.old.drain({ over: 0, grace: 60_000 })
  await expect(page.locator('#on')).toHaveText('old')
  pair.release()
  await drained
  await expect(page.locator('#on')).toHaveText('next')
  expect(await page.evaluate(() => (window as unknown as { shown: string[] }).shown)).toContain('saved by old')
  expect(complaints).toEqual([])
  expect(pair.errors).toEqual([])
  await pair.close()
})

test('a page that polls comes back on another server', async ({ page }) => {
  const pair = await startPair()
  await page.addInitScript(() => void Object.assign(window, { WebSocket: undefined }))
  await page.goto(pair.url)
  await expect(page.locator('[data-phx-main].phx-connected')).toBeVisible()
  const same = await mark(page)
  await pair.old.drain({ over: 200 })
  await expect(page.locator('#on')).toHaveText('next')
  await expect(page.locator('[data-phx-main].phx-connected')).toBeVisible()
  expect(await same()).toBe(true)
  expect(pair.errors).toEqual([])
  await pair.close()
})
