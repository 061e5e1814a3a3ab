import type { Locator, Page } from '@playwright/test'
import { answered, connected, documentId, expect, mark, markOf, test, visit } from '../support/gallery.ts'
import { Link } from '../support/link.ts'

test.use({ path: '/navigation' })

const rows = (page: Page): Locator => page.locator('tbody tr')
const urls = (page: Page): Locator => page.getByLabel('URLs', { exact: true })
const card = (page: Page): Locator => page.getByRole('region', { name: 'Stars' })

const shownStar = (page: Page): Locator => page.getByRole('main').getByRole('heading', { level: 2 })

/** Opens the page of a star from the list. */
async function openStar(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click()
  await expect(shownStar(page)).toHaveText(name)
}

test('tabs, order, search and pages are patches: the view stays, and all of it is in the URL', async ({ page }) => {
  const before = await documentId(page)
  await mark(card(page), 'the same')
  await expect(rows(page)).toHaveCount(12)
  await page.getByRole('link', { name: 'south' }).click()
  await expect(page).toHaveURL('/navigation?sky=south')
  await expect(page.getByRole('link', { name: 'south' })).toHaveAttribute('aria-current', 'page')
  await page.getByRole('link', { name: 'Light years' }).click()
  await expect(page).toHaveURL('/navigation?sky=south&sort=distance')
  const distances = (await rows(page).locator('.number').allTextContents()).map(Number)
  expect(distances).toEqual(distances.toSorted((a, b) => a - b))
  await page.getByRole('link', { name: 'Next' }).click()
  await expect(page).toHaveURL('/navigation?sky=south&sort=distance&page=2')
  await expect(rows(page)).toHaveCount(8)
  await expect(urls(page)).toHaveText('4')
  expect(await markOf(card(page))).toBe('the same')
  expect(await documentId(page)).toBe(before)
})

test('the page loaded anew, and the address in another window, show the same', async ({ page, open }) => {
  await page.getByRole('link', { name: 'north' }).click()
  await page.getByRole('link', { name: 'Light years' }).click()
  await page.getByRole('link', { name: 'Next' }).click()
  await expect(page).toHaveURL('/navigation?sky=north&sort=distance&page=2')
  const shown = await rows(page).allTextContents()
  await page.reload()
  await connected(page)
  expect(await rows(page).allTextContents()).toEqual(shown)
  const other = await open('/navigation?sky=north&sort=distance&page=2')
  expect(await rows(other).allTextContents()).toEqual(shown)
})

test('the element around the view is what each view says of it', async ({ page }) => {
  const before = await documentId(page)
  const main = page.locator('[data-phx-main]')
  await expect(main).toHaveAttribute('aria-description', 'All stars')
  await expect(main).toHaveClass(/\bstars\b/)
  const id = await main.getAttribute('id')
  await openStar(page, 'Star 1')
  await connected(page)
  await expect(main).toHaveAttribute('aria-description', 'One star')
  await expect(main).not.toHaveClass(/\bstars\b/)
  await page.goBack()
  await expect(main).toHaveAttribute('aria-description', 'All stars')
  await expect(main).toHaveClass(/\bstars\b/)
  await connected(page)
  expect(await main.getAttribute('id')).toBe(id)
  expect(await documentId(page)).toBe(before)
})

test('back and forward go through the patches', async ({ page }) => {
  await page.getByRole('link', { name: 'south' }).click()
  await expect(page).toHaveURL('/navigation?sky=south')
  await page.getByRole('link', { name: 'Next' }).click()
  await expect(page).toHaveURL('/navigation?sky=south&page=2')
  await page.goBack()
  await expect(page).toHaveURL('/navigation?sky=south')
  await expect(page.getByText('Page 1 of 2')).toBeVisible()
  await page.goBack()
  await expect(page).toHaveURL('/navigation')
  await expect(page.getByText('Page 1 of 5')).toBeVisible()
  await page.goForward()
  await expect(page.getByText('Page 1 of 2')).toBeVisible()
  await expect(urls(page)).toHaveText('6')
})

test('what is typed takes the place of the entry in the history', async ({ page }) => {
  await page.getByRole('link', { name: 'north' }).click()
  await expect(page).toHaveURL('/navigation?sky=north')
  const length = await page.evaluate(() => history.length)
  await page.getByLabel('Search').pressSequentially('Star 5')
  await expect(page).toHaveURL('/navigation?sky=north&search=Star+5')
  await expect(rows(page).first()).toContainText('Star 5')
  expect(await page.evaluate(() => history.length)).toBe(length)
  await page.goBack()
  await expect(page).toHaveURL('/navigation')
})

