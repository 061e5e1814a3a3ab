import type { Locator, Page } from '@playwright/test'
import { expect, mark, markOf } from '../support/gallery.ts'
import { test } from '../support/gallery-link.ts'

test.use({ path: '/endless' })

const box = (page: Page): Locator => page.getByRole('region', { name: 'Diary', exact: true })
const ids = (page: Page): Promise<readonly number[]> =>
  page.locator('#days > li').evaluateAll((rows) => rows.map((row) => Number(row.id.replace('days-', ''))))
const held = (page: Page): Locator => page.getByRole('main').getByRole('status')
const holds = (page: Page, first: number, last: number): Promise<void> =>
  expect(held(page)).toHaveText(`The page holds days ${first} to ${last}.`)
/** What the page has is what the server believes it to have, without gaps. */
const isWhole = async (page: Page, first: number, last: number): Promise<void> => {
  await holds(page, first, last)
  await expect.poll(() => ids(page)).toEqual(Array.from({ length: last - first + 1 }, (_, nth) => first + nth))
}
/** Scrolls as a wheel does, again and again, until the page shows `text`. */
const scrollUntil = async (page: Page, by: number, text: string): Promise<void> => {
  await box(page).hover()
  await expect(async () => {
    await page.mouse.wheel(0, by)
    await expect(held(page)).toHaveText(text, { timeout: 250 })
  }).toPass()
}
const goTo = async (page: Page, day: number): Promise<void> => {
  await page.getByLabel('Go to day').fill(String(day))
  await page.getByRole('button', { name: 'Go' }).click()
}

test('scrolling down brings more, and drops what is far above', async ({ page }) => {
  await isWhole(page, 1, 30)
  await mark(page.locator('#days-30'), 'thirty')
  await scrollUntil(page, 1000, 'The page holds days 1 to 60.')
  await isWhole(page, 1, 60)
  await scrollUntil(page, 1000, 'The page holds days 31 to 120.')
  await isWhole(page, 31, 120)
  await expect(page.locator('#days-30')).toHaveCount(0)
})

test('scrolling back up brings what was dropped, and drops what is far below', { tag: '@slow' }, async ({ page }) => {
  await goTo(page, 2500)
  await isWhole(page, 2470, 2529)
  await scrollUntil(page, 1000, 'The page holds days 2470 to 2559.')
  await isWhole(page, 2470, 2559)
  await mark(page.locator('#days-2500'), '2500')
  await scrollUntil(page, -1000, 'The page holds days 2380 to 2469.')
  await isWhole(page, 2380, 2469)
  await scrollUntil(page, 1000, 'The page holds days 2440 to 2529.')
  await isWhole(page, 2440, 2529)
  expect(await markOf(page.locator('#days-2500'))).toBeUndefined()
})

test('a day that is gone to has the focus, and what is before it comes above it', async ({ page }) => {
  await goTo(page, 1000)
  await isWhole(page, 970, 1029)
  await expect(page.locator('#days-1000')).toBeFocused()
  await expect(page.locator('#days-1000')).toBeInViewport()
  for (const id of [970, 1029]) await mark(page.locator(`#days-${id}`), String(id))
  await scrollUntil(page, -400, 'The page holds days 940 to 1029.')
  await isWhole(page, 940, 1029)
  await expect(page.locator('#days-970')).toBeInViewport()
  await expect(page.locator('#days-940')).not.toBeInViewport()
  for (const id of [970, 1029]) expect(await markOf(page.locator(`#days-${id}`))).toBe(String(id))
})

test('ends at both ends', async ({ page }) => {
  await goTo(page, 5000)
  await isWhole(page, 4941, 5000)
  await expect(page.locator('#days-5000')).toBeFocused()
  await expect(page.locator('#days')).not.toHaveAttribute('phx-viewport-bottom')
  await goTo(page, 1)
  await isWhole(page, 1, 60)
  await expect(page.locator('#days')).not.toHaveAttribute('phx-viewport-top')
  await goTo(page, 4950)
  await scrollUntil(page, 1000, 'The page holds days 4920 to 5000.')
  await isWhole(page, 4920, 5000)
})

test('after a reconnect it begins anew, and goes on', async ({ page, reconnect }) => {
  await goTo(page, 2500)
  await isWhole(page, 2470, 2529)
  await reconnect()
  await isWhole(page, 1, 30)
  // Only what scrolls brings more, and the box is at its end.
  await box(page).hover()
  await page.mouse.wheel(0, -300)
  await scrollUntil(page, 1000, 'The page holds days 1 to 60.')
  await isWhole(page, 1, 60)
})
