import { expect, test } from '../support/gallery.ts'

test.use({ path: '/telemetry' })

test('shows what views do, and how long it takes, those of other windows too', async ({ page, open }) => {
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem')
  await page.getByRole('button', { name: 'An event of 0.3 s' }).click()
  const slow = steps.filter({ hasText: '/telemetry: slow' })
  await expect(slow).toHaveCount(1)
  expect(Number(/([\d.]+) ms/.exec((await slow.textContent())!)![1])).toBeGreaterThanOrEqual(299)
  const other = await open('/counter', 'other')
  await expect(steps.filter({ hasText: 'join' }).filter({ hasText: '/counter' })).toHaveCount(1)
  await other.locator('article button').first().click()
  await expect(steps.filter({ hasText: 'event' }).filter({ hasText: '/counter: ' }).first()).toBeVisible()
})
