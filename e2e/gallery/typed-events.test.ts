import type { Page } from '@playwright/test'
import { answered, expect, test } from '../support/gallery.ts'

test.use({ path: '/typed-events' })

const refused = (page: Page) => page.getByRole('list', { name: 'Refused' }).getByRole('listitem')

test('the handler gets what the schema made of an attribute', async ({ page }) => {
  for (const total of [3, 6]) {
    await page.getByRole('button', { name: 'Add 3' }).click()
    await expect(page.getByLabel('Total')).toHaveText(String(total))
    await answered(page)
  }
  await expect(refused(page)).toHaveCount(0)
})

test('and what it made of a form', async ({ page }) => {
  const form = page.getByRole('form', { name: 'Rename' })
  await form.getByLabel('Name').fill(' Ada ')
  await form.getByLabel('kind').check()
  await form.getByLabel('quick').check()
  await form.getByRole('button').click()
  await expect(page.getByRole('status', { name: 'Name' })).toHaveText('Ada')
  await expect(page.getByLabel('Tags')).toHaveText('kind, quick')
})

test('what it refuses never reaches the handler, and the page can tell why', async ({ page }) => {
  await page.getByRole('button', { name: 'Add 1000' }).click()
  await expect(refused(page)).toHaveText([/^add\.amount: /])
  await page.getByRole('button', { name: 'Add nothing' }).click()
  await expect(refused(page)).toHaveCount(2)
  await page.getByRole('form', { name: 'Rename' }).getByRole('button').click()
  await expect(refused(page).first()).toHaveText(/^rename\.person\.name: /)
  await expect(page.getByLabel('Total')).toHaveText('0')
  await expect(page.getByRole('status', { name: 'Name' })).toHaveText('nobody')
})

for (const payload of ['{"amount": "a lot"}', '{"amount": 1e308}', '{}', '[7]', '"text"', '{"amount": {"$gt": 0}}']) {
  test(`a payload that is sent by hand is refused: ${payload}`, async ({ page }) => {
    await page.getByLabel('Payload').fill(payload)
    await page.getByRole('button', { name: 'Push' }).click()
    await expect(refused(page).first()).toHaveText(/^add/)
    await page.getByLabel('Payload').fill('{"amount": 4, "type": "rename"}')
    await page.getByRole('button', { name: 'Push' }).click()
    await expect(page.getByLabel('Total')).toHaveText('4')
  })
}

test('an event that is not listed is refused, whatever it brings', async ({ page }) => {
  await page.getByLabel('Event').fill('constructor')
  await page.getByLabel('Payload').fill('{"amount": 4}')
  await page.getByRole('button', { name: 'Push' }).click()
  await expect(refused(page).first()).toHaveText(/^constructor: it is not listed/)
  await page.getByLabel('Event').fill('add')
  await page.getByRole('button', { name: 'Push' }).click()
  await expect(page.getByLabel('Total')).toHaveText('4')
})
