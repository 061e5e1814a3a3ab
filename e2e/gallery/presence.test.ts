import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../support/gallery.ts'

test.use({ path: '/presence' })

const here = (page: Page): Locator => page.getByRole('list', { name: 'Here' }).getByRole('listitem')
const you = (page: Page): Locator => here(page).filter({ hasText: 'you' })

async function call(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await expect(you(page)).toContainText(name)
}

test('every window has all, says who types, and loses who has left', async ({ page, open }) => {
  const other = await open('/presence', 'other')
  await call(page, 'Ada Presence')
  await call(other, 'Ben Presence')
  for (const window of [page, other]) {
    await expect(here(window).filter({ hasText: 'Presence' })).toHaveCount(2)
    await expect(you(window)).toHaveCount(1)
  }
  await other.getByLabel('Type something').fill('h')
  await expect(here(page).filter({ hasText: 'Ben' })).toContainText('is typing…')
  await other.getByLabel('Type something').fill('')
  await expect(here(page).filter({ hasText: 'Ben' })).not.toContainText('is typing…')
  await other.close()
  await expect(here(page).filter({ hasText: 'Ben' })).toHaveCount(0)
})

test('a pointer on the desk is where it is for the others, and goes with them', async ({ page, open }) => {
  const other = await open('/presence', 'other')
  await call(other, 'Cleo Pointer')
  const desk = await other.locator('#desk').boundingBox()
  await other.mouse.move(desk!.x + desk!.width / 2, desk!.y + desk!.height / 4)
  const pointer = page.locator('#desk .pointer', { hasText: 'Cleo Pointer' })
  await expect(pointer).toHaveAttribute('data-x', /^(49|50|51)/)
  await expect(pointer).toHaveAttribute('style', /left: (49|50|51)/)
  await other.mouse.move(desk!.x + desk!.width / 2, desk!.y - 20)
  await expect(pointer).toHaveCount(0)
})

test('who only loses the line, or loads the page anew, does not leave', async ({ page, open }) => {
  const other = await open('/presence', 'other')
  await call(other, 'Dora Steady')
  const row = here(page).filter({ hasText: 'Steady' })
  await expect(row).toHaveCount(1)
  const key = await row.getAttribute('data-key')
  await row.evaluate((element) => {
    const gone = new MutationObserver(() => element.isConnected || (document.title = 'flickered'))
    gone.observe(document.body, { childList: true, subtree: true })
  })
  await other.evaluate(() =>
    (
      window as unknown as { liveSocket: { disconnect(then: () => void): void; connect(): void } }
    ).liveSocket.disconnect(() => {}),
  )
  await other.evaluate(() => (window as unknown as { liveSocket: { connect(): void } }).liveSocket.connect())
  await expect(you(other)).toContainText('Steady')
  await expect(row).toHaveAttribute('data-key', key!)
  expect(await page.title()).not.toBe('flickered')
})
