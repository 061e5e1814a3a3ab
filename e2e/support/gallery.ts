/**
 * What the browser tests of the gallery stand on: one gallery for all tests of a worker, a page that is opened and connected
 * before the test begins, and at its end nothing that the browser or the server complained of.
 */
import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { EngineProcess, hasEngine } from '../../test/support/engines.ts'
import type { S3Server } from '../../test/support/s3-server.ts'
import { App } from './app.ts'
import { withStore } from './bucket-store.ts'
import { collectComplaints } from './complaints.ts'

interface Fixtures {
  /** Where `page` is opened; `''` leaves that to the test. */
  readonly path: string
  /** What the browser may report in its console, in tests where it has reason to. */
  readonly consoleErrors: RegExp | undefined
  /** What the server may print to its standard error. */
  readonly serverErrors: RegExp | undefined
  /** Opens a page and waits until it is connected: of this visitor, or of one with cookies of its own. */
  readonly open: (path: string, visitor?: 'same' | 'other') => Promise<Page>
  /** The text frames that `page` has received, the oldest first. */
  readonly frames: readonly string[]
  /** The files that uploads of this test wait in, by path: pages of the tests before may be on their way out. */
  readonly unfinished: () => Promise<readonly string[]>
  /** What the browser reported so far, of any page. */
  readonly reported: string[]
}

interface WorkerFixtures {
  /** The bucket that it has. */
  readonly store: S3Server
  /** The address of the Redis that it has, where there is one. */
  readonly redis: string | undefined
  readonly gallery: App
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  path: ['/', { option: true }],
  consoleErrors: [undefined, { option: true }],
  serverErrors: [undefined, { option: true }],

  store: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of what a fixture needs from its pattern.
    async ({}, use) => withStore(use),
    { scope: 'worker' },
  ],

  redis: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      if (!hasEngine('redis')) return use(undefined)
      const engine = await EngineProcess.start('redis')
      await use(`redis://127.0.0.1:${engine.port}`)
      await engine.stop()
    },
    { scope: 'worker' },
  ],

  gallery: [
    async ({ store, redis }, use) => {
      const env = { ...store.environment, ...(redis !== undefined && { REDIS_URL: redis }) }
      const app = await App.createExample('gallery', env)
      try {
        await app.start()
        await use(app)
        // What a page sent that was closed is kept for it for a while, in case that it comes back; and over a restart.
        await expect
          .poll(() => app.unfinished(), { message: 'files of pages that were closed', timeout: 75_000 })
          .toEqual([])
        expect(await app.end('SIGTERM'), 'exit code of the gallery').toBe(0)
        expect(await app.temporary(), 'files that the gallery left').toEqual([])
      } finally {
        await app.end('SIGKILL')
        await app.remove()
      }
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ gallery }, use) => use(gallery.url),

  reported: async ({ consoleErrors, serverErrors, gallery }, use) => {
    const before = gallery.output.length
    const reported: string[] = []
    await use(reported)
    const unexpected = reported.filter((error) => consoleErrors?.test(error) !== true)
    expect(unexpected, "errors in the browser's console").toEqual([])
    const printed = gallery.output.slice(before)
    if (serverErrors?.test(printed) !== true) expect(printed, 'errors of the gallery').toBe('')
  },

  unfinished: async ({ gallery }, use) => {
    const before = new Set(await gallery.unfinished())
    await use(async () => (await gallery.unfinished()).filter((path) => !before.has(path)))
  },

  // oxlint-disable-next-line no-empty-pattern
  frames: async ({}, use) => use([]),

  page: async ({ page, path, reported, frames }, use) => {
    collectComplaints(page, reported)
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => void (frames as string[]).push(payload.toString())),
    )
    if (path !== '') await visit(page, path)
    await use(page)
  },

  open: async ({ context, browser, baseURL, reported }, use) => {
    const others: Page[] = []
    await use(async (path, visitor = 'other') => {
      const owner = visitor === 'same' ? context : await browser.newContext({ baseURL: baseURL! })
      const page = await owner.newPage()
      if (visitor === 'other') others.push(page)
      collectComplaints(page, reported)
      await visit(page, path)
      return page
    })
    for (const page of others) await page.context().close()
  },
})

export { expect }

/** Goes to a page by its address and waits until it is connected. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await connected(page)
}

export async function connected(page: Page): Promise<void> {
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
}

/** Closes the page's connection and opens another, and waits until it has joined again. */
export async function reconnect(page: Page): Promise<void> {
  const reopened = page.waitForEvent('websocket')
  await page.evaluate(() => {
    const { liveSocket } = window as unknown as {
      liveSocket: { disconnect(done: () => void): void; connect(): void }
    }
    liveSocket.disconnect(() => liveSocket.connect())
  })
  // Till then the page is as it was, and connected.
  await reopened
  await connected(page)
}

/** Waits until no event of the page waits for its answer: till then the client drops further clicks on the same button. */
export async function answered(page: Page): Promise<void> {
  await expect(page.locator('[data-phx-ref-loading]')).toHaveCount(0)
}

/** Writes on the one element that `locator` finds, where no patch of the page sees it. */
export async function mark(locator: Locator, text: string): Promise<void> {
  await locator.evaluate((element, text) => Object.assign(element, { markOfTest: text }), text)
}

/** What was written on the one element that `locator` finds; `undefined` when it is another element than the marked one. */
export async function markOf(locator: Locator): Promise<string | undefined> {
  return locator.evaluate((element) => (element as { markOfTest?: string }).markOfTest)
}

/** Differs after each load of the document, by whatever way. */
export async function documentId(page: Page): Promise<number> {
  return page.evaluate(() => performance.timeOrigin)
}
