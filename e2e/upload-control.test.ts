/** What a user can do with a file on its way, and what the page says of it. */
import type { Page } from '@playwright/test'
import type { AlbumPage } from './support/album-page.ts'
import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000

const button = (page: Page, what: string, name: string) => page.getByRole('button', { name: `${what} ${name}` })

/** Records the states that an entry shows, one after another. */
async function watchStates(album: AlbumPage, name: string): Promise<() => Promise<readonly string[]>> {
  const seen = await album.entry(name).evaluateHandle((entry) => {
    const states: string[] = []
    const look = (): void => {
      const { state } = (entry as HTMLElement).dataset
      if (state !== undefined && states.at(-1) !== state) states.push(state)
    }
    look()
    new MutationObserver(look).observe(entry, { attributes: true, attributeFilter: ['data-state'] })
    return states
  })
  return () => seen.jsonValue()
}

/** The number that an entry's attribute has. */
async function numberOf(album: AlbumPage, name: string, what: 'rate' | 'remaining'): Promise<number> {
  return Number(await album.entry(name).getAttribute(`data-${what}`))
}

const hasState = (album: AlbumPage, name: string, state: string) =>
  expect(album.entry(name)).toHaveAttribute('data-state', state, { timeout: 15_000 })

// What is paused is answered 423, which the browser reports when the page has not heard of it before.
test.use({ consoleErrors: true })

test('a file waits, is queued and sent, and says how quickly and how long', async ({ album, link }) => {
  const photos = ['a.png', 'b.png', 'c.png', 'd.png'].map((name) => photo(name, 1000 * kB))
  await album.open('/many')
  await album.choose(...photos)
  const [first, last] = [await watchStates(album, 'a.png'), await watchStates(album, 'd.png')]
  link.limit(1200 * kB)
  await album.save()
  await album.moving('a.png')
  await expect.poll(() => numberOf(album, 'a.png', 'remaining')).toBeGreaterThan(0)
  const rate = await numberOf(album, 'a.png', 'rate')
  expect(rate).toBeGreaterThan(100 * kB)
  expect(rate).toBeLessThan(1200 * kB)
  await hasState(album, 'd.png', 'queued')
  await expect(album.saved).toHaveText(
    photos.map(({ name }) => name),
    { timeout: 20_000 },
  )
  expect((await first()).slice(0, 3)).toEqual(['waiting', 'queued', 'sending'])
  expect((await last()).slice(0, 3)).toEqual(['waiting', 'queued', 'sending'])
  expect(await album.savedHashes()).toEqual(hashes(photos))
})

test(
  'a file that is paused leaves its turn to the next, and goes on when it is resumed',
  { tag: '@slow' },
  async ({ album, link, page }) => {
    const photos = ['a.png', 'b.png', 'c.png', 'd.png'].map((name) => photo(name, 1500 * kB))
    await album.open('/many')
    await album.choose(...photos)
    link.limit(1500 * kB)
    await album.save()
    await album.moving('a.png')
    await button(page, 'Pause', 'a.png').click()
    await hasState(album, 'a.png', 'paused')
    const stood = await album.progress('a.png')
    for (const name of ['b.png', 'c.png', 'd.png']) await hasState(album, name, 'done')
    // What was being written then has come.
    expect(await album.progress('a.png')).toBeLessThanOrEqual(stood + 10)
    await expect(album.saved).toHaveCount(0)
    await button(page, 'Resume', 'a.png').click()
    await expect(album.saved).toHaveText(
      photos.map(({ name }) => name),
      { timeout: 20_000 },
    )
    expect(await album.savedHashes()).toEqual(hashes(photos))
  },
)

test('one that waits for its turn is paused, and is sent when it is resumed', async ({ album, link, page }) => {
  const photos = ['a.png', 'b.png', 'c.png', 'd.png'].map((name) => photo(name, 600 * kB))
  await album.open('/many')
  await album.choose(...photos)
  link.limit(1200 * kB)
  await album.save()
  await album.moving('a.png')
  await button(page, 'Pause', 'd.png').click()
  for (const name of ['a.png', 'b.png', 'c.png']) await hasState(album, name, 'done')
  await hasState(album, 'd.png', 'paused')
  await button(page, 'Resume', 'd.png').click()
  await expect(album.saved).toHaveText(photos.map(({ name }) => name))
  expect(await album.savedHashes()).toEqual(hashes(photos))
})

test('one that is paused can be removed, and the others are saved', async ({ album, link, page }) => {
  const [a, b] = [photo('a.png', 1500 * kB), photo('b.png', 1500 * kB)]
  await album.open('/many')
  await album.choose(a, b)
  link.limit(1500 * kB)
  await album.save()
  await album.moving('a.png')
  await button(page, 'Pause', 'a.png').click()
  await hasState(album, 'b.png', 'done')
  await album.remove('a.png')
  await expect(album.saved).toHaveText(['b.png'])
  expect(await album.savedHashes()).toEqual(hashes([b]))
})

