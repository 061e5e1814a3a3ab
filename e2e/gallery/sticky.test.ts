import type { Locator, Page } from '@playwright/test'
import { documentId, expect, mark, markOf, reconnect, test } from '../support/gallery.ts'

test.use({ path: '/sticky' })

const player = (page: Page): Locator => page.getByRole('region', { name: 'Player' })
const position = async (page: Page): Promise<number> => Number(await page.getByLabel('Position').textContent())

async function play(page: Page): Promise<void> {
  await expect(page.locator('#player.phx-connected')).toBeAttached()
  await player(page).getByRole('button', { name: 'Play' }).click()
  await expect.poll(() => position(page)).toBeGreaterThan(0.2)
}

test('the player goes on, node and state, while the page goes from view to view', async ({ page }) => {
  const before = await documentId(page)
  await play(page)
  await player(page).getByRole('button', { name: 'Next song' }).click()
  await expect(player(page)).toContainText('Seven bridges')
  await page.getByLabel(/A note of yours/).fill('mine')
  await mark(player(page), 'the first')

  for (const [link, heading] of [
    ['Words', 'Words'],
    ['Songs', 'Songs'],
    ['Words', 'Words'],
  ] as const) {
    const at = await position(page)
    await page.getByRole('link', { name: link, exact: true }).click()
    await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText(heading)
    await expect.poll(() => position(page)).toBeGreaterThan(at)
    await expect(player(page)).toContainText('Seven bridges')
    await expect(page.getByLabel(/A note of yours/)).toHaveValue('mine')
    expect(await markOf(player(page))).toBe('the first')
  }
  await page.goBack()
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText('Songs')
  expect(await markOf(player(page))).toBe('the first')
  await player(page).getByRole('button', { name: 'Pause' }).click()
  await expect(player(page).getByRole('button', { name: 'Play' })).toBeVisible()
  expect(await documentId(page)).toBe(before)
})

test('it may send the page elsewhere itself, and goes on', async ({ page }) => {
  await play(page)
  await mark(player(page), 'the first')
  const at = await position(page)
  await player(page).getByRole('button', { name: 'Show the words' }).click()
  await expect(page).toHaveURL('/sticky/words')
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText('Words')
  await expect.poll(() => position(page)).toBeGreaterThan(at)
  expect(await markOf(player(page))).toBe('the first')
})

test('it ends on a page that does not show it, and is new on the next that does', async ({ page }) => {
  await play(page)
  await page.getByRole('link', { name: 'Silence' }).click()
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText('Silence')
  await expect(player(page)).toHaveCount(0)
  await page.getByRole('link', { name: 'Back to the songs' }).click()
  await expect(player(page).getByRole('button', { name: 'Play' })).toBeVisible()
  await expect(page.getByLabel('Position')).toHaveText('0.0')
  await play(page)
})

test('after the connection was lost it begins anew, and so does the page', async ({ page }) => {
  await page.getByRole('link', { name: 'Words', exact: true }).click()
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText('Words')
  await play(page)
  await reconnect(page)
  await expect(page.getByLabel('Position')).toHaveText('0.0')
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText('Words')
  await play(page)
  await page.getByRole('link', { name: 'Songs', exact: true }).click()
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText('Songs')
  await expect(player(page).getByRole('button', { name: 'Pause' })).toBeVisible()
})

test('a page that is opened at any of its addresses has it', async ({ page }) => {
  await page.goto('/sticky/words')
  await play(page)
})

test.describe('a player that crashes', () => {
  test.use({ serverErrors: /the player has fallen down/, consoleErrors: /view crashed/ })

  for (const where of ['Songs', 'Words']) {
    test(`does so alone, on the page where it came (${where})`, async ({ page }) => {
      const before = await documentId(page)
      await play(page)
      if (where === 'Words') await page.getByRole('link', { name: 'Words', exact: true }).click()
      const heading = page.getByRole('main').getByRole('heading', { level: 2 })
      await expect(heading).toHaveText(where)
      await mark(heading, 'as it was')
      await player(page).getByRole('button', { name: 'Next song' }).click()
      await expect(player(page)).toContainText('Seven bridges')
      await player(page).getByRole('button', { name: 'Crash' }).click()
      await expect(player(page)).toContainText('Morning on the quay')
      await expect(page.getByLabel('Position')).toHaveText('0.0')
      await play(page)
      expect(await markOf(heading)).toBe('as it was')
      await page.getByRole('link', { name: where === 'Words' ? 'Songs' : 'Words', exact: true }).click()
      await expect(heading).not.toHaveText(where)
      const at = await position(page)
      await expect.poll(() => position(page)).toBeGreaterThan(at)
      expect(await documentId(page)).toBe(before)
    })
  }
})
