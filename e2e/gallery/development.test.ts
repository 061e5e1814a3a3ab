/** The page about development, in a gallery that runs as its developer has it. */
import { connected, documentId } from '../support/gallery.ts'
import { expect, test } from '../support/watched-app.ts'

test.use({ folder: 'examples/gallery' })

test('a save changes the open page, and keeps what was written', { tag: '@slow' }, async ({ page, app }) => {
  await page.goto('/development')
  await connected(page)
  const before = await documentId(page)
  const knows = page.getByRole('status')
  await page.getByLabel('What you write stays').fill('Ada')
  await expect(knows).toHaveText(/knows: Ada$/)
  const process = await knows.textContent()
  await app.edit('pages/development.ts', 'Change this sentence, and save.', 'This is another sentence.')
  await expect(page.getByText('This is another sentence.')).toBeVisible()
  await connected(page)
  await expect(page.getByLabel('What you write stays')).toHaveValue('Ada')
  await expect(knows).toHaveText(/knows: Ada$/)
  expect(await knows.textContent()).not.toBe(process)
  expect(await documentId(page)).toBe(before)
})

test('an error is shown over the page, with its place', { tag: '@slow' }, async ({ page }) => {
  await page.goto('/development')
  await connected(page)
  await page.getByRole('button', { name: 'Fail', exact: true }).click()
  const shown = page.getByRole('dialog')
  await expect(shown).toHaveAccessibleName('TypeError this button is meant to fail')
  await expect(shown.locator('figcaption')).toHaveText(/^pages\/development\.ts:\d+$/)
  await expect(shown.locator('.meant')).toContainText("throw new TypeError('this button is meant to fail')")
  await page.keyboard.press('Escape')
  await expect(shown).toHaveCount(0)
  await connected(page)
})

test('a likely mistake is told in the terminal', { tag: '@slow' }, async ({ page, app }) => {
  await page.goto('/development/mistake')
  await connected(page)
  await expect.poll(() => app.output).toContain('/development/mistake a form with phx-change needs an id')
})
