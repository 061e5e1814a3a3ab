/** Files without a byte, where the upload takes them. */
import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const empty = { ...photo('empty.png'), buffer: Buffer.alloc(0) }
const [cat, dog] = [photo('cat.png'), photo('dog.png')]

for (const path of ['/empty', '/empty-auto']) {
  test.describe(path, { tag: path === '/empty' ? [] : '@slow' }, () => {
    test('an empty file is sent and saved', async ({ album }) => {
      await album.open(path)
      await album.savesOnly(empty)
    })

    test('so is one among others', async ({ album }) => {
      await album.open(path)
      await album.savesOnly(cat, empty, dog)
    })

    test('so is one that is dropped', async ({ album, app }) => {
      await album.open(path)
      await album.drop(await app.write('empty.png', empty.buffer))
      await expect(album.entry('empty.png')).toBeVisible()
      await album.save()
      await expect(album.saved).toHaveText(['empty.png'])
      expect(await album.savedHashes()).toEqual(hashes([empty]))
    })

    test.describe('where HTTP does not get through', () => {
      test.use({ consoleErrors: true })

      test('it goes over the socket', async ({ album, page }) => {
        await page.route('**/live/uploads/*', (route) => route.fulfill({ status: 403, body: 'not here' }))
        await album.open(path)
        await album.savesOnly(cat, empty)
      })
    })
  })
}

test('with autoUpload it is done before the form is sent', async ({ album }) => {
  await album.open('/empty-auto')
  await album.choose(empty)
  await expect.poll(() => album.progress('empty.png')).toBe(100)
})

test.describe('a line that was lost', () => {
  // The browser reports each connection that is refused meanwhile.
  test.use({ consoleErrors: true })

  test('costs it nothing', async ({ album, link }) => {
    await album.open('/empty')
    await album.choose(empty)
    link.cut()
    await expect(album.offline).toBeVisible()
    link.mend()
    await album.connected()
    await album.save()
    await expect(album.saved).toHaveText(['empty.png'])
    expect(await album.savedHashes()).toEqual(hashes([empty]))
  })
})