test('the server turns the page, and leads on from a page that does not exist', async ({ page }) => {
  await page.getByRole('button', { name: 'Last' }).click()
  await expect(page).toHaveURL('/navigation?page=5')
  await expect(page.getByText('Page 5 of 5')).toBeVisible()
  await visit(page, '/navigation?page=999&sky=south')
  await expect(page).toHaveURL('/navigation?sky=south&page=2')
  const before = await documentId(page)
  await page.getByRole('link', { name: 'Page 999' }).click()
  await expect(page).toHaveURL('/navigation?page=5')
  await expect(page.getByText('Page 5 of 5')).toBeVisible()
  expect(await documentId(page)).toBe(before)
})

test('another view comes over the same socket, and back and forward lead through both', async ({ page }) => {
  const before = await documentId(page)
  const sockets: unknown[] = []
  page.on('websocket', (socket) => sockets.push(socket))
  await page.getByRole('link', { name: 'Next' }).click()
  await openStar(page, 'Star 14')
  await expect(page).toHaveURL('/navigation/star/14')
  await expect(page).toHaveTitle('Star 14 · Liveloom')
  await page.getByRole('link', { name: 'After', exact: true }).click()
  await expect(page).toHaveTitle('Star 15 · Liveloom')
  await page.getByRole('button', { name: 'All stars, says the server' }).click()
  await expect(page).toHaveURL('/navigation')
  await expect(page).toHaveTitle('Navigation · Liveloom')

  for (const [path, title] of [
    ['/navigation/star/15', 'Star 15'],
    ['/navigation/star/14', 'Star 14'],
    ['/navigation?page=2', 'Navigation'],
    ['/navigation', 'Navigation'],
  ] as const) {
    await page.goBack()
    await expect(page).toHaveURL(path)
    await expect(page).toHaveTitle(`${title} · Liveloom`)
  }
  await page.goForward()
  await expect(page.getByText('Page 2 of 5')).toBeVisible()
  await page.goForward()
  await expect(shownStar(page)).toHaveText('Star 14')
  expect(await documentId(page)).toBe(before)
  expect(sockets).toEqual([])
})

test('a patch to another view becomes a navigation', async ({ page }) => {
  const before = await documentId(page)
  await page.getByRole('link', { name: 'Another view, by a patch' }).click()
  await expect(shownStar(page)).toHaveText('Star 1')
  await expect(page).toHaveURL('/navigation/star/1')
  await page.goBack()
  await expect(rows(page)).toHaveCount(12)
  expect(await documentId(page)).toBe(before)
})

test.describe('on a low screen', () => {
  test.use({ viewport: { width: 1000, height: 400 } })

  test('back leads to where the page was scrolled', async ({ page }) => {
    const link = page.getByRole('link', { name: 'Star 11', exact: true })
    await link.scrollIntoViewIfNeeded()
    const scrolled = await page.evaluate(() => scrollY)
    expect(scrolled).toBeGreaterThan(0)
    // The client notes it a moment after the last move.
    await expect.poll(() => page.evaluate(() => (history.state as { scroll?: number } | null)?.scroll)).toBe(scrolled)
    await openStar(page, 'Star 11')
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(0)
    await page.goBack()
    await expect(link).toBeVisible()
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(scrolled)
  })
})

// The headless shell of Chromium crashes when a tab is opened so.
test('a link that is opened in a new tab is a plain link', { tag: '@slow' }, async ({ page, context }) => {
  const opened = context.waitForEvent('page')
  await page.getByRole('link', { name: 'Star 3', exact: true }).click({ modifiers: ['ControlOrMeta'] })
  const tab = await opened
  await connected(tab)
  expect(new URL(tab.url()).pathname).toBe('/navigation/star/3')
  await expect(page).toHaveURL('/navigation')
})

