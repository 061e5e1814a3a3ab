import { photo } from '../support/files.ts'
import { expect, test } from '../support/gallery.ts'

// Who waits for 10 s is answered with 503, and asks again.
test.use({ path: '/turns', consoleErrors: /503/ })

test('two files are sent, a third stands in line, and goes on when one of them is done', async ({ page, open }) => {
  const chosen = page.getByRole('list', { name: 'Chosen' }).getByRole('listitem')
  await page.getByRole('button', { name: 'Have it wait' }).click()
  await expect(page.getByRole('button', { name: 'Let it go on' })).toBeVisible()
  const names = ['a.png', 'b.png', 'c.png', 'd.png']
  await page
    .getByLabel('Files', { exact: true })
    .last()
    .setInputFiles(names.map((name) => photo(name, 40_000)))
  // Whichever of the three that were asked for came last; the fourth has no place yet.
  await expect(chosen.filter({ hasText: '1 in line' })).toHaveCount(1)
  await expect(chosen.filter({ hasText: 'in line' })).toHaveCount(1)

  // Another page of this visitor stands behind it; another visitor does not.
  const same = await open('/turns', 'same')
  await same
    .getByLabel('Files', { exact: true })
    .last()
    .setInputFiles([photo('e.png', 40_000)])
  const other = await open('/turns', 'other')
  await other
    .getByLabel('Files', { exact: true })
    .last()
    .setInputFiles([photo('f.png', 40_000)])
  const first = (of: typeof page) => of.getByRole('list', { name: 'Chosen' }).getByRole('listitem')
  await expect(first(other)).toContainText('done')
  await expect(first(same)).not.toContainText('done')

  await page.getByRole('button', { name: 'Let it go on' }).click()
  await expect(chosen.filter({ hasText: 'done' })).toHaveCount(4)
  await expect(first(same)).toContainText('done')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('list', { name: 'Saved' }).getByRole('listitem')).toHaveText(names)
})
