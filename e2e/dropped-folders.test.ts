/** Folders that are dropped where several files may be chosen. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { photo, sha256 } from './support/files.ts'
import { expect, test } from './support/test.ts'

test('what is in a folder is listed by name, with its paths, beside what is dropped with it', async ({
  album,
  app,
}) => {
  await album.open('/folder')
  const names = ['b.png', 'a.png', '.hidden', 'sub/deep/z.png', 'sub/c.png']
  const photos = new Map(names.map((name) => [name, photo(name)]))
  for (const [name, { buffer }] of photos) await app.write(`holiday/${name}`, buffer)
  const [first, last] = [photo('first.png'), photo('last.png')]
  await album.drop(
    await app.write('first.png', first.buffer),
    join(app.home, 'chosen', 'holiday'),
    await app.write('last.png', last.buffer),
  )
  await expect(album.entry('last.png')).toBeVisible()
  await expect(album.dropZone).not.toHaveClass(/phx-drop-target-active/)
  await album.save()
  const inside = ['.hidden', 'a.png', 'b.png', 'sub/c.png', 'sub/deep/z.png']
  await expect(album.saved).toHaveText(['first.png', ...inside.map((name) => `holiday/${name}`), 'last.png'])
  expect(await album.savedHashes()).toEqual({
    'first.png': sha256(first.buffer),
    'last.png': sha256(last.buffer),
    ...Object.fromEntries(inside.map((name) => [`holiday/${name}`, sha256(photos.get(name)!.buffer)])),
  })
})

for (const path of ['/chooser', '/chooser-auto']) {
  test(`goes with the form, as what was chosen (${path})`, async ({ album, app }) => {
    await album.open(path)
    await album.choose(photo('chosen.png'))
    await app.write('holiday/one.png', photo('one.png').buffer)
    await album.drop(join(app.home, 'chosen', 'holiday'))
    await expect(album.entry('one.png')).toBeVisible()
    await album.save()
    await expect(album.saved).toHaveText(['chosen.png', 'one.png'])
  })

  test(`a folder without a file is told (${path})`, async ({ album, app }) => {
    await album.open(path)
    const folder = join(app.home, 'chosen', 'holiday')
    await mkdir(join(folder, 'sub'), { recursive: true })
    await album.drop(folder, await app.write('good.png', photo('good.png').buffer))
    await expect(album.error('holiday')).toHaveAttribute('data-code', 'is_folder')
    await expect(album.entries).toHaveCount(2)
    await album.remove('holiday')
    await album.save()
    await expect(album.saved).toHaveText(['good.png'])
  })
}

test('of a folder with far too many files no more is read than is listed', async ({ album, app, page }) => {
  await album.open('/chooser')
  for (let at = 0; at < 1000; at++) await app.write(`many/${at}.png`, Buffer.from('a'))
  await album.drop(join(app.home, 'chosen', 'many'))
  await expect(page.locator('p[data-code="too_many_files"]')).toBeVisible()
  await expect(album.entries).toHaveCount(23)
})

test('more files than a browser lists at once are listed and saved', { tag: '@slow' }, async ({ album, app }) => {
  await album.open('/folder')
  for (let at = 0; at < 120; at++) await app.write(`many/${String(at).padStart(3, '0')}.png`, Buffer.from(`${at}`))
  await album.drop(join(app.home, 'chosen', 'many'))
  await expect(album.entries).toHaveCount(120)
  await album.save()
  await expect(album.saved).toHaveCount(120, { timeout: 30_000 })
  await expect(album.saved.first()).toHaveText('many/000.png')
})
