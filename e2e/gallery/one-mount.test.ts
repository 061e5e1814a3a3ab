import { connected, expect, test, visit } from '../support/gallery.ts'

test.use({ path: '' })

/** The number that the document came with, before any script ran. */
async function queryOf(response: { text(): Promise<string> } | null): Promise<number> {
  return Number(/aria-label="Query"[^>]*>(\d+)</.exec(await response!.text())![1])
}

test('the page asks once, is what it was over HTTP when it connects, and lives', async ({ page }) => {
  const shown = await queryOf(await page.goto('/one-mount'))
  await connected(page)
  await expect(page.getByRole('definition').nth(1)).toHaveText('yes')
  await expect(page.getByLabel('Query')).toHaveText(String(shown))
  const zone = await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone)
  await expect(page.getByRole('definition').nth(2)).toHaveText(zone)
  await page.getByRole('button', { name: 'A star for Sylt' }).click()
  await page.getByRole('button', { name: 'A star for Sylt' }).click()
  await expect(page.getByRole('button', { name: 'A star for Sylt' })).toHaveText('★ 2')
  expect(await queryOf(await page.reload())).toBe(shown + 1)
})

test('without it the page asks twice', async ({ page }) => {
  const shown = await queryOf(await page.goto('/one-mount/twice'))
  await expect(page.getByLabel('Query')).toHaveText(String(shown + 1))
})

test('each of two tabs has a view of its own', async ({ page, open }) => {
  await visit(page, '/one-mount')
  const other = await open('/one-mount', 'same')
  await page.getByRole('button', { name: 'A star for Oland' }).click()
  await expect(page.getByRole('button', { name: 'A star for Oland' })).toHaveText('★ 1')
  await expect(other.getByRole('button', { name: 'A star for Oland' })).toHaveText('★ 0')
})
