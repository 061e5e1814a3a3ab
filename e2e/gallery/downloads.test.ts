import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Download, Locator, Page } from '@playwright/test'
import { documentId, expect, test, visit } from '../support/gallery.ts'

test.use({ path: '/downloads' })

const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const ends = (page: Page): Locator => page.getByRole('list', { name: 'Ended' }).getByRole('listitem')

/** What the browser saves when `act` is done. */
async function saved(page: Page, act: () => Promise<void>): Promise<Download> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()])
  return download
}

/** The page is the same, is connected, and answers. */
async function livesOn(page: Page, before: number, clicks = 1): Promise<void> {
  await press(page, `Clicked ${clicks - 1} times`)
  await expect(page.getByRole('button', { name: `Clicked ${clicks} times` })).toBeVisible()
  expect(await documentId(page)).toBe(before)
  await expect(page).toHaveURL(/\/downloads(?:\?poll)?$/)
}

const source = fileURLToPath(new URL('../../examples/gallery/pages/downloads.ts', import.meta.url))

for (const [by, path] of [
  ['a WebSocket', '/downloads'],
  ['long polling', '/downloads?poll'],
] as const) {
  test.describe(`by ${by}`, () => {
    test.use({ path: '' })

    test('a click saves a file of the server, byte for byte, and the page lives on', async ({ page }) => {
      let sockets = 0
      page.on('websocket', () => sockets++)
      await visit(page, path)
      const before = await documentId(page)
      const download = await saved(page, () => press(page, 'This page’s source'))
      expect(download.suggestedFilename()).toBe('The page “Downloads”.ts')
      expect(await readFile(await download.path())).toEqual(await readFile(source))
      await expect(ends(page)).toHaveText([/The page “Downloads”\.ts .* sent$/])
      await livesOn(page, before)
      expect(sockets).toBe(by === 'a WebSocket' ? 1 : 0)
    })
  })
}

test('three start at once', async ({ page }) => {
  const before = await documentId(page)
  const downloads: Download[] = []
  page.on('download', (download) => downloads.push(download))
  await press(page, 'Three at once')
  await expect.poll(() => downloads.length).toBe(3)
  const texts = await Promise.all(downloads.map(async (download) => readFile(await download.path(), 'utf8')))
  const names = downloads.map((download) => download.suggestedFilename())
  expect(texts).toEqual(names)
  expect(names.toSorted()).toEqual(['one.txt', 'three.txt', 'two.txt'])
  await expect(ends(page)).toHaveCount(3)
  await livesOn(page, before)
})

test('a live component starts one', async ({ page }) => {
  const before = await documentId(page)
  const download = await saved(page, () => press(page, 'A letter'))
  expect(download.suggestedFilename()).toBe('letter.txt')
  expect(await readFile(await download.path(), 'utf8')).toContain('this came from a live component')
  await expect(page.getByText('Sent 1 times')).toBeVisible()
  await livesOn(page, before)
})

for (const { rows, tag } of [
  { rows: 300_000, tag: [] },
  { rows: 5_000_000, tag: ['@slow'] },
]) {
  test(
    `a table of ${rows} rows is saved while it is made, and the page answers meanwhile`,
    { tag },
    async ({ page }) => {
      const before = await documentId(page)
      await page.getByLabel('Rows').fill(String(rows))
      const download = await saved(page, () => press(page, 'A table, made while it is sent'))
      // The table is not made yet, and whoever clicks has a turn.
      await livesOn(page, before)
      const path = await download.path()
      const [made, got] = [createHash('sha256'), createHash('sha256')]
      made.update('number,square\n')
      for (let row = 1; row <= rows; row++) made.update(`${row},${row * row}\n`)
      for await (const piece of createReadStream(path)) got.update(piece as Buffer)
      expect(got.digest('hex')).toBe(made.digest('hex'))
      await expect(ends(page)).toHaveText([/squares\.csv .* sent$/])
      await livesOn(page, before, 2)
    },
  )
}

test('what is shown has a window of its own, and runs nothing', async ({ page, context }) => {
  const before = await documentId(page)
  const [shown] = await Promise.all([context.waitForEvent('page'), press(page, 'A drawing, in a window')])
  await expect(shown.locator('circle')).toBeVisible()
  await expect(shown).toHaveURL(/\/live\/downloads\//)
  expect(await shown.evaluate(() => window.opener)).toBeNull()
  await shown.close()
  await livesOn(page, before)
})

test.describe('what fails', () => {
  test.use({ consoleErrors: /404|ERR_/, serverErrors: /there is no file|the table ends here/ })

  test('a file that is gone: the browser says so, and so does the page, which stays', async ({ page }) => {
    const before = await documentId(page)
    const download = await saved(page, () => press(page, 'A file that is gone'))
    expect(await download.failure()).not.toBeNull()
    await expect(ends(page)).toHaveText([/gone\.txt .* missing$/])
    await livesOn(page, before)
  })

  test('a stream that breaks off is not taken for whole', async ({ page }) => {
    const before = await documentId(page)
    const download = await saved(page, () => press(page, 'A table that breaks off'))
    expect(await download.failure()).not.toBeNull()
    await expect(ends(page)).toHaveText([/broken\.csv .* failed$/])
    await livesOn(page, before)
  })
})

test('the address is good for nobody else, and for one time', async ({ page, context, browser, baseURL }) => {
  const url = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        addEventListener(
          'phx:liveloom:download',
          (event) => resolve((event as CustomEvent<{ url: string }>).detail.url),
          {
            once: true,
          },
        )
        document.querySelector<HTMLElement>('[phx-click=fetch]')!.click()
      }),
  )
  const other = await browser.newContext({ baseURL: baseURL! })
  expect((await other.request.get(url)).status()).toBe(404)
  await other.close()
  await expect(page.getByText('Sent 1 times')).toBeVisible()
  expect((await context.request.get(url)).status()).toBe(404)
})
