/** Files whose parts are proven, on a way that changes them. */
import type { Page } from '@playwright/test'
import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const MiB = 1024 * 1024
const big = photo('big.png', 5 * MiB)

/** The digests and statuses of the parts that the page has sent. */
function watchParts(page: Page): readonly (readonly [hasDigest: boolean, status: number])[] {
  const parts: (readonly [boolean, number])[] = []
  page.on('response', (response) => {
    const request = response.request()
    if (request.method() === 'PATCH') parts.push([request.headers()['content-digest'] !== undefined, response.status()])
  })
  return parts
}

test('a file is sent in parts of 4 MiB with their digests', async ({ album, app, page }) => {
  const parts = watchParts(page)
  await album.open('/verified')
  await album.choose(await app.write('big.png', big.buffer))
  await album.save()
  await expect(album.saved).toHaveText(['big.png'])
  expect(await album.savedHashes()).toEqual(hashes([big]))
  expect(parts).toEqual([
    [true, 204],
    [true, 200],
  ])
})

test.describe('a proxy that changes a byte', () => {
  // The browser reports what is refused.
  test.use({ consoleErrors: true })

  test('costs the part, and the file arrives as it was', async ({ album, page, link }) => {
    const parts = watchParts(page)
    const cat = photo('cat.png', MiB)
    await album.open('/verified')
    await album.choose(cat)
    // In its first try, and in its second.
    link.up.spoilt = [0.6, 1.6].map((at) => Math.floor(at * MiB))
    await album.save()
    await expect(album.saved).toHaveText(['cat.png'])
    expect(await album.savedHashes()).toEqual(hashes([cat]))
    expect(parts.map(([, status]) => status)).toEqual([400, 400, 200])
  })

  test('of every part has the file go over the socket', async ({ album, page }) => {
    await page.route('**/live/uploads/*', async (route) => {
      const bytes = route.request().postDataBuffer()
      if (bytes !== null) bytes[bytes.length >> 1]! ^= 1
      await route.continue(bytes === null ? {} : { postData: bytes })
    })
    await album.open('/verified')
    await album.savesOnly(photo('small.png'))
  })
})
