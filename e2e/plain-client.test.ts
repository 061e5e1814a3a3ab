/** Uploads with the official client alone, as a page of one's own may load it: what our module adds is missing, and nothing else. */
import { hashes, photo } from './support/files.ts'
import { withOfficialClient } from './support/official-client.ts'
import { expect, test } from './support/test.ts'

const kB = 1000
test.beforeEach(({ page }) => withOfficialClient(page))

test('a file is sent and saved', async ({ album, page }) => {
  await album.open('/big')
  expect(await page.evaluate(() => 'Phoenix' in window)).toBe(true)
  await album.savesOnly(photo('cat.png', 300 * kB))
})

test('an empty file is not told, and the one beside it is saved', async ({ album }) => {
  const good = photo('good.png')
  await album.open('/chooser')
  await album.choose({ ...photo('empty.png'), buffer: Buffer.alloc(0) }, good)
  await expect(album.entries).toHaveCount(1)
  await album.save()
  await expect(album.saved).toHaveText(['good.png'])
  expect(await album.savedHashes()).toEqual(hashes([good]))
})

test(
  'an input leaves while its file is sent: the view is told of the end all the same',
  { tag: '@slow' },
  async ({ album, link, page }) => {
    await album.open('/wizard-auto')
    link.limit(500 * kB)
    await album.choose(photo('big.png', 2000 * kB))
    await album.moving('big.png')
    await page.locator('#step').click()
    await expect(album.photos).toHaveCount(0)
    await expect.poll(() => album.progress('big.png')).toBe(100)
    await expect(page.locator('#told')).toHaveText('1')
  },
)

test('a reset leaves the choice as it is', async ({ album, page }) => {
  await album.open('/chooser')
  await album.choose(photo('cat.png'))
  await expect(album.entries).toHaveCount(1)
  await page.evaluate(() => document.querySelector<HTMLFormElement>('#album')!.reset())
  await album.choose(photo('dog.png'))
  await album.save()
  await expect(album.saved).toHaveText(['cat.png', 'dog.png'])
})

test.describe('a network that goes and comes back', () => {
  // The browser reports each connection that is refused meanwhile.
  test.use({ consoleErrors: true })

  test('the view goes on, and a file that was chosen can be chosen again', async ({ album, link, page }) => {
    const [cat, dog] = [photo('cat.png'), photo('dog.png')]
    await album.open('/big-auto')
    const before = await album.documentId()
    await album.clickPing()
    await album.choose(cat)
    await expect.poll(() => album.progress('cat.png')).toBe(100)
    link.limit(1)
    // The view hears of it, and the page does not get leave to send it.
    link.up.rate = Infinity
    await page.setInputFiles('input[type=file]', dog)
    await expect(page.locator('#album')).toHaveClass(/phx-change-loading/)
    await album.name.fill('Holiday')
    link.cut()
    await expect(page.locator('[data-phx-main].phx-client-error')).toBeVisible()
    link.limit(Infinity)
    link.mend()
    await album.connected()
    await expect(album.ping).toHaveText('Pinged 1')
    await expect(album.name).toHaveValue('Holiday')
    await expect(album.error('dog.png')).toHaveAttribute('data-code', 'interrupted')
    await album.remove('dog.png')
    await album.choose(dog)
    await expect.poll(() => album.progress('dog.png')).toBe(100)
    await album.save()
    await expect(album.saved).toHaveText(['cat.png', 'dog.png'])
    expect(await album.savedHashes()).toEqual(hashes([cat, dog]))
    expect(await album.documentId()).toBe(before)
  })
})
