/** What a developer sees of an application that runs under a watcher. */
import type { Page } from '@playwright/test'
import { connected, documentId } from './support/gallery.ts'
import { expect, test, type WatchedApp, type Watcher, watchers } from './support/watched-app.ts'

const heading = (page: Page) => page.getByRole('heading', { level: 1 }).first()
const overlay = (page: Page) => page.getByRole('dialog')

async function open(page: Page, path = '/'): Promise<number> {
  await page.goto(path)
  await connected(page)
  return documentId(page)
}

async function type(page: Page, text: string): Promise<void> {
  await page.getByLabel('Name').fill(text)
  await expect(page.getByRole('status')).toHaveText(`Hello ${text}`)
}

/** The page is loaded anew for its layout, and stays for its view. */
async function changesLayout(page: Page, app: WatchedApp): Promise<void> {
  const before = await open(page)
  await app.edit('layout.ts', 'First layout', 'Second layout')
  await expect(page.getByRole('banner')).toHaveText('Second layout')
  await connected(page)
  const after = await documentId(page)
  expect(after).not.toBe(before)
  await app.edit('view.ts', 'First version', 'Second version')
  await expect(heading(page)).toHaveText('Second version')
  await connected(page)
  expect(await documentId(page)).toBe(after)
}

for (const watcher of Object.keys(watchers) as Watcher[]) {
  // The other one takes as long, and is told the same way.
  test.describe(`a save, with ${watcher}`, { tag: watcher === 'node --watch' ? [] : ['@slow'] }, () => {
    test.use({ watcher })

    test('shows the new view, and keeps the page and what was typed', async ({ page, app }) => {
      const before = await open(page)
      await type(page, 'Ada')
      await app.edit('view.ts', 'First version', 'Second version')
      await expect(heading(page)).toHaveText('Second version')
      await connected(page)
      await expect(page.getByLabel('Name')).toHaveValue('Ada')
      await expect(page.getByRole('status')).toHaveText('Hello Ada')
      expect(await documentId(page)).toBe(before)
    })

    test('with a mistake leaves the page as it is, and the next one mends it', async ({ page, app }) => {
      const before = await open(page)
      await type(page, 'Ada')
      await app.edit('view.ts', 'createLiveView<', 'createLiveView<<<')
      await expect.poll(() => app.output).toContain('view.ts')
      await expect(page.locator('[data-phx-main].phx-client-error')).toBeAttached()
      await expect(heading(page)).toHaveText('First version')
      await app.edit('view.ts', 'createLiveView<<<', 'createLiveView<')
      await app.edit('view.ts', 'First version', 'Second version')
      await expect(heading(page)).toHaveText('Second version')
      await connected(page)
      await expect(page.getByLabel('Name')).toHaveValue('Ada')
      expect(await documentId(page)).toBe(before)
    })
  })
}

test('a page that waits for a link is taken there by the save', { tag: '@slow' }, async ({ page, app }) => {
  await open(page)
  await page.getByRole('link', { name: 'Slow' }).click()
  await page.waitForFunction(() =>
    (window as unknown as { liveSocket: { hasPendingLink(): boolean } }).liveSocket.hasPendingLink(),
  )
  await app.edit('view.ts', 'await forever', 'await undefined')
  await expect(heading(page)).toHaveText('Slow page')
  await connected(page)
  expect(new URL(page.url()).pathname).toBe('/slow')
})

test('a layout that was changed is loaded anew, once', { tag: '@slow' }, ({ page, app }) => changesLayout(page, app))

test('a stylesheet that was changed is shown when the window is looked at, without a page load', async ({
  page,
  app,
}) => {
  const before = await open(page)
  await expect(heading(page)).toHaveCSS('color', 'rgb(1, 1, 1)')
  await app.edit('assets/app.css', 'rgb(1, 1, 1)', 'rgb(2, 2, 2)')
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await expect(heading(page)).toHaveCSS('color', 'rgb(2, 2, 2)')
  await expect(page.locator('link[rel=stylesheet]')).toHaveCount(1)
  expect(await documentId(page)).toBe(before)
})

