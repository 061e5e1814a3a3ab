/** Files that were chosen when a view was lost: they are lost with it, and the page can say so. */
import type { Page } from '@playwright/test'
import type { Link } from './support/link.ts'
import { photo, text } from './support/files.ts'
import type { AlbumPage } from './support/album-page.ts'
import { expect, test } from './support/test.ts'

// The browser reports each connection that is refused meanwhile.
test.use({ consoleErrors: true, losesViews: true })

const kB = 1000
const lost = (page: Page, where = 'body') => page.locator(`${where} .lost`).first()

async function loseLine(album: AlbumPage, link: Link): Promise<void> {
  link.cut()
  await expect(album.offline).toBeVisible()
  link.mend()
  await expect(album.offline).toBeHidden()
  await album.connected()
}

test('are told with their names and sizes, until others are chosen', async ({ album, link, page }) => {
  await album.open('/chooser')
  await expect(lost(page)).toHaveText('')
  await album.choose(photo('cat.png', 1234), photo('dog.png', 2345))
  await loseLine(album, link)
  await expect(lost(page)).toHaveText('cat.png 1234, dog.png 2345')
  await expect(album.entries).toHaveCount(0)
  // A line that is lost again does not make them forgotten.
  await loseLine(album, link)
  await expect(lost(page)).toHaveText('cat.png 1234, dog.png 2345')
  await album.choose(photo('fox.png'))
  await expect(lost(page)).toHaveText('')
  await album.save()
  await expect(album.saved).toHaveText(['fox.png'])
  await loseLine(album, link)
  await expect(lost(page)).toHaveText('')
})

test('are told until they are dismissed', async ({ album, link, page }) => {
  await album.open('/chooser')
  await album.choose(photo('cat.png', 1234))
  await loseLine(album, link)
  await expect(lost(page)).toHaveText('cat.png 1234')
  await page.locator('#dismiss').click()
  await expect(lost(page)).toHaveText('')
  await loseLine(album, link)
  await expect(lost(page)).toHaveText('')
})

test('are told whether they were on their way, had arrived, or were waiting', async ({ album, link, page }) => {
  await album.open('/auto')
  await album.choose(photo('cat.png', 20_000))
  await expect.poll(() => album.progress('cat.png')).toBe(100)
  // One that was refused would not have been sent.
  await album.choose(text('notes.txt'))
  link.limit(100 * kB)
  await album.choose(photo('dog.png', 900_000))
  await album.moving('dog.png')
  link.cut()
  await expect(album.offline).toBeVisible()
  link.limit(Infinity)
  link.mend()
  await album.connected()
  const told = page.locator('input[type=file]')
  await expect(told).toHaveAttribute(
    'data-liveloom-lost',
    '[{"clientName":"cat.png","clientSize":20000},{"clientName":"dog.png","clientSize":900000}]',
  )
})

test('are told after the server was started anew', async ({ album, app, page }) => {
  await album.open('/chooser')
  await album.choose(photo('cat.png', 1234))
  await app.end('SIGTERM')
  await app.start()
  await expect(lost(page)).toHaveText('cat.png 1234')
  await album.savesOnly(photo('dog.png'))
})

test('are told where they were: in components, and in a view inside the view', async ({ album, link, page }) => {
  await album.open('/parts')
  await expect(page.locator('#inner.phx-connected')).toBeAttached()
  for (const [where, name] of [
    ['#two', 'cat.png'],
    ['#nested', 'dog.png'],
  ] as const) {
    await page.locator(`${where} input[type=file]`).setInputFiles(photo(name, 1234))
    await expect(page.locator(`${where} li`)).toHaveText([name])
  }
  await loseLine(album, link)
  await expect(lost(page, '#two')).toHaveText('cat.png 1234')
  await expect(lost(page, '#nested')).toHaveText('dog.png 1234')
  await expect(lost(page, '#one')).toHaveText('')
})

test('are not told on a page that is loaded', async ({ album, page }) => {
  await album.open('/chooser')
  await album.choose(photo('cat.png', 1234))
  await album.open('/chooser')
  await expect(lost(page)).toHaveText('')
})
