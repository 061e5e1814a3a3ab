/** What a view has stashed is there after its process was killed: the page gives it back, or a store has it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { createLiveServer } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { folderStash } from '../test/support/folder-stash.ts'
import { draft, help } from './apps/draft.ts'
import { test as own } from './support/own-server.ts'
import { expect, test } from './support/test.ts'

async function connected(page: Page): Promise<void> {
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
}

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await connected(page)
}

/** Two steps on, two colours, one note. */
async function fill(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.locator('#step')).toHaveText('Step 2')
  for (const colours of ['red', 'red, red']) {
    await page.getByRole('button', { name: 'Red' }).click()
    await expect(page.locator('#colours')).toHaveText(colours)
  }
  await page.getByRole('button', { name: 'Note' }).click()
  await expect(page.locator('#notes')).toHaveText('1')
}

async function expectFilled(page: Page): Promise<void> {
  await expect(page.locator('#step')).toHaveText('Step 2')
  await expect(page.locator('#colours')).toHaveText('red, red')
}

test.describe('a process that is killed', () => {
  // The browser reports each connection that is refused meanwhile.
  test.use({ consoleErrors: true })

  test(
    'has another go on where it was, in the same document, as often as it happens',
    { tag: '@slow' },
    async ({ app, page }) => {
      await open(page, '/draft')
      await page.evaluate(() => void Object.assign(window, { marked: true }))
      await fill(page)
      await page.getByLabel('Name').fill('Anna')
      for (let step = 2; step < 4; step++) {
        await app.end('SIGKILL')
        await expect(page.locator('.phx-error').first()).toBeAttached()
        await app.start()
        await connected(page)
        await expect(page.locator('#step')).toHaveText(`Step ${step}`)
        await expect(page.locator('#colours')).toHaveText('red, red')
        await expect(page.locator('#notes')).toHaveText('1')
        await expect(page.getByLabel('Name')).toHaveValue('Anna')
        await page.getByRole('button', { name: 'Next' }).click()
        await expect(page.locator('#step')).toHaveText(`Step ${step + 1}`)
      }
      expect(await page.evaluate(() => 'marked' in window)).toBe(true)
    },
  )

  test('has a page that was loaded anew begin anew: it keeps nothing but in its memory', async ({ app, page }) => {
    await open(page, '/draft')
    await fill(page)
    await app.end('SIGKILL')
    await app.start()
    await page.reload()
    await connected(page)
    await expect(page.locator('#step')).toHaveText('Step 1')
    const stored = await page.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
    )
    expect(stored).not.toContain('stash')
  })
})

test('a view that was left begins anew: by a link and back, and one inside that was taken away', async ({ page }) => {
  await open(page, '/draft')
  await fill(page)
  await page.getByRole('button', { name: 'Toggle' }).click()
  await expect(page.locator('#notes')).toHaveCount(0)
  await page.getByRole('button', { name: 'Toggle' }).click()
  await expect(page.locator('#notes')).toHaveText('0')
  await page.getByRole('link', { name: 'Help' }).click()
  await page.getByRole('link', { name: 'Back' }).click()
  await expect(page.locator('#step')).toHaveText('Step 1')
})

own('a store has it after a reload and a restart, for the first tab that comes', async ({ page, context }) => {
  const folder = await mkdtemp(join(tmpdir(), 'stash-'))
  const start = (port: number): Promise<NodeServer> => {
    const secret = 'a secret for tests of the browser, 32 bytes'
    const routes = { '/draft': draft, '/draft/help': help }
    const live = createLiveServer({ secret, routes, stash: { store: folderStash(folder) } })
    return serve(live, { port, signals: false, closeTimeout: 1000, development: false })
  }
  let server = await start(0)
  const { url } = server
  await open(page, `${url}/draft`)
  await fill(page)
  await page.reload()
  await connected(page)
  await expectFilled(page)

  await server.close()
  server = await start(Number(new URL(url).port))
  await connected(page)
  await expectFilled(page)
  await page.reload()
  await connected(page)
  await expectFilled(page)

  const second = await context.newPage()
  await open(second, `${url}/draft`)
  await expect(second.locator('#step')).toHaveText('Step 1')
  await page.close()
  await second.reload()
  await connected(second)
  await server.close()
  await rm(folder, { recursive: true })
})
