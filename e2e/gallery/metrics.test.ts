import { answered, expect, test } from '../support/gallery.ts'

test.use({ path: '/metrics' })

test('shows the process and its views, as they come, work and go', async ({ page, open }) => {
  const tile = (name: string) => page.locator('dl > div').filter({ has: page.getByText(name, { exact: true }) })
  const row = (view: string) => page.getByRole('table', { name: 'By route' }).getByRole('row', { name: view })
  // A page of the test before that polled is held to be there for a while.
  await expect(tile('Sockets').locator('dd')).toHaveText(/^[1-9]\b/)
  await expect(row('/metrics').getByRole('cell').first()).toHaveText('1')
  await expect(row('nested').getByRole('cell').first()).toHaveText('1')
  const other = await open('/counter', 'other')
  await expect(row('/counter').getByRole('cell').first()).toHaveText('1')
  await expect(tile('Sockets').locator('dd')).toHaveText(/^[2-9]\b/)
  await other.close()
  await expect(row('/counter').getByRole('cell').first()).toHaveText('0')
})

test('shows how long events take, and that the process stood still', async ({ page }) => {
  const handling = page
    .getByRole('table', { name: 'By route' })
    .getByRole('row', { name: '/metrics' })
    .getByRole('cell')
  await page.getByRole('button', { name: 'An event of 0.3 s' }).click()
  await answered(page)
  await page.getByRole('button', { name: 'Block the process' }).click()
  const longest = page.locator('dl > div').filter({ hasText: 'Event loop delay, longest' }).locator('dd')
  await expect(longest).toHaveText(/^(?:[2-9]\d\d ms|\d+\.\d s)$/)
  // Handling p99: to a few percent of what it was.
  await expect(handling.nth(4)).toHaveText(/^(?:[2-9]\d\d ms|\d+\.\d s)$/)
  await expect(page.locator('polyline').first()).toHaveAttribute('points', /^\d+,[\d.]+ \d+,/)
})
