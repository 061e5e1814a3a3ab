import { expect, test } from '../support/gallery.ts'

test.use({ path: '/stash', serverErrors: /ended, as the button says/ })

test('steps and choices are there after the view has ended, and gone once the page is loaded anew', async ({
  page,
}) => {
  const order = page.getByRole('region', { name: 'Order' })
  const found = page.getByRole('region', { name: 'Server' }).getByRole('definition').nth(1)
  await expect(found).toHaveText('nothing')
  await page.getByRole('button', { name: 'Medium' }).click()
  await expect(page.getByRole('button', { name: 'Medium' })).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Frame' }).click()
  await expect(page.getByRole('button', { name: 'Frame' })).toHaveAttribute('aria-pressed', 'true')

  await page.getByRole('button', { name: 'End this view' }).click()
  await expect(found).toHaveText('step, size, extras')
  await expect(page.getByRole('button', { name: 'Frame' })).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(order.getByRole('definition')).toHaveText(['Medium', 'Frame'])

  await page.reload()
  await expect(found).toHaveText('nothing')
  await expect(order).toContainText('step 1 of 3')
})
