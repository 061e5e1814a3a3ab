/** Files that belong to the visitor, and not to the page: after a reload they are there, or go on when they are chosen again. */
import { stat, utimes } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000
const waiting = (page: Page) => page.getByRole('list', { name: 'Waiting' }).getByRole('listitem')

/** Where the parts begin that the page sends. */
function watchOffsets(page: Page): readonly number[] {
  const offsets: number[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
  })
  return offsets
}

test('those that are done are there after a reload, and are saved', async ({ album, page }) => {
  const chosen = [photo('a.png'), photo('b.png')]
  await album.open('/kept')
  await album.choose(...chosen)
  for (const { name } of chosen) await expect.poll(() => album.progress(name)).toBe(100)
  await page.reload()
  await album.connected()
  await expect(album.entries).toHaveCount(2)
  await album.save()
  await expect(album.saved).toHaveText(['a.png', 'b.png'])
  expect(await album.savedHashes()).toEqual(hashes(chosen))
  await page.reload()
  await album.connected()
  await expect(album.entries).toHaveCount(0)
})

test.describe('one that was on its way', () => {
  // The browser reports the request that the page has left.
  test.use({ consoleErrors: true })

  test('waits for its file, and goes on where it was when that is chosen again', async ({ album, app, link, page }) => {
    const offsets = watchOffsets(page)
    const big = photo('big.png', 12_000 * kB)
    const path = await app.write('big.png', big.buffer)
    await album.open('/kept')
    link.limit(1000 * kB)
    await album.choose(path)
    await album.moving('big.png')
    await page.reload()
    link.limit(Infinity)
    await album.connected()
    await expect(waiting(page)).toHaveCount(1)
    await expect(album.entries).toHaveCount(0)
    // What waits for its file keeps no other from being saved.
    await album.choose(photo('small.png'))
    await album.save()
    await expect(album.saved).toHaveText(['small.png'])
    expect(await page.locator('[data-waiting="big.png"] output').textContent()).not.toBe('0')

    const before = offsets.length
    await album.choose(path)
    await expect(waiting(page)).toHaveCount(0)
    await expect.poll(() => album.progress('big.png')).toBe(100)
    expect(offsets[before]).toBeGreaterThan(0)
    await album.save()
    await expect(album.saved).toHaveText(['small.png', 'big.png'])
    expect(await album.savedHashes()).toMatchObject(hashes([big]))
  })

  test('begins anew when what is chosen only seems to be the same file', async ({ album, app, link, page }) => {
    const offsets = watchOffsets(page)
    const [one, other] = [photo('big.png', 12_000 * kB), photo('big.png', 12_000 * kB)]
    const path = await app.write('big.png', one.buffer)
    await album.open('/kept')
    link.limit(1000 * kB)
    await album.choose(path)
    await album.moving('big.png')
    await page.reload()
    link.limit(Infinity)
    await album.connected()
    await expect(waiting(page)).toHaveCount(1)
    const { mtimeMs } = await stat(path)
    await app.write('big.png', other.buffer)
    await utimes(path, mtimeMs / 1000, mtimeMs / 1000)
    const before = offsets.length
    await album.choose(path)
    await expect(waiting(page)).toHaveCount(0)
    await expect.poll(() => album.progress('big.png')).toBe(100)
    expect(offsets[before]).toBe(0)
    await album.save()
    await expect(album.saved).toHaveText(['big.png'])
    expect(await album.savedHashes()).toEqual(hashes([other]))
  })

  test('may be let go of', async ({ album, app, link, page }) => {
    await album.open('/kept')
    link.limit(1000 * kB)
    await album.choose(photo('big.png', 12_000 * kB))
    await album.moving('big.png')
    await page.reload()
    link.limit(Infinity)
    await album.connected()
    await page.getByRole('button', { name: 'Forget big.png' }).click()
    await expect(waiting(page)).toHaveCount(0)
    await expect.poll(() => app.unfinished()).toEqual([])
  })
})

test('they are listed where they were, and nowhere else: another path, another tab, another visitor', async ({
  album,
  otherAlbum,
  context,
  page,
}) => {
  await album.open('/kept')
  await album.choose(photo('a.png'))
  await expect.poll(() => album.progress('a.png')).toBe(100)
  const tab = await context.newPage()
  await tab.goto('/kept')
  await expect(tab.locator('[data-phx-main].phx-connected')).toBeAttached()
  await expect(tab.getByRole('list', { name: 'Chosen' }).getByRole('listitem')).toHaveCount(0)
  await tab.close()
  await otherAlbum.open('/kept')
  await expect(otherAlbum.entries).toHaveCount(0)
  await album.open('/kept-too')
  await expect(album.entries).toHaveCount(0)
  await album.open('/kept')
  await expect(album.entries).toHaveCount(1)
  await album.remove('a.png')
  await page.reload()
  await album.connected()
  await expect(album.entries).toHaveCount(0)
})

test('by a key of the application they are wherever an upload has the same', async ({ album }) => {
  const small = photo('a.png')
  await album.open('/kept-form')
  await album.choose(small)
  // The save is refused for it, and the file stays.
  await album.name.fill('x'.repeat(30))
  await album.save()
  await expect.poll(() => album.progress('a.png')).toBe(100)
  await album.unlocked()
  await album.open('/kept-form-too')
  await expect(album.entries).toHaveCount(1)
  await album.save()
  await expect(album.saved).toHaveText(['a.png'])
  expect(await album.savedHashes()).toEqual(hashes([small]))
})

test.describe('after a kill', () => {
  // The browser reports each connection that is refused meanwhile.
  test.use({ consoleErrors: true })

  test('and a reload they are there', async ({ album, app, page }) => {
    const small = photo('a.png')
    await album.open('/kept')
    await album.choose(small)
    await expect.poll(() => album.progress('a.png')).toBe(100)
    await app.end('SIGKILL')
    await app.start()
    await page.reload()
    await album.connected()
    await expect(album.entries).toHaveCount(1)
    await album.save()
    await expect(album.saved).toHaveText(['a.png'])
    expect(await album.savedHashes()).toEqual(hashes([small]))
  })
})
