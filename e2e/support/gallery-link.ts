/** The gallery behind a network that a test can cut: `page` is opened through it. */
import { connected, expect, test as base } from './gallery.ts'
import { Link } from './link.ts'

interface Fixtures {
  readonly link: Link
  /** Cuts the network and mends it, and waits until the page has joined again. */
  readonly reconnect: () => Promise<void>
}

export const test = base.extend<Fixtures>({
  // The browser says so when it cannot connect.
  consoleErrors: /WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE/,

  link: async ({ gallery }, use) => {
    const link = await Link.open(() => gallery.port)
    await use(link)
    await link.close()
  },

  baseURL: async ({ link }, use) => use(link.url),

  reconnect: async ({ page, link }, use) => {
    await use(async () => {
      const offline = page.locator('.offline-client, .offline-server').filter({ visible: true })
      link.cut()
      await expect(offline).toBeVisible()
      link.mend()
      await expect(offline).toBeHidden()
      await connected(page)
    })
  },
})

export { expect }
