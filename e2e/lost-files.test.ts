/** Files that were chosen when a view was lost: the page gives them to the next one; or that one says that they are lost. */
import type { Page } from '@playwright/test'
import type { Link } from './support/link.ts'
import { hashes, photo, text } from './support/files.ts'
import type { AlbumPage } from './support/album-page.ts'
import { expect, test } from './support/test.ts'

// The browser reports each connection that is refused meanwhile, and the server what has crashed.
test.use({ consoleErrors: true, serverErrors: true, losesViews: true })

const kB = 1000
const lost = (page: Page, where = 'body') => page.locator(`${where} .lost`).first()

async function loseLine(album: AlbumPage, link: Link): Promise<void> {
  link.cut()
  await expect(album.offline).toBeVisible()
  link.mend()
  await expect(album.offline).toBeHidden()
  await album.connected()
}

/** What a view had that failed is not given to the next one: it would fail as well. */
async function crash(album: AlbumPage): Promise<void> {
  const input = album.page.locator('input[type=file]')
  const before = (await input.getAttribute('id'))!
  await album.page.getByRole('button', { name: 'Crash' }).click()
  await expect(input).not.toHaveAttribute('id', before)
}

test('are told with their names and sizes, until others are chosen', async ({ album, page }) => {
  await album.open('/chooser')
  await expect(lost(page)).toHaveText('')
  await album.choose(photo('cat.png', 1234), photo('dog.png', 2345))
  await crash(album)
  await expect(lost(page)).toHaveText('cat.png 1234, dog.png 2345')
  await expect(album.entries).toHaveCount(0)
  // A view that fails again does not make them forgotten.
  await crash(album)
  await expect(lost(page)).toHaveText('cat.png 1234, dog.png 2345')
  await album.choose(photo('fox.png'))
  await expect(lost(page)).toHaveText('')
  await album.save()
  await expect(album.saved).toHaveText(['fox.png'])
  await crash(album)
  await expect(lost(page)).toHaveText('')
})

test('are told until they are dismissed', async ({ album, page }) => {
  await album.open('/chooser')
  await album.choose(photo('cat.png', 1234))
  await crash(album)
  await expect(lost(page)).toHaveText('cat.png 1234')
  await page.locator('#dismiss').click()
  await expect(lost(page)).toHaveText('')
  await crash(album)
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
  await crash(album)
  link.limit(Infinity)
  const told = page.locator('input[type=file]')
  await expect(told).toHaveAttribute(
    'data-liveloom-lost',
    '[{"clientName":"cat.png","clientSize":20000},{"clientName":"dog.png","clientSize":900000}]',
  )
})

test('are given back where they were: in components, and in a view inside the view', async ({ album, link, page }) => {
  await album.open('/parts')
  await expect(page.locator('#inner.phx-connected')).toBeAttached()
  const chosen = [
    ['#two', 'cat.png'],
    ['#nested', 'dog.png'],
  ] as const
  for (const [where, name] of chosen) {
    await page.locator(`${where} input[type=file]`).setInputFiles(photo(name, 1234))
    await expect(page.locator(`${where} li`)).toHaveText([name])
  }
  await loseLine(album, link)
  for (const [where, name] of chosen) {
    await expect(page.locator(`${where} li`)).toHaveText([name])
    await expect(lost(page, where)).toHaveText('')
  }
  await expect(page.locator('#one li')).toHaveCount(0)
})

test('are saved by the view after the one that they were chosen in', async ({ album, link }) => {
  const chosen = [photo('cat.png'), photo('dog.png')]
  await album.open('/chooser')
  await album.choose(...chosen)
  await loseLine(album, link)
  await expect(album.entries).toHaveCount(2)
  await album.save()
  await expect(album.saved).toHaveText(['cat.png', 'dog.png'])
  expect(await album.savedHashes()).toEqual(hashes(chosen))
})

test('are not told on a page that is loaded', async ({ album, page }) => {
  await album.open('/chooser')
  await album.choose(photo('cat.png', 1234))
  await album.open('/chooser')
  await expect(lost(page)).toHaveText('')
})
