/** What every browser test stands on: an app of its own, a link to it, a page, and what must hold at the end of each. */
import { test as base, expect } from '@playwright/test'
import { AlbumPage } from './album-page.ts'
import { App } from './app.ts'
import { collectComplaints } from './complaints.ts'
import { Link } from './link.ts'

interface Fixtures {
  /** True for tests in which the browser has reason to complain: a connection that is refused, say. */
  readonly consoleErrors: boolean
  /** True for tests of what is lost with a view: views end with their connections. */
  readonly losesViews: boolean
  /** True for tests in which the server has reason to complain. */
  readonly serverErrors: boolean
  /** What the app's process is told. */
  readonly env: Readonly<Record<string, string>>
  readonly app: App
  /** The network between the pages and the app. */
  readonly link: Link
  readonly album: AlbumPage
  /** The same of another visitor. */
  readonly otherAlbum: AlbumPage
}

export const test = base.extend<Fixtures>({
  consoleErrors: [false, { option: true }],
  serverErrors: [false, { option: true }],
  losesViews: [false, { option: true }],

  env: [{}, { option: true }],

  app: async ({ env, serverErrors, losesViews }, use, testInfo) => {
    const app = await App.create(env)
    await app.start({}, losesViews)
    try {
      await use(app)
      // The pages are closed by now, and the server has noticed by itself.
      await expect.poll(() => app.unfinished(), 'files of pages that were closed').toEqual([])
      expect(await app.end('SIGTERM'), 'exit code of the app').toBe(0)
      expect(await app.temporary(), 'files that the app left').toEqual([])
      if (!serverErrors) expect(app.output, 'errors of the app').toBe('')
    } finally {
      await app.end('SIGKILL')
      if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('app', { body: app.output })
      await app.remove()
    }
  },

  link: async ({ app }, use) => {
    const link = await Link.open(() => app.port)
    await use(link)
    await link.close()
  },

  baseURL: async ({ link }, use) => use(link.url),

  page: async ({ page, consoleErrors }, use) => {
    const errors: string[] = []
    collectComplaints(page, errors)
    await use(page)
    // As a user does, and not with its context: then the page may not come to say that it is closed.
    await page.close()
    if (!consoleErrors) expect(errors, "errors in the browser's console").toEqual([])
  },

  album: async ({ app, page }, use) => use(new AlbumPage(app, page)),

  otherAlbum: async ({ app, browser, baseURL }, use) => {
    const context = await browser.newContext({ baseURL: baseURL! })
    const page = await context.newPage()
    await use(new AlbumPage(app, page))
    await page.close()
    await context.close()
  },
})

export { expect }
