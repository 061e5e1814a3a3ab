/** A file is scanned when all of it is there, and a submit waits for that: over both ways, and with the official client alone. */
import type { Page } from '@playwright/test'
import type { AlbumPage } from './support/album-page.ts'
import { hashes, photo } from './support/files.ts'
import { withOfficialClient } from './support/official-client.ts'
import { expect, test } from './support/test.ts'

const kB = 1000
/** How the bytes travel. */
const ways: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'over HTTP': async () => {},
  'over the socket': async (page) => {
    await page.route('**/live/uploads/*', (route) => route.fulfill({ status: 404 }))
  },
  'with the official client alone': (page) => withOfficialClient(page),
}

const state = (album: AlbumPage, name: string): Promise<string | null> => album.entry(name).getAttribute('data-state')
const early = (page: Page) => page.locator('#early')

for (const [way, take] of Object.entries(ways)) {
  // What it is sent by makes no difference to the scan.
  test.describe(way, { tag: way === 'over HTTP' ? [] : '@slow' }, () => {
    // HTTP that is not let through is an error to the browser.
    test.use({ consoleErrors: true })
    test.beforeEach(({ page }) => take(page))

    for (const path of ['/scanned', '/scanned-auto']) {
      const tag = path === '/scanned' ? [] : '@slow'
      test(`${path}: a submit waits until the file is scanned`, { tag }, async ({ album, page }) => {
        const file = photo('cat.png', 300 * kB)
        await album.open(path)
        await album.choose(file)
        await album.save()
        await expect.poll(() => state(album, 'cat.png')).toBe('scanning')
        // The page is alive meanwhile, and the form waits.
        await expect(page.locator('#album.phx-submit-loading')).toHaveCount(1)
        await page.getByRole('button', { name: 'Pass' }).click()
        await expect(album.saved).toHaveText(['cat.png'])
        await expect(early(page)).toHaveText('')
        expect(await album.savedHashes()).toEqual(hashes([file]))
        await album.unlocked()
      })

      test(
        `${path}: what is rejected is not saved, and the form is the user's again`,
        { tag },
        async ({ album, page }) => {
          await album.open(path)
          await album.choose(photo('cat.png', 300 * kB))
          await album.save()
          await expect.poll(() => state(album, 'cat.png')).toBe('scanning')
          await page.getByRole('button', { name: 'Reject' }).click()
          await expect(album.error('cat.png')).toHaveText('It has a virus')
          await album.unlocked()
          await expect(album.saved).toHaveCount(0)
          await album.remove('cat.png')
          const dog = photo('dog.png')
          await album.choose(dog)
          await album.save()
          await expect.poll(() => state(album, 'dog.png')).toBe('scanning')
          await page.getByRole('button', { name: 'Pass' }).click()
          await expect(album.saved).toHaveText(['dog.png'])
        },
      )
    }

    test('a submit while it is scanned waits, too', async ({ album, page }) => {
      await album.open('/scanned-auto')
      await album.choose(photo('cat.png', 300 * kB))
      await expect.poll(() => state(album, 'cat.png')).toBe('scanning')
      await album.save()
      await expect(page.locator('#album.phx-submit-loading')).toHaveCount(1)
      await page.getByRole('button', { name: 'Pass' }).click()
      await expect(album.saved).toHaveText(['cat.png'])
      await expect(early(page)).toHaveText('')
    })

    test('one that is taken away meanwhile keeps no form', async ({ album }) => {
      await album.open('/scanned-auto')
      await album.choose(photo('cat.png', 300 * kB))
      await expect.poll(() => state(album, 'cat.png')).toBe('scanning')
      await album.remove('cat.png')
      await album.save()
      await album.unlocked()
      await expect(album.saved).toHaveCount(0)
    })
  })
}

test.describe('a line that is lost', () => {
  test.use({ consoleErrors: true })

  for (const path of ['/scanned', '/scanned-auto']) {
    test(
      `${path}: the scan goes on, and the form goes when it is over`,
      { tag: path === '/scanned' ? [] : '@slow' },
      async ({ album, link, page }) => {
        const file = photo('cat.png', 300 * kB)
        await album.open(path)
        await album.choose(file)
        await album.save()
        await expect.poll(() => state(album, 'cat.png')).toBe('scanning')
        link.cut()
        await expect(page.locator('[data-phx-main].phx-client-error')).toBeVisible()
        link.mend()
        await album.connected()
        expect(await state(album, 'cat.png')).toBe('scanning')
        await page.getByRole('button', { name: 'Pass' }).click()
        await expect(album.saved).toHaveText(['cat.png'])
        await expect(early(page)).toHaveText('')
        expect(await album.savedHashes()).toEqual(hashes([file]))
      },
    )
  }
})

test.describe('a server that is started anew', () => {
  test.use({ consoleErrors: true })

  test('scans again what was not through', async ({ album, app, page }) => {
    const file = photo('cat.png', 300 * kB)
    await album.open('/scanned-auto')
    await album.choose(file)
    await expect.poll(() => state(album, 'cat.png')).toBe('scanning')
    await app.end('SIGKILL')
    await expect(page.locator('[data-phx-main].phx-client-error, [data-phx-main].phx-server-error')).toBeVisible()
    await app.start()
    await album.connected()
    await expect.poll(() => state(album, 'cat.png')).toBe('scanning')
    await album.save()
    await page.getByRole('button', { name: 'Pass' }).click()
    await expect(album.saved).toHaveText(['cat.png'])
    expect(await album.savedHashes()).toEqual(hashes([file]))
  })
})
