import { documentId, expect, test } from '../support/gallery.ts'

test.use({ path: '/counter' })

test('clicks bring their values, and the title of the page follows', async ({ page }) => {
  const before = await documentId(page)
  const count = page.getByLabel('Count', { exact: true })
  await expect(count).toHaveText('0')
  await expect(page).toHaveTitle('Counter · Liveloom')
  await page.getByRole('button', { name: '+1', exact: true }).click()
  await page.getByRole('button', { name: '+10' }).click()
  await expect(count).toHaveText('11')
  await expect(page).toHaveTitle('11 · Counter · Liveloom')
  await page.getByRole('button', { name: '−1', exact: true }).click()
  await page.getByRole('button', { name: '−10' }).click()
  await expect(count).toHaveText('0')
  expect(await documentId(page)).toBe(before)
})

test('no key is lost, however fast they come', async ({ page }) => {
  await page.evaluate(() => {
    for (let at = 0; at < 37; at++)
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '+', bubbles: true }))
  })
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('37')
})

test('keys count wherever the focus is', async ({ page }) => {
  await page.keyboard.press('+')
  await page.keyboard.press('+')
  await page.keyboard.press('-')
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('1')
  await page.keyboard.press('q')
  await expect(page.getByRole('definition').first()).toHaveText('q')
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('1')
})

test('a multiple of ten gets a toast: an event that the server pushes', async ({ page }) => {
  const toast = page.locator('#toast')
  await expect(toast).toBeHidden()
  await page.getByRole('button', { name: '+10' }).click()
  await expect(toast).toBeVisible()
  await expect(toast).toHaveText('10: a round number.')
  await page.getByRole('button', { name: '+10' }).click()
  await expect(toast).toHaveText('20: a round number.')
})

test('can be reset once it has counted, and counts for each page apart', async ({ page, open }) => {
  const reset = page.getByRole('button', { name: 'Reset' })
  await expect(reset).toBeDisabled()
  const other = await open('/counter', 'same')
  await page.getByRole('button', { name: '+10' }).click()
  await other.getByRole('button', { name: '+1', exact: true }).click()
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('10')
  await expect(other.getByLabel('Count', { exact: true })).toHaveText('1')
  await reset.click()
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('0')
  await expect(reset).toBeDisabled()
  await expect(other.getByLabel('Count', { exact: true })).toHaveText('1')
})

test('is live', async ({ page }) => {
  await expect(page.getByText('live', { exact: true })).toBeVisible()
  const firstPage = await (await page.request.get('/counter')).text()
  expect(firstPage).toContain('first page, over HTTP')
})
