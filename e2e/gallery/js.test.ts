import type { Locator, Page } from '@playwright/test'
import { answered, documentId, expect, test } from '../support/gallery.ts'

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

test.describe('commands that ask the server', () => {
  test.use({ path: '/js/server' })

  test('patch the URL, with or without an entry in the history, and lead to another view', async ({ page }) => {
    const before = await documentId(page)
    const shown = page.getByLabel('Page', { exact: true })
    await expect(shown).toHaveText('1')
    await page.getByRole('button', { name: 'To page 2' }).click()
    await expect(shown).toHaveText('2')
    await expect(page).toHaveURL(/\/js\/server\?page=2$/)
    await page.getByRole('button', { name: 'Page 3 in its place' }).click()
    await expect(shown).toHaveText('3')
    await page.goBack()
    await expect(shown).toHaveText('1')
    await page.getByRole('button', { name: 'To the other commands' }).click()
    await expect(open(page)).toBeVisible()
    await expect(page).toHaveURL(/\/js$/)
    expect(await documentId(page)).toBe(before)
  })

  test('push to a component, with a value, and show that it loads', async ({ page }) => {
    await page.evaluate(() => {
      const loading: string[] = Object.assign(window, { loading: [] }).loading
      for (const part of ['start', 'stop']) {
        addEventListener(`phx:page-loading-${part}`, (event) => {
          loading.push(`${part} ${(event as CustomEvent<{ kind: string }>).detail.kind}`)
        })
      }
    })
    await page.getByRole('button', { name: 'Add five' }).click()
    await expect(page.locator('#sum')).toHaveClass(/phx-click-loading/)
    await expect(page.getByLabel('Sum')).toHaveText('5')
    await expect(page.locator('#sum')).not.toHaveClass(/phx-click-loading/)
    const loading = (): Promise<string[]> => page.evaluate(() => (window as unknown as { loading: string[] }).loading)
    await expect.poll(loading).toEqual(['start element', 'stop element'])
  })

  test('are lists that can be joined', async ({ page }) => {
    await expect(page.locator('#clicks')).toHaveClass(/warn/)
    await page.getByRole('button', { name: 'Calm, and count' }).click()
    await expect(page.getByLabel('Clicks')).toHaveText('1')
    await expect(page.locator('#clicks')).not.toHaveClass(/warn/)
  })

  test('hold patches back until a listener lets them go', async ({ page, frames }) => {
    const before = frames.length
    await page.getByRole('button', { name: 'Hold, and count' }).click()
    // The answer is there, and waits.
    await expect.poll(() => frames.length).toBe(before + 1)
    await expect(page.getByLabel('Clicks')).toHaveText('0')
    await page.getByRole('button', { name: 'Let go' }).click()
    await expect(page.getByLabel('Clicks')).toHaveText('1')
  })
})

test.describe('commands for what is no selector', () => {
  test.use({ consoleErrors: /is no selector/ })

  test('say whose it is', async ({ page, reported }) => {
    await page.evaluate(() => {
      const detail = { id: 'x', to: '###', commands: '[["hide",{}]]' }
      dispatchEvent(new CustomEvent('phx:liveloom:exec', { detail }))
    })
    await expect.poll(() => reported).toEqual(['Error: pushJs([["hide",{}]], { to: "###" }): to is no selector'])
  })
})
