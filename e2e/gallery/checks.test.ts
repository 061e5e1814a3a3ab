import { docx, jpeg, png, zip } from '../../test/support/made-files.ts'
import { expect } from '../support/gallery.ts'
import { test } from '../support/gallery-link.ts'

// A request whose bytes are refused is answered with 410.
test.use({ path: '/checks', consoleErrors: /410/ })

const file = (name: string, buffer: Buffer, mimeType = 'image/png') => ({ name, mimeType, buffer })
const infected = Buffer.concat([png(40, 30), Buffer.from('LIVELOOM-TEST-SIGNATURE')])

test('each file says what was found, and the good one is saved', async ({ page }) => {
  const chosen = page.getByRole('list', { name: 'Chosen' }).getByRole('listitem')
  const row = (name: string) => chosen.filter({ hasText: name })
  const files = [
    file('good.png', png(40, 30)),
    file('DRAFT.png', png(40, 30)),
    file('bomb.png', png(1, 1, [60_000, 60_000])),
    file('letter.png', docx()),
    file('cut.jpg', jpeg(40, 30).subarray(0, 14), 'image/jpeg'),
  ]
  await page.getByLabel('Images', { exact: true }).last().setInputFiles(files)
  await expect(row('good.png')).toContainText('(40 × 30)')
  await expect(row('good.png')).toContainText('done')
  await expect(row('DRAFT.png').getByRole('alert')).toHaveText('No drafts, please')
  await expect(row('bomb.png').getByRole('alert')).toHaveText(
    'The image has 60,000 × 60,000 pixels: at most 24,000,000 in all are accepted',
  )
  await expect(row('letter.png').getByRole('alert')).toContainText('What is in the file is application/vnd.openxml')
  await expect(row('cut.jpg').getByRole('alert')).toHaveText('This is no image of a kind that is accepted')
  for (const { name } of files.slice(1)) {
    await page.getByRole('button', { name: `Remove ${name}` }).click()
    await expect(row(name)).toHaveCount(0)
  }
  await expect(chosen).toHaveCount(1)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('list', { name: 'Saved' })).toHaveText(/good\.png\s+png of 40 × 30/)
})

test('a form waits for the scanner, and what that finds is not saved', async ({ page }) => {
  const chosen = page.getByRole('list', { name: 'Chosen' }).getByRole('listitem')
  await page.getByRole('button', { name: 'Have it wait' }).click()
  await page
    .getByLabel('Images', { exact: true })
    .last()
    .setInputFiles([file('a.png', png(20, 20)), file('virus.png', infected)])
  await expect(chosen.filter({ hasText: 'scanning' })).toHaveCount(2)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('#checked.phx-submit-loading')).toHaveCount(1)
  await page.getByRole('button', { name: 'Let it go on' }).click()
  await expect(chosen.filter({ hasText: 'virus.png' }).getByRole('alert')).toHaveText('A virus was found in this file')
  await expect(page.locator('#checked.phx-submit-loading')).toHaveCount(0)
  await expect(page.getByRole('list', { name: 'Saved' }).getByRole('listitem')).toHaveCount(0)
  await page.getByRole('button', { name: 'Remove virus.png' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('list', { name: 'Saved' }).getByRole('listitem')).toHaveText(/a\.png/)
})

test('files that are too large together are an error of the choice', async ({ page }) => {
  const large = (name: string) => file(name, Buffer.concat([png(20, 20), Buffer.alloc(3_000_000)]))
  await page
    .getByLabel('Images', { exact: true })
    .last()
    .setInputFiles([large('a.png'), large('b.png')])
  await expect(page.getByRole('alert')).toHaveText('All files together may have 5 MB')
})

test('what is no image at all is refused before it is sent', async ({ page }) => {
  await page
    .getByLabel('Images', { exact: true })
    .last()
    .setInputFiles([file('a.zip', zip({ a: 'x' }), 'application/zip')])
  await expect(page.getByRole('alert')).toContainText('Not an accepted type')
})