test.describe('a callback that throws', () => {
  test('is shown over the page with its place, and goes with Escape, the button, or the next save', async ({
    page,
    app,
  }) => {
    const before = await open(page)
    await type(page, 'Ada')
    const crash = page.getByRole('button', { name: 'Crash' })
    await crash.click()
    await expect(overlay(page)).toHaveAccessibleName('TypeError no <such> thing')
    await expect(overlay(page).locator('.where')).toHaveText(/\/\s*event\s*crash/)
    await expect(overlay(page).locator('figcaption')).toHaveText('view.ts:10')
    await expect(overlay(page).locator('.meant')).toContainText("throw new TypeError('no <such> thing')")
    await expect(overlay(page).locator('.own').first()).toContainText('handleEvent')
    await connected(page)
    await expect(overlay(page), 'after the view was joined again').toBeVisible()

    await page.keyboard.press('Escape')
    await expect(overlay(page)).toHaveCount(0)
    await expect(page.getByLabel('Name')).toHaveValue('Ada')

    await crash.click()
    await expect(overlay(page).getByRole('button')).toHaveText(['Close'])
    await overlay(page).getByRole('button', { name: 'Close' }).click()
    await expect(overlay(page)).toHaveCount(0)
    await connected(page)

    await crash.click()
    await expect(overlay(page)).toBeVisible()
    await app.edit('view.ts', 'First version', 'Second version')
    await expect(heading(page)).toHaveText('Second version')
    await expect(overlay(page)).toHaveCount(0)
    await expect(page.getByLabel('Name')).toHaveValue('Ada')
    expect(await documentId(page)).toBe(before)
  })

  test('in mount, after a save, keeps the page until it is mended', { tag: '@slow' }, async ({ page, app }) => {
    const before = await open(page)
    await type(page, 'Ada')
    await app.edit(
      'view.ts',
      "socket.assign({ name: '' })",
      "socket.assign({ name: '' }); throw new Error('broken mount')",
    )
    await expect(overlay(page)).toHaveAccessibleName('Error broken mount')
    await expect(overlay(page).locator('.where')).toHaveText(/\/\s*mount/)
    await app.edit('view.ts', "; throw new Error('broken mount')", '')
    await expect(overlay(page)).toHaveCount(0)
    await connected(page)
    await expect(page.getByLabel('Name')).toHaveValue('Ada')
    expect(await documentId(page)).toBe(before)
  })

  test(
    'at a page load is an error page with its place, which loads itself when it is mended',
    { tag: '@slow' },
    async ({ page, app }) => {
      await app.edit('view.ts', "socket.assign({ name: '' })", "throw new Error('broken mount')")
      await expect.poll(() => app.starts).toBe(2)
      const response = await page.goto('/')
      expect(response!.status()).toBe(500)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Error broken mount')
      await expect(page.locator('figcaption')).toHaveText('view.ts:7')
      await expect(page.locator('.meant')).toContainText('broken mount')
      await app.edit('view.ts', "throw new Error('broken mount')", "socket.assign({ name: '' })")
      await expect(heading(page)).toHaveText('First version')
      await connected(page)
    },
  )

  test('in mount, for a reason that passes, is tried again when its developer says so', async ({ page }) => {
    await page.goto('/passing')
    const before = await documentId(page)
    for (const visit of [1, 2]) {
      await expect(overlay(page)).toHaveAccessibleName(`Error not yet, at visit ${visit}`)
      await overlay(page).getByRole('button', { name: 'Try again' }).click()
    }
    await connected(page)
    await expect(overlay(page)).toHaveCount(0)
    await page.getByRole('button', { name: 'Clicked 0 times' }).click()
    await expect(page.getByRole('button', { name: 'Clicked 1 times' })).toBeVisible()
    expect(await documentId(page)).toBe(before)
  })

  test('only over the socket is shown over the page', async ({ page }) => {
    await page.goto('/refused')
    await expect(overlay(page)).toHaveAccessibleName('Error only over the socket')
  })
})

test.describe('with workers', { tag: '@slow' }, () => {
  test.use({ workers: 2 })

  test('a save and an error are shown as with one process', async ({ page, app }) => {
    const before = await open(page)
    await type(page, 'Ada')
    await page.getByRole('button', { name: 'Crash' }).click()
    await expect(overlay(page)).toHaveAccessibleName('TypeError no <such> thing')
    await connected(page)
    await app.edit('view.ts', 'First version', 'Second version')
    await expect(heading(page)).toHaveText('Second version')
    await expect(overlay(page)).toHaveCount(0)
    await expect(page.getByLabel('Name')).toHaveValue('Ada')
    expect(await documentId(page)).toBe(before)
  })

  test('a layout that was changed is loaded anew, once', ({ page, app }) => changesLayout(page, app))
})

test.describe('in production', () => {
  test.use({ environment: 'production' })

  test('there is no script of development, no overlay, and no word of an error', async ({ page, app }) => {
    const received: string[] = []
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => void received.push(payload.toString()))
    })
    const before = await open(page)
    expect(await page.content()).not.toContain('development')
    for (const path of ['/live/development.js', '/live/development']) {
      expect((await page.request.get(`${app.url}${path}`)).status()).toBe(404)
    }
    await page.getByRole('button', { name: 'Crash' }).click()
    await expect.poll(() => app.output).toContain('TypeError: no <such> thing')
    await expect.poll(() => received.join('\n')).toContain('phx_error')
    await connected(page)
    expect(received.join('\n')).not.toContain('liveloom:')
    await expect(overlay(page)).toHaveCount(0)
    expect(await documentId(page)).toBe(before)
  })
})