test('the list of pages navigates, and marks where it is', async ({ page }) => {
  const before = await documentId(page)
  const sidebar = page.getByRole('navigation', { name: 'Pages' })
  await expect(sidebar.locator('[aria-current=page]')).toHaveText('Navigation')
  await sidebar.getByRole('link', { name: 'Counter' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Counter')
  await expect(sidebar.locator('[aria-current=page]')).toHaveText('Counter')
  await expect(page).toHaveTitle('Counter · Liveloom')
  await page.goBack()
  await expect(sidebar.locator('[aria-current=page]')).toHaveText('Navigation')
  expect(await documentId(page)).toBe(before)
  const html = await (await page.request.get('/counter')).text()
  expect(html).toMatch(/href="\/counter"[^>]+aria-current="page"/)
})

test.describe('over a slow network', () => {
  test.use({ path: '', consoleErrors: /WebSocket connection to .* failed/ })

  test('a patch leaves an upload alone; another view ends it and leaves no file', async ({
    page,
    gallery,
    unfinished,
  }) => {
    const link = await Link.open(() => gallery.port)
    try {
      await visit(page, `${link.url}/navigation`)
      link.limit(600_000)
      await page.locator('input[type=file]').setInputFiles({
        name: 'large.bin',
        mimeType: 'application/octet-stream',
        buffer: Buffer.alloc(8_000_000),
      })
      const progress = page.getByLabel('Progress')
      const percent = async (): Promise<number> => Number.parseInt((await progress.textContent()) ?? '', 10)
      await expect.poll(percent).toBeGreaterThan(0)
      const before = await percent()
      await page.getByRole('link', { name: 'Next' }).click()
      await expect(page.getByText('Page 2 of 5')).toBeVisible()
      await expect.poll(percent).toBeGreaterThan(before)
      expect(await unfinished()).toHaveLength(1)
      await openStar(page, 'Star 14')
      await expect.poll(() => unfinished()).toEqual([])
      await page.goBack()
      await expect(page.getByText('Page 2 of 5')).toBeVisible()
      await expect(progress).toHaveCount(0)
    } finally {
      await link.close()
    }
  })

  test('a connection that is lost and comes back finds the page where it was', async ({ page, gallery }) => {
    const link = await Link.open(() => gallery.port)
    try {
      await visit(page, `${link.url}/navigation?sky=north`)
      await page.getByLabel('Search').fill('Star')
      await expect(page).toHaveURL(/search=Star$/)
      await page.getByRole('link', { name: 'Next' }).click()
      await expect(page.getByText('Page 2 of 4')).toBeVisible()
      const seen = await urls(page).textContent()
      link.cut()
      await expect(page.locator('[data-phx-main].phx-client-error')).toBeAttached()
      link.mend()
      await connected(page)
      await expect(urls(page)).toHaveText(seen ?? '')
      await answered(page)
      await expect(page.getByText('Page 2 of 4')).toBeVisible()
      await expect(page).toHaveURL(`${link.url}/navigation?sky=north&search=Star&page=2`)
    } finally {
      await link.close()
    }
  })

  test('a connection that is lost during a navigation leads there all the same', async ({ page, gallery }) => {
    const link = await Link.open(() => gallery.port)
    try {
      await visit(page, `${link.url}/navigation`)
      link.up.stall()
      await page.getByRole('link', { name: 'Star 2', exact: true }).click()
      await expect(page.locator('.phx-click-loading')).toHaveCount(1)
      link.cut()
      link.mend()
      link.up.resume()
      await expect(shownStar(page)).toHaveText('Star 2')
      await expect(page).toHaveURL(`${link.url}/navigation/star/2`)
      await connected(page)
    } finally {
      await link.close()
    }
  })
})

test.describe('to what is not there', () => {
  test.use({ consoleErrors: /404/ })

  test('a navigation shows the page for it', async ({ page }) => {
    await page.getByRole('link', { name: 'A star that does not exist' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found')
    await page.goBack()
    await connected(page)
    await expect(rows(page)).toHaveCount(12)
  })
})

test.describe('to a view that crashes', () => {
  test.use({ consoleErrors: /500|unable to join/, serverErrors: /black hole/ })

  test('a navigation ends in the page for it, and back leads out of it', { tag: '@slow' }, async ({ page }) => {
    await page.getByRole('link', { name: 'A star that ends its view' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Something went wrong', { timeout: 30_000 })
    await expect(page).toHaveURL('/navigation/star/black-hole')
    await page.goBack()
    await connected(page)
    await expect(rows(page)).toHaveCount(12)
    await answered(page)
  })
})
