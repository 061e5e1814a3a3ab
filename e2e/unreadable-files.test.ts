/** What only the browser knows of a file: that it is gone, changed, empty or a folder; and that its form was reset. */
import { appendFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000
const big = photo('big.png', 3000 * kB)
const empty = { ...photo('empty.png'), buffer: Buffer.alloc(0) }

const breaks = [
  { what: 'deleted', code: 'file_missing', spoil: (path: string) => unlink(path) },
  { what: 'moved', code: 'file_missing', spoil: (path: string) => rename(path, `${path}.moved`) },
  { what: 'changed', code: 'file_changed', spoil: (path: string) => appendFile(path, 'more') },
]

for (const { what, code, spoil } of breaks) {
  test(`a file that was ${what} after it was chosen fails, and the form goes on`, async ({ album, app }) => {
    const good = photo('good.png')
    await album.open('/chooser')
    const path = await app.write('big.png', big.buffer)
    await album.choose(path)
    await album.choose(await app.write('good.png', good.buffer))
    await spoil(path)
    await album.save()
    await expect(album.error('big.png')).toHaveAttribute('data-code', code)
    await album.unlocked()
    await album.remove('big.png')
    await album.save()
    await expect(album.saved).toHaveText(['good.png'])
    expect(await album.savedHashes()).toEqual(hashes([good]))
  })

  test(
    `a file that was ${what} while it is sent fails`,
    { tag: what === 'changed' ? [] : ['@slow'] },
    async ({ album, app, link }) => {
      await album.open('/chooser')
      const path = await app.write('big.png', big.buffer)
      await album.choose(path)
      link.limit(500 * kB)
      await album.save()
      await album.moving('big.png')
      await spoil(path)
      await expect(album.error('big.png')).toHaveAttribute('data-code', code)
      await expect.poll(() => app.unfinished()).toEqual([])
      await album.unlocked()
      await album.remove('big.png')
      await album.savesOnly(photo('other.png'))
    },
  )
}

test('with autoUpload the other files go on', { tag: '@slow' }, async ({ album, app, link }) => {
  const good = photo('good.png', 1000 * kB)
  await album.open('/chooser-auto')
  const path = await app.write('big.png', big.buffer)
  link.limit(500 * kB)
  await album.choose(path, await app.write('good.png', good.buffer))
  await album.moving('big.png')
  await unlink(path)
  await expect(album.error('big.png')).toHaveAttribute('data-code', 'file_missing')
  await expect.poll(() => album.progress('good.png')).toBe(100)
  await album.remove('big.png')
  await album.save()
  await expect(album.saved).toHaveText(['good.png'])
  expect(await album.savedHashes()).toEqual(hashes([good]))
})

for (const path of ['/chooser-one', '/chooser-one-auto']) {
  const tag = path === '/chooser-one' ? [] : '@slow'
  test(`a folder that is dropped where one file is taken is told (${path})`, { tag }, async ({ album, app }) => {
    await album.open(path)
    await app.write('holiday/one.png', photo('one.png').buffer)
    await album.drop(join(app.home, 'chosen', 'holiday'))
    await expect(album.error('holiday')).toHaveAttribute('data-code', 'is_folder')
    await expect(album.entries).toHaveCount(1)
    await album.remove('holiday')
    await album.savesOnly(photo('good.png'))
  })
}

for (const path of ['/chooser', '/chooser-auto', '/chooser-one', '/chooser-one-auto']) {
  const one = path.includes('one')
  const tag = path === '/chooser' ? [] : '@slow'

  test(`an empty file that is chosen is told (${path})`, { tag }, async ({ album }) => {
    const good = photo('good.png')
    await album.open(path)
    await album.choose(...(one ? [empty] : [good, empty]))
    await expect(album.error('empty.png')).toHaveAttribute('data-code', 'empty_file')
    await expect(album.error('good.png')).toHaveCount(0)
    await album.remove('empty.png')
    if (one) return await album.savesOnly(good)
    await album.save()
    await expect(album.saved).toHaveText(['good.png'])
    expect(await album.savedHashes()).toEqual(hashes([good]))
  })

  test(`an empty file that is dropped is told (${path})`, { tag }, async ({ album, app }) => {
    await album.open(path)
    await album.drop(await app.write('empty.png', empty.buffer))
    await expect(album.error('empty.png')).toHaveAttribute('data-code', 'empty_file')
    await album.remove('empty.png')
    await album.savesOnly(photo('good.png'))
  })
}

for (const path of ['/chooser', '/chooser-auto']) {
  const tag = path === '/chooser' ? [] : '@slow'
  test(`an empty file that a hook hands over is told (${path})`, { tag }, async ({ album, page }) => {
    await album.open(path)
    await page.locator('#hander').click()
    await expect(album.error('nothing.png')).toHaveAttribute('data-code', 'empty_file')
    await expect(album.error('four.png')).toHaveCount(0)
    await album.remove('nothing.png')
    await album.save()
    await expect(album.saved).toHaveText(['four.png'])
  })
}

test('an empty file takes the place of the one before, as any other', async ({ album }) => {
  await album.open('/chooser-one')
  await album.choose(photo('good.png'))
  await album.choose(empty)
  await expect(album.entries).toHaveCount(1)
  await album.choose(photo('other.png'))
  await expect(album.entries).toHaveCount(1)
  await album.save()
  await expect(album.saved).toHaveText(['other.png'])
})

test.describe('a reset', () => {
  for (const path of ['/chooser', '/chooser-auto', '/chooser-one']) {
    const tag = path === '/chooser' ? [] : '@slow'
    test(`empties the choice, also on the server (${path})`, { tag }, async ({ album, app, page }) => {
      await album.open(path)
      await album.name.fill('typed')
      await album.choose(photo('cat.png'))
      await page.getByRole('button', { name: 'Reset' }).click()
      await expect(album.entries).toHaveCount(0)
      await expect(album.name).toHaveValue('')
      await expect.poll(() => app.unfinished()).toEqual([])
      await album.savesOnly(photo('dog.png'))
    })
  }

  test('by a script does the same', async ({ album, page }) => {
    await album.open('/chooser')
    await album.choose(photo('cat.png'), empty)
    await page.evaluate(() => document.querySelector<HTMLFormElement>('#album')!.reset())
    await expect(album.entries).toHaveCount(0)
    await album.savesOnly(photo('dog.png'))
  })

  test('ends what is being sent', async ({ album, app, link, page }) => {
    await album.open('/chooser-auto')
    link.limit(500 * kB)
    await album.choose(big)
    await album.moving('big.png')
    await page.getByRole('button', { name: 'Reset' }).click()
    await expect(album.entries).toHaveCount(0)
    await expect.poll(() => app.unfinished()).toEqual([])
    link.limit(Infinity)
    await album.savesOnly(photo('dog.png'))
  })

  test('that a script prevents changes nothing', async ({ album, page }) => {
    await album.open('/chooser')
    await album.choose(photo('cat.png'))
    await page.evaluate(() => addEventListener('reset', (event) => event.preventDefault()))
    await page.getByRole('button', { name: 'Reset' }).click()
    await album.choose(photo('dog.png'))
    await album.save()
    await expect(album.saved).toHaveText(['cat.png', 'dog.png'])
  })
})
