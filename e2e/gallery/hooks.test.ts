import type { Locator, Page } from '@playwright/test'
import { answered, expect, test } from '../support/gallery.ts'

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
  await click(page, 'Add by a result')
  await expect(output(page, 'Total')).toHaveText('3')
  await expect(output(page, 'Results')).toHaveText('1')
  await expect(output(page, 'Last')).toHaveText('result of work')
})

test('a hook that halts keeps infos and results from the view, until it is detached', async ({ page }) => {
  await click(page, 'Attach a guard that halts infos and results')
  await click(page, 'Add by an info')
  await expect(output(page, 'Infos')).toHaveText('1')
  await click(page, 'Add by a result')
  await expect(output(page, 'Results')).toHaveText('1')
  await expect(output(page, 'Total')).toHaveText('0')
  await click(page, 'Detach the guard')
  await click(page, 'Add by an info')
  await expect(output(page, 'Total')).toHaveText('1')
  await expect(output(page, 'Infos')).toHaveText('2')
  await click(page, 'Add by a result')
  await expect(output(page, 'Total')).toHaveText('2')
})

test('a hook answers an event that the view never sees', async ({ page }) => {
  await click(page, 'Add by an event')
  await expect(output(page, 'Total')).toHaveText('1')
  await click(page, 'Ask a hook')
  await expect(output(page, 'Answer')).toHaveText('The total is 1.')
  await expect(output(page, 'Events')).toHaveText('2')
})

test('hooks of the mount and of the URL come before the view, and one keeps a wrong URL from it', async ({ page }) => {
  const calls = page.getByRole('list', { name: 'Calls' }).getByRole('listitem')
  const mounted = ['onMount', 'a hook of mount', 'mount', 'a hook of handleParams', 'handleParams']
  await expect(calls).toHaveText(mounted)
  await page.getByRole('link', { name: '5', exact: true }).click()
  await expect(output(page, 'Step')).toHaveText('5')
  await expect(calls).toHaveText([...mounted, 'a hook of handleParams', 'handleParams'])
  await click(page, 'Add by an event')
  await expect(output(page, 'Total')).toHaveText('5')

  await page.getByRole('link', { name: '11', exact: true }).click()
  await expect(page.locator('#toast')).toHaveText('There is no step of 11.')
  await expect(page).toHaveURL('/hooks')
  await expect(output(page, 'Step')).toHaveText('1')
  await expect(calls).toHaveText([
    ...mounted,
    'a hook of handleParams',
    'handleParams',
    // It halts the one, and leads to the other.
    'a hook of handleParams',
    'a hook of handleParams',
    'handleParams',
  ])
  await page.goto('/hooks?step=none')
  await expect(page).toHaveURL('/hooks')
})

test('a component has hooks of its own, and the view sees nothing of it', async ({ page }) => {
  for (const [nth, drawn] of ['1', '1', '1, 3', '1, 3'].entries()) {
    await click(page, 'Draw a number')
    await expect(output(page, 'Asked')).toHaveText(`${nth + 1}`)
    await expect(output(page, 'Drawn')).toHaveText(drawn)
  }
  await answered(page)
  await click(page, 'Draw a number')
  await answered(page)
  await expect(output(page, 'Asked')).toHaveText('4')
  // A render for each event that was let through, and for each number that was shown.
  await expect(output(page, 'Rendered')).toHaveText('6')
  await expect(output(page, 'Events')).toHaveText('0')
  await expect(output(page, 'Results')).toHaveText('0')
})
