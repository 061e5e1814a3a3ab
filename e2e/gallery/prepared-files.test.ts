import { text } from '../support/files.ts'
import { expect, test } from '../support/gallery.ts'
import { jpegPhoto, look } from '../support/pictures.ts'

test.use({ path: '/prepared-files', consoleErrors: /is not stamped/ })

test('a photo is stamped and made smaller, and both sizes are shown', async ({ page }) => {
  const chosen = page.getByRole('list', { name: 'Chosen photos' }).getByRole('listitem')
  const input = page.locator('input[name=photos]')
  await expect(input).toHaveAttribute('capture', 'environment')
  const large = await jpegPhoto('large.jpg', 3000, 2000, 6)
  await input.setInputFiles([large, await jpegPhoto('secret.jpg', 800, 600)])
  await expect(chosen).toHaveText([/large\.jpg/, /secret\.jpg/])
  await expect(chosen.first()).toContainText('→')
  await expect(chosen.first().locator('img')).toHaveAttribute('src', /^blob:/)
  await expect(chosen.last().getByRole('alert')).toHaveText('The file could not be prepared')
  await expect(chosen.last().locator('svg')).toHaveAttribute('data-kind', 'image')
  await page.getByRole('button', { name: 'Remove secret.jpg' }).click()
  await expect(chosen).toHaveCount(1)
  await page.getByRole('button', { name: 'Save' }).click()
  const saved = page.getByRole('list', { name: 'Saved' })
  await expect(saved).toContainText('→')
  const bytes = await (await page.request.get((await saved.getByRole('link').getAttribute('href'))!)).body()
  expect(await look(bytes)).toMatchObject({ format: 'jpeg', width: 800, height: 1200 })
})

test('what is no image has a picture of what it is', async ({ page }) => {
  await page
    .locator('input[name=files]')
    .setInputFiles([
      text('notes.txt'),
      { ...text('report.pdf'), mimeType: 'application/pdf' },
      await jpegPhoto('sea.jpg', 40, 30),
    ])
  const chosen = page.getByRole('list', { name: 'Chosen files' }).getByRole('listitem')
  await expect(chosen.nth(0).locator('svg')).toHaveAttribute('data-kind', 'text')
  await expect(chosen.nth(1).locator('svg')).toHaveAttribute('data-kind', 'pdf')
  await expect(chosen.nth(2).locator('img')).toHaveAttribute('src', /^blob:/)
  await expect(page.getByRole('group', { name: 'Kinds' }).getByRole('img', { name: 'docx' })).toBeVisible()
})
