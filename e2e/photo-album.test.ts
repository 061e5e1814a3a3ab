/** The example that `npm run demo` runs, as a newcomer meets it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { App } from './support/app.ts'
import { photo, sha256, text } from './support/files.ts'

let app: App

test.beforeEach(async () => {
  app = await App.createExample('photo-album')
  await app.start()
})

test.afterEach(async () => {
  expect(await app.end('SIGTERM')).toBe(0)
  expect(await app.temporary()).toEqual([])
  expect(app.output).toBe('')
  await app.remove()
})

async function open(page: Page): Promise<void> {
  await page.goto(app.url)
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
}

const chosen = (page: Page) => page.getByRole('list', { name: 'Chosen photos' }).getByRole('listitem')
const save = (page: Page) => page.getByRole('button', { name: 'Save album' })

test('three photos are chosen, one is removed, and the album appears for everyone', async ({ page, browser }) => {
  const other = await (await browser.newContext()).newPage()
  await open(page)
  await open(other)
  const photos = ['lake.png', 'dunes.png', 'forest.png'].map((name) => photo(name))

  await expect(page.locator('#hint')).toHaveText('Give the album a name.')
  await page.locator('input[type=file]').setInputFiles(photos)
  await expect(chosen(page)).toHaveCount(3)
  await page.getByRole('button', { name: 'Remove dunes.png' }).click()
  await expect(chosen(page)).toHaveCount(2)
  await expect(save(page)).toBeDisabled()
  await page.getByLabel('Name').fill('Summer')
  await save(page).click()

  await expect(other.getByRole('article')).toContainText('Summer')
  await expect(page.getByRole('article').getByRole('img')).toHaveCount(2)
  await expect(page.locator('#hint')).toHaveText('Saved “Summer”.')
  await expect(page.getByLabel('Name')).toHaveValue('')
  for (const { name, buffer } of [photos[0]!, photos[2]!]) {
    const source = await page.getByRole('img', { name }).getAttribute('src')
    expect(source).toMatch(/^\/[\w-]+\.png$/)
    expect(sha256(await readFile(join(app.home, 'photo-album/public', source!)))).toBe(sha256(buffer))
    const served = await page.request.get(`${app.url}${source}`)
    expect(served.headers()).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' })
  }
  await other.context().close()
})

test('what is wrong is said beside what it concerns, and keeps the photos', async ({ page }) => {
  await open(page)
  await page.locator('input[type=file]').setInputFiles([photo('lake.png'), text('notes.txt')])
  await expect(chosen(page).filter({ hasText: 'notes.txt' }).getByRole('alert')).toContainText('Not an accepted type')
  await expect(page.locator('#hint')).toHaveText('Remove the photos that cannot be used.')
  await page.getByRole('button', { name: 'Remove notes.txt' }).click()

  await page.getByLabel('Name').fill('x'.repeat(41))
  await expect(page.locator('#name-error')).toHaveText('At most 40 characters, please; these are 41.')
  await expect(page.locator('#hint')).toHaveText('Shorten the name.')
  await page.getByLabel('Name').fill('')
  await expect(page.locator('#name-error')).toHaveText('An album needs a name.')
  await expect(chosen(page)).toHaveCount(1)
})

test('after a lost connection it says which photos were lost, until others are chosen', async ({ page }) => {
  await open(page)
  await page.locator('input[type=file]').setInputFiles(photo('lake.png'))
  await expect(chosen(page)).toHaveCount(1)
  await app.end('SIGTERM')
  await app.start()
  const notice = page.getByText('The connection was lost, and with it lake.png')
  await expect(notice).toBeVisible()
  await page.locator('input[type=file]').setInputFiles(photo('dunes.png'))
  await expect(chosen(page)).toHaveCount(1)
  await expect(notice).toHaveCount(0)
})

test('works by keyboard alone', async ({ page }) => {
  await open(page)
  await page.keyboard.press('Tab')
  await page.keyboard.type('By hand')
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Tab')
  await expect(page.locator('input[type=file]')).toBeFocused()
  await page.keyboard.press('Enter')
  await (await chooser).setFiles([photo('lake.png')])
  await expect(save(page)).toBeEnabled()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Remove lake.png' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(save(page)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('article')).toContainText('By hand')
})

for (const scheme of ['light', 'dark'] as const) {
  test(`fits a phone, ${scheme}`, async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme: scheme })
    const page = await context.newPage()
    await open(page)
    await page.locator('input[type=file]').setInputFiles([photo(`${'a-very-long-name-'.repeat(6)}.png`)])
    await expect(chosen(page)).toHaveCount(1)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    const [ink, paper] = await page.evaluate(() => {
      const style = getComputedStyle(document.documentElement)
      return [style.color, style.backgroundColor]
    })
    expect(ink).not.toBe(paper)
    await context.close()
  })
}
