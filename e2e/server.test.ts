import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000

test('a server that starts sweeps no folder of one that lives', { tag: '@slow' }, async ({ album, app, link }) => {
  const big = photo('big.png', 3000 * kB)
  await album.open('/big')
  await album.choose(big)
  link.limit(150 * kB)
  await album.save()
  await album.moving('big.png')

  await app.abandonUpload()
  expect(await app.unfinished()).toHaveLength(2)
  const sibling = app.sibling()
  await sibling.start()
  // The sweep is over when the abandoned one is gone.
  await expect.poll(() => app.unfinished()).toHaveLength(1)
  expect(await sibling.end('SIGTERM')).toBe(0)

  link.limit(Infinity)
  await expect(album.saved).toHaveText(['big.png'])
  expect(await album.savedHashes()).toEqual(hashes([big]))
})

test.describe('a disk that takes no more', () => {
  test.use({ serverErrors: true })
  const big = photo('big.png', 2000 * kB)
  const small = photo('small.png')

  test.beforeEach(async ({ app }) => {
    await app.end('SIGTERM')
    await app.start({ maxWrite: 512 })
  })

  test('fails the file, and the form can be used again', async ({ album, app }) => {
    await album.open('/big')
    const before = await album.documentId()
    await album.choose(big)
    await album.save()
    await expect(album.error('big.png')).toHaveAttribute('data-code', 'writer_failure')
    await expect.poll(() => app.unfinished()).toEqual([])
    expect(app.output).toContain('EFBIG')
    await album.unlocked()

    await album.remove('big.png')
    await album.savesOnly(small)
    expect(await album.documentId()).toBe(before)
  })

  test('fails that file only: the others are saved once it is removed', async ({ album }) => {
    await album.open('/big')
    await album.choose(small, big)
    await album.save()
    await expect(album.error('big.png')).toHaveAttribute('data-code', 'writer_failure')
    await expect.poll(() => album.progress('small.png')).toBe(100)
    await album.unlocked()
    await album.remove('big.png')
    await album.save()
    await expect(album.saved).toHaveText(['small.png'])
    expect(await album.savedHashes()).toEqual(hashes([small]))
  })

  test('fails that file only, with auto upload too', { tag: '@slow' }, async ({ album }) => {
    await album.open('/big-auto')
    await album.choose(big)
    await expect(album.error('big.png')).toHaveAttribute('data-code', 'writer_failure')
    await album.choose(small)
    await expect.poll(() => album.progress('small.png')).toBe(100)
    await album.remove('big.png')
    await album.save()
    await expect(album.saved).toHaveText(['small.png'])
    expect(await album.savedHashes()).toEqual(hashes([small]))
  })
})

test.describe('a view that crashes in mid-upload', () => {
  test.use({ serverErrors: true, consoleErrors: true })

  test('leaves no file, and comes back by itself with the text of its form', async ({ album, app, link, page }) => {
    const again = photo('again.png')
    await album.open('/big')
    const before = await album.documentId()
    await album.name.fill('Holiday')
    await album.choose(photo('big.png', 4000 * kB))
    link.limit(600 * kB)
    await album.save()
    await album.moving('big.png')
    await page.getByRole('button', { name: 'Crash' }).click()
    await expect.poll(() => app.unfinished()).toEqual([])
    link.limit(Infinity)
    await expect(album.entries).toHaveCount(0)
    await album.connected()
    await expect(album.name).toHaveValue('Holiday')
    await album.choose(again)
    await album.save()
    await expect(album.saved).toHaveText(['again.png'])
    expect(await album.documentId()).toBe(before)
  })
})

test.describe('a handler that takes longer than a push may wait', () => {
  test.use({ serverErrors: true })

  test(
    'a save that takes 40 s does not reload the page, and shows what it saved',
    { tag: '@slow' },
    async ({ album, app }) => {
      const cat = photo('cat.png')
      await album.open('/slow-save')
      const before = await album.documentId()
      await album.choose(cat)
      await album.save()
      // Waits behind the save, and is not lost.
      await album.ping.click()
      await expect(album.saved).toHaveText(['cat.png'], { timeout: 60_000 })
      await expect(album.ping).toHaveText('Pinged 1')
      expect(await album.savedHashes()).toEqual(hashes([cat]))
      expect(await album.documentId()).toBe(before)
      // The operator is told that a push was not answered in time.
      expect(app.output).toContain('a push waited')
    },
  )
})
