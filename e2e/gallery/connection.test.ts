import { expect, test } from '../support/gallery.ts'

test.use({ path: '/connection' })

test('the page says by itself that its line is lost, and that it is back', async ({ page }) => {
  const line = page.getByRole('region', { name: 'Line' }).getByRole('status')
  await expect(line.getByText('The line is there.')).toBeVisible()
  await page.getByRole('button', { name: 'Count' }).click()
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('1')
  for (let times = 0; times < 2; times++) {
    await page.getByRole('button', { name: 'Cut it' }).click()
    await expect(line.getByText('The line is lost.')).toBeVisible()
    await expect(line.getByText('The line is there.')).toBeHidden()
    await expect(line).toHaveClass(/\bbad\b/)
    await expect(line.getByText('The line is there.')).toBeVisible()
    await expect(line.getByText('The line is lost.')).toBeHidden()
    await expect(line).toHaveClass(/\bgood\b/)
  }
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('0')
})

test('on a slow line the button waits, and the click is counted', async ({ page }) => {
  await page.getByRole('button', { name: '1500 ms' }).click()
  await page.getByRole('button', { name: 'Count' }).click()
  await expect(page.getByRole('button', { name: 'On its way…' })).toBeDisabled()
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('1')
  await expect(page.getByRole('button', { name: 'Count' })).toBeEnabled()
  await page.getByRole('button', { name: 'As it is' }).click()
  expect(await page.evaluate(() => sessionStorage.getItem('phx:live-socket:latency-sim'))).toBeNull()
})

test('it tells its time zone', async ({ page }) => {
  const zone = await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone)
  await expect(page.getByRole('definition').nth(1)).toHaveText(zone)
})

test('a page of an older release learns so when it connects again', async ({ page }) => {
  const scripts = page.getByRole('definition').nth(2)
  await expect(scripts).toHaveText('as the server has them')
  await page.getByRole('button', { name: 'Pretend to be an old page' }).click()
  await expect(page.getByRole('button', { name: 'Pretend to be an old page' })).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('button', { name: 'Cut it' }).click()
  await expect(page.getByRole('alert')).toContainText('There is a new release.')
  await expect(scripts).toHaveText('of an older release')
  await page.getByRole('link', { name: 'Load it' }).click()
  await expect(scripts).toHaveText('as the server has them')
  await expect(page.getByRole('alert')).toHaveCount(0)
})
