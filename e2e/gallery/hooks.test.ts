import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../support/gallery.ts'

test.use({ path: '/hooks' })

const output = (page: Page, name: string): Locator => page.getByLabel(name, { exact: true })
const click = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

test('hooks count what the view does, and the renders cause no renders', async ({ page }) => {
  await click(page, 'Add by an event')
  await expect(output(page, 'Total')).toHaveText('1')
  await expect(output(page, 'Events')).toHaveText('1')
  await expect(output(page, 'Last')).toHaveText('event add')
  await expect(output(page, 'Renders')).toHaveText('1')
  await click(page, 'Add by an info')
  await expect(output(page, 'Total')).toHaveText('2')
  await expect(output(page, 'Infos')).toHaveText('1')
  await expect(output(page, 'Last')).toHaveText('info')
})

test('a hook that halts keeps infos from the view, until it is detached', async ({ page }) => {
  await click(page, 'Attach a guard that halts infos')
  await click(page, 'Add by an info')
  await expect(output(page, 'Infos')).toHaveText('1')
  await expect(output(page, 'Total')).toHaveText('0')
  await click(page, 'Detach the guard')
  await click(page, 'Add by an info')
  await expect(output(page, 'Total')).toHaveText('1')
  await expect(output(page, 'Infos')).toHaveText('2')
})

test('a hook handles an event that the view never sees', async ({ page }) => {
  await click(page, 'Add by an event')
  await click(page, 'Ask a hook')
  await expect(page.locator('#toast')).toHaveText('The total is 1.')
  await expect(output(page, 'Events')).toHaveText('2')
})
