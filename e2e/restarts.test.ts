/** A server that is restarted, killed or replaced: what was chosen and sent is where it was, and goes on. */
import { randomBytes } from 'node:crypto'
import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000

// The browser reports each connection that is refused meanwhile.
test.use({ consoleErrors: true })

const photos = (): ReturnType<typeof photo>[] => ['a', 'b', 'c'].map((name) => photo(`${name}.png`, 1500 * kB))

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  // What a kill leaves is looked at 200 times by `test/survival`.
  test.describe(`after ${signal}`, { tag: signal === 'SIGTERM' ? [] : ['@slow'] }, () => {
    test('a save that waits for files on their way is done, and nothing was clicked', async ({ album, app, link }) => {
      const chosen = photos()
      await album.open('/many')
      const before = await album.documentId()
      await album.choose(...chosen)
      link.limit(1000 * kB)
      await album.save()
      await album.moving('b.png')
      await app.end(signal)
      await app.start()
      await expect(album.saved).toHaveText(chosen.map(({ name }) => name))
      expect(await album.savedHashes()).toEqual(hashes(chosen))
      await album.unlocked()
      await album.clickPing()
      expect(await album.documentId()).toBe(before)
    })

    test(
      'files that send themselves go on, those that were there are there, and are saved',
      { tag: '@slow' },
      async ({ album, app, link }) => {
        const [first, second] = [photo('first.png', 100 * kB), photo('second.png', 3000 * kB)]
        await album.open('/big-auto')
        await album.choose(first)
        await expect(album.entry('first.png').locator('output')).toHaveText('100')
        link.limit(1000 * kB)
        await album.choose(second)
        await album.moving('second.png')
        await app.end(signal)
        await app.start()
        await album.connected()
        await expect(album.entry('first.png').locator('output')).toHaveText('100')
        await expect(album.entry('second.png').locator('output')).toHaveText('100')
        await expect(album.entries).toHaveCount(2)
        await album.save()
        await expect(album.saved).toHaveText(['first.png', 'second.png'])
        expect(await album.savedHashes()).toEqual(hashes([first, second]))
      },
    )

    test('files that were only chosen are chosen still, and are saved', { tag: '@slow' }, async ({ album, app }) => {
      const chosen = photos()
      await album.open('/many')
      await album.choose(...chosen)
      await app.end(signal)
      await app.start()
      await album.connected()
      await expect(album.entries).toHaveCount(3)
      await album.save()
      await expect(album.saved).toHaveText(chosen.map(({ name }) => name))
      expect(await album.savedHashes()).toEqual(hashes(chosen))
    })

    test('a file of 200 MB goes on, and comes byte for byte', { tag: '@slow' }, async ({ album, app, link }) => {
      test.setTimeout(180_000)
      const film = { name: 'film.bin', mimeType: 'application/octet-stream', buffer: randomBytes(200_000_000) }
      const path = await app.write(film.name, film.buffer)
      await album.open('/big')
      await album.choose(path)
      link.limit(20_000 * kB)
      await album.save()
      await expect.poll(() => album.progress(film.name)).toBeGreaterThan(40)
      await app.end(signal)
      await app.start()
      await expect(album.saved).toHaveText([film.name], { timeout: 120_000 })
      expect(await album.savedHashes()).toEqual(hashes([film]))
    })
  })
}
