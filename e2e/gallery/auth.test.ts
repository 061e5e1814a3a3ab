import type { Page } from '@playwright/test'
import { connected, documentId, expect, test, visit } from '../support/gallery.ts'

test.use({ path: '/auth' })

/** The gallery serves other tests of its worker too. */
let users = 0
function newUser(): string {
  return `Ada ${test.info().testId} ${users++}`.slice(-30)
}

async function logIn(page: Page, user: string, password = 'loom'): Promise<void> {
  await page.getByLabel('Name').fill(user)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

const overview = (page: Page, user: string) => page.getByRole('heading', { level: 2, name: `Hello, ${user}` })

test('the guarded pages send away who is not logged in, and say why', async ({ page }) => {
  await page.getByRole('link', { name: 'The guarded pages' }).click()
  await expect(page.getByRole('alert')).toContainText('Log in first.')
  await expect(page).toHaveURL('/auth')
  await connected(page)
  await visit(page, '/auth/admin/logins')
  await expect(page).toHaveURL('/auth')
  await expect(page.getByRole('alert')).toContainText('Log in first.')
})

test('a wrong password leads back with a message, the right one in', async ({ page }) => {
  const user = newUser()
  await logIn(page, user, 'wrong')
  await expect(page.getByRole('alert')).toContainText('That is not the password.')
  await logIn(page, user)
  await expect(overview(page, user)).toBeVisible()
  await expect(page.getByRole('alert')).toContainText(`Welcome, ${user}.`)
  await connected(page)
  await page.reload()
  await expect(overview(page, user)).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('within the live session the socket stays; into it and out of it the page is loaded', async ({ page }) => {
  const user = newUser()
  await logIn(page, user)
  await connected(page)
  const inside = await documentId(page)
  await page.getByRole('link', { name: 'who is logged in' }).click()
  await expect(page.getByLabel('Logins', { exact: true }).last()).toHaveText('1')
  expect(await documentId(page)).toBe(inside)
  await page.goBack()
  await expect(overview(page, user)).toBeVisible()
  expect(await documentId(page)).toBe(inside)

  await page.getByRole('link', { name: 'to the login' }).click()
  await expect(page.getByText(`You are logged in as ${user}.`)).toBeVisible()
  await connected(page)
  const outside = await documentId(page)
  expect(outside).not.toBe(inside)
  await page.getByRole('link', { name: 'The guarded pages' }).click()
  await expect(overview(page, user)).toBeVisible()
  await connected(page)
  expect(await documentId(page)).not.toBe(outside)
})

test('the live session has a title and data of its own, which stay while the page does', async ({ page }) => {
  await expect(page).toHaveTitle('Log in · Liveloom')
  await logIn(page, newUser())
  await connected(page)
  await expect(page).toHaveTitle('Members · Guarded · Liveloom')
  await expect(page.getByText('You came in at /auth/admin.')).toBeVisible()
  await page.getByRole('link', { name: 'who is logged in' }).click()
  await expect(page).toHaveTitle('Members · Who is logged in · Liveloom')
  await expect(page.getByText('You came in at /auth/admin.')).toBeVisible()
  await page.reload()
  await connected(page)
  await expect(page.getByText('You came in at /auth/admin/logins.')).toBeVisible()
  await visit(page, '/auth')
  await expect(page).toHaveTitle('Log in · Liveloom')
})

test('logging out ends the other pages of the same login, and no other login', async ({ page, open }) => {
  const user = newUser()
  await logIn(page, user)
  await connected(page)
  const second = await open('/auth/admin/logins', 'same')
  const elsewhere = await open('/auth')
  await logIn(elsewhere, user)
  await connected(elsewhere)

  await page.getByRole('button', { name: 'Log out', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('You are logged out.')
  await expect(second).toHaveURL('/auth')
  await expect(second.getByRole('alert')).toContainText('Log in first.')
  await visit(page, '/auth/admin')
  await expect(page).toHaveURL('/auth')
  await elsewhere.getByRole('link', { name: 'who is logged in' }).click()
  await expect(elsewhere.getByLabel('Logins', { exact: true }).last()).toHaveText('1')
})

test('logging out everywhere ends the pages of all browsers at once', async ({ page, open }) => {
  const user = newUser()
  await logIn(page, user)
  await connected(page)
  const elsewhere = await open('/auth')
  await logIn(elsewhere, user)
  await connected(elsewhere)
  await page.getByRole('button', { name: 'Log out everywhere' }).click()
  await expect(page.getByRole('alert')).toContainText('You are logged out.')
  await expect(elsewhere).toHaveURL('/auth')
  await expect(elsewhere.getByLabel('Password')).toBeVisible()
})

test('a form that is not from a page of this visitor is refused', async ({ page, request }) => {
  const token = await page.locator('[name=_csrf_token]').first().inputValue()
  const form = { user: 'Eve', password: 'loom', _csrf_token: token }
  expect((await request.post('/auth/login', { form, maxRedirects: 0 })).status()).toBe(403)
  expect(
    (await page.request.post('/auth/login', { form: { ...form, _csrf_token: '' }, maxRedirects: 0 })).status(),
  ).toBe(403)
  expect((await page.request.post('/auth/login', { form, maxRedirects: 0 })).status()).toBe(303)
})
