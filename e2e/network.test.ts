import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000
const MiB = 1024 * 1024
/** Of the page `/impatient`, in ms. */
const chunkTimeout = 1500

test.describe('a network that is cut in mid-upload', () => {
  // The browser reports each connection that is refused meanwhile.
  test.use({ consoleErrors: true })

  test('shows in the page, which comes back by itself with the text of its form; the file goes on, and is saved', async ({
    album,
    app,
    link,
  }) => {
    const big = photo('big.png', 4000 * kB)
    await album.open('/big')
    const before = await album.documentId()
    await album.name.fill('Holiday')
    await album.choose(big)
    link.limit(600 * kB)
    await album.save()
    await album.moving('big.png')
    await expect(album.offline).toBeHidden()

    link.cut()
    await expect(album.offline).toBeVisible()
    expect(await app.unfinished()).toHaveLength(1)
    const sent = await album.progress('big.png')
    await expect(album.name).toHaveValue('Holiday')

    link.mend()
    await expect(album.offline).toBeHidden()
    await album.connected()
    expect(await album.progress('big.png')).toBeGreaterThanOrEqual(sent)
    link.limit(Infinity)
    await expect(album.saved).toHaveText(['big.png'])
    expect(await album.savedHashes()).toEqual(hashes([big]))
    await album.clickPing()
    expect(await album.documentId()).toBe(before)
  })
})

test.describe('a stall longer than chunkTimeout, on a socket that lives,', () => {
  // The browser reports the request that the server has given up.
  test.use({ consoleErrors: true })

  for (const { what, way } of [
    { what: 'what the browser sends', way: 'up' },
    { what: 'what the server answers', way: 'down' },
  ] as const) {
    test(`of ${what}: the file goes on behind it, and is saved`, { tag: '@slow' }, async ({ album, link }) => {
      const big = photo('big.png', 3000 * kB)
      await album.open('/impatient')
      const before = await album.documentId()
      await album.choose(big)
      link.limit(1000 * kB)
      await album.save()
      await album.moving('big.png')
      link[way].stall()
      setTimeout(() => link[way].resume(), 3 * chunkTimeout)
      await expect(album.saved).toHaveText(['big.png'])
      expect(await album.savedHashes()).toEqual(hashes([big]))
      expect(await album.documentId()).toBe(before)
    })
  }
})

test(
  'chunks of 1 MiB on a line of 90 kB/s keep moving while clicks are answered',
  { tag: '@slow' },
  async ({ album, link }) => {
    const big = photo('big.png', 3 * MiB)
    await album.open('/big-chunks')
    const before = await album.documentId()
    await album.choose(big)
    const seen = await album.watchProgress('big.png')
    link.limit(90 * kB)
    await album.save()
    while ((await album.saved.count()) === 0) await album.clickPing()
    // Each percent, or nearly.
    const percents = await seen()
    expect(percents.length).toBeGreaterThan(50)
    expect(percents).toEqual(percents.toSorted((one, other) => one - other))
    expect(percents.at(-1)).toBe(100)
    expect(await album.savedHashes()).toEqual(hashes([big]))
    expect(await album.documentId()).toBe(before)
  },
)

test(
  'three big files on a line of 1 Mbit/s keep moving while clicks are answered',
  { tag: '@slow' },
  async ({ album, app, link, page }) => {
    const names = ['a.bin', 'b.bin', 'c.bin']
    const paths = await Promise.all(names.map((name) => app.writeZeros(name, 40 * MiB)))
    await album.open('/big')
    const before = await album.documentId()
    await album.choose(...paths)
    link.limit(125 * kB)
    await album.save()
    const progress = (): Promise<number[]> => Promise.all(names.map((name) => album.progress(name)))
    while (Math.min(...(await progress())) < 2) {
      await album.clickPing()
      await expect(album.entries.locator('[data-code]')).toHaveCount(0)
    }
    expect(await album.documentId()).toBe(before)
    // That the page is closed comes behind what is on the line.
    link.limit(Infinity)
    await page.close()
    await expect.poll(() => app.unfinished()).toEqual([])
  },
)

test(
  '300 MB pass through while the memory of the server grows by less than 64 MB',
  { tag: '@slow' },
  async ({ album, app }) => {
    test.skip(process.platform !== 'linux', 'the memory of a process is read from /proc')
    const path = await app.writeZeros('film.bin', 300_000_000)
    test.setTimeout(180_000)
    await album.open('/big')
    await album.choose(path)
    await app.forgetPeak()
    const before = await app.memory()
    await album.save()
    await expect(album.saved).toHaveText(['film.bin'], { timeout: 150_000 })
    const after = await app.memory()
    expect(after.peak - before.now).toBeLessThan(64 * MiB)
    expect((await app.savedFile((await app.savedNames())[0]!)).length).toBe(300_000_000)
  },
)
