/** The example that `npm run demo` runs, as a newcomer meets it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { AlbumPage } from './support/album-page.ts'
import { App } from './support/app.ts'
import { findings } from './support/axe.ts'
import { photo, sha256, text } from './support/files.ts'
import { Link } from './support/link.ts'
import { answer } from './support/permissions.ts'

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

async function open(page: Page, url = app.url): Promise<void> {
  await page.goto(url)
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

test('a restart of the server costs no photo that was chosen', async ({ page }) => {
  await open(page)
  await page.locator('input[type=file]').setInputFiles(photo('lake.png'))
  await expect(chosen(page)).toHaveCount(1)
  await app.end('SIGTERM')
  await app.start()
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
  await expect(chosen(page)).toContainText('lake.png')
  await page.getByLabel('Name').fill('Still here')
  await save(page).click()
  await expect(page.getByRole('article')).toContainText('Still here')
})

test(
  'photos on their way are paused, resumed and sent again, as the page says, fit for everybody',
  { tag: '@slow' },
  async ({ page }) => {
    const link = await Link.open(() => app.port)
    const photos = ['lake.png', 'dunes.png'].map((name) => photo(name, 6000_000))
    const row = (name: string) => chosen(page).filter({ hasText: name })
    const sent = page.waitForRequest((request) => request.url().includes('/live/uploads/'))
    await open(page, link.url)
    await page.locator('input[type=file]').setInputFiles(photos)
    await page.getByLabel('Name').fill('On the way')
    await expect(save(page)).toBeEnabled()
    link.limit(300_000)
    await save(page).click()

    await expect(row('lake.png')).toContainText(/\d+ % · [\d.]+ KB\/s · \d+ s left/)
    await expect(page.getByRole('progressbar', { name: 'All photos' })).toBeVisible()
    await page.getByRole('button', { name: 'Pause dunes.png' }).click()
    await expect(row('dunes.png')).toContainText('Paused')
    expect(await findings(page)).toEqual([])

    // As another client of the resource may do it.
    await page.evaluate((url) => fetch(url, { method: 'DELETE' }), (await sent).url())
    await expect(row('lake.png').getByRole('alert')).toBeVisible()
    await expect(page.locator('#hint')).toHaveText('Retry the photos that failed, or remove them.')
    expect(await findings(page)).toEqual([])
    link.limit(Infinity)
    await page.getByRole('button', { name: 'Retry lake.png' }).click()
    await page.getByRole('button', { name: 'Resume dunes.png' }).click()
    for (const { name } of photos) await expect(row(name)).toContainText('Uploaded')
    await save(page).click()
    await expect(page.getByRole('article')).toContainText('On the way')
    await link.close()
  },
)

test('while it is offline it says so, and that nothing is lost', async ({ page }) => {
  const link = await Link.open(() => app.port)
  const cat = photo('cat.png', 1000_000)
  await open(page, link.url)
  await page.locator('input[type=file]').setInputFiles(cat)
  await page.getByLabel('Name').fill('Offline')
  await expect(save(page)).toBeEnabled()
  link.limit(400_000)
  await save(page).click()
  await expect(chosen(page)).toContainText(/KB\/s/)
  link.cut()
  await expect(page.getByText('You are offline. Nothing is lost')).toBeVisible()
  link.limit(Infinity)
  link.mend()
  await expect(page.getByRole('article')).toContainText('Offline', { timeout: 20_000 })
  await link.close()
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

for (const scheme of ['light', 'dark'] as const) {
  test(
    `photos that were on their way when the page was left go on with one click, on a phone, ${scheme}`,
    { tag: '@slow' },
    async ({ browser }) => {
      const link = await Link.open(() => app.port)
      const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme: scheme })
      const page = await context.newPage()
      const album = Object.assign(new AlbumPage(app, page), { dropZone: page.locator('.drop-zone') })
      const waiting = page.getByRole('list', { name: 'Waiting photos' }).getByRole('listitem')
      const photos = ['lake.png', `${'a-very-long-name-'.repeat(6)}.png`].map((name) => photo(name, 3000_000))
      await answer(page, 'granted')
      await open(page, link.url)
      await album.drop(...(await Promise.all(photos.map(({ name, buffer }) => app.write(name, buffer)))))
      await expect(chosen(page)).toHaveCount(2)
      await page.getByRole('textbox').fill('Before')
      link.limit(150_000)
      await save(page).click()
      for (const { name } of photos) await expect(chosen(page).filter({ hasText: name })).toContainText(/[1-9]\d* % ·/)
      await page.reload()
      link.limit(Infinity)
      await expect(waiting).toHaveCount(2)
      await expect(waiting.first()).toContainText(/[1-9]\d* % · Waits for its file/)
      const goOn = page.getByRole('button', { name: 'Go on with them' })
      await expect(goOn).toBeVisible()
      expect(await findings(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      await goOn.click()
      await expect(waiting).toHaveCount(0)
      await page.getByRole('textbox').fill('After')
      await save(page).click()
      await expect(page.getByRole('article')).toContainText('After')
      for (const { name, buffer } of photos) {
        const source = await page.getByRole('img', { name }).getAttribute('src')
        expect(sha256(await readFile(join(app.home, 'photo-album/public', source!)))).toBe(sha256(buffer))
      }
      await page.close()
      await context.close()
      await link.close()
    },
  )
}
