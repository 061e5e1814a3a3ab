import { readFile } from 'node:fs/promises'
import { App } from '../support/app.ts'
import { photo, sha256 } from '../support/files.ts'
import { expect, test, visit } from '../support/gallery.ts'

test.use({ path: '/buckets' })

for (const way of ['Through the server', 'Straight from the browser']) {
  test(`files go ${way.toLowerCase()} to the bucket, are saved from there and deleted`, async ({ page, store }) => {
    store.objects.clear()
    store.requests.length = 0
    const [small, large] = [photo('a ship.png', 50_000), photo('sea.png', 9_000_000)]
    await page.getByLabel(`Files: ${way}`).setInputFiles([small, large])
    const card = page.getByRole('region', { name: way })
    await card.getByRole('button', { name: 'Send' }).click()
    const rows = page.getByRole('list', { name: 'Stored' }).getByRole('listitem')
    await expect(rows).toHaveCount(2)
    await expect(card.getByRole('listitem')).toHaveCount(0)
    const stored = [...store.objects.values()].map(({ body }) => sha256(body))
    expect(stored.toSorted()).toEqual([small, large].map(({ buffer }) => sha256(buffer)).toSorted())
    // The larger one in parts, the smaller one as a form where the browser sends it.
    const sent = store.requests.map((request) => request.replace(/ .*?(\?|$)/, ' $1').replace(/=.*/, ''))
    expect(sent).toEqual(expect.arrayContaining(['POST ?uploads', 'PUT ?partNumber']))
    expect(sent.includes('PUT ')).toBe(way === 'Through the server')

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download a_ship.png' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('a_ship.png')
    expect((await readFile(await download.path())).equals(small.buffer)).toBe(true)
    for (const name of ['a_ship.png', 'sea.png']) {
      await page.getByRole('button', { name: `Delete ${name}` }).click()
      await expect(rows.filter({ hasText: name })).toHaveCount(0)
    }
    expect(store.objects.size).toBe(0)
  })
}

test.describe('a bucket that does not answer', () => {
  test.use({ path: '', serverErrors: /./, consoleErrors: /./ })

  test('is told where its list would be', async ({ page, store }) => {
    store.fault = () => ({ status: 403, code: 'AccessDenied' })
    await visit(page, '/buckets')
    await expect(page.getByRole('alert')).toHaveText('The bucket gives no list of what is in it.')
    store.fault = () => undefined
  })
})

test.describe('a gallery without a bucket', () => {
  test.use({ path: '' })

  test('says how to have one', async ({ page }) => {
    const app = await App.createExample('gallery')
    try {
      await app.start()
      await visit(page, `${app.url}/buckets`)
      await expect(page.getByRole('main')).toContainText('This gallery was started without a bucket.')
      await expect(page.getByRole('main')).toContainText('S3_ENDPOINT=')
      await expect(page.locator('input[type=file]')).toHaveCount(0)
      await page.goto('about:blank')
    } finally {
      await app.end('SIGTERM')
      await app.remove()
    }
  })
})
