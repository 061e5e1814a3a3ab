/** A file input that leaves the page while its file is sent. */
import { hashes, photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const kB = 1000
const big = photo('big.png', 3000 * kB)

test('an input leaves while its file is sent: the page shows the way, and the view is told of the end once', async ({
  album,
  link,
  page,
}) => {
  const step = page.locator('#step')
  await album.open('/wizard-auto')
  link.limit(500 * kB)
  await album.choose(big)
  await album.moving('big.png')
  await step.click()
  await expect(album.photos).toHaveCount(0)
  const seen = await album.watchProgress('big.png')
  await expect.poll(() => album.progress('big.png')).toBe(100)
  expect((await seen()).length).toBeGreaterThan(1)
  await expect(page.locator('#told')).toHaveText('1')
  await step.click()
  await album.save()
  await expect(album.saved).toHaveText(['big.png'])
  expect(await album.savedHashes()).toEqual(hashes([big]))
  await expect(page.locator('#told')).toHaveText('1')
})

test('an input is told of by the browser alone while it is there', async ({ album, page }) => {
  await album.open('/wizard-auto')
  await album.choose(photo('small.png'))
  await expect(page.locator('#told')).toHaveText('1')
})

test(
  'a form that sends leaves, and what it sent is saved when it is back',
  { tag: '@slow' },
  async ({ album, link, page }) => {
    const step = page.locator('#step')
    await album.open('/wizard')
    link.limit(500 * kB)
    await album.choose(big)
    await album.save()
    await album.moving('big.png')
    await step.click()
    await expect(album.photos).toHaveCount(0)
    await expect.poll(() => album.progress('big.png')).toBe(100)
    await step.click()
    await album.save()
    await expect(album.saved).toHaveText(['big.png'])
    expect(await album.savedHashes()).toEqual(hashes([big]))
  },
)

for (const path of ['/wizard', '/wizard-auto']) {
  const tag = path === '/wizard' ? [] : ['@slow']
  test(
    `a form is back before its file is through, and is submitted: it waits, and saves (${path})`,
    { tag },
    async ({ album, link, page }) => {
      const step = page.locator('#step')
      await album.open(path)
      link.limit(500 * kB)
      await album.choose(big)
      if (path === '/wizard') await album.save()
      await album.moving('big.png')
      await step.click()
      await expect(album.photos).toHaveCount(0)
      await step.click()
      await album.save()
      await expect(album.saved).toHaveText(['big.png'])
      expect(await album.savedHashes()).toEqual(hashes([big]))
      await expect(album.saveButton).toBeEnabled()
    },
  )
}

test(
  'a step that is hidden and stays keeps the submit waiting for its files',
  { tag: '@slow' },
  async ({ album, link, page }) => {
    await album.open('/wizard-hides')
    link.limit(500 * kB)
    await album.choose(big)
    await page.locator('#step').click()
    await expect(album.photos).toBeHidden()
    await album.save()
    await expect(album.saved).toHaveText(['big.png'])
    expect(await album.savedHashes()).toEqual(hashes([big]))
  },
)