test.describe('of files that another client of their resource has cancelled,', () => {
  // The request that this ends is answered as one that broke.
  test.use({ consoleErrors: true })

  test(
    'what has failed is sent again when the user asks for it, and then saved',
    { tag: '@slow' },
    async ({ album, link, page }) => {
      const photos = ['a.png', 'b.png'].map((name) => photo(name, 1000 * kB))
      const sent = page.waitForRequest((request) => request.url().includes('/live/uploads/'))
      await album.open('/many')
      await album.choose(...photos)
      link.limit(800 * kB)
      await album.save()
      await album.moving('a.png')
      await page.evaluate((url) => fetch(url, { method: 'DELETE' }), (await sent).url())
      await hasState(album, 'a.png', 'failed')
      await expect(album.error('a.png')).toHaveCount(1)
      await button(page, 'Retry', 'a.png').click()
      await expect(album.error('a.png')).toHaveCount(0)
      for (const { name } of photos) await hasState(album, name, 'done')
      // The submit did not follow.
      await album.unlocked()
      await expect(album.saved).toHaveCount(0)
      await album.save()
      await expect(album.saved).toHaveText(['a.png', 'b.png'])
      expect(await album.savedHashes()).toEqual(hashes(photos))
    },
  )

  test('a save during another try is done when that is through, once', async ({ album, link, page }) => {
    const cat = photo('cat.png', 1000 * kB)
    const sent = page.waitForRequest((request) => request.url().includes('/live/uploads/'))
    await album.open('/many')
    await album.choose(cat)
    link.limit(800 * kB)
    await album.save()
    await album.moving('cat.png')
    await page.evaluate((url) => fetch(url, { method: 'DELETE' }), (await sent).url())
    await button(page, 'Retry', 'cat.png').click()
    // Until it is answered the page shows how far the try before had come.
    await expect(album.error('cat.png')).toHaveCount(0)
    await album.moving('cat.png')
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'])
    expect(await album.savedHashes()).toEqual(hashes([cat]))
  })

  test('what has failed is removed, and the others wait for a save', async ({ album, link, page }) => {
    const [a, b] = [photo('a.png', 1000 * kB), photo('b.png', 1000 * kB)]
    const sent = page.waitForRequest((request) => request.url().includes('/live/uploads/'))
    await album.open('/many')
    await album.choose(a, b)
    link.limit(800 * kB)
    await album.save()
    await album.moving('a.png')
    await page.evaluate((url) => fetch(url, { method: 'DELETE' }), (await sent).url())
    await hasState(album, 'a.png', 'failed')
    await hasState(album, 'b.png', 'done')
    await album.remove('a.png')
    await album.clickPing()
    await expect(album.saved).toHaveCount(0)
    await album.save()
    await expect(album.saved).toHaveText(['b.png'])
  })
})

test('nothing comes of a file: it says so, and that it goes on', { tag: '@slow' }, async ({ album, link }) => {
  const cat = photo('cat.png', 1500 * kB)
  await album.open('/big')
  await album.choose(cat)
  const states = await watchStates(album, 'cat.png')
  link.limit(600 * kB)
  await album.save()
  await album.moving('cat.png')
  link.up.stall()
  await hasState(album, 'cat.png', 'stalled')
  expect(await numberOf(album, 'cat.png', 'rate')).toBe(0)
  await expect(album.entry('cat.png')).not.toHaveAttribute('data-remaining', /./)
  link.up.resume()
  await expect(album.saved).toHaveText(['cat.png'], { timeout: 15_000 })
  expect((await states()).slice(1, 5)).toEqual(['queued', 'sending', 'stalled', 'sending'])
  expect(await album.savedHashes()).toEqual(hashes([cat]))
})

test.describe('while the network is gone', () => {
  test.use({ consoleErrors: true })

  test(
    'a paused file stays paused, one that is sent goes on by itself',
    { tag: '@slow' },
    async ({ album, link, page }) => {
      const photos = ['a.png', 'b.png'].map((name) => photo(name, 1500 * kB))
      await album.open('/many')
      await album.choose(...photos)
      link.limit(1000 * kB)
      await album.save()
      await album.moving('a.png')
      await button(page, 'Pause', 'a.png').click()
      await hasState(album, 'a.png', 'paused')
      link.cut()
      await expect(album.offline).toBeVisible()
      link.mend()
      await album.connected()
      await hasState(album, 'b.png', 'done')
      await hasState(album, 'a.png', 'paused')
      await button(page, 'Resume', 'a.png').click()
      await expect(album.saved).toHaveText(['a.png', 'b.png'], { timeout: 20_000 })
      expect(await album.savedHashes()).toEqual(hashes(photos))
    },
  )
})
