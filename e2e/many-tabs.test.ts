/** Several tabs of one browser that send at once: none of them keeps another from anything. */
import { AlbumPage } from './support/album-page.ts'
import { type ChosenFile, hashes, photo } from './support/files.ts'
import type { Link } from './support/link.ts'
import { expect, test } from './support/test.ts'

const kB = 1000

/** Two tabs that send three photos each, of so many bytes: the first is on its way. */
async function sendFromBoth(
  album: AlbumPage,
  other: AlbumPage,
  link: Link,
  bytes: number,
): Promise<readonly ChosenFile[]> {
  const of = (tab: string) => ['a', 'b', 'c'].map((name) => photo(`${tab}-${name}.png`, bytes))
  const [first, second] = [of('first'), of('second')]
  await album.open('/many')
  await other.open('/many')
  await album.choose(...first)
  await other.choose(...second)
  link.limit(600 * kB)
  await album.save()
  await other.save()
  await album.moving('first-a.png')
  return [...first, ...second]
}

test(
  'two tabs send three photos each, a third one navigates meanwhile, and all is saved',
  { tag: '@slow' },
  async ({ album, app, context, link, page }) => {
    const otherPage = await context.newPage()
    const all = await sendFromBoth(album, new AlbumPage(app, otherPage), link, 600 * kB)
    const third = await context.newPage()
    for (const path of ['/wizard', '/many', '/wizard']) {
      const began = Date.now()
      await third.goto(path)
      await expect(third.locator('[data-phx-main].phx-connected')).toBeAttached()
      expect(Date.now() - began).toBeLessThan(10_000)
    }
    await third.close()
    link.limit(Infinity)
    await expect(album.saved).toHaveCount(all.length)
    expect(await album.savedHashes()).toEqual(hashes(all))
    await expect(otherPage.locator('#album button')).toBeEnabled()
    await otherPage.close()
    await expect(page.locator('#album button')).toBeEnabled()
  },
)

test.describe('a network that goes', () => {
  // The browser reports each connection that is refused meanwhile.
  test.use({ consoleErrors: true })

  test('for two tabs that send three photos each costs neither of them one', async ({ album, app, context, link }) => {
    const otherPage = await context.newPage()
    const all = await sendFromBoth(album, new AlbumPage(app, otherPage), link, 400 * kB)
    link.cut()
    await expect(album.offline).toBeVisible()
    link.limit(Infinity)
    link.mend()
    // A tab that nobody looks at comes back later: its timers are slowed down.
    await expect(album.saved).toHaveCount(all.length, { timeout: 40_000 })
    expect(await album.savedHashes()).toEqual(hashes(all))
    await otherPage.close()
  })

  test('while two hundred small files are sent costs none of them', { tag: '@slow' }, async ({ album, link }) => {
    const all = Array.from({ length: 200 }, (_, at) => photo(`${at}.png`, 2 * kB))
    await album.open('/folder-of-files')
    await album.choose(...all)
    link.limit(40 * kB)
    await album.save()
    await expect.poll(() => album.progress('5.png')).toBe(100)
    link.cut()
    await expect(album.offline).toBeVisible()
    link.limit(Infinity)
    link.mend()
    await expect(album.saved).toHaveCount(all.length, { timeout: 60_000 })
    expect(await album.savedHashes()).toEqual(hashes(all))
  })
})
