import { documentId, expect, reconnect, test } from '../support/gallery.ts'
import type { Page } from '@playwright/test'

test.use({ path: '/form-behaviour' })

const count = (page: Page, field: string) => page.getByLabel(`Events of ${field}`)

test('a debounced field is sent once it is silent', async ({ page }) => {
  // All in one moment: a busy machine may leave a silence between two keys.
  await page.locator('#debounced').evaluate((field: HTMLInputElement) => {
    for (const typed of ['h', 'he', 'hel', 'hell', 'hello']) {
      field.value = typed
      field.dispatchEvent(new InputEvent('input', { bubbles: true }))
    }
  })
  await expect(page.getByLabel('Debounced', { exact: true })).toHaveText('hello')
  await expect(count(page, 'debounced')).toHaveText('1')
})

test('a field may wait until it is left', async ({ page }) => {
  await page.locator('#blurred').pressSequentially('hello')
  // Had an event of it been sent, it would have been answered before this one.
  await page.locator('#volume').fill('20')
  await expect(page.getByLabel('Volume', { exact: true })).toHaveText('20')
  await expect(count(page, 'blurred')).toHaveText('1')
  await expect(page.getByLabel('Left', { exact: true })).toHaveText('hello')
})

test('a throttled button sends the first click and drops those right after it', async ({ page }) => {
  const clicks = page.getByRole('button', { name: 'At most every 2 s' })
  await clicks.evaluate((button: HTMLButtonElement) => {
    for (let click = 0; click < 5; click++) button.click()
  })
  await expect(count(page, 'click')).toHaveText('1')
})

test('a throttled field sends the first change and drops those right after it', async ({ page }) => {
  await page.locator('#volume').evaluate((input: HTMLInputElement) => {
    for (const value of ['10', '30', '70']) {
      input.value = value
      input.dispatchEvent(new Event('input', { bubbles: true }))
    }
  })
  await expect(page.getByLabel('Volume', { exact: true })).toHaveText('10')
  await expect(count(page, 'volume')).toHaveText('1')
})

test('a submit holds its form until it is answered', async ({ page }) => {
  const form = page.getByRole('form', { name: 'A slow save' })
  const [button, input] = [form.getByRole('button'), form.getByLabel('Text')]
  await input.fill('x')
  await button.click()
  await expect(button).toHaveText('Saving…')
  await expect(button).toBeDisabled()
  await expect(input).toHaveAttribute('readonly')
  await expect(form.getByRole('status')).toHaveText('saved 1')
  await expect(button).toHaveText('Save')
  await expect(button).toBeEnabled()
  await expect(input).not.toHaveAttribute('readonly')
})

test('a change tells which fields have not been used', async ({ page }) => {
  const form = page.getByRole('form', { name: 'Used fields' })
  const came = async (): Promise<unknown> => JSON.parse((await form.getByLabel('What came').textContent())!)
  await form.getByLabel('First').fill('a')
  // One of them counts as used from the start.
  await expect.poll(came).toEqual({ first: 'a', _unused_second: '', second: '', third: '', _target: ['first'] })
  await form.getByLabel('Second').fill('b')
  await expect.poll(came).toEqual({ first: 'a', second: 'b', third: '', _target: ['second'] })
})

test('after a lost connection forms are sent again: by their change event, or by the one they name', async ({
  page,
}) => {
  const wizard = page.getByRole('form', { name: 'Two steps' })
  await wizard.getByLabel('Note').fill('remember')
  await wizard.getByRole('button', { name: 'Next' }).click()
  await expect(wizard.getByLabel('Step')).toHaveText('2')
  const used = page.getByRole('form', { name: 'Used fields' })
  await used.getByLabel('First').fill('a')
  await expect(used.getByLabel('What came')).toContainText('"first":"a"')

  await reconnect(page)
  await expect(wizard.getByText('by restore')).toBeVisible()
  await expect(wizard.getByLabel('Step')).toHaveText('2')
  await expect(wizard.getByLabel('Note')).toHaveValue('remember')
  await expect(wizard.getByRole('button')).toHaveText('Back')
  await expect(used.getByLabel('What came')).toContainText('"first":"a"')
})

test('after a lost connection forms of components and in portals are sent again, too', async ({ page }) => {
  const component = page.getByRole('form', { name: 'In a component' })
  const portal = page.getByRole('form', { name: 'In a portal' })
  await component.getByLabel('Kept').fill('one')
  await component.getByLabel('Kept').fill('two')
  await portal.getByLabel('Elsewhere').fill('far')
  await expect(component.getByLabel('Changes')).toHaveText('2')
  await expect(portal.getByLabel('Arrived')).toHaveText('far')

  await reconnect(page)
  // A fresh component was told once.
  await expect(component.getByLabel('Changes')).toHaveText('1')
  await expect(component.getByLabel('Arrived')).toHaveText('two')
  await expect(component.getByLabel('Kept')).toHaveValue('two')
  await expect(portal.getByLabel('Arrived')).toHaveText('far')
  await expect(portal.getByLabel('Elsewhere')).toHaveValue('far')
})

test('a form is sent over HTTP once the server has looked at it', async ({ page }) => {
  const before = await documentId(page)
  const form = page.getByRole('form', { name: 'Over HTTP' })
  await form.getByRole('button').click()
  await form.getByLabel('Name').fill('Ada & Ben')
  await form.getByRole('button').click()
  await expect(page.getByText('Received over HTTP: Ada & Ben, by button')).toBeVisible()
  expect(await documentId(page)).not.toBe(before)
})

test('a form that another page makes up is refused', async ({ page }) => {
  for (const token of ['', 'made.up']) {
    const response = await page.request.post('/form-behaviour/receive', { form: { name: 'x', _csrf_token: token } })
    expect(response.status()).toBe(403)
  }
})
