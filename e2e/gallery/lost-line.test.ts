import { photo } from '../support/files.ts'
import { expect, test } from '../support/gallery-link.ts'

test.use({ path: '/lost-line' })

test('counter, form and chosen files are as they were, and the view has gone on meanwhile', async ({
  page,
  reconnect,
}) => {
  const fact = (nth: number) => page.getByRole('region', { name: 'View' }).getByRole('definition').nth(nth)
  const mounted = await fact(0).textContent()
  await page.getByRole('button', { name: 'Count' }).click()
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('1')
  await page.getByLabel('Album').fill('Holiday')
  await page.getByLabel('Photos').setInputFiles([photo('cat.png'), photo('dog.png')])
  await expect(page.getByRole('list', { name: 'Chosen' }).getByRole('listitem')).toHaveText(['cat.png', 'dog.png'])

  await reconnect()
  await expect(fact(3)).toHaveText('1 times')
  await expect(fact(2)).toHaveText('1 times')
  await expect(fact(0)).toHaveText(mounted!)
  await expect(page.getByLabel('Count', { exact: true })).toHaveText('1')
  await expect(page.getByLabel('Album')).toHaveValue('Holiday')

  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved: Holiday, cat.png, dog.png')).toBeVisible()
})
