import type { Locator, Page } from '@playwright/test'
import { answered, expect, test } from '../support/gallery.ts'

test.use({ path: '/js' })

const dialog = (page: Page): Locator => page.getByRole('dialog', { name: 'Delete' })
const open = (page: Page): Locator => page.getByRole('button', { name: 'Delete everything…' })

test('a dialog takes the focus, keeps it, and gives it back', async ({ page }) => {
  await expect(dialog(page)).toBeHidden()
  await open(page).click()
  await expect(dialog(page)).toBeVisible()
  const [keep, remove] = [
    dialog(page).getByRole('button', { name: 'Keep' }),
    dialog(page).getByRole('button', { name: 'Delete' }),
  ]
  await expect(keep).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(remove).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(keep).toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await expect(remove).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog(page)).toBeHidden()
  await expect(open(page)).toBeFocused()
})

for (const way of ['Keep', 'a click beside it'] as const) {
  test(`a dialog closes by ${way}`, async ({ page }) => {
    await open(page).click()
    await expect(dialog(page)).toBeVisible()
    if (way === 'Keep') await dialog(page).getByRole('button', { name: way }).click()
    else await dialog(page).click({ position: { x: 5, y: 5 } })
    await expect(dialog(page)).toBeHidden()
    await expect(page.getByText('deleted', { exact: true })).toHaveCount(0)
  })
}

test('a command and an event go together', async ({ page }) => {
  await open(page).click()
  await dialog(page).getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('deleted', { exact: true })).toBeVisible()
  await expect(dialog(page)).toBeHidden()
  await expect(open(page)).toBeDisabled()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(open(page)).toBeEnabled()
})

test('a menu opens, and closes by a choice and by a click elsewhere', async ({ page, frames }) => {
  const button = page.getByRole('button', { name: 'Menu', exact: true })
  const soup = page.getByRole('button', { name: 'Soup' })
  const before = frames.length
  await button.click()
  await expect(soup).toBeVisible()
  await expect(button).toHaveAttribute('aria-expanded', 'true')
  await page.getByRole('heading', { name: 'A menu' }).click()
  await expect(soup).toBeHidden()
  await expect(button).toHaveAttribute('aria-expanded', 'false')
  await button.click()
  await soup.click()
  await expect(soup).toBeHidden()
  await expect(page.locator('#toast')).toHaveText('You chose soup.')
  expect(frames.length, 'frames from the server').toBe(before)
})

test('tabs show one panel, also after a patch', async ({ page }) => {
  const tab = (name: string): Locator => page.getByRole('tab', { name })
  await expect(page.getByRole('tabpanel')).toHaveText('Everything about tea.')
  for (const name of ['coffee', 'water']) {
    await tab(name).click()
    await expect(page.getByRole('tabpanel')).toHaveText(`Everything about ${name}.`)
    await expect(page.getByRole('tab', { selected: true })).toHaveText(name)
  }
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('saved 1', { exact: true })).toBeVisible()
  await expect(page.getByRole('tabpanel')).toHaveText('Everything about water.')
})

test('classes and attributes change without the server', async ({ page }) => {
  const notice = page.locator('#notice')
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
  await press('Warn')
  await expect(notice).toHaveClass('notice warn')
  await press('Warn')
  await expect(notice).toHaveClass('notice')
  await press('Set and remove')
  await expect(notice).toHaveAttribute('lang', 'de')
  await expect(notice).not.toHaveAttribute('title')
  await press('Hide or show')
  await expect(notice).toBeHidden()
  await press('Hide or show')
  await expect(notice).toBeVisible()
  await press('Flash')
  await expect(notice).toHaveClass(/flash/)
  await press('Press the other')
  await expect(page.locator('#press-me')).toHaveClass('primary')
})

test('commands of the server run on all that they are for, and stay', async ({ page }) => {
  const badges = page.locator('.save-badge')
  for (const count of [1, 2]) {
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByRole('status').filter({ hasText: `saved ${count}` })).toHaveCount(2)
    await answered(page)
    await expect(page.locator('#toast')).toHaveText(`The server says: saved ${count}`)
    for (const badge of await badges.all()) {
      await expect(badge).toHaveClass(/\bgood\b/)
      await expect(badge).toHaveAttribute('title', `Saved ${count} times`)
    }
  }
})

test('an attribute that patches ignore stays as the visitor left it', async ({ page }) => {
  await page.getByText('More', { exact: true }).click()
  await expect(page.locator('details')).toHaveAttribute('open')
  await open(page).click()
  await dialog(page).getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('deleted', { exact: true })).toBeVisible()
  await expect(page.locator('details')).toHaveAttribute('open')
})
