/** A login in one tab, while another works: it goes on, and belongs to the new login when it comes back. */
import { photo, sha256 } from '../support/files.ts'
import { connected, documentId, expect } from '../support/gallery.ts'
import { test } from '../support/gallery-link.ts'

test.use({ path: '/component-uploads' })

test('an upload that runs is finished, and after a cut the page is loaded anew', async ({ page, open, link }) => {
  const login = await open('/auth', 'same')
  const before = await documentId(page)
  const file = photo('sea.png', 1_500_000)
  const cover = page.getByRole('region', { name: 'Cover' })
  const saved = page.getByRole('list', { name: 'Saved for Cover' }).getByRole('listitem')
  await page.getByLabel('Pictures for Cover').setInputFiles(file)
  await expect(page.getByRole('list', { name: 'Chosen for Cover' })).toContainText('sea.png')
  link.limit(200_000)
  await cover.getByRole('button', { name: 'Save' }).click()
  const progress = () => cover.getByRole('progressbar').evaluate((bar: HTMLProgressElement) => bar.value)
  await expect.poll(progress).toBeGreaterThan(0)

  await login.getByLabel('Name').fill('Ada')
  await login.getByLabel('Password').fill('loom')
  const answered = login.waitForResponse((response) => response.url().endsWith('/auth/login'))
  await login.getByRole('button', { name: 'Log in' }).click()
  expect((await answered).status()).toBe(303)
  // It is still on its way, on the socket from before the login.
  await expect(saved).toHaveCount(0)
  link.limit(Infinity)
  await expect(saved).toHaveCount(1)
  const { headers, body } = await page.request
    .get((await saved.getByRole('link').getAttribute('href'))!)
    .then(async (response) => ({ headers: response.headers(), body: await response.body() }))
  expect([headers['content-type'], sha256(body)]).toEqual(['image/png', sha256(file.buffer)])
  expect(await documentId(page)).toBe(before)
  await expect(login.getByRole('heading', { name: 'Hello, Ada' })).toBeVisible()

  link.cut()
  await expect(page.locator('.offline-client').filter({ visible: true })).toBeVisible()
  link.mend()
  await expect(async () => expect(await documentId(page)).not.toBe(before)).toPass()
  await connected(page)
  // Once: the page that was loaded fits the login.
  const after = await documentId(page)
  await page.getByLabel('Pictures for Cover').setInputFiles(photo('again.png'))
  await cover.getByRole('button', { name: 'Save' }).click()
  await expect(saved).toHaveCount(1)
  expect(await documentId(page)).toBe(after)
})
