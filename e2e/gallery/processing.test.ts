import { randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { expect } from '../support/gallery.ts'
import { test } from '../support/gallery-link.ts'

test.use({ path: '/processing' })

/** A photo that was taken on its side, and says where. */
async function taken(name: string, width: number, height: number) {
  const raw = { width, height, channels: 3 } as const
  const buffer = await sharp(randomBytes(width * height * 3), { raw })
    .withExif({ IFD0: { Artist: 'somebody' }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 40 })
    .toBuffer()
  return { name, mimeType: 'image/jpeg', buffer }
}

test('photos become thumbnails beside the view, one after another, and say nothing of where they were taken', async ({
  page,
}) => {
  const photos = await Promise.all(['sea.jpg', 'hill.jpg', 'moor.jpg'].map((name) => taken(name, 2100, 1400)))
  await page.getByLabel('Photos', { exact: true }).setInputFiles(photos)
  const list = page.getByRole('list', { name: 'Chosen' })
  const chosen = list.getByRole('listitem')
  // All that is shown on the way, however quickly that goes by.
  const shown = await list.evaluateHandle((element) => {
    const texts: string[] = []
    const look = new MutationObserver(() => texts.push((element as HTMLElement).innerText))
    look.observe(element, { subtree: true, childList: true, characterData: true })
    return texts
  })
  await page.getByRole('button', { name: 'Make thumbnails' }).click()
  const tiles = page.getByRole('list', { name: 'Thumbnails' }).getByRole('listitem')
  await expect(tiles).toHaveCount(3)
  await expect(chosen).toHaveCount(0)
  const texts = (await shown.jsonValue()).join('\n')
  expect(texts).toContain('waits')
  expect(texts).toContain('is made smaller')
  await expect(tiles.filter({ hasText: 'sea.jpg' })).toContainText('160 × 240; said')
  const picture = await tiles.first().getByRole('img').getAttribute('src')
  const { exif, format, width } = await sharp(Buffer.from(picture!.split(',')[1]!, 'base64')).metadata()
  expect({ exif, format, width }).toEqual({ exif: undefined, format: 'webp', width: 160 })
})

test('a file that is no picture stops the others, is removed, and they go on', async ({ page }) => {
  const broken = { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: randomBytes(20_000) }
  await page.getByLabel('Photos', { exact: true }).setInputFiles([broken, await taken('sea.jpg', 300, 200)])
  const make = page.getByRole('button', { name: 'Make thumbnails' })
  await make.click()
  await expect(page.getByRole('alert')).toContainText('no picture')
  const chosen = page.getByRole('list', { name: 'Chosen' }).getByRole('listitem')
  await expect(chosen).toHaveCount(2)
  await page.getByRole('button', { name: 'Remove broken.jpg' }).click()
  await make.click()
  await expect(page.getByRole('list', { name: 'Thumbnails' }).getByRole('listitem')).toHaveCount(1)
  await expect(page.getByRole('alert')).toHaveCount(0)
})
