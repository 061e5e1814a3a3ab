/** Files from the clipboard. */
import type { Page } from '@playwright/test'
import type { AlbumPage } from './support/album-page.ts'
import { photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

/** Puts a picture on the clipboard, with a text beside it if there is one. */
async function copyPicture(page: Page, text?: string): Promise<void> {
  await page.evaluate(async (text) => {
    const canvas = document.createElement('canvas')
    canvas.getContext('2d')!.fillRect(0, 0, 10, 10)
    const picture = await new Promise<Blob>((resolve) => canvas.toBlob((blob) => resolve(blob!)))
    const words = text === undefined ? {} : { 'text/plain': new Blob([text], { type: 'text/plain' }) }
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture, ...words })])
  }, text)
}

for (const path of ['/chooser', '/chooser-one']) {
  test(`a picture that is pasted in the form of the upload is taken (${path})`, async ({ album, page }) => {
    await album.open(path)
    await copyPicture(page)
    await album.name.focus()
    await page.keyboard.press('Control+V')
    await expect(album.entry('image.png')).toBeVisible()
    await album.save()
    await expect(album.saved).toHaveText(['image.png'])
    expect(Object.keys(await album.savedHashes())).toEqual(['image.png'])
  })
}

test('one after another, all are called image.png', async ({ album, page }) => {
  await album.open('/chooser')
  await copyPicture(page)
  await album.saveButton.focus()
  await page.keyboard.press('Control+V')
  await expect(album.entries).toHaveCount(1)
  await page.keyboard.press('Control+V')
  await expect(album.entries).toHaveCount(2)
  await album.save()
  await expect(album.saved).toHaveText(['image.png', 'image.png'])
})

test('so is one that is pasted in a drop target', async ({ album, page }) => {
  await album.open('/chooser')
  await copyPicture(page)
  await album.dropZone.evaluate((zone) => {
    zone.tabIndex = 0
    zone.focus()
  })
  await page.keyboard.press('Control+V')
  await expect(album.entry('image.png')).toBeVisible()
})

test('a text field keeps its text, whatever else is on the clipboard', async ({ album, page }) => {
  await album.open('/chooser')
  await copyPicture(page, 'a word')
  await album.name.focus()
  await page.keyboard.press('Control+V')
  await expect(album.name).toHaveValue('a word')
  await page.evaluate(() => navigator.clipboard.writeText('two'))
  await page.keyboard.press('Control+V')
  await expect(album.name).toHaveValue('a wordtwo')
  await nothingTaken(album)
})

test('nothing is taken elsewhere on the page', async ({ album, page }) => {
  await album.open('/chooser')
  await copyPicture(page)
  await page.locator('#hander').focus()
  await page.keyboard.press('Control+V')
  await nothingTaken(album)
})

test('nor in a form with two uploads', async ({ album, page }) => {
  await album.open('/one-form')
  await copyPicture(page)
  await page.getByRole('button', { name: 'Save' }).focus()
  await page.keyboard.press('Control+V')
  await page.locator('input[name=images]').setInputFiles([photo('other.png')])
  await expect(page.locator('li[data-name]')).toHaveText([/other\.png/])
})

test('a paste that the page itself handles is left to it', async ({ album, page }) => {
  await album.open('/chooser')
  await copyPicture(page)
  await page.evaluate(() => document.addEventListener('paste', (event) => event.preventDefault()))
  await album.name.focus()
  await page.keyboard.press('Control+V')
  await nothingTaken(album)
})

/** What is chosen after the paste is all that there is. */
async function nothingTaken(album: AlbumPage): Promise<void> {
  await album.choose(photo('other.png'))
  await expect(album.entries).toHaveCount(1)
}
