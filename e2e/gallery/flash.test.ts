import type { Locator, Page } from '@playwright/test'
import { connected, documentId, expect, test } from '../support/gallery.ts'

test.use({ path: '/flash' })

const messages = (page: Page): Locator => page.getByRole('alert')
const click = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

test('messages are put, cleared one by one without code of the view, and all at once', async ({ page }) => {
  await click(page, 'Good news')
  await click(page, 'Bad news')
  await expect(messages(page)).toHaveText([/That went well\./, /That did not\./])
  await messages(page).filter({ hasText: 'well' }).getByRole('button', { name: 'Close' }).click()
  await expect(messages(page)).toHaveText([/That did not\./])
  await click(page, 'Good news')
  await expect(messages(page)).toHaveCount(2)
  await click(page, 'Clear all')
  await expect(messages(page)).toHaveCount(0)
})

test('a message goes along with a patch of the server; a patch link clears it', async ({ page }) => {
  await click(page, 'Bad news')
  await click(page, 'Message and patch')
  await expect(page).toHaveURL('/flash?patched')
  await expect(messages(page)).toHaveText([/Put before a patch\./])
  await page.getByRole('link', { name: 'A patch link clears them' }).click()
  await expect(page).toHaveURL('/flash?clicked')
  await expect(messages(page)).toHaveCount(0)
})

test('a message goes along to another view over the same socket, and no further', async ({ page }) => {
  const before = await documentId(page)
  await click(page, 'Bad news')
  await click(page, 'Message and navigate')
  await expect(page).toHaveURL('/flash/next')
  // What was put by an earlier event stays behind.
  await expect(messages(page)).toHaveText([/Put before a navigation\./])
  await page.getByRole('link', { name: 'Back', exact: true }).click()
  await expect(page).toHaveURL('/flash')
  await expect(messages(page)).toHaveCount(0)
  expect(await documentId(page)).toBe(before)
})

test('a message goes along with a redirect, stays when the page connects, and is gone when it is loaded anew', async ({
  page,
  context,
}) => {
  const before = await documentId(page)
  await click(page, 'Message and redirect')
  await expect(page).toHaveURL('/flash/next')
  await connected(page)
  await expect(messages(page)).toHaveText([/Put before a redirect\./])
  expect(await documentId(page)).not.toBe(before)
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('__phoenix_flash__')
  await page.reload()
  await connected(page)
  await expect(messages(page)).toHaveCount(0)
})

test('the title follows, with its suffix, and falls back to the gallery’s', async ({ page }) => {
  await expect(page).toHaveTitle('Flash and title · Liveloom')
  const title = page.getByLabel('The title of the tab')
  await title.fill('A <new> & better title')
  await expect(page).toHaveTitle('A <new> & better title · Liveloom')
  await title.fill('')
  await expect(page).toHaveTitle('Gallery · Liveloom')
})
